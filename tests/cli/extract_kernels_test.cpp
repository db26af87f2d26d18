// irene-extract where it counts kernels: generations, dtypes, GPUs, and runs of a table.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "table.hpp"

namespace irene::tests {

namespace {

/// A tree of two nodes, with a key of its run.
std::string tree_line(const std::string& id, const std::string& key) {
    const std::string amounts =
        R"("num_parameters": 1, "flops": 1.0, "mem_bytes": 1.0, "ground_truth_energy": 1.0, "predicted_energy": 1.0, )";
    return R"({"model_name": "m", "batch_size": 1, "seq_len": 8, )" + key + R"("frontend_tree": {"id": ")" +
           id + R"(", "scope": "root", "instance_type": "M", "type": "model", )" + amounts +
           R"("child_nodes_obj": [{"id": ")" + id +
           R"(x", "scope": "root.a", "instance_type": "Linear", "type": "ml", )" + amounts +
           R"("child_nodes_obj": []}]}})" + "\n";
}

const Fixtures& kernel_fixtures() {
    const std::string kernels = R"("counting": "kernels", )";
    static const Fixtures fixtures{
        {"kernels.jsonl", {.content = tree_line("a", kernels)}},
        {"paper.jsonl", {.content = tree_line("a", "")}},
        {"mixed.jsonl", {.content = tree_line("a", "") + tree_line("b", kernels)}},
        {"folder/config.json",
         {.content = R"({"model_type": "gpt2", "vocab_size": 500, "n_positions": 64, )"
                     R"("n_embd": 24, "n_layer": 1, "n_head": 2})"}},
        {"gpt.json",
         {.content = R"({"model_type": "gpt2", "vocab_size": 500, "n_positions": 64, "n_embd": 24, )"
                     R"("n_layer": 1, "n_head": 2, "torch_dtype": "float16"})"}},
        {"mine.json",
         {.content =
              R"({"model_type": "gpt2", "vocab_size": 500, "n_positions": 64, "n_embd": 24, "n_layer": 1, )"
              R"("n_head": 2, "quantization_config": {"quant_method": "mine"}})"}},
        {"fp8.json",
         {.content =
              R"({"model_type": "gpt2", "vocab_size": 500, "n_positions": 64, "n_embd": 24, "n_layer": 1, )"
              R"("n_head": 2, "quantization_config": {"quant_method": "fp8"}})"}},
        {"runs.csv",
         {.content = "config,batch_size,seq_len,new_tokens,dtype,joules,seconds,task,model_name\r\n"
                     "config,2,16,4,bfloat16,1.5,0.25,chat,\r\n"
                     "config.json,2,16,4,bfloat16,1.75,,chat,other\r\n"}},
        {"bad_dtype.csv", {.content = "config,batch_size,seq_len,dtype\nconfig,1,8,\nconfig,1,8,int3\n"}},
        {"bad_joules.csv", {.content = "config,batch_size,seq_len,joules\nconfig,1,8,-3\n"}},
        {"bad_size.csv", {.content = "config,batch_size,seq_len\nconfig,0,8\n"}},
        {"no_config.csv", {.content = "config,batch_size,seq_len\nnowhere,1,8\n"}},
        {"no_column.csv", {.content = "config,batch_size\nconfig,1\n"}},
        {"twice.csv", {.content = "config,batch_size,seq_len,seq_len\nconfig,1,8,8\n"}},
        {"long.csv", {.content = "config,batch_size,seq_len,new_tokens\nconfig,1,60,5\n"}},
    };
    return fixtures;
}

std::vector<Case> kernel_cases() {
    const std::string gpt = "irene-extract {gpt.json} ";
    const std::string runs = "irene-extract --configs {folder} --runs ";
    const auto refuse = [](const std::string& what, const std::string& command, int code,
                           const Texts& errors) {
        return refusal_of("kernels_" + what, command, code, errors);
    };
    return with_fixtures(
        kernel_fixtures,
        {{.name = "kernels_counting",
          .command = gpt + "--counting kernels --seq_len 16",
          .output =
              {R"("counting": "kernels", "dtype": "float16", "attention": "eager", "new_tokens": 0, "gpus": 1)",
               R"("id": "gpt/1/16/counting=kernels/dtype=float16/0")", R"("launches": )"}},
         {.name = "kernels_paper_can_be_said",
          .command = "irene-extract {tiny.json} --counting paper --seq_len 16",
          .output = {R"({"model_name": "tiny", "batch_size": 1, "seq_len": 16, "frontend_tree")"}},
         {.name = "kernels_generation",
          .command =
              gpt + "--new_tokens 1,3 --dtype int4 --attention flash --gpus 2 --seq_len 16 -o trees.jsonl",
          .creates = {"trees.jsonl"},
          .files = {{"trees.jsonl",
                     {R"("dtype": "int4", "attention": "flash", "new_tokens": 3, "gpus": 2)",
                      R"("scope": "root.decode.0.attn")", R"("calls": 2)", R"("instance_type": "all_reduce")",
                      R"("scope": "root.prefill.lm_head")", R"("dtype": "float16")"}}}},
         {.name = "kernels_params",
          .command = gpt + "--params --attention flash --format csv --seq_len 16",
          .output = {"scope,nodes,parameters,flops,bytes,launches,dtype\n", "\nroot.*.attn.flash_attention"},
          .errors =
              {"gpt, batch size 1, length 16: the kernels of one forward pass without a head, weights in "
               "float16, flash attention"},
          .lines = 1},
         {.name = "kernels_params_of_a_generation",
          .command = gpt + "--params --dtype int4 --gpus 2 --new_tokens 3 --format csv --seq_len 16",
          .output = {"\nroot.decode.*.mlp.c_fc,", ",int4\n", "\nroot.prefill.lm_head,", ",float16\n"},
          .errors =
              {"the kernels that generate 3 tokens, weights in int4, eager attention, all 2 GPUs together"},
          .lines = 1},
         {.name = "kernels_runs",
          .command = runs + "{runs.csv}",
          .output = {R"("model_name": "config")", R"("model_name": "other")", R"(/row=1/0")", R"(/row=2/0")",
                     R"("times_mean": 0.25)", R"("ground_truth_energy": 1.5)",
                     R"("ground_truth_energy": 1.75)"},
          .errors = {"ignoring the columns 'task'", "known are config, batch_size"},
          .lines = 1},
         refuse("paper_with_dtype", gpt + "--counting paper --dtype bfloat16", 64,
                {"--dtype", "--counting kernels"}),
         refuse("paper_with_new_tokens", gpt + "--counting paper --new_tokens 1", 64, {"--new_tokens"}),
         refuse("unknown_dtype", gpt + "--dtype int3", 64, {"--dtype"}),
         refuse("three_gpus", gpt + "--gpus 3 --seq_len 16", 65, {"gpt.json", "3 GPUs cannot share 2 heads"}),
         refuse("beyond_positions", gpt + "--seq_len 60 --new_tokens 5", 65,
                {"60 tokens and 5 new ones", "64 positions"}),
         refuse("no_text", "irene-extract {tiny.json} --new_tokens 1", 65, {"tiny.json", "writes no text"}),
         refuse("unknown_scheme", "irene-extract {mine.json}", 65, {"'quantization_config'", "'mine'"}),
         refuse("step_of_none", gpt + "--new_tokens 0:4:0", 64, {"--new_tokens"}),
         {.name = "kernels_known_scheme_on_paper",
          .command = "irene-extract {fp8.json} --seq_len 16",
          .output = {R"("model_name": "fp8")"},
          .errors = {"quantised", "float8", "counted in float32"},
          .lines = 1},
         refuse("runs_and_config", "irene-extract {gpt.json} --runs {runs.csv}", 64, {"--runs"}),
         refuse("runs_and_size", runs + "{runs.csv} --seq_len 8", 64, {"--seq_len", "--runs"}),
         refuse("configs_without_runs", gpt + "--configs {folder}", 64, {"--configs goes with --runs"}),
         refuse("runs_dtype", runs + "{bad_dtype.csv}", 65, {"bad_dtype.csv:3", "'dtype'", "'int3'"}),
         refuse("runs_joules", runs + "{bad_joules.csv}", 65, {"bad_joules.csv:2", "'joules'", "'-3'"}),
         refuse("runs_size", runs + "{bad_size.csv}", 65, {"bad_size.csv:2", "'batch_size'", "'0'"}),
         refuse("runs_onto_their_config", runs + "{long.csv} -o folder/config.json", 64,
                {"folder/config.json", "is also the input"}),
         refuse("runs_without_config", runs + "{no_config.csv}", 65,
                {"no_config.csv:2", "'config'", "'nowhere'"}),
         refuse("runs_without_column", runs + "{no_column.csv}", 65,
                {"no_column.csv:1", "'seq_len'", "missing"}),
         refuse("runs_column_twice", runs + "{twice.csv}", 65, {"'seq_len'", "stands twice"}),
         refuse("runs_too_long", runs + "{long.csv} -o trees.jsonl", 65, {"long.csv:2", "64 positions"}),
         {.name = "kernels_runs_on_paper",
          .command = runs + "{runs.csv} --counting paper",
          .exit_code = 64,
          .errors = {"runs.csv:2", "paper"},
          .lines_before_error = 1},
         refuse("for_a_model_of_the_paper", "irene-predict {kernels.jsonl} - {model}", 65,
                {"kernels.jsonl:1", "'counting'", "'kernels'", "'paper'"}),
         refuse("mixed_with_the_papers", "irene-train {mixed.jsonl} out", 65,
                {"mixed.jsonl:2", "'counting'", "'kernels'", "'paper'"}),
         refuse("scored_by_the_papers", "irene-evaluate {paper.jsonl} {kernels.jsonl}", 65,
                {"kernels.jsonl:1", "'counting'", "'kernels'", "'paper'", "paper.jsonl"})});
}

INSTANTIATE_TEST_SUITE_P(ExtractKernels, Table, testing::ValuesIn(kernel_cases()), name_of_case);

}  // namespace

}  // namespace irene::tests
