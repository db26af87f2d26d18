// Strategy `additive` through train, predict, cross-validate and explain, on the simulated sample.
#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "irene/config.hpp"
#include "irene/dataset.hpp"
#include "irene/tasks.hpp"

#include "fitted.hpp"
#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

const std::string kSample = std::string(IRENE_SOURCE_DIRECTORY) + "/datasets/simulated.jsonl";

Config preset(const std::string& name) {
    return load_config(std::string(IRENE_SOURCE_DIRECTORY) + "/configs/" + name + ".json");
}

class Additive : public testing::TestWithParam<const char*> {};

TEST_P(Additive, AModelReadBackPredictsTheSameBits) {
    const Dataset data = read_dataset(kSample);
    const Model model = train(data, preset(GetParam()));
    const TemporaryDirectory directory;
    save_model(model, directory.path());
    const Model loaded = load_model(directory.path());
    EXPECT_EQ(loaded.config(), model.config());
    Predictor first(model), second(loaded);
    for (const Tree& tree : data.trees) {
        const std::vector<double> joules = first.predict(tree).joules;
        EXPECT_EQ(joules, second.predict(tree).joules);
        for (std::size_t node = 0; node < joules.size(); ++node) EXPECT_GT(joules[node], 0.0);
    }
}

TEST_P(Additive, CrossvalidationBeatsItsBaselinesAndCoversTheHeldOut) {
    const Dataset data = read_dataset(kSample, {.keep_text = true});
    const TemporaryDirectory directory;
    const CrossvalidationReport report =
        crossvalidate(data, preset(GetParam()), directory.path(), {.threads = 2});
    for (std::size_t type = 1; type < kNumNodeTypes; ++type) {
        for (const Baseline& baseline : report.baselines) {
            EXPECT_LT(*report.overall.percentage_error[type], *baseline.percentage_error[type])
                << baseline.rule;
        }
        ASSERT_TRUE(report.overall.coverage[type].has_value());
        EXPECT_GT(*report.overall.coverage[type], 50.0);
    }
}

INSTANTIATE_TEST_SUITE_P(Presets, Additive, testing::Values("additive", "additive_timing", "additive_specs"));

TEST(AdditiveBaselines, AreThoseThatTheFeaturesAllow) {
    const Dataset data = read_dataset(kSample, {.keep_text = true});
    const TemporaryDirectory directory;
    const auto rules = [&](const char* name) {
        std::vector<std::string> found;
        for (const Baseline& baseline : crossvalidate(data, preset(name), directory.path()).baselines) {
            found.push_back(baseline.rule);
        }
        return found;
    };
    EXPECT_EQ(rules("additive_specs"), (std::vector<std::string>{"sum of children", "scale x flops"}));
    EXPECT_EQ(rules("additive_timing"),
              (std::vector<std::string>{"sum of children", "scale x flops", "scale x times_mean"}));
    EXPECT_EQ(rules("default"), (std::vector<std::string>{"sum of children", "scale x flops",
                                                          "scale x times_mean", "scale x gpu_energy_mean"}));
}

TEST(AdditivePredictions, IntervalsHoldThePredictionAndGrowWithTheirProbability) {
    const Model model = train(read_dataset(kSample), preset("additive_specs"));
    const TemporaryDirectory directory;
    const auto root = [&](double probability) {
        const PredictSummary summary =
            predict_file(model, kSample, directory / "p.jsonl", {.interval = probability});
        EXPECT_EQ(summary.notices.num_out_of_range, 0U);
        const std::string text = read_file(directory / "p.jsonl");
        return nlohmann::json::parse(text.substr(0, text.find('\n')))["frontend_tree"];
    };
    const auto narrow = root(0.5), wide = root(0.95);
    const double energy = narrow["predicted_energy"];
    EXPECT_EQ(energy, wide["predicted_energy"].get<double>());
    EXPECT_LT(wide["predicted_energy_low"].get<double>(), narrow["predicted_energy_low"].get<double>());
    EXPECT_LT(narrow["predicted_energy_low"].get<double>(), energy);
    EXPECT_GT(narrow["predicted_energy_high"].get<double>(), energy);
    EXPECT_GT(wide["predicted_energy_high"].get<double>(), narrow["predicted_energy_high"].get<double>());
}

TEST(AdditivePredictions, AProbabilityBeyondTheHeldOutErrorsIsToldAndHasNoInterval) {
    const Model trained = train(read_dataset(kSample), preset("additive_specs"));
    const TemporaryDirectory directory;
    const auto warnings = [&](const Model& model, double probability) {
        std::vector<std::string> told;
        predict_file(model, kSample, directory / "p.jsonl", {.interval = probability, .warn = into(told)});
        EXPECT_EQ(Predictor(model, probability).warnings(), told);
        const std::string text = read_file(directory / "p.jsonl");
        EXPECT_EQ(text.find("predicted_energy_low") == std::string::npos, !told.empty());
        return told;
    };
    // Six models: five degrees of freedom, of which 3 holds 0.9699.
    EXPECT_TRUE(warnings(trained, 0.96).empty());
    ASSERT_EQ(warnings(trained, 0.97).size(), 1U);
    EXPECT_EQ(
        warnings(trained, 0.97)[0],
        "the errors of 6 held-out models support intervals of probability 0.96 at most: none is written");
    const auto of_models = [&](std::size_t number) {
        models::AdditiveModel learned = additive(trained);
        learned.intervals.num_models = number;
        return with(trained, learned);
    };
    EXPECT_TRUE(warnings(of_models(3), 0.9).empty());
    EXPECT_EQ(warnings(of_models(2), 0.9).size(), 1U);
    EXPECT_TRUE(warnings(of_models(2), 0.7).empty());
    for (const std::size_t number : {0U, 1U}) {
        const std::string what = refusal(ErrorKind::usage, [&] { warnings(of_models(number), 0.9); });
        EXPECT_NE(what.find("trained on one model_name"), std::string::npos);
    }
    models::AdditiveModel old = additive(trained);
    old.has_old_intervals = true;
    const std::string what = refusal(ErrorKind::usage, [&] { warnings(with(trained, old), 0.9); });
    EXPECT_NE(what.find("train it again"), std::string::npos);
}

TEST(AdditivePredictions, OtherStrategiesHaveNoIntervals) {
    const Model model = train(read_dataset(kSample), Config{.num_epochs = 1});
    const TemporaryDirectory directory;
    refusal(ErrorKind::usage,
            [&] { predict_file(model, kSample, directory / "p.jsonl", {.interval = 0.9}); });
    EXPECT_FALSE(std::filesystem::exists(directory / "p.jsonl"));
}

TEST(AdditiveConfig, RefusesWhatDoesNotApply) {
    for (const char* key : {"polynomial_features", "standardize_features", "normalize_loss_scale"}) {
        const std::string what = refusal(ErrorKind::usage, [&] {
            parse_config("{\"training_strategy\": \"additive\", \"" + std::string(key) + "\": true}",
                         "c.json");
        });
        EXPECT_NE(what.find(key), std::string::npos) << what;
    }
    refusal(ErrorKind::usage, [] {
        parse_config(R"({"training_strategy": "additive", "feature_sets": ["timing"]})", "c.json");
    });
    EXPECT_EQ(parse_config(to_json(preset("additive_timing")), "c.json"), preset("additive_timing"));
}

TEST(Explain, NamesOperationsClassesAndUnits) {
    const Dataset data = read_dataset(kSample);
    const std::string text = explain(train(data, preset("additive_specs")));
    for (const char* part : {"J/GFLOP", "J/GiB", "J/launch", "layernorm", "bertlayer", "seq_len 32 to 128"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part;
    }
    for (const char* name : {"default", "additive", "additive_timing", "additive_specs"}) {
        const Model model = train(data, preset(name));
        const auto json = nlohmann::json::parse(explain_json(model));
        EXPECT_EQ(json["num_trees"], data.trees.size()) << name;
        EXPECT_TRUE(json["operations"].is_object()) << name;
        EXPECT_FALSE(explain(model).empty());
    }
}

}  // namespace
}  // namespace irene::tests
