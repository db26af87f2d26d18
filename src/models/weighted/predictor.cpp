#include "models/weighted/predictor.hpp"

#include <algorithm>
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

WeightedPredictor::Row& WeightedPredictor::row_of(std::span<const double> values) {
    const std::uint32_t number = rows_.add(values.data());
    if (number == known_.size()) {
        Row& row = known_.emplace_back();
        if (!has_weights(config_)) return row;
        std::array<double, kNumFeatures> scratch{};
        make_inputs(config_, model_.tree.scaler, values, scratch, inputs_);
        row.weight = child_weight(config_, linear_layer(model_.tree, inputs_.data())).weight;
    }
    return known_[number];
}

double WeightedPredictor::leaf_energy_of(const Tree& tree, std::size_t node, std::span<const double> values,
                                         Row& row, const std::string& source) {
    const bool is_known =
        row.regressor != nullptr && is_operation(tree.instance_type(node), row.regressor->operation);
    if (!is_known) {
        row.regressor = &regressor_of(tree, node, source);
        row.energy = leaf_energy(*row.regressor, values);
    }
    if (!is_known || !row.is_within)
        row.is_within =
            note_range(tree, node, features_, values, row.regressor->ranges, notices_, extrapolations_);
    return row.energy;
}

std::vector<double> WeightedPredictor::predict(const Tree& tree, const std::string& source,
                                               std::vector<NodeDistances>*) {
    const bool weighted = has_weights(config_);
    const bool unstructured = config_.training_strategy == TrainingStrategy::unstructured;
    std::vector<double> energies(tree.nodes().size(), 0.0);
    extrapolations_.clear();
    rows_.clear();
    known_.clear();
    notices_.num_nodes += tree.nodes().size();
    std::array<double, kNumFeatures> features{};
    const std::span<const double> values(features.data(), features_.size());
    // Children stand behind their parents: from the back, a node is complete when it is added to its parent.
    for (std::size_t node = tree.nodes().size(); node-- > 0;) {
        const bool leaf = tree.is_leaf(node);
        const bool needs_weight = weighted && (unstructured ? !leaf : node > 0);
        double weight = 1.0;
        if (leaf || needs_weight) {
            copy_features(tree, node, features_, source, features.data());
            Row& row = row_of(values);
            if (needs_weight) weight = row.weight;
            if (leaf) {
                energies[node] = leaf_energy_of(tree, node, values, row, source);
            } else {
                if (!row.is_within_tree)
                    row.is_within_tree = note_range(tree, node, features_, values, model_.tree.ranges,
                                                    notices_, extrapolations_);
                if (unstructured) energies[node] = weight;
            }
        }
        if (!std::isfinite(energies[node])) {
            throw Error(ErrorKind::data,
                        "the prediction is not a finite number; the features lie far outside training",
                        {.file = source, .line = tree.line(), .node = std::string(tree.scope(node))});
        }
        if (node > 0 && !unstructured)
            energies[static_cast<std::size_t>(tree.nodes()[node].parent)] += weight * energies[node];
    }
    std::reverse(extrapolations_.begin(), extrapolations_.end());
    return energies;
}

}  // namespace irene::models
