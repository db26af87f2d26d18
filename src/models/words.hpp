// How numbers of a model are told.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <string>

namespace irene::models {

/// With four significant digits.
inline std::string format(double value) {
    std::array<char, 64> text{};
    constexpr int kDigits = 4;
    const auto written =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, kDigits);
    return {text.data(), written.ptr};
}

/// "1 node", "2 nodes"
inline std::string count(std::size_t number, const std::string& noun) {
    return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

}  // namespace irene::models
