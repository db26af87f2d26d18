// How numbers of a model are told.
#pragma once

#include <cstddef>
#include <string>

#include "base/numbers.hpp"

namespace irene::models {

/// With four significant digits.
inline std::string format(double value) { return base::format(value, 4); }

/// "1 node", "2 nodes"
inline std::string count(std::size_t number, const std::string& noun) {
    return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

}  // namespace irene::models
