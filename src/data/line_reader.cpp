// The keys of a line: of the run, and what it tells of an earlier prediction.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "data/tree_reader_state.hpp"

namespace irene::data {

namespace {

/// Keys of a line: those of the run, then what predicted the tree, then the tree.
constexpr std::size_t kPredictionKey = kRunKeys.size();
constexpr std::size_t kTreeKey = kRunKeys.size() + 1;
constexpr auto kLineKeyNames = [] {
    std::array<std::string_view, kRunKeys.size() + 2> names{};
    for (std::size_t i = 0; i != kRunKeys.size(); ++i) names[i] = kRunKeys[i].name;
    names[kPredictionKey] = kOutputKeys.back();
    names[kTreeKey] = "frontend_tree";
    return names;
}();

}  // namespace

void TreeReader::State::read_run_value(od::value& value, std::size_t key) {
    const RunKeyRow& row = kRunKeys[key];
    RunValue& run_value = TreeAccess::run(out->tree)[key];
    if (row.type == RunType::text) {
        std::string_view text;
        if (const auto error = value.get_string().get(text); error != simdjson::SUCCESS)
            json.refuse_value(error, "a string", place({}, row.name));
        std::get<std::string>(run_value) = text;
    } else {
        auto& count = std::get<std::int64_t>(run_value);
        if (const auto error = value.get_int64().get(count); error != simdjson::SUCCESS)
            json.refuse_value(error, expected_count(row), place({}, row.name));
    }
    if (const std::string wrong = wrong_run_value(row, run_value); !wrong.empty())
        refuse(wrong, std::nullopt, row.name);
}

/// Takes what was told of the line's prediction, and notes its place.
void TreeReader::State::read_line_prediction(od::value& value) {
    od::json_type type{};
    json.check(value.type().get(type));
    const char* begin = value.raw_json_token().data();
    if (type != od::json_type::object) refuse("expected an object", std::nullopt, kOutputKeys.back());
    json.skip(value, 2);
    const std::uint32_t end = json.end_of_value();
    out->prediction = json.line().substr(json.position(begin), end - json.position(begin));
    // The tree stood before it, and nothing is to be inserted there.
    const auto is_insertion = [](const Splice& place) { return place.keys == bit(OutputKey::prediction); };
    std::erase_if(out->splices, is_insertion);
    out->splices.push_back({json.position(begin), end, 0, bit(OutputKey::prediction)});
}

void TreeReader::State::read_run() {
    od::object run = json.root("an object with a 'frontend_tree'");
    std::array<bool, kLineKeyNames.size()> seen{};
    std::size_t next = 0;
    for (auto member : run) {
        json.check(member.error());
        od::field&& field = std::move(member).value_unsafe();
        const char* raw_key = field.key().raw();
        const std::size_t key = json.find_key(field, kLineKeyNames, next);
        if (key == kUnknownKey) {
            json.skip(field.value(), 2);
            continue;
        }
        next = key + 1;
        if (std::exchange(seen[key], true)) refuse_twice(raw_key, std::nullopt, kLineKeyNames[key]);
        if (key == kPredictionKey) {
            read_line_prediction(field.value());
            continue;
        }
        if (key != kTreeKey) {
            read_run_value(field.value(), key);
            continue;
        }
        if (!seen[kPredictionKey]) {
            const std::uint32_t position = json.position(raw_key) - 1;  // of its quote
            out->splices.push_back({position, position, 0, bit(OutputKey::prediction)});
        }
        od::object root;
        if (const auto error = field.value().get_object().get(root); error != simdjson::SUCCESS)
            json.refuse_value(error, "a node", place({}, kLineKeyNames[kTreeKey]));
        read_node(root, -1, 2);
    }
    json.end();
    for (std::size_t key = 0; key < kLineKeyNames.size(); ++key) {
        const bool is_required = key == kTreeKey || (key != kPredictionKey && kRunKeys[key].fallback.empty());
        if (!seen[key] && is_required) refuse("is missing", std::nullopt, kLineKeyNames[key]);
    }
}

}  // namespace irene::data
