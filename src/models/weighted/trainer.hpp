// Training of the paper's strategies: the ML level in closed form, then the weights of children epoch by
// epoch.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "irene/config.hpp"
#include "irene/dataset.hpp"

#include "models/feature_rows.hpp"
#include "models/fitted_model.hpp"
#include "models/weighted/ml_level.hpp"
#include "models/weighted/tree.hpp"

namespace irene::models {

class WeightedTrainer : public Trainer {
  public:
    /// Refers to the dataset. Throws Error (data) where a node lacks a feature of the config.
    WeightedTrainer(const Dataset& data, const Config& config);

    std::shared_ptr<const FittedModel> fit(std::span<const std::size_t> trees,
                                           const FitOptions& options) const override;
    numerics::LinearLayer draw(numerics::InitialWeights& weights) const override;

  private:
    /// Predicted joules of leaves, by node over all trees; 0 for those of operations that were not fitted,
    /// and for inner nodes.
    std::vector<double> leaf_energies(const std::vector<LeafRegressor>& regressors) const;
    void fit_tree(std::span<const std::size_t> trees, const FitOptions& options, WeightedModel& model) const;

    const Dataset& data_;
    const Config config_;
    std::vector<Feature> used_;
    FeatureRows features_;
    LeafGroups leaves_;
    std::optional<StepTrees> steps_;  // where there are weights to fit
};

}  // namespace irene::models
