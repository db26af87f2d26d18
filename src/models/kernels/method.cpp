// The law of three prices among the methods: which configs ask for it, its training and its file.
#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "irene/error.hpp"

#include "base/files.hpp"
#include "models/intervals_file.hpp"
#include "models/kernels/datasheet.hpp"
#include "models/kernels/fitted.hpp"
#include "models/words.hpp"

namespace irene::models {

namespace {

/// In their order, with units.
base::Json prices_to_json(const KernelPrices& prices) {
    base::Json json;
    for (std::size_t k = 0; k < kNumKernelPrices; ++k)
        json[std::string(row(static_cast<KernelPrice>(k)).name)] = prices[k];
    return json;
}

std::string price_list(const KernelModel& model) {
    std::string text = "Prices\n";
    for (std::size_t k = 0; k < kNumKernelPrices; ++k) {
        if (!is_told(model, static_cast<KernelPrice>(k))) continue;
        const KernelPriceRow& price = row(static_cast<KernelPrice>(k));
        text += "  " + std::string(price.meaning) + ": " + format(model.prices[k] * price.per_unit) + " " +
                std::string(price.unit) + "\n";
    }
    return text;
}

}  // namespace

void FittedKernelModel::write(base::Json& json) const {
    base::Json& kernels = json["kernels"];
    kernels["prices"] = prices_to_json(model_.prices);
    kernels["has_seconds"] = model_.has_seconds;
    kernels["saw_float32"] = model_.saw_float32;
    kernels["saw_narrow"] = model_.saw_narrow;
    kernels["joules_error"] = model_.joules_error;
    kernels["seconds_error"] = model_.seconds_error ? base::Json(*model_.seconds_error) : base::Json(nullptr);
    kernels["held_out"] = to_json(model_.intervals);
}

std::string FittedKernelModel::explain() const {
    std::string text =
        "The law of three prices: a node costs its flops, its bytes, and its share of the time.\n\n";
    const std::optional<Device>& device = origin().config.device;
    text += device ? price_table(model_, *device) : price_list(model_);
    if (!model_.has_seconds)
        text += "  no run of training had a time: the watts are joules a launch, and no seconds are known\n";
    if (device) text += "\n" + datasheet_note(model_, *device) + "\n";
    text += "\nMean error on the runs of training: " + format(model_.joules_error) + " % of the joules";
    if (model_.seconds_error) text += ", " + format(*model_.seconds_error) + " % of the seconds";
    text += "\n";
    const Spread& spread = model_.intervals.spread[static_cast<std::size_t>(NodeType::model)];
    if (model_.intervals.num_models >= 2) {
        text += "Spread between " + std::to_string(model_.intervals.num_models) +
                " models held out in turn: " + format(100.0 * spread.between) + " %\n";
    }
    return text;
}

base::Json FittedKernelModel::explain_json() const {
    base::Json json;
    for (std::size_t k = 0; k < kNumKernelPrices; ++k) {
        if (!is_told(model_, static_cast<KernelPrice>(k))) continue;
        const KernelPriceRow& price = row(static_cast<KernelPrice>(k));
        json["prices"][std::string(price.name)] = model_.prices[k];
    }
    if (const std::optional<Device>& device = origin().config.device) add_datasheet(json, model_, *device);
    json["training_error"]["model"] = model_.joules_error;
    if (model_.seconds_error) json["training_error"]["seconds"] = *model_.seconds_error;
    return json;
}

namespace {

class PreparedKernelRuns : public Trainer {
  public:
    PreparedKernelRuns(const Dataset& data, Config config) : config_(std::move(config)), runs_(data) {}

    std::shared_ptr<const FittedModel> fit(std::span<const std::size_t> trees,
                                           const FitOptions& options) const override {
        base::check(options.stop);
        Origin origin{.config = config_,
                      .seed = 0,
                      .num_trees = trees.size(),
                      .num_nodes = 0,
                      .features = features_of(config_.feature_sets),
                      .counting = Counting::kernels};
        for (const std::size_t tree : trees) origin.num_nodes += runs_.trees[tree].own.size();
        return std::make_shared<FittedKernelModel>(std::move(origin), fit_kernel_model(runs_, trees));
    }

  private:
    const Config config_;
    const KernelRuns runs_;
};

class KernelsMethod : public Method {
  public:
    bool has_setting(std::string_view key) const noexcept override { return key == "device"; }
    std::string_view reason_without_settings() const noexcept override { return ", which is a closed form"; }

    void check(const Config& config) const override {
        if (config.feature_sets.size() != 1) {
            throw Error(ErrorKind::usage, "'kernel_counts' stands alone", {.field = "feature_sets"});
        }
    }

    bool needs_every_energy() const noexcept override { return false; }

    std::unique_ptr<Trainer> prepare(const Dataset& data, const Config& config) const override {
        return std::make_unique<PreparedKernelRuns>(data, config);
    }

    std::shared_ptr<const FittedModel> read(const base::JsonObject& json, Origin origin,
                                            const Place& place) const override {
        Place inside = place;
        inside.field = "kernels";
        const base::JsonObject object(json.at("kernels"), ErrorKind::data, inside);
        KernelModel model;
        Place prices_place = inside;
        prices_place.field = "kernels.prices";
        const base::JsonObject prices(object.at("prices"), ErrorKind::data, prices_place);
        for (std::size_t k = 0; k < kNumKernelPrices; ++k) {
            const std::string name(row(static_cast<KernelPrice>(k)).name);
            model.prices[k] = prices.number(name.c_str());
            if (model.prices[k] < 0.0) prices.refuse(name.c_str(), "expected a number that is not negative");
        }
        model.has_seconds = object.boolean("has_seconds");
        model.saw_float32 = object.boolean("saw_float32");
        model.saw_narrow = object.boolean("saw_narrow");
        model.joules_error = object.number("joules_error");
        if (!object.at("seconds_error").is_null()) model.seconds_error = object.number("seconds_error");
        Place held_out = inside;
        held_out.field = "kernels.held_out";
        model.intervals = read_intervals(object.at("held_out"), held_out);
        return std::make_shared<FittedKernelModel>(std::move(origin), std::move(model));
    }
};

}  // namespace

const Method& kernels_method() {
    static const KernelsMethod method;
    return method;
}

}  // namespace irene::models
