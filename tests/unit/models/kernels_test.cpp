// The law of three prices: nodes by hand, prices found again from runs that follow it, and what is refused.
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/architectures.hpp"
#include "irene/model.hpp"
#include "irene/tasks.hpp"

#include "fitted.hpp"
#include "lawful_runs.hpp"
#include "models/kernels/fitted.hpp"
#include "refusal.hpp"

namespace irene::tests {
namespace {

using models::KernelPrice;
using models::KernelPrices;
using models::KernelTree;

TEST(KernelLaw, ARunByHand) {
    const Tree tree =
        run_of("bert-base-uncased", {.batch_size = 8, .seq_len = 128, .dtype = Dtype::bfloat16});
    const KernelTree kernels = models::kernel_tree(tree, "x");
    const Node& root = tree.nodes().front();
    const auto total = [&](Feature feature) { return root.features[static_cast<std::size_t>(feature)]; };
    ASSERT_EQ(kernels.calls.size(), 1U);
    const double flops = total(Feature::flops) * 1e6, bytes = total(Feature::mem_bytes) * 1048576.0,
                 launches = total(Feature::launches);
    EXPECT_NEAR(kernels.calls[0].narrow_flops, flops, 1e-9 * flops);
    EXPECT_EQ(kernels.calls[0].float32_flops, 0.0);
    EXPECT_NEAR(kernels.calls[0].bytes, bytes, 1e-9 * bytes);
    EXPECT_EQ(kernels.calls[0].launches, launches);
    EXPECT_EQ(kernels.calls[0].layers, 12.0);
    const KernelPrices prices = some_prices();
    const double gpu = flops / 160e12 + bytes / 1e12 + 5e-6 * launches;
    const double host = 10e-6 * launches + 300e-6 * 12.0;
    const models::KernelCosts all = models::costs(tree, kernels, prices);
    EXPECT_NEAR(all.seconds[0], std::max(gpu, host), 1e-9 * gpu);
    const double joules = 0.7e-12 * flops + 130e-12 * bytes + 47.0 * std::max(gpu, host);
    EXPECT_NEAR(all.joules[0], joules, 1e-9 * joules);
    EXPECT_NEAR(all.parts[0].arithmetic_joules, 0.7e-12 * flops, 1e-9 * joules);
    EXPECT_NEAR(all.parts[0].memory_joules, 130e-12 * bytes, 1e-9 * joules);
    EXPECT_NEAR(all.parts[0].static_joules, 47.0 * std::max(gpu, host), 1e-9 * joules);
    // A tenth of the work on a hundredth of the rows waits for the host.
    const Tree small = run_of("bert-base-uncased", {.batch_size = 1, .seq_len = 8, .dtype = Dtype::bfloat16});
    const models::KernelTree of_small = models::kernel_tree(small, "x");
    const models::Sides both = models::sides(of_small.calls[0], 1.0, prices);
    EXPECT_LT(both.gpu, both.host);
    EXPECT_NEAR(models::costs(small, of_small, prices).seconds[0], both.host, 1e-9 * both.host);
}

TEST(KernelLaw, EveryJouleAndSecondBelongsToOneNode) {
    KernelPrices prices = some_prices();
    prices[at_price(KernelPrice::joules_layer)] = 1e-3;
    prices[at_price(KernelPrice::joules_token)] = 30e-3;
    prices[at_price(KernelPrice::serving_seconds_layer)] = 50e-6;
    prices[at_price(KernelPrice::serving_seconds_token)] = 40e-6;
    for (const irene::Run& run :
         {irene::Run{.batch_size = 4, .seq_len = 64, .new_tokens = 9, .dtype = Dtype::bfloat16},
          irene::Run{.batch_size = 4, .seq_len = 64, .new_tokens = 9, .dtype = Dtype::float32, .gpus = 2},
          irene::Run{.batch_size = 1, .seq_len = 16}}) {
        const Tree tree = run_of("Qwen2-0.5B", run);
        const KernelTree kernels = models::kernel_tree(tree, "x");
        const models::KernelCosts all = models::costs(tree, kernels, prices);
        std::vector<double> self = all.joules;
        for (std::size_t i = 1; i < self.size(); ++i)
            self[static_cast<std::size_t>(tree.nodes()[i].parent)] -= all.joules[i];
        for (const double joules : self) EXPECT_GE(joules, -1e-12 * all.joules[0]);
        EXPECT_NEAR(std::accumulate(self.begin(), self.end(), 0.0), all.joules[0], 1e-9 * all.joules[0]);
        EXPECT_EQ(kernels.calls.size(), run.new_tokens > 0 ? 3U : 1U);
        if (run.new_tokens == 0) continue;
        // 24 layers, once in prefill and in each of eight steps; the prompt gives the first token.
        EXPECT_EQ(kernels.calls[1].steps, 24.0);
        EXPECT_EQ(kernels.calls[2].steps, 24.0 * 8.0);
        EXPECT_EQ(kernels.calls[1].tokens, 4.0);
        EXPECT_EQ(kernels.calls[2].tokens, 4.0 * 8.0);
    }
}

TEST(KernelFit, FindsThePricesOfRunsThatFollowTheLaw) {
    const KernelPrices prices = some_prices();
    const Model model = train(lawful_runs(prices, true), kernel_config());
    for (std::size_t k = 0; k < models::kNumKernelPrices; ++k)
        EXPECT_NEAR(kernel_model(model).prices[k], prices[k], 1e-3 * prices[k])
            << models::row(static_cast<KernelPrice>(k)).name;
    EXPECT_LT(kernel_model(model).joules_error, 0.01);
    EXPECT_LT(*kernel_model(model).seconds_error, 0.01);
    EXPECT_EQ(kernel_model(model).intervals.num_models, 4U);
    // The file has all of it.
    EXPECT_NE(explain(model).find("a byte moved: 130"), std::string::npos) << explain(model);
}

TEST(KernelFit, RunsOutsideOfTrainingAreMarkedAndIntervalsWiden) {
    const Model model = train(lawful_runs(some_prices(), true), kernel_config());
    Predictor predictor(model, 0.9);
    const auto run = [](std::int64_t batch_size) {
        return run_of("gpt2", {.batch_size = batch_size, .seq_len = 64, .dtype = Dtype::bfloat16});
    };
    const Tree near = run(16), far = run(64);
    const Prediction inside = predictor.predict(near);
    EXPECT_TRUE(inside.extrapolations.empty());
    const Prediction outside = predictor.predict(far);
    EXPECT_EQ(outside.extrapolations.size(), far.nodes().size());
    EXPECT_EQ(outside.extrapolations[0].quantities, std::vector<std::string_view>{"batch_size"});
    EXPECT_EQ(predictor.notices().num_out_of_range, far.nodes().size());
    EXPECT_GT(outside.high[0] / outside.joules[0], inside.high[0] / inside.joules[0]);
    // Whole runs alone were measured.
    EXPECT_EQ(inside.no_interval[1], "training measured no node of type 'ml'");
}

TEST(KernelFit, SecondsAreThoseOfTheRunAndItsCalls) {
    const Model model = train(lawful_runs(some_prices(), true), kernel_config());
    for (const std::int64_t new_tokens : {0, 9}) {
        const Tree tree = run_of(
            "gpt2", {.batch_size = 8, .seq_len = 64, .new_tokens = new_tokens, .dtype = Dtype::bfloat16});
        const models::KernelCosts all =
            models::costs(tree, models::kernel_tree(tree, "x"), kernel_model(model).prices);
        const Prediction prediction = Predictor(model).predict(tree);
        ASSERT_EQ(prediction.seconds.size(), tree.nodes().size());
        double sum_of_calls = 0.0;
        for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
            const std::string_view type = tree.instance_type(node);
            const bool is_call = type == "Prefill" || type == "Decode";
            SCOPED_TRACE(tree.scope(node));
            ASSERT_EQ(is_absent(prediction.seconds[node]), node > 0 && !is_call);
            if (is_call) sum_of_calls += prediction.seconds[node];
            if (node == 0 || is_call) {
                EXPECT_EQ(prediction.seconds[node], all.seconds[node]);
            }
        }
        if (new_tokens > 0) {
            EXPECT_NEAR(sum_of_calls, prediction.seconds[0], 1e-12);
        }
        EXPECT_EQ(prediction.joules, all.joules);
    }
    // A tree without times teaches none.
    const Model timeless = train(lawful_runs(some_prices(), false), kernel_config());
    const Tree tree = run_of("gpt2", {.batch_size = 8, .seq_len = 64, .dtype = Dtype::bfloat16});
    EXPECT_TRUE(Predictor(timeless).predict(tree).seconds.empty());
}

TEST(KernelFit, LinesHaveSecondsOfModelsThatKnowThem) {
    const Dataset data = lawful_runs(some_prices(), true);
    const Model model = train(data, kernel_config());
    const Model timeless = train(lawful_runs(some_prices(), false), kernel_config());
    irene::Run run{.batch_size = 8, .seq_len = 64, .new_tokens = 4, .dtype = Dtype::bfloat16};
    run.counting = Counting::kernels;
    const std::string line = to_json(transformer_named("gpt2"), run);
    const std::string with = Predictor(model).predict_line(line);
    const Tree read = parse_tree(with);
    const Prediction prediction = Predictor(model).predict(read);
    std::size_t num_told = 0;
    for (std::size_t node = 0; node < read.nodes().size(); ++node) {
        const double told = read.nodes()[node].predicted_seconds;
        ASSERT_EQ(is_absent(told), is_absent(prediction.seconds[node]));
        if (is_absent(told)) continue;
        EXPECT_EQ(told, prediction.seconds[node]);
        ++num_told;
    }
    EXPECT_EQ(num_told, 3U);
    EXPECT_EQ(Predictor(model).predict_line(with), with);
    // Another model takes them out.
    const std::string without = Predictor(timeless).predict_line(line);
    EXPECT_EQ(without.find("seconds"), std::string::npos);
    EXPECT_EQ(Predictor(timeless).predict_line(with), without);
}

TEST(KernelFit, WithoutTimesALaunchHasAPrice) {
    const Model model = train(lawful_runs(some_prices(), false), kernel_config());
    EXPECT_FALSE(kernel_model(model).has_seconds);
    EXPECT_GT(kernel_model(model).prices[at_price(KernelPrice::watts)], 0.0);
    EXPECT_LT(kernel_model(model).joules_error, 20.0);
    EXPECT_NE(explain(model).find("joules a launch"), std::string::npos);
}

TEST(KernelFit, TakesTheTopmostNodesThatWereMeasured) {
    const KernelPrices prices = some_prices();
    Dataset data = lawful_runs(prices, true);
    // The layers alone, and what is below them: each is part of the law, and counts once.
    for (Tree& tree : data.trees) {
        const models::KernelCosts all = models::costs(tree, models::kernel_tree(tree, "x"), prices);
        tree = changed(tree, [&](std::size_t node, NewNode& made) {
            made.measured_energy = absent();
            made.features[static_cast<std::size_t>(Feature::times_mean)] = absent();
            if (node == 0 || tree.is_leaf(node) || all.joules[node] == 0.0) return;
            made.measured_energy = all.joules[node];
            made.features[static_cast<std::size_t>(Feature::times_mean)] = all.seconds[node];
        });
    }
    const models::KernelRuns runs(data);
    for (const models::KernelMeasurement& measured : runs.measurements) {
        EXPECT_NE(measured.type, NodeType::model);
        EXPECT_NEAR(models::cost_of(measured, runs.trees[measured.run], prices).joules, measured.joules,
                    1e-9 * measured.joules);
    }
    const Model model = train(data, kernel_config());
    for (const KernelPrice price :
         {KernelPrice::joules_narrow_flop, KernelPrice::joules_byte, KernelPrice::watts})
        EXPECT_NEAR(kernel_model(model).prices[at_price(price)], prices[at_price(price)],
                    1e-3 * prices[at_price(price)]);
}

TEST(KernelFit, FlopsThatNoRunHadArePricedByTheDatasheet) {
    Dataset narrow_runs{.source = "narrow.jsonl"};
    const Dataset data = lawful_runs(some_prices(), true);
    for (const Tree& tree : data.trees) {
        if (std::get<std::string>(tree.run(RunKey::dtype)) == "bfloat16") narrow_runs.trees.push_back(tree);
    }
    Config config = kernel_config();
    config.device = Device{.name = "D",
                           .flops_per_second = {{Dtype::bfloat16, 320e12}, {Dtype::float32, 20e12}},
                           .bytes_per_second = 1.5e12,
                           .watts = 250.0};
    const Model model = train(narrow_runs, config);
    const KernelPrices& prices = kernel_model(model).prices;
    for (const auto& [float32, narrow] :
         {std::pair{KernelPrice::joules_float32_flop, KernelPrice::joules_narrow_flop},
          {KernelPrice::seconds_float32_flop, KernelPrice::seconds_narrow_flop}}) {
        EXPECT_GT(prices[at_price(narrow)], 0.0);
        EXPECT_NEAR(prices[at_price(float32)], 16.0 * prices[at_price(narrow)],
                    1e-12 * prices[at_price(float32)]);
    }
    EXPECT_NE(explain(model).find("no run of training computed in float32"), std::string::npos)
        << explain(model);
    // It is told, and there is no interval.
    Predictor predictor(model, 0.9);
    const Prediction prediction = predictor.predict(data.trees[1]);
    EXPECT_GT(prediction.joules[0], 0.0);
    EXPECT_TRUE(is_absent(prediction.low[0]));
    ASSERT_FALSE(prediction.extrapolations.empty());
    EXPECT_EQ(prediction.extrapolations[0].quantities, std::vector<std::string_view>{"dtype"});
    const std::vector<std::string> words = to_words(predictor.notices());
    ASSERT_EQ(words.size(), 1U);
    EXPECT_NE(words[0].find("training saw no run with dtype 'float32'"), std::string::npos) << words[0];
}

TEST(KernelFit, RefusesWhatItCannotKnow) {
    const Dataset data = lawful_runs(some_prices(), true);
    const Model model = train(data, kernel_config());
    const Tree paper = transformer_named("gpt2").tree({.batch_size = 1, .seq_len = 8});
    EXPECT_NE(refusal(ErrorKind::data, [&] { Predictor(model).predict(paper); }).find("counting"),
              std::string::npos);
    Dataset half;
    half.source = "half.jsonl";
    for (const Tree& tree : data.trees) {
        if (std::get<std::string>(tree.run(RunKey::dtype)) == "bfloat16") half.trees.push_back(tree);
    }
    const Model narrow = train(half, kernel_config());
    EXPECT_NE(refusal(ErrorKind::data, [&] { Predictor(narrow).predict(data.trees[1]); })
                  .find("computes in float32"),
              std::string::npos);
    half.trees.front() = run_of("gpt2", {.batch_size = 1, .seq_len = 8});
    EXPECT_NE(refusal(ErrorKind::data, [&] { train(half, kernel_config()); }).find("ground_truth_energy"),
              std::string::npos);
    Config config = kernel_config();
    config.feature_sets.push_back(FeatureSet::model_specs);
    EXPECT_NE(refusal(ErrorKind::usage, [&] { config.validate(); }).find("stands alone"), std::string::npos);
    config = {};
    config.feature_sets = {FeatureSet::kernel_counts};
    EXPECT_NE(refusal(ErrorKind::usage, [&] { config.validate(); }).find("'additive' alone"),
              std::string::npos);
}

}  // namespace
}  // namespace irene::tests
