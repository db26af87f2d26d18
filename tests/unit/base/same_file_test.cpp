#include "irene/same_file.hpp"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "base/files.hpp"
#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

namespace fs = std::filesystem;

TEST(SameFile, IsToldByDeviceAndInode) {
    const TemporaryDirectory directory;
    write_file(directory / "a", "content");
    write_file(directory / "b", "content");
    fs::create_directories(directory / "d");
    fs::create_hard_link(directory / "a", directory / "d/hard");
    fs::create_symlink("a", directory / "soft");
    for (const char* name : {"a", "d/hard", "soft", "d/../a"}) {
        SCOPED_TRACE(name);
        const fs::path output = directory / name;
        const std::string what = refusal(ErrorKind::usage, [&] {
            refuse_outputs_that_are_inputs({directory / "b", directory / "a"}, {directory / "new", output});
        });
        EXPECT_EQ(what, output.string() + ": is also the input '" + (directory / "a").string() +
                            "', which writing would destroy; choose another output");
        EXPECT_NO_THROW(refuse_outputs_that_are_inputs({directory / "b"}, {output}));
    }
}

TEST(SameFile, WhatIsNoFileIsNone) {
    const TemporaryDirectory directory;
    fs::create_symlink("nowhere", directory / "dangling");
    fs::create_directories(directory / "d");
    for (const fs::path& path : {fs::path(), fs::path("/dev/null"), directory / "absent", directory / "d",
                                 directory / "dangling", directory / "absent/below"}) {
        EXPECT_NO_THROW(refuse_outputs_that_are_inputs({path}, {path})) << path;
    }
    EXPECT_NO_THROW(refuse_outputs_that_are_inputs({}, {}));
}

TEST(OutputTarget, IsBehindAllLinks) {
    const TemporaryDirectory directory;
    write_file(directory / "a", "content");
    fs::create_symlink("a", directory / "one");
    fs::create_symlink("one", directory / "two");
    fs::create_symlink("new", directory / "dangling");
    const auto expect = [](const fs::path& output, const fs::path& path, bool in_place) {
        const base::OutputTarget target = base::find_target(output);
        EXPECT_EQ(target.path, path) << output;
        EXPECT_EQ(target.in_place, in_place) << output;
    };
    expect(directory / "a", directory / "a", false);
    expect(directory / "two", directory / "a", false);
    expect(directory / "dangling", directory / "new", false);
    expect("-", "-", true);
    expect("/dev/null", "/dev/null", true);
    expect("/proc/self/fd/1", "/proc/self/fd/1", true);
}

}  // namespace
}  // namespace irene::tests
