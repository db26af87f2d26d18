// The paper's tree model: a parent is the sum of its children's energies, each times a weight of its
// features.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "irene/config.hpp"
#include "irene/dataset.hpp"

#include "models/feature_rows.hpp"
#include "models/weighted/model.hpp"
#include "numerics/adam.hpp"
#include "numerics/initial_weights.hpp"

namespace irene::models {

/// The weight of a child and its derivative by z = w.x + b.
struct ChildWeight {
    double weight = 1.0;
    double slope = 0.0;
};

/// close_to_one: 1 + tanh(z) / tau; free: z (paper, equation 3). exact_one never gets here.
ChildWeight child_weight(const Config& config, double z) noexcept;

/// Number of inputs of the linear layer under a config with `num_features` features.
std::size_t num_inputs(const Config& config, std::size_t num_features) noexcept;

/// Standardises and expands a raw row as the config says. `scratch` and `out` have room for the row and for
/// num_inputs().
void make_inputs(const Config& config, const Scaler& scaler, std::span<const double> row,
                 std::span<double> scratch, std::span<float> out);

/// z = w.x + b
double linear_layer(const TreeWeights& layer, const float* inputs) noexcept;

/// What one optimiser step saw.
struct StepSummary {
    double loss = 0.0;          ///< summed over the tree's inner nodes
    double error = 0.0;         ///< summed absolute error, % of the measured energy
    std::size_t num_inner = 0;  ///< inner nodes
    double root_energy = 0.0;   ///< J, as predicted before the step
};

/// What steps need of the trees of a dataset; every fit reads it and none changes it.
struct StepTrees {
    /// Of a node, side by side: a step goes over them three times.
    struct StepNode {
        double measured = 0.0;  ///< J
        std::int32_t parent = -1;
        std::uint32_t local_row = 0;  ///< the root has none, or, unstructured, the leaves
        bool is_leaf = false;
    };
    std::vector<std::vector<std::uint32_t>> rows_of_tree;  ///< the distinct rows that its layer is applied to
    std::vector<StepNode> nodes;                           ///< over all trees
    std::size_t most_rows = 0, most_nodes = 0;             ///< of a tree

    StepTrees(const Dataset& data, const FeatureRows& features, const Config& config);
};

/// Trains the linear layer by gradient descent, one step a tree. Refers to its arguments, but for the config.
class WeightedTreeTrainer {
  public:
    WeightedTreeTrainer(const Dataset& data, const FeatureRows& features, const StepTrees& trees,
                        const Config& config);

    /// Sets the scaler and the inputs from all nodes of `trees`, and the initial weights in
    /// `layer`.
    void start(std::span<const std::size_t> trees, const numerics::LinearLayer& initial, TreeWeights& layer);

    /// One step of the optimiser on one tree. `leaf_energies`: predicted joules of leaves, by node over all
    /// trees.
    StepSummary step(std::size_t tree, std::span<const double> leaf_energies, TreeWeights& layer);

    /// Derivative of a tree's loss by the weights and, last, the bias.
    const std::vector<float>& gradient() const noexcept { return gradient_; }
    /// Inputs of a row (see FeatureRows), for tests.
    std::span<const float> inputs(std::uint32_t row) const { return {inputs_.get() + row * width_, width_}; }

    /// Computes loss and gradient of one tree without a step.
    StepSummary differentiate(std::size_t tree, std::span<const double> leaf_energies,
                              const TreeWeights& layer);

  private:
    const Dataset& data_;
    const FeatureRows& features_;
    const StepTrees& trees_;
    const Config config_;
    std::size_t width_ = 0;
    std::unique_ptr<float[]> inputs_;  // of each distinct row of the trees it was started with
    std::vector<std::uint32_t> counts_;
    std::vector<ChildWeight> weights_;    // of each local row
    std::vector<double> row_gradients_;   // of each local row, by z
    std::vector<double> energies_;        // of each node, J
    std::vector<double> node_gradients_;  // loss by the energy of each node
    std::vector<float> gradient_;
    std::vector<float> parameters_;  // weights and, last, the bias: what the optimiser moves
    numerics::Adam adam_;
};

}  // namespace irene::models
