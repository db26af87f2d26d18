// irene-calibrate, and the road from a table of measured runs to a calibrated model.
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "process.hpp"
#include "small_data.hpp"
#include "table.hpp"
#include "temporary_directory.hpp"
#include "trained.hpp"

namespace irene::tests {

namespace {

/// The trees with the energy of their root alone, `factor` times as much.
std::string roots_alone(double factor) {
    return with_all([factor](Json& tree) {
        const std::function<void(Json&)> forget = [&](Json& node) {
            node.erase("ground_truth_energy");
            for (Json& child : node["child_nodes_obj"]) forget(child);
        };
        const double joules = root_of(tree)["ground_truth_energy"].get<double>();
        forget(root_of(tree));
        root_of(tree)["ground_truth_energy"] = factor * joules;
    });
}

const Fixtures& calibrate_fixtures() {
    static const Fixtures fixtures = [] {
        Fixtures all = common_fixtures();
        all["specs.json"].content = R"({"training_strategy": "additive", "feature_sets": ["model_specs"]})";
        add_made_by("irene-train -q --config {specs.json} {data.jsonl} known", all);
        all["other.jsonl"].content = roots_alone(3.0);
        all["unmeasured.jsonl"].content = with_all([](Json& tree) {
            const std::function<void(Json&)> forget = [&](Json& node) {
                node.erase("ground_truth_energy");
                for (Json& child : node["child_nodes_obj"]) forget(child);
            };
            forget(root_of(tree));
        });
        all["zero.jsonl"].content = with_all([](Json& tree) { root_of(tree)["ground_truth_energy"] = 0.0; });
        all["gpt2.json"].content = R"({"model_type": "gpt2", "n_layer": 1, "n_embd": 24, "n_head": 2})";
        all["runs.csv"].content = "config,batch_size,seq_len,joules\ngpt2.json,2,16,1.5\n";
        add_made_by("irene-extract -q --runs {runs.csv} -o kernels.jsonl", all);
        return all;
    }();
    return fixtures;
}

std::vector<Case> calibrate_cases() {
    const auto refuse = [](const std::string& name, const std::string& command, int code,
                           const std::vector<std::string>& errors) {
        return refusal_of("calibrate_" + name, command, code, errors);
    };
    return {
        {.name = "calibrate_roots",
         .command = "irene-calibrate {known} {other.jsonl} mine",
         .errors = {"info: calibrated to ", "the model is in mine"},
         .lines = 2,  // the other says that these counts contradict each other
         .creates = {"mine/config.json", "mine/model.json"},
         .files = {{"mine/model.json", {"\"calibrations\""}}}},
        {.name = "calibrate_standard_input",
         .command = "irene-calibrate -q {known} - mine < {other.jsonl}",
         .shell = true,
         .creates = {"mine/config.json", "mine/model.json"}},
        {.name = "calibrate_train_on_roots",
         .command = "irene-train -q --config {specs.json} {other.jsonl} mine",
         .creates = {"mine/config.json", "mine/model.json"}},
        refuse("paper_s_strategy", "irene-calibrate {model} {other.jsonl} mine", 64,
               {"strategy 'end2end'", "train one of strategy 'additive'"}),
        refuse("nothing_measured", "irene-calibrate {known} {unmeasured.jsonl} mine", 65,
               {"unmeasured.jsonl:1", "'root'", "'ground_truth_energy'", "as in all nodes"}),
        refuse("zero", "irene-calibrate {known} {zero.jsonl} mine", 65, {"zero.jsonl:1", "above 0 J"}),
        refuse("kernels", "irene-calibrate {known} {kernels.jsonl} mine", 65,
               {"kernels.jsonl:1", "'kernels'", "'paper'", "--counting paper"}),
        refuse("no_tree", "irene-calibrate {known} /dev/null mine", 65, {"/dev/null", "holds no tree"}),
        refuse("absent", "irene-calibrate ./nowhere {other.jsonl} mine", 66, {"nowhere/config.json"}),
        refuse("onto_itself", "irene-calibrate {known} {other.jsonl} {known}", 64, {"known/config.json"}),
        refuse("two_arguments", "irene-calibrate {known} {other.jsonl}", 64, {"outdir is required"}),
        refuse("paper_trained_on_roots", "irene-train {other.jsonl} mine", 65,
               {"other.jsonl:1", "'ground_truth_energy'", "every node", "'additive'"}),
    };
}

INSTANTIATE_TEST_SUITE_P(Calibrate, Table,
                         testing::ValuesIn(with_fixtures(calibrate_fixtures, calibrate_cases())),
                         name_of_case);

TEST(CalibrateResults, ADeviceThatCostsThriceAsMuchIsPredictedAndExplained) {
    const TemporaryDirectory directory;
    write_file(directory / "data.jsonl", to_jsonl(make_trees()));
    write_file(directory / "other.jsonl", roots_alone(3.0));
    write_file(directory / "specs.json",
               R"({"training_strategy": "additive", "feature_sets": ["model_specs"]})");
    succeed(directory, "irene-train -q --config specs.json data.jsonl known");
    succeed(directory, "irene-calibrate -q known other.jsonl mine");
    const std::string text = succeed(directory, "irene-explain mine").output;
    EXPECT_NE(text.find("Calibrated to another device by "), std::string::npos) << text;
    EXPECT_NE(text.find("all prices x 3"), std::string::npos) << text;
    succeed(directory, "irene-predict -q data.jsonl before.jsonl known");
    succeed(directory, "irene-predict -q data.jsonl after.jsonl mine");
    const auto joules = [&](const std::string& file) {
        const Json rows = Json::parse(succeed(directory, "irene-summarize --json " + file).output);
        double sum = 0.0;
        for (const Json& row : rows) sum += row["J/tree"].get<double>();
        return sum;
    };
    EXPECT_NEAR(joules("after.jsonl") / joules("before.jsonl"), 3.0, 0.1);
}

TEST(CalibrateResults, ATableOfRunsGoesThroughAPipe) {
    const TemporaryDirectory directory;
    write_file(directory / "gpt2.json", R"({"model_type": "gpt2", "n_layer": 2, "n_embd": 48, "n_head": 2})");
    // The known device's runs are a table too: training reads whole runs.
    write_file(directory / "known.csv",
               "config,batch_size,seq_len,joules\ngpt2.json,1,16,1\ngpt2.json,2,16,1.5\ngpt2.json,4,64,7\n");
    write_file(directory / "mine.csv",
               "config,batch_size,seq_len,joules\ngpt2.json,2,16,15\ngpt2.json,2,16,15.5\n");
    write_file(directory / "specs.json",
               R"({"training_strategy": "additive", "feature_sets": ["model_specs"]})");
    const std::string extract = "irene-extract -q --counting paper --runs ";
    succeed(directory, extract + "known.csv -o known.jsonl");
    succeed(directory, "irene-train -q --config specs.json known.jsonl known");
    succeed(directory, extract + "mine.csv -o mine.jsonl");
    succeed(directory, "irene-calibrate -q known mine.jsonl mine");
    succeed(directory, "irene-predict -q mine.jsonl predictions.jsonl mine");
    const Json errors =
        Json::parse(succeed(directory, "irene-evaluate --json mine.jsonl predictions.jsonl").output);
    EXPECT_TRUE(errors["ml"].is_null());
    EXPECT_LT(errors["model"].get<double>(), 3.0);
}

}  // namespace

}  // namespace irene::tests
