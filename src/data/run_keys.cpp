#include "data/run_keys.hpp"

#include <algorithm>
#include <charconv>

#include "irene/error.hpp"

namespace irene {

std::string_view name(RunKey key) noexcept {
    const auto index = static_cast<std::size_t>(key);
    return index < data::kRunKeys.size() ? data::kRunKeys[index].name : std::string_view();
}

std::optional<RunKey> run_key_from_name(std::string_view spelling) noexcept {
    for (std::size_t i = 0; i < data::kRunKeys.size(); ++i) {
        if (data::kRunKeys[i].name == spelling) return static_cast<RunKey>(i);
    }
    return std::nullopt;
}

std::vector<RunKey> run_keys() {
    std::vector<RunKey> keys;
    for (std::size_t i = 0; i < data::kRunKeys.size(); ++i) keys.push_back(static_cast<RunKey>(i));
    return keys;
}

std::string run_keys_in_words(std::string_view suffix) {
    std::string words;
    for (std::size_t i = 0; i < data::kRunKeys.size(); ++i) {
        if (i > 0) words += i + 1 == data::kRunKeys.size() ? " or " : ", ";
        words += data::kRunKeys[i].name;
        words += suffix;
    }
    return words;
}

namespace data {

std::string expected_count(const RunKeyRow& key) {
    return "a whole number from " + std::to_string(key.least) + " to " + std::to_string(kMaxRunCount);
}

std::string wrong_run_value(const RunKeyRow& key, const RunValue& value) {
    if (key.type == RunType::count) {
        const auto* count = std::get_if<std::int64_t>(&value);
        const bool is_right = count != nullptr && *count >= key.least && *count <= kMaxRunCount;
        return is_right ? std::string() : "expected " + expected_count(key);
    }
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) return "expected a string";
    if (text->empty()) return "expected a string that is not empty";
    if (key.choices.empty() || std::find(key.choices.begin(), key.choices.end(), *text) != key.choices.end())
        return {};
    std::string choices;
    for (const std::string_view choice : key.choices)
        choices += (choices.empty() ? "" : ", ") + in_quotes(choice);
    return "expected one of " + choices + ", found " + in_quotes(*text);
}

std::optional<RunValue> parse_run_value(const RunKeyRow& key, std::string_view text) {
    if (key.type == RunType::text) return RunValue(std::string(text));
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size() || count < key.least) return std::nullopt;
    return RunValue(count);
}

std::vector<RunValue> default_run() {
    std::vector<RunValue> run;
    for (const RunKeyRow& key : kRunKeys) {
        if (key.fallback.empty()) {
            run.push_back(key.type == RunType::text ? RunValue(std::string()) : RunValue(std::int64_t{0}));
        } else {
            run.push_back(parse_run_value(key, key.fallback).value());
        }
    }
    return run;
}

std::string to_text(const RunValue& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr ? *text : std::to_string(std::get<std::int64_t>(value));
}

std::string label_of(std::span<const RunKeyRow> table, const std::vector<RunValue>& run) {
    std::string others;
    for (std::size_t key = static_cast<std::size_t>(RunKey::seq_len) + 1; key < table.size(); ++key) {
        const std::string value = to_text(run[key]);
        if (value == table[key].fallback) continue;
        others += (others.empty() ? "" : ", ") + std::string(table[key].name) + " " + value;
    }
    const std::string model = to_text(run[static_cast<std::size_t>(RunKey::model_name)]);
    return others.empty() ? model : model + " (" + others + ")";
}

}  // namespace data

}  // namespace irene
