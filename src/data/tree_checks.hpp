// What every tree must be, however it comes to be: the reader and TreeBuilder refuse with these words.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "irene/tree.hpp"

namespace irene::data {

inline constexpr const char* kNodeTypeChoices = "'ml', 'ml-np', 'module' or 'model'";

/// Bytes of a line, and of the texts of a tree: positions in them are 32-bit numbers.
inline constexpr std::size_t kMaxTextBytes = std::numeric_limits<std::uint32_t>::max() / 2;

/// What is wrong with a text; null where nothing is. So are the functions below.
inline const char* wrong_text(std::string_view text) {
    return text.empty() ? "expected a string that is not empty" : nullptr;
}

/// Of an energy that is predicted.
inline const char* wrong_number(double number) {
    return std::isfinite(number) ? nullptr : "expected a finite number";
}

/// Of a feature, of an energy that was measured, of a part of one that is predicted, and of seconds.
inline const char* wrong_amount(double amount) {
    return amount >= 0.0 ? wrong_number(amount) : "expected a number that is not negative";
}

/// What is wrong with the type of a node all of whose children are known, which stand behind it; empty where
/// nothing is.
std::string wrong_type(const Tree& tree, std::size_t node);

/// What is wrong with the parts of a node's predicted energy, which is there; empty where nothing is. Readers
/// take such parts, as a prediction may be about to replace them; whoever shows them asks first.
std::string wrong_parts(const Node& node);

/// A node in messages: its scope or, where that isn't known yet, its place.
std::string describe(const Tree& tree, std::size_t node);

}  // namespace irene::data
