// Predictions written into the bytes they were predicted from: every other byte of the line survives.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "irene/dataset.hpp"

namespace irene::data {

/// What is written for each OutputKey: a value per node, in joules; null for a key that is left as it is.
using OutputColumns = std::array<const std::vector<double>*, kNumOutputKeys>;

/// Appends `line` with the columns' values in their places; `splices` in order of position.
void splice(std::string_view line, const std::vector<Splice>& splices, const OutputColumns& columns,
            std::string& out);

}  // namespace irene::data
