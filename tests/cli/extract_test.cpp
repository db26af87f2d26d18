// irene-extract.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "table.hpp"

namespace irene::tests {

namespace {

const Fixtures& extract_fixtures() {
    static const Fixtures fixtures{
        {"named.json",
         {.content = R"({"model_type": "gpt2", "vocab_size": 500, "n_positions": 64, "n_embd": 24, )"
                     R"("n_layer": 1, "n_head": 2, "_name_or_path": "org/named"})"}},
        {"folder/config.json",
         {.content = R"({"model_type": "gpt2", "vocab_size": 500, "n_positions": 64, )"
                     R"("n_embd": 24, "n_layer": 1, "n_head": 2})"}},
        {"no_type.json", {.content = R"({"hidden_size": 8})"}},
        {"unknown_type.json", {.content = R"({"model_type": "whisper"})"}},
        {"bad_heads.json", {.content = R"({"model_type": "bert", "num_attention_heads": 5})"}},
        {"negative_size.json", {.content = R"({"model_type": "bert", "hidden_size": -8})"}},
        {"absurd_size.json", {.content = R"({"model_type": "bert", "vocab_size": 1000000000000})"}},
        {"overflowing.json",
         {.content = R"({"model_type": "llama", "vocab_size": 50, "hidden_size": 67108864, )"
                     R"("num_hidden_layers": 1, "intermediate_size": 8, "num_attention_heads": 2})"}},
    };
    return fixtures;
}

std::vector<Case> extract_cases() {
    const std::string tiny = "irene-extract {tiny.json} ";
    const auto refuse = [](const std::string& what, const std::string& command, int code,
                           const Texts& errors) {
        return refusal_of("extract_" + what, command, code, errors);
    };
    std::vector<Case> cases{
        {.name = "extract_to_standard_output",
         .command = tiny + "--batch_size 2 --seq_len 16",
         .output = {"{\"model_name\": \"tiny\", \"batch_size\": 2, \"seq_len\": 16, ",
                    "\"id\": \"tiny/2/16/0\", \"scope\": \"root\"", "\"instance_type\": \"BertModel\""}},
        {.name = "extract_to_a_file",
         .command = tiny + "--batch_size 1,8:16:4 --seq_len 16:64:16,8 -o trees.jsonl",
         .creates = {"trees.jsonl"},
         .files = {{"trees.jsonl", {"\"tiny/1/16/0\"", "\"tiny/12/64/0\"", "\"tiny/16/8/0\""}}}},
        {.name = "extract_from_standard_input",
         .command = "irene-extract - --model_name x/y",
         .input = R"({"model_type": "gpt2", "n_layer": 1})",
         .output = {"\"model_name\": \"x/y\"", "\"batch_size\": 1, \"seq_len\": 128"},
         .errors = {"some sizes are missing", "n_embd 768"},
         .lines = 1},
        {.name = "extract_name_of_the_config",
         .command = "irene-extract {named.json} --seq_len 32",
         .output = {"\"model_name\": \"org/named\""}},
        {.name = "extract_name_of_the_folder",
         .command = "irene-extract {folder}/config.json --seq_len 32",
         .output = {"\"model_name\": \"folder\""}},
        {.name = "extract_two_configs",
         .command = "irene-extract {tiny.json} {named.json} --seq_len 32",
         .output = {"\"tiny/1/32/0\"", "\"org/named/1/32/0\""}},
        {.name = "extract_list",
         .command = "irene-extract --list",
         .output = {"model_type\nalbert\nbart\nbert\n", "\nqwen3_moe\n", "\nt5\nxlm-roberta\n"}},
        {.name = "extract_params",
         .command = tiny + "--params --seq_len 4",
         .output = {"scope", "parameters", "\nroot.encoder.*.attention.self.query", "\nroot.pooler.dense"},
         .errors = {"tiny, batch size 1, length 4: one forward pass in float32, as the IrEne datasets count, "
                    "without a head"},
         .lines = 1},
        {.name = "extract_params_csv",
         .command = tiny + "--params --seq_len 4 --format csv",
         .output = {"scope,nodes,parameters,flops,bytes\n", "\nroot.pooler.dense,1,72,128,320\n"},
         .lines = 1},
        {.name = "extract_params_json",
         .command = tiny + "--params --json --seq_len 64",
         .output = {"\"scope\": \"root.encoder.*.output\"", "\"nodes\": 2"},
         .lines = 1},
        refuse("nothing", "irene-extract", 64, {"a config is needed"}),
        refuse("absent", "irene-extract absent.json", 66, {"absent.json", "cannot be read"}),
        refuse("a_directory", "irene-extract {occupied}", 66, {"occupied", "without a config.json"}),
        refuse("two_of_a_name", "irene-extract {tiny.json} ./{tiny.json}", 64,
               {"two models are called 'tiny'"}),
        refuse("name_for_two", "irene-extract {tiny.json} {named.json} --model_name x", 64, {"--model_name"}),
        refuse("empty_name", tiny + "--model_name ''", 64, {"--model_name"}),
        refuse("params_of_two", "irene-extract {tiny.json} {named.json} --params", 64, {"--params"}),
        refuse("params_of_two_sizes", tiny + "--params --seq_len 1,2", 64, {"--params"}),
        refuse("params_and_list", tiny + "--params --list", 64, {"--list", "--params"}),
        refuse("size_twice", tiny + "--batch_size 8,4:8:4", 64, {"batch size 8 stands twice"}),
        refuse("length_beyond_positions", tiny + "--seq_len 65", 65,
               {"tiny.json", "'max_position_embeddings'", "65 tokens", "64 positions"}),
        refuse("late_length_leaves_no_file", tiny + "--seq_len 64,65 -o trees.jsonl", 65, {"65 tokens"}),
        refuse("no_type", "irene-extract {no_type.json}", 65, {"no_type.json", "'model_type'", "is missing"}),
        refuse("unknown_type", "irene-extract {unknown_type.json}", 65,
               {"'whisper'", "albert, bart", "xlm-roberta"}),
        refuse("bad_heads", "irene-extract {bad_heads.json}", 65,
               {"bad_heads.json", "'num_attention_heads'"}),
        refuse("negative_size", "irene-extract {negative_size.json}", 65, {"'hidden_size'", "found -8"}),
        refuse("absurd_size", "irene-extract {absurd_size.json}", 65,
               {"'vocab_size'", "found 1000000000000"}),
        refuse("overflow", "irene-extract {overflowing.json} --batch_size 67108864", 65,
               {"overflowing.json", "'hidden_size'", "64 bits"}),
        refuse("malformed", "irene-extract {malformed.json}", 65, {"malformed.json", "malformed JSON"}),
        refuse("trailing", "irene-extract {trailing.json}", 65, {"trailing.json", "malformed JSON"}),
        refuse("a_list", "irene-extract {list.json}", 65, {"list.json", "expected an object"}),
        refuse("an_empty_file", "irene-extract {empty.json}", 65, {"empty.json"}),
        refuse("no_directory", tiny + "-o absent/trees.jsonl", 73, {"absent/trees.jsonl"}),
        {.name = "extract_full_device",
         .command = tiny + "--seq_len 64",
         .exit_code = 74,
         .output_to = "/dev/full",
         .errors = {"standard output", "cannot be written"}},
    };
    const Texts sizes{"0",  "''",  "8,",  ",8",   "a",    "8:a",   "1:2:3:4", "8:16:0",
                      "-8", "1.5", "1e3", "8;16", "' 8'", "8::16", "67108865"};
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const std::string joint = sizes[i][0] == '-' ? "=" : " ";
        cases.push_back(refuse("bad_sizes_" + std::to_string(i), tiny + "--seq_len" + joint + sizes[i], 64,
                               {"--seq_len", "FIRST:LAST:STEP"}));
    }
    return cases;
}

INSTANTIATE_TEST_SUITE_P(Extract, Table, testing::ValuesIn(with_fixtures(extract_fixtures, extract_cases())),
                         name_of_case);

}  // namespace

}  // namespace irene::tests
