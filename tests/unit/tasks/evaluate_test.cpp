#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "irene/tasks.hpp"

#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

/// A run whose predictions are the measured energies times `factor`, node by node as the type says.
void predict_by_factor(Json& node, double ml, double module, double model) {
    const std::string type = node["type"];
    const double factor = type == "module" ? module : type == "model" ? model : ml;
    node["predicted_energy"] = node["ground_truth_energy"].get<double>() * factor;
    for (Json& child : node["child_nodes_obj"]) predict_by_factor(child, ml, module, model);
}

Json run_with_errors(const std::string& prefix, double ml = 1.5, double module = 0.75, double model = 2.0) {
    Json run = small_run(prefix);
    predict_by_factor(run["frontend_tree"], ml, module, model);
    return run;
}

void for_each_node(Json& node, const std::function<void(Json&)>& change) {
    change(node);
    for (Json& child : node["child_nodes_obj"]) for_each_node(child, change);
}

class Evaluate : public testing::Test {
  protected:
    Evaluation evaluate(const std::vector<std::string>& gold, const std::vector<std::string>& predictions,
                        const EvaluateOptions& options = {}) {
        write_file(gold_, join_lines(gold));
        write_file(predictions_, join_lines(predictions));
        return evaluate_files(gold_, predictions_, options);
    }

    const TemporaryDirectory directory_;
    const std::filesystem::path gold_ = directory_ / "gold.jsonl", predictions_ = directory_ / "p.jsonl";
};

void expect_errors(const Evaluation& evaluation, double ml, double module, double model) {
    ASSERT_EQ(evaluation.errors.size(), 3U);
    EXPECT_EQ(evaluation.errors[0].type, NodeType::ml);
    EXPECT_EQ(evaluation.errors[1].type, NodeType::module);
    EXPECT_EQ(evaluation.errors[2].type, NodeType::model);
    EXPECT_NEAR(evaluation.errors[0].percentage_error.value(), ml, 1e-9);
    EXPECT_NEAR(evaluation.errors[1].percentage_error.value(), module, 1e-9);
    EXPECT_NEAR(evaluation.errors[2].percentage_error.value(), model, 1e-9);
}

TEST_F(Evaluate, MeansByTypeWorkedByHand) {
    const Evaluation evaluation =
        evaluate({small_line("a"), small_line("b")},
                 {run_with_errors("a").dump(), run_with_errors("b", 1.0, 1.25, 1.0).dump()});
    expect_errors(evaluation, 25.0, 25.0, 50.0);
    EXPECT_EQ(evaluation.errors[0].num_nodes, 8U);
    EXPECT_EQ(evaluation.errors[1].num_nodes, 6U);
    EXPECT_EQ(evaluation.errors[2].num_nodes, 2U);
    EXPECT_EQ(evaluation.num_missing_predictions, 0U);
    EXPECT_EQ(evaluation.num_without_measurement, 0U);
    EXPECT_EQ(evaluation.num_unknown_predictions, 0U);
    EXPECT_EQ(
        to_json(evaluation),
        "{\n    \"ml\": 25.0,\n    \"module\": 25.0,\n    \"model\": 50.0,\n    \"seconds\": null\n}\n");
}

TEST_F(Evaluate, OrderOfLinesAndMeasuredEnergiesOfThePredictionsDoNotMatter) {
    Json other = run_with_errors("a");
    other["frontend_tree"].erase("ground_truth_energy");
    const Evaluation evaluation = evaluate({small_line("a"), small_line("b")},
                                           {run_with_errors("b", 1.0, 1.25, 1.0).dump(), other.dump()});
    expect_errors(evaluation, 25.0, 25.0, 50.0);
}

TEST_F(Evaluate, TypesComeAsAskedFor) {
    const Evaluation evaluation = evaluate({small_line("a")}, {run_with_errors("a").dump()},
                                           {.node_types = {NodeType::model, NodeType::ml}, .threads = 2});
    ASSERT_EQ(evaluation.errors.size(), 2U);
    EXPECT_EQ(evaluation.errors[0].type, NodeType::model);
    EXPECT_EQ(to_json(evaluation), "{\n    \"model\": 100.0,\n    \"ml\": 50.0,\n    \"seconds\": null\n}\n");
}

TEST_F(Evaluate, MissingPredictionsCountAsZero) {
    Json gaps = run_with_errors("a", 1.0, 1.0, 1.0);
    gaps["frontend_tree"]["child_nodes_obj"][0]["child_nodes_obj"][0].erase("predicted_energy");
    // One of eight leaves has none, and the whole of tree c is missing: 4 + 1 of 12, 3 of 9, 1 of 3.
    const Evaluation evaluation = evaluate({small_line("a"), small_line("b"), small_line("c")},
                                           {run_with_errors("b", 1.0, 1.0, 1.0).dump(), gaps.dump()});
    expect_errors(evaluation, 100.0 * 5.0 / 12.0, 100.0 / 3.0, 100.0 / 3.0);
    EXPECT_EQ(evaluation.num_missing_predictions, 9U);
    const std::string what =
        refusal(ErrorKind::data, [&] { evaluate_files(gold_, predictions_, {.strict = true}); });
    expect_contains(what, "gold.jsonl:1: node 'scope.a/embedding'");
    expect_contains(what, "p.jsonl");
    // Types that are not scored may lack them.
    EXPECT_NO_THROW(
        evaluate({small_line("a")}, {gaps.dump()}, {.node_types = {NodeType::model}, .strict = true}));
}

TEST_F(Evaluate, APredictionOfZeroIsAValue) {
    const Evaluation evaluation =
        evaluate({small_line("a")}, {run_with_errors("a", 0.0, 0.0, 0.0).dump()}, {.strict = true});
    expect_errors(evaluation, 100.0, 100.0, 100.0);
    EXPECT_EQ(evaluation.num_missing_predictions, 0U);
}

TEST_F(Evaluate, NodesWithoutMeasurementAreLeftOut) {
    Json gold = small_run("a");
    gold["frontend_tree"].erase("ground_truth_energy");
    gold["frontend_tree"]["child_nodes_obj"][0]["ground_truth_energy"] = 0.0;
    Json predictions = run_with_errors("a");
    predictions["frontend_tree"].erase("predicted_energy");  // nobody misses it
    const Evaluation evaluation = evaluate({gold.dump()}, {predictions.dump()}, {.strict = true});
    EXPECT_EQ(evaluation.num_without_measurement, 2U);
    EXPECT_EQ(evaluation.num_missing_predictions, 0U);
    EXPECT_EQ(evaluation.errors[1].num_nodes, 2U);
    EXPECT_FALSE(evaluation.errors[2].percentage_error);
    EXPECT_EQ(
        to_json(evaluation),
        "{\n    \"ml\": 50.0,\n    \"module\": 25.0,\n    \"model\": null,\n    \"seconds\": null\n}\n");
}

/// A run whose root, and whose first child, as a call of it, take the times given; 0: none.
Json with_times(Json run, const char* key, double root, double call) {
    Json& node = run["frontend_tree"];
    for_each_node(node, [&](Json& any) { any.erase(key); });
    if (root > 0.0) node[key] = root;
    if (call > 0.0) node["child_nodes_obj"][0][key] = call;
    return run;
}

TEST_F(Evaluate, SecondsAreScoredOfRunsAndTheirCalls) {
    const auto gold = [](const std::string& id, double root, double call) {
        return with_times(small_run(id), "times_mean", root, call).dump();
    };
    const auto predicted = [](const std::string& id, double root, double call) {
        return with_times(run_with_errors(id), "predicted_seconds", root, call).dump();
    };
    // Errors of 50, 100 and 25 %; a call's time that nobody measured, or predicted, is none.
    const Evaluation evaluation =
        evaluate({gold("a", 2.0, 1.0), gold("b", 4.0, 0.0), gold("c", 0.0, 1.0)},
                 {predicted("c", 3.0, 0.0), predicted("b", 5.0, 9.0), predicted("a", 3.0, 2.0)},
                 {.node_types = {NodeType::ml}, .strict = true});
    EXPECT_NEAR(evaluation.seconds.percentage_error.value(), 175.0 / 3.0, 1e-12);
    EXPECT_EQ(evaluation.seconds.num_nodes, 3U);
    EXPECT_EQ(evaluation.seconds.num_missing, 0U);
    EXPECT_EQ(to_json(evaluation), "{\n    \"ml\": 50.0,\n    \"seconds\": 58.33\n}\n");
    EXPECT_EQ(to_text(evaluation), "Percentage Error Results:\n" + to_json(evaluation));
    // A root that was timed and of which others of the file have seconds is missing.
    const Evaluation missing = evaluate({gold("a", 2.0, 1.0), gold("b", 4.0, 2.0)},
                                        {predicted("a", 3.0, 0.0), predicted("b", 0.0, 0.0)});
    EXPECT_NEAR(missing.seconds.percentage_error.value(), 75.0, 1e-12);
    EXPECT_EQ(missing.seconds.num_missing, 1U);
    EXPECT_EQ(missing.num_missing_predictions, 0U);
    expect_contains(refusal(ErrorKind::data, [&] { evaluate_files(gold_, predictions_, {.strict = true}); }),
                    "gold.jsonl:2: node 'scope.b/root': has no predicted_seconds in ");
    // Where none has any, the model knows no times, and nothing is missing.
    const Evaluation none = evaluate({gold("a", 2.0, 1.0)}, {predicted("a", 0.0, 0.0)}, {.strict = true});
    EXPECT_FALSE(none.seconds.percentage_error);
    EXPECT_EQ(none.seconds.num_missing, 0U);
    EXPECT_EQ(to_text(none).find("seconds"), std::string::npos);
    // Nor where no run was timed.
    EXPECT_EQ(evaluate({gold("a", 0.0, 0.0)}, {predicted("a", 2.0, 0.0)}, {.strict = true}).seconds.num_nodes,
              0U);
    const Evaluation too_large = evaluate({gold("a", 1e-300, 0.0)}, {predicted("a", 1e300, 0.0)});
    EXPECT_FALSE(too_large.seconds.percentage_error);
    EXPECT_EQ(too_large.seconds.num_nodes, 1U);
}

TEST_F(Evaluate, UnknownPredictionsAreCounted) {
    const Evaluation evaluation =
        evaluate({small_line("a")}, {run_with_errors("z").dump(), run_with_errors("a").dump()});
    EXPECT_EQ(evaluation.num_unknown_predictions, kSmallRunNodes);
    expect_errors(evaluation, 50.0, 25.0, 100.0);
}

TEST_F(Evaluate, WhatCannotBeScoredIsRefused) {
    Json unmeasured = run_with_errors("a");
    for_each_node(unmeasured["frontend_tree"], [](Json& node) { node.erase("ground_truth_energy"); });
    Json measured_as_0 = run_with_errors("a");
    for_each_node(measured_as_0["frontend_tree"], [](Json& node) { node["ground_truth_energy"] = 0.0; });
    Json only_leaves = run_with_errors("a");
    for_each_node(only_leaves["frontend_tree"], [](Json& node) {
        if (node["type"] != "ml") node.erase("ground_truth_energy");
    });
    const std::string predictions = run_with_errors("a").dump();
    const auto refused = [&](const std::string& gold, const std::string& scored,
                             const EvaluateOptions& options = {}) {
        return refusal(ErrorKind::data, [&] { evaluate({gold}, {scored}, options); });
    };
    for (const Json& gold : {unmeasured, measured_as_0}) {
        const std::string what = refused(gold.dump(), predictions);
        for (const char* part : {"gold.jsonl: field 'ground_truth_energy'", "nothing can be scored",
                                 "are gold and predictions swapped?"})
            expect_contains(what, part);
    }
    for (const bool strict : {false, true}) {
        const std::string what = refused(predictions, small_line("a"), {.strict = strict});
        for (const char* part :
             {"p.jsonl: field 'predicted_energy'", "on no node", "Are gold and predictions swapped?"})
            expect_contains(what, part);
    }
    expect_contains(
        refused(only_leaves.dump(), predictions, {.node_types = {NodeType::module, NodeType::model}}),
        "no node of the types that are scored (module, model) has a measured energy");
    expect_contains(refused(small_line("a"), run_with_errors("z").dump()),
                    "none of the 8 nodes to score has a prediction in");
}

TEST_F(Evaluate, AMeanTooLargeForADoubleIsNoScore) {
    Json run = run_with_errors("a", 1.0, 1.0, 1.0);
    run["frontend_tree"]["predicted_energy"] = 1e308;
    run["frontend_tree"]["ground_truth_energy"] = 1e-10;
    const Evaluation evaluation = evaluate({run.dump()}, {run.dump()});
    EXPECT_EQ(evaluation.errors[2].num_nodes, 1U);
    EXPECT_FALSE(evaluation.errors[2].percentage_error);
    EXPECT_EQ(to_json(evaluation),
              "{\n    \"ml\": 0.0,\n    \"module\": 0.0,\n    \"model\": null,\n    \"seconds\": null\n}\n");
}

TEST_F(Evaluate, FilesThatDoNotFit) {
    refusal(ErrorKind::usage, [] { evaluate_files("-", "-"); });
    write_file(gold_, small_line("a"));
    expect_contains(refusal(ErrorKind::no_input, [&] { evaluate_files(gold_, predictions_); }), "p.jsonl");
    const std::string line = small_line("a");
    expect_contains(refusal(ErrorKind::data, [&] { evaluate({line}, {line, line}); }), "p.jsonl:2");
    expect_contains(refusal(ErrorKind::data, [&] { evaluate({line, line}, {line}); }), "gold.jsonl:2");
}

TEST(RoundPercentage, RoundsTheExactValueHalfToEven) {
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<std::pair<double, double>> cases{
        {2.675, 2.67},                   // 2.67499999999999982236431605997495353221893310546875
        {2.685, 2.69},                   // 2.685000000000000053290705182007513940334320068359375
        {1.005, 1.0},    {0.125, 0.12},  // a tie, to even
        {0.375, 0.38},                   // a tie, to even
        {0.625, 0.62},   {-0.125, -0.12},
        {0.005, 0.01},  // 0.005000000000000000104...
        {0.015, 0.01},   {0.0049, 0.0},
        {99.995, 100.0},  // 99.9950000000000045...
        {99.996, 100.0}, {0.0, 0.0},
        {5.0, 5.0},      {123456789.125, 123456789.12},
        {1e300, 1e300},  {1.7976931348623157e308, 1.7976931348623157e308},
        {5e-324, 0.0},   {infinity, infinity},
    };
    for (const auto& [value, expected] : cases) {
        SCOPED_TRACE(value);
        EXPECT_EQ(round_percentage(value), expected);
    }
}

}  // namespace
}  // namespace irene::tests
