// Carrying the law of three prices to another device: by datasheets, by runs, and how sure it is then.
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/model.hpp"
#include "irene/tasks.hpp"

#include "fitted.hpp"
#include "lawful_runs.hpp"
#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

using models::KernelPrice;
using models::KernelPrices;

Device known_gpu() {
    return {.name = "known",
            .flops_per_second = {{Dtype::bfloat16, 300e12}, {Dtype::float32, 20e12}},
            .bytes_per_second = 1.5e12,
            .watts = 250.0,
            .clock_mhz = 900.0,
            .boost_clock_mhz = 1200.0};
}

Device other_gpu() {
    return {.name = "other",
            .flops_per_second = {{Dtype::bfloat16, 900e12}, {Dtype::float32, 60e12}},
            .bytes_per_second = 3e12,
            .watts = 500.0};
}

Model trained_on_known_gpu() {
    Config config = kernel_config();
    config.device = known_gpu();
    return train(lawful_runs(some_prices(), true), config);
}

/// A device that is not quite what its datasheet says, on a faster host.
KernelPrices prices_of_other_gpu() {
    KernelPrices prices = some_prices();
    const KernelPrices ratios = models::ratios_of_datasheets(known_gpu(), other_gpu());
    for (std::size_t k = 0; k < prices.size(); ++k) prices[k] *= ratios[k];
    prices[at_price(KernelPrice::joules_narrow_flop)] *= 1.25;
    prices[at_price(KernelPrice::joules_byte)] *= 0.9;
    prices[at_price(KernelPrice::seconds_byte)] *= 1.2;
    prices[at_price(KernelPrice::host_seconds_launch)] *= 0.6;
    prices[at_price(KernelPrice::host_seconds_layer)] *= 0.6;
    return prices;
}

/// Runs of bfloat16, from the smallest to the largest.
Dataset some_runs(const std::string& model, std::size_t count) {
    Dataset some{.source = "other.jsonl"};
    const Dataset all = lawful_runs(prices_of_other_gpu(), true);
    std::vector<Tree> candidates;
    for (const Tree& tree : all.trees) {
        if (tree.model_name() == model && std::get<std::string>(tree.run(RunKey::dtype)) == "bfloat16")
            candidates.push_back(tree);
    }
    for (std::size_t i = 0; i < count; ++i)
        some.trees.push_back(candidates[count == 1 ? 0 : i * (candidates.size() - 1) / (count - 1)]);
    return some;
}

struct Trust {
    double error = 0.0, half_width = 0.0;  // %, means over runs of another model
};

Trust trust_in(const Model& model) {
    Predictor predictor(model, 0.9);
    Trust trust;
    const Dataset tested = some_runs("gpt2", 6);
    for (const Tree& tree : tested.trees) {
        const Prediction prediction = predictor.predict(tree);
        trust.error +=
            100.0 / 6.0 * std::fabs(prediction.joules[0] / tree.nodes().front().measured_energy - 1.0);
        trust.half_width += 100.0 / 6.0 * std::log(prediction.high[0] / prediction.joules[0]);
    }
    return trust;
}

TEST(KernelCalibration, DatasheetsAloneScaleByTheRule) {
    const KernelPrices ratios = models::ratios_of_datasheets(known_gpu(), other_gpu());
    EXPECT_DOUBLE_EQ(ratios[at_price(KernelPrice::joules_narrow_flop)],
                     2.0 / 3.0);  // twice the watts, three times the flops
    EXPECT_DOUBLE_EQ(ratios[at_price(KernelPrice::joules_byte)], 1.0);
    EXPECT_DOUBLE_EQ(ratios[at_price(KernelPrice::watts)], 2.0);
    // The known one ran at three quarters of its clock.
    EXPECT_DOUBLE_EQ(ratios[at_price(KernelPrice::seconds_narrow_flop)], 0.25);
    EXPECT_DOUBLE_EQ(ratios[at_price(KernelPrice::seconds_byte)], 0.5);
    EXPECT_DOUBLE_EQ(ratios[at_price(KernelPrice::host_seconds_launch)], 1.0);
    const Model known = trained_on_known_gpu();
    const Model carried = calibrate(known, {.source = "none"}, {.device = other_gpu()});
    for (std::size_t k = 0; k < models::kNumKernelPrices; ++k) {
        const double expected = kernel_model(known).prices[k] * ratios[k];
        EXPECT_NEAR(kernel_model(carried).prices[k], expected, 1e-12 * expected);
    }
    ASSERT_TRUE(carried.config().device.has_value());
    EXPECT_EQ(carried.config().device->name, "other");
    EXPECT_NE(explain(carried).find("from known to other; nothing was measured there"), std::string::npos)
        << explain(carried);
}

TEST(KernelCalibration, EachMeasurementMakesItBetterAndSurer) {
    const Model known = trained_on_known_gpu();
    const auto carried = [&](std::size_t count) {
        return trust_in(calibrate(known, some_runs("opt-125m", count), {.device = other_gpu()}));
    };
    const Trust none = carried(0), one = carried(1), two = carried(2), five = carried(5);
    EXPECT_GT(none.error, 10.0);
    EXPECT_LT(two.error, 0.5 * none.error);
    EXPECT_LT(five.error, 5.0);
    EXPECT_LT(one.half_width, none.half_width);
    EXPECT_LT(two.half_width, one.half_width);
    EXPECT_LT(five.half_width, two.half_width);
    EXPECT_GT(five.half_width, trust_in(known).half_width);
}

TEST(KernelCalibration, WithoutDatasheetsAnyFactorIsFound) {
    KernelPrices prices = some_prices();
    for (std::size_t k = 0; k < models::kFirstSecondsPrice; ++k) prices[k] *= 7.0;
    const Dataset data = lawful_runs(prices, true);
    Dataset some{.source = "sevenfold.jsonl"};
    some.trees = {data.trees.front(), data.trees.back()};
    const Model known = train(lawful_runs(some_prices(), true), kernel_config());
    Predictor predictor(calibrate(known, some));
    for (const Tree& tree : data.trees) {
        const double measured = tree.nodes().front().measured_energy;
        EXPECT_NEAR(predictor.predict(tree).joules[0], measured, 0.05 * measured);
    }
}

TEST(KernelCalibration, TellsWhatNoRunTold) {
    const Model known = trained_on_known_gpu();
    std::vector<std::string> told;
    const CalibrateOptions options{.device = other_gpu(),
                                   .warn = [&](const std::string& words) { told.push_back(words); }};
    calibrate(known, {.source = "none"}, options);
    EXPECT_EQ(told.size(), 2U);
    told.clear();
    calibrate(known, some_runs("opt-125m", 1), options);  // the smallest
    ASSERT_EQ(told.size(), 1U);
    EXPECT_NE(told[0].find("bound by the host"), std::string::npos) << told[0];
    told.clear();
    calibrate(known, some_runs("opt-125m", 2), options);
    EXPECT_TRUE(told.empty());
    Dataset generated = some_runs("opt-125m", 2);
    const Tree generation =
        run_of("opt-125m", {.batch_size = 1, .seq_len = 32, .new_tokens = 8, .dtype = Dtype::bfloat16});
    generated.trees.push_back(changed(generation, [](std::size_t node, NewNode& made) {
        if (node == 0) made.measured_energy = 3.0;
    }));
    calibrate(known, generated, options);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_NE(told[0].find("other.jsonl: training saw no run with new_tokens 8"), std::string::npos)
        << told[0];
}

TEST(KernelCalibration, ItsFileHasAllOfIt) {
    const TemporaryDirectory directory;
    const Model carried =
        calibrate(trained_on_known_gpu(), some_runs("opt-125m", 2), {.device = other_gpu()});
    save_model(carried, directory / "carried");
    const Model read = load_model(directory / "carried");
    EXPECT_EQ(explain(read), explain(carried));
    const Trust before = trust_in(carried), after = trust_in(read);
    EXPECT_EQ(before.error, after.error);
    EXPECT_EQ(before.half_width, after.half_width);
    // And once more, onwards.
    EXPECT_EQ(
        kernel_model(calibrate(read, some_runs("opt-125m", 2), {.device = known_gpu()})).calibrations.size(),
        2U);
}

TEST(KernelCalibration, RefusesWhatItCannotCompare) {
    const Model without = train(lawful_runs(some_prices(), true), kernel_config());
    EXPECT_NE(
        refusal(ErrorKind::usage, [&] { calibrate(without, {.source = "none"}, {.device = other_gpu()}); })
            .find("datasheet of its own device"),
        std::string::npos);
    EXPECT_NE(refusal(ErrorKind::data, [&] { calibrate(without, {.source = "none"}); }).find("holds no tree"),
              std::string::npos);
}

}  // namespace
}  // namespace irene::tests
