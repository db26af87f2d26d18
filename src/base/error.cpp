#include "irene/error.hpp"

#include <utility>

#include "base/terminal.hpp"

namespace irene {

namespace {

constexpr std::size_t kMaxQuotedBytes = 120;

std::string compose(const std::string& message, const Place& place) {
    std::string text;
    base::append_printable(text, place.file);
    if (place.line != 0) text += (text.empty() ? "line " : ":") + std::to_string(place.line);
    if (place.byte != 0) text += ", byte " + std::to_string(place.byte);
    if (!text.empty()) text += ": ";
    if (!place.node.empty()) text += "node " + in_quotes(place.node) + ": ";
    if (!place.field.empty()) text += "field " + in_quotes(place.field) + ": ";
    base::append_printable(text, message);
    return text;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    base::append_printable(out, text);
    return out;
}

std::string in_quotes(std::string_view text) {
    std::string out = "'";
    if (text.size() <= kMaxQuotedBytes) {
        base::append_printable(out, text);
    } else {
        // Cut at the start of a UTF-8 character.
        std::size_t end = kMaxQuotedBytes;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
        base::append_printable(out, text.substr(0, end));
        out += "...";
    }
    return out += "'";
}

Error::Error(ErrorKind kind, const std::string& message, Place place)
    : std::runtime_error(compose(message, place)), kind_(kind), message_(message), place_(std::move(place)) {}

Error Error::in_file(const std::string& file) const {
    Place place = place_;
    place.file = file;
    return {kind_, message_, std::move(place)};
}

}  // namespace irene
