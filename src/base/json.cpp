#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "base/near_miss.hpp"

namespace irene::base {

namespace {

/// The place of a byte, counted from 1: its line, and the byte in that.
Place place_of(std::string_view text, std::size_t byte, const std::string& source) {
    const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
    const std::size_t line_end = before.rfind('\n');  // that of the line before
    const auto num_lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    const std::size_t begin = line_end == std::string_view::npos ? 0 : line_end + 1;
    return {.file = source, .line = num_lines + 1, .byte = before.size() - begin + 1};
}

struct NonFiniteNumber {
    std::string_view spelling;
    std::string_view stand_in;  ///< a string for it; begins with NUL, which documents do not hold
    std::string_view value;     ///< of that string, parsed
    double number;
};

using namespace std::string_view_literals;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::array<NonFiniteNumber, 3> kNonFiniteNumbers{
    {{"NaN", R"("\u0000NaN")", "\0NaN"sv, std::numeric_limits<double>::quiet_NaN()},
     {"Infinity", R"("\u0000Infinity")", "\0Infinity"sv, kInfinity},
     {"-Infinity", R"("\u0000-Infinity")", "\0-Infinity"sv, -kInfinity}}};

/// A text with Python's non-finite numbers replaced by strings, as nlohmann reads none; knows where each byte
/// was.
class WithStandIns {
  public:
    explicit WithStandIns(std::string_view text) {
        bool in_string = false;
        for (std::size_t i = 0; i < text.size();) {
            const auto* const found = std::find_if(
                kNonFiniteNumbers.begin(), kNonFiniteNumbers.end(),
                [&](const NonFiniteNumber& number) { return text.substr(i).starts_with(number.spelling); });
            if (!in_string && found != kNonFiniteNumbers.end()) {
                text_ += found->stand_in;
                i += found->spelling.size();
                shifts_.emplace_back(text_.size(), text_.size() - i);
                continue;
            }
            const bool is_escape = in_string && text[i] == '\\' && i + 1 < text.size();
            if (text[i] == '"') in_string = !in_string;
            text_ += text[i++];
            if (is_escape) text_ += text[i++];
        }
    }
    const std::string& text() const noexcept { return text_; }
    std::size_t original(std::size_t byte) const {
        std::size_t shift = 0;
        for (const auto& [end, all] : shifts_) {
            if (byte > end) shift = all;
        }
        return byte - shift;
    }

  private:
    std::string text_;
    std::vector<std::pair<std::size_t, std::size_t>> shifts_;  ///< end of a stand-in, bytes added so far
};

/// The number that a stand-in stands for.
void restore(Json& value) {
    if (!value.is_string()) return;
    for (const NonFiniteNumber& number : kNonFiniteNumbers) {
        if (value == number.value) {
            value = number.number;
            return;
        }
    }
}

}  // namespace

std::size_t first_bad_byte(std::string_view text) {
    try {
        const Json nothing =
            Json::parse(text.begin(), text.end(), [](int, Json::parse_event_t, Json&) { return false; });
    } catch (const Json::parse_error& error) {
        return error.byte;
    } catch (const Json::out_of_range&) {
        return 0;  // a number; nlohmann does not tell its position
    }
    return 0;
}

Json parse_document(std::string_view text, ErrorKind kind, const std::string& source, NonFinite non_finite) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
        throw Error(kind, "malformed JSON: the document is empty", {.file = source});
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
        throw Error(kind, "malformed JSON: NUL", place_of(text, nul + 1, source));
    }
    // Depth is counted before parsing: the destructor of one nested too deeply overflows the stack.
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxDepth) {
                throw Error(kind, "nested deeper than " + std::to_string(kMaxDepth),
                            place_of(text, i + 1, source));
            }
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    struct OpenObject {
        std::set<std::string> keys;
        std::string last_key;
    };
    std::vector<OpenObject> objects;
    const auto refuse_repeated_keys = [&](int, Json::parse_event_t event, Json& parsed) {
        if (event == Json::parse_event_t::object_start) objects.emplace_back();
        if (event == Json::parse_event_t::object_end) objects.pop_back();
        if (event == Json::parse_event_t::key) {
            objects.back().last_key = parsed.get<std::string>();
            if (!objects.back().keys.insert(objects.back().last_key).second)
                throw Error(kind, "stands twice", {.file = source, .field = objects.back().last_key});
        }
        if (event == Json::parse_event_t::value && non_finite == NonFinite::accept) restore(parsed);
        return true;
    };
    const WithStandIns parsable(non_finite == NonFinite::accept ? text : std::string_view());
    const std::string_view json = non_finite == NonFinite::accept ? std::string_view(parsable.text()) : text;
    try {
        return Json::parse(json.begin(), json.end(), refuse_repeated_keys);
    } catch (const Json::parse_error& error) {
        const std::size_t byte = non_finite == NonFinite::accept ? parsable.original(error.byte) : error.byte;
        throw Error(kind, "malformed JSON", place_of(text, byte, source));
    } catch (const Json::out_of_range&) {
        std::string field;
        for (const OpenObject& object : objects) field += (field.empty() ? "" : ".") + object.last_key;
        throw Error(kind, "malformed JSON: a number is out of range", {.file = source, .field = field});
    }
}

std::string kind_of(const Json& value) {
    switch (value.type()) {
        case Json::value_t::null:
            return "null";
        case Json::value_t::object:
            return "an object";
        case Json::value_t::array:
            return "a list";
        case Json::value_t::string:
            return "the string " + in_quotes(value.get_ref<const std::string&>());
        case Json::value_t::boolean:
            return value.get<bool>() ? "true" : "false";
        case Json::value_t::number_float:
            for (const NonFiniteNumber& number : kNonFiniteNumbers) {
                const auto found = value.get<double>();
                if (found == number.number || (std::isnan(found) && std::isnan(number.number)))
                    return std::string(number.spelling);
            }
            return value.dump();
        default:
            return value.dump();
    }
}

JsonObject::JsonObject(const Json& value, ErrorKind kind, Place place)
    : value_(value), kind_(kind), place_(std::move(place)) {
    if (!value.is_object()) throw Error(kind_, "expected an object, found " + kind_of(value), place_);
}

void JsonObject::refuse(const char* key, const std::string& message) const {
    Place place = place_;
    place.field = place_.field.empty() ? key : place_.field + "." + key;
    throw Error(kind_, message, std::move(place));
}

const Json& JsonObject::at(const char* key) const {
    const auto found = value_.find(key);
    if (found == value_.end()) refuse(key, "is missing");
    return *found;
}

std::string JsonObject::string(const char* key) const {
    const Json& value = at(key);
    if (!value.is_string()) refuse(key, "expected a string, found " + kind_of(value));
    return value.get<std::string>();
}

bool JsonObject::boolean(const char* key) const {
    const Json& value = at(key);
    if (!value.is_boolean()) refuse(key, "expected true or false, found " + kind_of(value));
    return value.get<bool>();
}

double JsonObject::number(const char* key) const {
    const Json& value = at(key);
    if (!value.is_number() || !std::isfinite(value.get<double>())) {
        refuse(key, "expected a finite number, found " + kind_of(value));
    }
    return value.get<double>();
}

std::int64_t JsonObject::integer(const char* key, std::int64_t min, std::int64_t max) const {
    const Json& value = at(key);
    const bool fits =
        value.is_number_integer() &&
        (value.is_number_unsigned() ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(max)
                                    : value.get<std::int64_t>() <= max) &&
        (value.is_number_unsigned()
             ? min <= 0 || value.get<std::uint64_t>() >= static_cast<std::uint64_t>(min)
             : value.get<std::int64_t>() >= min);
    if (!fits) {
        refuse(key, "expected a whole number from " + std::to_string(min) + " to " + std::to_string(max) +
                        ", found " + kind_of(value));
    }
    return value.get<std::int64_t>();
}

std::vector<double> JsonObject::numbers(const char* key) const {
    const Json& value = at(key);
    if (!value.is_array()) refuse(key, "expected a list of numbers, found " + kind_of(value));
    std::vector<double> numbers;
    numbers.reserve(value.size());
    for (const Json& element : value) {
        if (!element.is_number() || !std::isfinite(element.get<double>())) {
            refuse(key, "expected finite numbers only, found " + kind_of(element));
        }
        numbers.push_back(element.get<double>());
    }
    return numbers;
}

void refuse_unknown_keys(const Json& object, std::span<const char* const> known, ErrorKind kind,
                         const Place& place) {
    for (const auto& [key, value] : object.items()) {
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        const std::string_view start = std::string_view(key).substr(0, 64);
        const char* nearest =
            *std::min_element(known.begin(), known.end(), [start](const char* a, const char* b) {
                return edit_distance(start, a) < edit_distance(start, b);
            });
        Place inside = place;
        inside.field = place.field.empty() ? key : place.field + "." + key;
        throw Error(kind, "unknown key; the nearest known one is " + in_quotes(nearest), std::move(inside));
    }
}

void append_string(std::string& out, std::string_view text) {
    const bool is_plain = std::all_of(text.begin(), text.end(),
                                      [](char c) { return c >= ' ' && c < 0x7F && c != '"' && c != '\\'; });
    if (is_plain) {
        out += '"';
        out += text;
        out += '"';
    } else {
        out += Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
    }
}

std::string to_text(const Json& document, int indent) {
    return document.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace irene::base
