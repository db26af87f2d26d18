// Fitting the law of three prices to whole runs.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "irene/dataset.hpp"

#include "models/kernels/law.hpp"

namespace irene::models {

/// The runs of a dataset as the law sees them. Refers to the dataset.
struct KernelRuns {
    const Dataset& data;
    std::vector<KernelTree> trees;
    std::vector<double> joules;   ///< measured at the root
    std::vector<double> seconds;  ///< `times_mean` of the root; absent() where it has none

    /// Throws Error (data) as kernel_tree() does, where a root's energy was not measured, and where a time is
    /// 0.
    explicit KernelRuns(const Dataset& dataset);
};

/// Prices of least squared relative error over `runs` (numbers in the dataset), each run weighing the same.
///
/// The time is fitted first, to the runs that have one. Which side a call waits for depends on the prices:
/// they are fitted with the sides that the last prices gave, half way each step, from four starts: the calls
/// with the least work a launch, a quarter of all more in each start, wait for the host. The best fit of all
/// steps stands. Joules are fitted to the times that it gives. Where no run has a time, no second has a
/// price, and a launch costs joules: those of `watts`, at one second a launch. Deterministic. Throws Error
/// (data) where numbers are too large or too small to be fitted to.
KernelPrices fit_kernel_prices(const KernelRuns& runs, std::span<const std::size_t> chosen);

}  // namespace irene::models
