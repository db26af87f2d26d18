// How far apart two words are, to guess which one was meant.
#pragma once

#include <cstddef>
#include <string_view>

namespace irene::base {

/// Number of insertions, deletions and replacements between two words.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace irene::base
