// Total parameters against those published for the models.
#include <cstdint>
#include <filesystem>
#include <ostream>
#include <string>

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
    EXPECT_EQ(model.tree(1, 16).nodes[0].num_parameters, GetParam().num_parameters);
}

// Published with a language-model head of its own: Llama 2 and TinyLlama, Mistral, Llama 3 and Qwen2-7B, from
// which vocabulary x hidden size is taken off.
INSTANTIATE_TEST_SUITE_P(
    Models, Parameters,
    testing::Values(
        Published{"bert-base-uncased", 109'482'240}, Published{"bert-large-uncased", 335'141'888},
        Published{"bert-base-cased", 108'310'272}, Published{"bert-base-multilingual-cased", 177'853'440},
        Published{"bert-tiny", 4'385'920}, Published{"roberta-base", 124'645'632},
        Published{"roberta-large", 355'359'744}, Published{"xlm-roberta-base", 278'043'648},
        Published{"xlm-roberta-large", 559'890'432}, Published{"camembert-base", 110'621'952},
        Published{"distilbert-base-uncased", 66'362'880},
        Published{"distilbert-base-multilingual-cased", 134'734'080}, Published{"gpt2", 124'439'808},
        Published{"distilgpt2", 81'912'576}, Published{"gpt2-medium", 354'823'168},
        Published{"gpt2-large", 774'030'080}, Published{"gpt2-xl", 1'557'611'200},
        Published{"openai-gpt", 116'534'784}, Published{"electra-base-discriminator", 108'891'648},
        Published{"electra-large-discriminator", 334'092'288}, Published{"albert-base-v2", 11'683'584},
        Published{"albert-large-v2", 17'683'968}, Published{"albert-xlarge-v2", 58'724'864},
        Published{"albert-xxlarge-v2", 222'595'584}, Published{"gpt-neo-125m", 125'198'592},
        Published{"gpt-neo-1.3B", 1'315'575'808}, Published{"gpt-neo-2.7B", 2'651'307'520},
        Published{"opt-125m", 125'239'296}, Published{"opt-350m", 331'196'416},
        Published{"opt-1.3b", 1'315'758'080}, Published{"opt-6.7b", 6'658'473'984},
        Published{"Llama-2-7b-hf", 6'738'415'616 - std::int64_t{32000} * 4096},
        Published{"Llama-2-13b-hf", 13'015'864'320 - std::int64_t{32000} * 5120},
        Published{"TinyLlama-1.1B", 1'100'048'384 - std::int64_t{32000} * 2048},
        Published{"Meta-Llama-3-8B", 8'030'261'248 - std::int64_t{128256} * 4096},
        Published{"Mistral-7B-v0.1", 7'241'732'096 - std::int64_t{32000} * 4096},
        Published{"Qwen2-0.5B", 494'032'768}, Published{"Qwen2-1.5B", 1'543'714'304},
        Published{"Qwen2-7B", 7'615'616'512 - std::int64_t{152064} * 3584}),
    [](const auto& tested) {
        std::string name = tested.param.model;
        for (char& c : name) {
            if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
        }
        return name;
    });

TEST(Configs, EveryModelFileHasItsParametersTested) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs/models")) {
        (void)load_transformer(entry.path()).tree(2, 8);
        ++files;
    }
    // electra-small-discriminator is published only with its head, which is not counted here.
    EXPECT_EQ(files, 40U);
}

}  // namespace
}  // namespace irene::tests
