// Runs of a transformer: one forward pass, or the two phases of a generation.
#pragma once

#include <string>
#include <vector>

#include "irene/architectures.hpp"

#include "architectures/blueprint.hpp"

namespace irene::architectures {

/// The parts of a run with all their counts. Throws Error as Transformer::tree() does.
Part parts_of(const Blueprint& blueprint, const Run& run);

/// The run's values, by RunKey.
std::vector<RunValue> values_of(const Transformer& transformer, const Run& run);

/// What all ids of a run begin with; `last` tells apart what is measured twice.
std::string id_of(const std::vector<RunValue>& values, const std::string& last);

}  // namespace irene::architectures
