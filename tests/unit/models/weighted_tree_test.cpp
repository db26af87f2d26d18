#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/config.hpp"

#include "models/feature_rows.hpp"
#include "models/weighted/tree.hpp"
#include "numerics/initial_weights.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

using models::StepSummary;
using models::WeightedTreeTrainer;

/// Every combination that Config::validate() allows and that has something to train.
std::vector<Config> trainable_configs() {
    std::vector<Config> configs;
    for (const TrainingStrategy strategy :
         {TrainingStrategy::end2end, TrainingStrategy::stepwise, TrainingStrategy::unstructured}) {
        for (const Weighting weighting : {Weighting::close_to_one, Weighting::free}) {
            if (strategy == TrainingStrategy::unstructured && weighting != Weighting::free) continue;
            for (const bool normalize : {true, false}) {
                for (const bool polynomial : {true, false}) {
                    for (const bool standardize : {true, false}) {
                        Config config;
                        config.feature_sets = {FeatureSet::model_specs};
                        config.training_strategy = strategy;
                        config.weighting_setting = weighting;
                        config.normalize_loss_scale = normalize;
                        config.polynomial_features = polynomial;
                        config.standardize_features = standardize;
                        config.tanh_scalar = 2.0;  // weights from 0.5 to 1.5: slopes that show
                        config.validate();
                        configs.push_back(config);
                    }
                }
            }
        }
    }
    return configs;
}

/// Small trees with batch_size and seq_len of the order of the other features.
Dataset four_trees() {
    return dataset_of({small_line("a", "m", 1, 2, 0), small_line("b", "m", 2, 1, 1),
                       small_line("c", "m", 1, 1, 2), small_line("d", "m", 2, 2, 3)});
}

/// Joules of the leaves that the ML level might have predicted: not the measured ones.
std::vector<double> leaf_energies(const Dataset& data) {
    std::vector<double> energies;
    for (const Tree& tree : data.trees) {
        for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
            energies.push_back(tree.is_leaf(node) ? 0.4 + 0.3 * static_cast<double>(energies.size() % 5)
                                                  : 0.0);
        }
    }
    return energies;
}

std::vector<std::size_t> all_trees(const Dataset& data) {
    std::vector<std::size_t> trees(data.trees.size());
    std::iota(trees.begin(), trees.end(), std::size_t{0});
    return trees;
}

struct Fixture {
    Dataset data = four_trees();
    models::FeatureRows rows;
    std::vector<double> leaves;
    models::StepTrees trees;
    WeightedTreeTrainer trainer;
    models::TreeWeights layer;

    explicit Fixture(const Config& config)
        : rows(models::distinct_rows(data, features_of(config.feature_sets))),
          leaves(leaf_energies(data)),
          trees(data, rows, config),
          trainer(data, rows, trees, config) {
        const std::size_t width = models::num_inputs(config, rows.rows.width());
        numerics::LinearLayer initial = numerics::InitialWeights(3).draw(width);
        // Raw features are not centred: keep z in the range where tanh has a slope.
        const float size = config.standardize_features ? 0.5F : 0.05F;
        for (float& weight : initial.weights) weight *= size;
        trainer.start(all_trees(data), initial, layer);
    }
};

TEST(WeightedTree, GradientAgreesWithFiniteDifferences) {
    for (const Config& config : trainable_configs()) {
        SCOPED_TRACE(to_json(config));
        Fixture s(config);
        for (std::size_t tree = 0; tree < s.data.trees.size(); ++tree) {
            SCOPED_TRACE(tree);
            s.trainer.differentiate(tree, s.leaves, s.layer);
            const std::vector<float> gradient = s.trainer.gradient();
            ASSERT_EQ(gradient.size(), s.layer.weights.size() + 1);
            double largest = 0.0;
            for (const float component : gradient) largest = std::max(largest, std::abs(double{component}));
            ASSERT_GT(largest, 1e-3);  // there is something to compare
            for (std::size_t i = 0; i < gradient.size(); ++i) {
                float& parameter = i < s.layer.weights.size() ? s.layer.weights[i] : s.layer.bias;
                const float kept = parameter;
                // z is a float, so that the loss carries noise of about 1e-6: a smaller step would drown in
                // it.
                const auto loss = [&](double moved) {
                    parameter = static_cast<float>(kept + moved);
                    const double value = s.trainer.differentiate(tree, s.leaves, s.layer).loss;
                    parameter = kept;
                    return value;
                };
                // Raw inputs are cubes up to 27, and move z that much faster.
                const double step = config.standardize_features ? 1.0 / 256.0 : 1.0 / 2048.0;
                const double difference =
                    (8.0 * (loss(step) - loss(-step)) - (loss(2 * step) - loss(-2 * step))) / (12.0 * step);
                ASSERT_NEAR(gradient[i], difference, 2e-3 * largest) << "component " << i;
            }
        }
    }
}

/// The weight of a node by the formula of the paper, in double throughout.
double weight_of(const Config& config, const models::TreeWeights& layer, const std::vector<double>& raw) {
    std::vector<double> x = raw;
    if (config.standardize_features) {
        for (std::size_t f = 0; f < x.size(); ++f)
            x[f] = (raw[f] - layer.scaler.mean[f]) / layer.scaler.scale[f];
    }
    std::vector<double> inputs;
    if (config.polynomial_features) {
        inputs.push_back(1.0);
        for (std::size_t i = 0; i < x.size(); ++i) inputs.push_back(x[i]);
        for (std::size_t i = 0; i < x.size(); ++i) {
            for (std::size_t j = i; j < x.size(); ++j) inputs.push_back(x[i] * x[j]);
        }
        for (std::size_t i = 0; i < x.size(); ++i) {
            for (std::size_t j = i; j < x.size(); ++j) {
                for (std::size_t k = j; k < x.size(); ++k) inputs.push_back(x[i] * x[j] * x[k]);
            }
        }
    } else {
        inputs = x;
    }
    double z = layer.bias;
    for (std::size_t i = 0; i < inputs.size(); ++i) z += inputs[i] * layer.weights[i];
    return config.weighting_setting == Weighting::free ? z : 1.0 + std::tanh(z) / config.tanh_scalar;
}

TEST(WeightedTree, EnergiesAreWeightedSumsOfChildren) {
    for (const Config& config : trainable_configs()) {
        SCOPED_TRACE(to_json(config));
        Fixture s(config);
        for (std::size_t t = 0; t < s.data.trees.size(); ++t) {
            const Tree& tree = s.data.trees[t];
            const std::vector<Feature> features = features_of(config.feature_sets);
            const auto weight = [&](std::size_t node) {
                std::vector<double> raw;
                for (const Feature feature : features) {
                    raw.push_back(tree.nodes()[node].features[static_cast<std::size_t>(feature)]);
                }
                return weight_of(config, s.layer, raw);
            };
            const auto leaf = [&](std::size_t node) { return s.leaves[s.rows.first_node[t] + node]; };
            const auto measured = [&](std::size_t node) { return tree.nodes()[node].measured_energy; };
            // root 0 {embeddings 1 {embedding 2, layernorm 3}, layer 4 {attention 5 {linear 6}, dense 7}}
            double embeddings = 0.0, attention = 0.0, layer = 0.0, root = 0.0;
            switch (config.training_strategy) {
                case TrainingStrategy::end2end:
                    embeddings = weight(2) * leaf(2) + weight(3) * leaf(3);
                    attention = weight(6) * leaf(6);
                    layer = weight(5) * attention + weight(7) * leaf(7);
                    root = weight(1) * embeddings + weight(4) * layer;
                    break;
                case TrainingStrategy::stepwise:
                    embeddings = weight(2) * measured(2) + weight(3) * measured(3);
                    attention = weight(6) * measured(6);
                    layer = weight(5) * measured(5) + weight(7) * measured(7);
                    root = weight(1) * measured(1) + weight(4) * measured(4);
                    break;
                default:
                    embeddings = weight(1);
                    attention = weight(5);
                    layer = weight(4);
                    root = weight(0);
            }
            double loss = 0.0, error = 0.0;
            for (const auto& [node, energy] :
                 {std::pair(0, root), {1, embeddings}, {4, layer}, {5, attention}}) {
                const double truth = measured(static_cast<std::size_t>(node));
                loss +=
                    (energy - truth) * (energy - truth) / (config.normalize_loss_scale ? truth * truth : 1.0);
                error += 100.0 * std::abs(energy - truth) / truth;
            }
            const StepSummary summary = s.trainer.differentiate(t, s.leaves, s.layer);
            EXPECT_EQ(summary.num_inner, 4U);
            EXPECT_NEAR(summary.root_energy, root, 2e-5 * std::max(1.0, std::abs(root)));
            EXPECT_NEAR(summary.loss, loss, 1e-4 * std::max(1.0, loss));
            EXPECT_NEAR(summary.error, error, 1e-4 * error);
        }
    }
}

TEST(WeightedTree, WorkedByHand) {
    // Weights 0 and a bias: every child weighs the same, whatever its features.
    const double t = std::tanh(0.5);
    struct Case {
        TrainingStrategy strategy;
        Weighting weighting;
        double weight;
    };
    for (const Case& c :
         std::vector<Case>{{TrainingStrategy::end2end, Weighting::close_to_one, 1.0 + t / 10.0},
                           {TrainingStrategy::end2end, Weighting::free, 0.5},
                           {TrainingStrategy::stepwise, Weighting::close_to_one, 1.0 + t / 10.0},
                           {TrainingStrategy::unstructured, Weighting::free, 0.5}}) {
        Config config;
        config.feature_sets = {FeatureSet::model_specs};
        config.training_strategy = c.strategy;
        config.weighting_setting = c.weighting;
        SCOPED_TRACE(to_json(config));
        Fixture s(config);
        std::fill(s.layer.weights.begin(), s.layer.weights.end(), 0.0F);
        s.layer.bias = 0.5F;
        const double w = c.weight;
        const std::vector<double>& leaf = s.leaves;
        // The first tree: measured 5 = root, 1.5 = embeddings, 3 = layer, 1.25 = attention.
        double root = w * w * (leaf[2] + leaf[3]) + w * (w * w * leaf[6] + w * leaf[7]);
        if (c.strategy == TrainingStrategy::stepwise) root = w * 1.5 + w * 3.0;
        if (c.strategy == TrainingStrategy::unstructured) root = 0.5;
        EXPECT_NEAR(s.trainer.differentiate(0, s.leaves, s.layer).root_energy, root, 1e-6);
    }
}

TEST(ChildWeight, HasTheSlopeOfItsFormula) {
    Config config;
    config.tanh_scalar = 4.0;
    for (const double z : {-30.0, -2.0, -0.1, 0.0, 0.3, 1.0, 5.0, 30.0}) {
        SCOPED_TRACE(z);
        config.weighting_setting = Weighting::close_to_one;
        const models::ChildWeight close = models::child_weight(config, z);
        const double t = std::tanh(z);
        EXPECT_NEAR(close.weight, 1.0 + t / 4.0, 1e-7);
        EXPECT_NEAR(close.slope, (1.0 - t * t) / 4.0, 1e-7);
        EXPECT_GE(close.weight, 0.75);
        EXPECT_LE(close.weight, 1.25);
        config.weighting_setting = Weighting::free;
        EXPECT_EQ(models::child_weight(config, z).weight, z);
        EXPECT_EQ(models::child_weight(config, z).slope, 1.0);
    }
    // Saturated: exactly flat, as in single precision.
    config.weighting_setting = Weighting::close_to_one;
    EXPECT_EQ(models::child_weight(config, 20.0).slope, 0.0);
    EXPECT_EQ(models::child_weight(config, -20.0).weight, 0.75);
}

TEST(WeightedTree, ScalerCoversAllNodesOfTheTrainingTreesOnly) {
    Config config;
    config.feature_sets = {FeatureSet::model_specs};
    Fixture s(config);
    s.trainer.start(std::vector<std::size_t>{0, 2}, {std::vector<float>(84, 0.0F), 0.0F}, s.layer);
    const std::vector<Feature> features = features_of(config.feature_sets);
    for (std::size_t f = 0; f < features.size(); ++f) {
        double sum = 0.0, squares = 0.0;
        for (const std::size_t tree : {0U, 2U}) {
            for (const Node& node : s.data.trees[tree].nodes()) {
                const double value = node.features[static_cast<std::size_t>(features[f])];
                sum += value;
                squares += value * value;
            }
        }
        const double mean = sum / 16.0, variance = squares / 16.0 - mean * mean;
        EXPECT_NEAR(s.layer.scaler.mean[f], mean, 1e-12);
        EXPECT_NEAR(s.layer.scaler.scale[f], variance < 1e-12 ? 1.0 : std::sqrt(variance), 1e-9);
    }
}

TEST(WeightedTree, StepsGoDownhill) {
    for (Config config : trainable_configs()) {
        if (!config.standardize_features) continue;
        config.learning_rate = 0.002;
        SCOPED_TRACE(to_json(config));
        Fixture s(config);
        const double before = s.trainer.differentiate(0, s.leaves, s.layer).loss;
        for (int step = 0; step < 50; ++step) s.trainer.step(0, s.leaves, s.layer);
        EXPECT_LT(s.trainer.differentiate(0, s.leaves, s.layer).loss, before);
    }
}

TEST(WeightedTree, AStepMovesEachParameterByTheLearningRateAtMost) {
    Config config;
    config.feature_sets = {FeatureSet::model_specs};
    config.learning_rate = 0.01;
    Fixture s(config);
    const models::TreeWeights before = s.layer;
    const double loss = s.trainer.differentiate(0, s.leaves, s.layer).loss;
    EXPECT_EQ(s.layer.weights, before.weights);  // differentiating is not a step
    const std::vector<float> gradient = s.trainer.gradient();
    EXPECT_EQ(s.trainer.step(0, s.leaves, s.layer).loss, loss);  // of the weights before the step
    for (std::size_t i = 0; i < gradient.size(); ++i) {
        const float moved =
            i < before.weights.size() ? s.layer.weights[i] - before.weights[i] : s.layer.bias - before.bias;
        if (std::abs(gradient[i]) < 1e-4F) continue;
        EXPECT_NEAR(moved, gradient[i] > 0.0F ? -0.01 : 0.01, 1e-5) << i;
    }
}

TEST(MakeInputs, StandardisesAndExpandsAsConfigured) {
    const models::Scaler scaler{{1.0, 2.0}, {2.0, 4.0}};
    const std::vector<double> row{5.0, -2.0};  // standardised: 2, -1
    std::vector<double> scratch(2);
    const auto inputs = [&](bool standardize, bool polynomial) {
        Config config;
        config.standardize_features = standardize;
        config.polynomial_features = polynomial;
        std::vector<float> out(models::num_inputs(config, 2));
        models::make_inputs(config, scaler, row, scratch, out);
        return out;
    };
    EXPECT_EQ(inputs(true, false), (std::vector<float>{2, -1}));
    EXPECT_EQ(inputs(false, false), (std::vector<float>{5, -2}));
    EXPECT_EQ(inputs(true, true), (std::vector<float>{1, 2, -1, 4, -2, 1, 8, -4, 2, -1}));
    EXPECT_EQ(inputs(false, true), (std::vector<float>{1, 5, -2, 25, -10, 4, 125, -50, 20, -8}));
}

}  // namespace
}  // namespace irene::tests
