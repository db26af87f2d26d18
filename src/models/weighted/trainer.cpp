#include "models/weighted/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "irene/error.hpp"

#include "base/files.hpp"
#include "models/weighted/fitted.hpp"
#include "models/weighted/tree.hpp"

namespace irene::models {

namespace {

/// A loss or a weight that is not finite stays so in all later epochs.
void refuse_divergence(const EpochSummary& summary, const TreeWeights& tree, const std::string& source) {
    const auto is_finite = [](double value) { return std::isfinite(value); };
    if (is_finite(summary.mean_node_loss) && is_finite(tree.bias) &&
        std::all_of(tree.weights.begin(), tree.weights.end(), is_finite)) {
        return;
    }
    throw Error(ErrorKind::data,
                "training diverged in epoch " + std::to_string(summary.epoch) +
                    ": its loss or a weight is not a finite number; a smaller learning_rate, "
                    "normalize_loss_scale true or weighting_setting close_to_one may help",
                {.file = source});
}

}  // namespace

WeightedTrainer::WeightedTrainer(const Dataset& data, const Config& config)
    : data_(data),
      config_(config),
      used_(features_of(config.feature_sets)),
      features_(distinct_rows(data, used_)),
      leaves_(group_leaves(data, features_)) {
    if (has_weights(config)) steps_.emplace(data, features_, config);
}

numerics::LinearLayer WeightedTrainer::draw(numerics::InitialWeights& weights) const {
    if (!has_weights(config_)) return {};
    return weights.draw(num_inputs(config_, used_.size()));
}

std::vector<double> WeightedTrainer::leaf_energies(const std::vector<LeafRegressor>& regressors) const {
    std::vector<double> of_group(leaves_.size());
    for (std::size_t operation = 0; operation < regressors.size(); ++operation) {
        if (regressors[operation].num_nodes == 0) continue;
        for (std::size_t group = leaves_.first_group[operation]; group < leaves_.first_group[operation + 1];
             ++group) {
            of_group[group] = leaf_energy(regressors[operation], leaves_.row(group));
        }
    }
    std::vector<double> energies(leaves_.of_node.size(), 0.0);
    for (std::size_t node = 0; node < energies.size(); ++node) {
        const std::uint32_t group = leaves_.of_node[node];
        if (group != LeafGroups::kNone) energies[node] = of_group[group];
    }
    return energies;
}

void WeightedTrainer::fit_tree(std::span<const std::size_t> trees, const FitOptions& options,
                               WeightedModel& model) const {
    const std::vector<double> energies = leaf_energies(model.leaves);
    WeightedTreeTrainer trainer(data_, features_, *steps_, config_);
    trainer.start(trees, options.initial, model.tree);
    for (int epoch = 1; epoch <= config_.num_epochs; ++epoch) {
        EpochSummary summary{.epoch = epoch, .num_epochs = config_.num_epochs};
        std::size_t num_inner = 0;
        for (const std::size_t tree : trees) {
            base::check(options.stop);
            const StepSummary step = trainer.step(tree, energies, model.tree);
            summary.mean_node_loss += step.loss;
            summary.mean_node_error += step.error;
            num_inner += step.num_inner;
        }
        summary.mean_node_loss /= static_cast<double>(num_inner);
        summary.mean_node_error /= static_cast<double>(num_inner);
        refuse_divergence(summary, model.tree, data_.source);
        if (options.on_epoch) options.on_epoch(summary);
    }
}

std::shared_ptr<const FittedModel> WeightedTrainer::fit(std::span<const std::size_t> trees,
                                                        const FitOptions& options) const {
    Origin origin{.config = config_,
                  .seed = options.seed,
                  .num_trees = trees.size(),
                  .num_nodes = 0,
                  .features = used_,
                  .counting = trees.empty() ? Counting::paper : data_.trees[trees[0]].counting()};
    for (const std::size_t tree : trees) origin.num_nodes += data_.trees[tree].nodes().size();
    WeightedModel model;
    MlLevelTrainer(data_, features_, leaves_).fit(trees, model.leaves);
    if (has_weights(config_)) fit_tree(trees, options, model);
    // Of operations that only other trees have, nothing was learned.
    std::erase_if(model.leaves, [](const LeafRegressor& regressor) { return regressor.num_nodes == 0; });
    return std::make_shared<FittedWeightedModel>(std::move(origin), std::move(model));
}

}  // namespace irene::models
