// Simple rules that a model has to beat, on the same folds.
#pragma once

#include <string>
#include <vector>

#include "irene/config.hpp"
#include "irene/dataset.hpp"
#include "irene/tasks.hpp"

#include "tasks/folds.hpp"

namespace irene::tasks {

/// In words: the sum of the leaves, and one scaled feature each for those of `config` that energy is in first
/// approximation proportional to; of runs whose kernels are counted, also the scaled roofline seconds of all
/// kernels, by the config's device where it is told, and flops, bytes and launches at a price each.
std::vector<std::string> baseline_rules(const Config& config);

/// Errors of the fold's held-out trees by each of baseline_rules(). `joules` is what the fold's model
/// predicts for every node of each held-out tree.
std::vector<Percentages> baseline_errors(const Fold& fold, const Dataset& data, const Config& config,
                                         const std::vector<std::vector<double>>& joules);

}  // namespace irene::tasks
