// Seeds and configs, of the two tools that train.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "table.hpp"

namespace irene::tests {

namespace {

const Fixtures& training_fixtures() {
    static const Fixtures fixtures{
        {"empty_config.json", {.content = "{}"}},
        {"unstructured.json", {.content = R"({"training_strategy": "unstructured"})"}},
        {"none_free.json", {.content = R"({"training_strategy": "none", "weighting_setting": "free"})"}},
        {"exact_one.json", {.content = R"({"weighting_setting": "exact_one"})"}},
        {"stepwise.json",
         {.content = R"({"training_strategy": "stepwise", "num_epochs": 2, "learning_rate": 0.01})"}},
        {"contradiction.json",
         {.content = R"({"training_strategy": "unstructured", "weighting_setting": "close_to_one"})"}},
        {"unknown_key.json", {.content = R"({"tanh_scaler": 5})"}},
        {"wrong_type.json", {.content = R"({"polynomial_features": 1})"}},
        {"wrong_number.json", {.content = R"({"num_epochs": 2.5})"}},
        {"negative_tanh.json", {.content = R"({"tanh_scalar": -1})"}},
        {"zero_rate.json", {.content = R"({"learning_rate": 0})"}},
        {"overflow.json", {.content = R"({"tanh_scalar": 1e400})"}},
        {"many_epochs.json", {.content = R"({"num_epochs": 1000000})"}},
        {"no_sets.json", {.content = R"({"feature_sets": []})"}},
        {"unknown_set.json", {.content = R"({"feature_sets": ["model_spec"]})"}},
        {"set_twice.json", {.content = R"({"feature_sets": ["model_specs", "model_specs"]})"}},
        {"unknown_strategy.json", {.content = R"({"training_strategy": "end-to-end"})"}},
        {"unknown_weighting.json", {.content = R"({"weighting_setting": "close"})"}},
        {"key_twice.json", {.content = R"({"tanh_scalar": 1, "tanh_scalar": 2})"}},
    };
    return fixtures;
}

/// Seeds and configs, for the two tools that train.
std::vector<Case> training_cases() {
    struct Tool {
        std::string name;
        Texts creates;
        std::string folder;
        int lines;
    };
    const std::vector<Tool> tools{
        {"train", model_files("out"), "out", 1},
        {"crossvalidate", fold_files("out", {"alpha", "beta"}), "out/crossvalidation/leave_alpha", 0}};
    std::vector<Case> cases;
    for (const Tool& tool : tools) {
        const std::string good = "irene-" + tool.name + " {data.jsonl} out ";
        const std::string config = tool.folder + "/config.json";
        const std::string model = tool.folder + "/model.json";
        const auto accept = [&](const std::string& what, const std::string& options, const std::string& file,
                                const Texts& parts, int lines = 0, const Texts& errors = {},
                                const std::string& input = {}) {
            cases.push_back({.name = tool.name + "_" + what,
                             .command = good + options,
                             .input = input,
                             .errors = errors,
                             .lines = tool.lines + lines,
                             .creates = tool.creates,
                             .files = {{file, parts}}});
        };
        const auto refuse = [&](const std::string& what, const std::string& options, int code,
                                const Texts& errors, const std::string& input = {}) {
            cases.push_back({.name = tool.name + "_" + what,
                             .command = good + options,
                             .exit_code = code,
                             .input = input,
                             .errors = errors});
        };
        accept("default_seed", "", model, {"\"seed\": 13370"});
        accept("seed_of_0", "--seed 0", model, {"\"seed\": 0,"});
        accept("largest_seed", "--seed=4294967295", model, {"\"seed\": 4294967295"});
        accept("seed_is_decimal", "--seed 010", model, {"\"seed\": 10,"});
        accept("threads_are_decimal", "--threads 08", model, {"\"seed\": 13370"});
        for (const char* value : {"4294967296", "-1", "nan", "1.5", "0x10", "''", "seed"}) {
            refuse("seed_refused_" + std::to_string(cases.size()),
                   std::string(value[0] == '-' ? "--seed=" : "--seed ") + value, 64,
                   {"--seed", "expected a whole number from 0 to 4294967295"});
        }
        refuse("seed_twice", "--seed 1 --seed 1", 64, {"--seed"});

        accept("config", "--config {specs.json}", config, {"[\n    \"model_specs\"\n  ]"});
        accept("config_filepath", "--config_filepath {specs.json}", config, {"[\n    \"model_specs\"\n  ]"});
        accept("config_by_equals_sign", "--config={specs.json}", config, {"[\n    \"model_specs\"\n  ]"});
        accept("config_from_standard_input", "--config -", config, {"\"tanh_scalar\": 3.5"}, 0, {},
               R"({"tanh_scalar": 3.5})");
        accept("config_without_keys", "--config {empty_config.json}", config,
               {"\"model_specs\"", "\"resource_utilization\"", "\"polynomial_features\": true",
                "\"training_strategy\": \"end2end\"", "\"standardize_features\": true",
                "\"tanh_scalar\": 10.0", "\"normalize_loss_scale\": true",
                "\"weighting_setting\": \"close_to_one\"", "\"num_epochs\": 8", "\"learning_rate\": 0.001"});
        accept("unstructured_is_free", "--config {unstructured.json}", config,
               {"\"weighting_setting\": \"free\""});
        accept("stepwise", "--config {stepwise.json}", config,
               {"\"stepwise\"", "\"num_epochs\": 2", "\"learning_rate\": 0.01"});
        accept("exact_one", "--config {exact_one.json}", model, {"\"weights\": []"});
        accept("none", "--config {none.json}", model, {"\"weights\": []"});
        accept("none_with_weighting_warns", "--config {none_free.json}", model, {"\"weights\": []"}, 1,
               {"none_free.json", "'none'", "'free'", "no effect"});
        cases.push_back({.name = tool.name + "_quiet_silences_warnings",
                         .command = good + "-q --config {none_free.json}",
                         .creates = tool.creates});
        cases.push_back({.name = tool.name + "_quiet", .command = good + "--quiet", .creates = tool.creates});
        cases.push_back({.name = tool.name + "_verbose",
                         .command = good + "-v",
                         .lines = kAnyNumber,
                         .creates = tool.creates});
        refuse("config_twice", "--config {specs.json} --config_filepath {none.json}", 64, {"--config"});
        refuse("config_is_empty", "--config ''", 66, {"empty name"});
        refuse("config_absent", "--config absent.json", 66, {"absent.json", "cannot be read"});
        refuse("config_is_a_directory", "--config {occupied}", 66,
               {"occupied", "cannot be read", "directory"});
        const std::vector<std::pair<std::string, Texts>> bad{
            {"unknown_key", {"'tanh_scaler'", "unknown key", "'tanh_scalar'"}},
            {"wrong_type", {"'polynomial_features'", "expected true or false", "found 1"}},
            {"wrong_number", {"'num_epochs'", "expected a whole number from 0 to 100000", "2.5"}},
            {"negative_tanh", {"'tanh_scalar'", "expected a number above 0"}},
            {"zero_rate", {"'learning_rate'", "expected a number above 0"}},
            {"overflow", {"out of range"}},
            {"many_epochs", {"'num_epochs'", "expected a whole number from 0 to 100000"}},
            {"no_sets", {"'feature_sets'", "at least one"}},
            {"unknown_set", {"'feature_sets'", "'model_specs', 'resource_utilization'", "'model_spec'"}},
            {"set_twice", {"'feature_sets'", "'model_specs'", "twice"}},
            {"unknown_strategy",
             {"'training_strategy'", "'end2end', 'stepwise', 'unstructured'", "'end-to-end'"}},
            {"unknown_weighting",
             {"'weighting_setting'", "'close_to_one', 'free' or 'exact_one'", "'close'"}},
            {"contradiction", {"'weighting_setting'", "'unstructured'", "'free'", "'close_to_one'"}},
            {"key_twice", {"'tanh_scalar'", "twice"}},
            {"malformed", {"malformed JSON"}},
            {"trailing", {"malformed JSON"}},
            {"list", {"expected an object"}},
            {"empty", {"malformed JSON"}},
        };
        for (const auto& [name, says] : bad) {
            Texts errors = says;
            errors.push_back(name + ".json");
            refuse("config_" + name, "--config {" + name + ".json}", 64, errors);
        }
        refuse("config_from_empty_standard_input", "--config -", 64, {"standard input", "malformed JSON"});

        const std::string tool_name = "irene-" + tool.name + " ";
        const auto refuse_data = [&](const std::string& what, const std::string& file, const Texts& errors) {
            cases.push_back({.name = tool.name + "_" + what,
                             .command = tool_name + "{" + file + "} out",
                             .exit_code = 65,
                             .errors = errors});
        };
        refuse_data("feature_missing", "no_gpu_clk.jsonl",
                    {"no_gpu_clk.jsonl:2", "'root.block.norm'", "'gpu_clk'", "is missing"});
        refuse_data("feature_missing_inside", "no_cpu_inside.jsonl",
                    {"no_cpu_inside.jsonl:2", "'root.block'", "'cpu'", "is missing"});
        refuse_data("energy_missing", "no_energy.jsonl",
                    {"no_energy.jsonl:2", "'root.block'", "'ground_truth_energy'", "is missing"});
        refuse_data("energy_of_0", "zero_energy.jsonl",
                    {"zero_energy.jsonl:2", "'root.block.norm'", "'ground_truth_energy'", "above 0"});
        cases.push_back({.name = tool.name + "_feature_not_needed",
                         .command = tool_name + "{no_gpu_clk.jsonl} out --config {specs.json}",
                         .lines = tool.lines,
                         .creates = tool.creates});
        cases.push_back({.name = tool.name + "_byte_order_mark",
                         .command = tool_name + "{byte_order_mark.jsonl} out",
                         .lines = tool.lines,
                         .creates = tool.creates});
        cases.push_back({.name = tool.name + "_from_standard_input",
                         .command = tool_name + "- out",
                         .input = to_jsonl(make_trees()),
                         .lines = tool.lines,
                         .creates = tool.creates});
        cases.push_back({.name = tool.name + "_from_a_file_called_dash",
                         .command = tool_name + "./{-} out",
                         .lines = tool.lines,
                         .creates = tool.creates});
        cases.push_back({.name = tool.name + "_options_first",
                         .command = tool_name + "--threads 2 -- {data.jsonl} out",
                         .lines = tool.lines,
                         .creates = tool.creates});
        const auto cannot_create = [&](const std::string& what, const std::string& outdir,
                                       const Texts& errors) {
            cases.push_back({.name = tool.name + "_" + what,
                             .command = tool_name + "{data.jsonl} " + outdir,
                             .exit_code = 73,
                             .errors = errors});
        };
        cannot_create("outdir_is_a_file", "{file.txt}", {"file.txt"});
        cannot_create("outdir_below_a_file", "{file.txt}/out", {"file.txt/out"});
        cannot_create("outdir_is_a_device", "/dev/full", {"/dev/full"});
        cannot_create("outdir_is_empty", "''", {"a directory has an empty name"});
    }
    return cases;
}

INSTANTIATE_TEST_SUITE_P(Training, Table,
                         testing::ValuesIn(with_fixtures(training_fixtures, training_cases())), name_of_case);

}  // namespace

}  // namespace irene::tests
