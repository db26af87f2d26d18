// Mean and population deviation of each feature, as scikit-learn's StandardScaler computes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace irene::numerics {

/// Fills `mean` and `scale` (population deviation; 1 for a feature that does not vary) from `rows`, which are
/// row-major, `num_features` wide and counted counts[i] times each; at least one count is above 0. A variance
/// within rounding error of 0 counts as 0.
void standardize(std::span<const double> rows, std::span<const std::uint32_t> counts,
                 std::vector<double>& mean, std::vector<double>& scale, std::size_t num_features);

}  // namespace irene::numerics
