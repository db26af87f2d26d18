// Prediction intervals: what the errors on models held out in training say of a new one.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "irene/tree.hpp"

namespace irene::models {

/// Probabilities at which half widths are kept: 1 %, 2 %, ... 99 %, 99.5 % and 100 %, the last being the
/// greatest error met.
inline constexpr std::size_t kNumIntervalProbabilities = 101;
double interval_probability(std::size_t index) noexcept;

/// Half widths q of prediction intervals [E exp(-q), E exp(q)].
///
/// Each training model in turn is predicted by a model trained on the others; q(p) is the p-quantile of
/// |ln(predicted / measured)| over its distinct measurements, each weighing the root of its multiplicity,
/// with the finite-sample correction p (n + 1) / n of split conformal prediction. It speaks of a new model of
/// a known kind.
struct Intervals {
    /// By NodeType, then by interval_probability(); ascending. A type without measurements has none.
    std::array<std::vector<double>, kNumNodeTypes> half_widths;
    std::array<std::size_t, kNumNodeTypes> num_measurements{};
    /// Models held out in turn. 1: there was only one, and every fifth of its trees was held out in turn,
    /// which is optimistic. 0: there are no intervals.
    std::size_t num_models = 0;
};

/// Half width for nodes of `type` at `probability`, in (0, 1): that of the next greater probability kept.
/// None where there are no intervals for the type.
std::optional<double> half_width(const Intervals& intervals, NodeType type, double probability) noexcept;

/// The greatest probability that the held-out errors of every type of node can tell: n / (n + 1) for n
/// distinct measurements. Beyond, the greatest error met stands in. 0 where there are no intervals.
double greatest_probability(const Intervals& intervals) noexcept;

/// |ln(predicted / measured)| of a node and its weight.
using Residual = std::pair<double, double>;

/// The half widths that residuals give, by interval_probability(); none for no residuals. Sorts them.
std::vector<double> half_widths(std::vector<Residual>& residuals);

}  // namespace irene::models
