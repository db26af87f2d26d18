// Fitting the law of three prices to whole runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "irene/dataset.hpp"

#include "models/kernels/law.hpp"

namespace irene::models {

/// A measured node: the work of it and of all below, by the calls of the run that it takes part in.
struct KernelMeasurement {
    struct Part {
        std::uint32_t call = 0;
        KernelWork work;
    };
    std::size_t run = 0;  ///< in the dataset
    NodeType type = NodeType::model;
    std::vector<Part> parts = {};
    double joules = 0.0;
    double seconds = 0.0;  ///< `times_mean`; absent() where there is none
    double weight = 1.0;   ///< those of a run add up to 1
};

/// The runs of a dataset as the law sees them: of each, what was measured at the root, or else at the topmost
/// nodes that were. Refers to the dataset.
struct KernelRuns {
    const Dataset& data;
    std::vector<KernelTree> trees;
    std::vector<KernelMeasurement> measurements;  ///< by run
    std::vector<std::size_t> first_measurement;   ///< of each run, and one past the last

    /// Throws Error (data) as kernel_tree() does, where no node of a tree was measured, and where a time is
    /// 0.
    explicit KernelRuns(const Dataset& dataset);

    std::span<const KernelMeasurement> of_run(std::size_t run) const {
        return std::span(measurements)
            .subspan(first_measurement[run], first_measurement[run + 1] - first_measurement[run]);
    }
};

/// What the prices say of it.
KernelCost cost_of(const KernelMeasurement& measured, const KernelTree& kernels, const KernelPrices& prices);
PriceShares shares_of(const KernelMeasurement& measured, const KernelTree& kernels,
                      const KernelPrices& prices);

/// Prices of least squared relative error over `chosen` runs (numbers in the dataset), each run weighing the
/// same.
///
/// The time is fitted first, to the runs that have one. Which side a call waits for depends on the prices:
/// they are fitted with the sides that the last prices gave, half way each step, from four starts: the calls
/// with the least work a launch, a quarter of all more in each start, wait for the host. The best fit of all
/// steps stands. Joules are fitted to the times that it gives. Where no run has a time, no second has a
/// price, and a launch costs joules: those of `watts`, at one second a launch. Deterministic. Throws Error
/// (data) where numbers are too large or too small to be fitted to.
KernelPrices fit_kernel_prices(const KernelRuns& runs, std::span<const std::size_t> chosen);

}  // namespace irene::models
