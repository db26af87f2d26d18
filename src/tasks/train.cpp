#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "irene/error.hpp"
#include "irene/tasks.hpp"

#include "base/files.hpp"
#include "base/tell.hpp"
#include "tasks/training.hpp"

namespace irene {

namespace tasks {

void require_measured_energies(const Dataset& data) {
    for (const Tree& tree : data.trees) models::require_measured_energies(tree, data.source);
}

namespace {

/// A loss or a weight that is not finite stays so in all later epochs.
void refuse_divergence(const EpochSummary& summary, const Model& model, const std::string& source) {
    const auto is_finite = [](double value) { return std::isfinite(value); };
    const TreeWeights& tree = model.tree;
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

TrainingData::TrainingData(const Dataset& dataset, const Config& settings) : data(dataset), config(settings) {
    config.validate();
    require_measured_energies(data);
    features = models::distinct_rows(data, features_of(config.feature_sets));
    leaves = models::group_leaves(data, features);
}

std::size_t TrainingData::num_inputs() const {
    return config.has_weights() ? models::num_inputs(config, features.rows.width()) : 0;
}

ModelTrainer::ModelTrainer(const TrainingData& training)
    : training_(training),
      ml_level_(training.data, training.features, training.leaves),
      group_energies_(training.leaves.size()),
      leaf_energies_(training.features.row_of_node.size(), 0.0) {
    if (training.config.has_weights()) tree_.emplace(training.data, training.features, training.config);
    model_.config = training.config;
}

const Model& ModelTrainer::fit(std::span<const std::size_t> trees, const numerics::LinearLayer& initial,
                               const std::function<void(const EpochSummary&)>& on_epoch, StopFlag stop) {
    const Dataset& data = training_.data;
    model_.num_trees = trees.size();
    model_.num_nodes = 0;
    for (const std::size_t tree : trees) model_.num_nodes += data.trees[tree].nodes().size();
    ml_level_.fit(trees, model_.leaves);
    if (!tree_) return model_;

    const models::LeafGroups& leaves = training_.leaves;
    for (std::size_t operation = 0; operation < model_.leaves.size(); ++operation) {
        if (model_.leaves[operation].num_nodes == 0) continue;
        for (std::size_t group = leaves.first_group[operation]; group < leaves.first_group[operation + 1];
             ++group) {
            group_energies_[group] = models::leaf_energy(model_.leaves[operation], leaves.row(group));
        }
    }
    for (std::size_t node = 0; node < leaf_energies_.size(); ++node) {
        const std::uint32_t group = leaves.of_node[node];
        if (group != models::LeafGroups::kNone) leaf_energies_[node] = group_energies_[group];
    }

    tree_->start(trees, initial, model_.tree);
    for (int epoch = 1; epoch <= model_.config.num_epochs; ++epoch) {
        EpochSummary summary{.epoch = epoch, .num_epochs = model_.config.num_epochs};
        std::size_t num_inner = 0;
        for (const std::size_t tree : trees) {
            base::check(stop);
            const models::StepSummary step = tree_->step(tree, leaf_energies_, model_.tree);
            summary.mean_node_loss += step.loss;
            summary.mean_node_error += step.error;
            num_inner += step.num_inner;
        }
        summary.mean_node_loss /= static_cast<double>(num_inner);
        summary.mean_node_error /= static_cast<double>(num_inner);
        refuse_divergence(summary, model_, training_.data.source);
        if (on_epoch) on_epoch(summary);
    }
    return model_;
}

void tell_contradictions(const models::AdditiveData& data, const Warn& warn) {
    if (data.counts.num_nodes() > 0) base::tell(warn, data.data.source + ": " + to_words(data.counts));
}

Model fit_additive_model(const models::AdditiveData& data, const Config& config,
                         std::span<const std::size_t> trees) {
    models::AdditiveTrainer trainer(data);
    Model model;
    model.config = config;
    model.additive = trainer.fit(trees);
    model.additive->intervals = trainer.conformal_widths(trees);
    model.num_trees = model.additive->num_trees;
    model.num_nodes = model.additive->num_nodes;
    return model;
}

}  // namespace tasks

Model train(const Dataset& data, const Config& config, const TrainOptions& options) {
    if (data.trees.empty()) throw Error(ErrorKind::data, "holds no tree", {.file = data.source});
    std::vector<std::size_t> trees(data.trees.size());
    std::iota(trees.begin(), trees.end(), std::size_t{0});
    if (config.training_strategy == TrainingStrategy::additive) {
        config.validate();
        const models::AdditiveData prepared(data, config.additive_level());
        Model model = tasks::fit_additive_model(prepared, config, trees);
        tasks::tell_contradictions(prepared, options.warn);
        if (model.additive->intervals.num_models < 2) {
            base::tell(options.warn, data.source +
                                         ": holds one model_name; prediction intervals for others "
                                         "need at least two");
        }
        return model;
    }
    const tasks::TrainingData training(data, config);
    tasks::ModelTrainer trainer(training);
    numerics::LinearLayer initial;
    if (training.num_inputs() > 0)
        initial = numerics::InitialWeights(options.seed).draw(training.num_inputs());
    Model model = trainer.fit(trees, initial, options.on_epoch, options.stop);
    model.seed = options.seed;
    return model;
}

}  // namespace irene
