// What a predictions file tells beside energies: who predicted, and which nodes rest on more than training
// saw.
#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "irene/tasks.hpp"
#include "irene/version.hpp"

#include "base/files.hpp"
#include "data/lines.hpp"
#include "models/predicted_line.hpp"
#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

const std::string kMarkedSample = std::string(IRENE_SOURCE_DIRECTORY) + "/datasets/simulated.jsonl";

Model one_epoch_model() {
    Config config;
    config.num_epochs = 1;
    return train(dataset_of(small_lines(6)), config);
}

Model additive_model() {
    return train(read_dataset(kMarkedSample),
                 load_config(std::string(IRENE_SOURCE_DIRECTORY) + "/configs/additive_specs.json"));
}

std::vector<const Json*> all_nodes_of(const Json& node) {
    std::vector<const Json*> nodes{&node};
    for (const Json& child : node["child_nodes_obj"]) {
        const std::vector<const Json*> below = all_nodes_of(child);
        nodes.insert(nodes.end(), below.begin(), below.end());
    }
    return nodes;
}

/// The sample's first run, as written or changed.
Json first_sample_run() {
    const std::string all = read_file(kMarkedSample);
    return Json::parse(all.substr(0, all.find('\n')));
}

/// The lines, whatever the order of keys.
std::vector<nlohmann::json> values(const std::string& lines) {
    std::vector<nlohmann::json> parsed;
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) parsed.push_back(nlohmann::json::parse(line));
    return parsed;
}

class PredictedMarks : public testing::Test {
  protected:
    std::string predicted(const Model& model, const std::string& content,
                          const PredictOptions& options = {}) {
        write_file(directory_ / "in", content);
        (void)predict_file(model, directory_ / "in", directory_ / "out", options);
        return read_file(directory_ / "out");
    }

    const TemporaryDirectory directory_;
};

TEST_F(PredictedMarks, SayWhoPredictedAndHow) {
    const Model trained = one_epoch_model();
    save_model(trained, directory_ / "my model");
    const Json expected{{"model", "my model"},
                        {"training_strategy", "end2end"},
                        {"feature_sets", {"model_specs", "resource_utilization"}},
                        {"irene_version", version()},
                        {"outside_training", 0},
                        {"unseen_operations", 0}};
    for (const std::string spelling : {"my model", "my model/", "./my model/."}) {
        const Model model = load_model(directory_ / spelling);
        EXPECT_EQ(model.name(), "my model") << spelling;
        EXPECT_EQ(Json::parse(predicted(model, small_line("t")))["prediction"], expected);
        EXPECT_EQ(Json::parse(Predictor(model).predict_line(small_line("t")))["prediction"], expected);
    }
    // A model that was never in a directory has no name. Neither are there intervals that nobody asked for.
    EXPECT_EQ(trained.name(), "");
    Json without = expected;
    without.erase("model");
    EXPECT_EQ(Json::parse(predicted(trained, small_line("t")))["prediction"], without);
    const Json additive =
        Json::parse(predicted(additive_model(), first_sample_run().dump(), {.interval = 0.75}))["prediction"];
    EXPECT_EQ(additive["training_strategy"], "additive");
    EXPECT_EQ(additive["interval"], 0.75);
}

TEST_F(PredictedMarks, NameTheQuantitiesOfEachNodeOutsideTraining) {
    // Both leaves have the same row of features, which the predictor looks at once.
    Json run = small_run("t");
    Json& embeddings = run["frontend_tree"]["child_nodes_obj"][0];
    for (Json& leaf : embeddings["child_nodes_obj"]) {
        leaf["instance_type"] = "Linear";
        for (const char* key : kNodeFeatures) leaf[key] = 2.0;
        leaf["flops"] = 1e3;
        leaf["gpu_clk"] = 1e-3;
    }
    embeddings["cpu"] = 1e4;
    const Json out = Json::parse(predicted(one_epoch_model(), run.dump()));
    const Json& marked = out["frontend_tree"]["child_nodes_obj"][0];
    EXPECT_EQ(marked["outside_training"], Json({"cpu"}));
    for (const Json& leaf : marked["child_nodes_obj"]) {
        const auto quantities = leaf.value("outside_training", std::vector<std::string>());
        for (const char* name : {"flops", "gpu_clk"}) {
            EXPECT_NE(std::find(quantities.begin(), quantities.end(), name), quantities.end()) << leaf;
        }
    }
    const auto nodes = all_nodes_of(out["frontend_tree"]);
    EXPECT_EQ(out["prediction"]["outside_training"],
              std::count_if(nodes.begin(), nodes.end(),
                            [](const Json* node) { return node->contains("outside_training"); }));
    EXPECT_EQ(out["prediction"]["unseen_operations"], 0);
    // In node order, as the library gives them.
    const Prediction prediction = Predictor(one_epoch_model()).predict(parse_tree(run.dump()));
    ASSERT_GE(prediction.extrapolations.size(), 3U);
    for (std::size_t i = 0; i < prediction.extrapolations.size(); ++i) {
        const Extrapolation& found = prediction.extrapolations[i];
        EXPECT_LT(i > 0 ? prediction.extrapolations[i - 1].node : 0, found.node);
        EXPECT_EQ(nodes[found.node]->at("outside_training"),
                  Json(std::vector<std::string>(found.quantities.begin(), found.quantities.end())));
    }
}

TEST_F(PredictedMarks, TellOperationsThatTrainingDidNotSee) {
    const Model model = additive_model();
    Json run = first_sample_run();
    Predictor predictor(model);
    EXPECT_TRUE(predictor.predict(parse_tree(run.dump())).extrapolations.empty());
    std::size_t num_changed = 0;
    const auto change = [&num_changed](Json& node, const auto& next) -> void {
        if (node["instance_type"] == "LayerNorm") {
            node["instance_type"] = "Norm7";
            ++num_changed;
        }
        for (Json& child : node["child_nodes_obj"]) next(child, next);
    };
    change(run["frontend_tree"], change);
    const Json out = Json::parse(predicted(model, run.dump()));
    ASSERT_GT(num_changed, 1U);
    EXPECT_EQ(out["prediction"]["unseen_operations"], num_changed);
    for (const Json* node : all_nodes_of(out["frontend_tree"])) {
        EXPECT_EQ(node->contains("unseen_operation"), (*node)["instance_type"] == "Norm7");
        EXPECT_EQ(node->value("unseen_operation", false), (*node)["instance_type"] == "Norm7");
    }
    // The last tree's are gone with the next.
    EXPECT_EQ(predictor.predict(parse_tree(run.dump())).extrapolations.size(), num_changed);
    EXPECT_TRUE(predictor.predict(parse_tree(first_sample_run().dump())).extrapolations.empty());
}

TEST_F(PredictedMarks, OfAnEarlierPredictionNothingStays) {
    const Model additive = additive_model(), weighted = one_epoch_model();
    const std::string input = join_lines(small_lines(9)), plain = predicted(additive, input, {.plain = true});
    EXPECT_EQ(plain.find("prediction\""), std::string::npos);
    const std::string by_weighted = predicted(weighted, input);
    const std::string by_additive = predicted(additive, input, {.interval = 0.5});
    EXPECT_NE(by_additive.find("outside_training\": ["), std::string::npos);
    // The same again, and plain ones whatever stood there before.
    EXPECT_EQ(predicted(additive, by_additive, {.interval = 0.5}), by_additive);
    EXPECT_EQ(predicted(weighted, by_weighted), by_weighted);
    for (const std::string& before : {by_weighted, by_additive, plain})
        EXPECT_EQ(predicted(additive, before, {.plain = true}), plain);
    // The other model's: keys that both have stay where they are, others may follow them.
    EXPECT_EQ(values(predicted(additive, by_weighted, {.interval = 0.5})), values(by_additive));
    EXPECT_EQ(values(predicted(weighted, by_additive)), values(by_weighted));
    EXPECT_EQ(Predictor(weighted).predict_line(by_weighted.substr(0, by_weighted.find('\n'))) + "\n",
              by_weighted.substr(0, by_weighted.find('\n') + 1));
    expect_contains(refusal(ErrorKind::usage,
                            [&] { (void)predicted(additive, input, {.interval = 0.5, .plain = true}); }),
                    "plain predictions are predicted_energy alone");
}

TEST_F(PredictedMarks, ReasonsAndExtrapolationsMeetAtTheirNodes) {
    Prediction prediction{
        .joules = std::vector<double>(kSmallRunNodes, 1.0),
        .low = std::vector<double>(kSmallRunNodes, 0.5),
        .high = std::vector<double>(kSmallRunNodes, 2.0),
        .no_interval = std::vector<std::string>(kSmallRunNodes),
        .extrapolations = {{.node = 2, .quantities = {"rows"}},
                           {.node = 4, .quantities = {"rows", "flops"}, .unseen_operation = true},
                           {.node = 5, .unseen_operation = true}}};
    for (const std::size_t node : {0U, 4U, 7U}) {
        prediction.low[node] = prediction.high[node] = absent();
        prediction.no_interval[node] = "reason " + std::to_string(node);
    }
    const std::string line = small_line("t");
    const Dataset data = dataset_of({line});
    models::PredictedLines lines(one_epoch_model(), 0.9);
    std::string out;
    lines.append(data::line_of(data, data.trees[0]).text, data::line_of(data, data.trees[0]).places,
                 prediction, out);
    const Json written = Json::parse(out);
    EXPECT_EQ(written["prediction"]["outside_training"], 2);
    EXPECT_EQ(written["prediction"]["unseen_operations"], 2);
    EXPECT_EQ(written["prediction"]["interval"], 0.9);
    const auto nodes = all_nodes_of(written["frontend_tree"]);
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        const Json& one = *nodes[node];
        const std::string& reason = prediction.no_interval[node];
        EXPECT_EQ(one.value("no_interval", ""), reason);
        EXPECT_EQ(one.contains("predicted_energy_low"), reason.empty());
        EXPECT_EQ(one.contains("predicted_energy_high"), reason.empty());
        EXPECT_EQ(one.contains("outside_training"), node == 2 || node == 4);
        EXPECT_EQ(one.contains("unseen_operation"), node == 4 || node == 5);
    }
}

TEST_F(PredictedMarks, CrossValidationTellsThemToo) {
    const Dataset data = read_dataset(kMarkedSample, {.keep_text = true});
    Config config = load_config(std::string(IRENE_SOURCE_DIRECTORY) + "/configs/additive_specs.json");
    (void)crossvalidate(data, config, directory_.path(), {.threads = 2});
    const std::filesystem::path folder = directory_ / "crossvalidation/leave_gpt2";
    const std::string held_out = read_file(folder / "predictions.jsonl");
    EXPECT_EQ(Json::parse(held_out.substr(0, held_out.find('\n')))["prediction"]["model"], "leave_gpt2");
    // The same bytes as from the fold's model.
    EXPECT_EQ(predicted(load_model(folder), held_out), held_out);
}

}  // namespace
}  // namespace irene::tests
