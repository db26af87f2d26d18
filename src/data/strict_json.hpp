// One line of JSON, walked value by value with simdjson's on-demand parser, which looks at nothing that it is
// not asked for: what is not of use is visited here too, so that malformed JSON is refused wherever it
// stands.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "irene/error.hpp"

namespace irene::data {

namespace od = simdjson::ondemand;

inline constexpr std::size_t kUnknownKey = std::numeric_limits<std::size_t>::max();

inline bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Reads a number that simdjson may have got wrong or refused; `error` and `number` are its answer.
simdjson::error_code repair_number(std::string_view token, simdjson::error_code error, double& number);

/// value.get_double(), but right for every number of JSON: see repair_number().
inline simdjson::error_code get_double(od::value& value, double& number) {
    constexpr std::size_t kSafeBytes = 20;
    const std::string_view token = value.raw_json_token();  // with the white space behind the number
    const simdjson::error_code error = value.get_double().get(number);
    return token.size() <= kSafeBytes ? error : repair_number(token, error, number);
}

/// For one line after the other. Whatever is wrong is thrown as an Error (data) that names file and line.
class StrictJson {
  public:
    /// `source` names the file in messages.
    explicit StrictJson(std::string source) : source_(std::move(source)) {}

    /// Starts on a line, behind which kPadding more bytes must be readable.
    void begin(std::string_view line, std::size_t number);
    /// The object that the line is to be; `wanted` says what that is.
    od::object root(const std::string& wanted);
    /// Refuses what stands behind the root.
    void end();

    std::string_view line() const noexcept { return line_; }
    /// Where a byte stands in the line, from 0.
    std::uint32_t position(const char* at) const { return static_cast<std::uint32_t>(at - line_.data()); }
    /// The next token; only between values.
    const char* location() {
        const char* at = nullptr;
        check(document_.current_location().get(at));
        return at;
    }

    /// The byte behind the value that was read last, from 0; only within an object or a list.
    std::uint32_t end_of_value() {
        const char* at = location();
        while (is_space(at[-1])) --at;
        return position(at);
    }

    /// Throws: `place` needs no file or line.
    [[noreturn]] void refuse(const std::string& message, Place place = {}) const;
    [[noreturn]] void refuse_depth() const;
    /// Throws: of a value that could not be read as what it should be.
    [[noreturn]] void refuse_value(simdjson::error_code error, std::string_view expected, Place place);
    void check(simdjson::error_code error) {
        if (error != simdjson::SUCCESS) refuse_json(error);
    }

    /// Place of a field's key in `keys`, or kUnknownKey. Looks at `hint` first: the next key is nearly always
    /// the next in the list. The padding behind the line makes it safe to compare beyond the key's end.
    template <std::size_t N>
    std::size_t find_key(od::field& field, const std::array<std::string_view, N>& keys, std::size_t hint) {
        const char* raw = field.key().raw();
        const auto is = [raw](std::string_view key) {
            return std::memcmp(raw, key.data(), key.size()) == 0 && raw[key.size()] == '"';
        };
        if (hint < N && is(keys[hint])) return hint;
        for (std::size_t i = 0; i < N; ++i) {
            if (is(keys[i])) return i;
        }
        std::string_view unescaped;
        check(field.unescaped_key().get(unescaped));
        for (std::size_t i = 0; i < N; ++i) {
            if (unescaped == keys[i]) return i;
        }
        return kUnknownKey;
    }

    /// Visits a value that is not used.
    void skip(od::value& value, std::size_t depth);

  private:
    [[noreturn]] void refuse_json(simdjson::error_code error);
    /// Says so where the first line is that of a file of another format.
    void refuse_other_format() const;

    std::string source_;
    std::string_view line_;
    std::size_t line_number_ = 0;
    od::parser parser_;
    od::document document_;
    bool has_document_ = false;  // whether `document_` is one of this line
};

}  // namespace irene::data
