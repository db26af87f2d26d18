// What irene-extract says to what people give it, and what the others say to a transformer's config.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "table.hpp"

namespace irene::tests {

namespace {

const std::string kSizes = R"("vocab_size": 500, "n_positions": 64, "n_embd": 24, "n_layer": 1, "n_head": 2)";

std::string gpt2_with(const std::string& fields) {
    return R"({"model_type": "gpt2", )" + kSizes + fields + "}";
}

const Fixtures& message_fixtures() {
    static const Fixtures all{
        {"good.json", {.content = gpt2_with("")}},
        {"folder/config.json", {.content = gpt2_with("")}},
        {"a/config.json", {.content = gpt2_with(R"(, "_name_or_path": "gpt2")")}},
        {"b/config.json", {.content = gpt2_with(R"(, "_name_or_path": "gpt2")")}},
        {"private.json", {.content = gpt2_with(R"(, "_name_or_path": "/home/me/mine")")}},
        {"bfloat16.json", {.content = gpt2_with(R"(, "torch_dtype": "bfloat16")")}},
        {"infinite.json", {.content = gpt2_with(R"(, "unread": [NaN, Infinity, -Infinity])")}},
        {"nan.json", {.content = R"({"model_type": "gpt2", "n_layer": NaN})"}},
        {"no_type.json", {.content = "{" + kSizes + "}"}},
        {"no_sizes.json", {.content = R"({"model_type": "llama"})"}},
        {"meta.json", {.content = R"({"model_type": "llama", "dim": 4096, "n_layers": 32, "n_heads": 32})"}},
        {"custom.json", {.content = gpt2_with(R"(, "architectures": ["GPT2LMHeadCustomModel"])")}},
        {"quantised.json", {.content = R"({"model_type": "bert", "quantization": {"bits": 4}})"}},
        {"training.json", {.content = R"({"training_strategy": "additive"})"}},
        {"model/config.json", {.content = R"({"training_strategy": "additive"})"}},
        {"empty.json", {.content = "{}"}},
        {"nothing.json", {.content = ""}},
        {"nowhere/else.json", {.content = "{}"}}};
    return all;
}

std::vector<Case> messages_of_extract() {
    const std::string models = "configs/models";
    return {
        refusal_of("hub_name", "irene-extract gpt2", 66,
                   {"gpt2: ", "nothing is downloaded", models + "/gpt2.json"}),
        refusal_of("hub_name_of_an_organisation", "irene-extract openai-community/GPT2", 66,
                   {models + "/gpt2.json"}),
        refusal_of("hub_address", "irene-extract https://huggingface.co/gpt2", 66, {models + "/gpt2.json"}),
        refusal_of("hub_name_alike", "irene-extract meta-llama/Llama-2-7b", 66,
                   {"nothing is downloaded", "config.json", models, "such as Llama-2-7b-hf.json"}),
        refusal_of("hub_name_unknown", "irene-extract org/unheard-of", 66,
                   {"org/unheard-of: ", "nothing is downloaded", "config.json", "are in ", models}),
        refusal_of("absent", "irene-extract absent.json", 66, {"absent.json: cannot be read"}),
        {.name = "directory",
         .command = "irene-extract {folder} --seq_len 8",
         .output = {"\"model_name\": \"folder\""}},
        refusal_of("directory_without_config", "irene-extract {nowhere}", 66,
                   {"nowhere: ", "without a config.json"}),
        refusal_of("directory_of_a_model", "irene-extract {model}", 65,
                   {"model/config.json: ", "is a training config", "irene-train"}),
        refusal_of("training_config", "irene-extract {training.json}", 65,
                   {"training.json: is a training config"}),
        refusal_of("empty_config", "irene-extract {empty.json}", 65, {"empty.json: is empty", "config.json"}),
        refusal_of("empty_file", "irene-extract {nothing.json}", 65, {"nothing.json: ", "is empty"}),
        {.name = "not_finite_and_not_read",
         .command = "irene-extract {infinite.json} --seq_len 8",
         .output = {"\"model_name\": \"infinite\""}},
        refusal_of("not_finite", "irene-extract {nan.json}", 65, {"'n_layer'", "found NaN"}),
        refusal_of("empty_range", "irene-extract {good.json} --seq_len 32:8", 64,
                   {"--seq_len", "'32:8' is empty", "first number is greater than its last"}),
        refusal_of("list_with_spaces", "irene-extract {good.json} --batch_size 8 16", 64,
                   {"'16'", "separated by commas: --batch_size 8,16"}),
        refusal_of("list_with_spaces_and_a_range", "irene-extract --seq_len=8 16 32:64:8 {good.json}", 64,
                   {"'16,32:64:8'", "--seq_len 8,16,32:64:8"}),
        {.name = "type",
         .command = "irene-extract {no_type.json} --model_type gpt2 --seq_len 8",
         .output = {"GPT2Model", "\"model_name\": \"no_type\""}},
        refusal_of("no_type", "irene-extract {no_type.json}", 65,
                   {"'model_type'", "is missing", "--model_type", "known are albert, bart"}),
        refusal_of("another_type", "irene-extract {good.json} --model_type bert", 64,
                   {"'model_type': is 'gpt2', and 'bert' is asked for"}),
        refusal_of("unknown_type", "irene-extract {no_type.json} --model_type gpt5", 64,
                   {"'gpt5'", "known are albert"}),
        {.name = "no_sizes",
         .command = "irene-extract {no_sizes.json} --seq_len 8",
         .output = {"LlamaModel"},
         .errors = {"warning: no_sizes.json: no size is given", "defaults for 'llama'", "hidden_size 4096"},
         .lines = 1},
        refusal_of("words_of_another_tool", "irene-extract {meta.json}", 65,
                   {"'dim'", "'hidden_size'", "model_type 'llama'"}),
        refusal_of("custom_class", "irene-extract {custom.json}", 65,
                   {"'architectures'", "'GPT2LMHeadCustomModel'"}),
        refusal_of("quantised", "irene-extract {quantised.json}", 65, {"'quantization'", "not counted"}),
        {.name = "bfloat16",
         .command = "irene-extract {bfloat16.json} --seq_len 8,16",
         .output = {"GPT2Model"},
         .errors = {"bfloat16.json: 'torch_dtype' is 'bfloat16'", "counted in float32"},
         .lines = 1},
        {.name = "two_of_a_name",
         .command = "irene-extract {a} {b}/config.json --seq_len 8",
         .output = {"\"a/1/8/0\"", "\"b/1/8/0\""},
         .errors = {"a/config.json: is called 'a'", "b/config.json: is called 'b'", "the name 'gpt2'"},
         .lines = 2},
        {.name = "private_path",
         .command = "irene-extract {private.json} --seq_len 8",
         .output = {"\"model_name\": \"mine\""}},
        refusal_of(
            "train_with_a_transformer", "irene-train --config {good.json} {data.jsonl} out", 64,
            {"good.json: is a transformer's config", "irene-extract", "--config takes a training config"}),
        refusal_of("crossvalidate_with_a_transformer",
                   "irene-crossvalidate --config {no_type.json} {data.jsonl} out", 64,
                   {"no_type.json: is a transformer's config", "irene-extract"}),
        refusal_of("train_with_an_empty_file", "irene-train --config {nothing.json} {data.jsonl} out", 64,
                   {"nothing.json: ", "is empty"}),
    };
}

INSTANTIATE_TEST_SUITE_P(ExtractMessages, Table,
                         testing::ValuesIn(with_fixtures(message_fixtures, messages_of_extract())),
                         name_of_case);

}  // namespace

}  // namespace irene::tests
