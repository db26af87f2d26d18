// Predictions written into the bytes they were predicted from: every other byte of the line survives.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "irene/dataset.hpp"

namespace irene::data {

/// Appends to `out` the shortest decimal that reads back as `value`, with a point or an exponent in it.
void append_number(std::string& out, double value);

/// Appends `line` with joules[splice.node] at every splice; `splices` in order of position.
void splice(std::string_view line, const std::vector<Splice>& splices, const std::vector<double>& joules,
            std::string& out);

}  // namespace irene::data
