// Runs as a program takes them: those of the file that is written, from a file and from lines.
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/tasks.hpp"

#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

const Model& model_of_runs() {
    static const Model model = [] {
        Config config;
        config.num_epochs = 1;
        return train(dataset_of(small_lines(6)), config);
    }();
    return model;
}

/// Gives these lines, a few at a time, with a pause between.
NextLines giving(const std::vector<std::string>& lines, std::size_t at_a_time = 1) {
    return [&lines, at_a_time, next = std::size_t{0}, pauses = false](std::string& out) mutable {
        pauses = !pauses;
        if (pauses) return true;  // nothing yet
        for (std::size_t i = 0; i < at_a_time && next < lines.size(); ++i)
            out += (out.empty() ? "" : "\n") + lines[next++];
        return !out.empty();
    };
}

class PredictRuns : public testing::Test {
  protected:
    VisitRun collect() {
        return [this](PredictedRun&& run) { runs_.push_back(std::move(run)); };
    }
    std::string joined() const {
        std::string text;
        for (const PredictedRun& run : runs_) text += run.line + '\n';
        return text;
    }

    const TemporaryDirectory directory_;
    const std::filesystem::path in_ = directory_ / "in.jsonl", out_ = directory_ / "out.jsonl";
    std::vector<PredictedRun> runs_;
};

TEST_F(PredictRuns, HaveTheLinesOfTheFileThatIsWritten) {
    const std::vector<std::string> lines = small_lines(300);
    write_file(in_, join_lines(lines));
    for (const bool plain : {false, true}) {
        for (const unsigned threads : {1U, 3U}) {
            const PredictOptions options{.threads = threads, .plain = plain};
            const PredictSummary written = predict_file(model_of_runs(), in_, out_, options);
            runs_.clear();
            const PredictSummary visited = predict_runs(model_of_runs(), in_, collect(), options);
            EXPECT_EQ(joined(), read_file(out_));
            EXPECT_EQ(visited.num_trees, written.num_trees);
            EXPECT_EQ(visited.notices.num_nodes, written.notices.num_nodes);
            for (const std::size_t at_a_time : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
                runs_.clear();
                predict_runs(model_of_runs(), giving(lines, at_a_time), "mine", collect(), options);
                EXPECT_EQ(joined(), read_file(out_));
            }
        }
    }
}

TEST_F(PredictRuns, TellTheRootAndTheKeys) {
    const std::vector<std::string> lines = small_lines(3);
    predict_runs(model_of_runs(), giving(lines), "mine", collect());
    ASSERT_EQ(runs_.size(), 3U);
    for (const PredictedRun& run : runs_) {
        const Tree tree = parse_tree(run.line);
        ASSERT_EQ(run.keys.size(), run_keys().size());
        for (const RunKey key : run_keys()) EXPECT_EQ(run.keys[static_cast<std::size_t>(key)], tree.run(key));
        EXPECT_EQ(run.joules, tree.nodes()[0].predicted_energy);
        EXPECT_TRUE(is_absent(run.low) && is_absent(run.high) && is_absent(run.seconds));
    }
}

TEST_F(PredictRuns, WhatStandsBeforeARefusedLineWasVisited) {
    for (const std::size_t before : {std::size_t{0}, std::size_t{1}, std::size_t{150}}) {
        std::vector<std::string> lines = small_lines(300);
        lines[before] = "{\"model_name\": 1}";
        write_file(in_, join_lines(lines));
        for (const unsigned threads : {1U, 4U}) {
            const PredictOptions options{.threads = threads};
            runs_.clear();
            const std::string of_file =
                refusal(ErrorKind::data, [&] { predict_runs(model_of_runs(), in_, collect(), options); });
            expect_contains(of_file, "in.jsonl:" + std::to_string(before + 1));
            EXPECT_EQ(runs_.size(), before);
            runs_.clear();
            const std::string of_lines = refusal(ErrorKind::data, [&] {
                predict_runs(model_of_runs(), giving(lines, 2), "mine", collect(), options);
            });
            expect_contains(of_lines, "mine:" + std::to_string(before + 1));
            EXPECT_EQ(runs_.size(), before);
        }
    }
}

TEST_F(PredictRuns, BadLinesAreSkippedOnRequest) {
    std::vector<std::string> lines = small_lines(4), told;
    lines[1] = "{";
    const PredictSummary summary = predict_runs(model_of_runs(), giving(lines), "mine", collect(),
                                                {.skip_bad_lines = true, .warn = into(told)});
    EXPECT_EQ(summary.num_trees, 3U);
    EXPECT_EQ(summary.num_bad_lines, 1U);
    EXPECT_EQ(runs_.size(), 3U);
    ASSERT_EQ(told.size(), 1U);
    expect_contains(told[0], "skipped: mine:2");
}

TEST_F(PredictRuns, WhatVisitThrowsEndsThem) {
    const std::vector<std::string> lines = small_lines(300);
    for (const unsigned threads : {1U, 4U}) {
        std::size_t count = 0;
        const VisitRun visit = [&count](PredictedRun&&) {
            if (++count == 5) throw std::runtime_error("enough");
        };
        EXPECT_THROW(predict_runs(model_of_runs(), giving(lines), "mine", visit, {.threads = threads}),
                     std::runtime_error);
        EXPECT_EQ(count, 5U);
    }
}

TEST_F(PredictRuns, WhatGivingLinesThrowsComesBehindThoseThatWereGiven) {
    const std::vector<std::string> lines = small_lines(20);
    NextLines next = [given = giving(lines)](std::string& out) mutable {
        if (given(out)) return true;
        throw std::runtime_error("no more");
    };
    EXPECT_THROW(predict_runs(model_of_runs(), next, "mine", collect(), {.threads = 3}), std::runtime_error);
    EXPECT_EQ(runs_.size(), 20U);
}

TEST_F(PredictRuns, AreStoppedWhileNoLinesCome) {
    std::atomic<bool> stop{false};
    int asked = 0;
    const NextLines next = [&](std::string&) {
        if (++asked == 3) stop = true;
        return true;
    };
    refusal(ErrorKind::interrupted,
            [&] { predict_runs(model_of_runs(), next, "mine", collect(), {.threads = 2, .stop = &stop}); });
    EXPECT_EQ(asked, 3);
}

TEST_F(PredictRuns, GivenLinesAreADatasetToo) {
    const std::vector<std::string> lines = small_lines(6);
    write_file(in_, join_lines(lines));
    const Dataset of_file = read_dataset(in_), given = read_dataset(giving(lines, 2), "mine");
    EXPECT_EQ(given.source, "mine");
    ASSERT_EQ(given.trees.size(), of_file.trees.size());
    Config config;
    config.num_epochs = 1;
    const ModelDocuments one = to_documents(train(of_file, config)),
                         other = to_documents(train(given, config));
    EXPECT_EQ(one.model, other.model);
    std::vector<std::string> twice = lines;
    twice.push_back(lines[0]);
    expect_contains(refusal(ErrorKind::data, [&] { read_dataset(giving(twice), "mine"); }), "mine:7");
    expect_contains(refusal(ErrorKind::data, [] { read_dataset(giving({}), "mine"); }),
                    "mine: holds no tree");
}

}  // namespace
}  // namespace irene::tests
