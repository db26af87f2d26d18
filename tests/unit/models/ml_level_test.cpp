#include "models/weighted/ml_level.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/feature_rows.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

const std::vector<Feature>& features() {
    static const std::vector<Feature> all =
        features_of({FeatureSet::model_specs, FeatureSet::resource_utilization});
    return all;
}

/// Another linear law for each operation. The last feature does not enter.
double planted(std::size_t operation, std::size_t variant) {
    double energy = 3.0 + static_cast<double>(operation);
    for (std::size_t f = 0; f + 1 < kNodeFeatures.size(); ++f) {
        energy += (operation == 0 ? 0.25 : -0.125) * static_cast<double>(f + 1) * feature_value(variant, f);
    }
    return energy + 20.0 * static_cast<double>(operation);
}

/// A tree of two leaves, "Linear" (spelt in several ways) and "Tanh", with energies by the planted laws.
std::string planted_line(std::size_t i) {
    const std::string id = "p" + std::to_string(i);
    const std::vector<std::string> spellings{"Linear", "linear", "LINEAR"};
    return make_run("m", 8, 32,
                    make_node("model", id, "Model", 1.0, 0,
                              {make_node("ml", id + "a", spellings[i % 3], planted(0, i), i),
                               make_node("ml", id + "b", "Tanh", planted(1, i + 3), i + 3)}))
        .dump();
}

Dataset planted_data(std::size_t count) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < count; ++i) lines.push_back(planted_line(i));
    return dataset_of(lines);
}

std::vector<models::LeafRegressor> fit(const Dataset& data, const std::vector<std::size_t>& trees) {
    const models::FeatureRows rows = models::distinct_rows(data, features());
    const models::LeafGroups groups = models::group_leaves(data, rows);
    std::vector<models::LeafRegressor> regressors;
    models::MlLevelTrainer(data, rows, groups).fit(trees, regressors);
    return regressors;
}

std::vector<std::size_t> first(std::size_t count) {
    std::vector<std::size_t> trees;
    for (std::size_t i = 0; i < count; ++i) trees.push_back(i);
    return trees;
}

double predicted(const models::LeafRegressor& regressor, const Node& node) {
    std::vector<double> row;
    for (const Feature feature : features()) row.push_back(node.features[static_cast<std::size_t>(feature)]);
    return models::leaf_energy(regressor, row);
}

TEST(IsOperation, IgnoresCaseAndNothingElse) {
    EXPECT_TRUE(models::is_operation("LayerNorm", "layernorm"));
    EXPECT_TRUE(models::is_operation("layernorm", "layernorm"));
    EXPECT_FALSE(models::is_operation("LayerNorm2", "layernorm"));
    EXPECT_FALSE(models::is_operation("Layer", "layernorm"));
    EXPECT_FALSE(models::is_operation("", "layernorm"));
    EXPECT_FALSE(models::is_operation("Layer_orm", "layernorm"));
    EXPECT_TRUE(models::is_operation("É", "É"));   // only ASCII has a case here
    EXPECT_FALSE(models::is_operation("[", "{"));  // 'Z' + 1, 'z' + 1
    EXPECT_FALSE(models::is_operation("@", "`"));  // 'A' - 1, 'a' - 1
}

TEST(LeafEnergy, WorkedByHand) {
    models::LeafRegressor regressor;
    regressor.scaler = {{1.0, 10.0}, {2.0, 5.0}};
    regressor.coefficients = {3.0, -4.0};
    regressor.intercept = 0.5;
    // 0.5 + 3 * (5 - 1) / 2 - 4 * (20 - 10) / 5
    EXPECT_DOUBLE_EQ(models::leaf_energy(regressor, std::vector<double>{5.0, 20.0}), -1.5);
}

TEST(LeafGroups, StandTogetherByOperation) {
    const Dataset data = dataset_of({small_line("a"), small_line("b")});
    const models::FeatureRows rows = models::distinct_rows(data, features());
    const models::LeafGroups groups = models::group_leaves(data, rows);
    EXPECT_EQ(groups.operations, (std::vector<std::string>{"embedding", "layernorm", "linear"}));
    EXPECT_EQ(groups.first_group, (std::vector<std::size_t>{0, 1, 2, 4}));
    constexpr std::uint32_t kNone = models::LeafGroups::kNone;
    std::vector<std::uint32_t> expected{kNone, kNone, 0, 1, kNone, kNone, 2, 3};
    expected.insert(expected.end(), expected.begin(), expected.begin() + 8);
    EXPECT_EQ(groups.of_node, expected);
    for (std::size_t f = 0; f < features().size(); ++f) {
        EXPECT_EQ(groups.row(1)[f],
                  data.trees[0].nodes()[3].features[static_cast<std::size_t>(features()[f])]);
    }
}

TEST(MlLevel, RecoversThePlantedLawOfEachOperation) {
    const Dataset data = planted_data(60);
    const std::vector<models::LeafRegressor> regressors = fit(data, first(40));
    ASSERT_EQ(regressors.size(), 2U);
    EXPECT_EQ(regressors[0].operation, "linear");
    EXPECT_EQ(regressors[1].operation, "tanh");
    for (const models::LeafRegressor& regressor : regressors) {
        EXPECT_EQ(regressor.num_nodes, 40U);
        EXPECT_EQ(regressor.coefficients.size(), features().size());
    }
    for (std::size_t tree = 0; tree < 60; ++tree) {  // a third of them unseen
        const std::vector<Node>& nodes = data.trees[tree].nodes();
        EXPECT_NEAR(predicted(regressors[0], nodes[1]), nodes[1].measured_energy, 1e-9) << tree;
        EXPECT_NEAR(predicted(regressors[1], nodes[2]), nodes[2].measured_energy, 1e-9) << tree;
    }
}

TEST(MlLevel, TheMeanIsPredictedWhereFeaturesDoNotVary) {
    // Three equal rows with energies 1, 2 and 6.
    std::vector<std::string> lines;
    for (const double energy : {1.0, 2.0, 6.0}) {
        const std::string id = "t" + std::to_string(energy);
        lines.push_back(make_run("m", 8, 32,
                                 make_node("model", id, "Model", 1.0, 0,
                                           {make_node("ml", id + "a", "Linear", energy, 4)}))
                            .dump());
    }
    const Dataset data = dataset_of(lines);
    const std::vector<models::LeafRegressor> regressors = fit(data, first(3));
    ASSERT_EQ(regressors.size(), 1U);
    EXPECT_NEAR(predicted(regressors[0], data.trees[0].nodes()[1]), 3.0, 1e-12);
    for (const double coefficient : regressors[0].coefficients) EXPECT_NEAR(coefficient, 0.0, 1e-12);
}

TEST(MlLevel, OperationsWithoutTrainingTreesStayEmpty) {
    const Dataset data = dataset_of({small_line("a"), planted_line(1)});
    const std::vector<models::LeafRegressor> regressors = fit(data, {1});
    ASSERT_EQ(regressors.size(), 4U);
    for (const models::LeafRegressor& regressor : regressors) {
        const bool trained = regressor.operation == "linear" || regressor.operation == "tanh";
        EXPECT_EQ(regressor.num_nodes, trained ? 1U : 0U) << regressor.operation;
    }
}

TEST(MlLevel, FitsDoNotDependOnTheFitBefore) {
    const Dataset data = planted_data(30);
    const models::FeatureRows rows = models::distinct_rows(data, features());
    const models::LeafGroups groups = models::group_leaves(data, rows);
    models::MlLevelTrainer trainer(data, rows, groups);
    std::vector<models::LeafRegressor> used;
    trainer.fit(first(30), used);
    trainer.fit(first(20), used);
    const std::vector<models::LeafRegressor> fresh = fit(data, first(20));
    for (std::size_t i = 0; i < fresh.size(); ++i) {
        EXPECT_EQ(used[i].coefficients, fresh[i].coefficients);
        EXPECT_EQ(used[i].intercept, fresh[i].intercept);
        EXPECT_EQ(used[i].scaler.mean, fresh[i].scaler.mean);
        EXPECT_EQ(used[i].num_nodes, fresh[i].num_nodes);
    }
}

}  // namespace
}  // namespace irene::tests
