#include "models/weighted/tree.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/weighted/feature_ranges.hpp"
#include "numerics/elementary.hpp"
#include "numerics/kernels.hpp"
#include "numerics/polynomial.hpp"
#include "numerics/scaler.hpp"

namespace irene::models {

ChildWeight child_weight(const Config& config, double z) noexcept {
    if (config.weighting_setting == Weighting::free) return {z, 1.0};
    // In single precision, as in the reference: where tanh has saturated its slope is then exactly 0. Adam
    // rescales gradients, so that the tiny slope of a wider type would steer training as much as a large one.
    const auto t = static_cast<float>(numerics::tanh(z));
    return {1.0 + t / config.tanh_scalar, (1.0F - t * t) / config.tanh_scalar};
}

std::size_t num_inputs(const Config& config, std::size_t num_features) noexcept {
    return config.polynomial_features ? numerics::num_monomials(num_features) : num_features;
}

void make_inputs(const Config& config, const Scaler& scaler, std::span<const double> row,
                 std::span<double> scratch, std::span<float> out) {
    for (std::size_t f = 0; f < row.size(); ++f) {
        scratch[f] = config.standardize_features ? (row[f] - scaler.mean[f]) / scaler.scale[f] : row[f];
    }
    const std::span<const double> scaled = scratch.first(row.size());
    if (config.polynomial_features) {
        static_assert(kNumFeatures <= numerics::kMaxVariables);
        numerics::expand_cubic(scaled, out);
    } else {
        std::transform(scaled.begin(), scaled.end(), out.begin(),
                       [](double x) { return static_cast<float>(x); });
    }
}

double linear_layer(const TreeWeights& layer, const float* inputs) noexcept {
    return numerics::kernels().dot(layer.weights.data(), inputs, layer.weights.size()) + layer.bias;
}

StepTrees::StepTrees(const Dataset& data, const FeatureRows& features, const Config& config)
    : nodes(features.row_of_node.size()) {
    const bool unstructured = config.training_strategy == TrainingStrategy::unstructured;
    constexpr std::uint32_t kUnused = 0xFFFFFFFF;
    std::vector<std::uint32_t> local_of_row(features.rows.size(), kUnused);
    for (std::size_t t = 0; t < data.trees.size(); ++t) {
        const Tree& tree = data.trees[t];
        std::vector<std::uint32_t>& rows = rows_of_tree.emplace_back();
        for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
            const std::size_t number = features.first_node[t] + node;
            nodes[number].measured = tree.nodes()[node].measured_energy;
            nodes[number].parent = tree.nodes()[node].parent;
            nodes[number].is_leaf = tree.is_leaf(node);
            if (unstructured ? tree.is_leaf(node) : node == 0) continue;
            std::uint32_t& local = local_of_row[features.row_of_node[number]];
            if (local == kUnused) {
                local = static_cast<std::uint32_t>(rows.size());
                rows.push_back(features.row_of_node[number]);
            }
            nodes[number].local_row = local;
        }
        for (const std::uint32_t row : rows) local_of_row[row] = kUnused;
        most_rows = std::max(most_rows, rows.size());
        most_nodes = std::max(most_nodes, tree.nodes().size());
    }
}

WeightedTreeTrainer::WeightedTreeTrainer(const Dataset& data, const FeatureRows& features,
                                         const StepTrees& trees, const Config& config)
    : data_(data),
      features_(features),
      trees_(trees),
      config_(config),
      width_(num_inputs(config, features.rows.width())),
      inputs_(std::make_unique_for_overwrite<float[]>(features.rows.size() * width_)),
      counts_(features.rows.size()),
      weights_(trees.most_rows),
      row_gradients_(trees.most_rows),
      energies_(trees.most_nodes),
      node_gradients_(trees.most_nodes),
      gradient_(width_ + 1),
      parameters_(width_ + 1),
      adam_({.learning_rate = config.learning_rate}) {}

void WeightedTreeTrainer::start(std::span<const std::size_t> trees, const numerics::LinearLayer& initial,
                                TreeWeights& layer) {
    const std::size_t num_features = features_.rows.width();
    std::fill(counts_.begin(), counts_.end(), 0);
    for (const std::size_t tree : trees) {
        for (const std::uint32_t row : features_.of_tree(tree, data_.trees[tree].nodes().size()))
            ++counts_[row];
    }
    if (config_.standardize_features) {
        numerics::standardize(features_.rows.values(), counts_, layer.scaler.mean, layer.scaler.scale,
                              num_features);
    } else {
        layer.scaler = {};
    }
    layer.ranges = ranges_of(features_.rows.values(), counts_, num_features);
    std::array<double, kNumFeatures> scratch{};
    for (std::size_t row = 0; row < features_.rows.size(); ++row) {
        if (counts_[row] == 0) continue;  // of trees left out
        make_inputs(config_, layer.scaler, features_.rows[row], scratch,
                    std::span(inputs_.get() + row * width_, width_));
    }
    layer.weights = initial.weights;
    layer.bias = initial.bias;
    adam_.reset(width_ + 1);
}

StepSummary WeightedTreeTrainer::differentiate(std::size_t t, std::span<const double> leaf_energies,
                                               const TreeWeights& layer) {
    const std::size_t first = features_.first_node[t];
    const std::span<const StepTrees::StepNode> nodes =
        std::span(trees_.nodes).subspan(first, data_.trees[t].nodes().size());
    const std::vector<std::uint32_t>& rows = trees_.rows_of_tree[t];
    const bool unstructured = config_.training_strategy == TrainingStrategy::unstructured;
    const bool stepwise = config_.training_strategy == TrainingStrategy::stepwise;

    for (std::size_t local = 0; local < rows.size(); ++local) {
        weights_[local] = child_weight(config_, linear_layer(layer, inputs_.get() + rows[local] * width_));
        row_gradients_[local] = 0.0;
    }

    // Up the tree: the energy of every node.
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        energies_[node] = nodes[node].is_leaf ? leaf_energies[first + node] : 0.0;
    }
    if (unstructured) {
        for (std::size_t node = 0; node < nodes.size(); ++node) {
            if (!nodes[node].is_leaf) energies_[node] = weights_[nodes[node].local_row].weight;
        }
    } else {
        for (std::size_t node = nodes.size() - 1; node > 0; --node) {
            const double energy = stepwise ? nodes[node].measured : energies_[node];
            energies_[static_cast<std::size_t>(nodes[node].parent)] +=
                weights_[nodes[node].local_row].weight * energy;
        }
    }

    // Down the tree: the derivative of the loss by every inner node's energy, and by every row's z.
    StepSummary summary;
    summary.root_energy = energies_[0];
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        double by_energy = 0.0;
        if (!nodes[node].is_leaf) {
            const double measured = nodes[node].measured;
            const double difference = energies_[node] - measured;
            const double scale = config_.normalize_loss_scale ? 1.0 / (measured * measured) : 1.0;
            summary.loss += difference * difference * scale;
            summary.error += 100.0 * std::fabs(difference) / measured;
            ++summary.num_inner;
            by_energy = 2.0 * difference * scale;
        }
        if (unstructured) {
            if (!nodes[node].is_leaf) row_gradients_[nodes[node].local_row] += by_energy;
            continue;
        }
        if (node > 0) {
            const ChildWeight& weight = weights_[nodes[node].local_row];
            const double by_parent = node_gradients_[static_cast<std::size_t>(nodes[node].parent)];
            const double energy = stepwise ? nodes[node].measured : energies_[node];
            row_gradients_[nodes[node].local_row] += by_parent * energy * weight.slope;
            if (!stepwise) by_energy += by_parent * weight.weight;
        }
        node_gradients_[node] = by_energy;
    }

    std::fill(gradient_.begin(), gradient_.end(), 0.0F);
    double by_bias = 0.0;
    for (std::size_t local = 0; local < rows.size(); ++local) {
        numerics::kernels().add_scaled(static_cast<float>(row_gradients_[local]),
                                       inputs_.get() + rows[local] * width_, gradient_.data(), width_);
        by_bias += row_gradients_[local];
    }
    gradient_[width_] = static_cast<float>(by_bias);
    return summary;
}

StepSummary WeightedTreeTrainer::step(std::size_t tree, std::span<const double> leaf_energies,
                                      TreeWeights& layer) {
    const StepSummary summary = differentiate(tree, leaf_energies, layer);
    std::copy(layer.weights.begin(), layer.weights.end(), parameters_.begin());
    parameters_[width_] = layer.bias;
    adam_.step(gradient_, parameters_);
    std::copy_n(parameters_.begin(), width_, layer.weights.begin());
    layer.bias = parameters_[width_];
    return summary;
}

}  // namespace irene::models
