#include "base/numbers.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace irene::base {

void append_number(std::string& out, double value) {
    std::array<char, 32> text{};
    const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
    const std::string_view digits(text.data(), static_cast<std::size_t>(result.ptr - text.data()));
    out += digits;
    // Only whole numbers are spelled without a point, and some of them have an exponent.
    if (value == std::trunc(value) && digits.find_first_of(".e") == std::string_view::npos) out += ".0";
}

std::string format(double value, int digits) {
    std::array<char, 64> text{};
    const auto written =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, digits);
    return {text.data(), written.ptr};
}

std::string format_fixed(double value, int decimals) {
    std::array<char, 512> text{};  // the largest double has 309 digits before its point
    const auto written =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals);
    return {text.data(), written.ptr};
}

}  // namespace irene::base
