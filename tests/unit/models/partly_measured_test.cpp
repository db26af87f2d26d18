// Trees of which only some nodes were measured: what they say, by hand, and how near the fit comes to the law
// that made-up runs follow.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "additive_trees.hpp"
#include "fitted.hpp"
#include "models/additive/equations.hpp"
#include "models/additive/explain.hpp"
#include "models/fitted_model.hpp"
#include "refusal.hpp"

namespace irene::tests {
namespace {

using models::AdditiveLevel;

/// The tree with the measured energies of those nodes alone that `is_kept` accepts.
Tree measured_at(const Tree& tree, const std::function<bool(std::size_t)>& is_kept) {
    return changed(tree, [&](std::size_t node, NewNode& other) {
        if (!is_kept(node)) other.measured_energy = absent();
    });
}

Dataset measured_at(const Dataset& data, const std::function<bool(std::size_t)>& is_kept) {
    Dataset partly;
    partly.source = data.source;
    for (const Tree& tree : data.trees) partly.trees.push_back(measured_at(tree, is_kept));
    return partly;
}

bool is_at_root(std::size_t node) { return node == 0; }

models::AdditiveModel fit_partly(const Dataset& data, AdditiveLevel level) {
    return fit_additive(data, every_tree(data), level);
}

/// Mean error of all nodes, or of roots alone, in percent.
double mean_error(const models::AdditiveModel& model, const Dataset& truth, bool roots_alone = false) {
    AdditivePredictor predictor(model);
    double sum = 0.0;
    std::size_t count = 0;
    for (const Tree& tree : truth.trees) {
        const std::vector<double> joules = predictor.predict(tree, truth.source);
        for (std::size_t node = 0; node < (roots_alone ? 1 : joules.size()); ++node, ++count) {
            const double measured = tree.nodes()[node].measured_energy;
            sum += 100.0 * std::fabs(joules[node] - measured) / measured;
        }
    }
    return sum / static_cast<double>(count);
}

/// root { block { embedding, tanh }, tanh }, whose energies are given in preorder.
Tree five_nodes(const std::vector<double>& joules) {
    TreeByCounts builder("m", 1, 8);
    const std::int32_t root = builder.add(-1, "Root", 0, 0, 0);
    const std::int32_t block = builder.add(root, "Block", 0, 0, 0);
    builder.add(block, "Embedding", 10, 0, 1048576.0);
    builder.add(block, "Tanh", 0, 100, 2097152.0);
    builder.add(root, "Tanh", 0, 100, 4194304.0);
    return changed(builder.finish(),
                   [&](std::size_t node, NewNode& other) { other.measured_energy = joules[node]; });
}

std::vector<models::Equation> equations_of(const models::AdditiveData& data) {
    std::vector<models::Equation> equations;
    add_equations(data, 0, equations);
    return equations;
}

TEST(Equations, AMeasuredNodeIsWhatLiesBetweenItAndTheNextMeasuredOnes) {
    const double none = absent();
    struct Case {
        std::vector<double> joules;
        std::vector<double> remainders;
        std::vector<std::size_t> num_parts;
    };
    for (const Case& expected : std::vector<Case>{
             {{10, none, none, none, none}, {10}, {5}},
             {{10, 6, none, none, none}, {4, 6}, {2, 3}},
             {{10, 6, 2, 3, none}, {4, 1}, {2, 1}},
             {{10, none, 2, none, 3}, {5}, {3}},
             {{none, 6, none, 3, 3}, {3}, {2}},
             {{none, none, none, none, 3}, {}, {}},
             {{10, 6, 2, 3, 3}, {1, 1}, {1, 1}},
         }) {
        Dataset data;
        data.trees.push_back(five_nodes(expected.joules));
        const models::AdditiveData prepared(data, AdditiveLevel::specs);
        const std::vector<models::Equation> equations = equations_of(prepared);
        ASSERT_EQ(equations.size(), expected.remainders.size());
        for (std::size_t i = 0; i < equations.size(); ++i) {
            EXPECT_EQ(equations[i].remainder, expected.remainders[i]);
            EXPECT_EQ(equations[i].parts.size(), expected.num_parts[i]);
            EXPECT_EQ(equations[i].weight, 1.0);
        }
    }
}

TEST(Equations, EqualLayersAreOneEquationThatWeighsMore) {
    Dataset data;
    data.trees.push_back(measured_at(make_transformer({.num_layers = 9}, 4, 16), is_at_root));
    const Tree& tree = data.trees.front();
    // The layers are measured too.
    data.trees.front() = changed(tree, [&](std::size_t, NewNode& node) {
        if (node.instance_type == "Layer") node.measured_energy = 1.0;
        if (node.instance_type == "Model") node.measured_energy = 10.0;
    });
    const models::AdditiveData prepared(data, AdditiveLevel::specs);
    const std::vector<models::Equation> equations = equations_of(prepared);
    ASSERT_EQ(equations.size(), 2U);
    EXPECT_EQ(equations[0].remainder, 1.0);
    EXPECT_EQ(equations[1].weight, 3.0);
}

TEST(PartlyMeasured, OneEquationOverTwoNodesIsMetAndSharedByThePricesOfTheirBytes) {
    // root { embedding 1 MiB, tanh 3 MiB }: 2 J in all. Calls and bytes of either cost the same, so that more
    // goes to the one with more bytes, and no more than in proportion.
    TreeByCounts builder("m", 1, 8);
    const std::int32_t root = builder.add(-1, "Root", 0, 0, 0);
    builder.add(root, "Embedding", 10, 0, 1048576.0);
    builder.add(root, "Tanh", 0, 0, 3145728.0);
    Dataset data;
    data.trees.push_back(measured_at(with_energy(builder.finish(), 0, 2.0), is_at_root));
    AdditivePredictor predictor(fit_partly(data, AdditiveLevel::specs));
    const std::vector<double> joules = predictor.predict(data.trees.front(), "data");
    EXPECT_NEAR(joules[0], 2.0, 1e-5);
    EXPECT_GE(joules[2], joules[1]);
    EXPECT_LE(joules[2], 3.0 * joules[1] * (1.0 + 1e-9));
    EXPECT_GT(joules[1], 0.0);
}

TEST(PartlyMeasured, EquationsThatContradictEachOtherAreMetHalfWayInRelativeError) {
    // Twice the same tree, with 1 J and 2 J: the energy e of least (1 - e)^2 + (1 - e / 2)^2 is 1.2 J.
    TreeByCounts builder("m", 1, 8);
    builder.add(builder.add(-1, "Root", 0, 0, 0), "Tanh", 0, 0, 1048576.0);
    const Tree tree = builder.finish();
    Dataset data;
    for (const double joules : {1.0, 2.0})
        data.trees.push_back(measured_at(with_energy(tree, 0, joules), is_at_root));
    AdditivePredictor predictor(fit_partly(data, AdditiveLevel::specs));
    EXPECT_NEAR(predictor.predict(tree, "data")[0], 1.2, 1e-5);
}

TEST(PartlyMeasured, RootsAloneGiveTheLawOfMadeUpRuns) {
    const Dataset truth = made_up_runs();
    for (const AdditiveLevel level : kLevels) {
        const models::AdditiveModel model = fit_partly(measured_at(truth, is_at_root), level);
        EXPECT_LT(mean_error(model, truth, true), 1.0) << name(level);
        EXPECT_EQ(model.num_measurements, truth.trees.size());
        // Types that nobody measured have no figure.
        EXPECT_FALSE(model.training_error[static_cast<std::size_t>(NodeType::ml)].has_value());
        EXPECT_FALSE(model.training_error[static_cast<std::size_t>(NodeType::module)].has_value());
        EXPECT_TRUE(model.training_error[static_cast<std::size_t>(NodeType::model)].has_value());
        EXPECT_NE(explain(model).find("measured in sums alone"), std::string::npos);
    }
}

TEST(PartlyMeasured, HalfOfTheNodesTellNearlyWhatAllDo) {
    const Dataset truth = made_up_runs();
    std::mt19937 random(1);
    const auto at_random = [&random](std::size_t node) { return node == 0 || random() % 2 == 0; };
    for (const AdditiveLevel level : kLevels) {
        const Dataset partly = measured_at(truth, at_random);
        const double of_whole = mean_error(fit_partly(truth, level), truth);
        EXPECT_LT(mean_error(fit_partly(partly, level), truth), 1.2 * of_whole + 0.1) << name(level);
    }
}

TEST(PartlyMeasured, AFewLeavesBesideTheRootsBindTheirOperation) {
    // Softmax costs ten times what the law says, which roots alone do not tell, and its leaves in three runs
    // do.
    Dataset truth = made_up_runs();
    for (Tree& tree : truth.trees) {
        std::vector<double> more(tree.nodes().size(), 0.0);
        for (std::size_t node = tree.nodes().size(); node-- > 0;) {
            if (tree.instance_type(node) == "softmax") more[node] = 9.0 * tree.nodes()[node].measured_energy;
            if (node > 0) more[static_cast<std::size_t>(tree.nodes()[node].parent)] += more[node];
        }
        tree = changed(tree, [&](std::size_t node, NewNode& other) { other.measured_energy += more[node]; });
    }
    Dataset partly = measured_at(truth, is_at_root);
    for (const std::size_t i : {0U, 7U, 23U}) {
        const Tree& tree = truth.trees[i];
        partly.trees[i] = measured_at(
            tree, [&tree](std::size_t node) { return node == 0 || tree.instance_type(node) == "softmax"; });
    }
    AdditivePredictor predictor(fit_partly(partly, AdditiveLevel::specs));
    for (const std::size_t i : {0U, 7U, 23U}) {
        const Tree& tree = truth.trees[i];
        const std::vector<double> joules = predictor.predict(tree, "data");
        for (std::size_t node = 0; node < joules.size(); ++node) {
            if (tree.instance_type(node) != "softmax") continue;
            EXPECT_NEAR(joules[node] / tree.nodes()[node].measured_energy, 1.0, 0.1) << i;
        }
    }
}

TEST(PartlyMeasured, OneUnmeasuredNodeChangesLittle) {
    const Dataset truth = made_up_runs();
    for (const AdditiveLevel level : kLevels) {
        Dataset partly = truth;
        partly.trees[3] = measured_at(truth.trees[3], [](std::size_t node) { return node != 5; });
        const models::AdditiveModel whole = fit_partly(truth, level), other = fit_partly(partly, level);
        EXPECT_EQ(whole.leaf_ranges.size(), other.leaf_ranges.size());
        EXPECT_NEAR(mean_error(other, truth), mean_error(whole, truth), 0.1) << name(level);
    }
}

TEST(PartlyMeasured, ATreeWithoutAnyMeasurementIsRefused) {
    Dataset data = made_up_runs();
    data.trees[2] = measured_at(data.trees[2], [](std::size_t) { return false; });
    Config config;
    config.training_strategy = TrainingStrategy::additive;
    config.feature_sets = {FeatureSet::model_specs};
    const std::string why = refusal(ErrorKind::data, [&] { models::make_trainer(data, config); });
    expect_contains(why, "as in all nodes");
    expect_contains(why, "made_up.jsonl:3");
    data.trees[2] = with_energy(measured_at(made_up_runs().trees[2], is_at_root), 0, 0.0);
    expect_contains(refusal(ErrorKind::data, [&] { models::make_trainer(data, config); }), "above 0 J");
    // The paper's strategies train on every node.
    data.trees[2] = measured_at(made_up_runs().trees[2], is_at_root);
    expect_contains(refusal(ErrorKind::data, [&] { models::make_trainer(data, {}); }), "'additive'");
}

TEST(PartlyMeasured, IntervalsAreThoseOfMeasuredTypes) {
    const Dataset partly = measured_at(made_up_runs(), is_at_root);
    const models::Intervals intervals = learn_intervals(partly, every_tree(partly), AdditiveLevel::specs);
    const auto of = [&intervals](NodeType type) { return intervals.spread[static_cast<std::size_t>(type)]; };
    EXPECT_EQ(of(NodeType::ml).num_measurements, 0U);
    EXPECT_EQ(of(NodeType::model).num_measurements, partly.trees.size());
    const models::IntervalRule rule(intervals, 0.5);
    EXPECT_EQ(rule.half_width(NodeType::ml, {}), std::nullopt);
    EXPECT_EQ(rule.why_none(NodeType::ml, {}), "training measured no node of type 'ml'");
    EXPECT_TRUE(rule.half_width(NodeType::model, {}).has_value());
}

}  // namespace
}  // namespace irene::tests
