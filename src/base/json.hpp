// nlohmann/json for documents (configs, model files), with the checks it does not make by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "irene/error.hpp"

namespace irene::base {

/// Keeps keys in the order in which they were written.
using Json = nlohmann::ordered_json;

/// NaN, Infinity and -Infinity are no JSON, but Python writes them.
enum class NonFinite { refuse, accept };

/// Parses a whole document. Throws Error (kind) on an empty one, malformed JSON, a repeated key, a number out
/// of range, nesting beyond kMaxDepth and anything behind the document.
Json parse_document(std::string_view text, ErrorKind kind, const std::string& source,
                    NonFinite non_finite = NonFinite::refuse);

/// Deepest nesting of JSON that is accepted, in documents and in lines of trees.
inline constexpr std::size_t kMaxDepth = 256;

/// Position of the first byte that makes a text no JSON, from 1; 0 where it cannot be told. Slow: for
/// messages.
std::size_t first_bad_byte(std::string_view text);

/// "an object", "a number", ..., for messages.
std::string kind_of(const Json& value);

/// Members of a document, with their presence, type and range checked; refusals name file and key.
class JsonObject {
  public:
    /// Throws Error (kind) where `value` is not an object.
    JsonObject(const Json& value, ErrorKind kind, Place place);

    bool has(const char* key) const { return value_.contains(key); }
    /// Throws where the key is missing.
    const Json& at(const char* key) const;

    std::string string(const char* key) const;
    bool boolean(const char* key) const;
    /// A finite number.
    double number(const char* key) const;
    std::int64_t integer(const char* key, std::int64_t min, std::int64_t max) const;
    std::vector<double> numbers(const char* key) const;

    [[noreturn]] void refuse(const char* key, const std::string& message) const;

  private:
    const Json& value_;
    ErrorKind kind_;
    Place place_;
};

/// Throws Error (kind) at `place` for a member that none of `known` names, with the nearest that one does.
void refuse_unknown_keys(const Json& object, std::span<const char* const> known, ErrorKind kind,
                         const Place& place);

/// Appends a text as JSON spells it. What is not UTF-8 is replaced.
void append_string(std::string& out, std::string_view text);

/// The document as text, indented by `indent`, with a final newline. Numbers read back equal.
std::string to_text(const Json& document, int indent = 2);

}  // namespace irene::base
