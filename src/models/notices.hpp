// How predictors take down what their user should know.
#pragma once

#include <cstddef>

#include "irene/notices.hpp"
#include "irene/tree.hpp"

namespace irene::models {

/// Enters a node outside a range as the worst where it is. `found` comes without line, node and scope.
void note(const Tree& tree, std::size_t node, OutOfRange found, PredictionNotices& notices);

}  // namespace irene::models
