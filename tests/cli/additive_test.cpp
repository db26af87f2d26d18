// The additive tree from the command line: intervals, warnings, irene-explain.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "process.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

const std::string kSample = std::string(IRENE_SOURCE_DIRECTORY) + "/datasets/simulated.jsonl";

std::string preset(const std::string& name) {
    return std::string(IRENE_SOURCE_DIRECTORY) + "/configs/" + name + ".json";
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

/// A directory with an additive model in `specs` and the paper's in `paper`.
class AdditiveCli : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        directory_ = new TemporaryDirectory;
        ASSERT_EQ(tool({"irene-train", "--config", preset("additive_specs"), kSample, "specs"}).exit_code, 0);
        ASSERT_EQ(tool({"irene-train", kSample, "paper"}).exit_code, 0);
    }
    static void TearDownTestSuite() {
        delete directory_;
        directory_ = nullptr;
    }
    static Result tool(std::vector<std::string> arguments, std::string input = {}) {
        return run(
            {.arguments = std::move(arguments), .input = std::move(input), .directory = directory_->path()});
    }
    static inline TemporaryDirectory* directory_ = nullptr;
};

TEST_F(AdditiveCli, ExplainPrintsTextAndJson) {
    const Result text = tool({"irene-explain", "specs"});
    EXPECT_EQ(text.exit_code, 0) << text.errors;
    for (const char* part :
         {"J/GiB", "J/GFLOP", "J/launch", "layernorm", "bertlayer", "Ranges seen in training"}) {
        EXPECT_NE(text.output.find(part), std::string::npos) << part;
    }
    const Result json = tool({"irene-explain", "--json", "specs"});
    EXPECT_EQ(json.exit_code, 0);
    EXPECT_TRUE(json.output.starts_with("{")) << json.output;
    EXPECT_EQ(tool({"irene-explain", "paper"}).exit_code, 0);
    EXPECT_EQ(tool({"irene-explain", "nowhere"}).exit_code, 66);
    EXPECT_EQ(tool({"irene-explain"}).exit_code, 64);
    EXPECT_EQ(tool({"irene-explain", "--help"}).exit_code, 0);
    EXPECT_TRUE(tool({"irene-explain", "--version"}).output.starts_with("irene-explain "));
}

TEST_F(AdditiveCli, IntervalsOnEveryNodeAndOnlyWhereAsked) {
    const Result with = tool({"irene-predict", "--interval", "0.9", kSample, "-", "specs"});
    EXPECT_EQ(with.exit_code, 0) << with.errors;
    const std::size_t nodes = count(with.output, "\"predicted_energy\": ");
    EXPECT_EQ(nodes, 3556U);
    EXPECT_EQ(count(with.output, "\"predicted_energy_low\": "), nodes);
    EXPECT_EQ(count(with.output, "\"predicted_energy_high\": "), nodes);
    const Result without = tool({"irene-predict", kSample, "-", "specs"});
    EXPECT_EQ(count(without.output, "predicted_energy_"), 0U);
    // One thread or two, and predicting predictions again: the same bytes.
    EXPECT_EQ(tool({"irene-predict", "--threads", "1", "--interval", "0.9", kSample, "-", "specs"}).output,
              with.output);
    EXPECT_EQ(tool({"irene-predict", "--interval", "0.9", "-", "-", "specs"}, with.output).output,
              with.output);
}

TEST_F(AdditiveCli, IntervalsThatCannotBeGivenAreRefused) {
    for (const char* probability : {"0", "1", "1.5", "-0.5", "nan", "inf", "", "0.9x", "90%"}) {
        const Result refused =
            tool({"irene-predict", "--interval", probability, kSample, "p.jsonl", "specs"});
        EXPECT_EQ(refused.exit_code, 64) << probability;
        EXPECT_EQ(count(refused.errors, "\n"), 1U) << refused.errors;
    }
    EXPECT_EQ(tool({"irene-predict", "--interval", "0.9", kSample, "p.jsonl", "paper"}).exit_code, 64);
    EXPECT_FALSE(std::filesystem::exists(*directory_ / "p.jsonl"));
}

TEST_F(AdditiveCli, UnseenOperationsAndUnusualNodesAreWarnedAboutOnce) {
    std::string text = read_file(kSample);
    EXPECT_EQ(tool({"irene-predict", "-", "-", "specs"}, text).errors, "");
    replace_all(text, "\"LayerNorm\"", "\"RMSNorm\"");
    const Result unseen = tool({"irene-predict", "-", "-", "specs"}, text);
    EXPECT_EQ(unseen.exit_code, 0);
    EXPECT_EQ(count(unseen.errors, "\n"), 1U) << unseen.errors;
    EXPECT_NE(unseen.errors.find("'rmsnorm'"), std::string::npos) << unseen.errors;
    EXPECT_EQ(tool({"irene-predict", "-", "-", "paper"}, text).exit_code, 65);

    text = read_file(kSample);
    replace_all(text, "\"seq_len\": 128", "\"seq_len\": 512");
    const Result unusual = tool({"irene-predict", "-", "-", "specs"}, text);
    EXPECT_EQ(unusual.exit_code, 0);
    EXPECT_EQ(count(unusual.errors, "\n"), 1U) << unusual.errors;
    EXPECT_NE(unusual.errors.find("outside the range of training"), std::string::npos) << unusual.errors;
}

TEST_F(AdditiveCli, ExtractedTreesArePredictedAndSummed) {
    const std::string models = std::string(IRENE_SOURCE_DIRECTORY) + "/configs/models/";
    const Result trees = tool({"irene-extract", models + "TinyLlama-1.1B.json", models + "gpt2.json",
                               "--batch_size", "8", "--seq_len", "32,128"});
    EXPECT_EQ(trees.exit_code, 0) << trees.errors;
    const Result predictions = tool({"irene-predict", "-", "-", "specs"}, trees.output);
    EXPECT_EQ(predictions.exit_code, 0);
    EXPECT_NE(predictions.errors.find("operations not seen in training"), std::string::npos);
    EXPECT_NE(predictions.errors.find("'llamarmsnorm'"), std::string::npos) << predictions.errors;
    const Result summary = tool({"irene-summarize", "--format", "csv"}, predictions.output);
    EXPECT_EQ(summary.exit_code, 0) << summary.errors;
    EXPECT_EQ(count(summary.output, "\n"), 5U) << summary.output;
    EXPECT_NE(summary.output.find("\ngpt2,8,128,1,"), std::string::npos) << summary.output;
}

TEST_F(AdditiveCli, SameBitsForAnyNumberOfThreads) {
    for (const char* name : {"additive", "additive_timing", "additive_specs"}) {
        const Result one =
            tool({"irene-crossvalidate", "--threads", "1", "--config", preset(name), kSample, "one"});
        const Result two =
            tool({"irene-crossvalidate", "--threads", "2", "--config", preset(name), kSample, "two"});
        EXPECT_EQ(one.exit_code, 0) << one.errors;
        EXPECT_EQ(one.output, two.output);
        for (const char* file : {"model.json", "predictions.jsonl"}) {
            EXPECT_EQ(read_file(*directory_ / ("one/crossvalidation/leave_gpt2/" + std::string(file))),
                      read_file(*directory_ / ("two/crossvalidation/leave_gpt2/" + std::string(file))));
        }
    }
}

}  // namespace
}  // namespace irene::tests
