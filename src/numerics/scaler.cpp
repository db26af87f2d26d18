#include "numerics/scaler.hpp"

#include <cmath>
#include <limits>

namespace irene::numerics {

void standardize(std::span<const double> rows, std::span<const std::uint32_t> counts,
                 std::vector<double>& mean, std::vector<double>& scale, std::size_t num_features) {
    mean.assign(num_features, 0.0);
    scale.assign(num_features, 0.0);
    double total = 0.0;
    for (std::size_t row = 0; row < counts.size(); ++row) {
        const double count = counts[row];
        total += count;
        if (count == 0.0) continue;
        for (std::size_t f = 0; f < num_features; ++f) mean[f] += count * rows[row * num_features + f];
    }
    for (double& value : mean) value /= total;
    for (std::size_t row = 0; row < counts.size(); ++row) {
        const double count = counts[row];
        if (count == 0.0) continue;
        for (std::size_t f = 0; f < num_features; ++f) {
            const double distance = rows[row * num_features + f] - mean[f];
            scale[f] += count * (distance * distance);
        }
    }
    constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
    for (std::size_t f = 0; f < num_features; ++f) {
        const double variance = scale[f] / total;
        const double rounding = total * mean[f] * kEpsilon;
        const bool constant = variance <= total * kEpsilon * variance + rounding * rounding;
        scale[f] = constant ? 1.0 : std::sqrt(variance);
    }
}

}  // namespace irene::numerics
