// What training and cross-validation share: a dataset prepared once, and models fitted to any of its trees.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "irene/config.hpp"
#include "irene/dataset.hpp"
#include "irene/model.hpp"
#include "irene/tasks.hpp"

#include "models/additive/tree.hpp"
#include "models/weighted/feature_rows.hpp"
#include "models/weighted/ml_level.hpp"
#include "models/weighted/tree.hpp"
#include "numerics/initial_weights.hpp"

namespace irene::tasks {

/// Throws Error (data) naming the first node that has no measured energy above 0.
void require_measured_energies(const Dataset& data);

/// The parts of a dataset that every fit reads and none changes; shared by threads.
struct TrainingData {
    const Dataset& data;
    const Config& config;
    models::FeatureRows features;
    models::LeafGroups leaves;

    /// Throws Error: usage for an invalid config; data where a node lacks a feature or a measured energy
    /// above 0.
    TrainingData(const Dataset& dataset, const Config& settings);

    /// Number of inputs of the linear layer; 0 where nothing is trained.
    std::size_t num_inputs() const;
};

/// Fits model after model in the same memory; for one thread.
class ModelTrainer {
  public:
    explicit ModelTrainer(const TrainingData& training);

    /// Fits to `trees` (numbers in the dataset), in their order. The result is valid until the next fit;
    /// operations that none of the trees has are in it with num_nodes 0.
    const Model& fit(std::span<const std::size_t> trees, const numerics::LinearLayer& initial,
                     const std::function<void(const EpochSummary&)>& on_epoch, StopFlag stop);

  private:
    const TrainingData& training_;
    models::MlLevelTrainer ml_level_;
    std::optional<models::WeightedTreeTrainer> tree_;
    std::vector<double> group_energies_;
    std::vector<double> leaf_energies_;  // by node over all trees
    Model model_;
};

/// Tells where dense products of the data have counts that contradict each other.
void tell_contradictions(const models::AdditiveData& data, const Warn& warn);

/// Fits strategy `additive` to `trees`, with its prediction intervals. Nothing is drawn and nothing iterates.
Model fit_additive_model(const models::AdditiveData& data, const Config& config,
                         std::span<const std::size_t> trees);

}  // namespace irene::tasks
