#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "additive_trees.hpp"
#include "fitted.hpp"
#include "models/additive/file.hpp"
#include "refusal.hpp"

namespace irene::tests {
namespace {

using models::read_additive_model;
using models::to_json;

models::AdditiveModel trained(models::AdditiveLevel level) {
    static const Dataset data = made_up_runs();
    models::AdditiveModel model = fit_additive(data, every_tree(data), level);
    model.intervals = learn_intervals(data, every_tree(data), level);
    return model;
}

models::AdditiveModel read(const base::Json& json) {
    return read_additive_model(json, {.file = "model.json", .field = "additive"});
}

TEST(AdditiveFile, ModelsReadBackEqual) {
    static const Dataset data = made_up_runs();
    for (const models::AdditiveLevel level : kLevels) {
        SCOPED_TRACE(name(level));
        const models::AdditiveModel model = trained(level);
        const std::string text = base::to_text(to_json(model));
        const models::AdditiveModel back = read(base::parse_document(text, ErrorKind::data, "model.json"));
        EXPECT_EQ(base::to_text(to_json(back)), text);
        ASSERT_EQ(back.leaves.size(), model.leaves.size());
        for (std::size_t i = 0; i < model.leaves.size(); ++i) {
            EXPECT_EQ(back.leaves[i].knots, model.leaves[i].knots);
            EXPECT_EQ(back.leaves[i].coefficients, model.leaves[i].coefficients);
        }
        EXPECT_FALSE(back.has_old_intervals);
        for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
            EXPECT_EQ(back.intervals.spread[type].within, model.intervals.spread[type].within);
            EXPECT_EQ(back.intervals.spread[type].growth, model.intervals.spread[type].growth);
        }
        EXPECT_EQ(back.intervals.support.runs[1].counts.greatest,
                  model.intervals.support.runs[1].counts.greatest);
        EXPECT_EQ(back.intervals.support.dense_names, model.intervals.support.dense_names);
        EXPECT_EQ(back.training_error, model.training_error);
        EXPECT_EQ(back.inner_range.values, model.inner_range.values);
        AdditivePredictor one(model), other(back);
        for (const Tree& tree : data.trees) EXPECT_EQ(one.predict(tree, "x"), other.predict(tree, "x"));
    }
}

TEST(AdditiveFile, IntervalsOfEarlierVersionsAreNotKept) {
    base::Json json = to_json(trained(models::AdditiveLevel::specs));
    json.erase("held_out");
    const models::AdditiveModel model = read(json);
    EXPECT_TRUE(model.has_old_intervals);
    EXPECT_EQ(model.intervals.num_models, 0U);
    EXPECT_FALSE(to_json(model).contains("held_out"));
}

TEST(AdditiveFile, WhatCameLaterIsWhatFilesWithoutItSay) {
    base::Json json = to_json(trained(models::AdditiveLevel::specs));
    base::Json& held_out = json["held_out"];
    held_out["training"]["runs"].erase("dtype");
    held_out["training"]["runs"].erase("gpus");
    held_out["model"]["growth"].erase("gpus");
    const models::Intervals intervals = read(json).intervals;
    EXPECT_EQ(intervals.support.runs[static_cast<std::size_t>(RunKey::dtype)].words,
              std::set<std::string>{"float32"});
    EXPECT_EQ(intervals.support.runs[static_cast<std::size_t>(RunKey::gpus)].counts.greatest, 1.0);
    const auto gpus = static_cast<std::size_t>(models::Direction::gpus);
    EXPECT_EQ(intervals.spread[static_cast<std::size_t>(NodeType::model)].growth[gpus],
              models::row(models::Direction::gpus).usual_growth);
}

TEST(AdditiveFile, UnknownKeysArePassedOver) {
    base::Json json = to_json(trained(models::AdditiveLevel::specs));
    json["news"] = 1;
    json["leaves"][0]["news"] = "of a later version";
    EXPECT_NO_THROW(read(json));
}

TEST(AdditiveFile, MissingKeysAreNamed) {
    const base::Json json = to_json(trained(models::AdditiveLevel::specs));
    const auto refused_without = [&json](const std::string& pointer, const char* key,
                                         const std::string& field) {
        SCOPED_TRACE(field);
        base::Json broken = json;
        (pointer.empty() ? broken : broken[base::Json::json_pointer(pointer)]).erase(key);
        expect_contains(refusal(ErrorKind::data, [&] { read(broken); }),
                        "model.json: field '" + field + "': is missing");
    };
    for (const char* key :
         {"level", "num_trees", "num_nodes", "num_measurements", "leaves", "fallback", "self", "classes",
          "leaf_ranges", "class_ranges", "inner_range", "training_error"}) {
        refused_without("", key, std::string("additive.") + key);
    }
    for (const char* key : {"group", "num_nodes", "num_measurements", "twins_differ", "knots", "length_knots",
                            "coefficients", "own"}) {
        refused_without("/leaves/1", key, std::string("additive.leaves[1].") + key);
    }
    for (const char* key : {"operation", "coefficients"}) {
        refused_without("/leaves/0/own/1", key, std::string("additive.leaves[0].own[1].") + key);
    }
    for (const char* key : {"name", "num_nodes", "num_measurements", "coefficients", "twins"}) {
        refused_without("/classes/2", key, std::string("additive.classes[2].") + key);
    }
    for (const char* key : {"signature", "ratio"}) {
        refused_without("/classes/0/twins/0", key, std::string("additive.classes[0].twins[0].") + key);
    }
    refused_without("/leaf_ranges/0", "name", "additive.leaf_ranges[0].name");
    refused_without("/class_ranges/0", "name", "additive.class_ranges[0].name");
    for (const char* key : {"num_models", "ml", "module", "model", "training"}) {
        refused_without("/held_out", key, std::string("additive.held_out.") + key);
    }
    for (const char* key : {"num_measurements", "between", "within", "growth"}) {
        refused_without("/held_out/ml", key, std::string("additive.held_out.ml.") + key);
    }
    for (const char* key : {"runs", "operations", "dense_names"}) {
        refused_without("/held_out/training", key, std::string("additive.held_out.training.") + key);
    }
    refused_without("/training_error", "module", "additive.training_error.module");
}

TEST(AdditiveFile, WrongValuesAreNamed) {
    const base::Json json = to_json(trained(models::AdditiveLevel::specs));
    ASSERT_EQ(json["leaves"][0]["group"], "dense");
    struct Case {
        const char* pointer;
        base::Json value;
        const char* field;
    };
    const std::vector<Case> cases{
        {"/level", "none", "additive.level"},
        {"/level", "all", "additive.leaves[0].coefficients"},
        {"/level", 1, "additive.level"},
        {"/num_trees", -1, "additive.num_trees"},
        {"/num_nodes", 1.5, "additive.num_nodes"},
        {"/leaves", base::Json::object(), "additive.leaves"},
        {"/leaves/0", 1, "additive.leaves[0]"},
        {"/leaves/0/group", "DENSE", "additive.leaves[0].group"},
        {"/leaves/1/group", "dense", "additive.leaves[1].group"},
        {"/leaves/1/group", "aaa", "additive.leaves[1].group"},
        {"/leaves/0/twins_differ", 0, "additive.leaves[0].twins_differ"},
        {"/leaves/0/knots/0", 0, "additive.leaves[0].knots"},
        {"/leaves/0/knots/0", 1e300, "additive.leaves[0].knots"},
        {"/leaves/0/knots/0", -1, "additive.leaves[0].knots"},
        {"/leaves/0/knots/0", nullptr, "additive.leaves[0].knots"},
        {"/leaves/0/knots", std::vector<double>(49, 1.0), "additive.leaves[0].knots"},
        {"/leaves/0/knots", base::Json::array({1, 2}), "additive.leaves[0].coefficients"},
        {"/leaves/0/coefficients/0", -1e-300, "additive.leaves[0].coefficients"},
        {"/leaves/0/coefficients/0", "1", "additive.leaves[0].coefficients"},
        {"/leaves/0/coefficients", base::Json::array({1, 2}), "additive.leaves[0].coefficients"},
        {"/leaves/0/own", 1, "additive.leaves[0].own"},
        {"/leaves/0/own/0", 1, "additive.leaves[0].own[0]"},
        {"/leaves/0/own/1/operation", "conv1d", "additive.leaves[0].own[1].operation"},
        {"/leaves/0/own/0/coefficients", base::Json::array(), "additive.leaves[0].own[0].coefficients"},
        {"/leaves/0/own/0/coefficients/1", -1, "additive.leaves[0].own[0].coefficients"},
        {"/fallback", base::Json::array({1, 2}), "additive.fallback"},
        {"/fallback/0", -1, "additive.fallback"},
        {"/self", base::Json::array({1, 2, 3}), "additive.self"},
        {"/self/2", -1, "additive.self"},
        {"/self/2", true, "additive.self"},
        {"/classes/0/name", "Upper", "additive.classes[0].name"},
        {"/classes/0/coefficients", base::Json::array({1}), "additive.classes[0].coefficients"},
        {"/classes/0/coefficients/0", -1, "additive.classes[0].coefficients"},
        {"/classes/0/twins/0/signature", "dense", "additive.classes[0].twins[0].signature"},
        {"/classes/0/twins/0/signature", base::Json::array({1}), "additive.classes[0].twins[0].signature"},
        {"/classes/0/twins/0/signature", base::Json::array({"b", "a"}),
         "additive.classes[0].twins[0].signature"},
        {"/classes/0/twins/0/ratio", -1, "additive.classes[0].twins[0].ratio"},
        {"/leaf_ranges/0/batch_size", base::Json::array({2, 1}), "additive.leaf_ranges[0].batch_size"},
        {"/leaf_ranges/0/batch_size", base::Json::array({0, 1}), "additive.leaf_ranges[0].batch_size"},
        {"/leaf_ranges/0/batch_size", base::Json::array({1}), "additive.leaf_ranges[0].batch_size"},
        {"/leaf_ranges/1/name", "dense", "additive.leaf_ranges[1].name"},
        {"/class_ranges", 1, "additive.class_ranges"},
        {"/inner_range", base::Json::array(), "additive.inner_range"},
        {"/inner_range/seq_len", "x", "additive.inner_range.seq_len"},
        {"/held_out", base::Json::array(), "additive.held_out"},
        {"/held_out/num_models", -2, "additive.held_out.num_models"},
        {"/held_out/ml/between", -1, "additive.held_out.ml.between"},
        {"/held_out/ml/within", base::Json::array({1, 2}), "additive.held_out.ml.within"},
        {"/held_out/ml/within/0", -1, "additive.held_out.ml.within"},
        {"/held_out/ml/within/0", 99, "additive.held_out.ml.within"},
        {"/held_out/ml/num_measurements", 0, "additive.held_out.ml.within"},
        {"/held_out/model/growth/seq_len", -1, "additive.held_out.model.growth.seq_len"},
        {"/held_out/training/runs/batch_size/range", base::Json::array({2, 1}),
         "additive.held_out.training.runs.batch_size.range"},
        {"/held_out/training/runs/new_tokens/has_zero", 1,
         "additive.held_out.training.runs.new_tokens.has_zero"},
        {"/held_out/training/runs/dtype/values", "float32", "additive.held_out.training.runs.dtype.values"},
        {"/held_out/training/smaller_size", base::Json::array({1}),
         "additive.held_out.training.smaller_size"},
        {"/held_out/training/dense_names", base::Json::array({1}), "additive.held_out.training.dense_names"},
        {"/training_error/ml", -1, "additive.training_error.ml"},
        {"/training_error/ml", "1", "additive.training_error.ml"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(std::string(c.pointer) + ": " + c.value.dump());
        base::Json broken = json;
        broken[base::Json::json_pointer(c.pointer)] = c.value;
        expect_contains(refusal(ErrorKind::data, [&] { read(broken); }),
                        "model.json: field '" + std::string(c.field) + "': ");
    }
    expect_contains(refusal(ErrorKind::data, [] { read(base::Json::array()); }), "field 'additive'");
}

TEST(AdditiveFile, LevelAllHasNoClasses) {
    base::Json json = to_json(trained(models::AdditiveLevel::all));
    json["self"][3] = -1.0;  // of either sign there
    EXPECT_NO_THROW(read(json));
    json["classes"].push_back({{"name", "x"}});
    expect_contains(refusal(ErrorKind::data, [&] { read(json); }), "field 'additive.classes'");
}

TEST(AdditiveLevel, NamesReadBack) {
    for (const models::AdditiveLevel level : kLevels)
        EXPECT_EQ(models::additive_level_from_name(name(level)), level);
    EXPECT_EQ(models::additive_level_from_name("Specs"), std::nullopt);
    for (std::size_t i = 0; i < models::kNumRangedQuantities; ++i) {
        EXPECT_FALSE(name(static_cast<models::RangedQuantity>(i)).empty());
    }
}

}  // namespace
}  // namespace irene::tests
