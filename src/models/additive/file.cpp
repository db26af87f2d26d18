#include "models/additive/file.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "models/additive/features.hpp"
#include "models/additive/leaves.hpp"
#include "models/intervals_file.hpp"

namespace irene::models {

namespace {

using base::Json;
using base::JsonObject;

constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;
constexpr std::array kNodeTypes{NodeType::ml, NodeType::module, NodeType::model};

std::string key_of(NodeType type) { return std::string(name(type)); }

Json ranges_to_json(const TrainingRange& range) {
    Json json = Json::object();
    if (!range.name.empty()) json["name"] = range.name;
    for (std::size_t i = 0; i < kNumRangedQuantities; ++i) {
        const ValueRange& values = range.values[i];
        if (values.is_empty()) continue;
        json[std::string(name(static_cast<RangedQuantity>(i)))] = {values.least, values.greatest};
    }
    return json;
}

Json ranges_to_json(const std::vector<TrainingRange>& ranges) {
    Json json = Json::array();
    for (const TrainingRange& range : ranges) json.push_back(ranges_to_json(range));
    return json;
}

/// `place` moved to a member of the object it names, or to an element of a list there.
Place inside(const Place& place, const std::string& key) {
    Place member = place;
    member.field = place.field.empty() ? key : place.field + "." + key;
    return member;
}
Place inside(const Place& place, const std::string& key, std::size_t index) {
    return inside(place, key + "[" + std::to_string(index) + "]");
}

/// Which numbers a list may hold.
enum class Allowed : unsigned char { any, not_negative };

std::vector<double> read_numbers(const JsonObject& object, const char* key, std::size_t size,
                                 Allowed allowed) {
    std::vector<double> numbers = object.numbers(key);
    if (numbers.size() != size) {
        object.refuse(
            key, "expected " + std::to_string(size) + " numbers, found " + std::to_string(numbers.size()));
    }
    if (allowed == Allowed::not_negative &&
        std::any_of(numbers.begin(), numbers.end(), [](double number) { return number < 0.0; })) {
        object.refuse(key, "expected numbers that are not negative");
    }
    return numbers;
}

std::vector<double> read_knots(const JsonObject& object, const char* key) {
    std::vector<double> knots = object.numbers(key);
    if (knots.size() > kMaxKnots) {
        object.refuse(key, "expected at most " + std::to_string(kMaxKnots) + " numbers, found " +
                               std::to_string(knots.size()));
    }
    double before = 0.0;
    for (const double knot : knots) {
        if (!(knot > before)) object.refuse(key, "expected numbers above 0 in ascending order");
        before = knot;
    }
    return knots;
}

std::size_t read_count(const JsonObject& object, const char* key) {
    return static_cast<std::size_t>(object.integer(key, 0, kMaxCount));
}

const Json& list_of(const JsonObject& object, const char* key) {
    const Json& list = object.at(key);
    if (!list.is_array()) object.refuse(key, "expected a list, found " + base::kind_of(list));
    return list;
}

/// A name that is in lower case and stands behind that of the element before it.
template <typename T>
std::string read_name(const JsonObject& object, const char* key, const std::vector<T>& before,
                      std::string T::*member) {
    std::string text = object.string(key);
    if (std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
        object.refuse(key, "expected lower case, found " + in_quotes(text));
    }
    if (!before.empty() && !(before.back().*member < text)) {
        object.refuse(
            key, "expected a name behind " + in_quotes(before.back().*member) + ", found " + in_quotes(text));
    }
    return text;
}

std::vector<AdditiveLeaves> read_leaves(const JsonObject& model, const Place& place, AdditiveLevel level) {
    std::vector<AdditiveLeaves> all;
    const Json& list = list_of(model, "leaves");
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Place here = inside(place, "leaves", i);
        const JsonObject object(list[i], ErrorKind::data, here);
        AdditiveLeaves leaves;
        leaves.group = read_name(object, "group", all, &AdditiveLeaves::group);
        leaves.num_nodes = read_count(object, "num_nodes");
        leaves.num_measurements = read_count(object, "num_measurements");
        leaves.mirrors_differ = object.boolean("twins_differ");
        leaves.knots = read_knots(object, "knots");
        leaves.length_knots = read_knots(object, "length_knots");
        const std::size_t size = leaf_terms(level, leaves.group).size() + num_ramps(level, leaves);
        leaves.coefficients = read_numbers(object, "coefficients", size, Allowed::not_negative);
        const Json& own = list_of(object, "own");
        for (std::size_t j = 0; j < own.size(); ++j) {
            const JsonObject part(own[j], ErrorKind::data, inside(here, "own", j));
            std::string operation = read_name(part, "operation", leaves.own, &AdditiveOperation::operation);
            leaves.own.push_back(
                {std::move(operation), read_numbers(part, "coefficients", size, Allowed::not_negative)});
        }
        all.push_back(std::move(leaves));
    }
    return all;
}

std::vector<std::string> read_signature(const JsonObject& object) {
    std::vector<std::string> signature;
    for (const Json& child : list_of(object, "signature")) {
        if (!child.is_string()) {
            object.refuse("signature", "expected strings only, found " + base::kind_of(child));
        }
        signature.push_back(child.get<std::string>());
    }
    if (!std::is_sorted(signature.begin(), signature.end())) {
        object.refuse("signature", "expected strings in ascending order");
    }
    return signature;
}

std::vector<AdditiveClass> read_classes(const JsonObject& model, const Place& place, AdditiveLevel level) {
    std::vector<AdditiveClass> classes;
    const Json& list = list_of(model, "classes");
    if (level == AdditiveLevel::all && !list.empty()) model.refuse("classes", "expected none at level 'all'");
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Place here = inside(place, "classes", i);
        const JsonObject object(list[i], ErrorKind::data, here);
        AdditiveClass fitted;
        fitted.name = read_name(object, "name", classes, &AdditiveClass::name);
        fitted.num_nodes = read_count(object, "num_nodes");
        fitted.num_measurements = read_count(object, "num_measurements");
        fitted.coefficients =
            read_numbers(object, "coefficients", self_terms(level).size(), Allowed::not_negative);
        const Json& twins = list_of(object, "twins");
        for (std::size_t j = 0; j < twins.size(); ++j) {
            const JsonObject twin(twins[j], ErrorKind::data, inside(here, "twins", j));
            std::vector<std::string> signature = read_signature(twin);
            const double ratio = twin.number("ratio");
            if (ratio < 0.0) twin.refuse("ratio", "expected a number that is not negative");
            fitted.child_lists.push_back({std::move(signature), ratio});
        }
        classes.push_back(std::move(fitted));
    }
    return classes;
}

void read_range(const JsonObject& object, TrainingRange& range) {
    for (std::size_t i = 0; i < kNumRangedQuantities; ++i) {
        const std::string key(name(static_cast<RangedQuantity>(i)));
        if (!object.has(key.c_str())) continue;
        const std::vector<double> ends = read_numbers(object, key.c_str(), 2, Allowed::any);
        if (!(ends[0] > 0.0 && ends[0] <= ends[1])) {
            object.refuse(key.c_str(), "expected a number above 0 and one that is not smaller");
        }
        range.values[i] = {ends[0], ends[1]};
    }
}

std::vector<TrainingRange> read_ranges(const JsonObject& model, const Place& place, const char* key) {
    std::vector<TrainingRange> ranges;
    const Json& list = list_of(model, key);
    for (std::size_t i = 0; i < list.size(); ++i) {
        const JsonObject object(list[i], ErrorKind::data, inside(place, key, i));
        TrainingRange range;
        range.name = read_name(object, "name", ranges, &TrainingRange::name);
        read_range(object, range);
        ranges.push_back(std::move(range));
    }
    return ranges;
}

/// What earlier versions read as the intervals: none.
Json no_old_intervals() {
    Json json;
    json["num_models"] = 0;
    for (const NodeType type : kNodeTypes)
        json[key_of(type)] = {{"num_measurements", 0}, {"half_widths", Json::array()}};
    return json;
}

Json to_json(const Calibration& calibration) {
    Json json;
    json["num_trees"] = calibration.num_trees;
    json["num_measurements"] = calibration.num_measurements;
    json["error_before"] = calibration.error_before;
    json["error_after"] = calibration.error_after;
    json["common"] = calibration.common;
    json["by_kind"] = calibration.by_kind;
    json["shares"] = calibration.shares;
    Json& left_open = json["left_open"] = Json::array();
    for (const auto& row : calibration.left_open) {
        for (const double covariance : row) left_open.push_back(covariance);
    }
    return json;
}

std::vector<Calibration> read_calibrations(const JsonObject& model, const Place& place) {
    std::vector<Calibration> all;
    if (!model.has("calibrations")) return all;  // before they were known
    const Json& list = list_of(model, "calibrations");
    for (std::size_t i = 0; i < list.size(); ++i) {
        const JsonObject object(list[i], ErrorKind::data, inside(place, "calibrations", i));
        Calibration& calibration = all.emplace_back();
        calibration.num_trees = read_count(object, "num_trees");
        calibration.num_measurements = read_count(object, "num_measurements");
        for (const auto& [key, value] : {std::pair{"error_before", &calibration.error_before},
                                         {"error_after", &calibration.error_after},
                                         {"common", &calibration.common}}) {
            *value = object.number(key);
            if (*value < 0.0) object.refuse(key, "expected a number that is not negative");
        }
        for (const auto& [key, values] :
             {std::pair{"by_kind", &calibration.by_kind}, {"shares", &calibration.shares}}) {
            const std::vector<double> read =
                read_numbers(object, key, kNumKindsOfWork, Allowed::not_negative);
            std::copy(read.begin(), read.end(), values->begin());
        }
        if (!object.has("left_open")) continue;  // before intervals were carried
        const std::vector<double> read =
            read_numbers(object, "left_open", kNumKindsOfWork * kNumKindsOfWork, Allowed::any);
        for (std::size_t j = 0; j < read.size(); ++j)
            calibration.left_open[j / kNumKindsOfWork][j % kNumKindsOfWork] = read[j];
    }
    return all;
}

}  // namespace

Json to_json(const AdditiveModel& model) {
    Json json;
    json["level"] = name(model.level);
    json["num_trees"] = model.num_trees;
    json["num_nodes"] = model.num_nodes;
    json["num_measurements"] = model.num_measurements;
    json["leaves"] = Json::array();
    for (const AdditiveLeaves& leaves : model.leaves) {
        Json group;
        group["group"] = leaves.group;
        group["num_nodes"] = leaves.num_nodes;
        group["num_measurements"] = leaves.num_measurements;
        group["twins_differ"] = leaves.mirrors_differ;
        group["knots"] = leaves.knots;
        group["length_knots"] = leaves.length_knots;
        group["coefficients"] = leaves.coefficients;
        group["own"] = Json::array();
        for (const AdditiveOperation& own : leaves.own) {
            Json part;
            part["operation"] = own.operation;
            part["coefficients"] = own.coefficients;
            group["own"].push_back(std::move(part));
        }
        json["leaves"].push_back(std::move(group));
    }
    json["fallback"] = model.fallback;
    json["self"] = model.self;
    json["classes"] = Json::array();
    for (const AdditiveClass& fitted : model.classes) {
        Json one;
        one["name"] = fitted.name;
        one["num_nodes"] = fitted.num_nodes;
        one["num_measurements"] = fitted.num_measurements;
        one["coefficients"] = fitted.coefficients;
        one["twins"] = Json::array();
        for (const ChildList& twin : fitted.child_lists) {
            Json look;
            look["signature"] = twin.signature;
            look["ratio"] = twin.ratio;
            one["twins"].push_back(std::move(look));
        }
        json["classes"].push_back(std::move(one));
    }
    json["leaf_ranges"] = ranges_to_json(model.leaf_ranges);
    json["class_ranges"] = ranges_to_json(model.class_ranges);
    json["inner_range"] = ranges_to_json(model.inner_range);
    for (const Calibration& calibration : model.calibrations)
        json["calibrations"].push_back(to_json(calibration));
    json["intervals"] = no_old_intervals();
    if (!model.has_old_intervals) json["held_out"] = to_json(model.intervals);
    Json& errors = json["training_error"];
    for (const NodeType type : kNodeTypes) {
        const auto& error = model.training_error[static_cast<std::size_t>(type)];
        errors[key_of(type)] = error ? Json(*error) : Json(nullptr);
    }
    return json;
}

AdditiveModel read_additive_model(const Json& json, const Place& place) {
    const JsonObject object(json, ErrorKind::data, place);
    AdditiveModel model;
    const std::string level_name = object.string("level");
    const auto level = additive_level_from_name(level_name);
    if (!level) object.refuse("level", "expected 'specs', 'timing' or 'all', found " + in_quotes(level_name));
    model.level = *level;
    model.num_trees = read_count(object, "num_trees");
    model.num_nodes = read_count(object, "num_nodes");
    model.num_measurements = read_count(object, "num_measurements");
    model.leaves = read_leaves(object, place, *level);
    model.fallback = read_numbers(object, "fallback", fallback_terms(*level).size(), Allowed::not_negative);
    // At level all measured quantities of a node and of its children may disagree in either direction.
    model.self = read_numbers(object, "self", self_terms(*level).size(),
                              *level == AdditiveLevel::all ? Allowed::any : Allowed::not_negative);
    model.classes = read_classes(object, place, *level);
    model.leaf_ranges = read_ranges(object, place, "leaf_ranges");
    model.class_ranges = read_ranges(object, place, "class_ranges");
    read_range(JsonObject(object.at("inner_range"), ErrorKind::data, inside(place, "inner_range")),
               model.inner_range);
    model.calibrations = read_calibrations(object, place);
    model.has_old_intervals = !object.has("held_out");
    if (!model.has_old_intervals)
        model.intervals = read_intervals(object.at("held_out"), inside(place, "held_out"));
    const Place errors_place = inside(place, "training_error");
    const JsonObject errors(object.at("training_error"), ErrorKind::data, errors_place);
    for (const NodeType type : kNodeTypes) {
        const std::string key = key_of(type);
        if (errors.at(key.c_str()).is_null()) continue;
        const double error = errors.number(key.c_str());
        if (error < 0.0) errors.refuse(key.c_str(), "expected a number that is not negative");
        model.training_error[static_cast<std::size_t>(type)] = error;
    }
    return model;
}

}  // namespace irene::models
