// Names without regard to capitals.
#pragma once

#include <string>
#include <string_view>

namespace irene::base {

/// Of A to Z alone, whatever the locale.
constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = lower(c);
    return result;
}

}  // namespace irene::base
