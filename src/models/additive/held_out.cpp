// Prediction intervals of the additive tree: each model of the training trees is held out in turn.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>

#include "models/additive/trainer.hpp"
#include "numerics/logarithm.hpp"

namespace irene::models {

namespace {

/// An error by this factor (e^20) stands for all greater ones, also for a prediction of 0 J.
constexpr double kGreatestResidual = 20.0;
/// A single model's trees are held out in so many parts.
constexpr std::size_t kPartsOfOneModel = 5;

}  // namespace

Intervals AdditiveTrainer::conformal_widths(std::span<const std::size_t> trees) {
    // Parts to hold out, in order of first appearance.
    std::vector<std::vector<std::size_t>> parts;
    std::map<std::string_view, std::size_t> part_of_model;
    for (const std::size_t tree : trees) {
        const auto [entry, is_new] = part_of_model.emplace(data_.data.trees[tree].model_name(), parts.size());
        if (is_new) parts.emplace_back();
        parts[entry->second].push_back(tree);
    }
    Intervals intervals;
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
            const std::vector<double> energies = predict(prices, tree);
            const std::span<const Measurement> measurements = data_.measurements_of(tree);
            const std::size_t first = data_.first_measurement[tree];
            predicted.resize(measurements.size());
            // From the back, so that the first node of a measurement stands for it.
            for (std::size_t node = energies.size(); node-- > 0;) {
                predicted[data_.of_node[data_.first_node[tree] + node] - first] = energies[node];
            }
            for (std::size_t i = 0; i < measurements.size(); ++i) {
                const Measurement& truth = measurements[i];
                if (is_absent(truth.energy)) continue;
                const double ratio = predicted[i] / truth.energy;
                const double residual = std::fabs(numerics::logarithm(ratio));
                residuals[static_cast<std::size_t>(truth.terms.type)].emplace_back(
                    residual < kGreatestResidual ? residual : kGreatestResidual, truth.weight());
            }
        }
    }
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
        intervals.num_measurements[type] = residuals[type].size();
        intervals.half_widths[type] = half_widths(residuals[type]);
    }
    return intervals;
}

}  // namespace irene::models
