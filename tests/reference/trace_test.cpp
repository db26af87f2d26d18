// The first thirty optimiser steps of the reference, before its training turns chaotic.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "irene/config.hpp"
#include "irene/dataset.hpp"

#include "models/feature_rows.hpp"
#include "models/weighted/ml_level.hpp"
#include "models/weighted/tree.hpp"
#include "numerics/initial_weights.hpp"
#include "reference.hpp"

namespace irene::tests {
namespace {

const Dataset& data_of_device_1() {
    static const Dataset data = read_dataset(device_1());
    return data;
}

/// Predicted joules of every leaf, by node over all trees, trained on all of them.
std::vector<double> leaf_energies(const Dataset& data, const models::FeatureRows& rows) {
    const models::LeafGroups groups = models::group_leaves(data, rows);
    std::vector<std::size_t> trees(data.trees.size());
    std::iota(trees.begin(), trees.end(), std::size_t{0});
    std::vector<models::LeafRegressor> regressors;
    models::MlLevelTrainer(data, rows, groups).fit(trees, regressors);
    std::vector<double> energies(rows.row_of_node.size(), 0.0);
    for (std::size_t operation = 0; operation < regressors.size(); ++operation) {
        for (std::size_t node = 0; node < energies.size(); ++node) {
            const std::uint32_t group = groups.of_node[node];
            if (group < groups.first_group[operation] || group >= groups.first_group[operation + 1]) continue;
            energies[node] = models::leaf_energy(regressors[operation], groups.row(group));
        }
    }
    return energies;
}

class Trace : public testing::TestWithParam<const char*> {};

TEST_P(Trace, IsReproduced) {
    SKIP_WITHOUT_REFERENCE();
    const nlohmann::json trace = golden(std::string("trace_") + GetParam() + ".json");
    const Config config = parse_config(trace.at("config").dump(), GetParam());
    const Dataset& data = data_of_device_1();
    const std::vector<Feature> features = features_of(config.feature_sets);
    const models::FeatureRows rows = models::distinct_rows(data, features);
    const std::vector<double> leaves = leaf_energies(data, rows);
    const std::size_t width = models::num_inputs(config, features.size());
    ASSERT_EQ(width, trace.at("num_features").get<std::size_t>());

    const numerics::LinearLayer initial = numerics::InitialWeights(13370).draw(width);
    for (std::size_t i = 0; i < width; ++i) {
        const float expected = trace.at("initial_weight")[i].get<float>();
        ASSERT_LE(std::abs(initial.weights[i] - expected),
                  std::abs(std::nextafter(expected, 2.0F) - expected))
            << i;
    }
    ASSERT_FLOAT_EQ(initial.bias, trace.at("initial_bias").get<float>());

    std::vector<std::size_t> trees(data.trees.size());
    std::iota(trees.begin(), trees.end(), std::size_t{0});
    const models::StepTrees steps(data, rows, config);
    models::WeightedTreeTrainer trainer(data, rows, steps, config);
    models::TreeWeights layer;
    trainer.start(trees, initial, layer);

    const auto root_inputs = trainer.inputs(rows.row_of_node[0]);
    ASSERT_GE(root_inputs.size(), trace.at("root_features_first_tree").size());
    for (std::size_t i = 0; i < trace.at("root_features_first_tree").size(); ++i) {
        const double expected = trace.at("root_features_first_tree")[i].get<double>();
        ASSERT_NEAR(root_inputs[i], expected, 1e-5 * std::max(1.0, std::abs(expected))) << i;
    }

    trainer.differentiate(0, leaves, layer);
    double largest = 0.0;
    for (const auto& component : trace.at("first_gradient"))
        largest = std::max(largest, std::abs(component.get<double>()));
    for (std::size_t i = 0; i < width; ++i) {
        ASSERT_NEAR(trainer.gradient()[i], trace.at("first_gradient")[i].get<double>(), 1e-4 * largest) << i;
    }
    ASSERT_NEAR(trainer.gradient()[width], trace.at("first_bias_gradient").get<double>(), 1e-4 * largest);

    double worst_loss = 0.0;
    for (const auto& expected : trace.at("steps")) {
        const auto tree = expected.at("tree").get<std::size_t>();
        const models::StepSummary step = trainer.step(tree, leaves, layer);
        const double loss = expected.at("subtree_loss").get<double>();
        worst_loss = std::max(worst_loss, std::abs(step.loss - loss) / loss);
        EXPECT_NEAR(step.loss, loss, 1e-4 * loss) << "tree " << tree;
        EXPECT_EQ(step.num_inner, expected.at("subtree_error_count").get<std::size_t>()) << "tree " << tree;
        const double error = expected.at("subtree_error_sum").get<double>();
        EXPECT_NEAR(step.error, error, 1e-4 * error) << "tree " << tree;
        const double root = expected.at("root_prediction").get<double>();
        EXPECT_NEAR(step.root_energy, root, 1e-4 * std::abs(root)) << "tree " << tree;
    }
    double worst_weight = std::abs(layer.bias - trace.at("bias_after").get<double>());
    for (std::size_t i = 0; i < width; ++i) {
        worst_weight =
            std::max(worst_weight, std::abs(layer.weights[i] - trace.at("weight_after")[i].get<double>()));
    }
    EXPECT_LT(worst_weight, 1e-5);
    RecordProperty("worst_relative_loss_difference", std::to_string(worst_loss));
    RecordProperty("worst_weight_difference", std::to_string(worst_weight));
    std::printf("%s: losses differ by at most %.1e relative, weights by %.1e\n", GetParam(), worst_loss,
                worst_weight);
}

INSTANTIATE_TEST_SUITE_P(Reference, Trace,
                         testing::Values("default", "linear", "rawloss", "specs", "stepwise",
                                         "unstructured_free"));

}  // namespace
}  // namespace irene::tests
