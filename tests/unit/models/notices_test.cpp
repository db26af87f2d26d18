#include "irene/notices.hpp"

#include <gtest/gtest.h>

#include "models/weighted/feature_ranges.hpp"
#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

TEST(FeatureRanges, AreThoseOfTheRowsThatCount) {
    const std::vector<double> rows{1, 5, 2, 4, -3, 900};
    const std::vector<models::FeatureRange> expected{{1, 2}, {4, 5}};
    EXPECT_EQ(models::ranges_of(rows, std::vector<std::uint32_t>{1, 3, 0}, 2), expected);
}

TEST(FeatureRanges, AFeatureThatNeverVariedMustNotMove) {
    const Tree tree = parse_tree(small_line("t"));
    const std::vector<Feature> features{Feature::flops, Feature::gpu_mem_clk};
    const std::vector<models::FeatureRange> ranges{{10, 100}, {3802, 3802}};
    const auto outside = [&](double flops, double clock) {
        PredictionNotices notices;
        std::vector<Extrapolation> extrapolations;
        const bool is_within = models::note_range(tree, 3, features, std::vector<double>{flops, clock},
                                                  ranges, notices, extrapolations);
        EXPECT_EQ(extrapolations.empty(), is_within);
        if (is_within) return notices;
        EXPECT_EQ(extrapolations.at(0).node, 3U);
        EXPECT_EQ(extrapolations.at(0).quantities.at(0), notices.worst->quantity);
        return notices;
    };
    EXPECT_EQ(outside(10, 3802).num_out_of_range, 0U);
    EXPECT_EQ(outside(101, 3802).num_out_of_range, 0U);  // within the slack
    EXPECT_EQ(outside(9.5, 3802).num_out_of_range, 0U);
    const PredictionNotices far = outside(200, 3802);
    EXPECT_EQ(far.num_out_of_range, 1U);
    EXPECT_EQ(far.worst->quantity, "flops");
    EXPECT_EQ(far.worst->overshoot, 2.0);
    const PredictionNotices moved = outside(50, 3803);
    EXPECT_EQ(moved.num_out_of_range, 1U);
    EXPECT_EQ(moved.worst->quantity, "gpu_mem_clk");
    EXPECT_EQ(moved.worst->scope, tree.scope(3));
    expect_contains(to_words(moved).at(0),
                    "gpu_mem_clk (which never varied in training) is 3803, training saw only 3802");
    EXPECT_EQ(outside(-5, 3802).num_out_of_range, 1U);
    PredictionNotices unknown;
    std::vector<Extrapolation> none;
    EXPECT_TRUE(models::note_range(tree, 3, features, std::vector<double>{1, 1}, {}, unknown, none));
    EXPECT_EQ(unknown.num_out_of_range, 0U);
}

TEST(Notices, PartsOfAFileAddUpInAnyOrder) {
    PredictionNotices first, second;
    first.num_nodes = 3;
    first.num_out_of_range = 1;
    first.worst = OutOfRange{
        .quantity = "rows", .value = 8, .least = 1, .greatest = 4, .overshoot = 2, .line = 7, .scope = "a"};
    first.counts = {.num_dense = 5,
                    .by_cause = {},
                    .first = ContradictingCounts::Example{.line = 7, .node = 1, .scope = "a"}};
    first.counts.by_cause[static_cast<std::size_t>(CountsCause::no_parameters)] = 2;
    second.num_nodes = 4;
    second.worst = OutOfRange{
        .quantity = "rows", .value = 8, .least = 1, .greatest = 4, .overshoot = 2, .line = 3, .scope = "b"};
    second.counts = {.num_dense = 1,
                     .by_cause = {},
                     .first = ContradictingCounts::Example{.line = 3, .node = 9, .scope = "b"}};
    second.counts.by_cause[static_cast<std::size_t>(CountsCause::unknown)] = 1;
    PredictionNotices one = first, other = second;
    add(one, second);
    add(other, first);
    EXPECT_EQ(to_words(one), to_words(other));
    EXPECT_EQ(one.num_nodes, 7U);
    EXPECT_EQ(one.worst->scope, "b");
    EXPECT_EQ(one.counts.num_dense, 6U);
    EXPECT_EQ(one.counts.num_nodes(), 3U);
    EXPECT_EQ(one.counts.first->line, 3U);
    // The most frequent cause is told.
    expect_contains(to_words(one.counts), "3 of 6 dense products");
    expect_contains(to_words(one.counts), "frozen weights");
    EXPECT_TRUE(to_words(PredictionNotices{}).empty());
}

}  // namespace
}  // namespace irene::tests
