#include "base/files.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

namespace fs = std::filesystem;
using base::OutputFile;

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

}  // namespace
}  // namespace irene::tests
