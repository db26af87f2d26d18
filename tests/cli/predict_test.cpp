// irene-predict.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "table.hpp"

namespace irene::tests {

namespace {

void add_model(Fixtures& all, const std::string& name,
               const std::function<void(Json& model, Json& config)>& change) {
    Json config = Json::parse(trained_model().config);
    Json model = Json::parse(trained_model().model);
    change(model, config);
    all[name + "/config.json"].content = config.dump();
    all[name + "/model.json"].content = model.dump();
}

void add_models(Fixtures& all) {
    const auto [config, model] = trained_model();
    all["model_empty"].kind = Fixture::Kind::directory;
    all["model_without_config/model.json"].content = model;
    all["model_without_model/config.json"].content = config;
    all["model_malformed/config.json"].content = config;
    all["model_malformed/model.json"].content = "{\"format\": }";
    all["model_truncated/config.json"].content = config;
    all["model_truncated/model.json"].content = model.substr(0, model.size() / 2);
    all["model_blank/config.json"].content = config;
    all["model_blank/model.json"].content = "";
    add_model(all, "model_of_version_3", [](Json& m, Json&) { m["version"] = {3, 0}; });
    add_model(all, "model_of_version_0", [](Json& m, Json&) { m["version"] = {0, 9}; });
    add_model(all, "model_of_version_1_7", [](Json& m, Json&) { m["version"] = {1, 7}; });
    add_model(all, "model_without_version", [](Json& m, Json&) { m.erase("version"); });
    add_model(all, "model_of_other_format", [](Json& m, Json&) { m["format"] = "pickle"; });
    add_model(all, "model_short_weights", [](Json& m, Json&) { m["tree"]["weights"].erase(0); });
    add_model(all, "model_long_mean", [](Json& m, Json&) { m["tree"]["mean"].push_back(1.0); });
    add_model(all, "model_short_coefficients",
              [](Json& m, Json&) { m["leaves"][0]["coefficients"].erase(0); });
    add_model(all, "model_zero_scale", [](Json& m, Json&) { m["leaves"][0]["scale"][0] = 0; });
    add_model(all, "model_text_bias", [](Json& m, Json&) { m["tree"]["bias"] = "1"; });
    add_model(all, "model_huge_weight", [](Json& m, Json&) { m["tree"]["weights"][0] = 1e300; });
    add_model(all, "model_other_features", [](Json&, Json& c) { c["feature_sets"] = {"model_specs"}; });
    add_model(all, "model_other_config", [](Json&, Json& c) { c["polynomial_features"] = false; });
    add_model(all, "model_bad_config", [](Json&, Json& c) { c["tanh_scaler"] = 3; });
}

const Fixtures& predict_fixtures() {
    static const Fixtures fixtures = [] {
        Fixtures all;
        const auto file = [&all](const std::string& name, const std::string& content) {
            all[name].content = content;
        };
        file("only_bad_lines.jsonl", "{}\n[]\n");
        file("truncated.jsonl", line_of_data(1) + "\n" + line_of_data(2).substr(0, 700));
        file("marked.jsonl", with_all([](Json& tree) {
                 tree["prediction"] = {{"model", "other"}};
                 block_of(tree)["outside_training"] = {"rows"};
                 norm_of(tree)["unseen_operation"] = true;
                 root_of(tree)["no_interval"] = "none was asked for";
                 dense_of(tree)["predicted_energy_low"] = 1.0;
                 dense_of(tree)["predicted_energy_high"] = 3.0;
             }));
        add_models(all);
        return all;
    }();
    return fixtures;
}

std::vector<Case> predict_cases() {
    const std::string data = to_jsonl(make_trees());
    std::vector<Case> cases{
        {.name = "predict",
         .command = "irene-predict {data.jsonl} out.jsonl {model}",
         .creates = {"out.jsonl"},
         .files = {{"out.jsonl", {"\"predicted_energy\": "}}}},
        {.name = "predict_over_a_file",
         .command = "irene-predict {data.jsonl} {old.jsonl} {model}",
         .creates = {"old.jsonl"},
         .files = {{"old.jsonl", {"\"predicted_energy\": "}}}},
        {.name = "predict_over_its_input",
         .command = "irene-predict {data.jsonl} {data.jsonl} {model}",
         .creates = {"data.jsonl"},
         .files = {{"data.jsonl", {"\"predicted_energy\": "}}}},
        {.name = "predict_to_standard_output",
         .command = "irene-predict {data.jsonl} - {model}",
         .output = {"{\"model_name\":\"alpha\"", "\"predicted_energy\": "}},
        {.name = "predict_from_standard_input",
         .command = "irene-predict - out.jsonl {model}",
         .input = data,
         .creates = {"out.jsonl"}},
        {.name = "predict_in_a_pipe",
         .command = "irene-predict - - {model}",
         .input = data,
         .output = {"{\"model_name\":\"alpha\"", "\"predicted_energy\": "}},
        {.name = "predict_file_called_dash",
         .command = "irene-predict {data.jsonl} ./{-} {model}",
         .creates = {"-"},
         .files = {{"-", {"\"predicted_energy\": "}}}},
        {.name = "predict_to_dev_null", .command = "irene-predict {data.jsonl} /dev/null {model}"},
        {.name = "predict_to_dev_stdout",
         .command = "irene-predict {data.jsonl} /dev/stdout {model}",
         .output = {"\"predicted_energy\": "}},
        {.name = "predict_without_energies",
         .command = "irene-predict {no_energies.jsonl} - {model}",
         .output = {"\"predicted_energy\": "}},
        {.name = "predict_byte_order_mark",
         .command = "irene-predict {byte_order_mark.jsonl} - {model}",
         .output = {"\xEF\xBB\xBF{\"model_name\"", "\"predicted_energy\": "}},
        {.name = "predict_verbose",
         .command = "irene-predict {data.jsonl} out.jsonl {model} -v",
         .errors = {"predicted 6 trees"},
         .lines = 1,
         .creates = {"out.jsonl"}},
        {.name = "predict_says_who_predicted",
         .command = "irene-predict {data.jsonl} - ./{model}/",
         .output = {R"("prediction": {"model": "model", "training_strategy": "end2end", "feature_sets": [)",
                    R"("outside_training": 0, "unseen_operations": 0}, "frontend_tree":)"}},
        {.name = "predict_plain_leaves_nothing_else",
         .command = "irene-predict {marked.jsonl} - {model} | irene-predict --plain - a {model} && "
                    "irene-predict --plain {marked.jsonl} b {model} && cmp a b && "
                    "! grep -E 'prediction\"|outside|unseen|no_interval|_low|_high' a",
         .shell = true,
         .creates = {"a", "b"},
         .files = {{"a", {"\"predicted_energy\": "}}}},
        {.name = "predict_again",
         .command = "irene-predict {marked.jsonl} a {model} && irene-predict a b {model} && cmp a b",
         .shell = true,
         .creates = {"a", "b"},
         .files = {{"a", {"\"model\": \"model\""}}}},
        {.name = "predict_plain_with_an_interval",
         .command = "irene-predict --plain --interval 0.9 {data.jsonl} out.jsonl {model}",
         .exit_code = 64,
         .errors = {"--plain writes predicted_energy alone", "--interval"}},
        {.name = "predict_quiet",
         .command = "irene-predict {data.jsonl} out.jsonl {model} -q",
         .creates = {"out.jsonl"}},
        {.name = "predict_same_id_in_two_trees",
         .command = "irene-predict {id_twice.jsonl} out.jsonl {model}",
         .creates = {"out.jsonl"}},
        {.name = "predict_nothing",
         .command = "irene-predict {empty.jsonl} {old.jsonl} {model}",
         .errors = {"warning: 'empty.jsonl' holds no tree"},
         .lines = 1,
         .creates = {"old.jsonl"}},
        {.name = "predict_nothing_in_a_pipe",
         .command = "irene-predict - - {model}",
         .errors = {"warning: standard input holds no tree"},
         .lines = 1},
        {.name = "predict_nothing_quietly", .command = "irene-predict -q {empty.jsonl} - {model}"},
        {.name = "predict_blank_lines",
         .command = "irene-predict {blank.jsonl} - {model}",
         .exact_output = "\n  \t\r\n\n",
         .errors = {"warning: 'blank.jsonl' holds no tree"},
         .lines = 1},
        {.name = "predict_newer_minor_version",
         .command = "irene-predict {data.jsonl} out.jsonl {model_of_version_1_7}",
         .errors = {"warning: model_of_version_1_7/model.json: written by a newer version"},
         .lines = 1,
         .creates = {"out.jsonl"}},
        // Models that cannot be used.
        {.name = "predict_model_absent",
         .command = "irene-predict {data.jsonl} out.jsonl ./nowhere",
         .exit_code = 66,
         .errors = {"nowhere/config.json", "cannot be read"}},
        {.name = "predict_model_is_a_file",
         .command = "irene-predict {data.jsonl} out.jsonl {file.txt}",
         .exit_code = 66,
         .errors = {"file.txt", "is a file", "a model is a directory"}},
        {.name = "predict_model_empty",
         .command = "irene-predict {data.jsonl} out.jsonl {model_empty}",
         .exit_code = 66,
         .errors = {"model_empty/config.json", "cannot be read"}},
        {.name = "predict_model_without_config",
         .command = "irene-predict {data.jsonl} out.jsonl {model_without_config}",
         .exit_code = 66,
         .errors = {"model_without_config/config.json"}},
        {.name = "predict_model_without_model",
         .command = "irene-predict {data.jsonl} out.jsonl {model_without_model}",
         .exit_code = 66,
         .errors = {"model_without_model/model.json"}},
        // Data that do not fit the model.
        {.name = "predict_feature_missing",
         .command = "irene-predict {no_gpu_clk.jsonl} {old.jsonl} {model}",
         .exit_code = 65,
         .errors = {"no_gpu_clk.jsonl:2", "'root.block.norm'", "'gpu_clk'", "is missing"}},
        {.name = "predict_feature_missing_inside",
         .command = "irene-predict {no_cpu_inside.jsonl} out.jsonl {model}",
         .exit_code = 65,
         .errors = {"no_cpu_inside.jsonl:2", "'root.block'", "'cpu'", "is missing"}},
        {.name = "predict_unseen_operation",
         .command = "irene-predict {new_operation.jsonl} out.jsonl {model}",
         .exit_code = 65,
         .errors = {"new_operation.jsonl:2", "'root.block.norm'", "'Conv1D'", "not seen in training",
                    "'layernorm', 'linear'"}},
        {.name = "predict_unseen_operation_to_standard_output",
         .command = "irene-predict {new_operation.jsonl} - {model}",
         .exit_code = 65,
         .errors = {"'Conv1D'"}},
        // Outputs that cannot be written.
        {.name = "predict_into_absent_directory",
         .command = "irene-predict {data.jsonl} nowhere/out.jsonl {model}",
         .exit_code = 73,
         .errors = {"nowhere/out.jsonl", "cannot be created", "No such file"}},
        {.name = "predict_onto_a_directory",
         .command = "irene-predict {data.jsonl} {occupied} {model}",
         .exit_code = 73,
         .errors = {"occupied", "cannot be created", "directory"}},
        {.name = "predict_below_a_file",
         .command = "irene-predict {data.jsonl} {file.txt}/out.jsonl {model}",
         .exit_code = 73,
         .errors = {"file.txt/out.jsonl", "cannot be created"}},
        {.name = "predict_to_an_empty_path",
         .command = "irene-predict {data.jsonl} '' {model}",
         .exit_code = 73,
         .errors = {"an output has an empty name"}},
        {.name = "predict_to_a_full_device",
         .command = "irene-predict {data.jsonl} /dev/full {model}",
         .exit_code = 74,
         .errors = {"/dev/full", "cannot be written", "No space"}},
        {.name = "predict_full_standard_output",
         .command = "irene-predict {data.jsonl} - {model}",
         .exit_code = 74,
         .output_to = "/dev/full",
         .errors = {"standard output", "cannot be written", "No space"}},
        {.name = "predict_absent_input_keeps_output",
         .command = "irene-predict absent.jsonl {old.jsonl} {model}",
         .exit_code = 66,
         .errors = {"absent.jsonl"}},
        {.name = "predict_bad_input_keeps_output",
         .command = "irene-predict {truncated.jsonl} {old.jsonl} {model}",
         .exit_code = 65,
         .errors = {"truncated.jsonl:2"}},
        // Bad lines left out.
        {.name = "predict_skip_bad_lines",
         .command = "irene-predict --skip_bad_lines {two_bad_lines.jsonl} out.jsonl {model}",
         .exit_code = 65,
         .errors = {"warning: skipped: two_bad_lines.jsonl:2: field 'model_name'",
                    "warning: skipped: two_bad_lines.jsonl:4", "error: 2 of 5 lines"},
         .lines_before_error = 2,
         .creates = {"out.jsonl"},
         .files = {{"out.jsonl",
                    {"\"alpha-2-16-0\"", "\"alpha-2-64-0\"", "\"beta-2-16-0\"", "\"predicted_energy\": "}}}},
        {.name = "predict_skip_bad_lines_quietly",
         .command = "irene-predict -q --skip_bad_lines {two_bad_lines.jsonl} out.jsonl {model}",
         .exit_code = 65,
         .errors = {"2 of 5 lines"},
         .creates = {"out.jsonl"}},
        {.name = "predict_skip_bad_lines_on_many_threads",
         .command = "irene-predict --threads 8 --skip_bad_lines {two_bad_lines.jsonl} out.jsonl {model}",
         .exit_code = 65,
         .errors = {"2 of 5 lines"},
         .lines_before_error = 2,
         .creates = {"out.jsonl"}},
        {.name = "predict_skip_unseen_operation",
         .command = "irene-predict --skip_bad_lines {new_operation.jsonl} out.jsonl {model}",
         .exit_code = 65,
         .errors = {"skipped: new_operation.jsonl:2", "'Conv1D'", "1 of 6 lines"},
         .lines_before_error = 1,
         .creates = {"out.jsonl"}},
        {.name = "predict_skip_nothing",
         .command = "irene-predict --skip_bad_lines {data.jsonl} out.jsonl {model}",
         .creates = {"out.jsonl"}},
        {.name = "predict_skip_everything",
         .command = "irene-predict --skip_bad_lines {only_bad_lines.jsonl} out.jsonl {model}",
         .exit_code = 65,
         .errors = {"skipped: only_bad_lines.jsonl:1", "skipped: only_bad_lines.jsonl:2", "holds no tree"},
         .lines_before_error = 2},
        {.name = "predict_without_skip_refuses",
         .command = "irene-predict {two_bad_lines.jsonl} out.jsonl {model}",
         .exit_code = 65,
         .errors = {"two_bad_lines.jsonl:2", "field 'model_name'"}},
    };
    const std::vector<std::pair<std::string, Texts>> models{
        {"of_version_3", {"model.json", "'version'", "1.x and 2.x"}},
        {"of_version_0", {"model.json", "'version'", "1.x"}},
        {"without_version", {"model.json", "'version'", "is missing"}},
        {"of_other_format", {"model.json", "'format'", "irene-model"}},
        {"malformed", {"model.json", "malformed JSON"}},
        {"truncated", {"model.json", "malformed JSON"}},
        {"blank", {"model.json", "malformed JSON"}},
        {"short_weights", {"model.json", "'tree.weights'", "expected", "found"}},
        {"long_mean", {"model.json", "'tree.mean'", "expected 14 numbers", "found 15"}},
        {"short_coefficients", {"model.json", "'leaves[0].coefficients'", "expected 14 numbers", "found 13"}},
        {"zero_scale", {"model.json", "'leaves[0].scale'", "above 0"}},
        {"text_bias", {"model.json", "'tree.bias'", "expected a finite number"}},
        {"huge_weight", {"model.json", "'tree.weights'", "single precision"}},
        {"other_features", {"model.json", "'config'", "config.json"}},
        {"other_config", {"model.json", "'config'", "of different models"}},
        {"bad_config", {"config.json", "'tanh_scaler'", "'tanh_scalar'"}},
    };
    for (const auto& [name, says] : models) {
        Texts errors = says;
        errors[0] = "model_" + name + "/" + errors[0];
        cases.push_back({.name = "predict_model_" + name,
                         .command = "irene-predict {data.jsonl} out.jsonl {model_" + name + "}",
                         .exit_code = 65,
                         .errors = errors});
    }
    return cases;
}

INSTANTIATE_TEST_SUITE_P(Predict, Table, testing::ValuesIn(with_fixtures(predict_fixtures, predict_cases())),
                         name_of_case);

}  // namespace

}  // namespace irene::tests
