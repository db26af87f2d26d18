// The additive tree as a fitted model.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "models/additive/model.hpp"
#include "models/fitted_model.hpp"

namespace irene::models {

class FittedAdditiveModel : public FittedModel {
  public:
    FittedAdditiveModel(Origin origin, AdditiveModel model)
        : FittedModel(std::move(origin)), model_(std::move(model)) {}

    const AdditiveModel& model() const noexcept { return model_; }

    std::unique_ptr<TreePredictor> make_predictor() const override;
    const Intervals* intervals() const noexcept override { return &model_.intervals; }
    bool lacks_distances() const noexcept override { return model_.has_old_intervals; }
    void write(base::Json& json) const override;
    std::string explain() const override;
    base::Json explain_json() const override;
    std::string warning() const override;
    std::shared_ptr<const FittedModel> calibrated(const Dataset& data, const std::optional<Device>& device,
                                                  const Warn& warn) const override;

  private:
    AdditiveModel model_;
};

}  // namespace irene::models
