// Predicting trees with the additive tree.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "irene/notices.hpp"
#include "irene/tree.hpp"

#include "models/additive/distances.hpp"
#include "models/additive/features.hpp"
#include "models/additive/model.hpp"
#include "models/additive/prices.hpp"
#include "models/fitted_model.hpp"

namespace irene::models {

/// What all calibrations of a model left open.
KindCovariance carried_by(const AdditiveModel& model) noexcept;

/// Refers to the model.
class AdditivePredictor : public TreePredictor {
  public:
    explicit AdditivePredictor(const AdditiveModel& model) : model_(model), carried_(carried_by(model)) {
        prices_.emplace(model);
        meter_.emplace(model.intervals.support, carried_);
    }
    explicit AdditivePredictor(AdditiveModel&&) = delete;

    /// No joules are negative.
    std::vector<double> predict(const Tree& tree, const std::string& source,
                                std::vector<NodeDistances>* distances) override;

  private:
    /// Enters into `found` which quantities of a node lie outside `range`.
    void note_range(const Tree& tree, std::size_t node, const TrainingRange& range, Extrapolation& found);

    const AdditiveModel& model_;
    InstanceTypes types_;
    std::optional<AdditivePrices> prices_;
    TreeTerms terms_;
    std::vector<char> is_unseen_;  // operation or class, of each node
    KindCovariance carried_;
    std::optional<DistanceMeter> meter_;
};

}  // namespace irene::models
