// Total parameters against those published for the models.
#include <cstdint>
#include <filesystem>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/architectures.hpp"

namespace irene::tests {
namespace {

struct Published {
    std::string model;
    std::int64_t num_parameters;  ///< of the base model, without a head
};

void PrintTo(const Published& published, std::ostream* out) { *out << published.model; }

class Parameters : public testing::TestWithParam<Published> {};

TEST_P(Parameters, AreThePublishedOnes) {
    const std::filesystem::path models = std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs/models";
    const Transformer model = load_transformer(models / (GetParam().model + ".json"));
    EXPECT_EQ(model.model_name(), GetParam().model);
    EXPECT_EQ(count_rows(model, 1, 16)[0].num_parameters, GetParam().num_parameters);
}

// Published with a language-model head of its own: Llama 2 and TinyLlama, Mistral, Llama 3 and Qwen2-7B, from
// which vocabulary x hidden size is taken off.
const std::vector<Published> kPublished{{"bert-base-uncased", 109'482'240},
                                        {"bert-large-uncased", 335'141'888},
                                        {"bert-base-cased", 108'310'272},
                                        {"bert-base-multilingual-cased", 177'853'440},
                                        {"bert-tiny", 4'385'920},
                                        {"roberta-base", 124'645'632},
                                        {"roberta-large", 355'359'744},
                                        {"xlm-roberta-base", 278'043'648},
                                        {"xlm-roberta-large", 559'890'432},
                                        {"camembert-base", 110'621'952},
                                        {"distilbert-base-uncased", 66'362'880},
                                        {"distilbert-base-multilingual-cased", 134'734'080},
                                        {"gpt2", 124'439'808},
                                        {"distilgpt2", 81'912'576},
                                        {"gpt2-medium", 354'823'168},
                                        {"gpt2-large", 774'030'080},
                                        {"gpt2-xl", 1'557'611'200},
                                        {"openai-gpt", 116'534'784},
                                        {"electra-base-discriminator", 108'891'648},
                                        {"electra-large-discriminator", 334'092'288},
                                        {"albert-base-v2", 11'683'584},
                                        {"albert-large-v2", 17'683'968},
                                        {"albert-xlarge-v2", 58'724'864},
                                        {"albert-xxlarge-v2", 222'595'584},
                                        {"gpt-neo-125m", 125'198'592},
                                        {"gpt-neo-1.3B", 1'315'575'808},
                                        {"gpt-neo-2.7B", 2'651'307'520},
                                        {"opt-125m", 125'239'296},
                                        {"opt-350m", 331'196'416},
                                        {"opt-1.3b", 1'315'758'080},
                                        {"opt-6.7b", 6'658'473'984},
                                        {"Llama-2-7b-hf", 6'738'415'616 - std::int64_t{32000} * 4096},
                                        {"Llama-2-13b-hf", 13'015'864'320 - std::int64_t{32000} * 5120},
                                        {"TinyLlama-1.1B", 1'100'048'384 - std::int64_t{32000} * 2048},
                                        {"Meta-Llama-3-8B", 8'030'261'248 - std::int64_t{128256} * 4096},
                                        {"Mistral-7B-v0.1", 7'241'732'096 - std::int64_t{32000} * 4096},
                                        {"Qwen2-0.5B", 494'032'768},
                                        {"Qwen2-1.5B", 1'543'714'304},
                                        {"Qwen2-7B", 7'615'616'512 - std::int64_t{152064} * 3584}};

INSTANTIATE_TEST_SUITE_P(Models, Parameters, testing::ValuesIn(kPublished), [](const auto& tested) {
    std::string name = tested.param.model;
    for (char& c : name) {
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
    }
    return name;
});

TEST(Configs, EveryModelFileHasItsParametersTested) {
    // electra-small-discriminator is published only with its head, which is not counted here.
    std::set<std::string> tested{"electra-small-discriminator"};
    for (const Published& published : kPublished) tested.insert(published.model);
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs/models")) {
        files.insert(entry.path().stem().string());
    }
    EXPECT_EQ(files, tested);
}

TEST(Configs, ElectraSmallIsCounted) {
    // Embeddings of 128 are projected to 256, and 12 layers with 4 * 256^2 + 2 * 256 * 1024 weights follow.
    const Transformer model = load_transformer(std::filesystem::path(IRENE_SOURCE_DIRECTORY) /
                                               "configs/models/electra-small-discriminator.json");
    const std::int64_t embeddings = (30522 + 512 + 2) * 128 + 2 * 128 + (128 * 256 + 256);
    const std::int64_t layer = 4 * (256 * 256 + 256) + 2 * 256 * 1024 + 1024 + 256 + 4 * 256;
    EXPECT_EQ(count_rows(model, 1, 16)[0].num_parameters, embeddings + 12 * layer);
}

}  // namespace
}  // namespace irene::tests
