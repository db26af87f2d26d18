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

    std::vector<double> predict(const Tree& tree, const std::string& source,
                                std::vector<NodeDistances>* distances) override;

  private:
    /// What equal features have in common: identical layers repeat each other's rows, nine in ten.
    struct Row {
        double weight = 1.0;  ///< of a child, or the energy of an unstructured parent
        /// Of the leaf that had the row last.
        const LeafRegressor* regressor = nullptr;
        double energy = 0.0;
        bool is_within = false;       ///< the ranges that training saw
        bool is_within_tree = false;  ///< those of the weights
    };

    const LeafRegressor& regressor_of(const Tree& tree, std::size_t node, const std::string& source) const;
    Row& row_of(std::span<const double> values);
    double leaf_energy_of(const Tree& tree, std::size_t node, std::span<const double> values, Row& row,
                          const std::string& source);

    const WeightedModel& model_;
    const Config& config_;
    const std::vector<Feature>& features_;
    DistinctRows rows_;       // of this tree
    std::vector<Row> known_;  // of each
    std::vector<float> inputs_;
};

}  // namespace irene::models
