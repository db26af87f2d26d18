// What energy is spent on, from the command line: it adds up in every table, and by every model of its own.
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/dataset.hpp"

#include "fixtures.hpp"
#include "trained.hpp"

namespace irene::tests {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> fields_of(const std::string& line) {
    std::vector<std::string> fields(1);
    for (const char c : line) {
        if (c == ',') {
            fields.emplace_back();
        } else {
            fields.back() += c;
        }
    }
    return fields;
}

/// Rows of CSV whose fields have no quotes, by the names of the columns.
std::vector<Row> rows_of(const std::string& csv) {
    std::vector<Row> rows;
    std::vector<std::string> columns;
    for (std::size_t begin = 0; begin < csv.size();) {
        const std::size_t end = csv.find('\n', begin);
        const std::vector<std::string> fields = fields_of(csv.substr(begin, end - begin));
        begin = end + 1;
        if (columns.empty()) {
            columns = fields;
            continue;
        }
        rows.emplace_back();
        for (std::size_t i = 0; i < columns.size(); ++i) rows.back()[columns[i]] = fields[i];
    }
    return rows;
}

double number(const Row& row, const std::string& column) { return std::stod(row.at(column)); }

/// Generations on one GPU and on two, predicted by a model that ships, with its device.
class PartsCli : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        directory_ = new TemporaryDirectory;
        const std::string configs = std::string(IRENE_SOURCE_DIRECTORY) + "/configs/models/";
        succeed(*directory_, "irene-extract -q " + configs + "gpt2.json " + configs +
                                 "Qwen2-0.5B.json --batch_size 4 --seq_len 64,128 --new_tokens 16 --dtype "
                                 "float16 --gpus 2 -o trees.jsonl");
        succeed(*directory_, "irene-predict -q trees.jsonl predictions.jsonl h100-sxm-vllm");
    }
    static void TearDownTestSuite() {
        delete directory_;
        directory_ = nullptr;
    }
    static std::string printed(const std::string& line, const std::string& input = {}) {
        return succeed(*directory_, line, input).output;
    }
    static std::string predictions() { return read_file(*directory_ / "predictions.jsonl"); }
    static bool has(const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    }
    static inline TemporaryDirectory* directory_ = nullptr;
};

TEST_F(PartsCli, RunsAndNodesHaveThemAndTheyAddUp) {
    const std::vector<std::string> parts{"arithmetic", "memory", "static"};
    std::map<std::string, double> of_roots;
    for (const Row& row :
         rows_of(printed("irene-summarize --by model_name --format csv predictions.jsonl"))) {
        double sum = 0.0;
        for (const std::string& part : parts) {
            const double joules = number(row, part + " J/tree");
            EXPECT_GT(joules, 0.0);
            of_roots[row.at("model_name") + part] = joules;
            sum += joules;
        }
        EXPECT_NEAR(sum, number(row, "J/tree"), 1e-9 * sum);
    }
    ASSERT_EQ(of_roots.size(), 6U);
    for (const char* key : {"instance_type", "phase", "type", "scope"}) {
        std::map<std::string, double> of_nodes;
        const std::string command =
            std::string("irene-summarize --by model_name,") + key + " --format csv predictions.jsonl";
        for (const Row& row : rows_of(printed(command))) {
            double sum = 0.0;
            for (const std::string& part : parts) {
                const double joules = number(row, "self " + part + " J/tree");
                EXPECT_GE(joules, 0.0) << row.at(key);
                of_nodes[row.at("model_name") + part] += joules;
                sum += joules;
            }
            EXPECT_NEAR(sum, number(row, "self J/tree"), 1e-9 * of_roots.at(row.at("model_name") + "static"));
        }
        ASSERT_EQ(of_nodes.size(), of_roots.size()) << key;
        for (const auto& [of, joules] : of_roots) EXPECT_NEAR(of_nodes.at(of), joules, 1e-9 * joules) << key;
    }
    const std::string csv = printed("irene-visualize --format csv predictions.jsonl -");
    for (const Row& row : rows_of(csv)) {
        const double sum = number(row, "predicted_arithmetic_energy") +
                           number(row, "predicted_memory_energy") + number(row, "predicted_static_energy");
        EXPECT_NEAR(sum, number(row, "predicted_energy"), 1e-9 * sum) << row.at("scope");
    }
}

TEST_F(PartsCli, PlainPredictionsHaveNoneAndTakeThemOut) {
    EXPECT_EQ(printed("irene-predict -q - - h100-sxm-vllm", predictions()), predictions());
    const std::string plain = printed("irene-predict -q --plain - - h100-sxm-vllm", predictions());
    EXPECT_EQ(plain, printed("irene-predict -q --plain trees.jsonl - h100-sxm-vllm"));
    for (const char* absent : {"arithmetic", "_memory_", "static"}) EXPECT_FALSE(has(plain, absent));
    EXPECT_FALSE(has(printed("irene-summarize -", plain), "arithmetic"));
    EXPECT_FALSE(has(printed("irene-visualize --format csv - -", plain), "arithmetic"));
}

TEST_F(PartsCli, PredictionNamesTheDevice) {
    EXPECT_TRUE(
        has(predictions(), R"("feature_sets": ["kernel_counts"], "device": "H100-SXM", "joules_of": )"));
    EXPECT_TRUE(has(printed("irene-summarize predictions.jsonl"),
                    "strategy additive on kernel_counts, device 'H100-SXM', joules of the GPUs alone"));
}

TEST_F(PartsCli, PartsOfAnotherEnergyAreRefused) {
    // As a program that does not know the parts would leave them.
    const std::string stale = replace_once(predictions().substr(0, predictions().find('\n')),
                                           "\"predicted_energy\": ", "\"predicted_energy\": 9");
    for (const char* command : {"irene-summarize -", "irene-visualize --format csv - out.csv"}) {
        const Result result = run_in(*directory_, command, stale);
        EXPECT_EQ(result.exit_code, 65) << command;
        EXPECT_TRUE(has(result.errors, "standard input:1: node 'root")) << result.errors;
        EXPECT_TRUE(has(result.errors, "its arithmetic, memory and static parts add up to "))
            << result.errors;
    }
    // Predicting again mends it.
    EXPECT_EQ(printed("irene-predict -q - - h100-sxm-vllm", stale),
              predictions().substr(0, predictions().find('\n')));
}

}  // namespace
}  // namespace irene::tests
