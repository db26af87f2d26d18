// irene-summarize.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "table.hpp"

namespace irene::tests {

namespace {

const Fixtures& summarize_fixtures() {
    static const Fixtures fixtures{
        {"outside.jsonl", {.content = with_line_2([](Json& tree) { norm_of(tree)["flops"] = 1e6; })}}};
    return fixtures;
}

std::vector<Case> summarize_cases() {
    const auto refuse = [](const std::string& what, const std::string& command, int code,
                           const Texts& errors) {
        return refusal_of("summarize_" + what, command, code, errors);
    };
    return {
        {.name = "summarize",
         .command = "irene-summarize {predictions.jsonl}",
         .output = {"model_name  batch_size  seq_len  trees", "J/tree", "J/sample", "J/token", "\nalpha ",
                    "\nbeta "}},
        {.name = "summarize_standard_input",
         .command = "irene-summarize --by model_name --format csv",
         .input = make_predictions(),
         .output = {"model_name,trees,J/tree,J/sample,J/token\n", "\nalpha,", "\nbeta,"}},
        {.name = "summarize_dash",
         .command = "irene-summarize --by seq_len -",
         .input = make_predictions(),
         .output = {"seq_len  trees"}},
        {.name = "summarize_top_scopes",
         .command = "irene-summarize --by scope --top 1 --json {predictions.jsonl}",
         .output = {"\"scope\": ", "\"self J/tree\": ", "\"self %\": "}},
        {.name = "summarize_unit",
         .command = "irene-summarize --by model_name,instance_type --unit mJ {predictions.jsonl}",
         .output = {"model_name  instance_type  nodes/tree", "mJ/tree", "self mJ/tree"}},
        {.name = "summarize_roles",
         .command = "irene-summarize --by model_name,role --format csv {predictions.jsonl}",
         .output = {"model_name,role,nodes/tree,J/tree,self J/tree,self %", "\nalpha,norm,", "\nbeta,norm,",
                    "\nalpha,linear,"}},
        {.name = "summarize_measured",
         .command = "irene-summarize --measured --each_layer --by scope,type {data.jsonl}",
         .output = {"scope", "type", "root.block.norm"}},
        {.name = "summarize_says_what_lies_beyond_training_and_who_predicted",
         .command = "irene-predict {outside.jsonl} - {model} | irene-summarize --by model_name",
         .shell = true,
         .output = {"  outside %\n", "\nalpha ", "\n\noutside %: the part of the energy",
                    "\npredicted by model 'model', strategy end2end on model_specs and resource_utilization"},
         .errors = {"outside the range of training"},
         .lines = 1},
        refuse("without_predictions", "irene-summarize {data.jsonl}", 65,
               {"data.jsonl:1", "'root'", "'predicted_energy'", "irene-predict"}),
        refuse("without_measurements", "irene-summarize --measured {no_energy.jsonl}", 65,
               {"no_energy.jsonl:2", "'root.block'", "'ground_truth_energy'"}),
        refuse("absent", "irene-summarize absent.jsonl", 66, {"absent.jsonl"}),
        {.name = "summarize_nothing",
         .command = "irene-summarize {empty.jsonl}",
         .exact_output = "model_name  batch_size  seq_len  trees  J/tree  J/sample  J/token\n",
         .errors = {"warning: 'empty.jsonl' holds no tree"},
         .lines = 1},
        {.name = "summarize_blank_lines",
         .command = "irene-summarize --by scope --format csv {blank.jsonl}",
         .exact_output = "scope,nodes/tree,J/tree,self J/tree,self %\n",
         .errors = {"warning: 'blank.jsonl' holds no tree"},
         .lines = 1},
        {.name = "summarize_nothing_as_json",
         .command = "irene-summarize --json -",
         .exact_output = "[]\n",
         .errors = {"warning: standard input holds no tree"},
         .lines = 1},
        refuse("bad_line", "irene-summarize {two_bad_lines.jsonl}", 65,
               {"two_bad_lines.jsonl:1", "'predicted_energy'"}),
        refuse("unknown_key", "irene-summarize --by flops {predictions.jsonl}", 64,
               {"--by", "flops", "model_name"}),
        refuse("key_twice", "irene-summarize --by scope,scope {predictions.jsonl}", 64,
               {"'scope' stands twice"}),
        refuse("unknown_unit", "irene-summarize --unit cal {predictions.jsonl}", 64,
               {"--unit", "cal", "kWh"}),
        refuse("unknown_format", "irene-summarize --format xml {predictions.jsonl}", 64,
               {"--format", "xml", "csv"}),
        refuse("top_0", "irene-summarize --top 0 {predictions.jsonl}", 64, {"--top", "from 1"}),
        {.name = "summarize_full_device",
         .command = "irene-summarize {predictions.jsonl}",
         .exit_code = 74,
         .output_to = "/dev/full",
         .errors = {"standard output", "cannot be written"}},
    };
}

INSTANTIATE_TEST_SUITE_P(Summarize, Table,
                         testing::ValuesIn(with_fixtures(summarize_fixtures, summarize_cases())),
                         name_of_case);

}  // namespace

}  // namespace irene::tests
