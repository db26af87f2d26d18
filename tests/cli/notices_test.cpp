// What the tools tell of data that they can use, but not trust: counts that contradict each other, values
// outside the range of training, intervals that cannot hold, training that diverges.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "process.hpp"
#include "small_data.hpp"
#include "temporary_directory.hpp"
#include "trained.hpp"

namespace irene::tests {
namespace {

/// The simulated runs with every node changed; of the first model only, or of all.
template <typename Change>
std::string simulated_with(const Change& change, bool one_model = false) {
    const std::string text = read_file(simulated());
    std::string lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        Json tree = Json::parse(text.substr(begin, end - begin));
        begin = end + 1;
        if (one_model && tree["model_name"] != "bert-base-uncased") continue;
        for_each_node(root_of(tree), change);
        lines += tree.dump() + "\n";
    }
    return lines;
}

class Notices : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        directory_ = new TemporaryDirectory;
        const auto same = [](Json&) {};
        write_file(*directory_ / "good.jsonl", simulated_with(same));
        write_file(*directory_ / "one.jsonl", simulated_with(same, true));
        write_file(*directory_ / "frozen.jsonl",
                   simulated_with([](Json& node) { node["num_parameters"] = 0; }));
        write_file(*directory_ / "giga.jsonl",
                   simulated_with([](Json& node) { node["flops"] = node["flops"].get<double>() / 1000.0; }));
        write_file(*directory_ / "moved.jsonl",
                   simulated_with([](Json& node) { node["gpu_mem_clk"] = 9999; }));
        write_file(*directory_ / "additive.json",
                   R"({"training_strategy": "additive", "feature_sets": ["model_specs"]})");
        write_file(*directory_ / "free.json", R"({"weighting_setting": "free", "learning_rate": 1,
            "normalize_loss_scale": false, "standardize_features": false, "num_epochs": 50})");
        succeed(*directory_, "irene-train -q --config additive.json good.jsonl model");
        succeed(*directory_, "irene-train -q good.jsonl paper");
    }
    static void TearDownTestSuite() {
        delete directory_;
        directory_ = nullptr;
    }

    static Result run_line(const std::string& line) {
        return run({.arguments = split_arguments(line), .directory = directory_->path()});
    }
    static void expect_told(const std::string& line, int exit_code, const std::vector<std::string>& parts) {
        const Result result = run_line(line);
        EXPECT_EQ(result.exit_code, exit_code) << line << "\n" << result.errors;
        for (const std::string& part : parts) {
            EXPECT_NE(result.errors.find(part), std::string::npos) << line << ": " << part << "\n"
                                                                   << result.errors;
        }
        if (parts.empty()) {
            EXPECT_EQ(result.errors.find("warning"), std::string::npos) << result.errors;
        }
    }

    static TemporaryDirectory* directory_;
};

TemporaryDirectory* Notices::directory_ = nullptr;

TEST_F(Notices, CountsThatContradictEachOther) {
    const std::string counts =
        "1208 of 1208 dense products have counts that contradict each other, the first node 'root.";
    const std::string frozen = "num_parameters is 0, as where frozen weights are left out";
    const std::string giga = "flops seem to be counted in 10^9, and are expected in 10^6";
    expect_told("irene-train --config additive.json frozen.jsonl a", 0, {"frozen.jsonl: " + counts, frozen});
    expect_told("irene-train --config additive.json giga.jsonl b", 0, {counts, giga});
    expect_told("irene-crossvalidate --config additive.json giga.jsonl c", 0, {counts, giga});
    expect_told("irene-predict frozen.jsonl p.jsonl model", 0, {counts, frozen, "errs more"});
    expect_told("irene-predict giga.jsonl p.jsonl model", 0, {counts, giga});
    // The paper's strategies do not mind, and good counts are not told.
    expect_told("irene-train -q giga.jsonl d", 0, {});
    expect_told("irene-crossvalidate --config additive.json good.jsonl e", 0, {});
    expect_told("irene-predict good.jsonl p.jsonl model", 0, {});
}

TEST_F(Notices, ValuesOutsideTheRangeInTheUsersWords) {
    expect_told("irene-predict moved.jsonl p.jsonl paper", 0,
                {"nodes lie outside the range of training: expect larger errors there",
                 "gpu_mem_clk (which never varied in training) is 9999, training saw only "});
    expect_told("irene-predict good.jsonl p.jsonl paper", 0, {});
    succeed(*directory_,
            "irene-extract " +
                (std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs/models/bert-large-uncased.json")
                    .string() +
                " --batch_size 8 --seq_len 64 -o large.jsonl");
    expect_told("irene-predict large.jsonl p.jsonl model", 0,
                {"nodes lie outside the range of training",
                 "(the greater of a dense product's inputs and outputs)", "training saw "});
}

TEST_F(Notices, IntervalsThatCannotHold) {
    expect_told("irene-predict --interval 0.96 good.jsonl p.jsonl model", 0, {});
    expect_told("irene-predict --interval 0.99 good.jsonl p.jsonl model", 0,
                {"the errors of 6 held-out models support intervals of probability 0.96 at most"});
    expect_told("irene-train --config additive.json one.jsonl single", 0,
                {"one.jsonl: holds one model_name; prediction intervals for others need at least two"});
    expect_told("irene-predict --interval 0.9 one.jsonl p.jsonl single", 0,
                {"trained on one model_name", "too narrow for another"});
    const std::string text = read_file(*directory_ / "one.jsonl");
    write_file(*directory_ / "tree.jsonl", text.substr(0, text.find('\n') + 1));
    succeed(*directory_, "irene-train -q --config additive.json tree.jsonl lonely");
    expect_told("irene-predict --interval 0.9 tree.jsonl p.jsonl lonely", 64,
                {"trained on one model_name, and intervals need at least two"});
    expect_told("irene-predict --interval 0.9 good.jsonl p.jsonl paper", 64,
                {"only strategy 'additive' learns them"});
}

TEST_F(Notices, TrainingThatDivergesLeavesTheModelAlone) {
    succeed(*directory_, "irene-train -q good.jsonl kept");
    const std::string before = read_file(*directory_ / "kept/model.json");
    expect_told("irene-train --config free.json good.jsonl kept", 65,
                {"good.jsonl: training diverged in epoch ", "a smaller learning_rate"});
    EXPECT_EQ(read_file(*directory_ / "kept/model.json"), before);
    expect_told("irene-crossvalidate --config free.json good.jsonl folds", 65,
                {"training diverged in epoch "});
    EXPECT_FALSE(std::filesystem::exists(*directory_ / "folds"));
}

}  // namespace
}  // namespace irene::tests
