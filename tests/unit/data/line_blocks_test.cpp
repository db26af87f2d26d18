#include "data/line_blocks.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

namespace fs = std::filesystem;
using data::LineBlock;
using data::LineBlocks;

/// All of a file through LineBlocks, checked on the way.
struct Pieces {
    std::string text;
    std::vector<std::string> lines;
    std::vector<std::size_t> numbers;
    std::size_t num_blocks = 0;
};

Pieces read_blocks(const fs::path& path) {
    Pieces pieces;
    LineBlocks blocks(path);
    LineBlock block;
    while (blocks.next(block)) {
        EXPECT_EQ(block.sequence, pieces.num_blocks++);
        EXPECT_GE(block.buffer.size(), block.size + data::kPadding);
        EXPECT_EQ(block.first_line,
                  static_cast<std::size_t>(std::count(pieces.text.begin(), pieces.text.end(), '\n')) + 1);
        if (!pieces.text.empty()) {
            EXPECT_EQ(pieces.text.back(), '\n');  // lines are not cut
        }
        data::for_each_line(block, [&](std::string_view line, std::size_t number, std::size_t begin) {
            EXPECT_EQ(block.text().substr(begin, line.size()), line);
            pieces.lines.emplace_back(line);
            pieces.numbers.push_back(number);
        });
        pieces.text += block.text();
    }
    EXPECT_FALSE(blocks.next(block));
    return pieces;
}

TEST(LineBlocks, CutBetweenLines) {
    const TemporaryDirectory directory;
    constexpr std::size_t kBlock = LineBlocks::kBlockBytes;
    std::mt19937 random(1);
    std::string short_lines;
    while (short_lines.size() < 3 * kBlock) short_lines += std::string(random() % 5000, 'x') + "\n";
    struct Case {
        const char* what;
        std::string content;
    };
    const std::vector<Case> cases{
        {"empty", ""},
        {"a newline", "\n"},
        {"no newline", "abc"},
        {"blanks", "\n\n \t\r\nx\n\n"},
        {"short lines", short_lines},
        {"short lines, no final newline", short_lines + "end"},
        {"a line as long as a block", std::string(kBlock - 1, 'x') + "\ny\n"},
        {"a line a byte longer", std::string(kBlock, 'x') + "\ny\n"},
        {"a line as long as a buffer", std::string(kBlock + data::kPadding, 'x') + "\ny\n"},
        {"a line of several blocks", "a\n" + std::string(3 * kBlock + 17, 'x') + "\nb\n"},
        {"a line of several blocks at the end", "a\n" + std::string(3 * kBlock + 17, 'x')},
        {"several of them", std::string(2 * kBlock, 'x') + "\n" + std::string(2 * kBlock, 'y') + "\nz\n"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.what);
        write_file(directory / "file", c.content);
        const Pieces pieces = read_blocks(directory / "file");
        EXPECT_TRUE(pieces.text == c.content) << pieces.text.size() << " bytes of " << c.content.size();
        std::istringstream stream(c.content);
        std::vector<std::string> lines;
        std::vector<std::size_t> numbers;
        std::string line;
        for (std::size_t number = 1; std::getline(stream, line); ++number) {
            if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
            lines.push_back(line);
            numbers.push_back(number);
        }
        EXPECT_TRUE(pieces.lines == lines);
        EXPECT_EQ(pieces.numbers, numbers);
    }
}

TEST(LineBlocks, ALineMayBeAsLongAsTheLimit) {
    const TemporaryDirectory directory;
    constexpr std::size_t kBlock = LineBlocks::kBlockBytes;
    for (const std::size_t limit : {kBlock, kBlock + 1, 2 * kBlock, 5 * kBlock + 3}) {
        for (const std::size_t excess : {0U, 1U, 2U, 70U}) {
            for (const char* end : {"", "\n", "\nlast\n"}) {
                for (const char* begin : {"", "first\n\n"}) {
                    SCOPED_TRACE(std::to_string(limit) + " + " + std::to_string(excess));
                    write_file(directory / "file", begin + std::string(limit + excess, 'x') + end);
                    LineBlocks blocks(directory / "file", nullptr, limit);
                    std::size_t longest = 0;
                    const auto read = [&] {
                        for (LineBlock block; blocks.next(block);) {
                            data::for_each_line(block, [&](std::string_view line, std::size_t, std::size_t) {
                                longest = std::max(longest, line.size());
                            });
                        }
                    };
                    if (excess == 0) {
                        read();
                        EXPECT_EQ(longest, limit);
                    } else {
                        const std::string message = refusal(ErrorKind::data, read);
                        LineBlock block;
                        EXPECT_FALSE(blocks.next(block));  // and nobody reads on
                        expect_contains(message, *begin == '\0' ? "file:1:" : "file:3:");
                        expect_contains(message, std::to_string(limit) + " bytes");
                    }
                }
            }
        }
    }
}

TEST(LineBlocks, AByteOrderMarkCountsAtTheStartOnly) {
    const TemporaryDirectory directory;
    write_file(directory / "file",
               "\xEF\xBB\xBF"
               "a\n\xEF\xBB\xBF"
               "b\n");
    const Pieces pieces = read_blocks(directory / "file");
    EXPECT_EQ(pieces.lines, (std::vector<std::string>{"a",
                                                      "\xEF\xBB\xBF"
                                                      "b"}));
    EXPECT_EQ(pieces.text.size(), 10U);  // it is still part of the text, to be copied
}

TEST(LineBlocks, PipesGiveWhatTheyHave) {
    const TemporaryDirectory directory;
    const fs::path pipe = directory / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const std::string content = "first\nsecond line\n\nlast without an end";
    const std::jthread writer([&] {
        std::ofstream out(pipe, std::ios::binary);
        for (const char c : content) out << c << std::flush;  // a byte at a time
    });
    const Pieces pieces = read_blocks(pipe);
    EXPECT_EQ(pieces.text, content);
    EXPECT_EQ(pieces.lines, (std::vector<std::string>{"first", "second line", "last without an end"}));
    EXPECT_EQ(pieces.numbers, (std::vector<std::size_t>{1, 2, 4}));
}

TEST(LineBlocks, AWaitingPipeCanBeStopped) {
    const TemporaryDirectory directory;
    const fs::path pipe = directory / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::atomic<bool> stop{false}, done{false};
    const std::jthread writer([&] {
        std::ofstream out(pipe, std::ios::binary);
        out << "begun" << std::flush;
        stop = true;
        while (!done) std::this_thread::yield();
    });
    LineBlocks blocks(pipe, &stop);
    LineBlock block;
    refusal(ErrorKind::interrupted, [&] { blocks.next(block); });
    done = true;
}

TEST(LineBlocks, APipeThatNobodyWritesToCanBeStopped) {
    const TemporaryDirectory directory;
    const fs::path pipe = directory / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::atomic<bool> stop{false};
    const std::jthread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        stop = true;
    });
    refusal(ErrorKind::interrupted, [&] {
        LineBlocks blocks(pipe, &stop);
        LineBlock block;
        blocks.next(block);
    });
}

}  // namespace
}  // namespace irene::tests
