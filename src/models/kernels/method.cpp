// The law of three prices among the methods: which configs ask for it, its training and its file.
#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "irene/error.hpp"

#include "base/files.hpp"
#include "base/tell.hpp"
#include "models/intervals_file.hpp"
#include "models/kernels/datasheet.hpp"
#include "models/kernels/file.hpp"
#include "models/kernels/fitted.hpp"
#include "models/words.hpp"

namespace irene::models {

namespace {

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

/// What was scaled by how much, and on what evidence.
std::string in_words(const KernelCalibration& calibration) {
    std::string text = "Carried to another device";
    if (!calibration.to.empty()) text += " by datasheets, from " + calibration.from + " to " + calibration.to;
    if (calibration.num_trees == 0) {
        text += "; nothing was measured there\n";
    } else {
        text += calibration.to.empty() ? " by " : ", and by ";
        text += count(calibration.num_measurements, "measurement") + " in " +
                count(calibration.num_trees, "run") + ", on which the error went from " +
                format(*calibration.error_before) + " ";
        if (calibration.error_by_datasheets) text += "over " + format(*calibration.error_by_datasheets) + " ";
        text += "to " + format(*calibration.error_after) + " %\n";
    }
    for (std::size_t k = 0; k < kNumKernelPrices; ++k) {
        if (calibration.scales[k] == 1.0) continue;
        text += "  " + std::string(row(static_cast<KernelPrice>(k)).meaning) + ": x " +
                format(calibration.scales[k]) + "\n";
    }
    for (const std::string& words : what_was_not_measured(calibration)) text += "  " + words + "\n";
    return text;
}

}  // namespace

std::shared_ptr<const FittedModel> FittedKernelModel::calibrated(const Dataset& data,
                                                                 const std::optional<Device>& device,
                                                                 const Warn& warn) const {
    if (device && !origin().config.device) {
        throw Error(
            ErrorKind::usage,
            "the model does not know the datasheet of its own device, to compare another with; train it "
            "with --device",
            {.field = "device"});
    }
    std::set<std::string> unlike;
    for (const Tree& tree : data.trees) {
        if (std::string why = why_unlike(model_.intervals.support, tree); !why.empty())
            unlike.insert(std::move(why));
    }
    for (const std::string& why : unlike)
        base::tell(warn, data.source + ": " + why + ": prices are carried from runs of another kind");
    Origin carried = origin();
    carried.config.device = device;
    KernelModel model = calibrate(model_, origin().config.device, device, KernelRuns(data));
    for (const std::string& words : what_was_not_measured(model.calibrations.back())) base::tell(warn, words);
    return std::make_shared<FittedKernelModel>(std::move(carried), std::move(model));
}

void FittedKernelModel::write(base::Json& json) const {
    base::Json& kernels = json["kernels"];
    kernels["prices"] = to_json(model_.prices);
    kernels["has_seconds"] = model_.has_seconds;
    kernels["saw_float32"] = model_.saw_float32;
    kernels["saw_narrow"] = model_.saw_narrow;
    kernels["joules_error"] = model_.joules_error;
    kernels["seconds_error"] = model_.seconds_error ? base::Json(*model_.seconds_error) : base::Json(nullptr);
    for (const KernelCalibration& calibration : model_.calibrations)
        kernels["calibrations"].push_back(to_json(calibration));
    kernels["held_out"] = to_json(model_.intervals);
}

std::string FittedKernelModel::explain() const {
    std::string text =
        "The law of three prices: a node costs its flops, its bytes, and its share of the time.\n\n";
    const std::optional<Device>& device = origin().config.device;
    text += device ? price_table(model_, *device) : price_list(model_);
    if (!model_.has_seconds)
        text += "  no run of training had a time: the watts are joules a launch, and no seconds are known\n";
    if (device && model_.saw_float32 != model_.saw_narrow)
        text += std::string("  no run of training computed in ") +
                (model_.saw_float32 ? "less than float32" : "float32") +
                ": the price of such flops is the others' times the ratio of the datasheet's\n";
    if (device) text += "\n" + datasheet_note(model_, *device) + "\n";
    text += "\nMean error on the runs of training: " + format(model_.joules_error) + " % of the joules";
    if (model_.seconds_error) text += ", " + format(*model_.seconds_error) + " % of the seconds";
    text += "\n";
    for (const KernelCalibration& calibration : model_.calibrations) text += "\n" + in_words(calibration);
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
    for (const KernelCalibration& calibration : model_.calibrations) {
        base::Json& entry = json["calibrations"].emplace_back(to_json(calibration));
        entry.erase("left_open");
    }
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
        return std::make_shared<FittedKernelModel>(std::move(origin),
                                                   fit_kernel_model(runs_, trees, config_.device));
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
        model.prices = read_prices(object.at("prices"), prices_place);
        model.has_seconds = object.boolean("has_seconds");
        model.saw_float32 = object.boolean("saw_float32");
        model.saw_narrow = object.boolean("saw_narrow");
        model.joules_error = object.number("joules_error");
        if (!object.at("seconds_error").is_null()) model.seconds_error = object.number("seconds_error");
        model.calibrations = read_calibrations(object, inside);
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
