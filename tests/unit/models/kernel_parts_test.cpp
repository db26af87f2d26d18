// What joules are spent on by the law of three prices: arithmetic, memory and static.
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/error.hpp"
#include "irene/model.hpp"
#include "irene/tasks.hpp"

#include "lawful_runs.hpp"
#include "models/kernels/law.hpp"

namespace irene::tests {
namespace {

using models::KernelPrice;
using models::KernelPrices;

constexpr double kMega = 1e6, kMebi = 1048576.0;

FeatureValues counts(double flops, double bytes, double launches, double calls = 1.0) {
    FeatureValues values = no_features();
    values[static_cast<std::size_t>(Feature::flops)] = flops / kMega;
    values[static_cast<std::size_t>(Feature::mem_bytes)] = bytes / kMebi;
    values[static_cast<std::size_t>(Feature::launches)] = launches;
    values[static_cast<std::size_t>(Feature::calls)] = calls;
    return values;
}

/// Two new tokens behind the prompt's on two GPUs, by a layer that is one product: in float32 in decode.
Tree generation_by_hand() {
    TreeBuilder builder("hand", 1, 4);
    builder.set(RunKey::new_tokens, std::int64_t{3});
    builder.set(RunKey::gpus, std::int64_t{2});
    builder.set(RunKey::dtype, std::string("bfloat16"));
    builder.set(RunKey::counting, std::string("kernels"));
    const auto start = [&](NodeType type, const char* instance_type, const char* scope, FeatureValues values,
                           std::optional<Dtype> dtype = {}) {
        builder.start_node({.type = type,
                            .instance_type = instance_type,
                            .scope = scope,
                            .id = scope,
                            .features = values,
                            .dtype = dtype});
    };
    start(NodeType::model, "Model", "root", counts(10, 10, 3));
    start(NodeType::module, "Prefill", "root.prefill", counts(4, 2, 1));
    start(NodeType::module, "Block", "root.prefill.0", counts(4, 2, 1));
    start(NodeType::ml, "Linear", "root.prefill.0.dense", counts(4, 2, 1));
    for (int i = 0; i < 3; ++i) builder.end_node();
    start(NodeType::module, "Decode", "root.decode", counts(6, 8, 2, 2));
    start(NodeType::module, "Block", "root.decode.0", counts(6, 8, 2, 2));
    start(NodeType::ml, "Linear", "root.decode.0.dense", counts(6, 8, 2, 2), Dtype::float32);
    for (int i = 0; i < 4; ++i) builder.end_node();
    return builder.finish();
}

KernelPrices round_prices() {
    KernelPrices prices{};
    prices[at_price(KernelPrice::joules_float32_flop)] = 3.0;
    prices[at_price(KernelPrice::joules_narrow_flop)] = 2.0;
    prices[at_price(KernelPrice::joules_byte)] = 5.0;
    prices[at_price(KernelPrice::watts)] = 7.0;
    prices[at_price(KernelPrice::joules_layer)] = 11.0;
    prices[at_price(KernelPrice::joules_token)] = 13.0;
    prices[at_price(KernelPrice::seconds_float32_flop)] = 0.5;
    prices[at_price(KernelPrice::seconds_narrow_flop)] = 0.25;
    prices[at_price(KernelPrice::seconds_byte)] = 0.125;
    prices[at_price(KernelPrice::seconds_launch)] = 0.0625;
    prices[at_price(KernelPrice::serving_seconds_layer)] = 1.0;
    prices[at_price(KernelPrice::serving_seconds_token)] = 2.0;
    return prices;
}

TEST(KernelParts, AGenerationOnTwoGpusByHand) {
    const Tree tree = generation_by_hand();
    const models::KernelCosts all = models::costs(tree, models::kernel_tree(tree, "x"), round_prices());
    // Static: two GPUs by 7 W by seconds; a layer takes 1 s and 11 J a step, a token 2 s and 13 J.
    const double prefill_dense = 2 * 7 * (4 * 0.25 + 2 * 0.125 + 0.0625) / 2;
    const double prefill_layer = 2 * (7 * 1 + 11), prefill_token = 2 * (7 * 2 + 13);
    const double decode_dense = 2 * 7 * (6 * 0.5 + 8 * 0.125 + 2 * 0.0625) / 2;
    const double prefill = prefill_dense + prefill_layer + prefill_token;
    const double decode = decode_dense + 2 * (prefill_layer + prefill_token);
    const std::vector<EnergyParts> expected{
        {4 * 2 + 6 * 3, (2 + 8) * 5, prefill + decode},
        {4 * 2, 2 * 5, prefill},
        {4 * 2, 2 * 5, prefill_dense + prefill_layer},
        {4 * 2, 2 * 5, prefill_dense},
        {6 * 3, 8 * 5, decode},
        {6 * 3, 8 * 5, decode_dense + 2 * prefill_layer},
        {6 * 3, 8 * 5, decode_dense},
    };
    ASSERT_EQ(all.parts.size(), expected.size());
    for (std::size_t node = 0; node < expected.size(); ++node) {
        SCOPED_TRACE(tree.scope(node));
        EXPECT_NEAR(all.parts[node].arithmetic_joules, expected[node].arithmetic_joules, 1e-9);
        EXPECT_NEAR(all.parts[node].memory_joules, expected[node].memory_joules, 1e-9);
        EXPECT_NEAR(all.parts[node].static_joules, expected[node].static_joules, 1e-9);
    }
    EXPECT_NEAR(all.joules[0], 26.0 + 50.0 + 308.0625, 1e-9);
}

void expect_parts_of(const std::vector<double>& joules, const std::vector<EnergyParts>& parts) {
    ASSERT_EQ(parts.size(), joules.size());
    for (std::size_t node = 0; node < joules.size(); ++node) {
        const EnergyParts& part = parts[node];
        EXPECT_GE(part.arithmetic_joules, 0.0);
        EXPECT_GE(part.memory_joules, 0.0);
        EXPECT_GE(part.static_joules, 0.0);
        EXPECT_NEAR(part.arithmetic_joules + part.memory_joules + part.static_joules, joules[node],
                    1e-12 * joules[node]);
    }
}

TEST(KernelParts, AddUpToEachNodesJoulesWhateverTheRun) {
    KernelPrices prices = some_prices();
    prices[at_price(KernelPrice::joules_layer)] = 1e-3;
    prices[at_price(KernelPrice::joules_token)] = 30e-3;
    for (const irene::Run& run :
         {irene::Run{.batch_size = 4, .seq_len = 64, .new_tokens = 9, .dtype = Dtype::bfloat16},
          irene::Run{.batch_size = 4, .seq_len = 64, .new_tokens = 9, .dtype = Dtype::float32, .gpus = 2},
          irene::Run{.batch_size = 1, .seq_len = 16}}) {
        const Tree tree = run_of("Qwen2-0.5B", run);
        const models::KernelTree kernels = models::kernel_tree(tree, "x");
        const models::KernelCosts all = models::costs(tree, kernels, prices);
        expect_parts_of(all.joules, all.parts);
        // Each joule stands in one node alone.
        models::KernelWork whole;
        for (const models::KernelWork& call : kernels.calls) whole.add(call);
        const double arithmetic = 9e-12 * whole.float32_flops + 0.7e-12 * whole.narrow_flops;
        EXPECT_NEAR(all.parts[0].arithmetic_joules, arithmetic, 1e-9 * arithmetic);
        EXPECT_NEAR(all.parts[0].memory_joules, 130e-12 * whole.bytes, 1e-9 * 130e-12 * whole.bytes);
        EXPECT_GT(all.parts[0].static_joules, 0.0);
    }
}

class KernelPartsOfLines : public testing::Test {
  protected:
    static std::string line() {
        irene::Run run{.batch_size = 8, .seq_len = 64, .new_tokens = 4, .dtype = Dtype::bfloat16};
        run.counting = Counting::kernels;
        return to_json(transformer_named("gpt2"), run);
    }
};

TEST_F(KernelPartsOfLines, EveryNodeHasItsPartsAndAnotherModelTakesThemOut) {
    const Dataset data = lawful_runs(some_prices(), true);
    const Model model = train(data, kernel_config());
    const std::string with = Predictor(model).predict_line(line());
    const Tree read = parse_tree(with);
    const Prediction prediction = Predictor(model).predict(read);
    expect_parts_of(prediction.joules, prediction.parts);
    for (std::size_t node = 0; node < read.nodes().size(); ++node)
        EXPECT_EQ(read.nodes()[node].predicted_parts, prediction.parts[node]);
    EXPECT_TRUE(Predictor(model).predict_line(with) == with);

    Config config;
    config.training_strategy = TrainingStrategy::additive;
    config.feature_sets = {FeatureSet::model_specs};
    const Model other = train(data, config);
    EXPECT_TRUE(Predictor(other).predict(read).parts.empty());
    const std::string without = Predictor(other).predict_line(line());
    for (const char* key : {"arithmetic", "memory_energy", "static"})
        EXPECT_EQ(without.find(key), std::string::npos);
    EXPECT_TRUE(Predictor(other).predict_line(with) == without);
}

TEST_F(KernelPartsOfLines, PredictionNamesTheDeviceOfTheModel) {
    Config config = kernel_config();
    config.joules_of = "the GPUs";
    const Dataset data = lawful_runs(some_prices(), true);
    const std::string nameless = Predictor(train(data, config)).predict_line(line());
    EXPECT_EQ(nameless.find("\"device\""), std::string::npos);
    config.device = Device{.name = "D \"1\"",
                           .flops_per_second = {{Dtype::bfloat16, 320e12}, {Dtype::float32, 20e12}},
                           .bytes_per_second = 1.5e12,
                           .watts = 250.0};
    const std::string named = Predictor(train(data, config)).predict_line(nameless);
    EXPECT_NE(
        named.find(R"("feature_sets": ["kernel_counts"], "device": "D \"1\"", "joules_of": "the GPUs")"),
        std::string::npos)
        << named.substr(0, 400);
}

}  // namespace
}  // namespace irene::tests
