// A model of the law of three prices: its training, with intervals, and its predictions.
#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "irene/error.hpp"

#include "models/kernels/datasheet.hpp"
#include "models/kernels/fitted.hpp"
#include "models/notices.hpp"

namespace irene::models {

namespace {

void add_to_support(const Tree& tree, Support& support) {
    support.add_run(tree);
    std::vector<double> num_leaves;
    count_leaves(tree, num_leaves);
    for (std::size_t node = 0; node < num_leaves.size(); ++node) {
        if (!tree.is_leaf(node))
            support.operations[static_cast<std::size_t>(tree.nodes()[node].type)].extend(num_leaves[node]);
    }
}

void measure_distances(const Tree& tree, const Support& support, std::vector<NodeDistances>& out) {
    const Distances of_run = run_distances(support, tree);
    std::vector<double> num_leaves;
    count_leaves(tree, num_leaves);
    out.assign(num_leaves.size(), {});
    for (std::size_t node = 0; node < out.size(); ++node) {
        out[node].distances = of_run;
        if (tree.is_leaf(node)) continue;
        out[node].distances[static_cast<std::size_t>(Direction::operations)] =
            support.operations[static_cast<std::size_t>(tree.nodes()[node].type)].distance(num_leaves[node]);
    }
}

class KernelPredictor : public TreePredictor {
  public:
    explicit KernelPredictor(const KernelModel& model) : model_(model) {}

    std::vector<double> predict(const Tree& tree, const std::string& source,
                                std::vector<NodeDistances>* distances) override {
        const KernelTree kernels = kernel_tree(tree, source);
        refuse_unpriced(tree, kernels, source);
        KernelCosts all = costs(tree, kernels, model_.prices);
        for (std::size_t node = 0; node < all.joules.size(); ++node) {
            if (std::isfinite(all.joules[node]) && (!model_.has_seconds || std::isfinite(all.seconds[node])))
                continue;
            throw Error(ErrorKind::data,
                        "the prediction is not a finite number; the counts lie far outside training",
                        {.file = source, .line = tree.line(), .node = std::string(tree.scope(node))});
        }
        parts_ = std::move(all.parts);
        if (model_.has_seconds) keep_seconds_of_calls(tree, kernels, std::move(all.seconds));
        note_run(tree);
        if (distances != nullptr) {
            measure_distances(tree, model_.intervals.support, *distances);
            if (!model_.calibrations.empty()) add_carried(tree, kernels, *distances);
        }
        notices_.num_nodes += all.joules.size();
        return std::move(all.joules);
    }

  private:
    /// What is below a call has a share of its time, which is no time that anyone could measure.
    void keep_seconds_of_calls(const Tree& tree, const KernelTree& kernels, std::vector<double> seconds) {
        for (std::size_t node = 1; node < seconds.size(); ++node) {
            const auto parent = static_cast<std::size_t>(tree.nodes()[node].parent);
            if (kernels.call_of[node] == kernels.call_of[parent]) seconds[node] = absent();
        }
        seconds_ = std::move(seconds);
    }

    /// Of flops in float32 or narrower numbers: from training, or from the datasheet.
    bool has_price(bool is_float32) const {
        const auto price = [this](KernelPrice which) {
            return model_.prices[static_cast<std::size_t>(which)];
        };
        if (is_float32 ? model_.saw_float32 : model_.saw_narrow) return true;
        return is_float32 ? price(KernelPrice::joules_float32_flop) > 0.0
                          : price(KernelPrice::joules_narrow_flop) > 0.0;
    }

    void refuse_unpriced(const Tree& tree, const KernelTree& kernels, const std::string& source) const {
        for (const KernelWork& call : kernels.calls) {
            const bool is_float32 = call.float32_flops > 0.0 && !has_price(true);
            if (!is_float32 && (call.narrow_flops == 0.0 || has_price(false))) continue;
            throw Error(ErrorKind::data,
                        std::string("computes in ") + (is_float32 ? "float32" : "less than float32") +
                            ", and the model was trained on no such runs",
                        {.file = source, .line = tree.line(), .field = std::string(name(RunKey::dtype))});
        }
    }

    /// What carrying the model to another device left open of each node's energy.
    void add_carried(const Tree& tree, const KernelTree& kernels,
                     std::vector<NodeDistances>& distances) const {
        const std::vector<char> waits_for_gpu = calls_that_wait_for_gpu(kernels, model_.prices);
        std::vector<PriceShares> shares(kernels.own.size());
        for (std::size_t node = shares.size(); node-- > 0;) {
            shares[node].add(shares_of(kernels.own[node], waits_for_gpu[kernels.call_of[node]] != 0,
                                       kernels.gpus, model_.prices));
            if (node > 0) shares[static_cast<std::size_t>(tree.nodes()[node].parent)].add(shares[node]);
            const KernelCost& total = shares[node].total;
            if (total.joules == 0.0) continue;
            double& carried = distances[node].carried;
            for (const KernelCalibration& calibration : model_.calibrations) {
                for (std::size_t i = 0; i < kNumKernelPrices; ++i) {
                    for (std::size_t j = 0; j < kNumKernelPrices; ++j)
                        carried += shares[node].joules[i] / total.joules * calibration.left_open[i][j] *
                                   shares[node].joules[j] / total.joules;
                }
            }
        }
    }

    /// The counts of a run hold for all of its nodes.
    void note_run(const Tree& tree) {
        extrapolations_.clear();
        Extrapolation found{.node = 0};
        for (const auto& [key, direction] : kCountDirections) {
            const SeenRange& seen = model_.intervals.support.runs[static_cast<std::size_t>(key)].counts;
            const auto value = static_cast<double>(std::get<std::int64_t>(tree.run(key)));
            if (seen.distance(value) == 0.0) continue;
            found.quantities.push_back(name(key));
            note(tree, 0,
                 {.quantity = name(key),
                  .value = value,
                  .least = seen.least,
                  .greatest = seen.greatest,
                  .overshoot = std::max(value / seen.greatest, seen.least / value)},
                 notices_);
        }
        if (const std::optional<RunKey> key = unlike_key(model_.intervals.support, tree)) {
            found.quantities.push_back(name(*key));
            notices_.unlike_runs.insert(why_unlike(model_.intervals.support, tree));
        }
        if (found.quantities.empty()) return;
        notices_.num_out_of_range += tree.nodes().size();
        for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
            extrapolations_.push_back(found);
            extrapolations_.back().node = node;
        }
    }

    const KernelModel& model_;
};

/// Which numbers a run computes in.
struct Computes {
    bool in_float32 = false, in_narrow = false;

    void add(const KernelTree& kernels) {
        for (const KernelWork& call : kernels.calls) {
            in_float32 = in_float32 || call.float32_flops > 0.0;
            in_narrow = in_narrow || call.narrow_flops > 0.0;
        }
    }
};

/// Learns intervals by leaving runs out.
class Withholder {
  public:
    Withholder(const KernelRuns& runs, std::span<const std::size_t> chosen) : runs_(runs), chosen_(chosen) {}

    /// Errors on the runs that `is_left_out` tells, by what the others give; none where these are too few,
    /// and none on numbers that the others do not compute in.
    std::vector<HeldOut> hold_out(const std::vector<char>& is_left_out) const {
        std::vector<std::size_t> others;
        Support support;
        Computes known;
        for (const std::size_t run : chosen_) {
            if (is_left_out[run] != 0) continue;
            others.push_back(run);
            add_to_support(runs_.data.trees[run], support);
            known.add(runs_.trees[run]);
        }
        std::vector<HeldOut> held_out;
        if (others.empty()) return held_out;
        const KernelPrices prices = fit_kernel_prices(runs_, others);
        for (const std::size_t run : chosen_) {
            if (is_left_out[run] == 0) continue;
            Computes asked;
            asked.add(runs_.trees[run]);
            if ((asked.in_float32 && !known.in_float32) || (asked.in_narrow && !known.in_narrow)) continue;
            const Distances distances = run_distances(support, runs_.data.trees[run]);
            for (const KernelMeasurement& measured : runs_.of_run(run))
                held_out.push_back({error_on(measured, prices), distances});
        }
        return held_out;
    }

    HeldOutError error_on(const KernelMeasurement& measured, const KernelPrices& prices) const {
        const KernelCost cost = cost_of(measured, runs_.trees[measured.run], prices);
        return {.type = measured.type,
                .log_ratio = log_ratio_of(cost.joules, measured.joules),
                .weight = measured.weight};
    }

    /// Each model's runs with its greatest, or its least, batches, lengths, ...: as who measured less would
    /// train.
    void learn_ends(const MeanSquares& usual, GrowthLearner& growth) const {
        std::vector<char> is_left_out(runs_.trees.size());
        for (const auto& [key, direction] : kCountDirections) {
            for (const bool is_greatest : {true, false}) {
                std::map<std::string_view, SeenRange> ranges;
                const auto value = [&, key = key](std::size_t run) {
                    return static_cast<double>(std::get<std::int64_t>(runs_.data.trees[run].run(key)));
                };
                for (const std::size_t run : chosen_)
                    ranges[runs_.data.trees[run].model_name()].extend(value(run));
                bool has_some = false;
                for (const std::size_t run : chosen_) {
                    const SeenRange& range = ranges[runs_.data.trees[run].model_name()];
                    const double end = is_greatest ? range.greatest : range.least;
                    is_left_out[run] = range.least < range.greatest && value(run) == end ? 1 : 0;
                    has_some = has_some || is_left_out[run] != 0;
                }
                if (has_some) growth.add(hold_out(is_left_out), direction, usual);
            }
        }
    }

  private:
    const KernelRuns& runs_;
    std::span<const std::size_t> chosen_;
};

Intervals learn_intervals(const KernelRuns& runs, std::span<const std::size_t> chosen,
                          const KernelPrices& prices) {
    std::map<std::string_view, std::vector<std::size_t>> parts;
    Intervals intervals;
    for (const std::size_t run : chosen) {
        parts[runs.data.trees[run].model_name()].push_back(run);
        add_to_support(runs.data.trees[run], intervals.support);
    }
    intervals.num_models = parts.size();
    if (parts.size() < 2) return intervals;

    const Withholder withholder(runs, chosen);
    std::vector<std::vector<HeldOutError>> errors;
    std::vector<std::vector<HeldOut>> by_model;
    MeanSquaresSum usual, trained;
    std::vector<char> is_left_out(runs.trees.size());
    for (const auto& [left_out, part] : parts) {
        for (const std::size_t run : part) is_left_out[run] = 1;
        by_model.push_back(withholder.hold_out(is_left_out));
        for (const std::size_t run : part) is_left_out[run] = 0;
        if (by_model.back().empty()) continue;
        errors.emplace_back();
        for (const HeldOut& held_out : by_model.back()) {
            errors.back().push_back(held_out.error);
            usual.add(held_out.error);
        }
    }
    learn_spread(errors, intervals);

    GrowthLearner growth;
    for (const std::vector<HeldOut>& held_out : by_model) {
        for (const auto& [key, direction] : kCountDirections) growth.add(held_out, direction, usual.means());
    }
    for (const std::size_t run : chosen) {
        for (const KernelMeasurement& measured : runs.of_run(run))
            trained.add(withholder.error_on(measured, prices));
    }
    withholder.learn_ends(trained.means(), growth);
    growth.finish(intervals);
    return intervals;
}

/// Flops in numbers that no run of training computes in cost as many times what the others do as the
/// datasheet says.
void price_unseen_flops(const Device& device, KernelModel& model) {
    if (model.saw_float32 == model.saw_narrow) return;
    for (const auto& [float32, narrow] :
         {std::pair{KernelPrice::joules_float32_flop, KernelPrice::joules_narrow_flop},
          {KernelPrice::seconds_float32_flop, KernelPrice::seconds_narrow_flop}}) {
        const auto [seen, unseen] =
            model.saw_float32 ? std::pair{float32, narrow} : std::pair{narrow, float32};
        model.prices[static_cast<std::size_t>(unseen)] = model.prices[static_cast<std::size_t>(seen)] *
                                                         datasheet_price(device, unseen).value() /
                                                         datasheet_price(device, seen).value();
    }
}

}  // namespace

KernelModel fit_kernel_model(const KernelRuns& runs, std::span<const std::size_t> chosen,
                             const std::optional<Device>& device) {
    KernelModel model;
    model.prices = fit_kernel_prices(runs, chosen);
    Computes known;
    double joules_error = 0.0, seconds_error = 0.0, num_joules = 0.0, num_seconds = 0.0;
    for (const std::size_t run : chosen) {
        known.add(runs.trees[run]);
        for (const KernelMeasurement& measured : runs.of_run(run)) {
            const KernelCost cost = cost_of(measured, runs.trees[run], model.prices);
            joules_error += measured.weight * std::fabs(cost.joules / measured.joules - 1.0);
            num_joules += measured.weight;
            if (is_absent(measured.seconds)) continue;
            seconds_error += measured.weight * std::fabs(cost.seconds / measured.seconds - 1.0);
            num_seconds += measured.weight;
        }
    }
    model.saw_float32 = known.in_float32;
    model.saw_narrow = known.in_narrow;
    if (device) price_unseen_flops(*device, model);
    model.has_seconds = num_seconds > 0.0;
    model.joules_error = 100.0 * joules_error / num_joules;
    if (model.has_seconds) model.seconds_error = 100.0 * seconds_error / num_seconds;
    model.intervals = learn_intervals(runs, chosen, model.prices);
    return model;
}

std::unique_ptr<TreePredictor> FittedKernelModel::make_predictor() const {
    return std::make_unique<KernelPredictor>(model_);
}

std::string FittedKernelModel::warning() const {
    if (model_.intervals.num_models >= 2) return {};
    return "holds one model_name; prediction intervals for others need at least two";
}

}  // namespace irene::models
