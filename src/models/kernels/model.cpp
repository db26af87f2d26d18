// A model of the law of three prices: its training, with intervals, and its predictions.
#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "irene/error.hpp"

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
        auto [seconds, joules] = costs(tree, kernels, model_.prices);
        for (std::size_t node = 0; node < joules.size(); ++node) {
            if (std::isfinite(joules[node]) && (!model_.has_seconds || std::isfinite(seconds[node])))
                continue;
            throw Error(ErrorKind::data,
                        "the prediction is not a finite number; the counts lie far outside training",
                        {.file = source, .line = tree.line(), .node = std::string(tree.scope(node))});
        }
        if (model_.has_seconds) keep_seconds_of_calls(tree, kernels, std::move(seconds));
        note_run(tree);
        if (distances != nullptr) measure_distances(tree, model_.intervals.support, *distances);
        notices_.num_nodes += joules.size();
        return std::move(joules);
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

    void refuse_unpriced(const Tree& tree, const KernelTree& kernels, const std::string& source) const {
        for (const KernelWork& call : kernels.calls) {
            const bool is_float32 = call.float32_flops > 0.0 && !model_.saw_float32;
            if (!is_float32 && (call.narrow_flops == 0.0 || model_.saw_narrow)) continue;
            throw Error(ErrorKind::data,
                        std::string("computes in ") + (is_float32 ? "float32" : "less than float32") +
                            ", and the model was trained on no such runs",
                        {.file = source, .line = tree.line(), .field = std::string(name(RunKey::dtype))});
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
        if (found.quantities.empty()) return;
        notices_.num_out_of_range += tree.nodes().size();
        for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
            extrapolations_.push_back(found);
            extrapolations_.back().node = node;
        }
    }

    const KernelModel& model_;
};

/// Each model is held out in turn.
Intervals learn_intervals(const KernelRuns& runs, std::span<const std::size_t> chosen) {
    std::map<std::string_view, std::vector<std::size_t>> parts;
    Intervals intervals;
    for (const std::size_t run : chosen) {
        parts[runs.data.trees[run].model_name()].push_back(run);
        add_to_support(runs.data.trees[run], intervals.support);
    }
    intervals.num_models = parts.size();
    if (parts.size() < 2) return intervals;
    std::vector<std::vector<HeldOutError>> errors;
    for (const auto& [left_out, held_out] : parts) {
        std::vector<std::size_t> others;
        for (const std::size_t run : chosen) {
            if (runs.data.trees[run].model_name() != left_out) others.push_back(run);
        }
        const KernelPrices prices = fit_kernel_prices(runs, others);
        errors.emplace_back();
        for (const std::size_t run : held_out) {
            const Tree& tree = runs.data.trees[run];
            errors.back().push_back({.type = NodeType::model,
                                     .log_ratio = log_ratio_of(costs(tree, runs.trees[run], prices).joules[0],
                                                               runs.joules[run])});
        }
    }
    learn_spread(errors, intervals);
    GrowthLearner().finish(intervals);
    return intervals;
}

}  // namespace

KernelModel fit_kernel_model(const KernelRuns& runs, std::span<const std::size_t> chosen) {
    KernelModel model;
    model.prices = fit_kernel_prices(runs, chosen);
    double joules_error = 0.0, seconds_error = 0.0, num_seconds = 0.0;
    for (const std::size_t run : chosen) {
        for (const KernelWork& call : runs.trees[run].calls) {
            model.saw_float32 = model.saw_float32 || call.float32_flops > 0.0;
            model.saw_narrow = model.saw_narrow || call.narrow_flops > 0.0;
        }
        const KernelCosts all = costs(runs.data.trees[run], runs.trees[run], model.prices);
        joules_error += std::fabs(all.joules[0] / runs.joules[run] - 1.0);
        if (is_absent(runs.seconds[run])) continue;
        seconds_error += std::fabs(all.seconds[0] / runs.seconds[run] - 1.0);
        num_seconds += 1.0;
    }
    model.has_seconds = num_seconds > 0.0;
    model.joules_error = 100.0 * joules_error / static_cast<double>(chosen.size());
    if (model.has_seconds) model.seconds_error = 100.0 * seconds_error / num_seconds;
    model.intervals = learn_intervals(runs, chosen);
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
