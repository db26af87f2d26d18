// The additive tree on the reference's measurements: errors on models and families left out of training, and
// how many of their nodes the 90 % intervals cover.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "irene/dataset.hpp"
#include "irene/model.hpp"
#include "irene/tasks.hpp"

#include "changed_tree.hpp"
#include "fitted.hpp"
#include "reference.hpp"

namespace irene::tests {
namespace {

using Percentages = std::array<double, kNumNodeTypes>;  // ml, module, model

struct Bounds {
    models::AdditiveLevel level;
    Percentages models, families;  // greatest errors
};

/// Means over the folds.
struct Figures {
    Percentages error{}, covered{};
    std::vector<double> widths;  // half widths of whole models
};

std::string family_of(const std::string& model) {
    if (model == "bert-base-uncased" || model == "roberta-base") return "bert";
    return model == "distilbert-base-uncased" ? "distilbert" : "gpt";
}

Figures leave_out(const models::AdditiveData& prepared, bool families) {
    const Dataset& data = prepared.data;
    std::map<std::string, std::vector<std::size_t>> folds;
    for (std::size_t i = 0; i < data.trees.size(); ++i) {
        const std::string& model = data.trees[i].model_name();
        folds[families ? family_of(model) : model].push_back(i);
    }
    Figures mean;
    models::AdditiveTrainer trainer(prepared);
    for (const auto& [left_out, held_out] : folds) {
        std::vector<std::size_t> trees;
        for (const auto& [other, part] : folds) {
            if (other != left_out) trees.insert(trees.end(), part.begin(), part.end());
        }
        models::AdditiveModel model = trainer.fit(trees);
        model.intervals = trainer.learn_intervals(trees, model);
        models::AdditivePredictor predictor(model);
        const models::IntervalRule rule(model.intervals, 0.9);
        std::vector<models::NodeDistances> distances;
        Figures fold;
        Percentages counts{};
        for (const std::size_t i : held_out) {
            const Tree& tree = data.trees[i];
            const std::vector<double> joules = predictor.predict(tree, data.source, &distances);
            for (std::size_t node = 0; node < joules.size(); ++node) {
                const auto type = static_cast<std::size_t>(tree.nodes()[node].type);
                const double ratio = joules[node] / tree.nodes()[node].measured_energy;
                const double width = rule.half_width(tree.nodes()[node].type, distances[node]).value_or(0.0);
                if (tree.nodes()[node].type == NodeType::model) mean.widths.push_back(width);
                EXPECT_GT(joules[node], 0.0);
                fold.error[type] += 100.0 * std::fabs(ratio - 1.0);
                fold.covered[type] += std::fabs(std::log(ratio)) <= width ? 100.0 : 0.0;
                ++counts[type];
            }
        }
        for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
            const double share = counts[type] * static_cast<double>(folds.size());
            mean.error[type] += fold.error[type] / share;
            mean.covered[type] += fold.covered[type] / share;
        }
    }
    return mean;
}

class AdditiveTree : public testing::TestWithParam<Bounds> {};

TEST_P(AdditiveTree, PredictsModelsAndFamiliesLeftOut) {
    SKIP_WITHOUT_REFERENCE();
    const Bounds& bounds = GetParam();
    const Dataset data = read_dataset(device_1(), {.threads = 2});
    const models::AdditiveData prepared(data, bounds.level);
    for (const bool families : {false, true}) {
        Figures figures = leave_out(prepared, families);
        const Percentages& greatest = families ? bounds.families : bounds.models;
        std::printf("%s, one %s left out: errors %.3f / %.3f / %.3f %%, covered %.1f / %.1f / %.1f %%\n",
                    std::string(name(bounds.level)).c_str(), families ? "family" : "model", figures.error[0],
                    figures.error[1], figures.error[2], figures.covered[0], figures.covered[1],
                    figures.covered[2]);
        for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
            EXPECT_LE(figures.error[type], greatest[type]) << type;
            EXPECT_GE(figures.covered[type], families ? 80.0 : 85.0) << type;
        }
        if (families) continue;
        std::sort(figures.widths.begin(), figures.widths.end());
        const double median = 100.0 * figures.widths[figures.widths.size() / 2];
        std::printf("median half width of whole models: %.2f %%\n", median);
        EXPECT_LE(median, 3.0 * figures.error[static_cast<std::size_t>(NodeType::model)]);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Reference, AdditiveTree,
    testing::Values(Bounds{models::AdditiveLevel::specs, {1.8, 2.2, 1.6}, {2.1, 3.5, 2.5}},
                    Bounds{models::AdditiveLevel::timing, {1.5, 2.0, 2.0}, {2.4, 2.9, 2.4}},
                    Bounds{models::AdditiveLevel::all, {0.55, 0.50, 0.50}, {0.66, 0.68, 0.72}}),
    [](const auto& test) { return std::string(name(test.param.level)); });

/// Share of the nodes whose measured energy lies in its 90 % interval, by type, in %: trained on runs that
/// `is_trained` accepts, of runs that `is_tested` accepts.
Percentages covered_beyond(const Dataset& data, const std::function<bool(const Tree&)>& is_trained,
                           const std::function<bool(const Tree&)>& is_tested) {
    Config config;
    config.training_strategy = TrainingStrategy::additive;
    config.feature_sets = {FeatureSet::model_specs};
    Dataset near;
    near.source = data.source;
    for (const Tree& tree : data.trees) {
        if (is_trained(tree)) near.trees.push_back(tree);
    }
    Predictor predictor(train(near, config), 0.9);
    Percentages covered{}, counts{};
    for (const Tree& tree : data.trees) {
        if (!is_tested(tree)) continue;
        const Prediction prediction = predictor.predict(tree);
        for (std::size_t node = 0; node < prediction.joules.size(); ++node) {
            const double measured = tree.nodes()[node].measured_energy;
            const auto type = static_cast<std::size_t>(tree.nodes()[node].type);
            EXPECT_FALSE(is_absent(prediction.low[node]));
            if (measured >= prediction.low[node] && measured <= prediction.high[node]) covered[type] += 1.0;
            counts[type] += 1.0;
        }
    }
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) covered[type] *= 100.0 / counts[type];
    return covered;
}

TEST(AdditiveTree, IntervalsHoldBeyondTheBatchesAndLengthsOfTraining) {
    SKIP_WITHOUT_REFERENCE();
    const Dataset data = read_dataset(device_1(), {.threads = 2});
    const auto tell = [](const char* what, const Percentages& covered) {
        std::printf("%s: covered %.1f / %.1f / %.1f %%\n", what, covered[0], covered[1], covered[2]);
    };
    const Percentages batch = covered_beyond(
        data, [](const Tree& tree) { return tree.batch_size() == 8 || tree.batch_size() == 16; },
        [](const Tree& tree) { return tree.batch_size() == 32; });
    tell("batches 8 and 16, batch 32", batch);
    for (const double covered : batch) EXPECT_GE(covered, 85.0);
    const Percentages length = covered_beyond(
        data, [](const Tree& tree) { return tree.seq_len() == 32 || tree.seq_len() == 64; },
        [](const Tree& tree) { return tree.seq_len() >= 128; });
    tell("lengths 32 and 64, 128 to 256", length);
    EXPECT_GE(length[static_cast<std::size_t>(NodeType::model)], 85.0);
}

/// Counts that contradict each other, as they come from other profilers: whole models may err at most 1.5
/// times as much as with good ones.
TEST(AdditiveTree, PredictsModelsLeftOutFromFrozenParametersAndOtherUnits) {
    SKIP_WITHOUT_REFERENCE();
    const Dataset data = read_dataset(device_1(), {.threads = 2});
    const auto model_error = [&](double parameters, double flops) {
        Dataset other = data;
        for (Tree& tree : other.trees) {
            tree = changed(tree, [&](std::size_t, NewNode& node) {
                node.features[static_cast<std::size_t>(Feature::num_parameters)] *= parameters;
                node.features[static_cast<std::size_t>(Feature::flops)] *= flops;
            });
        }
        return leave_out(models::AdditiveData(other, models::AdditiveLevel::specs), false)
            .error[static_cast<std::size_t>(NodeType::model)];
    };
    const double good = model_error(1.0, 1.0);
    for (const auto& [what, parameters, flops] :
         {std::tuple("num_parameters 0", 0.0, 1.0), {"flops in 10^9", 1.0, 1e-3}, {"flops in 1", 1.0, 1e6}}) {
        const double error = model_error(parameters, flops);
        std::printf("specs, %s: whole models %.3f %%, %.3f %% with good counts\n", what, error, good);
        EXPECT_LE(error, 1.5 * good) << what;
    }
}

}  // namespace
}  // namespace irene::tests
