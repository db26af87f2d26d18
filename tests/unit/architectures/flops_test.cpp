// Operations of one forward pass: for each family a model's products, written down by hand from the sizes
// that its page and its class give, each 2 x rows x inner x outer.
#include <cstdint>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/architectures.hpp"

#include "architectures/blueprint.hpp"
#include "test_name.hpp"

namespace irene::tests {
namespace {

constexpr std::int64_t kSequences = 2, kTokensOfEach = 24, kTokens = kSequences * kTokensOfEach;

/// A product of `rows` rows, by default one for each token of the batch.
struct Product {
    std::int64_t times, inner, outer, rows = kTokens;
};

/// The two products of each attention, over all tokens of a sequence.
struct Attention {
    std::int64_t layers, heads, query_size, value_size;
};

struct Model {
    std::string name;
    std::vector<Product> products;
    Attention attention;
};

void PrintTo(const Model& model, std::ostream* out) { *out << model.name; }

std::int64_t flops_of(const Model& model) {
    const Attention& attention = model.attention;
    std::int64_t flops = 2 * kSequences * attention.layers * attention.heads * kTokensOfEach * kTokensOfEach *
                         (attention.query_size + attention.value_size);
    for (const Product& product : model.products)
        flops += 2 * product.times * product.rows * product.inner * product.outer;
    return flops;
}

class Flops : public testing::TestWithParam<Model> {};

TEST_P(Flops, AreThoseOfTheProducts) {
    const std::filesystem::path models = std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs/models";
    const Transformer model =
        load_transformer(models / (GetParam().name + ".json"), {.counting = Counting::kernels});
    const irene::Run run{.batch_size = kSequences, .seq_len = kTokensOfEach, .counting = Counting::kernels};
    EXPECT_EQ(architectures::parts_of(model, run).total.flops.value(), flops_of(GetParam()));
}

// Encoders. An attention has q, k, v and o, a feed-forward network two products; a pooler is one of the first
// tokens.
const std::vector<Model> kEncoders{
    {"bert-base-uncased",
     {{12 * 4, 768, 768}, {12 * 2, 768, 3072}, {1, 768, 768, kSequences}},
     {12, 12, 64, 64}},
    {"roberta-base", {{12 * 4, 768, 768}, {12 * 2, 768, 3072}, {1, 768, 768, kSequences}}, {12, 12, 64, 64}},
    {"distilbert-base-uncased", {{6 * 4, 768, 768}, {6 * 2, 768, 3072}}, {6, 12, 64, 64}},
    {"albert-base-v2",
     {{1, 128, 768}, {12 * 4, 768, 768}, {12 * 2, 768, 3072}, {1, 768, 768, kSequences}},
     {12, 12, 64, 64}},
    {"electra-small-discriminator",
     {{1, 128, 256}, {12 * 4, 256, 256}, {12 * 2, 256, 1024}},
     {12, 4, 64, 64}},
    {"mpnet-base", {{12 * 4, 768, 768}, {12 * 2, 768, 3072}, {1, 768, 768, kSequences}}, {12, 12, 64, 64}},
    // Queries meet the keys of 512 relative places, and keys their queries.
    {"deberta-v3-small",
     {{6 * 4, 768, 768},
      {6 * 2, 768, 3072},
      {6 * 2, 768, 768, 512},
      {6 * 2 * kSequences * 12, 64, 512, kTokensOfEach}},
     {6, 12, 64, 64}},
    // A gate and what it lets through are one product.
    {"ModernBERT-base",
     {{22, 768, 2304}, {22, 768, 768}, {22, 768, 2304}, {22, 1152, 768}},
     {22, 12, 64, 64}},
    // Twice as many relative places as tokens are projected, and meet the queries.
    {"xlnet-base-cased",
     {{12 * 4, 768, 768},
      {12 * 2, 768, 3072},
      {12, 768, 768, 2 * kTokensOfEach},
      {12 * kSequences * 12, 64, 2 * kTokensOfEach, kTokensOfEach}},
     {12, 12, 64, 64}},
};

// Decoders with as many key heads as query heads and two products in the feed-forward network.
const std::vector<Model> kDecoders{
    {"gpt2", {{12, 768, 2304}, {12, 768, 768}, {12 * 2, 768, 3072}}, {12, 12, 64, 64}},
    {"openai-gpt", {{12, 768, 2304}, {12, 768, 768}, {12 * 2, 768, 3072}}, {12, 12, 64, 64}},
    {"gpt-neo-125m", {{12 * 4, 768, 768}, {12 * 2, 768, 3072}}, {12, 12, 64, 64}},
    {"opt-350m", {{2, 512, 1024}, {24 * 4, 1024, 1024}, {24 * 2, 1024, 4096}}, {24, 16, 64, 64}},
    {"pythia-160m", {{12, 768, 2304}, {12, 768, 768}, {12 * 2, 768, 3072}}, {12, 12, 64, 64}},
    {"gpt-j-6b", {{28 * 4, 4096, 4096}, {28 * 2, 4096, 16384}}, {28, 16, 256, 256}},
    {"phi-1_5", {{24 * 4, 2048, 2048}, {24 * 2, 2048, 8192}}, {24, 32, 64, 64}},
    {"bloom-560m", {{24, 1024, 3072}, {24, 1024, 1024}, {24 * 2, 1024, 4096}}, {24, 16, 64, 64}},
    {"falcon-7b", {{32, 4544, 73 * 64}, {32, 4544, 4544}, {32 * 2, 4544, 18176}}, {32, 71, 64, 64}},
    {"starcoderbase-1b", {{24, 2048, 2304}, {24, 2048, 2048}, {24 * 2, 2048, 8192}}, {24, 16, 128, 128}},
    {"mpt-7b", {{32, 4096, 12288}, {32, 4096, 4096}, {32 * 2, 4096, 16384}}, {32, 32, 128, 128}},
    {"starcoder2-3b", {{30 * 2, 3072, 3072}, {30 * 2, 3072, 256}, {30 * 2, 3072, 12288}}, {30, 24, 128, 128}},
};

// Decoders with a gate in the feed-forward network, most with fewer key heads than query heads.
const std::vector<Model> kGatedDecoders{
    {"TinyLlama-1.1B", {{22 * 2, 2048, 2048}, {22 * 2, 2048, 256}, {22 * 3, 2048, 5632}}, {22, 32, 64, 64}},
    {"Mistral-7B-v0.1",
     {{32 * 2, 4096, 4096}, {32 * 2, 4096, 1024}, {32 * 3, 4096, 14336}},
     {32, 32, 128, 128}},
    {"Qwen2-0.5B", {{24 * 2, 896, 896}, {24 * 2, 896, 128}, {24 * 3, 896, 4864}}, {24, 14, 64, 64}},
    {"Qwen3-0.6B", {{28 * 2, 1024, 2048}, {28 * 2, 1024, 1024}, {28 * 3, 1024, 3072}}, {28, 16, 128, 128}},
    {"gemma-2b", {{18 * 2, 2048, 2048}, {18 * 2, 2048, 256}, {18 * 3, 2048, 16384}}, {18, 8, 256, 256}},
    {"gemma-2-2b", {{26 * 2, 2304, 2048}, {26 * 2, 2304, 1024}, {26 * 3, 2304, 9216}}, {26, 8, 256, 256}},
    {"gemma-3-1b", {{26 * 2, 1152, 1024}, {26 * 2, 1152, 256}, {26 * 3, 1152, 6912}}, {26, 4, 256, 256}},
    {"Phi-3-mini-4k-instruct",
     {{32, 3072, 9216}, {32, 3072, 3072}, {32, 3072, 16384}, {32, 8192, 3072}},
     {32, 32, 96, 96}},
    {"OLMo-2-1124-7B", {{32 * 4, 4096, 4096}, {32 * 3, 4096, 11008}}, {32, 32, 128, 128}},
    {"stablelm-2-1_6b", {{24 * 4, 2048, 2048}, {24 * 3, 2048, 5632}}, {24, 32, 64, 64}},
    {"c4ai-command-r-v01", {{40 * 4, 8192, 8192}, {40 * 3, 8192, 22528}}, {40, 64, 128, 128}},
    {"granite-3.0-2b-base",
     {{40 * 2, 2048, 2048}, {40 * 2, 2048, 512}, {40 * 3, 2048, 8192}},
     {40, 32, 64, 64}},
};

// Experts: the router's product, and those of as many experts as a token goes to.
const std::vector<Model> kExperts{
    {"Mixtral-8x7B-v0.1",
     {{32 * 2, 4096, 4096}, {32 * 2, 4096, 1024}, {32, 4096, 8}, {32 * 2 * 3, 4096, 14336}},
     {32, 32, 128, 128}},
    // Besides a shared expert, with a gate of one number.
    {"Qwen1.5-MoE-A2.7B",
     {{24 * 4, 2048, 2048}, {24, 2048, 60}, {24 * 4 * 3, 2048, 1408}, {24 * 3, 2048, 5632}, {24, 2048, 1}},
     {24, 16, 128, 128}},
    {"Qwen3-30B-A3B",
     {{48 * 2, 2048, 4096}, {48 * 2, 2048, 512}, {48, 2048, 128}, {48 * 8 * 3, 2048, 768}},
     {48, 32, 128, 128}},
    {"gpt-oss-20b",
     {{24 * 2, 2880, 4096}, {24 * 2, 2880, 512}, {24, 2880, 32}, {24 * 4 * 3, 2880, 2880}},
     {24, 64, 64, 64}},
    // Keys and values come through a low rank; the first layers have no experts.
    {"DeepSeek-V2-Lite",
     {{27, 2048, 16 * 192},
      {27, 2048, 576},
      {27, 512, 16 * 256},
      {27, 2048, 2048},
      {3, 2048, 10944},
      {26, 2048, 64},
      {26 * 6 * 3, 2048, 1408},
      {26 * 3, 2048, 2816}},
     {27, 16, 192, 128}},
    {"DeepSeek-V3",
     {{61, 7168, 1536},
      {61, 1536, 128 * 192},
      {61, 7168, 576},
      {61, 512, 128 * 256},
      {61, 16384, 7168},
      {3 * 3, 7168, 18432},
      {58, 7168, 256},
      {58 * (8 + 1) * 3, 7168, 2048}},
     {61, 128, 192, 128}},
    {"Kimi-K2",
     {{61, 7168, 1536},
      {61, 1536, 64 * 192},
      {61, 7168, 576},
      {61, 512, 64 * 256},
      {61, 8192, 7168},
      {3, 7168, 18432},
      {60, 7168, 384},
      {60 * (8 + 1) * 3, 7168, 2048}},
     {61, 64, 192, 128}},
};

// Encoder and decoder, both of the same length: a layer of the decoder has two attentions.
const std::vector<Model> kTwoSided{
    {"t5-small", {{18 * 4, 512, 512}, {12 * 2, 512, 2048}}, {18, 8, 64, 64}},
    {"mt5-small", {{24 * 4, 512, 384}, {16 * 3, 512, 1024}}, {24, 6, 64, 64}},
    {"bart-base", {{18 * 4, 768, 768}, {12 * 2, 768, 3072}}, {18, 12, 64, 64}},
    {"mbart-large-50", {{36 * 4, 1024, 1024}, {24 * 2, 1024, 4096}}, {36, 16, 64, 64}},
    {"opus-mt-en-de", {{18 * 4, 512, 512}, {12 * 2, 512, 2048}}, {18, 8, 64, 64}},
    {"m2m100_418M", {{36 * 4, 1024, 1024}, {24 * 2, 1024, 4096}}, {36, 16, 64, 64}},
};

std::string test_name(const testing::TestParamInfo<Model>& tested) { return test_name_of(tested.param.name); }

INSTANTIATE_TEST_SUITE_P(Encoders, Flops, testing::ValuesIn(kEncoders), test_name);
INSTANTIATE_TEST_SUITE_P(Decoders, Flops, testing::ValuesIn(kDecoders), test_name);
INSTANTIATE_TEST_SUITE_P(GatedDecoders, Flops, testing::ValuesIn(kGatedDecoders), test_name);
INSTANTIATE_TEST_SUITE_P(Experts, Flops, testing::ValuesIn(kExperts), test_name);
INSTANTIATE_TEST_SUITE_P(TwoSided, Flops, testing::ValuesIn(kTwoSided), test_name);

}  // namespace
}  // namespace irene::tests
