// An output that is one of the inputs, whatever names, links or redirections lead to it: refused by every
// tool before anything is read or written.
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "process.hpp"
#include "small_data.hpp"
#include "snapshot.hpp"
#include "temporary_directory.hpp"
#include "trained.hpp"

namespace irene::tests {

namespace {

namespace fs = std::filesystem;

struct SameFile {
    std::string name;
    std::string command;        ///< for sh, in a directory with the files of the fixture
    std::string output, input;  ///< that the refusal names
};

void PrintTo(const SameFile& c, std::ostream* out) { *out << c.command; }

const std::vector<SameFile> kRefused{
    {"predict_appends", "irene-predict data.jsonl - model >> data.jsonl", "standard output", "'data.jsonl'"},
    {"predict_appends_by_name", "irene-predict data.jsonl /dev/stdout model >> data.jsonl", "/dev/stdout",
     "'data.jsonl'"},
    {"predict_appends_to_a_link", "irene-predict hard.jsonl - model >> soft.jsonl", "standard output",
     "'hard.jsonl'"},
    {"predict_appends_to_standard_input", "irene-predict - - model < data.jsonl >> data.jsonl",
     "standard output", "'standard input'"},
    {"predict_appends_to_its_model", "irene-predict data.jsonl - model >> model/model.json",
     "standard output", "'model/model.json'"},
    {"predict_onto_its_model", "irene-predict data.jsonl model/model.json model", "model/model.json",
     "'model/model.json'"},
    {"predict_onto_its_config", "irene-predict data.jsonl model/../model/config.json model/",
     "model/../model/config.json", "'model/config.json'"},
    {"train_onto_its_config", "irene-train --config model/config.json data.jsonl model", "model/config.json",
     "'model/config.json'"},
    {"train_onto_its_data", "irene-train taken/model.json taken", "taken/model.json", "'taken/model.json'"},
    {"evaluate_appends_to_gold", "irene-evaluate data.jsonl preds.jsonl >> data.jsonl", "standard output",
     "'data.jsonl'"},
    {"evaluate_appends_to_predictions", "irene-evaluate data.jsonl preds.jsonl >> preds.jsonl",
     "standard output", "'preds.jsonl'"},
    {"evaluate_appends_to_standard_input", "irene-evaluate data.jsonl - < preds.jsonl >> preds.jsonl",
     "standard output", "'standard input'"},
    {"summarize_appends", "irene-summarize preds.jsonl >> preds.jsonl", "standard output", "'preds.jsonl'"},
    {"summarize_appends_to_standard_input", "irene-summarize < preds.jsonl >> preds.jsonl", "standard output",
     "'standard input'"},
    {"explain_appends", "irene-explain model >> model/config.json", "standard output", "'model/config.json'"},
    {"extract_onto_its_config", "irene-extract gpt2.json -o gpt2.json", "gpt2.json", "'gpt2.json'"},
    {"extract_onto_one_of_two", "irene-extract specs.json gpt2.json -o gpt2.json", "gpt2.json",
     "'gpt2.json'"},
    {"extract_appends", "irene-extract gpt2.json >> gpt2.json", "standard output", "'gpt2.json'"},
    {"extract_params_appends", "irene-extract gpt2.json --params -o other >> gpt2.json", "standard output",
     "'gpt2.json'"},
    {"crossvalidate_appends", "irene-crossvalidate data.jsonl out >> data.jsonl", "standard output",
     "'data.jsonl'"},
    {"crossvalidate_appends_to_its_config",
     "irene-crossvalidate --config specs.json data.jsonl out >> specs.json", "standard output",
     "'specs.json'"},
    {"crossvalidate_appends_to_its_groups",
     "irene-crossvalidate --group_by groups.json data.jsonl out >> groups.json", "standard output",
     "'groups.json'"},
    {"crossvalidate_onto_a_fold_s_config",
     "irene-crossvalidate --config cv/crossvalidation/leave_alpha/config.json data.jsonl cv",
     "cv/crossvalidation/leave_alpha/config.json", "leave_alpha/config.json'"},
    {"crossvalidate_onto_a_fold_s_predictions",
     "irene-crossvalidate cv/crossvalidation/leave_alpha/predictions.jsonl cv",
     "cv/crossvalidation/leave_alpha/predictions.jsonl", "leave_alpha/predictions.jsonl'"},
#ifdef IRENE_HAS_VISUALIZE
    {"visualize_onto_its_input", "irene-visualize preds.jsonl preds.jsonl", "preds.jsonl", "'preds.jsonl'"},
    {"visualize_onto_the_compared", "irene-visualize preds.jsonl other.jsonl --compare other.jsonl",
     "other.jsonl", "'other.jsonl'"},
    {"visualize_appends", "irene-visualize --format csv preds.jsonl - >> preds.jsonl", "standard output",
     "'preds.jsonl'"},
    {"visualize_onto_standard_input", "irene-visualize - preds.jsonl < preds.jsonl", "preds.jsonl",
     "'standard input'"},
#endif
};

/// Every file that the commands name.
void make_files(const TemporaryDirectory& directory) {
    write_file(directory / "data.jsonl", to_jsonl(make_trees()));
    fs::create_hard_link(directory / "data.jsonl", directory / "hard.jsonl");
    fs::create_symlink("data.jsonl", directory / "soft.jsonl");
    write_file(directory / "specs.json", R"({"feature_sets": ["model_specs"], "num_epochs": 1})");
    write_file(directory / "groups.json", R"({"one": ["alpha"], "two": ["beta"]})");
    write_file(directory / "gpt2.json", R"({"model_type": "gpt2", "n_layer": 1})");
    fs::create_directories(directory / "taken");
    write_file(directory / "taken/model.json", to_jsonl(make_trees()));
    succeed(directory, "irene-train -q --config specs.json data.jsonl model");
    succeed(directory, "irene-predict data.jsonl preds.jsonl model");
    fs::copy_file(directory / "preds.jsonl", directory / "other.jsonl");
    succeed(directory, "irene-crossvalidate --config specs.json data.jsonl cv");
}

/// A tool that reads what it writes does not end by itself, but is ended at 500 kB.
Result shell(const TemporaryDirectory& directory, const std::string& command) {
    const std::string path = tool_path("").string();
    return run({.arguments = {"/bin/sh", "-c", "PATH=" + path + ":$PATH; ulimit -f 1000; " + command},
                .directory = directory.path()});
}

class SameFiles : public testing::TestWithParam<SameFile> {
  protected:
    /// One for all cases, none of which may change it.
    static const TemporaryDirectory& directory() {
        struct Made {
            Made() { make_files(directory); }
            TemporaryDirectory directory;
        };
        static const Made made;
        return made.directory;
    }
};

TEST_P(SameFiles, AreRefused) {
    const auto before = snapshot(directory().path());
    const Result result = shell(directory(), GetParam().command);
    EXPECT_EQ(result.exit_code, 64);
    EXPECT_EQ(result.output, "");
    const std::string tool = GetParam().command.substr(0, GetParam().command.find(' '));
    const std::string refusal = tool + ": error: " + GetParam().output + ": is also the input ";
    EXPECT_TRUE(result.errors.starts_with(refusal)) << result.errors;
    EXPECT_NE(result.errors.find(GetParam().input + ", which writing would destroy; choose another output\n"),
              std::string::npos)
        << result.errors;
    EXPECT_EQ(snapshot(directory().path()), before);
}

std::string name_of(const testing::TestParamInfo<SameFile>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(AllTools, SameFiles, testing::ValuesIn(kRefused), name_of);

TEST(SameFile, PredictMayTakeThePlaceOfItsInput) {
    for (const std::string command :
         {"irene-predict data.jsonl data.jsonl model", "irene-predict hard.jsonl data.jsonl model",
          "irene-predict data.jsonl soft.jsonl model", "irene-predict - data.jsonl model < data.jsonl"}) {
        SCOPED_TRACE(command);
        const TemporaryDirectory directory;
        make_files(directory);
        const Result result = shell(directory, command);
        EXPECT_EQ(result.exit_code, 0) << result.errors;
        EXPECT_EQ(read_file(directory / "data.jsonl"), read_file(directory / "preds.jsonl"));
    }
}

TEST(SameFile, DevicesAndOtherFilesMayBeBoth) {
    const TemporaryDirectory directory;
    make_files(directory);
    // Nothing is read, and nothing is lost.
    EXPECT_EQ(shell(directory, "irene-predict - /dev/null model < /dev/null").exit_code, 0);
    EXPECT_EQ(shell(directory, "irene-summarize preds.jsonl >> data.jsonl").exit_code, 0);
}

}  // namespace

}  // namespace irene::tests
