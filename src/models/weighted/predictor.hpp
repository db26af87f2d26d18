// Predicting trees with the paper's strategies.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "irene/tree.hpp"

#include "models/feature_rows.hpp"
#include "models/fitted_model.hpp"
#include "models/weighted/model.hpp"

namespace irene::models {

/// Refers to the model.
class WeightedPredictor : public TreePredictor {
  public:
    WeightedPredictor(const WeightedModel& model, const Origin& origin);

    std::vector<double> predict(const Tree& tree, const std::string& source) override;

  private:
    const LeafRegressor& regressor_of(const Tree& tree, std::size_t node, const std::string& source) const;
    /// The weight of a child, or the energy of an unstructured parent, with the features of `row`.
    double weight_of(const double* row);

    const WeightedModel& model_;
    const Config& config_;
    const std::vector<Feature>& features_;
    DistinctRows rows_;            // of this tree
    std::vector<double> weights_;  // of each
    std::vector<float> inputs_;
};

}  // namespace irene::models
