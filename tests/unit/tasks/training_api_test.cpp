// Every public function that trains, predicts, evaluates or cross-validates, called with defaults and with
// the worst that a program may give: it refuses or does what it says, and never crashes.
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/tasks.hpp"

#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

namespace fs = std::filesystem;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Config quick() {
    Config config;
    config.num_epochs = 1;
    return config;
}

Config additive_specs() {
    Config config;
    config.training_strategy = TrainingStrategy::additive;
    config.feature_sets = {FeatureSet::model_specs};
    return config;
}

const Dataset& six_runs() {
    static const Dataset data = dataset_of(small_lines(6));
    return data;
}

TEST(TrainingApi, ConfigsWithValuesThatAreNoneAreRefused) {
    const auto refused = [](const char* field, const auto& change) {
        Config config = quick();
        change(config);
        const std::string what = refusal(ErrorKind::usage, [&] { config.validate(); });
        expect_contains(what, field);
        const TemporaryDirectory directory;
        refusal(ErrorKind::usage, [&] { (void)train(six_runs(), config); });
        refusal(ErrorKind::usage, [&] { (void)crossvalidate(six_runs(), config, directory / "out"); });
        EXPECT_FALSE(fs::exists(directory / "out"));
    };
    refused("training_strategy",
            [](Config& config) { config.training_strategy = static_cast<TrainingStrategy>(99); });
    refused("weighting_setting",
            [](Config& config) { config.weighting_setting = static_cast<Weighting>(99); });
    refused("feature_sets", [](Config& config) { config.feature_sets = {static_cast<FeatureSet>(99)}; });
    refused("feature_sets", [](Config& config) { config.feature_sets = {}; });
    refused("tanh_scalar", [](Config& config) { config.tanh_scalar = kNan; });
    refused("learning_rate", [](Config& config) { config.learning_rate = kNan; });
    refused("num_epochs", [](Config& config) { config.num_epochs = -1; });
    refused("feature_sets", [](Config& config) {
        config = additive_specs();
        config.feature_sets = {FeatureSet::timing};
    });
}

TEST(TrainingApi, WithDefaultsATrainedModelPredictsTreesAndLines) {
    const std::string line = small_line("new");
    const Tree tree = parse_tree(line);
    for (const Config& config : {Config{}, additive_specs()}) {
        SCOPED_TRACE(to_json(config));
        const Model model = train(six_runs(), config);
        Predictor predictor(model);
        const Prediction prediction = predictor.predict(tree);
        EXPECT_EQ(prediction.joules.size(), kSmallRunNodes);
        EXPECT_TRUE(prediction.low.empty());
        EXPECT_TRUE(prediction.high.empty());
        EXPECT_TRUE(predictor.warnings().empty());
        const Json answer = Json::parse(predictor.predict_line(line));
        EXPECT_EQ(answer["frontend_tree"]["predicted_energy"].get<double>(), prediction.joules[0]);
        EXPECT_FALSE(answer["frontend_tree"].contains("predicted_energy_low"));
        EXPECT_EQ(predictor.notices().num_nodes, 2 * kSmallRunNodes);
        EXPECT_EQ(model.num_trees(), 6U);
        EXPECT_FALSE(explain(model).empty());
        EXPECT_TRUE(Json::parse(explain_json(model)).is_object());
    }
}

TEST(TrainingApi, IntervalsHoldThePredictionInValuesAndInLines) {
    const Model model = train(six_runs(), additive_specs());
    Predictor predictor(model, 0.8);
    const Prediction prediction = predictor.predict(parse_tree(small_line("new")));
    const Json root = Json::parse(predictor.predict_line(small_line("new")))["frontend_tree"];
    ASSERT_EQ(prediction.low.size(), kSmallRunNodes);
    for (std::size_t node = 0; node < kSmallRunNodes; ++node) {
        EXPECT_LE(prediction.low[node], prediction.joules[node]);
        EXPECT_GE(prediction.high[node], prediction.joules[node]);
    }
    EXPECT_EQ(root["predicted_energy_low"].get<double>(), prediction.low[0]);
    EXPECT_EQ(root["predicted_energy_high"].get<double>(), prediction.high[0]);
    for (const double none : {0.0, 1.0, -1.0, 2.0, kNan}) {
        refusal(ErrorKind::usage, [&] { Predictor(model, none); });
        const TemporaryDirectory directory;
        refusal(ErrorKind::usage, [&] {
            (void)crossvalidate(six_runs(), additive_specs(), directory / "out", {.interval = none});
        });
        EXPECT_FALSE(fs::exists(directory / "out"));
    }
    refusal(ErrorKind::usage, [] { Predictor(train(six_runs(), quick()), 0.9); });
}

TEST(TrainingApi, LinesThatAreNoTreesAreRefused) {
    Predictor predictor(train(six_runs(), quick()));
    for (const std::string& line : {std::string(), std::string("{"), std::string("[]"), std::string(3, '\0'),
                                    std::string("{}"), small_line("t").substr(0, 100)}) {
        const std::string what =
            refusal(ErrorKind::data, [&] { (void)predictor.predict_line(line, "sent.jsonl"); });
        expect_contains(what, "sent.jsonl:1");
    }
    // It answers the next one all the same.
    EXPECT_FALSE(predictor.predict_line(small_line("t")).empty());
}

TEST(TrainingApi, CopiesOfModelsAndPredictorsStandByThemselves) {
    const Tree tree = parse_tree(small_line("t"));
    std::vector<Predictor> predictors;
    std::vector<double> joules;
    {
        Model model = train(six_runs(), quick());
        Model other = model;
        model = train(six_runs(), additive_specs());
        predictors.emplace_back(other);
        predictors.push_back(predictors[0]);
        joules = predictors[0].predict(tree).joules;
        const Model moved = std::move(other);
        EXPECT_EQ(other.num_trees(), moved.num_trees());  // NOLINT: what was moved from is a model still
    }
    EXPECT_EQ(predictors[1].predict(tree).joules, joules);
}

TEST(TrainingApi, EmptyAndOddArgumentsAreRefusedOrDoWhatTheySay) {
    const TemporaryDirectory directory;
    refusal(ErrorKind::data, [] { (void)train(Dataset{}, Config{}); });
    refusal(ErrorKind::usage, [] { (void)Model(nullptr); });
    refusal(ErrorKind::data, [&] { (void)crossvalidate(Dataset{}, Config{}, directory / "out"); });
    refusal(ErrorKind::cannot_create, [] { (void)crossvalidate(six_runs(), quick(), ""); });
    refusal(ErrorKind::no_input, [] { (void)load_model(""); });
    refusal(ErrorKind::no_input, [] { (void)load_config(""); });
    refusal(ErrorKind::cannot_create, [] { save_model(train(six_runs(), quick()), ""); });
    EXPECT_FALSE(fs::exists(directory / "out"));

    write_file(directory / "data.jsonl", join_lines(small_lines(6)));
    const Model model = train(read_dataset(directory / "data.jsonl"), quick());
    // No threads count as one.
    const PredictSummary summary =
        predict_file(model, directory / "data.jsonl", directory / "p.jsonl", {.threads = 0});
    EXPECT_EQ(summary.num_trees, 6U);
    EXPECT_EQ(evaluate_files(directory / "data.jsonl", directory / "p.jsonl", {.threads = 0}).errors.size(),
              3U);
    refusal(ErrorKind::usage, [&] {
        (void)evaluate_files(directory / "data.jsonl", directory / "p.jsonl", {.node_types = {}});
    });
    refusal(ErrorKind::usage, [&] {
        (void)evaluate_files(directory / "data.jsonl", directory / "p.jsonl",
                             {.node_types = {static_cast<NodeType>(9)}});
    });
    EXPECT_EQ(crossvalidate(read_dataset(directory / "data.jsonl"), quick(), directory / "cv", {.threads = 0})
                  .folds.size(),
              3U);
    EXPECT_EQ(round_percentage(2.675), 2.67);
    EXPECT_TRUE(std::isnan(round_percentage(kNan)));
}

}  // namespace
}  // namespace irene::tests
