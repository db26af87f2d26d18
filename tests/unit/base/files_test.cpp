#include "base/files.hpp"
#include "data/line_blocks.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

namespace fs = std::filesystem;
using base::OutputFile;
using data::LineBlock;
using data::LineBlocks;

std::size_t num_entries(const fs::path& directory) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

TEST(OutputFile, IsAbsentUntilCommit) {
    const TemporaryDirectory directory;
    {
        OutputFile file(directory / "out");
        file.write("one ");
        EXPECT_FALSE(fs::exists(directory / "out"));
        file.write("two");
        file.commit();
        EXPECT_EQ(read_file(directory / "out"), "one two");
    }
    EXPECT_EQ(read_file(directory / "out"), "one two");
    EXPECT_EQ(num_entries(directory.path()), 1U);
}

TEST(OutputFile, WithoutCommitLeavesEverythingAsItWas) {
    const TemporaryDirectory directory;
    write_file(directory / "old", "old");
    {
        OutputFile replaced(directory / "old"), fresh(directory / "new");
        replaced.write("new");
        fresh.write("new");
        EXPECT_EQ(read_file(directory / "old"), "old");
    }
    EXPECT_EQ(read_file(directory / "old"), "old");
    EXPECT_FALSE(fs::exists(directory / "new"));
    EXPECT_EQ(num_entries(directory.path()), 1U);
}

TEST(OutputFile, ReplacesAndKeepsTheMode) {
    const TemporaryDirectory directory;
    write_file(directory / "out", "a longer old content");
    fs::permissions(directory / "out",
                    fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
    base::write_document(directory / "out", "new");
    EXPECT_EQ(read_file(directory / "out"), "new");
    EXPECT_EQ(fs::status(directory / "out").permissions(),
              fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
    EXPECT_EQ(num_entries(directory.path()), 1U);
}

TEST(OutputFile, NewFilesObeyTheMask) {
    const TemporaryDirectory directory;
    const mode_t mask = ::umask(027);
    base::write_document(directory / "out", "x");
    ::umask(mask);
    EXPECT_EQ(fs::status(directory / "out").permissions(),
              fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
}

TEST(OutputFile, FollowsSymbolicLinks) {
    const TemporaryDirectory directory;
    fs::create_directory(directory / "far");
    write_file(directory / "far/target", "old");
    fs::create_symlink("far/target", directory / "link");
    fs::create_symlink("link", directory / "second");
    base::write_document(directory / "second", "new");
    EXPECT_TRUE(fs::is_symlink(directory / "link"));
    EXPECT_TRUE(fs::is_symlink(directory / "second"));
    EXPECT_EQ(read_file(directory / "far/target"), "new");
    EXPECT_EQ(num_entries(directory / "far"), 1U);

    // A link may point to a file that is still to be made.
    fs::create_symlink(directory / "far/later", directory / "dangling");
    base::write_document(directory / "dangling", "made");
    EXPECT_TRUE(fs::is_symlink(directory / "dangling"));
    EXPECT_EQ(read_file(directory / "far/later"), "made");

    fs::create_symlink("round", directory / "round");
    refusal(ErrorKind::cannot_create, [&] { OutputFile file(directory / "round"); });
}

TEST(OutputFile, ThatCannotBeMade) {
    const TemporaryDirectory directory;
    write_file(directory / "file", "x");
    for (const fs::path& path : {directory.path(), directory / "none/out", directory / "file/out"}) {
        SCOPED_TRACE(path);
        expect_contains(refusal(ErrorKind::cannot_create, [&] { OutputFile file(path); }), path.string());
    }
    refusal(ErrorKind::cannot_create, [&] { OutputFile file(""); });
    expect_contains(
        refusal(ErrorKind::cannot_create, [&] { base::make_directories(directory / "file/sub"); }),
        "file/sub");
    refusal(ErrorKind::cannot_create, [&] { base::make_directories(directory / "file"); });
    EXPECT_EQ(num_entries(directory.path()), 1U);
}

TEST(OutputFile, TakesTheLongestNames) {
    const TemporaryDirectory directory;
    base::write_document(directory / std::string(255, 'n'), "x");
    EXPECT_EQ(read_file(directory / std::string(255, 'n')), "x");
}

TEST(OutputFile, FullDevicesAreNoticed) {
    if (!fs::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
    OutputFile file("/dev/full");
    expect_contains(refusal(ErrorKind::cannot_write, [&] { file.write("x"); }), "/dev/full");
    EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST(OutputFile, ManyAtOnceDoNotMeet) {
    const TemporaryDirectory directory;
    {
        OutputFile a(directory / "out"), b(directory / "out"), c(directory / "other");
        a.write("a");
        b.write("b");
        c.write("c");
        c.commit();
        b.commit();
        a.commit();
    }
    EXPECT_EQ(read_file(directory / "out"), "a");
    EXPECT_EQ(read_file(directory / "other"), "c");
    EXPECT_EQ(num_entries(directory.path()), 2U);
}

/// Writes numbers from 0 on, a block of an odd size at a time; the file is a little longer than `size`.
void write_numbers(const fs::path& path, std::uint64_t size) {
    OutputFile file(path);
    std::vector<std::uint64_t> block(33'333);
    for (std::uint64_t first = 0; first * sizeof(first) < size; first += block.size()) {
        std::iota(block.begin(), block.end(), first);
        file.write({reinterpret_cast<const char*>(block.data()), block.size() * sizeof(first)});
    }
    file.commit();
}

void expect_numbers(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::uint64_t number = 0, expected = 0;
    while (in.read(reinterpret_cast<char*>(&number), sizeof(number)) && number == expected) ++expected;
    EXPECT_EQ(expected * sizeof(number), fs::file_size(path));
}

TEST(OutputFile, OfAnySizeIsWhole) {
    const TemporaryDirectory directory;
    for (const std::uint64_t mebibytes : {1UL, 10UL, 100UL}) {
        const std::uint64_t size = mebibytes << 20;
        write_numbers(directory / "out", size);
        EXPECT_GE(fs::file_size(directory / "out"), size);
        expect_numbers(directory / "out");
    }
}

TEST(MakeDirectories, MakesParentsAndAcceptsWhatIsThere) {
    const TemporaryDirectory directory;
    base::make_directories(directory / "a/b/c");
    base::make_directories(directory / "a/b/c");
    EXPECT_TRUE(fs::is_directory(directory / "a/b/c"));
}

TEST(ReadDocument, ReadsAllOrSaysWhyNot) {
    const TemporaryDirectory directory;
    for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 100000U}) {
        const std::string content(size, 'x');
        write_file(directory / "file", content);
        EXPECT_EQ(base::read_document(directory / "file", ErrorKind::usage), content) << size;
    }
    write_file(directory / "file", std::string((1 << 20) + 1, 'x'));
    const auto read = [&] {
        base::read_document(directory / "file", ErrorKind::usage, nullptr, std::size_t{1} << 20);
    };
    expect_contains(refusal(ErrorKind::usage, read), "larger than 1 MiB");
    refusal(ErrorKind::no_input, [&] { base::read_document(directory / "none", ErrorKind::usage); });
    refusal(ErrorKind::no_input, [&] { base::read_document(directory.path(), ErrorKind::usage); });
}

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

}  // namespace
}  // namespace irene::tests
