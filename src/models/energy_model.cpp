#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "irene/error.hpp"
#include "irene/model.hpp"

#include "models/additive/tree.hpp"
#include "models/weighted/feature_ranges.hpp"
#include "models/weighted/feature_rows.hpp"
#include "models/weighted/ml_level.hpp"
#include "models/weighted/tree.hpp"

namespace irene {

struct Predictor::State {
    Model model;
    std::vector<Feature> features;
    // Memory of a call, used again by the next.
    std::vector<double> energies;
    models::DistinctRows rows;
    std::vector<double> weights;  // of each distinct row
    std::vector<float> inputs;
    std::optional<models::AdditivePredictor> additive;
    PredictionNotices notices;  // of the paper's strategies

    explicit State(const Model& trained)
        : model(trained), features(features_of(trained.config.feature_sets)), rows(features.size()) {
        if (model.additive) additive.emplace(*model.additive);
        inputs.resize(models::num_inputs(model.config, features.size()));
    }

    const LeafRegressor& regressor_of(const Tree& tree, std::size_t node, const std::string& source) const {
        const std::string_view operation = tree.instance_type(node);
        for (const LeafRegressor& regressor : model.leaves) {
            if (models::is_operation(operation, regressor.operation)) return regressor;
        }
        std::string known;
        for (const LeafRegressor& regressor : model.leaves) {
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

    double weight_of(const double* row) {
        const std::uint32_t number = rows.add(row);
        if (number == weights.size()) {
            std::array<double, kNumFeatures> scratch{};
            models::make_inputs(model.config, model.tree.scaler, rows[number], scratch, inputs);
            weights.push_back(
                models::child_weight(model.config, models::linear_layer(model.tree, inputs.data())).weight);
        }
        return weights[number];
    }
};

Predictor::Predictor(const Model& model) : state_(std::make_unique<State>(model)) {}
Predictor::Predictor(const Predictor& other) : state_(std::make_unique<State>(other.state_->model)) {}
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor::~Predictor() = default;

const PredictionNotices& Predictor::notices() const {
    return state_->additive ? state_->additive->notices() : state_->notices;
}

const std::vector<double>& Predictor::predict(const Tree& tree, const std::string& source) {
    State& state = *state_;
    if (state.additive) return state.additive->predict(tree, source);
    const Config& config = state.model.config;
    const bool weighted = config.has_weights();
    const bool unstructured = config.training_strategy == TrainingStrategy::unstructured;
    const std::size_t num_features = state.features.size();
    std::vector<double>& energies = state.energies;
    energies.assign(tree.nodes().size(), 0.0);
    state.rows.clear();
    state.weights.clear();
    state.notices.num_nodes += tree.nodes().size();
    std::array<double, kNumFeatures> row{};
    // Children stand behind their parents: from the back, a node is complete when it is added to its parent.
    for (std::size_t node = tree.nodes().size(); node-- > 0;) {
        const bool leaf = tree.is_leaf(node);
        const bool needs_weight = weighted && (unstructured ? !leaf : node > 0);
        if (leaf || needs_weight) models::copy_features(tree, node, state.features, source, row.data());
        const std::span<const double> values(row.data(), num_features);
        if (leaf) {
            const LeafRegressor& regressor = state.regressor_of(tree, node, source);
            energies[node] = models::leaf_energy(regressor, values);
            models::note_range(tree, node, state.features, values, regressor.ranges, state.notices);
        } else {
            if (needs_weight) {
                models::note_range(tree, node, state.features, values, state.model.tree.ranges,
                                   state.notices);
            }
            if (unstructured && weighted) energies[node] = state.weight_of(row.data());
        }
        if (!std::isfinite(energies[node])) {
            throw Error(ErrorKind::data,
                        "the prediction is not a finite number; the features lie far outside training",
                        {.file = source, .line = tree.line(), .node = std::string(tree.scope(node))});
        }
        if (node > 0 && !unstructured) {
            const double weight = needs_weight ? state.weight_of(row.data()) : 1.0;
            energies[static_cast<std::size_t>(tree.nodes()[node].parent)] += weight * energies[node];
        }
    }
    return energies;
}

}  // namespace irene
