#include "irene/dataset.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/files.hpp"
#include "data/line_blocks.hpp"
#include "data/lines.hpp"
#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

class DatasetFile : public testing::Test {
  protected:
    Dataset read(const std::string& content, const ReadOptions& options = {}) {
        write_file(path_, content);
        return read_dataset(path_, options);
    }
    std::string refused(const std::string& content, const ReadOptions& options = {}) {
        return refusal(ErrorKind::data, [&] { read(content, options); });
    }

    const TemporaryDirectory directory_;
    const std::filesystem::path path_ = directory_ / "trees.jsonl";
};

TEST_F(DatasetFile, LineEndsAndBlankLines) {
    const std::string a = small_line("a"), b = small_line("b");
    struct Case {
        const char* what;
        std::string content;
        std::vector<std::size_t> lines;
    };
    const std::vector<Case> cases{
        {"plain", a + "\n" + b + "\n", {1, 2}},
        {"no final newline", a + "\n" + b, {1, 2}},
        {"CRLF", a + "\r\n" + b + "\r\n", {1, 2}},
        {"blank lines", "\n \t\n" + a + "\n\n\r\n" + b + "\n\n  ", {3, 6}},
        {"byte-order mark", "\xEF\xBB\xBF" + a + "\n" + b + "\n", {1, 2}},
        {"byte-order mark and blank lines", "\xEF\xBB\xBF\n" + a + "\n" + b, {2, 3}},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.what);
        const Dataset data = read(c.content);
        ASSERT_EQ(data.trees.size(), 2U);
        EXPECT_EQ(data.num_nodes(), 2 * kSmallRunNodes);
        EXPECT_EQ(data.source, path_.string());
        EXPECT_EQ(data.trees[0].id(0), "a/root");
        EXPECT_EQ(data.trees[1].id(0), "b/root");
        EXPECT_EQ(data.trees[0].line(), c.lines[0]);
        EXPECT_EQ(data.trees[1].line(), c.lines[1]);
        ASSERT_EQ(data.lines->all.size(), 2U);
        EXPECT_EQ(data.lines->all[1].text.substr(0, b.size()), b);
    }
}

TEST_F(DatasetFile, TextIsKeptUnlessToldOtherwise) {
    EXPECT_EQ(read(small_line("a") + "\n", {}).lines->all.at(0).text, small_line("a"));
    EXPECT_EQ(read(small_line("a") + "\n", {.keep_text = false}).lines, nullptr);
}

TEST_F(DatasetFile, WithoutTreesIsRefused) {
    for (const std::string content : {"", "\n", "\n\n \t\r\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF\n"}) {
        SCOPED_TRACE(testing::PrintToString(content));
        expect_contains(refused(content), path_.string() + ": holds no tree");
    }
}

TEST_F(DatasetFile, ThatCannotBeReadIsNamed) {
    expect_contains(refusal(ErrorKind::no_input, [&] { read_dataset(directory_ / "none.jsonl"); }),
                    "none.jsonl");
    expect_contains(refusal(ErrorKind::no_input, [&] { read_dataset(directory_.path()); }), "cannot be read");
}

TEST_F(DatasetFile, ByteOrderMarksElsewhereAreRefused) {
    expect_contains(refused(small_line("a") + "\n\xEF\xBB\xBF" + small_line("b")), "trees.jsonl:2");
    expect_contains(refused("\xEF\xBB\xBF\xEF\xBB\xBF" + small_line("a")), "trees.jsonl:1");
}

TEST_F(DatasetFile, RepeatedIdsNameBothLines) {
    const std::string line = small_line("a");
    const std::string what =
        refused(small_line("x") + "\n\n" + line + "\n" + small_line("y") + "\n" + line + "\n");
    expect_contains(what, "trees.jsonl:5");
    expect_contains(what, "line 3");
    expect_contains(what, "'a/root'");
    expect_contains(what, "node 'scope.a/root'");
    // Within one tree.
    Json run = small_run("b");
    run["frontend_tree"]["child_nodes_obj"][1]["id"] = "b/embedding";
    const std::string inside = refused(small_line("x") + "\n" + run.dump());
    expect_contains(inside, "trees.jsonl:2");
    expect_contains(inside, "line 2");
    expect_contains(inside, "'b/embedding'");
}

/// Lines of several blocks, one of them longer than a block by itself.
std::vector<std::string> many_lines() {
    std::vector<std::string> lines = small_lines(1200);
    Json run = small_run("long");
    run["padding"] = std::string(data::LineBlocks::kBlockBytes + 12345, 'x');
    lines.insert(lines.begin() + 700, run.dump());
    return lines;
}

TEST_F(DatasetFile, ThreadsDoNotMatter) {
    const std::vector<std::string> lines = many_lines();
    const std::string content = join_lines(lines);
    ASSERT_GT(content.size(), 3 * data::LineBlocks::kBlockBytes);
    for (const unsigned threads : {1U, 2U, 4U}) {
        SCOPED_TRACE(threads);
        const Dataset data = read(content, {.threads = threads, .keep_text = true});
        ASSERT_EQ(data.trees.size(), lines.size());
        ASSERT_EQ(data.lines->all.size(), lines.size());
        for (std::size_t i = 0; i < lines.size(); ++i) {
            ASSERT_EQ(data.lines->all[i].text, lines[i]);
            ASSERT_EQ(data::line_of(data, data.trees[i]).number, i + 1);
            ASSERT_EQ(data.trees[i].line(), i + 1);
            ASSERT_EQ(data.trees[i].id(0), Json::parse(lines[i])["frontend_tree"]["id"].get<std::string>());
        }
    }
}

TEST_F(DatasetFile, TheFirstErrorIsReportedWhateverTheThreads) {
    std::vector<std::string> lines = many_lines();
    for (const std::size_t bad : {350U, 351U, 500U, 800U, 1150U}) lines[bad] = "{\"model_name\": \"x\"}";
    const std::string content = join_lines(lines);
    for (const unsigned threads : {1U, 2U, 4U}) {
        for (int round = 0; round < 5; ++round) {
            SCOPED_TRACE(testing::Message() << threads << " threads, round " << round);
            expect_contains(refused(content, {.threads = threads}),
                            "trees.jsonl:351: field 'batch_size': is missing");
        }
    }
}

TEST_F(DatasetFile, ErrorsOfLinesComeBeforeThoseOfReading) {
    std::string content = join_lines(small_lines(1200));
    // Almost two blocks: the bad line ends the second, while another thread reads on.
    content.resize(content.rfind('\n', data::LineBlocks::kBlockBytes * 19 / 10) + 1);
    const auto place = "trees.jsonl:" + std::to_string(std::count(content.begin(), content.end(), '\n') + 1);
    content += "{\n" + std::string(data::LineBlocks::kBlockBytes + 1, ' ');
    for (const unsigned threads : {1U, 2U, 4U}) {
        for (int round = 0; round < 5; ++round) {
            SCOPED_TRACE(testing::Message() << threads << " threads, round " << round);
            const ReadOptions options{.threads = threads, .max_line_bytes = data::LineBlocks::kBlockBytes};
            expect_contains(refused(content, options), place + ", byte 1: malformed JSON");
        }
    }
}

TEST_F(DatasetFile, StopFlagInterrupts) {
    write_file(path_, small_line("a"));
    const std::atomic<bool> stop{true};
    refusal(ErrorKind::interrupted, [&] { read_dataset(path_, {.stop = &stop}); });
    const std::atomic<bool> go{false};
    EXPECT_EQ(read_dataset(path_, {.stop = &go}).trees.size(), 1U);
}

}  // namespace
}  // namespace irene::tests
