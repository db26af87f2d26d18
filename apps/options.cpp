// The options that the tools have in common, and the strict reading of their values.
#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>

#include "irene/error.hpp"

#include "command_line.hpp"
#include "config_arguments.hpp"

namespace irene::apps {

namespace {

/// The text as a whole number within [min, max]: decimal digits and nothing else.
std::optional<std::uint64_t> whole_number(std::string_view text, std::uint64_t min, std::uint64_t max) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || value < min || value > max) return std::nullopt;
    return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

/// The numbers of "8", "8:32" or "8:32:8"; none where it is something else, and an empty list of an empty
/// range.
std::optional<std::vector<std::int64_t>> sizes_of(std::string_view range, std::int64_t least) {
    constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 26;
    std::vector<std::uint64_t> numbers;
    for (const std::string_view part : split(range, ':')) {
        const bool is_step = numbers.size() == 2;
        const std::optional<std::uint64_t> number =
            whole_number(part, is_step ? 1 : static_cast<std::uint64_t>(least), kMaxSize);
        if (!number) return std::nullopt;
        numbers.push_back(*number);
    }
    if (numbers.size() > 3) return std::nullopt;
    const std::uint64_t last = numbers.size() > 1 ? numbers[1] : numbers[0];
    const std::uint64_t step = numbers.size() > 2 ? numbers[2] : 1;
    std::vector<std::int64_t> sizes;
    for (std::uint64_t size = numbers[0]; size <= last; size += step)
        sizes.push_back(static_cast<std::int64_t>(size));
    return sizes;
}

/// Refuses all other words. Help shows them with the value, so that CLI11 need not.
CLI::Validator one_of(const std::vector<std::string>& choices) {
    return CLI::IsMember(choices).description("");
}

}  // namespace

CLI::Option* Tool::describe(CLI::Option* option, const Value& value) {
    values_[option] = value;
    return option->type_name(to_text(value));
}

void Tool::add_required(const std::string& name, const Value& value, const std::string& help,
                        std::string& store) {
    describe(app_->add_option(name, store, help), value)->required();
}

void Tool::add_text(const std::string& name, const Value& value, const std::string& help,
                    std::string& store) {
    describe(app_->add_option(name, store, help), value);
}

void Tool::add_choice(const std::string& name, const Value& value, const std::string& help,
                      std::string& store) {
    describe(app_->add_option(name, store, help), value)->check(one_of(value.choices));
}

void Tool::add_list(const std::string& name, const Value& value, const std::string& help,
                    std::vector<std::string>& store) {
    CLI::Option* list = describe(app_->add_option(name, store, help), value);
    if (name.front() == '-') list->allow_extra_args(false);  // what follows is an argument
}

void Tool::add_choices(const std::string& name, const Value& value, const std::string& help,
                       std::vector<std::string>& store) {
    add_list(name, value, help, store);
    app_->get_option(name)->delimiter(value.separator)->check(one_of(value.choices));
}

void Tool::add_flag(const std::string& flags, const std::string& help, bool& value) {
    app_->add_flag(flags, value, help);
}

void Tool::exclude(const std::string& name, const std::string& other) {
    app_->get_option(name)->excludes(app_->get_option(other));
}

bool Tool::is_given(const std::string& name) const { return app_->count(name) > 0; }

void Tool::add_whole_number(const std::string& flags, std::uint64_t min, std::uint64_t max,
                            const std::string& help, std::function<void(std::uint64_t)> store) {
    const auto read = [min, max, flags, store = std::move(store)](const std::string& text) {
        const std::optional<std::uint64_t> value = whole_number(text, min, max);
        if (!value) {
            throw CLI::ValidationError(flags, "expected a whole number from " + std::to_string(min) + " to " +
                                                  std::to_string(max) + ", found " + in_quotes(text));
        }
        store(*value);
    };
    describe(app_->add_option_function<std::string>(flags, read, help), {.placeholder = "N"});
}

void Tool::add_probability(const std::string& flags, const std::string& help,
                           std::function<void(double)> store) {
    const auto read = [flags, store = std::move(store)](const std::string& text) {
        double value = 0.0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size() || !(value > 0.0 && value < 1.0)) {
            throw CLI::ValidationError(flags, "expected a number between 0 and 1, found " + in_quotes(text));
        }
        store(value);
    };
    describe(app_->add_option_function<std::string>(flags, read, help), {.placeholder = "P"});
}

void Tool::add_sizes(const std::string& flags, const std::string& help, std::vector<std::int64_t>& store,
                     std::int64_t least) {
    const auto read = [flags, least, &store](const std::string& text) {
        store.clear();
        for (const std::string_view range : split(text, ',')) {
            const auto sizes = sizes_of(range, least);
            if (!sizes) {
                throw CLI::ValidationError(flags, "expected numbers from " + std::to_string(least) +
                                                      " to 67108864 and ranges FIRST:LAST:STEP, found " +
                                                      in_quotes(range));
            }
            if (sizes->empty()) {
                throw CLI::ValidationError(flags, "the range " + in_quotes(range) +
                                                      " is empty: its first number is greater than its last");
            }
            store.insert(store.end(), sizes->begin(), sizes->end());
        }
    };
    describe(app_->add_option_function<std::string>(flags, read, help),
             {.placeholder = "LIST", .separator = ','});
}

void Tool::add_table_format() {
    const auto read = [this](const std::string& text) {
        table_format_ = table_format_from_name(text).value();  // checked before
    };
    const Value value{.placeholder = "FORMAT", .choices = {"table", "csv", "json"}};
    describe(app_->add_option_function<std::string>("--format", read, "table (the default), csv or json"),
             value)
        ->check(one_of(value.choices));
    app_->add_flag_callback(
        "--json", [this] { table_format_ = TableFormat::json; }, "Short for --format json");
}

void Tool::add_threads(const std::string& help) {
    add_whole_number("--threads", 1, 1024,
                     help + "; the result does not depend on it. Default: all processors",
                     [this](std::uint64_t value) { threads_ = static_cast<unsigned>(value); });
}

void Tool::add_config() {
    add_text("--config,--config_filepath", file_value(),
             "JSON file with the settings of the model; keys it does not have keep their default",
             config_path_);
}

void Tool::add_device(const std::string& help) {
    std::vector<std::string> names;
    for (const std::filesystem::path& folder : device_folders()) names = device_names(folder);
    add_text("--device", {.placeholder = "NAME|FILE", .choices = names, .path = Path::file},
             help + ": the name of a datasheet in configs/devices, or a JSON file", device_);
}

void Tool::add_max_line_bytes() {
    add_whole_number(
        "--max_line_bytes", kMinLineBytes, 0x7FFFFFFF,
        "Refuse longer lines, so that memory stays bounded. Default: " + std::to_string(max_line_bytes_),
        [this](std::uint64_t value) { max_line_bytes_ = static_cast<std::size_t>(value); });
}

void Tool::add_seed() {
    add_whole_number("--seed", 0, 0xFFFFFFFF,
                     "Seed of the initial weights. Default: " + std::to_string(seed_),
                     [this](std::uint64_t value) { seed_ = static_cast<std::uint32_t>(value); });
}

}  // namespace irene::apps
