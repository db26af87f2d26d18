#include "models/weighted/predictor.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "irene/error.hpp"

#include "models/weighted/feature_ranges.hpp"
#include "models/weighted/ml_level.hpp"
#include "models/weighted/tree.hpp"

namespace irene::models {

WeightedPredictor::WeightedPredictor(const WeightedModel& model, const Origin& origin)
    : model_(model),
      config_(origin.config),
      features_(origin.features),
      rows_(origin.features.size()),
      inputs_(num_inputs(origin.config, origin.features.size())) {}

const LeafRegressor& WeightedPredictor::regressor_of(const Tree& tree, std::size_t node,
                                                     const std::string& source) const {
    const std::string_view operation = tree.instance_type(node);
    for (const LeafRegressor& regressor : model_.leaves) {
        if (is_operation(operation, regressor.operation)) return regressor;
    }
    std::string known;
    for (const LeafRegressor& regressor : model_.leaves) {
        if (!known.empty()) known += ", ";
        known += in_quotes(regressor.operation);
    }
    throw Error(ErrorKind::data,
                "operation " + in_quotes(operation) + " was not seen in training; known: " + known,
                {.file = source,
                 .line = tree.line(),
                 .node = std::string(tree.scope(node)),
                 .field = "instance_type"});
}

double WeightedPredictor::weight_of(const double* row) {
    const std::uint32_t number = rows_.add(row);
    if (number == weights_.size()) {
        std::array<double, kNumFeatures> scratch{};
        make_inputs(config_, model_.tree.scaler, rows_[number], scratch, inputs_);
        weights_.push_back(child_weight(config_, linear_layer(model_.tree, inputs_.data())).weight);
    }
    return weights_[number];
}

std::vector<double> WeightedPredictor::predict(const Tree& tree, const std::string& source) {
    const bool weighted = has_weights(config_);
    const bool unstructured = config_.training_strategy == TrainingStrategy::unstructured;
    const std::size_t num_features = features_.size();
    std::vector<double> energies(tree.nodes().size(), 0.0);
    rows_.clear();
    weights_.clear();
    notices_.num_nodes += tree.nodes().size();
    std::array<double, kNumFeatures> row{};
    // Children stand behind their parents: from the back, a node is complete when it is added to its parent.
    for (std::size_t node = tree.nodes().size(); node-- > 0;) {
        const bool leaf = tree.is_leaf(node);
        const bool needs_weight = weighted && (unstructured ? !leaf : node > 0);
        if (leaf || needs_weight) copy_features(tree, node, features_, source, row.data());
        const std::span<const double> values(row.data(), num_features);
        if (leaf) {
            const LeafRegressor& regressor = regressor_of(tree, node, source);
            energies[node] = leaf_energy(regressor, values);
            note_range(tree, node, features_, values, regressor.ranges, notices_);
        } else {
            if (needs_weight) {
                note_range(tree, node, features_, values, model_.tree.ranges, notices_);
            }
            if (unstructured && weighted) energies[node] = weight_of(row.data());
        }
        if (!std::isfinite(energies[node])) {
            throw Error(ErrorKind::data,
                        "the prediction is not a finite number; the features lie far outside training",
                        {.file = source, .line = tree.line(), .node = std::string(tree.scope(node))});
        }
        if (node > 0 && !unstructured) {
            const double weight = needs_weight ? weight_of(row.data()) : 1.0;
            energies[static_cast<std::size_t>(tree.nodes()[node].parent)] += weight * energies[node];
        }
    }
    return energies;
}

}  // namespace irene::models
