// Configs of public repositories: each gives the parameters that are known of it or is refused with a reason;
// none gives a wrong number.
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "irene/architectures.hpp"
#include "irene/error.hpp"

#include "reference.hpp"

namespace irene::tests {
namespace {

std::filesystem::path folder() { return reference() / "public_configs"; }

/// The totals of expected.csv, by file; 0 where none is known.
std::map<std::string, std::int64_t> expected_parameters() {
    std::ifstream file(folder() / "expected.csv");
    std::map<std::string, std::int64_t> expected;
    std::string line;
    std::getline(file, line);  // file,model_type,parameters
    while (std::getline(file, line)) {
        const std::string parameters = line.substr(line.rfind(',') + 1);
        expected[line.substr(0, line.find(','))] = parameters.empty() ? 0 : std::stoll(parameters);
    }
    return expected;
}

TEST(PublicConfigs, GiveTheirParametersOrAReason) {
    if (!std::filesystem::exists(folder())) GTEST_SKIP() << "the configs are not at " << folder();
    const std::map<std::string, std::int64_t> expected = expected_parameters();
    // Without a total in the table. Checked by hand against the models that they are: XLM-R base and large,
    // GPT-2 small and medium, Llama 3.1 70B without its head, two small BERTs by their closed form,
    // DeepSeek-V3 and V2-Lite.
    const std::map<std::string, std::int64_t> by_hand{
        {"xlm-roberta_140.json", 278'043'648},
        {"xlm-roberta_155.json", 559'890'432},
        {"xlm-roberta_165.json", 278'043'648},
        {"xlm-roberta_214.json", 559'890'432},
        {"gpt2_137.json", 124'439'808},
        {"gpt2_206.json", 354'823'168},
        {"llama_175.json", 69'503'033'344},
        {"bert_161.json", 19'446'272},
        {"bert_162.json", 19'709'440},
        {"deepseek_v3_081.json", 671'026'404'352 - 129'280LL * 7168},
        {"deepseek_v2_202.json", 15'706'484'224 - 102'400LL * 2048},
        // The same with queries through a rank of 1536, which is the class's where the config is silent.
        {"deepseek_v2_230.json", 15'496'769'024 + 27 * (2048 * 1536 + 1536 + 1536 * 3072 - 2048 * 3072)}};
    std::size_t num_files = 0, num_counted = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder())) {
        if (entry.path().extension() != ".json") continue;
        const std::string name = entry.path().filename();
        SCOPED_TRACE(name);
        ++num_files;
        ASSERT_TRUE(expected.contains(name));
        try {
            const std::int64_t counted = count_rows(load_transformer(entry.path()), {1, 8})[0].num_parameters;
            ++num_counted;
            const std::int64_t known = expected.at(name) != 0   ? expected.at(name)
                                       : by_hand.contains(name) ? by_hand.at(name)
                                                                : -1;
            EXPECT_EQ(counted, known);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::data);
            EXPECT_FALSE(error.place().field.empty()) << error.what();
        }
    }
    EXPECT_EQ(num_files, expected.size());
    EXPECT_EQ(num_counted, 94U);  // of the architectures that are known
}

TEST(PublicConfigs, WithoutATypeAreCountedByTheOneThatIsGiven) {
    if (!std::filesystem::exists(folder())) GTEST_SKIP() << "the configs are not at " << folder();
    const auto parameters = [](const char* file, const char* model_type) {
        return count_rows(load_transformer(folder() / file, {.model_type = model_type}), {1, 8})[0]
            .num_parameters;
    };
    EXPECT_EQ(parameters("none_293.json", "gpt2"), 81'912'576);   // DistilGPT-2
    EXPECT_EQ(parameters("none_295.json", "bert"), 335'141'888);  // BERT large
    EXPECT_THROW(parameters("none_285.json", "gpt2"), Error);     // Qwen's own classes
}

}  // namespace
}  // namespace irene::tests
