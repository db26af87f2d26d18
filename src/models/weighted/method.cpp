// The paper's strategies among the others: their settings, and what the interfaces ask of them.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "irene/error.hpp"

#include "models/weighted/explain.hpp"
#include "models/weighted/file.hpp"
#include "models/weighted/fitted.hpp"
#include "models/weighted/predictor.hpp"
#include "models/weighted/trainer.hpp"

namespace irene::models {

std::unique_ptr<TreePredictor> FittedWeightedModel::make_predictor() const {
    return std::make_unique<WeightedPredictor>(model_, origin());
}

void FittedWeightedModel::write(base::Json& json) const { models::write(model_, json); }

std::string FittedWeightedModel::explain() const { return models::explain(model_, origin()); }

base::Json FittedWeightedModel::explain_json() const { return models::explain_json(model_, origin()); }

namespace {

class WeightedMethod : public Method {
  public:
    bool has_setting(std::string_view key) const noexcept override { return key != "device"; }

    Weighting usual_weighting(const Config& config) const noexcept override {
        switch (config.training_strategy) {
            case TrainingStrategy::unstructured:
                return Weighting::free;
            case TrainingStrategy::none:
                return Weighting::exact_one;
            default:
                return config.weighting_setting;
        }
    }

    void check(const Config& config) const override {
        if (std::count(config.feature_sets.begin(), config.feature_sets.end(), FeatureSet::kernel_counts) >
            0) {
            throw Error(ErrorKind::usage, "'kernel_counts' is for strategy 'additive' alone",
                        {.field = "feature_sets"});
        }
        if (config.training_strategy == TrainingStrategy::unstructured &&
            config.weighting_setting != Weighting::free) {
            throw Error(
                ErrorKind::usage,
                "strategy 'unstructured' computes a parent as w.x + b of its own features, which only 'free' "
                "allows; found '" +
                    std::string(name(config.weighting_setting)) + "'",
                {.field = "weighting_setting"});
        }
    }

    std::string warning(const Config& config) const override {
        if (config.training_strategy != TrainingStrategy::none ||
            config.weighting_setting == Weighting::exact_one) {
            return {};
        }
        return "strategy 'none' trains nothing and every child weighs 1; weighting '" +
               std::string(name(config.weighting_setting)) + "' has no effect";
    }

    std::unique_ptr<Trainer> prepare(const Dataset& data, const Config& config) const override {
        return std::make_unique<WeightedTrainer>(data, config);
    }

    std::shared_ptr<const FittedModel> read(const base::JsonObject& json, Origin origin,
                                            const Place& place) const override {
        WeightedModel model = read_weighted_model(json, origin.config, origin.features.size(), place);
        return std::make_shared<FittedWeightedModel>(std::move(origin), std::move(model));
    }
};

}  // namespace

const Method& weighted_method() {
    static const WeightedMethod method;
    return method;
}

}  // namespace irene::models
