// What stands behind models, for tests that look into them.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "irene/model.hpp"

#include "models/additive/data.hpp"
#include "models/additive/fitted.hpp"
#include "models/additive/predictor.hpp"
#include "models/additive/trainer.hpp"
#include "models/kernels/fitted.hpp"
#include "models/weighted/fitted.hpp"

namespace irene::tests {

inline const models::WeightedModel& weighted(const Model& model) {
    return dynamic_cast<const models::FittedWeightedModel&>(model.fitted()).model();
}

inline const models::AdditiveModel& additive(const Model& model) {
    return dynamic_cast<const models::FittedAdditiveModel&>(model.fitted()).model();
}

inline const models::KernelModel& kernel_model(const Model& model) {
    return dynamic_cast<const models::FittedKernelModel&>(model.fitted()).model();
}

/// The model with something else learned.
inline Model with(const Model& model, models::WeightedModel learned) {
    return Model(std::make_shared<models::FittedWeightedModel>(model.fitted().origin(), std::move(learned)));
}
inline Model with(const Model& model, models::AdditiveModel learned) {
    return Model(std::make_shared<models::FittedAdditiveModel>(model.fitted().origin(), std::move(learned)));
}

inline models::AdditiveModel fit_additive(const Dataset& data, std::span<const std::size_t> trees,
                                          models::AdditiveLevel level) {
    const models::AdditiveData prepared(data, level);
    return models::AdditiveTrainer(prepared).fit(trees);
}

inline models::Intervals learn_intervals(const Dataset& data, std::span<const std::size_t> trees,
                                         models::AdditiveLevel level) {
    const models::AdditiveData prepared(data, level);
    models::AdditiveTrainer trainer(prepared);
    return trainer.learn_intervals(trees, trainer.fit(trees));
}

/// An additive model with its predictor.
class AdditivePredictor {
  public:
    explicit AdditivePredictor(models::AdditiveModel model) : model_(std::move(model)), predictor_(model_) {}

    std::vector<double> predict(const Tree& tree, const std::string& source) {
        return predictor_.predict(tree, source, nullptr);
    }
    const models::AdditiveModel& model() const { return model_; }
    const PredictionNotices& notices() const { return predictor_.notices(); }

  private:
    models::AdditiveModel model_;
    models::AdditivePredictor predictor_;
};

}  // namespace irene::tests
