#include "data/strict_json.hpp"

#include <charconv>

#include "base/json.hpp"
#include "data/line_blocks.hpp"
#include "data/other_formats.hpp"
#include "data/tree_checks.hpp"

namespace irene::data {

static_assert(kPadding >= simdjson::SIMDJSON_PADDING);

namespace {

/// simdjson misreads numbers below 1 of more than 19 digits behind their leading zeros, such as
/// 0.95000000000000000000, in its releases up to 3.6.2: https://github.com/simdjson/simdjson/issues/2093
constexpr bool kMisreadsLongNumbers =
    simdjson::SIMDJSON_VERSION_MAJOR < 3 ||
    (simdjson::SIMDJSON_VERSION_MAJOR == 3 && simdjson::SIMDJSON_VERSION_MINOR < 7);

/// Whether a number may be one of those.
bool may_be_misread(std::string_view token) {
    constexpr std::size_t kMostDigits = 19;
    const std::size_t first = token.find_first_not_of("-0.");
    return kMisreadsLongNumbers && first != std::string_view::npos && token.size() - first > kMostDigits;
}

struct Wrong {
    const char* message;
    bool has_place;  ///< whether the parser stands where it is wrong
};

Wrong what_is_wrong(simdjson::error_code error) {
    switch (error) {
        case simdjson::UTF8_ERROR:
            return {"malformed JSON: invalid UTF-8", false};
        case simdjson::UNCLOSED_STRING:
            return {"malformed JSON: a string does not end", false};
        case simdjson::UNESCAPED_CHARS:
            return {"malformed JSON: a control character in a string", false};
        case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
            return {"malformed JSON: cut off, or brackets that do not match", true};
        case simdjson::STRING_ERROR:
            return {"malformed JSON: a bad escape in a string", true};
        case simdjson::NUMBER_ERROR:
            return {"malformed JSON: a number that is none, or out of range", true};
        case simdjson::CAPACITY:
        case simdjson::MEMALLOC:
            return {"longer than a line may be", false};
        default:
            return {"malformed JSON", true};
    }
}

}  // namespace

simdjson::error_code repair_number(std::string_view token, simdjson::error_code error, double& number) {
    if (error == simdjson::SUCCESS && may_be_misread(token)) {
        std::from_chars(token.data(), token.data() + token.size(), number);
    } else if (error == simdjson::NUMBER_ERROR) {
        // It refuses exponents of more than 18 digits, though 0e1000000000000000000 is a number.
        const base::Json parsed =
            base::Json::parse(token.begin(), token.end(), nullptr, /*allow_exceptions=*/false);
        if (!parsed.is_number()) return error;
        number = parsed.get<double>();
        return simdjson::SUCCESS;
    }
    return error;
}

void StrictJson::begin(std::string_view line, std::size_t number) {
    line_ = line;
    line_number_ = number;
    has_document_ = false;
    if (line.size() > kMaxTextBytes) refuse_json(simdjson::CAPACITY);
    // The parser takes NUL for the end of a number, and what follows it for nothing.
    if (const std::size_t nul = line.find('\0'); nul != std::string_view::npos) {
        refuse_other_format();
        refuse("malformed JSON: NUL", {.byte = nul + 1});
    }
    const auto error = parser_.iterate(line.data(), line.size(), line.size() + kPadding).get(document_);
    has_document_ = error == simdjson::SUCCESS;
    check(error);
}

od::object StrictJson::root(const std::string& wanted) {
    od::object object;
    if (const auto error = document_.get_object().get(object); error != simdjson::SUCCESS) {
        if (line_.starts_with("\xEF\xBB\xBF")) refuse("malformed JSON: a byte-order mark", {.byte = 1});
        refuse_other_format();
        refuse_value(error, wanted, {});
    }
    return object;
}

void StrictJson::end() {
    const char* behind = nullptr;
    if (document_.current_location().get(behind) != simdjson::OUT_OF_BOUNDS)
        refuse("malformed JSON: more behind the end of the tree");
}

void StrictJson::refuse(const std::string& message, Place place) const {
    place.file = source_;
    place.line = line_number_;
    throw Error(ErrorKind::data, message, std::move(place));
}

void StrictJson::refuse_depth() const { refuse("nested deeper than " + std::to_string(base::kMaxDepth)); }

void StrictJson::refuse_value(simdjson::error_code error, std::string_view expected, Place place) {
    if (error != simdjson::INCORRECT_TYPE && error != simdjson::NUMBER_ERROR &&
        error != simdjson::NUMBER_OUT_OF_RANGE) {
        refuse_json(error);
    }
    refuse("expected " + std::string(expected), std::move(place));
}

void StrictJson::refuse_other_format() const {
    if (line_number_ != 1) return;
    const std::string what = other_format(line_, source_);
    if (!what.empty()) refuse(what);
}

void StrictJson::refuse_json(simdjson::error_code error) {
    refuse_other_format();
    const Wrong wrong = what_is_wrong(error);
    std::size_t byte = 0;
    const char* at = nullptr;
    if (wrong.has_place && has_document_ && document_.current_location().get(at) == simdjson::SUCCESS &&
        at >= line_.data() && at < line_.data() + line_.size()) {
        byte = position(at) + std::size_t{1};
    }
    const bool is_too_long = error == simdjson::CAPACITY || error == simdjson::MEMALLOC;
    if (byte == 0 && !is_too_long) byte = base::first_bad_byte(line_);
    refuse(wrong.message, {.byte = byte});
}

void StrictJson::skip(od::value& value, std::size_t depth) {
    if (depth > base::kMaxDepth) refuse_depth();
    od::json_type type{};
    check(value.type().get(type));
    switch (type) {
        case od::json_type::array: {
            od::array array;
            check(value.get_array().get(array));
            for (auto element : array) {
                od::value inner;
                check(element.get(inner));
                skip(inner, depth + 1);
            }
            break;
        }
        case od::json_type::object: {
            od::object object;
            check(value.get_object().get(object));
            for (auto member : object) {
                check(member.error());
                od::field&& field = std::move(member).value_unsafe();
                std::string_view key;
                check(field.unescaped_key().get(key));
                skip(field.value(), depth + 1);
            }
            break;
        }
        case od::json_type::string: {
            std::string_view text;
            check(value.get_string().get(text));
            break;
        }
        case od::json_type::number: {
            double number = 0.0;
            check(get_double(value, number));
            break;
        }
        case od::json_type::boolean: {
            bool flag = false;
            check(value.get_bool().get(flag));
            break;
        }
        case od::json_type::null:
            bool null = false;
            check(value.is_null().get(null));
            if (!null) refuse_json(simdjson::TAPE_ERROR);
            break;
    }
}

}  // namespace irene::data
