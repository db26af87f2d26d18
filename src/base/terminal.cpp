#include "base/terminal.hpp"

#include <cstdint>

#include <utf8proc.h>

namespace irene::base {

namespace {

void append_escape(std::string& out, std::uint32_t value) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const int num_digits = value < 0x100 ? 2 : value < 0x10000 ? 4 : 8;
    out += '\\';
    out += num_digits == 2 ? 'x' : num_digits == 4 ? 'u' : 'U';
    for (int digit = num_digits; digit-- > 0;) out += kHex[(value >> (4 * digit)) & 0xFU];
}

bool is_printable(utf8proc_int32_t code_point) {
    switch (utf8proc_category(code_point)) {
        case UTF8PROC_CATEGORY_CC:
        case UTF8PROC_CATEGORY_CF:
        case UTF8PROC_CATEGORY_CN:
        case UTF8PROC_CATEGORY_CO:
        case UTF8PROC_CATEGORY_CS:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP:
            return false;
        default:
            return true;
    }
}

/// Takes the first character off `text`, which is not empty; -1 for a byte that begins none.
utf8proc_int32_t take(std::string_view& text, std::string_view& taken) {
    utf8proc_int32_t code_point = -1;
    const utf8proc_ssize_t size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                   static_cast<utf8proc_ssize_t>(text.size()), &code_point);
    taken = text.substr(0, size > 0 ? static_cast<std::size_t>(size) : 1);
    text.remove_prefix(taken.size());
    return size > 0 ? code_point : -1;
}

}  // namespace

void append_printable(std::string& out, std::string_view text) {
    std::string_view character;
    while (!text.empty()) {
        const utf8proc_int32_t code_point = take(text, character);
        if (code_point < 0) {
            append_escape(out, static_cast<unsigned char>(character[0]));
        } else if (is_printable(code_point)) {
            out += character;
        } else {
            append_escape(out, static_cast<std::uint32_t>(code_point));
        }
    }
}

std::size_t num_cells(std::string_view printable) {
    std::size_t cells = 0;
    std::string_view character;
    while (!printable.empty()) {
        const utf8proc_int32_t code_point = take(printable, character);
        cells += code_point < 0 ? 1 : static_cast<std::size_t>(utf8proc_charwidth(code_point));
    }
    return cells;
}

}  // namespace irene::base
