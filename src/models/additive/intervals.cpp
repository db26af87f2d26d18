// Prediction intervals of the additive tree: grouped split conformal prediction.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "models/additive/tree.hpp"
#include "numerics/logarithm.hpp"

namespace irene {

namespace {

/// Probabilities between 0 and 1 in steps of 1 %; two more follow.
constexpr std::size_t kNumPercents = 99;

}  // namespace

double interval_probability(std::size_t index) noexcept {
    if (index < kNumPercents) return static_cast<double>(index + 1) / 100.0;
    return index == kNumPercents ? 0.995 : 1.0;
}

std::optional<double> half_width(const AdditiveIntervals& intervals, NodeType type,
                                 double probability) noexcept {
    const std::vector<double>& widths = intervals.half_widths[static_cast<std::size_t>(type)];
    for (std::size_t i = 0; i < widths.size(); ++i) {
        if (probability <= interval_probability(i)) return widths[i];
    }
    return std::nullopt;
}

double greatest_probability(const AdditiveIntervals& intervals) noexcept {
    double greatest = 1.0;
    for (const std::size_t number : intervals.num_measurements) {
        const auto n = static_cast<double>(number);
        if (number > 0) greatest = std::min(greatest, n / (n + 1.0));
    }
    return intervals.num_models == 0 ? 0.0 : greatest;
}

namespace models {

namespace {

/// An error by this factor (e^20) stands for all greater ones, also for a prediction of 0 J.
constexpr double kGreatestResidual = 20.0;
/// A single model's trees are held out in so many parts.
constexpr std::size_t kPartsOfOneModel = 5;
/// Cumulated weights are compared up to rounding.
constexpr double kRounding = 1e-12;

/// |ln(predicted / measured)| and its weight.
using Residual = std::pair<double, double>;

std::vector<double> quantiles(std::vector<Residual>& residuals) {
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

}  // namespace

AdditiveIntervals AdditiveTrainer::conformal_widths(std::span<const std::size_t> trees) {
    // Parts to hold out, in order of first appearance.
    std::vector<std::vector<std::size_t>> parts;
    std::map<std::string_view, std::size_t> part_of_model;
    for (const std::size_t tree : trees) {
        const auto [entry, is_new] = part_of_model.emplace(data_.data.trees[tree].model_name(), parts.size());
        if (is_new) parts.emplace_back();
        parts[entry->second].push_back(tree);
    }
    AdditiveIntervals intervals;
    intervals.num_models = parts.size();
    if (parts.size() == 1) {
        parts.assign(std::min(kPartsOfOneModel, trees.size()), {});
        for (std::size_t i = 0; i < trees.size(); ++i) parts[i % parts.size()].push_back(trees[i]);
    }
    if (parts.size() < 2) {
        intervals.num_models = 0;
        return intervals;
    }

    std::array<std::vector<Residual>, kNumNodeTypes> residuals;
    std::vector<double> predicted;  // of each measurement of a tree
    std::vector<std::size_t> others;
    for (const std::vector<std::size_t>& held_out : parts) {
        others.clear();
        for (const std::vector<std::size_t>& part : parts) {
            if (&part != &held_out) others.insert(others.end(), part.begin(), part.end());
        }
        // In the order of the dataset, as a user who left the part out would train.
        std::sort(others.begin(), others.end());
        const AdditiveModel model = fit_coefficients(others, false);
        AdditivePrices prices(model);
        for (const std::size_t tree : held_out) {
            const std::vector<double>& energies = predict(prices, tree);
            const std::span<const Measurement> measurements = data_.measurements_of(tree);
            const std::size_t first = data_.first_measurement[tree];
            predicted.resize(measurements.size());
            // From the back, so that the first node of a measurement stands for it.
            for (std::size_t node = energies.size(); node-- > 0;) {
                predicted[data_.of_node[data_.first_node[tree] + node] - first] = energies[node];
            }
            for (std::size_t i = 0; i < measurements.size(); ++i) {
                const Measurement& truth = measurements[i];
                const double ratio = predicted[i] / truth.energy;
                const double residual = std::fabs(numerics::logarithm(ratio));
                residuals[static_cast<std::size_t>(truth.terms.type)].emplace_back(
                    residual < kGreatestResidual ? residual : kGreatestResidual, truth.weight());
            }
        }
    }
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
        intervals.num_measurements[type] = residuals[type].size();
        intervals.half_widths[type] = quantiles(residuals[type]);
    }
    return intervals;
}

}  // namespace models

}  // namespace irene
