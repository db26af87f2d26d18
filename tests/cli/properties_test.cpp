// What has to hold for whole runs of the tools, whatever the case: the same bytes for any number of threads,
// any processor and any way in or out; quiet ends; bounds of memory and time.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "process.hpp"
#include "small_data.hpp"
#include "snapshot.hpp"
#include "temporary_directory.hpp"
#include "trained.hpp"

namespace irene::tests {

namespace {

/// The values of `key` of all nodes in the file, as they are spelled, in the order of the file.
std::vector<std::string> values_of(const std::string& text, const std::string& key) {
    std::vector<std::string> values;
    const std::string start = "\"" + key + "\":";
    for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start, at)) {
        at = text.find_first_not_of(' ', at + start.size());
        const std::size_t end = text.find_first_of(",} ", at);
        values.push_back(text.substr(at, end - at));
    }
    return values;
}

/// The three tools that compute, run with extra options and environment: everything they write and print.
std::map<std::string, std::string> everything(const std::string& options, const Environment& environment) {
    const TemporaryDirectory directory;
    // Several blocks of lines for several threads. Ids need be unique within a tree only to be predicted.
    const std::string data = read_file(simulated());
    write_file(directory / "data.jsonl", data);
    write_file(directory / "long.jsonl", data + data + data + data);
    write_file(directory / "stepwise.json", R"({"training_strategy": "stepwise"})");
    std::map<std::string, std::string> outputs;
    for (const std::string& line :
         {std::string("irene-train -q data.jsonl model"),
          std::string("irene-train -q --config stepwise.json data.jsonl stepwise"),
          std::string("irene-predict long.jsonl predictions.jsonl model"),
          std::string("irene-predict long.jsonl - model"),
          std::string("irene-crossvalidate data.jsonl folds"),
          std::string("irene-crossvalidate --json --group_by seq_len data.jsonl lengths"),
          std::string("irene-predict data.jsonl short.jsonl model"),
          std::string("irene-evaluate data.jsonl short.jsonl -q")}) {
        const Result result = succeed(directory, line + options, {}, environment);
        EXPECT_EQ(result.errors, "") << line;
        outputs["output of " + line] = result.output;
    }
    outputs.merge(snapshot(directory.path()));
    return outputs;
}

/// Compares without printing megabytes.
void expect_same(const std::map<std::string, std::string>& a, const std::map<std::string, std::string>& b,
                 const std::string& what) {
    EXPECT_EQ(a.size(), b.size()) << what;
    for (const auto& [name, content] : a) {
        const auto found = b.find(name);
        EXPECT_TRUE(found != b.end() && found->second == content) << name << " differs: " << what;
    }
}

TEST(Results, SameForAnyNumberOfThreadsAndAnyKernels) {
    const auto one = everything(" --threads 1", {{"IRENE_KERNELS", "baseline"}});
    EXPECT_GT(one.size(), 40U);
    expect_same(one, everything(" --threads 2", {{"IRENE_KERNELS", "baseline"}}), "2 threads");
    expect_same(one, everything(" --threads 7", {{"IRENE_KERNELS", "avx2"}}), "7 threads, avx2");
    expect_same(one, everything("", {}), "by default");
}

TEST(Results, SeedsMatter) {
    const TemporaryDirectory directory;
    write_file(directory / "data.jsonl", to_jsonl(make_trees()));
    succeed(directory, "irene-train -q data.jsonl a --seed 1");
    succeed(directory, "irene-train -q data.jsonl b --seed 1");
    succeed(directory, "irene-train -q data.jsonl c --seed 2");
    EXPECT_EQ(read_file(directory / "a/model.json"), read_file(directory / "b/model.json"));
    EXPECT_NE(values_of(read_file(directory / "a/model.json"), "bias"),
              values_of(read_file(directory / "c/model.json"), "bias"));
}

// Cross-validation must not see the measured energies of what it leaves out. Scrambling them may change the
// gold values that the file of predictions carries along, and the errors, but not one digit of a prediction.
TEST(Results, HeldOutEnergiesDoNotMatter) {
    const TemporaryDirectory directory;
    const std::string text = read_file(simulated());
    std::string scrambled;
    std::istringstream in(text);
    std::size_t num_scrambled = 0;
    for (std::string line; std::getline(in, line); scrambled += line + "\n") {
        if (line.find("\"model_name\": \"gpt2\"") == std::string::npos) continue;
        // The first digit of every measured energy becomes another one, never 0.
        const std::string key = "\"ground_truth_energy\": ";
        for (std::size_t at = line.find(key); at != std::string::npos; at = line.find(key, at)) {
            at = line.find_first_of("123456789", at + key.size());
            line[at] =
                static_cast<char>('1' + (line[at] - '1' + 1 + static_cast<int>(num_scrambled % 7)) % 9);
            ++num_scrambled;
        }
    }
    ASSERT_GT(num_scrambled, 100U);
    write_file(directory / "measured.jsonl", text);
    write_file(directory / "scrambled.jsonl", scrambled);
    for (const std::string strategy : {"end2end", "stepwise", "unstructured", "none", "additive"}) {
        write_file(directory / "config.json", R"({"training_strategy": ")" + strategy + "\"}");
        succeed(directory, "irene-crossvalidate --config config.json measured.jsonl a");
        succeed(directory, "irene-crossvalidate --config config.json scrambled.jsonl b");
        const auto fold = [&](const std::string& outdir, const std::string& name, const std::string& file) {
            return read_file(directory / outdir / "crossvalidation" / ("leave_" + name) / file);
        };
        const std::string predictions = fold("a", "gpt2", "predictions.jsonl");
        const auto predicted = values_of(predictions, "predicted_energy");
        EXPECT_EQ(predicted.size(), num_scrambled);
        EXPECT_TRUE(predicted == values_of(fold("b", "gpt2", "predictions.jsonl"), "predicted_energy"))
            << strategy;
        EXPECT_TRUE(fold("a", "gpt2", "model.json") == fold("b", "gpt2", "model.json")) << strategy;
        EXPECT_NE(fold("a", "gpt2", "percentage_errors.json"), fold("b", "gpt2", "percentage_errors.json"));
        // The other folds do train on the scrambled energies.
        EXPECT_FALSE(values_of(fold("a", "distilgpt2", "predictions.jsonl"), "predicted_energy") ==
                     values_of(fold("b", "distilgpt2", "predictions.jsonl"), "predicted_energy"))
            << strategy;
        std::filesystem::remove_all(directory / "a");
        std::filesystem::remove_all(directory / "b");
    }
}

// ---- predictions keep the input's bytes ----

/// What predict inserts, but for the number.
const std::string kInserted = ", \"predicted_energy\": ";

/// Puts `instead` wherever `key` and a number behind it stand; returns how often.
std::size_t replace_numbers(std::string& text, const std::string& key, const std::string& instead) {
    std::string replaced;
    std::size_t count = 0;
    std::size_t copied = 0;
    for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, copied)) {
        const std::size_t end =
            std::min(text.find_first_not_of("0123456789.e+-", at + key.size()), text.size());
        replaced += text.substr(copied, at - copied) + instead;
        copied = end;
        ++count;
    }
    text = replaced + text.substr(copied);
    return count;
}

TEST(Predict, KeepsEveryOtherByte) {
    const Trained trained;
    succeed(*trained, "irene-predict --plain data.jsonl out.jsonl model");
    const std::string data = read_file(trained / "data.jsonl");
    std::string kept = read_file(trained / "out.jsonl");
    const std::size_t num_predictions = replace_numbers(kept, kInserted, "");
    EXPECT_TRUE(kept == data);
    EXPECT_EQ(num_predictions, values_of(data, "scope").size());
}

/// A tree that is written as no program would write it.
std::string odd_line(const std::string& prediction_of_root, const std::string& prediction_of_leaf) {
    const auto features = [](const std::string& flops) {
        return "\"num_parameters\":1.0e3 ,\"flops\" : " + flops +
               R"(, "mem_bytes":2.50,"cpu":8,"mem":9.0E0,"gpu":40,"gpu_mem":30,"gpu_clk":1600,"gpu_mem_clk":4000,"times_mean":1e-3,)"
               "\t\"gpu_energy_mean\":0.05";
    };
    return R"(  { "note":[1,{"predicted_energy":7}], "seq_len":32,"frontend_tree": {)" + prediction_of_root +
           R"("child_nodes_obj" :[ {"type":"ml","child_nodes_obj":[ ],"scope":"root.\u0061\n","id":"\u00e9\\\"}", "instance_type":"LINEAR",)" +
           prediction_of_leaf + features("10.50") + R"(  } ,{)" + features("1E1") +
           R"(,"scope":"b {}","id":"b","type":"ml-np","instance_type":"layernorm","child_nodes_obj":[],"more":{"a":[null,true,"}"]}}],"id":"r","unknown \" key":-0.00,)" +
           features("3") +
           "\t,\"scope\":\"root\",\"instance_type\":\"M\",\"type\":\"model\"\t} ,\"batch_size\":4, "
           "\"model_name\":\"\\u00fc / x\" } \t";
}

TEST(Predict, KeepsOddBytes) {
    const TemporaryDirectory directory;
    write_file(directory / "data.jsonl", to_jsonl(make_trees()));
    succeed(directory, "irene-train -q data.jsonl model");
    const std::string with_keys = odd_line("\"predicted_energy\" :@ , ", "\"predicted_\\u0065nergy\":\t@,");
    const std::string without_keys = odd_line("", "");
    const auto fill = [](std::string text, const std::string& value) {
        for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@'))
            text.replace(at, 1, value);
        return text;
    };
    const std::string lines =
        "\n \r\n" + without_keys + "\r\n\n" + fill(with_keys, "12.50") + "\n" + fill(with_keys, "-1e-5");
    for (const std::string& start : {std::string(), std::string("\xEF\xBB\xBF")}) {
        for (const std::string& end : {std::string(), std::string("\n"), std::string("\r\n\n")}) {
            const std::string text = start + lines + end;
            const std::string output = succeed(directory, "irene-predict --plain - - model", text).output;
            // Inserted keys are taken out again; replaced values are the same in all lines but for their
            // spelling.
            std::string kept = output;
            EXPECT_EQ(replace_numbers(kept, kInserted, ""), 5U) << output;
            const std::vector<std::string> values = values_of(kept, "predicted_energy");
            ASSERT_EQ(values.size(), 3U) << output;  // those within "note"
            for (const std::string key : {"\"predicted_energy\" :", "\"predicted_\\u0065nergy\":\t"}) {
                EXPECT_EQ(replace_numbers(kept, key, key + "@"), 2U) << output;
            }
            const std::string wanted =
                start + "\n \r\n" + without_keys + "\r\n\n" + with_keys + "\n" + with_keys + end;
            EXPECT_EQ(kept, wanted);
            EXPECT_EQ(output.find("12.50"), std::string::npos);
            EXPECT_EQ(output.find("-1e-5"), std::string::npos);
            // Every line is still JSON, with one prediction on every node.
            std::istringstream in(output.substr(start.size()));
            for (std::string line; std::getline(in, line);) {
                if (line.find('{') == std::string::npos) continue;
                Json tree = Json::parse(line);
                EXPECT_EQ(tree["note"][1]["predicted_energy"], 7);
                for_each_node(tree["frontend_tree"],
                              [](Json& node) { EXPECT_TRUE(node["predicted_energy"].is_number_float()); });
            }
            // Predictions of predictions are the same bytes.
            EXPECT_EQ(succeed(directory, "irene-predict --plain - - model", output).output, output);
            // So are those with all that is told of nodes, and made plain again they are the plain ones.
            const std::string all = succeed(directory, "irene-predict - - model", text).output;
            EXPECT_NE(all, output);
            EXPECT_EQ(succeed(directory, "irene-predict - - model", all).output, all);
            EXPECT_EQ(succeed(directory, "irene-predict --plain - - model", all).output, output);
        }
    }
}

TEST(Predict, SameBytesThroughFilesAndPipes) {
    const Trained trained;
    const std::string data = read_file(trained / "data.jsonl");
    succeed(*trained, "irene-predict data.jsonl wanted.jsonl model");
    const std::string wanted = read_file(trained / "wanted.jsonl");
    ASSERT_GT(wanted.size(), data.size());
    for (const std::string input : {"data.jsonl", "-", "/dev/stdin", "fifo"}) {
        for (const std::string output : {"out.jsonl", "-", "/dev/stdout", "fifo"}) {
            const std::string what = input + " to " + output;
            std::string read;
            std::thread writer, reader;
            std::string in = input, out = output;
            if (input == "fifo") {
                in = "in.fifo";
                ASSERT_EQ(::mkfifo((trained / in).c_str(), 0600), 0);
                writer = std::thread([&] { write_file(trained / in, data); });
            }
            if (output == "fifo") {
                out = "out.fifo";
                ASSERT_EQ(::mkfifo((trained / out).c_str(), 0600), 0);
                reader = std::thread([&] { read = read_file(trained / out); });
            }
            const bool piped = input == "-" || input == "/dev/stdin";
            const Result result =
                succeed(*trained, "irene-predict " + in + " " + out + " model", piped ? data : std::string());
            if (result.exit_code != 0) {
                // Let the helpers go whatever became of the tool.
                if (reader.joinable()) write_file(trained / out, "");
                if (writer.joinable()) (void)read_file(trained / in);
            }
            if (writer.joinable()) writer.join();
            if (reader.joinable()) reader.join();
            if (output == "out.jsonl") read = read_file(trained / out);
            if (output == "-" || output == "/dev/stdout") read = result.output;
            EXPECT_TRUE(read == wanted) << what;
            for (const char* name : {"in.fifo", "out.fifo", "out.jsonl"})
                std::filesystem::remove(trained / name);
        }
    }
}

TEST(Predict, FollowsLinksAndKeepsPermissions) {
    const TemporaryDirectory directory;
    write_file(directory / "data.jsonl", to_jsonl(make_trees()));
    succeed(directory, "irene-train -q data.jsonl model");
    std::filesystem::create_directory(directory / "elsewhere");
    write_file(directory / "elsewhere/target.jsonl", "old");
    std::filesystem::permissions(directory / "elsewhere/target.jsonl",
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::filesystem::create_symlink("elsewhere/target.jsonl", directory / "link.jsonl");
    std::filesystem::create_symlink("elsewhere/new.jsonl", directory / "dangling.jsonl");
    for (const std::string link : {"link.jsonl", "dangling.jsonl"}) {
        succeed(directory, "irene-predict data.jsonl " + link + " model");
        EXPECT_TRUE(std::filesystem::is_symlink(directory / link));
        EXPECT_NE(read_file(directory / link).find("predicted_energy"), std::string::npos);
    }
    EXPECT_EQ(std::filesystem::status(directory / "elsewhere/target.jsonl").permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

// ---- the end comes early ----

/// Sends a signal to a tool that waits for more of its standard input.
void expect_quick_end(const std::string& line, const std::string& sent, int number) {
    const TemporaryDirectory directory;
    write_file(directory / "data.jsonl", to_jsonl(make_trees()));
    write_file(directory / "epochs.json", R"({"num_epochs": 100000})");
    succeed(directory, "irene-train -q data.jsonl model");
    const auto before = snapshot(directory.path());
    Process process({.arguments = split_arguments(line), .directory = directory.path()});
    process.write(sent);
    if (line.find("epochs.json") == std::string::npos) {
        process.wait_until_idle();
    } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(400));  // it is training
    }
    const auto start = std::chrono::steady_clock::now();
    process.signal(number);
    const Result result = process.finish(std::chrono::seconds(kSanitized ? 10 : 3), true);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(kSanitized ? 10 : 2)) << line;
    EXPECT_EQ(result.exit_code, 128 + number)
        << line << ": signal " << result.signal << ", " << result.errors;
    EXPECT_EQ(result.output, "") << line;
    const std::string tool = split_arguments(line)[0];
    EXPECT_EQ(result.errors, tool + ": error: interrupted\n");
    EXPECT_TRUE(snapshot(directory.path()) == before) << line << " left something behind";
}

class Interrupted : public testing::TestWithParam<int> {};

TEST_P(Interrupted, TrainWhileReading) { expect_quick_end("irene-train - out", "", GetParam()); }
TEST_P(Interrupted, TrainInTheMiddleOfALine) {
    expect_quick_end("irene-train --threads 4 - out", make_trees()[0].dump() + "\n{\"model", GetParam());
}
TEST_P(Interrupted, TrainWhileTraining) {
    expect_quick_end("irene-train --config epochs.json data.jsonl out", "", GetParam());
}
TEST_P(Interrupted, TrainWhileReadingTheConfig) {
    expect_quick_end("irene-train --config - data.jsonl out", "{", GetParam());
}
TEST_P(Interrupted, PredictIntoAFile) {
    expect_quick_end("irene-predict - out.jsonl model", to_jsonl({make_trees()[0]}), GetParam());
}
TEST_P(Interrupted, PredictOverAFile) {
    expect_quick_end("irene-predict --threads 2 - data.jsonl model", to_jsonl({make_trees()[0]}), GetParam());
}
TEST_P(Interrupted, PredictInAPipe) {
    expect_quick_end("irene-predict --threads 1 - - model", "", GetParam());
}
TEST_P(Interrupted, EvaluateGold) { expect_quick_end("irene-evaluate - data.jsonl", "{", GetParam()); }
TEST_P(Interrupted, EvaluatePredictions) { expect_quick_end("irene-evaluate data.jsonl -", "", GetParam()); }
TEST_P(Interrupted, CrossvalidateWhileReading) {
    expect_quick_end("irene-crossvalidate - out", to_jsonl(make_trees()), GetParam());
}
TEST_P(Interrupted, CrossvalidateWhileReadingTheGroups) {
    expect_quick_end("irene-crossvalidate --group_by - data.jsonl out", "{", GetParam());
}

// A result that waits for a full pipe's reader is given up as well.
TEST_P(Interrupted, SummarizeWhilePrinting) {
    Process process({.arguments = split_arguments("irene-summarize --measured --each_layer --by "
                                                  "model_name,batch_size,seq_len,scope --format csv " +
                                                  simulated().string())});
    process.wait_until_idle();
    process.signal(GetParam());
    process.wait_until_idle();
    const Result result = process.finish();
    EXPECT_EQ(result.exit_code, 128 + GetParam()) << "signal " << result.signal;
    EXPECT_EQ(result.errors, "irene-summarize: error: interrupted\n");
}

INSTANTIATE_TEST_SUITE_P(Signals, Interrupted, testing::Values(SIGINT, SIGTERM), [](const auto& tested) {
    return tested.param == SIGINT ? "Interrupt" : "Terminate";
});

// As in `irene-predict ... | head`: that nobody reads on is no error to be told of.
TEST(ClosedPipe, EndsQuietly) {
    const Trained trained;
    succeed(*trained, "irene-predict data.jsonl predictions.jsonl model");
    const std::string data = read_file(trained / "predictions.jsonl");
    const auto before = snapshot((*trained).path());
    for (const std::string line : {"irene-predict - - model", "irene-predict --threads 2 - /dev/stdout model",
                                   "irene-evaluate - predictions.jsonl -q",
                                   "irene-evaluate data.jsonl - -q --json", "irene-crossvalidate - folds"}) {
        const Result result = run({.arguments = split_arguments(line),
                                   .input = data,
                                   .directory = (*trained).path(),
                                   .unread = true});
        EXPECT_EQ(result.signal, SIGPIPE) << line << " ended with " << result.exit_code;
        EXPECT_EQ(result.errors, "") << line;
        if (line.starts_with("irene-crossvalidate")) {
            EXPECT_TRUE(std::filesystem::exists(trained / "folds/crossvalidation/report.csv"));
            std::filesystem::remove_all(trained / "folds");
        }
        EXPECT_TRUE(snapshot((*trained).path()) == before) << line << " left something behind";
    }
    for (const std::string tool : {"irene-train", "irene-predict", "irene-evaluate", "irene-crossvalidate"}) {
        const Result result = run({.arguments = {tool, "--help"}, .unread = true});
        EXPECT_EQ(result.signal, SIGPIPE) << tool << " ended with " << result.exit_code;
        EXPECT_EQ(result.errors, "") << tool;
    }
}

// ---- memory ----

TEST(Memory, AnEndlessLineIsRefusedBeforeItFillsTheMemory) {
    const TemporaryDirectory directory;
    {
        std::ofstream file(directory / "line.jsonl");
        const std::string megabyte(1 << 20, ' ');
        for (int i = 0; i < 200; ++i) file << megabyte;
    }
    const Result result =
        run({.arguments = {"irene-summarize", "line.jsonl"}, .directory = directory.path()});
    EXPECT_EQ(result.exit_code, 65);
    EXPECT_NE(result.errors.find("line.jsonl:1: longer than the 67108864 bytes"), std::string::npos)
        << result.errors;
    if (!kSanitized) {
        EXPECT_LT(result.peak_resident_mib, 150U);
    }
}

// ---- against the reference ----

std::filesystem::path reference() { return IRENE_REFERENCE_DIRECTORY; }

class Reference : public testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(reference())) {
            GTEST_SKIP() << "the reference material is not at " << reference();
        }
    }

    static std::string device_1() { return (reference() / "datasets/irene_device_1.jsonl").string(); }

    static Result bounded(const TemporaryDirectory& directory, const std::vector<std::string>& arguments) {
        Result result = run({.arguments = arguments, .directory = directory.path()});
        EXPECT_EQ(result.exit_code, 0) << result.errors;
        if (!kSanitized) {
            EXPECT_LT(result.peak_resident_mib, 190U) << arguments[0];  // 200 MB
        }
        testing::Test::RecordProperty(arguments[0] + "_peak_mib", static_cast<int>(result.peak_resident_mib));
        return result;
    }
};

TEST_F(Reference, EveryToolStaysWithinItsMemory) {
    const TemporaryDirectory directory;
    bounded(directory, {"irene-train", device_1(), "model"});
    bounded(directory, {"irene-predict", device_1(), "predictions.jsonl", "model"});
    const Result evaluated = bounded(directory, {"irene-evaluate", device_1(), "predictions.jsonl"});
    EXPECT_EQ(evaluated.errors, "");
}

TEST_F(Reference, CrossvalidationStaysWithinMemoryAndTime) {
    const TemporaryDirectory directory;
    const Result result = bounded(directory, {"irene-crossvalidate", device_1(), "out"});
    if (!kSanitized && kOptimised) {
        EXPECT_LT(result.cpu_seconds, 2.0);
    }
    EXPECT_EQ(result.errors, "");
}

TEST_F(Reference, EvaluatePrintsTheReferencesText) {
    const std::string gold = (reference() / "evaluate/gold.jsonl").string();
    const auto evaluate = [&](const std::string& predictions) {
        return run(
            {.arguments = {"irene-evaluate", gold, (reference() / "evaluate" / predictions).string()}});
    };
    const Result whole = evaluate("predictions.jsonl");
    EXPECT_EQ(whole.exit_code, 0);
    EXPECT_EQ(
        whole.output,
        "Percentage Error Results:\n{\n    \"ml\": 1.36,\n    \"module\": 9.3,\n    \"model\": 5.9\n}\n");
    EXPECT_EQ(whole.errors, "");
    const Result gaps = evaluate("predictions_with_gaps.jsonl");
    EXPECT_EQ(gaps.exit_code, 0);
    EXPECT_EQ(
        gaps.output,
        "Percentage Error Results:\n{\n    \"ml\": 6.09,\n    \"module\": 15.3,\n    \"model\": 5.9\n}\n");
    EXPECT_EQ(gaps.errors,
              "irene-evaluate: warning: 94 nodes have no prediction; they count as a prediction of 0 J\n");
}

}  // namespace

}  // namespace irene::tests
