// An output that is one of the inputs, whatever names, links or redirections lead to it: refused by every
// tool before anything is read or written.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "table.hpp"

namespace irene::tests {

namespace {

const Fixtures& same_file_fixtures() {
    static const Fixtures fixtures = [] {
        const std::string data = to_jsonl(make_trees());
        Fixtures all = common_fixtures();
        all["hard.jsonl"] = {Fixture::Kind::hard_link, "data.jsonl"};
        all["soft.jsonl"] = {Fixture::Kind::link, "data.jsonl"};
        all["gpt2.json"].content = R"({"model_type": "gpt2", "n_layer": 1})";
        all["taken/model.json"].content = data;
        add_made_by("irene-predict {data.jsonl} predicted.jsonl {model}", all);
        add_made_by("irene-crossvalidate --config {specs.json} {data.jsonl} cv", all);
        return all;
    }();
    return fixtures;
}

std::vector<Case> same_files() {
    const auto refuse = [](const std::string& name, const std::string& command, const std::string& output,
                           const std::string& input) -> Case {
        return {.name = name,
                .command = command,
                .exit_code = 64,
                .shell = true,
                .exact_error = output + ": is also the input '" + input +
                               "', which writing would destroy; choose another output"};
    };
    return {
        refuse("predict_appends", "irene-predict {data.jsonl} - {model} >> {data.jsonl}", "standard output",
               "data.jsonl"),
        refuse("predict_appends_by_name", "irene-predict {data.jsonl} /dev/stdout {model} >> {data.jsonl}",
               "/dev/stdout", "data.jsonl"),
        refuse("predict_appends_to_a_link", "irene-predict {hard.jsonl} - {model} >> {soft.jsonl}",
               "standard output", "hard.jsonl"),
        refuse("predict_appends_to_standard_input",
               "irene-predict - - {model} < {data.jsonl} >> {data.jsonl}", "standard output",
               "standard input"),
        refuse("predict_appends_to_its_model", "irene-predict {data.jsonl} - {model} >> {model}/model.json",
               "standard output", "model/model.json"),
        refuse("predict_onto_its_model", "irene-predict {data.jsonl} {model}/model.json {model}",
               "model/model.json", "model/model.json"),
        refuse("predict_onto_its_config", "irene-predict {data.jsonl} {model}/../model/config.json {model}/",
               "model/../model/config.json", "model/config.json"),
        refuse("train_onto_its_config", "irene-train --config {model}/config.json {data.jsonl} {model}",
               "model/config.json", "model/config.json"),
        refuse("train_onto_its_data", "irene-train {taken}/model.json {taken}", "taken/model.json",
               "taken/model.json"),
        refuse("evaluate_appends_to_gold", "irene-evaluate {data.jsonl} {predictions.jsonl} >> {data.jsonl}",
               "standard output", "data.jsonl"),
        refuse("evaluate_appends_to_predictions",
               "irene-evaluate {data.jsonl} {predictions.jsonl} >> {predictions.jsonl}", "standard output",
               "predictions.jsonl"),
        refuse("evaluate_appends_to_standard_input",
               "irene-evaluate {data.jsonl} - < {predictions.jsonl} >> {predictions.jsonl}",
               "standard output", "standard input"),
        refuse("summarize_appends", "irene-summarize {predictions.jsonl} >> {predictions.jsonl}",
               "standard output", "predictions.jsonl"),
        refuse("summarize_appends_to_standard_input",
               "irene-summarize < {predictions.jsonl} >> {predictions.jsonl}", "standard output",
               "standard input"),
        refuse("explain_appends", "irene-explain {model} >> {model}/config.json", "standard output",
               "model/config.json"),
        refuse("extract_onto_its_config", "irene-extract {gpt2.json} -o {gpt2.json}", "gpt2.json",
               "gpt2.json"),
        refuse("extract_onto_one_of_two", "irene-extract {specs.json} {gpt2.json} -o {gpt2.json}",
               "gpt2.json", "gpt2.json"),
        refuse("extract_appends", "irene-extract {gpt2.json} >> {gpt2.json}", "standard output", "gpt2.json"),
        refuse("extract_params_appends", "irene-extract {gpt2.json} --params -o other >> {gpt2.json}",
               "standard output", "gpt2.json"),
        refuse("crossvalidate_appends", "irene-crossvalidate {data.jsonl} out >> {data.jsonl}",
               "standard output", "data.jsonl"),
        refuse("crossvalidate_appends_to_its_config",
               "irene-crossvalidate --config {specs.json} {data.jsonl} out >> {specs.json}",
               "standard output", "specs.json"),
        refuse("crossvalidate_appends_to_its_groups",
               "irene-crossvalidate --group_by {groups.json} {data.jsonl} out >> {groups.json}",
               "standard output", "groups.json"),
        refuse("crossvalidate_onto_a_fold_s_config",
               "irene-crossvalidate --config {cv}/crossvalidation/leave_alpha/config.json {data.jsonl} {cv}",
               "cv/crossvalidation/leave_alpha/config.json", "cv/crossvalidation/leave_alpha/config.json"),
        refuse("crossvalidate_onto_a_fold_s_predictions",
               "irene-crossvalidate {cv}/crossvalidation/leave_alpha/predictions.jsonl {cv}",
               "cv/crossvalidation/leave_alpha/predictions.jsonl",
               "cv/crossvalidation/leave_alpha/predictions.jsonl"),
#ifdef IRENE_HAS_VISUALIZE
        refuse("visualize_onto_its_input", "irene-visualize {predictions.jsonl} {predictions.jsonl}",
               "predictions.jsonl", "predictions.jsonl"),
        refuse("visualize_onto_the_compared",
               "irene-visualize {predictions.jsonl} {reversed.jsonl} --compare {reversed.jsonl}",
               "reversed.jsonl", "reversed.jsonl"),
        refuse("visualize_appends",
               "irene-visualize --format csv {predictions.jsonl} - >> {predictions.jsonl}", "standard output",
               "predictions.jsonl"),
        refuse("visualize_onto_standard_input", "irene-visualize - {predictions.jsonl} < {predictions.jsonl}",
               "predictions.jsonl", "standard input"),
#endif
    };
}

/// Predictions may take the place of what they are made from, and devices are no files.
std::vector<Case> other_files() {
    const auto replace = [](const std::string& name, const std::string& command) -> Case {
        return {.name = name,
                .command = command + " && cmp data.jsonl {predicted.jsonl}",
                .shell = true,
                .creates = {"data.jsonl"}};
    };
    return {
        replace("predict_its_input", "irene-predict {data.jsonl} {data.jsonl} {model}"),
        replace("predict_another_name_of_its_input", "irene-predict {hard.jsonl} data.jsonl {model}"),
        replace("predict_through_a_link", "irene-predict {data.jsonl} {soft.jsonl} {model}"),
        replace("predict_standard_input", "irene-predict - data.jsonl {model} < {data.jsonl}"),
        {.name = "device_twice",
         .command = "irene-predict - /dev/null {model} < /dev/null",
         .shell = true,
         .errors = {"holds no tree"},
         .lines = 1},
        {.name = "another_file",
         .command = "irene-summarize {predictions.jsonl} >> {data.jsonl}",
         .shell = true,
         .creates = {"data.jsonl"}},
    };
}

INSTANTIATE_TEST_SUITE_P(SameFiles, Table, testing::ValuesIn(with_fixtures(same_file_fixtures, same_files())),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(OtherFiles, Table,
                         testing::ValuesIn(with_fixtures(same_file_fixtures, other_files())), name_of_case);

}  // namespace

}  // namespace irene::tests
