#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <regex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "irene/tasks.hpp"

#include "base/files.hpp"
#include "data/line_blocks.hpp"
#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

const Model& small_model() {
    static const Model model = [] {
        Config config;
        config.num_epochs = 1;
        return train(dataset_of(small_lines(6)), config);
    }();
    return model;
}

class PredictFile : public testing::Test {
  protected:
    std::string predicted(const std::string& content, const PredictOptions& options = {}) {
        write_file(in_, content);
        summary_ = predict_file(small_model(), in_, out_, options);
        return read_file(out_);
    }
    std::string refused(const std::string& content, const PredictOptions& options = {}) {
        return refusal(ErrorKind::data, [&] { predicted(content, options); });
    }
    std::size_t num_files() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory_.path()),
                                                      std::filesystem::directory_iterator()));
    }

    const TemporaryDirectory directory_;
    const std::filesystem::path in_ = directory_ / "in.jsonl", out_ = directory_ / "out.jsonl";
    PredictSummary summary_;
};

std::string without_predictions(const std::string& text) {
    static const std::regex added(
        R"re(, "predicted_energy": [-+.e0-9]+(, "outside_training": \[[^\]]*\])?|"prediction": \{[^}]*\}, )re");
    return std::regex_replace(text, added, "");
}

TEST_F(PredictFile, KeepsEveryOtherByte) {
    const std::string a = small_line("a"), b = small_line("b", "n", 16, 64, 1);
    for (const std::string& content :
         {a + "\n" + b + "\n", a + "\n" + b, a + "\r\n\r\n \t\n" + b + "\r\n", "\n\n" + a + "\n\n\n",
          "\xEF\xBB\xBF" + a + "\n" + b + "\n", "  " + a + "  \n\t" + b + "\t\n  "}) {
        SCOPED_TRACE(testing::PrintToString(content.substr(0, 20)));
        const std::string out = predicted(content);
        EXPECT_EQ(without_predictions(out), content);
        EXPECT_NE(out, content);
    }
    EXPECT_EQ(summary_.num_trees, 2U);
    EXPECT_EQ(summary_.num_bad_lines, 0U);
}

TEST_F(PredictFile, WritesWhatPredictorSays) {
    const std::string out = predicted(join_lines(small_lines(3)));
    const Dataset data = read_dataset(out_);
    Predictor predictor(small_model());
    for (const Tree& tree : data.trees) {
        const std::vector<double> joules = predictor.predict(tree).joules;
        for (std::size_t node = 0; node < joules.size(); ++node) {
            EXPECT_EQ(tree.nodes()[node].predicted_energy, joules[node]);
        }
    }
    EXPECT_EQ(predicted(out), out);  // predicting again changes nothing
}

TEST_F(PredictFile, BadLinesLeaveNoOutput) {
    const std::string good = small_line("a") + "\n";
    expect_contains(refused(good + "{\n" + good), "in.jsonl:2");
    EXPECT_FALSE(std::filesystem::exists(out_));
    Json unseen = small_run("b");
    unseen["frontend_tree"]["child_nodes_obj"][1]["child_nodes_obj"][1]["instance_type"] = "Conv2D";
    expect_contains(refused(good + unseen.dump()), "in.jsonl:2: node 'scope.b/dense'");
    expect_contains(refused("{\n", {.skip_bad_lines = true}), "holds no tree");
    EXPECT_EQ(num_files(), 1U);  // nor a temporary file
    write_file(out_, "old");
    refused(good + "{\n");
    EXPECT_EQ(read_file(out_), "old");
}

TEST_F(PredictFile, NothingIsCopiedAsNothing) {
    for (const std::string empty : {"", "\n \n", "\xEF\xBB\xBF"}) {
        write_file(out_, "old");
        EXPECT_EQ(predicted(empty), empty);
        EXPECT_EQ(summary_.num_trees, 0U);
        EXPECT_EQ(num_files(), 2U);
    }
}

TEST_F(PredictFile, SkipsBadLinesOnRequest) {
    const std::string a = small_line("a"), b = small_line("b");
    std::vector<std::string> told;
    const PredictOptions options{.skip_bad_lines = true, .warn = into(told)};
    Json unseen = small_run("c");
    unseen["frontend_tree"]["child_nodes_obj"][1]["child_nodes_obj"][1]["instance_type"] = "Conv2D";
    const std::string out =
        predicted("{\n" + a + "\r\n\nnot json\n" + unseen.dump() + "\n" + b + "\n{\"x\": 1}", options);
    EXPECT_EQ(without_predictions(out), a + "\r\n\n" + b + "\n");
    EXPECT_EQ(summary_.num_trees, 2U);
    EXPECT_EQ(summary_.num_bad_lines, 4U);
    ASSERT_EQ(told.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
        expect_contains(told[i], "in.jsonl:" + std::to_string(std::vector{1, 4, 5, 7}[i]));
    }
}

TEST_F(PredictFile, IdsAreUniqueWithinATreeOnly) {
    const std::string line = small_line("same") + "\n";
    predicted(line + line);
    EXPECT_EQ(summary_.num_trees, 2U);
    Json run = small_run("b");
    run["frontend_tree"]["child_nodes_obj"][1]["id"] = "b/embedding";
    const std::string what = refused(line + run.dump() + "\n");
    expect_contains(what, "in.jsonl:2");
    expect_contains(what, "'b/embedding'");
    expect_contains(what, "field 'id'");
}

/// Several blocks of lines.
std::string large_content() {
    const std::string few = join_lines(small_lines(40));
    std::string content;
    while (content.size() < 4 * data::LineBlocks::kBlockBytes) content += few;
    return content;
}

TEST_F(PredictFile, ThreadsDoNotMatter) {
    const std::string content = large_content();
    const std::string one = predicted(content, {.threads = 1});
    const std::size_t num_trees = summary_.num_trees;
    const std::string kept = without_predictions(one.substr(0, one.find('\n', 20000)));
    EXPECT_EQ(kept, content.substr(0, kept.size()));
    for (const unsigned threads : {2U, 3U}) {
        EXPECT_TRUE(predicted(content, {.threads = threads}) == one) << threads;
        EXPECT_EQ(summary_.num_trees, num_trees);
    }
}

TEST_F(PredictFile, ErrorsDoNotDependOnThreads) {
    std::string content = large_content();
    const std::size_t third = content.find('\n', content.size() / 3) + 1;
    const auto line = static_cast<std::size_t>(std::count(
                          content.begin(), content.begin() + static_cast<std::ptrdiff_t>(third), '\n')) +
                      1;
    content.insert(third, "{\n");
    content += "[\n";
    for (const unsigned threads : {1U, 2U, 3U}) {
        SCOPED_TRACE(threads);
        expect_contains(refused(content, {.threads = threads}), "in.jsonl:" + std::to_string(line));
        EXPECT_FALSE(std::filesystem::exists(out_));
        std::vector<std::string> told;
        std::filesystem::remove(out_);
        predicted(content, {.threads = threads, .skip_bad_lines = true, .warn = into(told)});
        ASSERT_EQ(told.size(), 2U);
        expect_contains(told[0], "in.jsonl:" + std::to_string(line));
        std::filesystem::remove(out_);
    }
}

TEST_F(PredictFile, ErrorsOfLinesComeBeforeThoseOfReading) {
    std::string content = large_content();
    // Almost two blocks: the bad line ends the second, while another thread reads on.
    content.resize(content.rfind('\n', data::LineBlocks::kBlockBytes * 19 / 10) + 1);
    const auto place = "in.jsonl:" + std::to_string(std::count(content.begin(), content.end(), '\n') + 1);
    const std::string too_long(data::LineBlocks::kBlockBytes + 1, ' ');
    for (const unsigned threads : {1U, 2U, 3U}) {
        for (int round = 0; round < 5; ++round) {
            SCOPED_TRACE(testing::Message() << threads << " threads, round " << round);
            const PredictOptions options{.threads = threads, .max_line_bytes = data::LineBlocks::kBlockBytes};
            expect_contains(refused(content + too_long, options), place + ": longer than");
            expect_contains(refused(content + "{\n" + too_long, options), place + ", byte 1: malformed JSON");
            EXPECT_FALSE(std::filesystem::exists(out_));
        }
    }
}

/// A pipe with a name, opened at one end.
class PipeEnd {
  public:
    PipeEnd(const std::filesystem::path& path, int flags) : descriptor_(::open(path.c_str(), flags)) {}
    PipeEnd(const PipeEnd&) = delete;
    PipeEnd& operator=(const PipeEnd&) = delete;
    ~PipeEnd() { ::close(descriptor_); }

    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
            ASSERT_GT(count, 0);
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    void wait_until_read() const {
        for (int unread = 1; unread > 0;) ASSERT_EQ(::ioctl(descriptor_, FIONREAD, &unread), 0);
    }
    /// Reads until so many lines have come, or until nothing comes any more.
    std::string read_lines(std::ptrdiff_t num_lines) {
        constexpr int kMilliseconds = 10000;
        std::string text;
        std::vector<char> piece(1 << 16);
        pollfd poll_for{.fd = descriptor_, .events = POLLIN, .revents = 0};
        while (std::count(text.begin(), text.end(), '\n') < num_lines &&
               ::poll(&poll_for, 1, kMilliseconds) > 0) {
            const ssize_t count = ::read(descriptor_, piece.data(), piece.size());
            if (count <= 0) break;
            text.append(piece.data(), static_cast<std::size_t>(count));
        }
        return text;
    }

  private:
    int descriptor_;
};

TEST_F(PredictFile, LinesOfAPipeAreAnsweredBeforeTheNext) {
    ASSERT_EQ(::mkfifo(in_.c_str(), 0600), 0);
    ASSERT_EQ(::mkfifo(out_.c_str(), 0600), 0);
    Json run = small_run("slow");
    run["padding"] = std::string(std::size_t{1} << 20, 'x');
    const std::string slow = run.dump() + "\n", quick = small_line("quick") + "\n";
    for (const unsigned threads : {1U, 2U, 3U}) {
        SCOPED_TRACE(threads);
        const std::jthread tool([&] { predict_file(small_model(), in_, out_, {.threads = threads}); });
        PipeEnd to(in_, O_WRONLY), from(out_, O_RDONLY);
        for (int round = 0; round < 5; ++round) {
            to.write(slow);
            to.wait_until_read();
            to.write(quick);  // on several threads done before the slow one, and to be kept until then
            ASSERT_TRUE(without_predictions(from.read_lines(2)) == slow + quick);
        }
    }
}

TEST_F(PredictFile, ABadLineOfAPipeEndsItWithoutTheNext) {
    ASSERT_EQ(::mkfifo(in_.c_str(), 0600), 0);
    for (const unsigned threads : {1U, 2U, 3U}) {
        SCOPED_TRACE(threads);
        const auto what = std::async(std::launch::async, [&] {
            return refusal(ErrorKind::data,
                           [&] { predict_file(small_model(), in_, out_, {.threads = threads}); });
        });
        PipeEnd to(in_, O_WRONLY);
        to.write(small_line("a") + "\n{\n");
        EXPECT_EQ(what.wait_for(std::chrono::seconds(10)), std::future_status::ready);
        EXPECT_FALSE(std::filesystem::exists(out_));
    }
}

TEST_F(PredictFile, FilesThatCannotBeOpened) {
    refusal(ErrorKind::no_input, [&] { predict_file(small_model(), directory_ / "none", out_); });
    EXPECT_FALSE(std::filesystem::exists(out_));
    write_file(in_, small_line("a"));
    refusal(ErrorKind::cannot_create, [&] { predict_file(small_model(), in_, directory_ / "none/out"); });
    if (std::filesystem::exists("/dev/full")) {
        refusal(ErrorKind::cannot_write, [&] { predict_file(small_model(), in_, "/dev/full"); });
    }
}

TEST_F(PredictFile, InputMayBeTheOutput) {
    const std::string content = small_line("a") + "\n";
    write_file(in_, content);
    predict_file(small_model(), in_, in_);
    EXPECT_EQ(without_predictions(read_file(in_)), content);
}

TEST_F(PredictFile, TheInputMayNotGrowWhileItIsRead) {
    // As a shell opens it for >>.
    const std::string content = small_line("a") + "\n";
    write_file(in_, content);
    const int appending = ::open(in_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    ASSERT_GE(appending, 0);
    const std::string output = "/proc/self/fd/" + std::to_string(appending);
    // Else it would not end before the disk is full.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit unlimited{};
    ::getrlimit(RLIMIT_FSIZE, &unlimited);
    const rlimit limited{.rlim_cur = 1 << 20, .rlim_max = unlimited.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
    const std::string what = refusal(ErrorKind::usage, [&] { predict_file(small_model(), in_, output); });
    ::setrlimit(RLIMIT_FSIZE, &unlimited);
    ::close(appending);
    expect_contains(what, output + ": is also the input '" + in_.string() + "'");
    EXPECT_EQ(read_file(in_), content);
}

TEST_F(PredictFile, StopFlagInterrupts) {
    write_file(in_, large_content());
    const std::atomic<bool> stop{true};
    for (const unsigned threads : {1U, 3U}) {
        refusal(ErrorKind::interrupted,
                [&] { predict_file(small_model(), in_, out_, {.threads = threads, .stop = &stop}); });
        EXPECT_EQ(num_files(), 1U);
    }
}

}  // namespace
}  // namespace irene::tests
