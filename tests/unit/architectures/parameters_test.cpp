// Total parameters against those published for the models.
#include <cstdint>
#include <filesystem>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/architectures.hpp"

#include "test_name.hpp"

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
    EXPECT_EQ(count_rows(model, {1, 16})[0].num_parameters, GetParam().num_parameters);
}

// The totals that the models' pages on the hub show for their files. Published with a language-model head of
// its own: those from which vocabulary x hidden size (and a bias) is taken off. Of Gemma 3 from 4B on, the
// page has the total with a vision model: 416'866'032 of that and, of what joins both, 1152 * hidden size +
// 1152 are off.
const std::vector<Published> kPublished{
    {"bert-base-uncased", 109'482'240},
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
    {"Qwen2-7B", 7'615'616'512 - std::int64_t{152064} * 3584},
    {"Llama-3.1-8B", 8'030'261'248 - std::int64_t{128256} * 4096},
    {"Llama-3.1-70B", 70'553'706'496 - std::int64_t{128256} * 8192},
    {"Llama-3.3-70B", 70'553'706'496 - std::int64_t{128256} * 8192},
    {"Llama-3.1-405B", 405'853'388'800 - std::int64_t{128256} * 16384},
    {"Llama-3.2-1B", 1'235'814'400},
    {"Llama-3.2-3B", 3'212'749'824},
    {"Qwen3-0.6B", 596'049'920},
    {"Qwen3-1.7B", 1'720'574'976},
    {"Qwen3-4B", 4'022'468'096},
    {"Qwen3-8B", 8'190'735'360 - std::int64_t{151936} * 4096},
    {"Qwen3-14B", 14'768'307'200 - std::int64_t{151936} * 5120},
    {"Qwen3-32B", 32'762'123'264 - std::int64_t{151936} * 5120},
    {"Qwen3-30B-A3B", 30'532'122'624 - std::int64_t{151936} * 2048},
    {"Qwen3-235B-A22B", 235'093'634'560 - std::int64_t{151936} * 4096},
    {"Qwen1.5-MoE-A2.7B", 14'315'784'192 - std::int64_t{151936} * 2048},
    {"Qwen2-57B-A14B", 57'408'658'944 - std::int64_t{151936} * 3584},
    {"Mixtral-8x7B-v0.1", 46'702'792'704 - std::int64_t{32000} * 4096},
    {"Mixtral-8x22B-v0.1", 140'620'634'112 - std::int64_t{32000} * 6144},
    {"gpt-oss-20b", 20'914'757'184 - std::int64_t{201088} * 2880},
    {"gpt-oss-120b", 116'829'156'672 - std::int64_t{201088} * 2880},
    {"gemma-2b", 2'506'172'416},
    {"gemma-7b", 8'537'680'896},
    {"gemma-2-2b", 2'614'341'888},
    {"gemma-2-9b", 9'241'705'984},
    {"gemma-3-1b", 999'885'952},
    {"gemma-3-4b", 3'880'263'168},
    {"gemma-3-12b", 11'766'034'176},
    {"gemma-3-27b", 27'009'346'304},
    {"gpt-neox-20b", 20'554'567'680 - std::int64_t{50432} * 6144},
    {"pythia-160m", 162'322'944 - std::int64_t{50304} * 768},
    {"pythia-1.4b", 1'414'647'808 - std::int64_t{50304} * 2048},
    {"pythia-6.9b", 6'857'302'016 - std::int64_t{50432} * 4096},
    {"gpt-j-6b", 6'050'882'784 - std::int64_t{50400} * 4096 - 50400},
    {"phi-1_5", 1'418'270'720 - std::int64_t{51200} * 2048 - 51200},
    {"phi-2", 2'779'683'840 - std::int64_t{51200} * 2560 - 51200},
    {"Phi-3-mini-4k-instruct", 3'821'079'552 - std::int64_t{32064} * 3072},
    {"phi-4", 14'659'507'200 - std::int64_t{100352} * 5120},
    {"OLMo-2-1124-7B", 7'298'617'344 - std::int64_t{100352} * 4096},
    {"OLMo-2-1124-13B", 13'716'198'400 - std::int64_t{100352} * 5120},
    {"stablelm-3b-4e1t", 2'795'443'200 - std::int64_t{50304} * 2560},
    {"stablelm-2-1_6b", 1'644'515'328 - std::int64_t{100352} * 2048},
    {"starcoder2-3b", 3'030'371'328},
    {"starcoder2-7b", 7'173'923'840},
    {"starcoder2-15b", 15'957'889'024 - std::int64_t{49152} * 6144},
    {"c4ai-command-r-v01", 34'980'831'232},
    {"aya-23-8B", 8'028'033'024},
    {"granite-3.0-2b-base", 2'533'531'648},
    {"granite-3.0-8b-base", 8'170'848'256},
    {"bloom-560m", 559'214'592},
    {"bloom-7b1", 7'069'016'064},
    {"bloom", 176'247'271'424},
    {"falcon-7b", 6'921'720'704},
    {"falcon-40b", 41'303'293'952},
    {"starcoderbase-1b", 1'137'207'296},
    {"starcoder", 15'517'456'384},
    {"mpt-7b", 6'649'286'656},
    {"t5-small", 60'506'624},
    {"t5-base", 222'903'552},
    {"t5-large", 737'668'096},
    {"t5-3b", 2'851'598'336},
    {"flan-t5-base", 247'577'856 - std::int64_t{32128} * 768},
    {"flan-t5-large", 783'150'080 - std::int64_t{32128} * 1024},
    {"flan-t5-xl", 2'849'757'184 - std::int64_t{32128} * 2048},
    {"mt5-small", 300'176'768 - std::int64_t{250112} * 512},
    {"mt5-base", 582'401'280 - std::int64_t{250112} * 768},
    {"bart-base", 139'420'416},
    {"bart-large", 406'291'456},
    {"mbart-large-50", 610'879'488},
    {"mbart-large-cc25", 610'851'840},
    {"opus-mt-en-de", 74'410'496},
    {"opus-mt-en-fr", 75'133'952},
    {"m2m100_418M", 483'905'536},
    {"m2m100_1.2B", 1'239'470'080},
    {"mpnet-base", 109'486'464},
    {"deberta-v3-xsmall", 70'682'112},
    {"deberta-v3-small", 141'304'320},
    {"deberta-v3-base", 183'831'552},
    {"deberta-v3-large", 434'012'160},
    {"ModernBERT-base", 149'014'272},
    {"ModernBERT-large", 394'781'696},
    {"xlnet-base-cased", 116'718'336},
    {"xlnet-large-cased", 360'268'800},
    {"DeepSeek-V2-Lite", 15'706'484'224 - std::int64_t{102400} * 2048},
    {"DeepSeek-V2", 235'741'434'880 - std::int64_t{102400} * 5120},
    {"DeepSeek-V3", 671'026'404'352 - std::int64_t{129280} * 7168},
    {"Kimi-K2", 1'026'408'209'408 - std::int64_t{163840} * 7168}};

INSTANTIATE_TEST_SUITE_P(Models, Parameters, testing::ValuesIn(kPublished),
                         [](const auto& tested) { return test_name_of(tested.param.model); });

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
    EXPECT_EQ(count_rows(model, {1, 16})[0].num_parameters, embeddings + 12 * layer);
}

}  // namespace
}  // namespace irene::tests
