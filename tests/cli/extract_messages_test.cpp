// What irene-extract says to what people give it, and what the others say to a transformer's config: one
// table of command lines, each run in a directory with the same few files.
#include <algorithm>
#include <filesystem>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "process.hpp"
#include "small_data.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

using Texts = std::vector<std::string>;

struct Said {
    std::string name;
    std::string command;
    int exit_code = 0;
    Texts errors = {};  ///< each is part of standard error
    Texts output = {};  ///< each is part of standard output, which is empty where the exit code is not 0
    int num_lines = 1;  ///< on standard error
};

void PrintTo(const Said& said, std::ostream* out) { *out << said.command; }

const std::string kSizes = R"("vocab_size": 500, "n_positions": 64, "n_embd": 24, "n_layer": 1, "n_head": 2)";

std::string gpt2_with(const std::string& fields) {
    return R"({"model_type": "gpt2", )" + kSizes + fields + "}";
}

const std::vector<std::pair<std::string, std::string>>& files() {
    static const std::vector<std::pair<std::string, std::string>> all{
        {"good.json", gpt2_with("")},
        {"folder/config.json", gpt2_with("")},
        {"a/config.json", gpt2_with(R"(, "_name_or_path": "gpt2")")},
        {"b/config.json", gpt2_with(R"(, "_name_or_path": "gpt2")")},
        {"private.json", gpt2_with(R"(, "_name_or_path": "/home/me/mine")")},
        {"bfloat16.json", gpt2_with(R"(, "torch_dtype": "bfloat16")")},
        {"infinite.json", gpt2_with(R"(, "unread": [NaN, Infinity, -Infinity])")},
        {"nan.json", R"({"model_type": "gpt2", "n_layer": NaN})"},
        {"no_type.json", "{" + kSizes + "}"},
        {"no_sizes.json", R"({"model_type": "llama"})"},
        {"meta.json", R"({"model_type": "llama", "dim": 4096, "n_layers": 32, "n_heads": 32})"},
        {"custom.json", gpt2_with(R"(, "architectures": ["GPT2LMHeadCustomModel"])")},
        {"quantised.json", R"({"model_type": "bert", "quantization": {"bits": 4}})"},
        {"training.json", R"({"training_strategy": "additive"})"},
        {"model/config.json", R"({"training_strategy": "additive"})"},
        {"empty.json", "{}"},
        {"nothing.json", ""},
        {"nowhere/else.json", "{}"},
        {"data.jsonl", to_jsonl(make_trees())}};
    return all;
}

const std::vector<Said>& table() {
    const std::string models = "configs/models";
    static const std::vector<Said> all{
        {"hub_name", "irene-extract gpt2", 66, {"gpt2: ", "nothing is downloaded", models + "/gpt2.json"}},
        {"hub_name_of_an_organisation", "irene-extract openai-community/GPT2", 66, {models + "/gpt2.json"}},
        {"hub_address", "irene-extract https://huggingface.co/gpt2", 66, {models + "/gpt2.json"}},
        {"hub_name_alike",
         "irene-extract meta-llama/Llama-2-7b",
         66,
         {"nothing is downloaded", "config.json", models, "such as Llama-2-7b-hf.json"}},
        {"hub_name_unknown",
         "irene-extract org/unheard-of",
         66,
         {"org/unheard-of: ", "nothing is downloaded", "config.json", "are in ", models}},
        {"absent", "irene-extract absent.json", 66, {"absent.json: cannot be read"}},
        {"directory", "irene-extract folder --seq_len 8", 0, {}, {"\"model_name\": \"folder\""}, 0},
        {"directory_without_config", "irene-extract nowhere", 66, {"nowhere: ", "without a config.json"}},
        {"directory_of_a_model",
         "irene-extract model",
         65,
         {"model/config.json: ", "is a training config", "irene-train"}},
        {"training_config", "irene-extract training.json", 65, {"training.json: is a training config"}},
        {"empty_config", "irene-extract empty.json", 65, {"empty.json: is empty", "config.json"}},
        {"empty_file", "irene-extract nothing.json", 65, {"nothing.json: ", "is empty"}},
        {"not_finite_and_not_read",
         "irene-extract infinite.json --seq_len 8",
         0,
         {},
         {"\"model_name\": \"infinite\""},
         0},
        {"not_finite", "irene-extract nan.json", 65, {"'n_layer'", "found NaN"}},
        {"empty_range",
         "irene-extract good.json --seq_len 32:8",
         64,
         {"--seq_len", "'32:8' is empty", "first number is greater than its last"}},
        {"list_with_spaces",
         "irene-extract good.json --batch_size 8 16",
         64,
         {"'16'", "separated by commas: --batch_size 8,16"}},
        {"list_with_spaces_and_a_range",
         "irene-extract --seq_len=8 16 32:64:8 good.json",
         64,
         {"'16,32:64:8'", "--seq_len 8,16,32:64:8"}},
        {"type",
         "irene-extract no_type.json --model_type gpt2 --seq_len 8",
         0,
         {},
         {"GPT2Model", "\"model_name\": \"no_type\""},
         0},
        {"no_type",
         "irene-extract no_type.json",
         65,
         {"'model_type'", "is missing", "--model_type", "known are albert, bert"}},
        {"another_type",
         "irene-extract good.json --model_type bert",
         64,
         {"'model_type': is 'gpt2', and 'bert' is asked for"}},
        {"unknown_type", "irene-extract no_type.json --model_type gpt5", 64, {"'gpt5'", "known are albert"}},
        {"no_sizes",
         "irene-extract no_sizes.json --seq_len 8",
         0,
         {"warning: no_sizes.json: no size is given", "defaults for 'llama'", "hidden_size 4096"},
         {"LlamaModel"}},
        {"words_of_another_tool",
         "irene-extract meta.json",
         65,
         {"'dim'", "'hidden_size'", "model_type 'llama'"}},
        {"custom_class", "irene-extract custom.json", 65, {"'architectures'", "'GPT2LMHeadCustomModel'"}},
        {"quantised", "irene-extract quantised.json", 65, {"'quantization'", "not counted"}},
        {"bfloat16",
         "irene-extract bfloat16.json --seq_len 8,16",
         0,
         {"bfloat16.json: 'torch_dtype' is 'bfloat16'", "counted in float32"},
         {"GPT2Model"}},
        {"two_of_a_name",
         "irene-extract a b/config.json --seq_len 8",
         0,
         {"a/config.json: is called 'a'", "b/config.json: is called 'b'", "the name 'gpt2'"},
         {"\"a/1/8/0\"", "\"b/1/8/0\""},
         2},
        {"private_path", "irene-extract private.json --seq_len 8", 0, {}, {"\"model_name\": \"mine\""}, 0},
        {"train_with_a_transformer",
         "irene-train --config good.json data.jsonl out",
         64,
         {"good.json: is a transformer's config", "irene-extract", "--config takes a training config"}},
        {"crossvalidate_with_a_transformer",
         "irene-crossvalidate --config no_type.json data.jsonl out",
         64,
         {"no_type.json: is a transformer's config", "irene-extract"}},
        {"train_with_an_empty_file",
         "irene-train --config nothing.json data.jsonl out",
         64,
         {"nothing.json: ", "is empty"}},
    };
    return all;
}

class ExtractMessages : public testing::TestWithParam<Said> {};

TEST_P(ExtractMessages, SayWhatTheSenderNeeds) {
    const Said& said = GetParam();
    const TemporaryDirectory directory;
    for (const auto& [path, content] : files()) {
        std::filesystem::create_directories((directory / path).parent_path());
        write_file(directory / path, content);
    }
    const Result result = run({.arguments = split_arguments(said.command), .directory = directory.path()});
    EXPECT_EQ(result.exit_code, said.exit_code) << result.errors;
    for (const std::string& part : said.errors)
        EXPECT_NE(result.errors.find(part), std::string::npos) << part << "\nin\n" << result.errors;
    for (const std::string& part : said.output)
        EXPECT_NE(result.output.find(part), std::string::npos) << part << "\nin\n" << result.output;
    if (said.exit_code != 0) {
        EXPECT_EQ(result.output, "");
    }
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), said.num_lines) << result.errors;
    EXPECT_FALSE(std::filesystem::exists(directory / "out"));
}

INSTANTIATE_TEST_SUITE_P(All, ExtractMessages, testing::ValuesIn(table()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace irene::tests
