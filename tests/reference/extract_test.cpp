// Extracted trees against the trees of the reference's measurements, and what a model that never saw them
// predicts for both.
#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "irene/architectures.hpp"
#include "irene/config.hpp"
#include "irene/dataset.hpp"
#include "irene/model.hpp"
#include "irene/tasks.hpp"

#include "reference.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

using Json = nlohmann::json;

Transformer transformer(const std::string& model_name) {
    const std::filesystem::path models = std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs/models";
    return load_transformer(models / (model_name + ".json"));
}

/// Nodes of a measured tree that differ from the extracted one's, of `num_nodes` compared.
struct Comparison {
    std::size_t num_nodes = 0;
    std::size_t num_differences = 0;
    std::string first_difference = {};
};

void compare(const Json& measured, const Json& extracted, Comparison& comparison) {
    ++comparison.num_nodes;
    const auto whole = [](const Json& value, double unit) {
        return static_cast<std::int64_t>(std::llround(value.get<double>() * unit));
    };
    const auto differ = [&](const std::string& what) {
        ++comparison.num_differences;
        if (comparison.first_difference.empty())
            comparison.first_difference = what + " of " + measured["scope"].get<std::string>();
    };
    for (const char* key :
         {"scope", "parent_name", "level", "type", "instance_type", "num_parameters", "child_nodes"}) {
        if (measured[key] != extracted[key]) differ(key);
    }
    if (whole(measured["flops"], 1e6) != whole(extracted["flops"], 1e6)) differ("flops");
    if (whole(measured["mem_bytes"], 1 << 20) != whole(extracted["mem_bytes"], 1 << 20)) differ("mem_bytes");
    const Json& a = measured["child_nodes_obj"];
    const Json& b = extracted["child_nodes_obj"];
    if (a.size() != b.size()) return differ("number of children");
    for (std::size_t i = 0; i < a.size(); ++i) compare(a[i], b[i], comparison);
}

TEST(Extract, EveryNodeEqualsTheMeasuredTrees) {
    SKIP_WITHOUT_REFERENCE();
    std::ifstream file(device_1());
    Comparison comparison;
    for (std::string line; std::getline(file, line);) {
        const Json measured = Json::parse(line);
        const Json extracted = Json::parse(
            to_json(transformer(measured["model_name"]),
                    {measured["batch_size"].get<std::int64_t>(), measured["seq_len"].get<std::int64_t>()}));
        for (const char* key : {"model_name", "batch_size", "seq_len"})
            EXPECT_EQ(measured[key], extracted[key]);
        compare(measured["frontend_tree"], extracted["frontend_tree"], comparison);
    }
    EXPECT_EQ(comparison.num_nodes, 24597U);
    EXPECT_EQ(comparison.num_differences, 0U) << comparison.first_difference;
}

TEST(Extract, PredictionsForAModelNeverSeenAreTheCrossvalidations) {
    SKIP_WITHOUT_REFERENCE();
    const Dataset data = read_dataset(device_1(), {.keep_text = true});
    const Config config =
        load_config(std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs/additive_specs.json");
    const TemporaryDirectory directory;
    const CrossvalidationReport report = crossvalidate(data, config, directory.path());
    ASSERT_EQ(report.folds.size(), 6U);
    for (const FoldReport& fold : report.folds) {
        Dataset others;
        others.source = data.source;
        std::vector<const Tree*> left_out;
        for (const Tree& tree : data.trees) {
            if (tree.model_name() == fold.left_out) {
                left_out.push_back(&tree);
            } else {
                others.trees.push_back(tree);
            }
        }
        Predictor predictor(train(others, config));
        const Transformer model = transformer(fold.left_out);
        double error = 0.0;
        for (const Tree* tree : left_out) {
            const double joules =
                predictor.predict(model.tree(tree->batch_size(), tree->seq_len())).joules[0];
            const double measured = tree->nodes()[0].measured_energy;
            error += 100.0 * std::fabs(joules - measured) / measured;
        }
        error /= static_cast<double>(left_out.size());
        const auto root = static_cast<std::size_t>(NodeType::model);
        EXPECT_NEAR(error, fold.percentage_error[root].value(), 1e-9) << fold.left_out;
        std::printf("%-24s model error %.4f %%\n", fold.left_out.c_str(), error);
    }
}

}  // namespace
}  // namespace irene::tests
