// Times from the command line: runs that were timed are trained on, predicted, scored and shown.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/dataset.hpp"

#include "trained.hpp"

namespace irene::tests {
namespace {

/// A directory with a table of runs, their trees in trees.jsonl, and models trained with their times, in
/// `timed`, and without, in `timeless`.
class TimedCli : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        directory_ = new TemporaryDirectory;
        std::string table = "config,batch_size,seq_len,new_tokens,dtype,joules,seconds\n";
        double joules = 2.0;
        for (const char* model : {"gpt2", "opt-125m"}) {
            for (const char* size : {"1,64", "8,64", "8,256"}) {
                for (const char* new_tokens : {"0", "16"}) {
                    joules *= 1.25;
                    table += std::string(model) + ',' + size + ',' + new_tokens + ",float16," +
                             std::to_string(joules) + ',' + std::to_string(joules / 64.0) + '\n';
                }
            }
        }
        write_file(*directory_ / "runs.csv", table);
        succeed(*directory_, "irene-extract -q --runs runs.csv -o trees.jsonl");
        succeed(*directory_, "irene-train -q --config " + preset() + " trees.jsonl timed");
        std::string untimed = table;
        const std::string column = ",seconds";
        untimed.replace(untimed.find(column), column.size(), ",ignored");
        write_file(*directory_ / "untimed.csv", untimed);
        succeed(*directory_, "irene-extract -q --runs untimed.csv -o untimed.jsonl");
        succeed(*directory_, "irene-train -q --config " + preset() + " untimed.jsonl timeless");
    }
    static void TearDownTestSuite() {
        delete directory_;
        directory_ = nullptr;
    }
    static std::string preset() {
        return std::string(IRENE_SOURCE_DIRECTORY) + "/configs/additive_kernels.json";
    }
    static std::string printed(const std::string& line, const std::string& input = {}) {
        return succeed(*directory_, line, input).output;
    }
    static bool has(const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    }
    static inline TemporaryDirectory* directory_ = nullptr;
};

TEST_F(TimedCli, PredictionsHaveSecondsOfTheModelsThatKnowTimes) {
    const std::string timed = printed("irene-predict -q trees.jsonl - timed");
    const std::string timeless = printed("irene-predict -q trees.jsonl - timeless");
    EXPECT_TRUE(has(timed, "\"predicted_seconds\": "));
    EXPECT_FALSE(has(timeless, "predicted_seconds"));
    EXPECT_FALSE(has(printed("irene-predict -q --plain trees.jsonl - timed"), "predicted_seconds"));
    // The same again; and by the other model, or plainly, they are taken out.
    EXPECT_EQ(printed("irene-predict -q - - timed", timed), timed);
    EXPECT_EQ(printed("irene-predict -q - - timeless", timed), timeless);
    EXPECT_FALSE(has(printed("irene-predict -q --plain - - timed", timed), "predicted_seconds"));
}

TEST_F(TimedCli, TimesAreScoredAndShown) {
    printed("irene-predict -q trees.jsonl predictions.jsonl timed");
    EXPECT_FALSE(has(printed("irene-evaluate -q --json trees.jsonl predictions.jsonl"), "\"seconds\": null"));
    printed("irene-predict -q trees.jsonl timeless.jsonl timeless");
    EXPECT_TRUE(
        has(printed("irene-evaluate -q --strict --json --node_types model trees.jsonl timeless.jsonl"),
            "\"seconds\": null"));
    const std::string summary = printed("irene-summarize predictions.jsonl");
    for (const char* part : {"s/tree", "W", "new tokens/s", "  tokens/s", "as predicted: its latency"})
        EXPECT_TRUE(has(summary, part)) << part << "\n" << summary;
    EXPECT_FALSE(has(printed("irene-summarize timeless.jsonl"), "s/tree"));
    EXPECT_TRUE(has(printed("irene-summarize --by phase --format csv predictions.jsonl"),
                    ",s/tree,W,self arithmetic J/tree,self memory J/tree,self static J/tree\n"));
}

TEST_F(TimedCli, CrossvalidationHasAColumnOfSeconds) {
    const std::string command = "irene-crossvalidate -q --config " + preset() + " ";
    EXPECT_TRUE(has(printed(command + "trees.jsonl out"), "  model % error  seconds % error\n"));
    const std::string report = read_file(*directory_ / "out/crossvalidation/report.csv");
    EXPECT_TRUE(report.starts_with("left_out,ml,module,model,seconds\ngpt2,,,")) << report;
    EXPECT_FALSE(has(report, ",\n")) << report;
    EXPECT_TRUE(has(read_file(*directory_ / "out/crossvalidation/leave_gpt2/predictions.jsonl"),
                    "\"predicted_seconds\": "));
    EXPECT_FALSE(has(read_file(*directory_ / "out/crossvalidation/leave_gpt2/percentage_errors.json"),
                     "\"seconds\": null"));
    // The folds' models learn no times here.
    EXPECT_FALSE(has(printed(command + "untimed.jsonl out"), "seconds % error"));
    EXPECT_TRUE(has(printed(command + "--json untimed.jsonl out"), "\"seconds\": null"));
}

}  // namespace
}  // namespace irene::tests
