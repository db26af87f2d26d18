// Enumerators and their spelling: one table an enum serves configs, command lines and output alike.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "irene/error.hpp"

namespace irene::base {

template <typename Enum, std::size_t N>
using NameTable = std::array<std::pair<Enum, std::string_view>, N>;

template <typename Enum, std::size_t N>
constexpr std::string_view name_in(const NameTable<Enum, N>& table, Enum value) noexcept {
    for (const auto& [candidate, spelling] : table) {
        if (candidate == value) return spelling;
    }
    return {};
}

template <typename Enum, std::size_t N>
constexpr std::optional<Enum> find_in(const NameTable<Enum, N>& table, std::string_view spelling) noexcept {
    for (const auto& [candidate, name] : table) {
        if (name == spelling) return candidate;
    }
    return std::nullopt;
}

/// "'a', 'b' or 'c'", for messages.
template <typename Enum, std::size_t N>
std::string choices(const NameTable<Enum, N>& table) {
    std::string text;
    for (std::size_t i = 0; i < N; ++i) {
        if (i > 0) text += i + 1 == N ? " or " : ", ";
        text += in_quotes(table[i].second);
    }
    return text;
}

}  // namespace irene::base
