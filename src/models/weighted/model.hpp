// What the paper's strategies learn: a regressor for each kind of ML operation, and the weights of children
// (ACL 2021, section 3).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "irene/config.hpp"
#include "irene/features.hpp"

#include "models/weighted/feature_ranges.hpp"

namespace irene::models {

/// x -> (x - mean) / scale, feature by feature.
struct Scaler {
    std::vector<double> mean;
    std::vector<double> scale;
};

/// Energy of one kind of ML operation: intercept + coefficients . scaler(x), in joules (paper, equation 1).
struct LeafRegressor {
    std::string operation;  ///< lower-cased instance_type, e.g. "linear"
    Scaler scaler;
    std::vector<double> coefficients;  ///< J per standard deviation of each feature
    double intercept = 0.0;            ///< J
    std::size_t num_nodes = 0;         ///< leaves it was fitted on
    std::vector<FeatureRange> ranges;  ///< of each feature over them; empty in models of before 1.2
};

/// w and b of the weights of children, over their standardised and expanded features (paper, equations 2 and
/// 3).
struct TreeWeights {
    Scaler scaler;               ///< over all nodes of the training trees; empty without standardisation
    std::vector<float> weights;  ///< in scikit-learn's order of monomials; empty when nothing was trained
    float bias = 0.0F;
    std::vector<FeatureRange> ranges;  ///< over all nodes of the training trees; empty likewise
};

struct WeightedModel {
    std::vector<LeafRegressor> leaves;  ///< sorted by operation
    TreeWeights tree;
};

/// Whether training has weights to fit; otherwise every child weighs exactly 1.
inline bool has_weights(const Config& config) noexcept {
    return config.training_strategy != TrainingStrategy::none &&
           config.weighting_setting != Weighting::exact_one;
}

}  // namespace irene::models
