#include "models/intervals.hpp"

#include <algorithm>

namespace irene::models {

namespace {

/// Probabilities between 0 and 1 in steps of 1 %; two more follow.
constexpr std::size_t kNumPercents = 99;
/// Cumulated weights are compared up to rounding.
constexpr double kRounding = 1e-12;

}  // namespace

double interval_probability(std::size_t index) noexcept {
    if (index < kNumPercents) return static_cast<double>(index + 1) / 100.0;
    return index == kNumPercents ? 0.995 : 1.0;
}

std::optional<double> half_width(const Intervals& intervals, NodeType type, double probability) noexcept {
    const std::vector<double>& widths = intervals.half_widths[static_cast<std::size_t>(type)];
    for (std::size_t i = 0; i < widths.size(); ++i) {
        if (probability <= interval_probability(i)) return widths[i];
    }
    return std::nullopt;
}

double greatest_probability(const Intervals& intervals) noexcept {
    double greatest = 1.0;
    for (const std::size_t number : intervals.num_measurements) {
        const auto n = static_cast<double>(number);
        if (number > 0) greatest = std::min(greatest, n / (n + 1.0));
    }
    return intervals.num_models == 0 ? 0.0 : greatest;
}

std::vector<double> half_widths(std::vector<Residual>& residuals) {
    std::sort(residuals.begin(), residuals.end());
    const auto n = static_cast<double>(residuals.size());
    std::vector<double> cumulated;
    double sum = 0.0;
    for (const auto& [residual, weight] : residuals) {
        sum += weight;
        cumulated.push_back(sum);
    }
    std::vector<double> widths;
    for (std::size_t i = 0; i < kNumIntervalProbabilities && !residuals.empty(); ++i) {
        const double share = std::min(1.0, interval_probability(i) * (n + 1.0) / n);
        const auto found =
            std::lower_bound(cumulated.begin(), cumulated.end(), share * sum * (1.0 - kRounding));
        const auto index = static_cast<std::size_t>(found - cumulated.begin());
        widths.push_back(residuals[std::min(index, residuals.size() - 1)].first);
    }
    return widths;
}

}  // namespace irene::models
