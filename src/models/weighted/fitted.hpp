// The paper's weighted tree as a fitted model.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "models/fitted_model.hpp"
#include "models/weighted/model.hpp"

namespace irene::models {

class FittedWeightedModel : public FittedModel {
  public:
    FittedWeightedModel(Origin origin, WeightedModel model)
        : FittedModel(std::move(origin)), model_(std::move(model)) {}

    const WeightedModel& model() const noexcept { return model_; }

    std::unique_ptr<TreePredictor> make_predictor() const override;
    void write(base::Json& json) const override;
    std::string explain() const override;
    base::Json explain_json() const override;

  private:
    WeightedModel model_;
};

}  // namespace irene::models
