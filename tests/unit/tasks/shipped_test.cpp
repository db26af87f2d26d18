// What comes with irene, looked for in the folders that a program gives.
#include "irene/shipped.hpp"

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "irene/architectures.hpp"

#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

namespace fs = std::filesystem;

const ShippedFolders& checkout() {
    static const ShippedFolders folders{IRENE_SOURCE_DIRECTORY};
    return folders;
}

TEST(Shipped, ModelsAreFoundByNameInTheFirstFolderThatHasThem) {
    const TemporaryDirectory mine;
    fs::create_directories(mine / "models/h100-sxm-vllm");
    write_file(mine / "models/h100-sxm-vllm/model.json", "");
    const ShippedFolders folders{mine.path(), IRENE_SOURCE_DIRECTORY};
    EXPECT_EQ(model_directory("h100-sxm-vllm", folders), mine / "models/h100-sxm-vllm");
    EXPECT_EQ(model_directory("h100-sxm-eager", folders),
              fs::path(IRENE_SOURCE_DIRECTORY) / "models/h100-sxm-eager");
    EXPECT_EQ(model_directory("./h100-sxm-vllm", folders), "./h100-sxm-vllm");
    EXPECT_TRUE(is_trained_model("h100-sxm-eager", folders));
    EXPECT_FALSE(is_trained_model("h100-sxm-eager", {mine.path()}));
    const std::string refused =
        refusal(ErrorKind::no_input, [&] { model_directory("h100-sxm-eagre", checkout()); });
    expect_contains(refused, "did you mean h100-sxm-eager?");
    expect_contains(refusal(ErrorKind::no_input, [] { model_directory("any", {}); }), "none is known");
}

TEST(Shipped, ModelsAreListedAndWarnedOf) {
    std::vector<std::string> told;
    const Table table = list_of_trained_models(checkout(), into(told));
    EXPECT_EQ(told, std::vector<std::string>());
    ASSERT_GE(table.rows.size(), 4U);
    EXPECT_EQ(std::get<std::string>(table.rows[0][0]), "a100-pcie-eager");
    const TemporaryDirectory mine;
    fs::create_directories(mine / "models/broken");
    write_file(mine / "models/broken/model.json", "{");
    EXPECT_TRUE(list_of_trained_models({mine.path()}, into(told)).rows.empty());
    ASSERT_EQ(told.size(), 1U);
    expect_contains(told[0], "the model is not listed");
}

TEST(Shipped, ConfigsAndDatasheetsAreFoundByName) {
    EXPECT_EQ(folder_of_configs(checkout()), fs::path(IRENE_SOURCE_DIRECTORY) / "configs/models");
    EXPECT_EQ(folder_of_configs({}), std::nullopt);
    expect_contains(refusal(ErrorKind::no_input, [] { config_file("openai/gpt2", checkout()); }),
                    "configs/models/gpt2.json");
    EXPECT_EQ(device_argument("T4", checkout(), {}).name, "T4");
    EXPECT_EQ(device_argument(IRENE_SOURCE_DIRECTORY "/configs/devices/T4.json", {}, {}).name, "T4");
    expect_contains(refusal(ErrorKind::usage, [] { device_argument("T5", checkout(), {.file = "device"}); }),
                    "device: no datasheet is named 'T5'");
}

TEST(Shipped, TreesAreExtractedIntoMemoryAsIntoAFile) {
    const TemporaryDirectory directory;
    const fs::path config = fs::path(IRENE_SOURCE_DIRECTORY) / "configs/models/gpt2.json";
    const std::vector<Transformer> transformers{load_transformer(config)};
    const std::vector<std::int64_t> batch_sizes{1, 8}, seq_lens{16, 32};
    EXPECT_EQ(extract(transformers, batch_sizes, seq_lens, directory / "trees.jsonl"), 4U);
    std::string lines;
    const VisitLine visit = [&lines](std::string&& line) { lines += line + '\n'; };
    EXPECT_EQ(extract_lines(transformers, batch_sizes, seq_lens, visit), 4U);
    EXPECT_EQ(lines, read_file(directory / "trees.jsonl"));
    const std::vector<std::int64_t> twice{8, 8};
    refusal(ErrorKind::usage, [&] { extract_lines(transformers, twice, seq_lens, visit); });

    write_file(directory / "runs.csv", "config,batch_size,seq_len,joules\ngpt2,1,16,2.5\ngpt2,2,16,\n");
    const RunsOptions options{.config_folders = {config.parent_path()}};
    EXPECT_EQ(extract_runs(directory / "runs.csv", directory / "runs.jsonl", options), 2U);
    lines.clear();
    EXPECT_EQ(extract_run_lines(directory / "runs.csv", visit, options), 2U);
    EXPECT_EQ(lines, read_file(directory / "runs.jsonl"));
}

TEST(Shipped, AConfigThatIsAText) {
    const std::string text = read_file(fs::path(IRENE_SOURCE_DIRECTORY) / "configs/models/gpt2.json");
    std::vector<std::string> told;
    const irene::Run run{.batch_size = 2, .seq_len = 16};
    EXPECT_EQ(
        to_json(parse_transformer(text, "mine", {.model_name = "g", .warn = into(told)}), run),
        to_json(load_transformer(IRENE_SOURCE_DIRECTORY "/configs/models/gpt2.json", {.model_name = "g"}),
                run));
    EXPECT_EQ(
        parse_transformer(R"({"model_type": "gpt2", "_name_or_path": "org/mine"})", "mine").model_name(),
        "org/mine");
    EXPECT_EQ(parse_transformer(R"({"model_type": "gpt2"})", "mine").model_name(), "model");
    expect_contains(refusal(ErrorKind::data, [] { parse_transformer("{", "mine"); }), "mine");
}

}  // namespace
}  // namespace irene::tests
