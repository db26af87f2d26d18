// irene-evaluate.
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "table.hpp"

namespace irene::tests {

namespace {

const Fixtures& evaluate_fixtures() {
    static const Fixtures fixtures = [] {
        Fixtures all;
        const auto file = [&all](const std::string& name, const std::string& content) {
            all[name].content = content;
        };
        const std::string predictions = make_predictions();
        file("few_predictions.jsonl", predictions.substr(0, predictions.find('\n') + 1));
        std::vector<Json> trees;
        std::istringstream in(predictions);
        for (std::string line; std::getline(in, line);) trees.push_back(Json::parse(line));
        for (Json& tree : trees) norm_of(tree).erase("predicted_energy");
        file("gaps.jsonl", to_jsonl(trees));
        for (Json& tree : trees) norm_of(tree)["predicted_energy"] = 0.0;
        file("zeros.jsonl", to_jsonl(trees));
        // Twice the time that each run took.
        for (Json& tree : trees)
            tree["frontend_tree"]["predicted_seconds"] =
                2.0 * tree["frontend_tree"]["times_mean"].get<double>();
        file("seconds.jsonl", to_jsonl(trees));
        trees[1]["frontend_tree"].erase("predicted_seconds");
        file("some_seconds.jsonl", to_jsonl(trees));
        trees[1]["frontend_tree"]["predicted_seconds"] = -1.0;
        file("negative_seconds.jsonl", to_jsonl(trees));
        return all;
    }();
    return fixtures;
}

std::vector<Case> evaluate_cases() {
    const std::string report =
        "Percentage Error Results:\n{\n    \"ml\": 10.0,\n    \"module\": 20.0,\n    \"model\": 0.0\n}\n";
    const std::string json =
        "{\n    \"ml\": 10.0,\n    \"module\": 20.0,\n    \"model\": 0.0,\n    \"seconds\": null\n}\n";
    std::vector<Case> cases{
        {.name = "evaluate",
         .command = "irene-evaluate {data.jsonl} {predictions.jsonl}",
         .exact_output = report},
        {.name = "evaluate_json",
         .command = "irene-evaluate --json {data.jsonl} {predictions.jsonl}",
         .exact_output = json},
        {.name = "evaluate_joins_by_id",
         .command = "irene-evaluate {data.jsonl} {reversed.jsonl}",
         .exact_output = report},
        {.name = "evaluate_gold_from_standard_input",
         .command = "irene-evaluate - {predictions.jsonl}",
         .input = to_jsonl(make_trees()),
         .exact_output = report},
        {.name = "evaluate_predictions_from_standard_input",
         .command = "irene-evaluate {data.jsonl} -",
         .input = make_predictions(),
         .exact_output = report},
        {.name = "evaluate_both_from_standard_input",
         .command = "irene-evaluate - -",
         .exit_code = 64,
         .input = make_predictions(),
         .errors = {"standard input", "one"}},
        {.name = "evaluate_file_called_dash",
         .command = "irene-evaluate ./{-} {predictions.jsonl}",
         .exact_output = report},
        {.name = "evaluate_strict",
         .command = "irene-evaluate --strict {data.jsonl} {predictions.jsonl}",
         .exact_output = report},
        {.name = "evaluate_full_standard_output",
         .command = "irene-evaluate {data.jsonl} {predictions.jsonl}",
         .exit_code = 74,
         .output_to = "/dev/full",
         .errors = {"standard output", "cannot be written"}},
        {.name = "evaluate_ml",
         .command = "irene-evaluate --json --node_types ml {data.jsonl} {predictions.jsonl}",
         .exact_output = "{\n    \"ml\": 10.0,\n    \"seconds\": null\n}\n"},
        {.name = "evaluate_in_the_order_asked_for",
         .command = "irene-evaluate --json --node_types=model,ml {data.jsonl} {predictions.jsonl}",
         .exact_output = "{\n    \"model\": 0.0,\n    \"ml\": 10.0,\n    \"seconds\": null\n}\n"},
        {.name = "evaluate_all_types_backwards",
         .command = "irene-evaluate --json --node_types model,module,ml {data.jsonl} {predictions.jsonl}",
         .exact_output =
             "{\n    \"model\": 0.0,\n    \"module\": 20.0,\n    \"ml\": 10.0,\n    \"seconds\": null\n}\n"},
        {.name = "evaluate_node_types_twice",
         .command = "irene-evaluate --node_types ml --node_types ml {data.jsonl} {predictions.jsonl}",
         .exit_code = 64,
         .errors = {"--node_types"}},
        {.name = "evaluate_type_twice",
         .command = "irene-evaluate --node_types ml,module,ml {data.jsonl} {predictions.jsonl}",
         .exit_code = 64,
         .errors = {"--node_types", "'ml'", "twice"}},
        // Missing predictions: 20 % of an ML operation's 10 are 100 % off: a third of them, norm is one of
        // three.
        {.name = "evaluate_gaps",
         .command = "irene-evaluate --json {data.jsonl} {gaps.jsonl}",
         .exact_output =
             "{\n    \"ml\": 40.0,\n    \"module\": 20.0,\n    \"model\": 0.0,\n    \"seconds\": null\n}\n",
         .errors = {"6 nodes have no prediction", "0 J"},
         .lines = 1},
        {.name = "evaluate_gaps_quietly",
         .command = "irene-evaluate -q {data.jsonl} {gaps.jsonl}",
         .output = {"\"ml\": 40.0"}},
        {.name = "evaluate_gaps_strictly",
         .command = "irene-evaluate --strict {data.jsonl} {gaps.jsonl}",
         .exit_code = 65,
         .errors = {"data.jsonl:1", "'root.block.norm'", "no prediction", "gaps.jsonl"}},
        {.name = "evaluate_gaps_of_other_types",
         .command = "irene-evaluate --strict --json --node_types module {data.jsonl} {gaps.jsonl}",
         .exact_output = "{\n    \"module\": 20.0,\n    \"seconds\": null\n}\n"},
        {.name = "evaluate_0_is_a_prediction",
         .command = "irene-evaluate --strict {data.jsonl} {zeros.jsonl}",
         .output = {"\"ml\": 40.0"}},
        {.name = "evaluate_seconds",
         .command = "irene-evaluate --strict --json --node_types model {data.jsonl} {seconds.jsonl}",
         .exact_output = "{\n    \"model\": 0.0,\n    \"seconds\": 100.0\n}\n"},
        {.name = "evaluate_some_seconds",
         .command = "irene-evaluate {data.jsonl} {some_seconds.jsonl}",
         .output = {"\"seconds\": 100.0"},
         .errors = {"1 runs that took a time have no predicted seconds; they count as a prediction of 0 s"},
         .lines = 1},
        {.name = "evaluate_some_seconds_strictly",
         .command = "irene-evaluate --strict {data.jsonl} {some_seconds.jsonl}",
         .exit_code = 65,
         .errors = {"data.jsonl:2: node 'root': has no predicted_seconds in", "some_seconds.jsonl"}},
        {.name = "evaluate_negative_seconds",
         .command = "irene-evaluate {data.jsonl} {negative_seconds.jsonl}",
         .exit_code = 65,
         .errors = {"negative_seconds.jsonl:2: node 'root': field 'predicted_seconds'", "not negative"}},
        {.name = "evaluate_missing_trees",
         .command = "irene-evaluate {data.jsonl} {few_predictions.jsonl}",
         .output = {"\"ml\": 85.0", "\"module\": 86.67", "\"model\": 83.33"},
         .errors = {"25 nodes have no prediction"},
         .lines = 1},
        {.name = "evaluate_missing_trees_strictly",
         .command = "irene-evaluate --strict {data.jsonl} {few_predictions.jsonl}",
         .exit_code = 65,
         .errors = {"data.jsonl:2", "'root'", "no prediction"}},
        {.name = "evaluate_surplus_predictions",
         .command = "irene-evaluate {few_predictions.jsonl} {predictions.jsonl}",
         .exact_output = report,
         .errors = {"25 predicted nodes are not in the gold file"},
         .lines = 1},
        {.name = "evaluate_without_predictions",
         .command = "irene-evaluate {data.jsonl} {data.jsonl}",
         .exit_code = 65,
         .errors = {"data.jsonl: field 'predicted_energy'", "on no node",
                    "Are gold and predictions swapped?"}},
        {.name = "evaluate_measurement_missing",
         .command = "irene-evaluate {no_energy.jsonl} {predictions.jsonl}",
         .exact_output = report,
         .errors = {"1 nodes have no measured energy"},
         .lines = 1},
        {.name = "evaluate_measurement_of_0",
         .command = "irene-evaluate {zero_energy.jsonl} {predictions.jsonl}",
         .exact_output = report,
         .errors = {"1 nodes have no measured energy"},
         .lines = 1},
        {.name = "evaluate_no_measurements",
         .command = "irene-evaluate --json {no_energies.jsonl} {predictions.jsonl}",
         .exit_code = 65,
         .errors = {"no_energies.jsonl: field 'ground_truth_energy'", "nothing can be scored",
                    "are gold and predictions swapped?"}},
    };
    const std::vector<std::pair<std::string, std::string>> lists{
        {"''", "''"},  {"leaf", "'leaf'"},  {"ML", "'ML'"},     {"ml-np", "'ml-np'"},      {"ml,", "''"},
        {",ml", "''"}, {"ml,,model", "''"}, {"' ml'", "' ml'"}, {"ml;model", "'ml;model'"}};
    for (std::size_t i = 0; i < lists.size(); ++i) {
        cases.push_back(
            {.name = "evaluate_bad_node_types_" + std::to_string(i),
             .command = "irene-evaluate --node_types " + lists[i].first + " {data.jsonl} {predictions.jsonl}",
             .exit_code = 64,
             .errors = {"--node_types", "ml, module and model", "found " + lists[i].second}});
    }
    return cases;
}

INSTANTIATE_TEST_SUITE_P(Evaluate, Table,
                         testing::ValuesIn(with_fixtures(evaluate_fixtures, evaluate_cases())), name_of_case);

}  // namespace

}  // namespace irene::tests
