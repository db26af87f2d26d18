// irene-crossvalidate, but for its seeds and configs: see training_test.cpp.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "table.hpp"

namespace irene::tests {

namespace {

const Fixtures& crossvalidate_fixtures() {
    static const Fixtures fixtures{
        {"slash.jsonl", {.content = with_all([](Json& tree) {
                             if (tree["model_name"] == "beta") tree["model_name"] = "org/../beta";
                         })}},
        {"blocked/crossvalidation", {.content = "a file where a directory belongs\n"}},
        {"full_report/crossvalidation/report.csv", {Fixture::Kind::link, "/dev/full"}},
        {"groups_missing.json", {.content = R"({"one": ["alpha"], "two": ["gamma"]})"}},
        {"groups_single.json", {.content = R"({"one": ["alpha", "beta"]})"}},
        {"groups_twice.json", {.content = R"({"one": ["alpha"], "two": ["alpha", "beta"]})"}},
        {"groups_empty.json", {.content = R"({"one": [], "two": ["beta"]})"}},
        {"groups_number.json", {.content = R"({"one": [1], "two": ["beta"]})"}},
        {"groups_list.json", {.content = R"(["alpha", "beta"])"}},
        {"groups_malformed.json", {.content = R"({"one": ["alpha")"}},
        {"groups_slash.json", {.content = R"({"../one": ["alpha"], "..": ["beta"]})"}},
    };
    return fixtures;
}

std::vector<Case> crossvalidate_cases() {
    return {
        {.name = "crossvalidate",
         .command = "irene-crossvalidate {data.jsonl} out",
         .output = {"Percentage Error - Cross Validation Report\n",
                    "left-model-name  ml % error  module % error  model % error\n", "\n0            alpha  ",
                    "\n1             beta  ", "\n2          overall  "},
         .creates = fold_files("out", {"alpha", "beta"}),
         .files = {{"out/crossvalidation/report.csv",
                    {"left_out,ml,module,model,seconds\nalpha,", "\nbeta,", "\noverall,"}},
                   {"out/crossvalidation/leave_alpha/predictions.jsonl", {"\"predicted_energy\": "}},
                   {"out/crossvalidation/leave_alpha/percentage_errors.json",
                    {"\"ml\": ", "\"module\": ", "\"model\": ", "\"seconds\": null"}},
                   {"out/crossvalidation/leave_alpha/model.json",
                    {"\"num_trees\": 3", "\"num_nodes\": 15"}}}},
        {.name = "crossvalidate_json",
         .command = "irene-crossvalidate --json {data.jsonl} out",
         .output = {"\"leave_one_out\": {", "\"alpha\": {", "\"beta\": {", "\"overall\": {", "\"ml\": "},
         .creates = fold_files("out", {"alpha", "beta"})},
        {.name = "crossvalidate_makes_directories",
         .command = "irene-crossvalidate {data.jsonl} a/b/out",
         .output = {"overall"},
         .creates = fold_files("a/b/out", {"alpha", "beta"})},
        {.name = "crossvalidate_one_model",
         .command = "irene-crossvalidate {alpha.jsonl} out",
         .exit_code = 65,
         .errors = {"alpha.jsonl", "at least two", "model_name 'alpha'"}},
        {.name = "crossvalidate_unseen_operation",
         .command = "irene-crossvalidate --threads 1 {new_operation.jsonl} out",
         .exit_code = 65,
         .errors = {"new_operation.jsonl:2", "'root.block.norm'", "'Conv1D'", "not seen in training",
                    "'layernorm', 'linear'"}},
        {.name = "crossvalidate_slash_in_name",
         .command = "irene-crossvalidate {slash.jsonl} out",
         .output = {"org/../beta"},
         .creates = fold_files("out", {"alpha", "org%2F..%2Fbeta"})},
        {.name = "crossvalidate_full_standard_output",
         .command = "irene-crossvalidate {data.jsonl} out",
         .exit_code = 74,
         .output_to = "/dev/full",
         .errors = {"standard output", "cannot be written"},
         .creates = fold_files("out", {"alpha", "beta"})},
        {.name = "crossvalidate_place_taken_by_a_file",
         .command = "irene-crossvalidate {data.jsonl} {blocked}",
         .exit_code = 73,
         .errors = {"blocked/crossvalidation"}},
        {.name = "crossvalidate_full_report",
         .command = "irene-crossvalidate {data.jsonl} {full_report}",
         .exit_code = 74,
         .errors = {"full_report/crossvalidation/report.csv", "cannot be written"},
         .creates = fold_files("full_report", {"alpha", "beta"})},
        // Groups.
        {.name = "crossvalidate_by_model_name",
         .command = "irene-crossvalidate --group_by model_name {data.jsonl} out",
         .output = {"alpha", "beta"},
         .creates = fold_files("out", {"alpha", "beta"})},
        {.name = "crossvalidate_by_batch_size",
         .command = "irene-crossvalidate --group_by batch_size {data.jsonl} out",
         .output = {"\n0                2  ", "\n1                4  "},
         .creates = fold_files("out", {"2", "4"})},
        {.name = "crossvalidate_by_seq_len",
         .command = "irene-crossvalidate --group_by seq_len {data.jsonl} out",
         .output = {"\n0               16  ", "\n1               32  ", "\n2               64  "},
         .creates = fold_files("out", {"16", "32", "64"})},
        {.name = "crossvalidate_by_groups",
         .command = "irene-crossvalidate --group_by {groups.json} {data.jsonl} out",
         .output = {"  one  ", "  two  "},
         .creates = fold_files("out", {"one", "two"})},
        {.name = "crossvalidate_by_groups_from_standard_input",
         .command = "irene-crossvalidate --group_by - {data.jsonl} out",
         .input = R"({"one": ["alpha"], "two": ["beta"]})",
         .output = {"  one  ", "  two  "},
         .creates = fold_files("out", {"one", "two"})},
        {.name = "crossvalidate_group_with_a_slash",
         .command = "irene-crossvalidate --group_by {groups_slash.json} {data.jsonl} out",
         .output = {"../one"},
         .creates = fold_files("out", {"..%2Fone", ".."})},
        {.name = "crossvalidate_group_by_twice",
         .command = "irene-crossvalidate --group_by seq_len --group_by seq_len {data.jsonl} out",
         .exit_code = 64,
         .errors = {"--group_by"}},
        {.name = "crossvalidate_groups_absent",
         .command = "irene-crossvalidate --group_by flops {data.jsonl} out",
         .exit_code = 66,
         .errors = {"flops", "cannot be read"}},
        {.name = "crossvalidate_groups_are_a_directory",
         .command = "irene-crossvalidate --group_by {occupied} {data.jsonl} out",
         .exit_code = 66,
         .errors = {"occupied", "cannot be read"}},
        {.name = "crossvalidate_model_in_no_group",
         .command = "irene-crossvalidate --group_by {groups_missing.json} {data.jsonl} out",
         .exit_code = 65,
         .errors = {"data.jsonl:4", "'model_name'", "'beta'", "none of the groups"}},
        {.name = "crossvalidate_single_group",
         .command = "irene-crossvalidate --group_by {groups_single.json} {data.jsonl} out",
         .exit_code = 65,
         .errors = {"data.jsonl", "at least two", "'one'"}},
        {.name = "crossvalidate_model_in_two_groups",
         .command = "irene-crossvalidate --group_by {groups_twice.json} {data.jsonl} out",
         .exit_code = 64,
         .errors = {"groups_twice.json", "'two'", "'alpha'", "twice"}},
        {.name = "crossvalidate_empty_group",
         .command = "irene-crossvalidate --group_by {groups_empty.json} {data.jsonl} out",
         .exit_code = 64,
         .errors = {"groups_empty.json", "'one'", "expected a list of model names"}},
        {.name = "crossvalidate_group_of_numbers",
         .command = "irene-crossvalidate --group_by {groups_number.json} {data.jsonl} out",
         .exit_code = 64,
         .errors = {"groups_number.json", "'one'", "expected model names", "found 1"}},
        {.name = "crossvalidate_groups_are_a_list",
         .command = "irene-crossvalidate --group_by {groups_list.json} {data.jsonl} out",
         .exit_code = 64,
         .errors = {"groups_list.json", "expected an object"}},
        {.name = "crossvalidate_groups_malformed",
         .command = "irene-crossvalidate --group_by {groups_malformed.json} {data.jsonl} out",
         .exit_code = 64,
         .errors = {"groups_malformed.json", "malformed JSON"}},
    };
}

INSTANTIATE_TEST_SUITE_P(Crossvalidate, Table,
                         testing::ValuesIn(with_fixtures(crossvalidate_fixtures, crossvalidate_cases())),
                         name_of_case);

}  // namespace

}  // namespace irene::tests
