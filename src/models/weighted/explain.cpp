#include "models/weighted/explain.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "irene/error.hpp"

#include "models/words.hpp"

namespace irene::models {

/// Weighted trees: a coefficient is told per standard deviation of its feature, the largest first.
std::string explain(const WeightedModel& model, const Origin& origin) {
    const std::vector<Feature>& features = origin.features;
    std::string text = "ML operations: mean energy, and what one standard deviation of a feature adds\n";
    for (const LeafRegressor& regressor : model.leaves) {
        text += "  " + printable(regressor.operation) + " (" + count(regressor.num_nodes, "node") +
                ")\n      " + format(regressor.intercept) + " J";
        std::vector<std::size_t> order(features.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::stable_sort(order.begin(), order.end(), [&regressor](std::size_t a, std::size_t b) {
            return std::fabs(regressor.coefficients[a]) > std::fabs(regressor.coefficients[b]);
        });
        constexpr std::size_t kShown = 4;
        for (std::size_t i = 0; i < std::min(kShown, order.size()); ++i) {
            const double coefficient = regressor.coefficients[order[i]];
            text += std::string(coefficient < 0.0 ? " - " : " + ") + format(std::fabs(coefficient)) +
                    " J x " + std::string(name(features[order[i]]));
        }
        text += " ...\n";
    }
    text += "\nModules: ";
    if (!has_weights(origin.config)) {
        text += "the sum of their children.\n";
    } else if (origin.config.training_strategy == TrainingStrategy::unstructured) {
        text += "w.x + b of their own features, with " + count(model.tree.weights.size(), "weight") + ".\n";
    } else if (origin.config.weighting_setting == Weighting::free) {
        text += "the sum of their children, each times w.x + b, with " +
                count(model.tree.weights.size(), "weight") + ".\n";
    } else {
        text += "the sum of their children, each times 1 + tanh(w.x + b) / " +
                format(origin.config.tanh_scalar) + ", with " + count(model.tree.weights.size(), "weight") +
                ".\n";
    }
    return text;
}

base::Json explain_json(const WeightedModel& model, const Origin& origin) {
    const std::vector<Feature>& features = origin.features;
    base::Json json;
    for (const LeafRegressor& regressor : model.leaves) {
        base::Json& entry = json["operations"][regressor.operation];
        entry["num_nodes"] = regressor.num_nodes;
        entry["mean_joules"] = regressor.intercept;
        for (std::size_t i = 0; i < features.size(); ++i) {
            entry["joules_per_deviation"][std::string(name(features[i]))] = regressor.coefficients[i];
        }
    }
    json["num_weights"] = model.tree.weights.size();
    return json;
}

}  // namespace irene::models
