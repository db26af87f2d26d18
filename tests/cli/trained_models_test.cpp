// Trained models by name: where they are looked for, and what is said of those that are nowhere.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "process.hpp"
#include "trained.hpp"

namespace irene::tests {

namespace {

namespace fs = std::filesystem;

/// Data and two shelves of models: `one` has "known", `two` has "known" and "other", of another config.
class TrainedModels : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        shelves_ = new TemporaryDirectory;
        fs::copy_file(simulated(), here() / "data.jsonl");
        write_file(
            here() / "additive.json",
            R"({"feature_sets": ["model_specs"], "training_strategy": "additive", "joules_of": "the GPUs"})");
        succeed(here(), "irene-train -q data.jsonl one/known");
        succeed(here(), "irene-train -q --config additive.json data.jsonl two/known");
        fs::copy(here() / "two/known", here() / "two/other");
        write_file(here() / "two/other/about.json",
                   R"({"device": "D", "runs": "of E", "joules_error": 4.5})");
        fs::create_directory(here() / "two/empty");
    }
    static void TearDownTestSuite() { delete shelves_; }

    static const TemporaryDirectory& here() { return *shelves_; }
    static Environment shelves() {
        return {{"IRENE_MODELS", "nowhere::" + (here() / "one").string() + ":" + (here() / "two").string()}};
    }
    static Result on_shelves(const std::string& line) { return run_in(here(), line, {}, shelves()); }

  private:
    static TemporaryDirectory* shelves_;
};

TemporaryDirectory* TrainedModels::shelves_ = nullptr;

TEST_F(TrainedModels, AreFoundByNameTheFirstOfItsName) {
    const std::string by_path = succeed(here(), "irene-predict -q data.jsonl - one/known").output;
    EXPECT_EQ(on_shelves("irene-predict -q data.jsonl - known").output, by_path);
    EXPECT_NE(by_path.find(R"("model": "known")"), std::string::npos);
    EXPECT_EQ(on_shelves("irene-explain other").output, succeed(here(), "irene-explain two/other").output);
    EXPECT_EQ(on_shelves("irene-calibrate -q other data.jsonl mine").exit_code, 0);
}

TEST_F(TrainedModels, WhatIsHereOfThatNameWins) {
    const TemporaryDirectory directory;
    const auto explain = [&](const std::string& model) {
        return run_in(directory, "irene-explain " + model, {}, shelves());
    };
    EXPECT_EQ(explain("known").exit_code, 0);
    fs::copy(here() / "two/known", directory / "known");
    EXPECT_EQ(explain("known").output, explain("./known").output);
    write_file(directory / "other", "");
    EXPECT_NE(explain("other").errors.find("is a file; a model is a directory"), std::string::npos);
    fs::remove_all(directory / "known");
    const Result slash = explain("./known");
    EXPECT_EQ(slash.exit_code, 66);
    EXPECT_NE(slash.errors.find("./known/config.json: cannot be read"), std::string::npos) << slash.errors;
}

TEST_F(TrainedModels, OfAnUnknownNameWhatWasMeantAndWhereItWasLookedForIsSaid) {
    const Result result = on_shelves("irene-predict data.jsonl - othr");
    EXPECT_EQ(result.exit_code, 66);
    for (const std::string& part :
         {std::string("othr: is no directory here"), std::string("did you mean other?"),
          std::string("known, other"), "nowhere, " + (here() / "one").string()})
        EXPECT_NE(result.errors.find(part), std::string::npos) << part << " is not in " << result.errors;
    EXPECT_EQ(result.errors.find('\n'), result.errors.size() - 1);
}

TEST_F(TrainedModels, AreInputs) {
    EXPECT_EQ(on_shelves("irene-predict data.jsonl two/other/model.json other").exit_code, 64);
    EXPECT_EQ(on_shelves("irene-calibrate other data.jsonl two/other").exit_code, 64);
    const Result swapped = on_shelves("irene-predict other data.jsonl out.jsonl");
    EXPECT_EQ(swapped.exit_code, 64);
    EXPECT_NE(swapped.errors.find("the model comes last"), std::string::npos) << swapped.errors;
}

TEST_F(TrainedModels, AreListed) {
    const Result result = on_shelves("irene-explain --list --format csv");
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.errors, "");
    const std::string two = (here() / "two").string();
    for (const std::string& row :
         {"\nknown,,,,\"end2end on model_specs, resource_utilization\",24,,," + (here() / "one").string(),
          "\nother,D,of E,the GPUs,additive on model_specs,24,4.5,," + two})
        EXPECT_NE(result.output.find(row), std::string::npos) << row << " is not in " << result.output;
    EXPECT_EQ(result.output.find("\nknown", result.output.find("\nknown") + 1), std::string::npos);
    EXPECT_EQ(result.output.find("empty"), std::string::npos);
    EXPECT_NE(on_shelves("irene-explain --list").output.find("left out of training"), std::string::npos);
}

TEST_F(TrainedModels, OneThatCannotBeReadIsSaidAndTheOthersAreListed) {
    const TemporaryDirectory directory;
    fs::copy(here() / "two", directory / "shelf", fs::copy_options::recursive);
    write_file(directory / "shelf/known/model.json", "{");
    write_file(directory / "shelf/other/about.json", "[]");
    const Result result =
        run_in(directory, "irene-explain --list --format csv", {}, {{"IRENE_MODELS", "shelf"}});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_NE(result.errors.find("shelf/known/model.json"), std::string::npos) << result.errors;
    EXPECT_NE(result.errors.find("about.json"), std::string::npos) << result.errors;
    EXPECT_NE(result.output.find("\nother,,,the GPUs,additive on model_specs,24,,,shelf"), std::string::npos)
        << result.output;
    EXPECT_EQ(result.output.find("\nknown"), std::string::npos) << result.output;
}

}  // namespace

}  // namespace irene::tests
