#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "additive_trees.hpp"
#include "models/additive/features.hpp"
#include "refusal.hpp"

namespace irene::tests {
namespace {

using models::InstanceTypes;
using models::NodeTerms;
using models::OperationKind;
using models::TreeTerms;

TEST(InstanceTypes, SpellingsThatDifferInCaseAreOne) {
    InstanceTypes types;
    const std::uint32_t linear = types.number("Linear");
    EXPECT_EQ(types.number("linear"), linear);
    EXPECT_EQ(types.number("LINEAR"), linear);
    EXPECT_EQ(types.name(linear), "linear");
    EXPECT_EQ(types.kind(linear), OperationKind::dense);
    const std::uint32_t conv = types.number("Conv1D");
    EXPECT_NE(conv, linear);
    EXPECT_EQ(types.group(conv), types.group(linear));
    EXPECT_EQ(types.name(types.group(conv)), "dense");
    const std::uint32_t bmm = types.number("BMM");
    EXPECT_EQ(types.kind(bmm), OperationKind::product);
    EXPECT_EQ(types.group(bmm), bmm);
    EXPECT_EQ(types.kind(types.number("Softmax")), OperationKind::softmax);
    EXPECT_EQ(types.kind(types.number("GELU")), OperationKind::other);
}

/// model { Attention { Linear, matmul, softmax, matmul }, LayerNorm }
Tree small_tree() {
    TreeByCounts tree("m", 2, 8);
    const std::int32_t root = tree.add(-1, "Model", 0, 7e6, 3 * 1048576.0);
    const std::int32_t attention = tree.add(root, "Attention", 0, 1e6, 2 * 1048576.0);
    tree.add(attention, "Linear", 12, 2 * 16 * 9, 4 * (16 * 3 + 9 + 16 * 3));
    tree.add(attention, "matmul", 0, 4e6, 1048576.0);
    tree.add(attention, "SoftMax", 0, 1e6, 4 * 1048576.0);
    tree.add(attention, "matmul", 0, 4e6, 1048576.0);
    tree.add(root, "LayerNorm", 6, 2e6, 1048576.0);
    return tree.finish();
}

TEST(TreeTerms, OwnWorkIsWhatTheChildrenLeave) {
    const Tree tree = small_tree();
    InstanceTypes types;
    TreeTerms terms;
    for (int round = 0; round < 2; ++round) {  // the second in used memory
        terms.derive(tree, models::AdditiveLevel::all, "x", types);
        const NodeTerms& root = terms.nodes()[0];
        EXPECT_NEAR(root.own_flops, 7e6, 1e-3);
        EXPECT_NEAR(root.own_bytes, 3 * 1048576.0, 1e-3);
        EXPECT_EQ(root.launches, 1.0);
        EXPECT_EQ(root.softmax_bytes, 0.0);
        EXPECT_FALSE(root.attention);
        const NodeTerms& attention = terms.nodes()[1];
        EXPECT_NEAR(attention.own_flops, 1e6, 1e-3);
        EXPECT_NEAR(attention.ratio(), 1e6 / (2 * 1048576.0), 1e-9);
        EXPECT_EQ(attention.launches, 4.0);
        EXPECT_EQ(attention.softmax_bytes, 4 * 1048576.0);
        EXPECT_NEAR(attention.qkv_bytes, 8e6 / 8.0, 1e-6);
        EXPECT_TRUE(attention.attention);
        const double self = tree.nodes()[1].measured_energy - tree.nodes()[2].measured_energy -
                            tree.nodes()[3].measured_energy - tree.nodes()[4].measured_energy -
                            tree.nodes()[5].measured_energy;
        EXPECT_NEAR(attention.own_joules, 0.9 * self, 1e-12);
        EXPECT_NEAR(attention.own_seconds, self / 100.0, 1e-12);
        EXPECT_NEAR(attention.own_cpu_seconds, self / 200.0, 1e-12);
        const NodeTerms& dense = terms.nodes()[2];
        EXPECT_TRUE(dense.is_dense);
        EXPECT_NEAR(dense.rows, 16.0, 0.0);
        EXPECT_NEAR(dense.inner_size, 3.0, 1e-9);
        EXPECT_NEAR(dense.outer_size, 3.0, 1e-9);

        const auto signature = terms.signature(1, types);
        std::vector<std::string> names;
        for (const std::uint32_t group : signature) names.push_back(types.name(group));
        std::sort(names.begin(), names.end());
        EXPECT_EQ(names, (std::vector<std::string>{"dense", "matmul", "matmul", "softmax"}));
        const auto of_root = terms.signature(0, types);
        ASSERT_EQ(of_root.size(), 2U);
        EXPECT_EQ(of_root[1], TreeTerms::kInner);
    }
}

TEST(TreeTerms, FeaturesOfTheLevelMustBeThere) {
    const Tree whole = small_tree();
    const auto derive_without = [&whole](Feature feature, models::AdditiveLevel level) {
        const Tree tree = on_line(with_feature(whole, 4, feature, absent()), 3);
        InstanceTypes types;
        TreeTerms().derive(tree, level, "runs.jsonl", types);
    };
    const auto refused = [&](Feature feature, models::AdditiveLevel level) {
        expect_contains(refusal(ErrorKind::data, [&] { derive_without(feature, level); }),
                        "runs.jsonl:3: node 'n4': field '" + std::string(name(feature)) + "'");
    };
    for (const models::AdditiveLevel level :
         {models::AdditiveLevel::specs, models::AdditiveLevel::timing, models::AdditiveLevel::all}) {
        SCOPED_TRACE(name(level));
        for (const Feature feature : models::required_features(level)) refused(feature, level);
        EXPECT_NO_THROW(derive_without(Feature::gpu_clk, level));
    }
    EXPECT_NO_THROW(derive_without(Feature::times_mean, models::AdditiveLevel::specs));
    EXPECT_NO_THROW(derive_without(Feature::cpu, models::AdditiveLevel::timing));
    EXPECT_NO_THROW(derive_without(Feature::gpu_energy_mean, models::AdditiveLevel::timing));
}

}  // namespace
}  // namespace irene::tests
