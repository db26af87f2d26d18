// Prediction intervals: their widths by hand, and how they grow in each direction on trees.
#include "models/intervals.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/model.hpp"
#include "irene/tasks.hpp"

#include "additive_trees.hpp"
#include "fitted.hpp"
#include "numerics/student.hpp"

namespace irene::tests {
namespace {

using models::Direction;
using models::HeldOutError;
using models::IntervalRule;
using models::Intervals;
using models::NodeDistances;

constexpr auto kModel = static_cast<std::size_t>(NodeType::model);

HeldOutError model_error(double log_ratio) { return {.type = NodeType::model, .log_ratio = log_ratio}; }

/// Three models whose whole runs err by 0.03, -0.03 and 0.03 on average, and by 0.01 about that.
Intervals three_models() {
    Intervals intervals;
    learn_spread({{model_error(0.02), model_error(0.04)},
                  {model_error(-0.02), model_error(-0.04)},
                  {model_error(0.02), model_error(0.04)}},
                 intervals);
    models::GrowthLearner().finish(intervals);
    return intervals;
}

NodeDistances at(Direction direction, double distance) {
    NodeDistances node;
    node.distances[static_cast<std::size_t>(direction)] = distance;
    return node;
}

TEST(Intervals, WidthsOfThreeModelsByHand) {
    const Intervals intervals = three_models();
    EXPECT_EQ(intervals.num_models, 3U);
    const models::Spread& spread = intervals.spread[kModel];
    EXPECT_EQ(spread.num_measurements, 6U);
    EXPECT_NEAR(spread.between, 0.03, 1e-15);
    ASSERT_EQ(spread.within.size(), models::kNumIntervalProbabilities);
    EXPECT_NEAR(spread.within[89], 0.01, 1e-15);
    // t of two degrees holds 0.9 within 2.91999.
    const double near = std::hypot(2.919986 * 0.03, 0.01);
    EXPECT_NEAR(*IntervalRule(intervals, 0.9).half_width(NodeType::model, {}), near, 1e-6);
    // One unit beyond in sizes, and what a calibration left open: variances add up.
    const double usual = models::row(Direction::sizes).usual_growth;
    NodeDistances far = at(Direction::sizes, 1.0);
    far.carried = 0.04 * 0.04;
    EXPECT_NEAR(*IntervalRule(intervals, 0.9).half_width(NodeType::model, far),
                std::hypot(near, 2.919986 * usual, 2.919986 * 0.04), 1e-6);
    EXPECT_EQ(IntervalRule(intervals, 0.9).half_width(NodeType::ml, {}), std::nullopt);
}

TEST(Intervals, GrowthIsWhatSquaresGainedPerSquareOfTheDistance) {
    Intervals intervals = three_models();
    models::GrowthLearner growth;
    // 0.09 at distance 3, twice, and a loss: the usual growth is one observation of four.
    growth.add(Direction::sizes, NodeType::model, 0.09, 3.0);
    growth.add(Direction::sizes, NodeType::model, 0.09, 3.0);
    growth.add(Direction::sizes, NodeType::model, -0.0025, 0.5);
    growth.add(Direction::sizes, NodeType::model, 5.0, 0.0);  // at no distance: nothing to learn
    growth.finish(intervals);
    const double usual = models::row(Direction::sizes).usual_growth;
    EXPECT_NEAR(intervals.spread[kModel].growth[static_cast<std::size_t>(Direction::sizes)],
                std::sqrt((usual * usual + 0.01 + 0.01 - 0.01) / 4.0), 1e-15);
    EXPECT_EQ(intervals.spread[kModel].growth[static_cast<std::size_t>(Direction::gpus)],
              models::row(Direction::gpus).usual_growth);
}

TEST(Intervals, WidthsGrowInEveryDirectionUntilThereAreNone) {
    const Intervals intervals = three_models();
    const IntervalRule rule(intervals, 0.9);
    for (std::size_t i = 0; i < models::kNumDirections; ++i) {
        const auto direction = static_cast<Direction>(i);
        SCOPED_TRACE(models::row(direction).name);
        double before = *rule.half_width(NodeType::model, {});
        for (const double distance : {0.1, 0.3, 0.7, 1.0}) {
            const std::optional<double> width = rule.half_width(NodeType::model, at(direction, distance));
            ASSERT_TRUE(width.has_value());
            EXPECT_GT(*width, before);
            before = *width;
        }
    }
    EXPECT_TRUE(rule.half_width(NodeType::model, at(Direction::seq_len, std::log(15.9))).has_value());
    const NodeDistances far = at(Direction::seq_len, std::log(32.0));
    EXPECT_EQ(rule.half_width(NodeType::model, far), std::nullopt);
    EXPECT_EQ(rule.why_none(NodeType::model, far.distances),
              "seq_len lies 32 times beyond the range of training; intervals reach to 16 times");
    NodeDistances open;
    open.carried = 1.0;  // three times the spread is more than a factor of ten
    EXPECT_EQ(rule.half_width(NodeType::model, open), std::nullopt);
    EXPECT_NE(rule.why_none(NodeType::model, {}).find("factor of 10"), std::string::npos);
}

TEST(Intervals, ProbabilitiesThatSoManyModelsSupport) {
    EXPECT_EQ(models::greatest_probability(0), 0.0);
    EXPECT_EQ(models::greatest_probability(1), 0.0);
    EXPECT_NEAR(models::greatest_probability(2), 0.795, 1e-3);
    EXPECT_NEAR(models::greatest_probability(3), 0.9045, 1e-4);
    EXPECT_NEAR(models::greatest_probability(6), 0.9699, 1e-4);
}

TEST(Intervals, RunsOfAnotherKindAreNotLikeTraining) {
    models::Support support;
    TreeByCounts known("a", 8, 32), other("a", 8, 32);
    for (TreeByCounts* made : {&known, &other}) {
        made->add(-1, "Model", 0, 0, 0);
        made->add(0, "Linear", 6, 10, 10);
    }
    other.set(RunKey::dtype, std::string("bfloat16"));
    support.add_run(known.finish());
    const Tree bfloat = other.finish();
    EXPECT_EQ(why_unlike(support, bfloat), "training saw no run with dtype 'bfloat16'");
    TreeByCounts generation("a", 8, 32);
    generation.set(RunKey::new_tokens, std::int64_t{5});
    generation.add(-1, "Model", 0, 0, 0);
    generation.add(0, "Linear", 6, 10, 10);
    EXPECT_EQ(why_unlike(support, generation.finish()), "training saw no run with new_tokens 5");
}

TEST(Intervals, RunsAreNotUnlikeByWhatIsOnlyCarried) {
    const auto tree_of = [](const std::string& model) {
        TreeByCounts made(model, 8, 32);
        made.add(-1, "Model", 0, 0, 0);
        made.add(0, "Linear", 6, 10, 10);
        return made.finish();
    };
    models::Support support;
    support.add_run(tree_of("a"));
    models::Support::OfKey& names = support.runs[static_cast<std::size_t>(RunKey::model_name)];
    EXPECT_TRUE(names.words.empty());
    names.words.insert("a");  // as a file could say
    EXPECT_EQ(why_unlike(support, tree_of("b")), "");
}

// ---- on trees -----------------------------------------------------------------------------------------

struct Shape {
    std::string model = "known";
    std::int64_t batch_size = 8, seq_len = 32;
    double width = 64;
    int depth = 4;
    const char* norm = "LayerNorm";
    const char* block = "Block";
};

/// A stack of blocks: a dense product, a product of attention and a norm.
Tree stack(const Shape& shape) {
    TreeByCounts made(shape.model, shape.batch_size, shape.seq_len);
    const double rows = static_cast<double>(shape.batch_size * shape.seq_len);
    const std::int32_t root = made.add(-1, "Model", 0, 0, 0);
    for (int i = 0; i < shape.depth; ++i) {
        const std::int32_t block = made.add(root, shape.block, 0, 0, rows * shape.width * 4);
        const double w = shape.width;
        made.add(block, "Conv1D", w * w + w, 2 * rows * w * w, 4 * (2 * rows * w + w * w));
        made.add(block, "matmul", 0, 2 * rows * w * static_cast<double>(shape.seq_len),
                 4 * rows * (2 * w + static_cast<double>(shape.seq_len)));
        made.add(block, shape.norm, 2 * w, 5 * rows * w, 8 * rows * w);
    }
    return made.finish();
}

/// A model trained on four models, three batches and lengths, two widths and depths.
const Model& trained() {
    static const Model model = [] {
        Dataset data;
        data.source = "stacks";
        for (const auto& [name, width, depth] : {std::tuple("a", 64.0, 4), std::tuple("b", 64.0, 6),
                                                 std::tuple("c", 96.0, 4), std::tuple("d", 96.0, 6)}) {
            for (const std::int64_t batch_size : {8, 16, 32}) {
                for (const std::int64_t seq_len : {32, 64, 128}) {
                    Shape shape{.model = name, .batch_size = batch_size, .seq_len = seq_len};
                    shape.width = width;
                    shape.depth = depth;
                    data.trees.push_back(stack(shape));
                }
            }
        }
        Config config;
        config.training_strategy = TrainingStrategy::additive;
        config.feature_sets = {FeatureSet::model_specs};
        return train(data, config);
    }();
    return model;
}

/// ln(high / joules) of the root; none where it has no interval.
std::optional<double> width_of(const Shape& shape) {
    const Prediction prediction = Predictor(trained(), 0.9).predict(stack(shape));
    if (is_absent(prediction.high[0])) return std::nullopt;
    return std::log(prediction.high[0] / prediction.joules[0]);
}

TEST(IntervalsOfTrees, WidenWithBatchLengthWidthDepthAndWhatWasNeverSeen) {
    const double inside = *width_of({});
    const auto grows = [&](const char* what, const std::vector<std::function<void(Shape&)>>& steps) {
        SCOPED_TRACE(what);
        double before = inside;
        for (const auto& step : steps) {
            Shape shape;
            step(shape);
            const std::optional<double> width = width_of(shape);
            ASSERT_TRUE(width.has_value());
            EXPECT_GT(*width, before * 1.0001);
            before = *width;
        }
    };
    const auto set = [](auto Shape::*member, auto... values) {
        return std::vector<std::function<void(Shape&)>>{[=](Shape& shape) { shape.*member = values; }...};
    };
    grows("batch", set(&Shape::batch_size, 48, 64, 128, 256));
    grows("smaller batch", set(&Shape::batch_size, 4, 2, 1));
    grows("length", set(&Shape::seq_len, 192, 256, 512));
    grows("smaller length", set(&Shape::seq_len, 16, 8, 4));
    grows("width", set(&Shape::width, 128.0, 192.0, 256.0, 512.0));
    grows("depth", set(&Shape::depth, 8, 12, 24));
    grows("operation", set(&Shape::norm, "RMSNorm"));
    EXPECT_EQ(width_of({.batch_size = 32 * 17}), std::nullopt);
    EXPECT_EQ(width_of({.seq_len = 1}), std::nullopt);
}

TEST(IntervalsOfTrees, NodesWithoutOneSayWhy) {
    const Prediction near = Predictor(trained(), 0.9).predict(stack({}));
    EXPECT_TRUE(near.no_interval.empty());
    const Prediction far = Predictor(trained(), 0.9).predict(stack({.seq_len = 128 * 20}));
    ASSERT_EQ(far.no_interval.size(), far.joules.size());
    EXPECT_EQ(far.no_interval[0],
              "seq_len lies 20 times beyond the range of training; intervals reach to 16 times");
    EXPECT_TRUE(is_absent(far.low[0]) && is_absent(far.high[0]));
}

TEST(IntervalsOfTrees, AModelIsAsFarAsItsPartsByEnergy) {
    // All blocks are dense products, products and norms: an unseen norm is a share of the root's energy.
    Shape shape;
    shape.norm = "RMSNorm";
    const Tree tree = stack(shape);
    std::vector<models::NodeDistances> distances;
    const auto predictor = trained().fitted().make_predictor();
    const std::vector<double> joules = predictor->predict(tree, "x", &distances);
    double unseen = 0.0;
    for (std::size_t node = 0; node < joules.size(); ++node) {
        if (tree.instance_type(node) == "RMSNorm") unseen += joules[node];
    }
    constexpr auto kUnseen = static_cast<std::size_t>(Direction::unseen_operation);
    EXPECT_NEAR(distances[0].distances[kUnseen], unseen / joules[0], 1e-12);
    EXPECT_EQ(distances[4].distances[kUnseen], 1.0);
    EXPECT_EQ(distances[2].distances[kUnseen], 0.0);
}

}  // namespace
}  // namespace irene::tests
