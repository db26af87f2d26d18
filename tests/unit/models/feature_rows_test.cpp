#include "models/feature_rows.hpp"

#include <array>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

using models::DistinctRows;

TEST(DistinctRows, NumbersInOrderOfFirstAppearance) {
    DistinctRows rows(2);
    const std::array<double, 2> a{1.0, 2.0}, b{2.0, 1.0}, c{1.0, 2.0000000000000004};
    EXPECT_EQ(rows.add(a.data()), 0U);
    EXPECT_EQ(rows.add(b.data()), 1U);
    EXPECT_EQ(rows.add(a.data()), 0U);
    EXPECT_EQ(rows.add(c.data()), 2U);
    EXPECT_EQ(rows.add(b.data()), 1U);
    EXPECT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows.width(), 2U);
    EXPECT_EQ(rows[1][0], 2.0);
    EXPECT_EQ(rows[2][1], c[1]);
    const auto values = rows.values();
    EXPECT_EQ(std::vector<double>(values.begin(), values.end()),
              (std::vector<double>{1.0, 2.0, 2.0, 1.0, 1.0, c[1]}));
}

TEST(DistinctRows, GrowsAndIsUsedAgain) {
    DistinctRows rows(3);
    for (int round = 0; round < 3; ++round) {
        SCOPED_TRACE(round);
        for (std::uint32_t repeat = 0; repeat < 2; ++repeat) {
            for (std::uint32_t i = 0; i < 5000; ++i) {
                const std::array<double, 3> row{static_cast<double>(i + static_cast<std::uint32_t>(round)),
                                                0.5, -1.0};
                ASSERT_EQ(rows.add(row.data()), i);
            }
        }
        ASSERT_EQ(rows.size(), 5000U);
        rows.clear();
        ASSERT_EQ(rows.size(), 0U);
    }
}

TEST(FeatureRows, EqualNodesShareARow) {
    // Twice the same tree, and a third whose batch size is another: all of its rows are new.
    const Dataset data =
        dataset_of({small_line("a", "m", 8, 32), small_line("b", "n", 8, 32), small_line("c", "m", 16, 32)});
    const std::vector<Feature> features =
        features_of({FeatureSet::model_specs, FeatureSet::resource_utilization});
    const models::FeatureRows rows = models::distinct_rows(data, features);
    EXPECT_EQ(rows.rows.size(), 2 * kSmallRunNodes);
    EXPECT_EQ(rows.rows.width(), features.size());
    EXPECT_EQ(rows.first_node, (std::vector<std::size_t>{0, kSmallRunNodes, 2 * kSmallRunNodes}));
    ASSERT_EQ(rows.row_of_node.size(), 3 * kSmallRunNodes);
    for (std::uint32_t node = 0; node < kSmallRunNodes; ++node) {
        EXPECT_EQ(rows.row_of_node[node], node);
        EXPECT_EQ(rows.row_of_node[kSmallRunNodes + node], node);
        EXPECT_EQ(rows.of_tree(2, kSmallRunNodes)[node], kSmallRunNodes + node);
        for (std::size_t f = 0; f < features.size(); ++f) {
            EXPECT_EQ(rows.rows[node][f],
                      data.trees[1].nodes()[node].features[static_cast<std::size_t>(features[f])]);
        }
    }
}

TEST(FeatureRows, OnlyTheFeaturesAskedForTellRowsApart) {
    // The nodes of the second tree differ from the first's in the use of resources only.
    Json other = small_run("b");
    for (auto& child : other["frontend_tree"]["child_nodes_obj"]) child["cpu"] = 77.0;
    const Dataset data = dataset_of({small_line("a"), other.dump()});
    const auto count = [&data](const std::vector<FeatureSet>& sets) {
        return models::distinct_rows(data, features_of(sets)).rows.size();
    };
    EXPECT_EQ(count({FeatureSet::model_specs}), kSmallRunNodes);
    EXPECT_EQ(count({FeatureSet::resource_utilization}), kSmallRunNodes + 2);
}

TEST(FeatureRows, AbsentFeaturesAreRefusedWithNodeAndField) {
    Json run = small_run("b");
    run["frontend_tree"]["child_nodes_obj"][1]["child_nodes_obj"][1].erase("gpu_clk");
    const Dataset data = dataset_of({small_line("a"), run.dump()});
    const std::string what = refusal(ErrorKind::data, [&] {
        models::distinct_rows(data, features_of({FeatureSet::resource_utilization}));
    });
    expect_contains(what, "trees.jsonl:2: node 'scope.b/dense': field 'gpu_clk'");
    EXPECT_NO_THROW(models::distinct_rows(data, features_of({FeatureSet::model_specs})));
}

}  // namespace
}  // namespace irene::tests
