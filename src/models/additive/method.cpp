// The additive strategy among the others: its settings, and what the interfaces ask of it.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "irene/error.hpp"

#include "base/files.hpp"
#include "base/tell.hpp"
#include "models/additive/calibrate.hpp"
#include "models/additive/data.hpp"
#include "models/additive/explain.hpp"
#include "models/additive/file.hpp"
#include "models/additive/fitted.hpp"
#include "models/additive/predictor.hpp"
#include "models/additive/trainer.hpp"

namespace irene::models {

std::unique_ptr<TreePredictor> FittedAdditiveModel::make_predictor() const {
    return std::make_unique<AdditivePredictor>(model_);
}

void FittedAdditiveModel::write(base::Json& json) const {
    // Members of the paper's strategies, which have nothing here.
    const base::Json none = base::Json::array();
    json["leaves"] = none;
    json["tree"] = {{"mean", none}, {"scale", none}, {"weights", none},
                    {"bias", 0.0F}, {"least", none}, {"greatest", none}};
    json["additive"] = to_json(model_);
}

std::string FittedAdditiveModel::explain() const { return models::explain(model_); }

base::Json FittedAdditiveModel::explain_json() const { return models::explain_json(model_); }

std::string FittedAdditiveModel::warning() const {
    if (model_.intervals.num_models >= 2) return {};
    return "holds one model_name; prediction intervals for others need at least two";
}

std::shared_ptr<const FittedModel> FittedAdditiveModel::calibrated(const Dataset& data,
                                                                   const std::optional<Device>& device,
                                                                   const Warn& warn) const {
    if (device) {
        throw Error(
            ErrorKind::usage,
            "a datasheet says nothing to a model of the paper's counts; only one of 'kernel_counts' has "
            "prices to compare it with",
            {.field = "device"});
    }
    const AdditiveData prepared(data, model_.level);
    if (const std::string words = to_words(prepared.counts); !words.empty())
        base::tell(warn, data.source + ": " + words);
    return std::make_shared<FittedAdditiveModel>(origin(), calibrate(model_, prepared));
}

namespace {

class PreparedAdditiveData : public Trainer {
  public:
    PreparedAdditiveData(const Dataset& data, const Config& config)
        : config_(config),
          counting_(data.trees.empty() ? Counting::paper : data.trees.front().counting()),
          data_(data, level_of(config)) {}

    std::shared_ptr<const FittedModel> fit(std::span<const std::size_t> trees,
                                           const FitOptions& options) const override {
        base::check(options.stop);
        AdditiveTrainer trainer(data_);
        AdditiveModel model = trainer.fit(trees);
        model.intervals = trainer.learn_intervals(trees, model);
        Origin origin{.config = config_,
                      .seed = 0,
                      .num_trees = model.num_trees,
                      .num_nodes = model.num_nodes,
                      .features = features_of(config_.feature_sets),
                      .counting = counting_};
        return std::make_shared<FittedAdditiveModel>(std::move(origin), std::move(model));
    }

    std::string warning() const override { return to_words(data_.counts); }

  private:
    const Config config_;
    const Counting counting_;
    const AdditiveData data_;
};

class AdditiveMethod : public Method {
  public:
    bool has_setting(std::string_view) const noexcept override { return false; }
    std::string_view reason_without_settings() const noexcept override { return ", which is a closed form"; }

    void check(const Config& config) const override {
        const auto& sets = config.feature_sets;
        if (std::find(sets.begin(), sets.end(), FeatureSet::model_specs) == sets.end()) {
            throw Error(ErrorKind::usage, "strategy 'additive' needs 'model_specs'",
                        {.field = "feature_sets"});
        }
    }

    bool needs_every_energy() const noexcept override { return false; }

    std::unique_ptr<Trainer> prepare(const Dataset& data, const Config& config) const override {
        return std::make_unique<PreparedAdditiveData>(data, config);
    }

    std::shared_ptr<const FittedModel> read(const base::JsonObject& json, Origin origin,
                                            const Place& place) const override {
        Place inside = place;
        inside.field = "additive";
        AdditiveModel model = read_additive_model(json.at("additive"), inside);
        if (model.level != level_of(origin.config)) {
            json.refuse("additive.level", "does not match the feature sets of config.json beside it");
        }
        return std::make_shared<FittedAdditiveModel>(std::move(origin), std::move(model));
    }
};

}  // namespace

const Method& additive_method() {
    static const AdditiveMethod method;
    return method;
}

}  // namespace irene::models
