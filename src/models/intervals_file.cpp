#include "models/intervals_file.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "data/run_keys.hpp"

namespace irene::models {

namespace {

using base::Json;
using base::JsonObject;

constexpr std::array kNodeTypes{NodeType::ml, NodeType::module, NodeType::model};
constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;

Place inside(const Place& place, const std::string& key) {
    Place member = place;
    member.field += "." + key;
    return member;
}

void write(Json& json, const char* key, const SeenRange& range) {
    if (!range.is_empty()) json[key] = {range.least, range.greatest};
}

SeenRange read_range(const JsonObject& object, const std::string& key) {
    if (!object.has(key.c_str())) return {};
    const std::vector<double> ends = object.numbers(key.c_str());
    if (ends.size() != 2 || !(ends[0] > 0.0 && ends[0] <= ends[1]))
        object.refuse(key.c_str(), "expected a number above 0 and one that is not smaller");
    return {ends[0], ends[1]};
}

std::set<std::string> read_words(const JsonObject& object, const char* key) {
    const Json& list = object.at(key);
    std::set<std::string> words;
    if (!list.is_array()) object.refuse(key, "expected a list of strings, found " + base::kind_of(list));
    for (const Json& word : list) {
        if (!word.is_string()) object.refuse(key, "expected strings only, found " + base::kind_of(word));
        words.insert(word.get<std::string>());
    }
    return words;
}

Json to_json(const Support& support) {
    Json json;
    Json& runs = json["runs"] = Json::object();
    for (std::size_t key = 0; key < support.runs.size(); ++key) {
        const Support::OfKey& seen = support.runs[key];
        if (data::kRunKeys[key].is_carried) continue;
        Json& of_key = runs[std::string(data::kRunKeys[key].name)] = Json::object();
        if (data::kRunKeys[key].type == data::RunType::text) {
            of_key["values"] = seen.words;
        } else {
            of_key["has_zero"] = seen.has_zero;
            write(of_key, "range", seen.counts);
        }
    }
    Json& operations = json["operations"] = Json::object();
    for (const NodeType type : kNodeTypes) {
        write(operations, std::string(name(type)).c_str(),
              support.operations[static_cast<std::size_t>(type)]);
    }
    write(json, "smaller_size", support.smaller_size);
    write(json, "greater_size", support.greater_size);
    json["dense_names"] = support.dense_names;
    return json;
}

Support read_support(const Json& json, const Place& place) {
    const JsonObject object(json, ErrorKind::data, place);
    Support support;
    support.runs.resize(data::kRunKeys.size());
    const Place runs_place = inside(place, "runs");
    const JsonObject runs(object.at("runs"), ErrorKind::data, runs_place);
    for (std::size_t key = 0; key < support.runs.size(); ++key) {
        const data::RunKeyRow& row = data::kRunKeys[key];
        const std::string name(row.name);
        if (row.is_carried) continue;
        if (!runs.has(name.c_str())) {
            // A key that came later: every run was what a file without it says.
            const RunValue value = data::default_run()[key];
            support.runs[key].add(value);
            continue;
        }
        const JsonObject of_key(runs.at(name.c_str()), ErrorKind::data, inside(runs_place, name));
        if (row.type == data::RunType::text) {
            support.runs[key].words = read_words(of_key, "values");
        } else {
            support.runs[key].has_zero = of_key.boolean("has_zero");
            support.runs[key].counts = read_range(of_key, "range");
        }
    }
    const JsonObject operations(object.at("operations"), ErrorKind::data, inside(place, "operations"));
    for (const NodeType type : kNodeTypes) {
        support.operations[static_cast<std::size_t>(type)] = read_range(operations, std::string(name(type)));
    }
    support.smaller_size = read_range(object, "smaller_size");
    support.greater_size = read_range(object, "greater_size");
    support.dense_names = read_words(object, "dense_names");
    return support;
}

double read_spread_of(const JsonObject& object, const char* key) {
    const double value = object.number(key);
    if (value < 0.0) object.refuse(key, "expected a number that is not negative");
    return value;
}

}  // namespace

Json to_json(const Intervals& intervals) {
    Json json;
    json["num_models"] = intervals.num_models;
    for (const NodeType type : kNodeTypes) {
        const Spread& spread = intervals.spread[static_cast<std::size_t>(type)];
        Json& of_type = json[std::string(name(type))];
        of_type["num_measurements"] = spread.num_measurements;
        of_type["between"] = spread.between;
        of_type["within"] = spread.within;
        for (std::size_t i = 0; i < kNumDirections; ++i)
            of_type["growth"][std::string(row(static_cast<Direction>(i)).name)] = spread.growth[i];
    }
    json["training"] = to_json(intervals.support);
    return json;
}

Intervals read_intervals(const Json& json, const Place& place) {
    const JsonObject object(json, ErrorKind::data, place);
    Intervals intervals;
    intervals.num_models = static_cast<std::size_t>(object.integer("num_models", 0, kMaxCount));
    for (const NodeType type : kNodeTypes) {
        const std::string key(name(type));
        const Place here = inside(place, key);
        const JsonObject of_type(object.at(key.c_str()), ErrorKind::data, here);
        Spread& spread = intervals.spread[static_cast<std::size_t>(type)];
        spread.num_measurements = static_cast<std::size_t>(of_type.integer("num_measurements", 0, kMaxCount));
        spread.between = read_spread_of(of_type, "between");
        spread.within = of_type.numbers("within");
        const std::size_t expected = spread.num_measurements > 0 ? kNumIntervalProbabilities : 0;
        if (spread.within.size() != expected)
            of_type.refuse("within", "expected " + std::to_string(expected) + " numbers, found " +
                                         std::to_string(spread.within.size()));
        if (!std::is_sorted(spread.within.begin(), spread.within.end()) ||
            (expected > 0 && spread.within.front() < 0.0))
            of_type.refuse("within", "expected numbers that are not negative in ascending order");
        const JsonObject growth(of_type.at("growth"), ErrorKind::data, inside(here, "growth"));
        for (std::size_t i = 0; i < kNumDirections; ++i) {
            const DirectionRow& direction = row(static_cast<Direction>(i));
            const std::string direction_name(direction.name);
            // A direction that came later has its usual growth.
            spread.growth[i] = growth.has(direction_name.c_str())
                                   ? read_spread_of(growth, direction_name.c_str())
                                   : direction.usual_growth;
        }
    }
    intervals.support = read_support(object.at("training"), inside(place, "training"));
    return intervals;
}

}  // namespace irene::models
