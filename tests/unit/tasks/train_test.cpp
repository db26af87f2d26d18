#include <atomic>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/tasks.hpp"

#include "fitted.hpp"
#include "numerics/initial_weights.hpp"
#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

Config three_epochs() {
    Config config;
    config.feature_sets = {FeatureSet::model_specs};
    config.num_epochs = 3;
    return config;
}

const Dataset& small_data() {
    static const Dataset data = dataset_of(small_lines(8));
    return data;
}

TEST(Train, NoEpochsKeepTheInitialWeights) {
    Config config = three_epochs();
    config.num_epochs = 0;
    const Model model = train(small_data(), config, {.seed = 42});
    const numerics::LinearLayer initial = numerics::InitialWeights(42).draw(84);
    EXPECT_EQ(weighted(model).tree.weights, initial.weights);
    EXPECT_EQ(weighted(model).tree.bias, initial.bias);
    EXPECT_EQ(model.seed(), 42U);
    EXPECT_EQ(model.num_trees(), 8U);
    EXPECT_EQ(model.num_nodes(), 8 * kSmallRunNodes);
    EXPECT_EQ(model.config(), config);
    EXPECT_EQ(weighted(model).tree.scaler.mean.size(), 6U);
}

TEST(Train, ParentsAreExactSumsWhereNothingIsTrained) {
    for (const auto& [strategy, weighting] : {std::pair(TrainingStrategy::none, Weighting::exact_one),
                                              {TrainingStrategy::none, Weighting::close_to_one},
                                              {TrainingStrategy::end2end, Weighting::exact_one},
                                              {TrainingStrategy::stepwise, Weighting::exact_one}}) {
        Config config = three_epochs();
        config.training_strategy = strategy;
        config.weighting_setting = weighting;
        SCOPED_TRACE(to_json(config));
        int num_epochs = 0;
        const Model model =
            train(small_data(), config, {.on_epoch = [&](const EpochSummary&) { ++num_epochs; }});
        EXPECT_EQ(num_epochs, 0);
        EXPECT_TRUE(weighted(model).tree.weights.empty());
        EXPECT_EQ(weighted(model).leaves.size(), 3U);
        Predictor predictor(model);
        for (const Tree& tree : small_data().trees) {
            const std::vector<double> joules = predictor.predict(tree).joules;
            EXPECT_EQ(joules[1], joules[3] + joules[2]);
            EXPECT_EQ(joules[5], joules[6]);
            EXPECT_EQ(joules[4], joules[7] + joules[5]);
            EXPECT_EQ(joules[0], joules[4] + joules[1]);
        }
    }
}

TEST(Train, IsDeterministicForASeed) {
    const Model a = train(small_data(), three_epochs(), {.seed = 7}),
                b = train(small_data(), three_epochs(), {.seed = 7}),
                c = train(small_data(), three_epochs(), {.seed = 8});
    EXPECT_EQ(weighted(a).tree.weights, weighted(b).tree.weights);
    EXPECT_EQ(weighted(a).tree.bias, weighted(b).tree.bias);
    EXPECT_NE(weighted(a).tree.weights, weighted(c).tree.weights);
    ASSERT_EQ(weighted(a).leaves.size(), weighted(c).leaves.size());
    for (std::size_t i = 0; i < weighted(a).leaves.size(); ++i) {
        EXPECT_EQ(weighted(a).leaves[i].coefficients,
                  weighted(c).leaves[i].coefficients);  // the ML level needs no seed
    }
}

TEST(Train, LearnsWithEveryEpoch) {
    for (const TrainingStrategy strategy : {TrainingStrategy::end2end, TrainingStrategy::stepwise}) {
        Config config = three_epochs();
        config.training_strategy = strategy;
        config.num_epochs = 30;
        SCOPED_TRACE(name(strategy));
        std::vector<EpochSummary> epochs;
        train(small_data(), config,
              {.on_epoch = [&](const EpochSummary& epoch) { epochs.push_back(epoch); }});
        ASSERT_EQ(epochs.size(), 30U);
        for (std::size_t i = 0; i < epochs.size(); ++i) {
            EXPECT_EQ(epochs[i].epoch, static_cast<int>(i) + 1);
            EXPECT_EQ(epochs[i].num_epochs, 30);
            EXPECT_TRUE(std::isfinite(epochs[i].mean_node_loss));
            EXPECT_GT(epochs[i].mean_node_error, 0.0);
        }
        EXPECT_LT(epochs.back().mean_node_loss, epochs.front().mean_node_loss);
    }
}

TEST(Train, MeasuredEnergiesMustBeThereAndAboveZero) {
    for (const std::string pointer :
         {"/frontend_tree", "/frontend_tree/child_nodes_obj/1/child_nodes_obj/1"}) {
        for (const bool missing : {true, false}) {
            SCOPED_TRACE(pointer + (missing ? " missing" : " zero"));
            Json run = small_run("bad");
            Json& node = run[Json::json_pointer(pointer)];
            if (missing) {
                node.erase("ground_truth_energy");
            } else {
                node["ground_truth_energy"] = 0.0;
            }
            const Dataset data = dataset_of({small_line("a"), run.dump()});
            const std::string what = refusal(ErrorKind::data, [&] { train(data, three_epochs()); });
            expect_contains(what, "trees.jsonl:2: node '" + node["scope"].get<std::string>() + "'");
            expect_contains(what, "field 'ground_truth_energy'");
            expect_contains(what, missing ? "missing" : "above 0");
        }
    }
}

TEST(Train, RefusesWhatItCannotUse) {
    Config config = three_epochs();
    config.learning_rate = 0.0;
    expect_contains(refusal(ErrorKind::usage, [&] { train(small_data(), config); }), "learning_rate");
    expect_contains(refusal(ErrorKind::data, [] { train(Dataset{}, three_epochs()); }), "no tree");
    Json run = small_run("bad");
    run["frontend_tree"]["child_nodes_obj"][0].erase("flops");
    const Dataset data = dataset_of({run.dump()});
    expect_contains(refusal(ErrorKind::data, [&] { train(data, three_epochs()); }), "'flops'");
}

TEST(Train, DivergenceEndsItAtThatEpoch) {
    Config config;
    config.feature_sets = {FeatureSet::model_specs};
    config.weighting_setting = Weighting::free;
    config.standardize_features = false;
    config.normalize_loss_scale = false;
    config.learning_rate = 1.0;
    config.num_epochs = 50;
    // Features whose cubes are beyond single precision.
    Json run = small_run("t");
    run["frontend_tree"]["child_nodes_obj"][0]["flops"] = 1e30;
    std::vector<std::string> lines = small_lines(4);
    lines.push_back(run.dump());
    int num_epochs = 0;
    TrainOptions options;
    options.on_epoch = [&](const EpochSummary& summary) {
        EXPECT_TRUE(std::isfinite(summary.mean_node_loss));
        ++num_epochs;
    };
    const Dataset data = dataset_of(lines);
    const std::string what = refusal(ErrorKind::data, [&] { train(data, config, options); });
    expect_contains(what, "training diverged in epoch " + std::to_string(num_epochs + 1));
    expect_contains(what, "learning_rate");
    EXPECT_LT(num_epochs, 50);
}

TEST(Train, ContradictingCountsAndALonelyModelAreTold) {
    Config config;
    config.feature_sets = {FeatureSet::model_specs};
    config.training_strategy = TrainingStrategy::additive;
    std::vector<std::string> warnings;
    TrainOptions options;
    options.warn = into(warnings);
    (void)train(dataset_of(small_lines(4, 1)), config, options);
    ASSERT_EQ(warnings.size(), 2U);
    expect_contains(warnings[0], "8 of 8 dense products have counts that contradict each other");
    expect_contains(warnings[1], "one model_name");
    warnings.clear();
    (void)train(small_data(), three_epochs(), options);
    EXPECT_TRUE(warnings.empty());
}

TEST(Train, StopFlagInterrupts) {
    std::atomic<bool> stop{false};
    int num_epochs = 0;
    TrainOptions options;
    options.stop = &stop;
    options.on_epoch = [&](const EpochSummary&) { stop = ++num_epochs == 2; };
    Config config = three_epochs();
    config.num_epochs = 100;
    refusal(ErrorKind::interrupted, [&] { train(small_data(), config, options); });
    EXPECT_EQ(num_epochs, 2);
}

}  // namespace
}  // namespace irene::tests
