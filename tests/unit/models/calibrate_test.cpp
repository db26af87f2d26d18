// A model carried to another device: the scales of each step by hand, and what a few runs make of it.
#include "models/additive/calibrate.hpp"

#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "irene/tasks.hpp"

#include "additive_trees.hpp"
#include "base/json.hpp"
#include "fitted.hpp"
#include "models/additive/file.hpp"
#include "refusal.hpp"

namespace irene::tests {
namespace {

using models::AdditiveLevel;
using models::KindOfWork;

std::size_t index(KindOfWork kind) { return static_cast<std::size_t>(kind); }

const Dataset& known_runs() {
    static const Dataset data = made_up_runs();
    return data;
}

/// The trees as another device would cost them: `scale(instance type)` times the work of each node's own,
/// measured at the nodes that `is_kept` accepts.
Dataset on_other_device(const Dataset& data, const std::function<double(std::string_view)>& scale,
                        const std::function<bool(std::size_t)>& is_kept) {
    Dataset other;
    other.source = "other.jsonl";
    for (const Tree& tree : data.trees) {
        std::vector<double> joules(tree.nodes().size(), 0.0), below(tree.nodes().size(), 0.0);
        for (std::size_t node = tree.nodes().size(); node-- > 0;) {
            const double own = tree.nodes()[node].measured_energy - below[node];
            joules[node] += own * scale(tree.instance_type(node));
            if (node == 0) continue;
            const auto parent = static_cast<std::size_t>(tree.nodes()[node].parent);
            joules[parent] += joules[node];
            below[parent] += tree.nodes()[node].measured_energy;
        }
        other.trees.push_back(changed(tree, [&](std::size_t node, NewNode& made) {
            made.measured_energy = is_kept(node) ? joules[node] : absent();
        }));
    }
    return other;
}

bool everywhere(std::size_t) { return true; }
bool at_the_root(std::size_t node) { return node == 0; }

models::AdditiveModel calibrated(const models::AdditiveModel& known, const Dataset& data) {
    return models::calibrate(known, models::AdditiveData(data, known.level));
}

/// A softmax and a tanh cost 1 J a call, and nothing else costs anything.
models::AdditiveModel one_joule_a_call() {
    models::AdditiveModel model;
    model.leaves = {{.group = "softmax", .coefficients = {1.0, 0.0, 0.0, 0.0}},
                    {.group = "tanh", .coefficients = {1.0, 0.0, 0.0}}};
    model.fallback = {1.0, 0.0, 0.0};
    model.self = {0.0, 0.0, 0.0, 0.0};
    return model;
}

/// A root with a softmax and a tanh, of which the two are measured.
Dataset softmax_and_tanh(double softmax, double tanh) {
    TreeByCounts builder("m", 1, 8);
    const std::int32_t root = builder.add(-1, "Root", 0, 0, 0);
    builder.add(root, "softmax", 0, 100, 100);
    builder.add(root, "Tanh", 0, 100, 100);
    Dataset data;
    data.trees.push_back(changed(builder.finish(), [&](std::size_t node, NewNode& made) {
        made.measured_energy = node == 0 ? absent() : node == 1 ? softmax : tanh;
    }));
    return data;
}

TEST(Calibrate, ScalesByHand) {
    // Two leaves, of 1 J each by a model that is right; measured are 2 J of the one and 1 J of the other.
    //   all prices: sum of p over sum of p^2, with p = predicted / measured = 0.5 and 1: 1.5 / 1.25 = 1.2
    //   by kind, d = (0.06 / 0.3)^2 / 2 = 0.02 and columns 0.6 and 1.2:
    //   (0.5 0.6 + 0.02) / (0.5 0.36 + 0.02) = 1.6 and (0.5 1.2 + 0.02) / (0.5 1.44 + 0.02) = 0.8378...
    const models::AdditiveModel other = calibrated(one_joule_a_call(), softmax_and_tanh(2.0, 1.0));
    ASSERT_EQ(other.calibrations.size(), 1U);
    const models::Calibration& calibration = other.calibrations.front();
    EXPECT_EQ(calibration.num_trees, 1U);
    EXPECT_EQ(calibration.num_measurements, 2U);
    EXPECT_NEAR(calibration.common, 1.2, 1e-6);
    EXPECT_NEAR(calibration.by_kind[index(KindOfWork::softmax)], 1.6, 1e-6);
    EXPECT_NEAR(calibration.by_kind[index(KindOfWork::other)], 0.62 / 0.74, 1e-6);
    // Nothing was measured of the rest, which gives what there was before back.
    EXPECT_EQ(calibration.by_kind[index(KindOfWork::dense)], 1.0);
    EXPECT_EQ(calibration.by_kind[index(KindOfWork::self)], 1.0);
    EXPECT_NEAR(calibration.error_before, 25.0, 1e-9);
    // By itself each moves on, of its energy, d = (0.06 / 0.004)^2 / 2 = 112.5: 1.92 and 1.0054 J of 2 and 1.
    EXPECT_NEAR(other.leaves[0].coefficients[0], 1.92, 1e-3);
    EXPECT_NEAR(other.leaves[1].coefficients[0], 1.2 * 0.62 / 0.74, 1e-3);
    EXPECT_NEAR(other.fallback[0], 1.2 * 0.62 / 0.74, 1e-6);
}

TEST(Calibrate, ADeviceThatCostsThriceAsMuchIsFoundByOneRun) {
    for (const AdditiveLevel level : kLevels) {
        const models::AdditiveModel known = fit_additive(known_runs(), every_tree(known_runs()), level);
        const Dataset truth = on_other_device(
            known_runs(), [](std::string_view) { return 3.0; }, everywhere);
        Dataset one;
        one.trees.push_back(on_other_device(
                                known_runs(), [](std::string_view) { return 3.0; }, at_the_root)
                                .trees[4]);
        const models::AdditiveModel other = calibrated(known, one);
        AdditivePredictor before(known), after(other);
        // What the model errs by on that run goes into the scale.
        const double expected =
            one.trees[0].nodes()[0].measured_energy / before.predict(one.trees[0], "t")[0];
        EXPECT_NEAR(expected, 3.0, 0.3);
        EXPECT_NEAR(other.calibrations.front().common, expected, 1e-3) << name(level);
        for (const Tree& tree : known_runs().trees) {
            const std::vector<double> first = before.predict(tree, "t"), second = after.predict(tree, "t");
            for (std::size_t node = 0; node < first.size(); ++node)
                EXPECT_NEAR(second[node] / first[node], expected, 0.01 * expected) << name(level);
        }
    }
}

TEST(Calibrate, MoreMeasurementsTellKindsOfWorkApart) {
    const auto scale = [](std::string_view type) { return type == "Linear" || type == "Conv1D" ? 0.5 : 1.5; };
    const models::AdditiveModel known =
        fit_additive(known_runs(), every_tree(known_runs()), AdditiveLevel::specs);
    const Dataset truth = on_other_device(known_runs(), scale, everywhere);
    const auto error = [&](const models::AdditiveModel& model) {
        AdditivePredictor predictor(model);
        double sum = 0.0;
        for (const Tree& tree : truth.trees) {
            const std::vector<double> joules = predictor.predict(tree, "t");
            for (std::size_t node = 0; node < joules.size(); ++node)
                sum += std::fabs(std::log(joules[node] / tree.nodes()[node].measured_energy)) /
                       static_cast<double>(joules.size() * truth.trees.size());
        }
        return sum;
    };
    const Dataset roots = on_other_device(known_runs(), scale, at_the_root);
    const double before = error(known), with_roots = error(calibrated(known, roots)),
                 with_all = error(calibrated(known, truth));
    EXPECT_LT(with_roots, 0.8 * before);
    EXPECT_LT(with_all, 0.3 * with_roots);
    EXPECT_LT(with_all, 0.05);
}

TEST(Calibrate, LeavesOpenWhatWasNotMeasured) {
    // A softmax is measured as it is predicted, a tanh is not. Kinds of work stray by 0.3 of each other, and
    // measurements by v = 0.06^2 / 2: what is expected and the one error of 0. Of the measured kind v is
    // left, of the other twice 0.3^2 beside it: its own straying and the measured one's. Both err by v, once
    // more.
    const models::KindCovariance open =
        calibrated(one_joule_a_call(), softmax_and_tanh(1.0, absent())).calibrations.front().left_open;
    const double v = 0.06 * 0.06 / 2.0;
    const auto softmax = index(KindOfWork::softmax), other = index(KindOfWork::other);
    EXPECT_NEAR(open[softmax][softmax], v + v, 1e-6);
    EXPECT_NEAR(open[other][other], 2.0 * 0.3 * 0.3 + v + v, 1e-3);
    EXPECT_DOUBLE_EQ(open[other][softmax], open[softmax][other]);
}

TEST(Calibrate, KeepsWhatItDoesNotTouchAndWidensIntervals) {
    Config config;
    config.training_strategy = TrainingStrategy::additive;
    config.feature_sets = {FeatureSet::model_specs};
    const Model known = train(known_runs(), config);
    const Model other =
        calibrate(known, on_other_device(
                             known_runs(), [](std::string_view) { return 2.0; }, at_the_root));
    EXPECT_EQ(other.num_trees(), known.num_trees());
    EXPECT_EQ(additive(other).leaf_ranges.size(), additive(known).leaf_ranges.size());
    const auto widths = [](const Model& model, std::size_t node) {
        const Prediction prediction = Predictor(model, 0.7).predict(known_runs().trees[0]);
        return prediction.high[node] / prediction.joules[node];
    };
    for (const std::size_t node : {0U, 3U}) EXPECT_GT(widths(other, node), widths(known, node) * 1.001);
    expect_contains(explain(other), "Calibrated to another device by 24 distinct measurements in 24 trees");
    expect_contains(explain_json(other), "\"all_prices\"");
    // The file has all of it.
    const base::Json json = models::to_json(additive(other));
    EXPECT_EQ(base::to_text(models::to_json(models::read_additive_model(json, {}))), base::to_text(json));
    // A second time is told beside the first.
    const Model again = calibrate(other, known_runs());
    EXPECT_EQ(additive(again).calibrations.size(), 2U);
}

TEST(Calibrate, RefusesWhatCannotBe) {
    Config config;
    config.num_epochs = 1;
    config.feature_sets = {FeatureSet::model_specs};
    const Model weighted_model = train(known_runs(), config);
    expect_contains(refusal(ErrorKind::usage, [&] { calibrate(weighted_model, known_runs()); }),
                    "no prices that could be scaled; train one of strategy 'additive'");
    config = {};
    config.training_strategy = TrainingStrategy::additive;
    config.feature_sets = {FeatureSet::model_specs};
    const Model known = train(known_runs(), config);
    EXPECT_THROW(calibrate(known, Dataset{}), Error);
    Dataset none = on_other_device(
        known_runs(), [](std::string_view) { return 1.0; }, [](std::size_t) { return false; });
    expect_contains(refusal(ErrorKind::data, [&] { calibrate(known, none); }), "other.jsonl:1");
    Dataset kernels;
    kernels.source = "kernels.jsonl";
    TreeBuilder builder("m", 1, 8, 1);
    builder.set(RunKey::counting, std::string("kernels"));
    builder.start_node(
        {.type = NodeType::model, .instance_type = "M", .scope = "root", .id = "0", .measured_energy = 1.0});
    NewNode leaf{.type = NodeType::ml, .instance_type = "Tanh", .scope = "root.0", .id = "1"};
    for (const Feature feature : {Feature::num_parameters, Feature::flops, Feature::mem_bytes})
        leaf.features[static_cast<std::size_t>(feature)] = 1.0;
    builder.start_node(leaf);
    builder.end_node();
    builder.end_node();
    kernels.trees.push_back(builder.finish());
    const std::string why = refusal(ErrorKind::data, [&] { calibrate(known, kernels); });
    expect_contains(why, "'kernels'");
    expect_contains(why, "--counting paper");
    Dataset huge = known_runs();
    huge.trees.erase(huge.trees.begin() + 1, huge.trees.end());
    huge.trees[0] = changed(huge.trees[0], [](std::size_t, NewNode& node) { node.measured_energy = 1e-300; });
    expect_contains(refusal(ErrorKind::data, [&] { calibrate(known, huge); }), "too large or too small");
}

}  // namespace
}  // namespace irene::tests
