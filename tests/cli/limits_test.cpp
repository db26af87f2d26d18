// What the tools hold to whatever surrounds them: little stack, another locale, any kind of file to write to,
// files that are larger than the memory.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/stat.h>

#include "german_locale.hpp"
#include "process.hpp"
#include "small_data.hpp"
#include "snapshot.hpp"
#include "temporary_directory.hpp"
#include "trained.hpp"

namespace irene::tests {

namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

/// `json` with one more member of its object.
std::string with_member(const std::string& json, const std::string& member) {
    return "{" + member + ", " + json.substr(json.find('{') + 1);
}

TEST(LittleStack, HoldsTheDeepestNestingAndRefusesWhatIsDeeper) {
    // Threads get as much as the process: a sanitizer's frames need more than this.
    constexpr std::size_t kStackKib = kSanitized ? 4096 : 256;
    const Trained trained;
    succeed(*trained, "irene-predict data.jsonl predictions.jsonl model");
    std::string data = read_file(trained / "predictions.jsonl");
    const std::string line = data.substr(0, data.find('\n'));
    const std::string bert = R"({"model_type": "bert", "num_hidden_layers": 1})";
    const std::string model = read_file(trained / "model/model.json");
    std::filesystem::copy(trained / "model", trained / "deep");
    struct Depth {
        std::string name;
        std::size_t of_member;  ///< whose object is one level more
        bool is_accepted;
    };
    for (const Depth& depth :
         {Depth{"the deepest", 255, true}, {"one deeper", 256, false}, {"a million", 1000000, false}}) {
        // Data, the member in the middle of several lines.
        write_file(trained / "deep.jsonl",
                   data + with_member(line, "\"extra\": " + nested(depth.of_member)) + "\n");
        write_file(trained / "bert.json", with_member(bert, "\"extra\": " + nested(depth.of_member)));
        write_file(trained / "deep/model.json", with_member(model, "\"extra\": " + nested(depth.of_member)));
        write_file(trained / "config.json", "{\"feature_sets\": " + nested(depth.of_member) + "}");
        struct Case {
            std::string command;
            int refusal;
            bool never_accepted = false;  ///< other reasons stand against it
        };
        for (const Case& c : std::vector<Case>{
                 {"irene-predict --threads 3 deep.jsonl out.jsonl model", 65},
                 {"irene-summarize deep.jsonl", 65},
                 {"irene-extract bert.json --batch_size 1 --seq_len 8 -o out.jsonl", 65},
                 {"irene-predict --threads 3 data.jsonl out.jsonl deep", 65},
                 {"irene-train --config config.json data.jsonl other", 64, true},
             }) {
            SCOPED_TRACE(depth.name + ": " + c.command);
            const Result result = run({.arguments = split_arguments(c.command),
                                       .directory = (*trained).path(),
                                       .stack_kib = kStackKib});
            EXPECT_EQ(result.signal, 0);
            if (depth.is_accepted && !c.never_accepted) {
                EXPECT_EQ(result.exit_code, 0) << result.errors;
                continue;
            }
            EXPECT_EQ(result.exit_code, c.refusal);
            EXPECT_EQ(result.errors.find("nested deeper") != std::string::npos, !depth.is_accepted)
                << result.errors;
        }
    }
}

TEST(GermanLocale, GivesTheSameBytes) {
    const std::optional<std::string> german = make_german_locale();
    if (!german) GTEST_SKIP() << "localedef cannot make de_DE.UTF-8";
    const auto everything = [](const Environment& environment) {
        const TemporaryDirectory directory;
        write_file(directory / "data.jsonl", to_jsonl(make_trees()));
        write_file(directory / "bert.json", R"({"model_type": "bert", "num_hidden_layers": 1})");
        std::map<std::string, std::string> found;
        for (const std::string command :
             {"irene-train data.jsonl model", "irene-predict data.jsonl predictions.jsonl model",
              "irene-evaluate data.jsonl predictions.jsonl", "irene-crossvalidate data.jsonl folds",
              "irene-explain model", "irene-extract bert.json --batch_size 1000 --seq_len 500 -o trees.jsonl",
              "irene-extract bert.json --params", "irene-summarize predictions.jsonl",
#ifdef IRENE_HAS_VISUALIZE
              "irene-visualize predictions.jsonl page.html",
#endif
              "irene-train --help"}) {
            const Result result = succeed(directory, command, {}, environment);
            found["printed by " + std::string(command)] = result.output + result.errors;
        }
        found.merge(snapshot(directory.path()));
        return found;
    };
    const auto wanted = everything({{"LC_ALL", "C"}});
    const auto found = everything({{"LC_ALL", "de_DE.UTF-8"}, {"LANG", "de_DE.UTF-8"}, {"LOCPATH", *german}});
    ASSERT_EQ(wanted.size(), found.size());
    for (const auto& [name, content] : wanted) EXPECT_TRUE(found.at(name) == content) << name << " differs";
}

// ---- where outputs go ----

/// A command with one output, '@'.
struct Output {
    std::string name, command;
};

const std::vector<Output>& outputs() {
    static const std::vector<Output> outputs{
        {"train_config", "irene-train -q data.jsonl @/config.json"},
        {"train_model", "irene-train -q data.jsonl @/model.json"},
        {"predict", "irene-predict data.jsonl @ model"},
        {"extract", "irene-extract bert.json --batch_size 2 --seq_len 16 -o @"},
        {"crossvalidate", "irene-crossvalidate data.jsonl @/crossvalidation/report.csv"},
#ifdef IRENE_HAS_VISUALIZE
        {"visualize", "irene-visualize predictions.jsonl @"},
#endif
    };
    return outputs;
}

/// Where the tool writes, and the file in it that is looked at: 'out/model.json' or 'out'.
struct Place {
    std::string command, file;
};

Place place_of(const Output& output) {
    const std::size_t at = output.command.find('@');
    const std::size_t end = std::min(output.command.find(' ', at), output.command.size());
    return {output.command.substr(0, at) + "out" + output.command.substr(end),
            "out" + output.command.substr(at + 1, end - at - 1)};
}

class Outputs : public testing::TestWithParam<Output> {
  protected:
    Outputs() {
        write_file(directory_ / "data.jsonl", to_jsonl(make_trees()));
        write_file(directory_ / "bert.json", R"({"model_type": "bert", "num_hidden_layers": 1})");
        succeed(directory_, "irene-train -q data.jsonl model");
        succeed(directory_, "irene-predict data.jsonl predictions.jsonl model");
        succeed(directory_, place_.command);
        wanted_ = read_file(directory_ / place_.file);
        std::filesystem::remove_all(directory_ / "out");
        std::filesystem::create_directories((directory_ / place_.file).parent_path());
    }

    const TemporaryDirectory directory_;
    const Place place_ = place_of(GetParam());
    std::string wanted_;
};

TEST_P(Outputs, LinksAreFollowed) {
    std::filesystem::create_directory(directory_ / "far");
    for (const bool exists : {false, true}) {
        if (exists) write_file(directory_ / "far/target", wanted_ + "\n");  // another of its kind
        std::filesystem::remove(directory_ / place_.file);
        std::filesystem::create_symlink(directory_ / "far/target", directory_ / place_.file);
        succeed(directory_, place_.command);
        EXPECT_TRUE(std::filesystem::is_symlink(directory_ / place_.file));
        EXPECT_TRUE(read_file(directory_ / "far/target") == wanted_);
        std::filesystem::remove(directory_ / "far/target");
    }
    EXPECT_TRUE(std::filesystem::is_empty(directory_ / "far"));
}

TEST_P(Outputs, PipesAreWrittenDirectly) {
    ASSERT_EQ(::mkfifo((directory_ / place_.file).c_str(), 0600), 0);
    std::string read;
    std::thread reader([&] { read = read_file(directory_ / place_.file); });
    const Result result = succeed(directory_, place_.command);
    if (result.exit_code != 0) write_file(directory_ / place_.file, "");  // lets the reader go
    reader.join();
    EXPECT_TRUE(read == wanted_);
    EXPECT_TRUE(std::filesystem::is_fifo(directory_ / place_.file));
}

TEST_P(Outputs, DevicesAreWrittenDirectly) {
    std::filesystem::create_symlink("/dev/null", directory_ / place_.file);
    succeed(directory_, place_.command);
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
    EXPECT_TRUE(std::filesystem::is_symlink(directory_ / place_.file));
}

TEST_P(Outputs, FullDevicesAreErrors) {
    std::filesystem::create_symlink("/dev/full", directory_ / place_.file);
    const Result result = run({.arguments = split_arguments(place_.command), .directory = directory_.path()});
    EXPECT_EQ(result.exit_code, 74);
    EXPECT_NE(result.errors.find(place_.file + ": cannot be written: No space left"), std::string::npos)
        << result.errors;
}

INSTANTIATE_TEST_SUITE_P(All, Outputs, testing::ValuesIn(outputs()),
                         [](const auto& tested) { return tested.param.name; });

// ---- standard output ----

TEST(StandardOutput, FullIsAnErrorAndClosedEndsQuietly) {
    const Trained trained;
    write_file(trained / "bert.json", R"({"model_type": "bert", "num_hidden_layers": 1})");
    succeed(*trained, "irene-predict data.jsonl predictions.jsonl model");
    for (const std::string command : {
             "irene-predict data.jsonl - model",
             "irene-evaluate -q data.jsonl predictions.jsonl",
             "irene-crossvalidate -q data.jsonl folds",
             "irene-explain model",
             "irene-extract -q bert.json --batch_size 2 --seq_len 16",
             "irene-extract --list",
             "irene-summarize predictions.jsonl",
#ifdef IRENE_HAS_VISUALIZE
             "irene-visualize predictions.jsonl -",
#endif
         }) {
        SCOPED_TRACE(command);
        const std::vector<std::string> arguments = split_arguments(command);
        const Result full =
            run({.arguments = arguments, .directory = (*trained).path(), .output = "/dev/full"});
        EXPECT_EQ(full.exit_code, 74);
        EXPECT_NE(full.errors.find("standard output: cannot be written: No space left"), std::string::npos)
            << full.errors;
        const Result closed = run({.arguments = arguments, .directory = (*trained).path(), .unread = true});
        EXPECT_EQ(closed.signal, SIGPIPE) << "exit code " << closed.exit_code;
        EXPECT_EQ(closed.errors, "");
    }
}

// ---- memory ----

/// What docs/commands.md promises, in MiB: a base, and for each thread so many times the longest line or,
/// where lines are shorter, the 256 KiB that are read at once.
std::size_t most_mib(std::size_t longest_line, unsigned threads) {
    constexpr std::size_t kBase = 16, kTimes = 16;
    return kBase + kTimes * threads * std::max(longest_line, std::size_t{1} << 18) / (1U << 20);
}

/// Predicts what a shell command prints and expects the promised memory.
void expect_bounded(const Trained& trained, const std::string& command, std::size_t longest_line,
                    const std::string& model) {
    for (const unsigned threads : {1U, 2U}) {
        SCOPED_TRACE(std::to_string(threads) + " threads");
        ::malloc_trim(0);  // a process begins with the memory of the one it comes from
        const Result result = run(
            {.arguments = {"/bin/sh", "-c", command + " | \"$@\"", "sh", tool_path("irene-predict").string(),
                           "-q", "--threads", std::to_string(threads), "-", "/dev/null", model},
             .directory = (*trained).path()});
        EXPECT_EQ(result.exit_code, 0) << result.errors;
        EXPECT_GT(result.peak_resident_mib, 1U);
        if (!kSanitized) {
            EXPECT_LT(result.peak_resident_mib, most_mib(longest_line, threads));
        }
        testing::Test::RecordProperty("peak_mib_" + std::to_string(threads),
                                      static_cast<int>(result.peak_resident_mib));
    }
}

TEST(Memory, IsNotReservedWhereAddressesAreFew) {
    if (kSanitized) GTEST_SKIP() << "sanitizers need terabytes of addresses";
    const Trained trained;
    succeed(*trained, "irene-predict data.jsonl expected.jsonl model");
    for (const char* kib : {"100000", "500000", "unlimited"}) {
        SCOPED_TRACE(std::string("ulimit -v ") + kib);
        const Result result = run({.arguments = {"/bin/sh", "-c", "ulimit -v \"$0\" && exec \"$@\"", kib,
                                                 tool_path("irene-predict").string(), "--threads", "3",
                                                 "data.jsonl", "predictions.jsonl", "model"},
                                   .directory = (*trained).path()});
        EXPECT_EQ(result.exit_code, 0) << result.errors;
        EXPECT_EQ(result.errors, "");
        EXPECT_TRUE(read_file(trained / "predictions.jsonl") == read_file(trained / "expected.jsonl"));
    }
}

TEST(Memory, DoesNotGrowWithTheFile) {
    // A gigabyte, never on the disk: it comes through a pipe and goes to nowhere.
    const std::size_t num_bytes = kSanitized ? 50'000'000 : 1'000'000'000;
    const Trained trained;
    std::size_t longest = 0, size = 0;
    {
        // Gone before the tool is started, whose peak includes what is ours at that time.
        const std::string data = read_file(trained / "data.jsonl");
        for (std::size_t begin = 0, end = 0; (end = data.find('\n', begin)) != std::string::npos;
             begin = end + 1)
            longest = std::max(longest, end - begin);
        std::ofstream file(trained / "long.jsonl");
        for (; size < 20'000'000; size += data.size()) file << data;
    }
    ASSERT_GT(longest, 10000U);
    expect_bounded(trained,
                   "for i in $(seq " + std::to_string(num_bytes / size + 1) + "); do cat long.jsonl; done",
                   longest, "model");
}

TEST(Memory, GrowsWithTheLongestLine) {
    // The most nodes that a line can hold: their fields are as few and as short as can be.
    const Trained trained;
    write_file(trained / "additive.json",
               R"({"training_strategy": "additive", "feature_sets": ["model_specs"]})");
    succeed(*trained, "irene-train -q --config additive.json data.jsonl specs");
    std::string line =
        R"({"model_name":"m","batch_size":1,"seq_len":1,"frontend_tree":{"id":"r","scope":"r",)"
        R"("instance_type":"M","type":"model","num_parameters":1,"flops":1,"mem_bytes":1,)"
        R"("child_nodes_obj":[)";
    for (int i = 0; line.size() < 8'000'000; ++i) {
        line += (i > 0 ? ",{\"id\":\"" : "{\"id\":\"") + std::to_string(i) +
                R"(","scope":"a","instance_type":"Linear","type":"ml","num_parameters":1,"flops":1,)"
                R"("mem_bytes":1,"child_nodes_obj":[]})";
    }
    line += "]}}";
    write_file(trained / "line.jsonl", line + "\n");
    expect_bounded(trained, "cat line.jsonl line.jsonl line.jsonl line.jsonl", line.size(), "specs");
    // It is these lines that take the memory.
    EXPECT_GT(most_mib(line.size(), 1), 2 * most_mib(0, 1));
}

}  // namespace

}  // namespace irene::tests
