#include "irene/config.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "models/weighted/model.hpp"
#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

Config parsed(const std::string& json) { return parse_config(json, "c.json"); }

std::vector<std::string> told_of(const std::string& json) {
    std::vector<std::string> warnings;
    (void)parse_config(json, "c.json", into(warnings));
    return warnings;
}

TEST(Config, DefaultsAreTheReferences) {
    const Config config = parsed("{}");
    EXPECT_EQ(config, Config{});
    EXPECT_EQ(config.feature_sets, (std::vector{FeatureSet::model_specs, FeatureSet::resource_utilization}));
    EXPECT_TRUE(config.polynomial_features);
    EXPECT_EQ(config.training_strategy, TrainingStrategy::end2end);
    EXPECT_TRUE(config.standardize_features);
    EXPECT_EQ(config.tanh_scalar, 10.0);
    EXPECT_TRUE(config.normalize_loss_scale);
    EXPECT_EQ(config.weighting_setting, Weighting::close_to_one);
    EXPECT_EQ(config.num_epochs, 8);
    EXPECT_EQ(config.learning_rate, 0.001);
}

TEST(Config, EachKeySetsItsMemberAndNoOther) {
    const auto with = [](auto change) {
        Config config;
        change(config);
        return config;
    };
    const std::vector<std::pair<std::string, Config>> cases{
        {R"({"feature_sets": ["model_specs"]})",
         with([](Config& c) { c.feature_sets = {FeatureSet::model_specs}; })},
        {R"({"polynomial_features": false})", with([](Config& c) { c.polynomial_features = false; })},
        {R"({"training_strategy": "stepwise"})",
         with([](Config& c) { c.training_strategy = TrainingStrategy::stepwise; })},
        {R"({"standardize_features": false})", with([](Config& c) { c.standardize_features = false; })},
        {R"({"tanh_scalar": 5})", with([](Config& c) { c.tanh_scalar = 5.0; })},
        {R"({"tanh_scalar": 0.25})", with([](Config& c) { c.tanh_scalar = 0.25; })},
        {R"({"normalize_loss_scale": false})", with([](Config& c) { c.normalize_loss_scale = false; })},
        {R"({"weighting_setting": "free"})", with([](Config& c) { c.weighting_setting = Weighting::free; })},
        {R"({"weighting_setting": "exact_one"})",
         with([](Config& c) { c.weighting_setting = Weighting::exact_one; })},
        {R"({"num_epochs": 0})", with([](Config& c) { c.num_epochs = 0; })},
        {R"({"num_epochs": 100000})", with([](Config& c) { c.num_epochs = 100000; })},
        {R"({"learning_rate": 1})", with([](Config& c) { c.learning_rate = 1.0; })},
        {"\xEF\xBB\xBF {\"num_epochs\": 3}\r\n", with([](Config& c) { c.num_epochs = 3; })},
    };
    for (const auto& [json, expected] : cases) {
        SCOPED_TRACE(json);
        EXPECT_EQ(parsed(json), expected);
        EXPECT_EQ(told_of(json), std::vector<std::string>());
        EXPECT_EQ(parsed(to_json(expected)), expected);
    }
}

TEST(Config, StrategiesThatImplyAWeighting) {
    struct Case {
        const char* json;
        TrainingStrategy strategy;
        Weighting weighting;
        std::size_t num_warnings;
    };
    const std::vector<Case> cases{
        {R"({"training_strategy": "unstructured"})", TrainingStrategy::unstructured, Weighting::free, 0},
        {R"({"training_strategy": "unstructured", "weighting_setting": "free"})",
         TrainingStrategy::unstructured, Weighting::free, 0},
        {R"({"training_strategy": "none"})", TrainingStrategy::none, Weighting::exact_one, 0},
        {R"({"training_strategy": "none", "weighting_setting": "exact_one"})", TrainingStrategy::none,
         Weighting::exact_one, 0},
        {R"({"training_strategy": "none", "weighting_setting": "free"})", TrainingStrategy::none,
         Weighting::free, 1},
        {R"({"training_strategy": "none", "weighting_setting": "close_to_one"})", TrainingStrategy::none,
         Weighting::close_to_one, 1},
        {R"({"weighting_setting": "exact_one"})", TrainingStrategy::end2end, Weighting::exact_one, 0},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.json);
        const Config result = parsed(c.json);
        const std::vector<std::string> warnings = told_of(c.json);
        EXPECT_EQ(result.training_strategy, c.strategy);
        EXPECT_EQ(result.weighting_setting, c.weighting);
        ASSERT_EQ(warnings.size(), c.num_warnings);
        for (const std::string& warning : warnings) {
            expect_contains(warning, "c.json");
            expect_contains(warning, "none");
        }
        const bool trains = c.strategy != TrainingStrategy::none && c.weighting != Weighting::exact_one;
        EXPECT_EQ(models::has_weights(result), trains);
        EXPECT_EQ(parsed(to_json(result)), result);
    }
}

TEST(Config, RefusesWithFileAndKey) {
    struct Case {
        std::string json;
        std::vector<std::string> parts;
    };
    const std::vector<Case> cases{
        {R"({"tanh_scaler": 5})", {"tanh_scaler", "tanh_scalar"}},
        {R"({"epochs": 5})", {"epochs", "num_epochs"}},
        {R"({"Learning_Rate": 0.1})", {"Learning_Rate", "learning_rate"}},
        {R"({"": 0.1})", {"unknown key"}},
        {"{\"" + std::string(100000, 'x') + "\": 1}", {"unknown key"}},
        {R"({"num_epochs": 3.7})", {"num_epochs", "whole number", "3.7"}},
        {R"({"num_epochs": 8.0})", {"num_epochs", "whole number"}},
        {R"({"num_epochs": true})", {"num_epochs", "true"}},
        {R"({"num_epochs": -1})", {"num_epochs", "-1"}},
        {R"({"num_epochs": "8"})", {"num_epochs", "'8'"}},
        {R"({"num_epochs": null})", {"num_epochs", "null"}},
        {R"({"num_epochs": [8]})", {"num_epochs", "a list"}},
        {R"({"num_epochs": {}})", {"num_epochs", "an object"}},
        {R"({"num_epochs": 100001})", {"num_epochs", "100001"}},
        {R"({"num_epochs": 18446744073709551615})", {"num_epochs"}},
        {R"({"num_epochs": 4294967297})", {"num_epochs"}},
        {R"({"num_epochs": -9223372036854775808})", {"num_epochs"}},
        {R"({"num_epochs": 010})", {"malformed"}},
        {R"({"tanh_scalar": 0})", {"tanh_scalar", "above 0"}},
        {R"({"tanh_scalar": -1})", {"tanh_scalar", "above 0"}},
        {R"({"tanh_scalar": 1e400})", {"out of range"}},
        {R"({"tanh_scalar": NaN})", {"malformed"}},
        {R"({"tanh_scalar": Infinity})", {"malformed"}},
        {R"({"tanh_scalar": "10"})", {"tanh_scalar", "finite number"}},
        {R"({"tanh_scalar": true})", {"tanh_scalar", "finite number"}},
        {R"({"learning_rate": 0})", {"learning_rate", "above 0"}},
        {R"({"learning_rate": 1.0001})", {"learning_rate", "at most 1"}},
        {R"({"polynomial_features": 1})", {"polynomial_features", "true or false"}},
        {R"({"polynomial_features": "true"})", {"polynomial_features", "true or false"}},
        {R"({"training_strategy": "End2End"})", {"training_strategy", "'end2end'", "'End2End'"}},
        {R"({"training_strategy": 1})", {"training_strategy", "a string"}},
        {R"({"weighting_setting": "one"})", {"weighting_setting", "'exact_one'"}},
        {R"({"training_strategy": "unstructured", "weighting_setting": "close_to_one"})",
         {"weighting_setting", "unstructured", "close_to_one"}},
        {R"({"training_strategy": "unstructured", "weighting_setting": "exact_one"})",
         {"weighting_setting", "exact_one"}},
        {R"({"feature_sets": []})", {"feature_sets", "at least one"}},
        {R"({"feature_sets": "model_specs"})", {"feature_sets", "a list"}},
        {R"({"feature_sets": ["specs"]})", {"feature_sets", "'model_specs'", "'specs'"}},
        {R"({"feature_sets": [1]})", {"feature_sets"}},
        {R"({"feature_sets": ["model_specs", "model_specs"]})", {"feature_sets", "twice"}},
        {R"({"num_epochs": 1, "num_epochs": 1})", {"num_epochs", "twice"}},
        {R"({"num_epochs": 1, "num\u005fepochs": 1})", {"num_epochs", "twice"}},
        {R"({"num_epochs": 1} x)", {"malformed"}},
        {R"({"num_epochs": 1}{})", {"malformed"}},
        {R"({"num_epochs": 1,})", {"malformed"}},
        {R"({"num_epochs": 1 /* one */})", {"malformed"}},
        {R"({'num_epochs': 1})", {"malformed"}},
        {std::string("{\"num_epochs\": 1}\0", 18), {"NUL"}},
        {std::string("{}\0{\"num_epochs\": 1}", 20), {"NUL"}},
        {"{\"a\": \"\xFF\"}", {"malformed"}},
        {R"({"a": "\ud800"})", {"malformed"}},
        {"", {"is empty"}},
        {"  \n", {"is empty"}},
        {R"({"model_type": "bert", "hidden_size": 8})", {"a transformer's config", "irene-extract"}},
        {R"({"model_type": "bert", "device": "cuda"})", {"a transformer's config", "irene-extract"}},
        {R"({"architectures": ["BertModel"]})", {"a transformer's config", "configs/default.json"}},
        {"[]", {"an object"}},
        {"null", {"an object"}},
        {"8", {"an object"}},
        {R"({"num_epochs")", {"malformed"}},
        {std::string(100000, '['), {"nested deeper"}},
        {"{\"num_epochs\": " + std::string(256, '[') + std::string(256, ']') + "}", {"nested deeper"}},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.json.substr(0, 100));
        const std::string what = refusal(ErrorKind::usage, [&] { parsed(c.json); });
        expect_contains(what, "c.json");
        EXPECT_LT(what.size(), 600U);
        for (const std::string& part : c.parts) expect_contains(what, part);
    }
}

TEST(Config, ValidateRefusesWhatParsingCannotSee) {
    const std::vector<std::pair<const char*, Config>> cases{
        {"num_epochs", {.num_epochs = -1}},
        {"num_epochs", {.num_epochs = 100001}},
        {"tanh_scalar", {.tanh_scalar = 0.0}},
        {"tanh_scalar", {.tanh_scalar = absent()}},
        {"learning_rate", {.learning_rate = absent()}},
        {"feature_sets", {.feature_sets = {}}},
        {"weighting_setting", {.training_strategy = TrainingStrategy::unstructured}},
    };
    for (const auto& [key, config] : cases) {
        SCOPED_TRACE(key);
        expect_contains(refusal(ErrorKind::usage, [&config = config] { config.validate(); }), key);
    }
    EXPECT_NO_THROW(Config{}.validate());
}

TEST(Config, NumbersSurviveTheRoundTrip) {
    for (const double value : {0.1, 1.0 / 3.0, 5e-324, 1e-7, 0.001, 1.0}) {
        Config config;
        config.learning_rate = value;
        config.tanh_scalar = 1.0 / value < 1e308 ? 1.0 / value : 1e308;
        EXPECT_EQ(parsed(to_json(config)), config) << value;
    }
}

TEST(Config, CutOffAnywhereIsRefused) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs")) {
        if (entry.path().extension() != ".json") continue;
        const std::string text = read_file(entry.path());
        const std::size_t end = text.find_last_not_of(" \n") + 1;
        for (std::size_t size = 0; size < end; ++size) {
            SCOPED_TRACE(testing::Message() << entry.path() << " cut after " << size << " bytes");
            expect_contains(refusal(ErrorKind::usage, [&] { parsed(text.substr(0, size)); }), "c.json");
            if (HasFailure()) return;
        }
        EXPECT_EQ(parsed(text.substr(0, end)), parsed(text));
    }
}

TEST(Config, ShippedConfigsAreValid) {
    std::size_t count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs")) {
        if (entry.path().extension() != ".json") continue;
        SCOPED_TRACE(entry.path());
        std::vector<std::string> warnings;
        (void)load_config(entry.path(), nullptr, into(warnings));
        EXPECT_TRUE(warnings.empty());
        ++count;
    }
    EXPECT_GE(count, 2U);
}

TEST(Config, FilesThatCannotBeRead) {
    const TemporaryDirectory directory;
    expect_contains(refusal(ErrorKind::no_input, [&] { load_config(directory / "none.json"); }), "none.json");
    expect_contains(refusal(ErrorKind::no_input, [&] { load_config(directory.path()); }), "cannot be read");
    write_file(directory / "bad.json", "{");
    expect_contains(refusal(ErrorKind::usage, [&] { load_config(directory / "bad.json"); }), "bad.json");
}

TEST(Config, EnumsHaveNames) {
    EXPECT_EQ(name(TrainingStrategy::end2end), "end2end");
    EXPECT_EQ(name(TrainingStrategy::stepwise), "stepwise");
    EXPECT_EQ(name(TrainingStrategy::unstructured), "unstructured");
    EXPECT_EQ(name(TrainingStrategy::none), "none");
    EXPECT_EQ(name(Weighting::close_to_one), "close_to_one");
    EXPECT_EQ(name(Weighting::free), "free");
    EXPECT_EQ(name(Weighting::exact_one), "exact_one");
}

}  // namespace
}  // namespace irene::tests
