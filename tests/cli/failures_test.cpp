// What becomes of outputs when a run fails: a system call at a time is made to fail, the file system fills,
// the process is killed. Every output is then what it was before or the whole new file, and nothing else is
// there.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "process.hpp"
#include "small_data.hpp"
#include "snapshot.hpp"
#include "temporary_directory.hpp"
#include "trained.hpp"

namespace irene::tests {

namespace {

using Files = std::map<std::string, std::string>;  ///< content by path

Files files_in(const std::filesystem::path& directory) {
    Files files;
    for (const auto& [name, entry] : snapshot(directory)) {
        if (entry.starts_with("file: ")) files[name] = entry.substr(6);
    }
    return files;
}

/// A tool that writes files.
struct Writer {
    std::string name;
    std::string command;
};

void PrintTo(const Writer& writer, std::ostream* out) { *out << writer.command; }

const std::vector<Writer>& writers() {
    static const std::vector<Writer> writers{
        {"train", "irene-train --threads 1 data.jsonl new"},
        {"train_additive", "irene-train --threads 1 --config additive.json data.jsonl new"},
        {"predict", "irene-predict --threads 1 data.jsonl new.jsonl model"},
        {"predict_with_threads", "irene-predict --threads 2 data.jsonl new.jsonl model"},
        {"crossvalidate", "irene-crossvalidate --threads 1 data.jsonl folds"},
        {"extract", "irene-extract bert.json --batch_size 2 --seq_len 16 -o new.jsonl"},
#ifdef IRENE_HAS_VISUALIZE
        {"visualize", "irene-visualize predictions.jsonl new.html"},
#endif
    };
    return writers;
}

/// What stands in the place of an output before a run: another document, but one that a tool may replace.
std::string old_of(const std::string& output) { return output + "\n"; }

/// A directory with what the writers read, and what they write: known from a run that went well.
class Workplace {
  public:
    explicit Workplace(const Writer& writer) {
        write_file(directory_ / "data.jsonl", to_jsonl(make_trees()));
        write_file(directory_ / "additive.json",
                   R"({"training_strategy": "additive", "feature_sets": ["model_specs"]})");
        write_file(directory_ / "bert.json", R"({"model_type": "bert", "num_hidden_layers": 1})");
        succeed(directory_, "irene-train -q data.jsonl model");
        succeed(directory_, "irene-predict data.jsonl predictions.jsonl model");
        inputs_ = files_in(path());
        succeed(directory_, writer.command);
        outputs_ = files_in(path());
        for (const auto& [name, content] : inputs_) outputs_.erase(name);
        EXPECT_FALSE(outputs_.empty());
    }

    const std::filesystem::path& path() const { return directory_.path(); }
    const TemporaryDirectory& directory() const { return directory_; }
    const Files& outputs() const { return outputs_; }

    /// Every output is gone, or an old one is there.
    void reset(bool over_old) const {
        for (const auto& [name, entry] : snapshot(path())) {
            if (!inputs_.contains(name) && name != "model") std::filesystem::remove_all(directory_ / name);
        }
        if (!over_old) return;
        for (const auto& [name, content] : outputs_) {
            std::filesystem::create_directories((directory_ / name).parent_path());
            write_file(directory_ / name, old_of(content));
        }
    }

    /// Looks at what a run left behind that began with reset(over_old).
    void check(bool over_old, bool succeeded) const {
        const Files files = files_in(path());
        for (const auto& [name, content] : files) {
            if (const auto input = inputs_.find(name); input != inputs_.end()) {
                EXPECT_TRUE(content == input->second) << name << " changed";
            } else if (const auto output = outputs_.find(name); output != outputs_.end()) {
                const bool is_old = over_old && !succeeded && content == old_of(output->second);
                EXPECT_TRUE(content == output->second || is_old)
                    << name << " holds " << content.size() << " bytes of " << output->second.size();
            } else {
                ADD_FAILURE() << name << " was left behind";
            }
        }
        for (const auto& [name, content] : outputs_) {
            EXPECT_TRUE(files.contains(name) || (!over_old && !succeeded)) << name << " is gone";
        }
    }

  private:
    TemporaryDirectory directory_;
    Files inputs_, outputs_;
};

// ---- system calls that fail ----

/// Which calls fail, as strace spells it; the rename is rename(2) here and renameat(2) there.
struct Fault {
    std::string name, calls, error;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.calls << ": " << fault.error; }

bool strace_works() {
    return !kSanitized &&  // the leak checker is a tracer itself
           run({.arguments = {"/usr/bin/strace", "-o", "/dev/null", "-e", "inject=fsync:error=EIO",
                              "/bin/true"}})
                   .exit_code == 0;
}

/// Runs the writer with the fault in its calls `which`: a number, counted for each thread, or "1+" for all;
/// `log` tells of these calls, "(INJECTED)" behind those that failed so.
Result run_with_fault(const std::filesystem::path& place, const Writer& writer, const Fault& fault,
                      const std::string& which, std::string& log) {
    const TemporaryDirectory elsewhere;
    std::vector<std::string> arguments{
        "/usr/bin/strace",
        "-f",
        "--seccomp-bpf",  // only for the calls it is told of, the process waits
        "-y",             // which file a descriptor stands for
        "-qqq",
        "-o",
        (elsewhere / "log").string(),
        "-e",
        "trace=" + fault.calls,
        "-e",
        "inject=" + fault.calls + ":error=" + fault.error + ":when=" + which};
    std::vector<std::string> command = split_arguments(writer.command);
    command[0] = tool_path(command[0]).string();
    arguments.insert(arguments.end(), command.begin(), command.end());
    Result result = run({.arguments = arguments, .directory = place});
    log = read_file(elsewhere / "log");
    return result;
}

/// The number of the first traced call that is not the loader's, whose failures are the same in any program:
/// it follows the last that names a shared library.
int first_own_call(const std::string& log) {
    int number = 0, last_of_loader = 0;
    std::istringstream text(log);
    for (std::string line; std::getline(text, line);) {
        ++number;
        if (line.find(".so") != std::string::npos) last_of_loader = number;
    }
    return last_of_loader + 1;
}

class Faults : public testing::TestWithParam<std::tuple<Writer, Fault>> {};

TEST_P(Faults, LeaveTheOldOrTheNew) {
    if (!strace_works()) GTEST_SKIP() << "strace cannot trace here";
    const auto& [writer, fault] = GetParam();
    const Workplace place(writer);
    constexpr int kMost = 400;
    place.reset(false);
    std::string of_all;  // calls: so many are not made, and none fails
    EXPECT_EQ(run_with_fault(place.path(), writer, fault, std::to_string(kMost), of_all).exit_code, 0);
    const int first = first_own_call(of_all);
    int num_failures = 0;
    for (const bool over_old : {false, true}) {
        for (int number = first; number < kMost; ++number) {
            SCOPED_TRACE("call " + std::to_string(number) + (over_old ? ", over old outputs" : ""));
            place.reset(over_old);
            std::string log;
            const Result result = run_with_fault(place.path(), writer, fault, std::to_string(number), log);
            const bool injected = log.find("(INJECTED)") != std::string::npos;
            place.check(over_old, result.exit_code == 0);
            EXPECT_EQ(result.signal, 0);
            if (fault.error == "EINTR") {
                EXPECT_EQ(result.exit_code, 0) << result.errors;  // which is to try again
            } else if (result.exit_code != 0 && !result.errors.empty()) {
                EXPECT_NE(result.errors.find("error"), std::string::npos) << result.errors;
            }
            if (!injected) {
                EXPECT_EQ(result.exit_code, 0) << result.errors;
                break;
            }
            ASSERT_LT(number + 1, kMost) << "and no end";
            num_failures += result.exit_code != 0 ? 1 : 0;
            if (HasFailure()) return;
        }
    }
    if (fault.error != "EINTR") {
        EXPECT_GE(num_failures, 2) << "no call was made to fail";
    }
    RecordProperty("runs_that_failed", num_failures);
}

const std::vector<Fault> kFaults{
    {"WriteNoSpace", "write", "ENOSPC"},        {"WriteInterrupted", "write", "EINTR"},
    {"FsyncInputOutput", "fsync", "EIO"},       {"CloseInputOutput", "close", "EIO"},
    {"RenameOtherDevice", "/^rename", "EXDEV"}, {"RenameNotAllowed", "/^rename", "EACCES"},
    {"OpenTooMany", "/^open", "EMFILE"},        {"ReadInputOutput", "read", "EIO"},
};

INSTANTIATE_TEST_SUITE_P(All, Faults,
                         testing::Combine(testing::ValuesIn(writers()), testing::ValuesIn(kFaults)),
                         [](const auto& tested) {
                             return std::get<0>(tested.param).name + "_" + std::get<1>(tested.param).name;
                         });

// A name that was moved into place outlasts a loss of power once its directory is with the device.
class Renames : public testing::TestWithParam<Writer> {};

TEST_P(Renames, AreFollowedByTheirDirectory) {
    if (!strace_works()) GTEST_SKIP() << "strace cannot trace here";
    const Workplace place(GetParam());
    place.reset(false);
    std::string log;
    // So many calls are not made: the log tells of all.
    const Result result =
        run_with_fault(place.path(), GetParam(), {"", "/^(rename|fsync)", "EIO"}, "10000", log);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    std::vector<std::string> lines;
    std::istringstream text(log);
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    std::set<std::string> directories;
    for (const auto& [name, content] : place.outputs())
        directories.insert(std::filesystem::canonical((place.path() / name).parent_path()).string());
    std::size_t num_renames = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].find("rename") == std::string::npos) continue;
        ++num_renames;
        ASSERT_LT(i + 1, lines.size()) << log;
        const std::string& next = lines[i + 1];
        ASSERT_NE(next.find("fsync("), std::string::npos) << log;
        const std::size_t begin = next.find('<') + 1;
        EXPECT_TRUE(directories.contains(next.substr(begin, next.find('>') - begin))) << log;
    }
    EXPECT_EQ(num_renames, place.outputs().size());
}

INSTANTIATE_TEST_SUITE_P(All, Renames, testing::ValuesIn(writers()),
                         [](const auto& tested) { return tested.param.name; });

TEST(DirectoryOfOutputs, ThatDoesNotReachTheDeviceIsSaid) {
    if (!strace_works()) GTEST_SKIP() << "strace cannot trace here";
    const Writer writer{"predict", "irene-predict --threads 1 data.jsonl new.jsonl model"};
    const Workplace place(writer);
    for (const auto& [error, exit_code] : {std::pair{"EIO", 74}, {"EINVAL", 0}, {"ENOSYS", 0}}) {
        SCOPED_TRACE(error);
        place.reset(false);
        std::string log;
        const Result result = run_with_fault(place.path(), writer, {"", "fsync", error}, "2", log);
        EXPECT_NE(log.find("(INJECTED)"), std::string::npos) << log;
        EXPECT_EQ(result.exit_code, exit_code);
        EXPECT_EQ(result.errors.find("new.jsonl: cannot be written") != std::string::npos, exit_code != 0);
        EXPECT_TRUE(files_in(place.path()).at("new.jsonl") == place.outputs().at("new.jsonl"));
    }
}

// Large outputs are sent to the device while they are computed. Whether that can be begun does not matter; an
// error that the device tells at the end does.
TEST(LargeOutputs, AreWholeOrAbsentWhateverTheDeviceTells) {
    if (!strace_works()) GTEST_SKIP() << "strace cannot trace here";
    const TemporaryDirectory directory;
    std::string data = to_jsonl(make_trees());
    write_file(directory / "data.jsonl", data);
    succeed(directory, "irene-train -q data.jsonl model");
    while (data.size() < (std::size_t{8} << 20)) data += data;
    write_file(directory / "large.jsonl", data);
    succeed(directory, "irene-predict large.jsonl whole.jsonl model");
    const std::string whole = read_file(directory / "whole.jsonl");
    const Files before = files_in(directory.path());
    const Writer writer{"predict", "irene-predict --threads 1 large.jsonl new.jsonl model"};
    for (const Fault& fault : {Fault{"CannotBegin", "/^sync_file_range", "ENOSYS"},
                               {"BeginInputOutput", "/^sync_file_range", "EIO"},
                               {"EndInputOutput", "/^(sync_file_range|fsync)", "EIO"}}) {
        SCOPED_TRACE(fault.name);
        std::string log;
        const Result result = run_with_fault(directory.path(), writer, fault, "1+", log);
        if (fault.name != "EndInputOutput") {
            EXPECT_EQ(result.exit_code, 0) << result.errors;
            EXPECT_TRUE(read_file(directory / "new.jsonl") == whole);
            std::filesystem::remove(directory / "new.jsonl");
        } else {
            EXPECT_EQ(result.exit_code, 74);
            EXPECT_NE(result.errors.find("new.jsonl: cannot be written"), std::string::npos) << result.errors;
        }
        EXPECT_TRUE(files_in(directory.path()) == before);
    }
}

// ---- a file system that fills ----

TEST(FullFileSystem, LeavesTheOldOrNothing) {
    // A mount of our own needs a namespace of our own, which needs root or leave to become it there.
    if (run({.arguments = {"/usr/bin/unshare", "-rm", "/bin/true"}}).exit_code != 0) {
        GTEST_SKIP() << "this system gives no mount namespace";
    }
    for (const Writer& writer : writers()) {
        SCOPED_TRACE(writer.command);
        const Workplace place(writer);
        for (const bool over_old : {false, true}) {
            int num_failures = 0;
            // The tool's directory is filled up but for so many pages; the tree of files is copied out again.
            for (const int pages : {0, 1, 2, 3, 5, 8, 13, 21, 34, 1000}) {
                if (kSanitized && pages % 8 != 0) continue;  // it takes its time
                SCOPED_TRACE(std::to_string(pages) + " pages");
                place.reset(over_old);
                const TemporaryDirectory mount;
                std::vector<std::string> command = split_arguments(writer.command);
                command[0] = tool_path(command[0]).string();
                std::vector<std::string> arguments{
                    "/usr/bin/unshare",
                    "-rm",
                    "/bin/sh",
                    "-c",
                    "mount -t tmpfs -o size=8m tmpfs \"$1\" || exit 99; cp -r . \"$1\"; place=$PWD; cd "
                    "\"$1\";"
                    "dd if=/dev/zero of=filler bs=4096 2>/dev/null; truncate -s -$((4096 * $2)) filler;"
                    "shift 2; \"$@\"; code=$?; cd \"$place\"; rm -rf ./* ; cp -a \"$OLDPWD\"/. .; rm filler;"
                    "exit $code",
                    "sh",
                    mount.path().string(),
                    std::to_string(pages)};
                arguments.insert(arguments.end(), command.begin(), command.end());
                const Result result = run({.arguments = arguments, .directory = place.path()});
                ASSERT_NE(result.exit_code, 99) << result.errors;
                place.check(over_old, result.exit_code == 0);
                if (result.exit_code != 0) {
                    ++num_failures;
                    EXPECT_TRUE(result.exit_code == 73 || result.exit_code == 74) << result.errors;
                    EXPECT_NE(result.errors.find("No space"), std::string::npos) << result.errors;
                }
                if (pages == 1000) {
                    EXPECT_EQ(result.exit_code, 0) << result.errors;
                }
            }
            EXPECT_GT(num_failures, 0);
        }
    }
}

// ---- the end by SIGKILL ----

TEST(Killed, AtAnyTimeLeavesTheOldOrTheNew) {
    constexpr int kRuns = kSanitized ? 20 : 200;
    std::mt19937 random(20200);
    int num_killed = 0, num_temporaries = 0;
    const std::vector<Writer> tools{{"predict", "irene-predict --threads 2 long.jsonl new.jsonl model"},
                                    {"crossvalidate", "irene-crossvalidate --threads 2 data.jsonl folds"}};
    for (const Writer& writer : tools) {
        const TemporaryDirectory directory;
        std::string data = read_file(simulated());
        write_file(directory / "data.jsonl", data);
        while (data.size() < (8U << 20)) data += data;
        write_file(directory / "long.jsonl", data);
        succeed(directory, "irene-train -q data.jsonl model");
        const Files before = files_in(directory.path());
        const Result whole = succeed(directory, writer.command);
        Files wanted = files_in(directory.path());
        for (const auto& [name, content] : before) wanted.erase(name);
        std::uniform_int_distribution<long> delays(0, 1100 * whole.wall.count());
        for (int i = 0; i < kRuns / 2; ++i) {
            for (const auto& [name, content] : wanted) write_file(directory / name, old_of(content));
            Process process({.arguments = split_arguments(writer.command), .directory = directory.path()});
            const std::chrono::microseconds delay(delays(random));
            std::this_thread::sleep_for(delay);
            process.signal(SIGKILL);
            const Result result = process.finish();
            num_killed += result.signal == SIGKILL ? 1 : 0;
            for (const auto& [name, content] : files_in(directory.path())) {
                const auto expected = wanted.find(name);
                if (expected != wanted.end()) {
                    const bool is_old = content == old_of(expected->second) && result.exit_code != 0;
                    EXPECT_TRUE(content == expected->second || is_old)
                        << name << " is neither old nor new after " << delay.count() << " us";
                } else if (!before.contains(name)) {
                    EXPECT_TRUE(std::filesystem::path(name).filename().string().starts_with(".irene-"))
                        << name;
                    std::filesystem::remove(directory / name);
                    ++num_temporaries;
                }
            }
            if (HasFailure()) return;
        }
    }
    // The moments were spread over the runs: many came before the end, some in the middle of writing.
    EXPECT_GT(num_killed, kRuns / 4);
    EXPECT_GT(num_temporaries, 0);
    RecordProperty("killed", num_killed);
    RecordProperty("temporary_files_left", num_temporaries);
}

}  // namespace

}  // namespace irene::tests
