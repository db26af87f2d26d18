#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/model.hpp"
#include "irene/tasks.hpp"
#include "irene/version.hpp"

#include "fitted.hpp"
#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

Config small_config() {
    Config config;
    config.feature_sets = {FeatureSet::model_specs};
    config.polynomial_features = false;
    config.num_epochs = 2;
    return config;
}

const Dataset& small_data() {
    static const Dataset data = dataset_of(small_lines(6));
    return data;
}

void expect_equal(const Model& one, const Model& other) {
    EXPECT_EQ(one.config(), other.config());
    EXPECT_EQ(one.seed(), other.seed());
    EXPECT_EQ(one.num_trees(), other.num_trees());
    EXPECT_EQ(one.num_nodes(), other.num_nodes());
    EXPECT_EQ(one.fitted().origin().features, other.fitted().origin().features);
    const models::WeightedModel &a = weighted(one), &b = weighted(other);
    ASSERT_EQ(a.leaves.size(), b.leaves.size());
    for (std::size_t i = 0; i < a.leaves.size(); ++i) {
        EXPECT_EQ(a.leaves[i].operation, b.leaves[i].operation);
        EXPECT_EQ(a.leaves[i].scaler.mean, b.leaves[i].scaler.mean);
        EXPECT_EQ(a.leaves[i].scaler.scale, b.leaves[i].scaler.scale);
        EXPECT_EQ(a.leaves[i].coefficients, b.leaves[i].coefficients);
        EXPECT_EQ(a.leaves[i].intercept, b.leaves[i].intercept);
        EXPECT_EQ(a.leaves[i].num_nodes, b.leaves[i].num_nodes);
        EXPECT_EQ(a.leaves[i].ranges, b.leaves[i].ranges);
    }
    EXPECT_EQ(a.tree.ranges, b.tree.ranges);
    EXPECT_EQ(a.tree.scaler.mean, b.tree.scaler.mean);
    EXPECT_EQ(a.tree.scaler.scale, b.tree.scaler.scale);
    EXPECT_EQ(a.tree.weights, b.tree.weights);
    EXPECT_EQ(a.tree.bias, b.tree.bias);
}

TEST(ModelFile, IsTwoDocuments) {
    const Model model = train(small_data(), small_config());
    const TemporaryDirectory directory;
    save_model(model, directory / "m");
    const ModelDocuments documents = to_documents(model);
    EXPECT_EQ(documents.config, read_file(directory / "m/config.json"));
    EXPECT_EQ(documents.model, read_file(directory / "m/model.json"));
    const Model again = from_documents(documents, "mine");
    expect_equal(model, again);
    EXPECT_EQ(again.name(), "mine");
    expect_contains(refusal(ErrorKind::data, [&] { from_documents({.config = documents.config}); }),
                    "model.json");
    expect_contains(
        refusal(ErrorKind::data, [&] { from_documents({.config = "{", .model = documents.model}); }),
        "config.json");
}

TEST(ModelFile, ReadsBackEqual) {
    std::vector<Config> configs(5, small_config());
    configs[0] = Config{};
    configs[1].standardize_features = false;
    configs[2].training_strategy = TrainingStrategy::none;
    configs[2].weighting_setting = Weighting::exact_one;
    configs[3].training_strategy = TrainingStrategy::unstructured;
    configs[3].weighting_setting = Weighting::free;
    configs[4].weighting_setting = Weighting::exact_one;
    for (const Config& config : configs) {
        SCOPED_TRACE(to_json(config));
        const TemporaryDirectory directory;
        const Model model = train(small_data(), config, {.seed = 4294967295U});
        save_model(model, directory / "made/for/it");
        expect_equal(load_model(directory / "made/for/it"), model);
    }
}

TEST(ModelFile, NumbersAtTheEdgeSurvive) {
    const Model trained = train(small_data(), small_config());
    models::WeightedModel learned = weighted(trained);
    learned.tree.weights[0] = std::numeric_limits<float>::denorm_min();
    learned.tree.weights[1] = std::numeric_limits<float>::max();
    learned.tree.weights[2] = -std::numeric_limits<float>::max();
    learned.tree.weights[3] = 0.1F;
    learned.tree.bias = -1.0F / 3.0F;
    learned.leaves[0].intercept = 5e-324;
    learned.leaves[0].coefficients[0] = 1.7976931348623157e308;
    const Model model = with(trained, learned);
    const TemporaryDirectory directory;
    save_model(model, directory.path());
    expect_equal(load_model(directory.path()), model);
}

TEST(ModelFile, SavingReplacesWhatWasThere) {
    const TemporaryDirectory directory;
    const Model first = train(small_data(), small_config(), {.seed = 1});
    const Model second = train(small_data(), small_config(), {.seed = 2});
    save_model(first, directory.path());
    save_model(second, directory.path());
    expect_equal(load_model(directory.path()), second);
}

TEST(ModelFile, NumbersThatAreNotFiniteAreNotSaved) {
    const Model good = train(small_data(), small_config());
    const TemporaryDirectory directory;
    save_model(good, directory.path());
    const std::string before = read_file(directory / "model.json");
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    std::vector<models::WeightedModel> bad(5, weighted(good));
    bad[0].tree.weights[2] = std::numeric_limits<float>::quiet_NaN();
    bad[1].tree.bias = -std::numeric_limits<float>::infinity();
    bad[2].leaves[1].coefficients[0] = nan;
    bad[3].leaves[0].intercept = infinity;
    bad[4].leaves[0].ranges[0].greatest = infinity;
    for (const models::WeightedModel& learned : bad) {
        const Model model = with(good, learned);
        expect_contains(refusal(ErrorKind::data, [&] { save_model(model, directory.path()); }), "not finite");
        EXPECT_EQ(read_file(directory / "model.json"), before);
    }
}

TEST(ModelFile, KeepsTheRangesOfFeatures) {
    const Model model = train(small_data(), small_config());
    ASSERT_EQ(weighted(model).tree.ranges.size(), 6U);
    EXPECT_EQ(weighted(model).tree.ranges[2], (models::FeatureRange{8, 16}));  // batch_size
    for (const models::LeafRegressor& regressor : weighted(model).leaves)
        EXPECT_EQ(regressor.ranges.size(), 6U);
}

TEST(ModelFile, WhatNoModelWroteIsNotReplaced) {
    const Model model = train(small_data(), small_config());
    const auto refused = [&](const std::string& file, const std::string& content) {
        const TemporaryDirectory directory;
        write_file(directory / file, content);
        const std::string what =
            refusal(ErrorKind::cannot_create, [&] { save_model(model, directory.path()); });
        EXPECT_EQ(read_file(directory / file), content);
        EXPECT_FALSE(
            std::filesystem::exists(directory / (file == "config.json" ? "model.json" : "config.json")));
        expect_contains(what, (directory / file).string() + ": belongs to no energy model");
    };
    refused("config.json", R"({"model_type": "bert", "hidden_size": 768})");
    refused("config.json", "not JSON at all");
    refused("model.json", R"({"format": "layers-model"})");
    refused("model.json", "[]");

    const auto saved = [&](const std::string& file, const std::string& content) {
        const TemporaryDirectory directory;
        write_file(directory / file, content);
        save_model(model, directory.path());
        expect_equal(load_model(directory.path()), model);
    };
    saved("config.json", "");  // holds nothing
    saved("config.json", to_json(Config{}));
    saved("model.json", R"({"version": [1, 0], "format": "irene-model"})");
    saved("notes.json", R"({"model_type": "bert"})");
}

TEST(ModelFile, OfAModelItsDirectoryIsGiven) {
    const TemporaryDirectory directory;
    save_model(train(small_data(), small_config()), directory / "m");
    write_file(directory / "data.jsonl", "");
    for (const char* file : {"m/model.json", "m/config.json"}) {
        expect_contains(refusal(ErrorKind::no_input, [&] { load_model(directory / file); }),
                        "give the directory that holds it: " + (directory / "m").string());
    }
    expect_contains(refusal(ErrorKind::no_input, [&] { load_model(directory / "data.jsonl"); }),
                    "is a file; a model is a directory");
}

TEST(ModelFile, NamesItsFeaturesSoThatASetMayGrow) {
    // As of a version whose model_specs had no mem_bytes: the model is that of its own features.
    Json json;
    const TemporaryDirectory directory;
    save_model(train(small_data(), small_config()), directory.path());
    json = Json::parse(read_file(directory / "model.json"));
    json["features"].erase(5);
    for (Json& leaf : json["leaves"]) {
        for (const char* key : {"mean", "scale", "coefficients", "least", "greatest"}) leaf[key].erase(5);
    }
    for (const char* key : {"mean", "scale", "weights", "least", "greatest"}) json["tree"][key].erase(5);
    write_file(directory / "model.json", json.dump());
    const Model older = load_model(directory.path());
    EXPECT_EQ(older.fitted().origin().features.size(), 5U);
    Predictor predictor(older);
    EXPECT_EQ(predictor.predict(small_data().trees[0]).joules.size(), kSmallRunNodes);
    save_model(older, directory.path());
    EXPECT_EQ(Json::parse(read_file(directory / "model.json"))["features"], json["features"]);
}

class BrokenModel : public testing::Test {
  protected:
    BrokenModel() {
        save_model(train(small_data(), small_config()), directory_.path());
        json_ = Json::parse(read_file(directory_ / "model.json"));
    }

    std::string refused(const std::string& model_json) {
        write_file(directory_ / "model.json", model_json);
        return refusal(ErrorKind::data, [&] { load_model(directory_.path()); });
    }
    std::string refused_with(const std::string& pointer, const Json& value) {
        Json json = json_;
        json[Json::json_pointer(pointer)] = value;
        return refused(json.dump());
    }

    const TemporaryDirectory directory_;
    Json json_;
};

TEST_F(BrokenModel, OtherMajorVersionsAreRefused) {
    for (const Json& version : std::vector<Json>{{kModelFormatMajor + 1, 0}, {0, 9}, {-1, 0}, {1.5, 0}}) {
        SCOPED_TRACE(version.dump());
        const std::string what = refused_with("/version", version);
        expect_contains(what, "model.json");
        expect_contains(what, "'version'");
    }
    for (const Json& version : std::vector<Json>{
             1, "1.0", Json::array({1}), Json::array({1, 0, 0}), nullptr, {"1", "0"}, {1, -1}}) {
        SCOPED_TRACE(version.dump());
        expect_contains(refused_with("/version", version), "'version'");
    }
}

TEST_F(BrokenModel, NewerMinorVersionsAreReadWithAWarning) {
    Json json = json_;
    json["version"] = {kModelFormatMajor, kModelFormatMinor + 7};
    json["news"] = {{"of", "that version"}};
    json["leaves"][0]["news"] = 1;
    std::vector<std::string> warnings;
    const Model before = load_model(directory_.path(), into(warnings));
    EXPECT_TRUE(warnings.empty());
    write_file(directory_ / "model.json", json.dump());
    expect_equal(load_model(directory_.path(), into(warnings)), before);
    ASSERT_EQ(warnings.size(), 1U);
    expect_contains(warnings[0], "model.json: written by a newer version");
}

TEST_F(BrokenModel, RangesAreWholeOrAbsent) {
    Json old = json_;
    old["tree"].erase("least");
    old["tree"].erase("greatest");
    write_file(directory_ / "model.json", old.dump());
    EXPECT_TRUE(weighted(load_model(directory_.path())).tree.ranges.empty());
    Json half = json_;
    half["tree"].erase("least");
    expect_contains(refused(half.dump()), "least");
    expect_contains(refused_with("/leaves/0/least", Json::array({1e9, 1e9, 1e9, 1e9, 1e9, 1e9})), "least");
    expect_contains(refused_with("/leaves/0/greatest", Json::array({1})), "greatest");
}

TEST_F(BrokenModel, TheConfigOfAnotherModelIsRefused) {
    const Model before = load_model(directory_.path());
    Config other = small_config();
    other.tanh_scalar *= 2.0;  // which changes predictions, but no list's size
    write_file(directory_ / "config.json", to_json(other));
    const std::string what = refused(json_.dump());
    expect_contains(what, "model.json");
    expect_contains(what, "field 'config': is not that of config.json beside it");
    // Spelled otherwise, it is the same config.
    write_file(directory_ / "config.json", Json::parse(to_json(small_config())).dump());
    expect_equal(load_model(directory_.path()), before);
    // Model files of version 1.0 do not have it.
    Json old = json_;
    old.erase("config");
    old["version"] = {1, 0};
    write_file(directory_ / "model.json", old.dump());
    expect_equal(load_model(directory_.path()), before);
    expect_contains(refused_with("/config", {{"tanh_scalar", "much"}}), "model.json");
    expect_contains(refused_with("/config", 1), "model.json");
}

TEST_F(BrokenModel, MissingKeysAreNamed) {
    for (const char* key :
         {"format", "version", "seed", "num_trees", "num_nodes", "features", "leaves", "tree"}) {
        SCOPED_TRACE(key);
        Json json = json_;
        json.erase(key);
        const std::string what = refused(json.dump());
        expect_contains(what, "model.json");
        expect_contains(what, std::string("field '") + key + "': is missing");
    }
    for (const char* key : {"operation", "num_nodes", "mean", "scale", "coefficients", "intercept"}) {
        SCOPED_TRACE(key);
        Json json = json_;
        json["leaves"][1].erase(key);
        expect_contains(refused(json.dump()), std::string("field 'leaves[1].") + key + "': is missing");
    }
    for (const char* key : {"mean", "scale", "weights", "bias"}) {
        SCOPED_TRACE(key);
        Json json = json_;
        json["tree"].erase(key);
        expect_contains(refused(json.dump()), std::string("field 'tree.") + key + "': is missing");
    }
}

TEST_F(BrokenModel, WrongValuesAreRefusedWithFileAndField) {
    struct Case {
        const char* pointer;
        Json value;
        const char* field;
    };
    const Json six{1, 1, 1, 1, 1, 1}, five{1, 1, 1, 1, 1}, with_text{1, 1, 1, 1, 1, "1"},
        with_null{1, 1, 1, 1, 1, nullptr}, with_zero{1, 1, 1, 1, 1, 0}, negative{1, 1, -1, 1, 1, 1},
        huge{1, 1, 1, 1, 1, 1e39};
    const std::vector<Case> cases{
        {"/format", "other", "format"},
        {"/format", 1, "format"},
        {"/seed", -1, "seed"},
        {"/seed", 4294967296, "seed"},
        {"/seed", 1.5, "seed"},
        {"/num_trees", "6", "num_trees"},
        {"/num_nodes", -1, "num_nodes"},
        {"/features", Json::array(), "features"},
        {"/features", "cpu", "features"},
        {"/features",
         {"input_size", "num_parameters", "batch_size", "seq_len", "flops", "mem_bytes"},
         "features"},
        {"/features/5", "cpu", "features"},
        {"/features/5", 1, "features"},
        {"/leaves", Json::object(), "leaves"},
        {"/leaves/0", 1, "leaves[0]"},
        {"/leaves/1/operation", 1, "leaves[1].operation"},
        {"/leaves/1/operation", "linear", "operation"},  // the third is that, too
        {"/leaves/1/mean", five, "leaves[1].mean"},
        {"/leaves/1/mean", with_text, "leaves[1].mean"},
        {"/leaves/1/mean", 1, "leaves[1].mean"},
        {"/leaves/1/scale", five, "leaves[1].scale"},
        {"/leaves/1/scale", with_zero, "leaves[1].scale"},
        {"/leaves/1/scale", negative, "leaves[1].scale"},
        {"/leaves/1/coefficients", five, "leaves[1].coefficients"},
        {"/leaves/1/coefficients", with_null, "leaves[1].coefficients"},
        {"/leaves/1/intercept", "1", "leaves[1].intercept"},
        {"/leaves/1/intercept", nullptr, "leaves[1].intercept"},
        {"/leaves/1/num_nodes", -1, "leaves[1].num_nodes"},
        {"/tree", Json::array(), "tree"},
        {"/tree/mean", five, "tree.mean"},
        {"/tree/mean", Json::array(), "tree.mean"},
        {"/tree/scale", negative, "tree.scale"},
        {"/tree/weights", five, "tree.weights"},
        {"/tree/weights", Json::array(), "tree.weights"},
        {"/tree/weights", huge, "tree.weights"},
        {"/tree/weights", with_text, "tree.weights"},
        {"/tree/bias", 1e39, "tree.bias"},
        {"/tree/bias", -1e39, "tree.bias"},
        {"/tree/bias", true, "tree.bias"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(std::string(c.pointer) + ": " + c.value.dump());
        const std::string what = refused_with(c.pointer, c.value);
        expect_contains(what, "model.json");
        expect_contains(what, c.field);
    }
    write_file(directory_ / "model.json", [&] {
        Json json = json_;
        json["tree"]["weights"] = six;
        return json.dump();
    }());
    EXPECT_NO_THROW(load_model(directory_.path()));
}

TEST_F(BrokenModel, MalformedDocumentsAreRefused) {
    const std::string text = json_.dump();
    for (const std::string& broken :
         {std::string(), std::string("[]"), text.substr(0, text.size() / 2), text + "x",
          text + std::string(1, '\0'), "{\"format\":\"irene-model\"," + text.substr(1)}) {
        SCOPED_TRACE(broken.substr(0, 40));
        expect_contains(refused(broken), "model.json");
    }
    std::string infinite = text;
    infinite.replace(infinite.find("\"bias\":") + 7, 1, "1e400, \"b\":1");
    refused(infinite);
}

TEST_F(BrokenModel, MissingFilesAreNamed) {
    const std::filesystem::path none = directory_ / "none";
    expect_contains(refusal(ErrorKind::no_input, [&] { load_model(none); }), "none/config.json");
    std::filesystem::remove(directory_ / "model.json");
    expect_contains(refusal(ErrorKind::no_input, [&] { load_model(directory_.path()); }), "model.json");
}

TEST_F(BrokenModel, TheConfigBesideItMustFit) {
    write_file(directory_ / "config.json", "{\"num_epoch\": 3}");
    expect_contains(refusal(ErrorKind::data, [&] { load_model(directory_.path()); }), "config.json");
    // In a model file of version 1.0, which does not say what its config is.
    json_.erase("config");
    write_file(directory_ / "model.json", json_.dump());
    write_file(directory_ / "config.json", "{}");  // both feature sets
    expect_contains(refusal(ErrorKind::data, [&] { load_model(directory_.path()); }), "'features'");
    Config other = small_config();
    other.polynomial_features = true;
    write_file(directory_ / "config.json", to_json(other));
    expect_contains(refusal(ErrorKind::data, [&] { load_model(directory_.path()); }), "tree.weights");
    other = small_config();
    other.standardize_features = false;
    write_file(directory_ / "config.json", to_json(other));
    expect_contains(refusal(ErrorKind::data, [&] { load_model(directory_.path()); }), "tree.mean");
}

}  // namespace
}  // namespace irene::tests
