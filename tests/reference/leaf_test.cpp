// The ML level against the reference's leaf predictions, and the evaluator against the reference's figures.
#include <cmath>

#include "irene/dataset.hpp"
#include "irene/tasks.hpp"

#include "reference.hpp"

namespace irene::tests {
namespace {

TEST(MlLevel, LeavesEqualTheReference) {
    SKIP_WITHOUT_REFERENCE();
    const Dataset data = read_dataset(device_1(), {.threads = 2});
    const nlohmann::json expected = golden("leaf_predictions.json");
    Predictor predictor(train(data, Config{}));
    std::size_t num_leaves = 0;
    double worst = 0.0;
    for (const Tree& tree : data.trees) {
        const std::vector<double> joules = predictor.predict(tree).joules;
        for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
            if (!tree.is_leaf(node)) continue;
            const double theirs = expected.at(std::string(tree.id(node))).get<double>();
            worst = std::max(worst, std::abs(joules[node] - theirs) / std::abs(theirs));
            ++num_leaves;
        }
    }
    EXPECT_EQ(num_leaves, expected.size());
    EXPECT_LT(worst, 1e-6);
    std::printf("%zu leaves differ by at most %.1e relative\n", num_leaves, worst);
}

TEST(Evaluate, PrintsTheFiguresOfTheReference) {
    SKIP_WITHOUT_REFERENCE();
    const std::filesystem::path folder = reference() / "evaluate";
    const Evaluation whole = evaluate_files(folder / "gold.jsonl", folder / "predictions.jsonl");
    EXPECT_EQ(
        to_text(whole),
        "Percentage Error Results:\n{\n    \"ml\": 1.36,\n    \"module\": 9.3,\n    \"model\": 5.9\n}\n");
    EXPECT_EQ(whole.num_missing_predictions, 0U);

    const Evaluation gaps = evaluate_files(folder / "gold.jsonl", folder / "predictions_with_gaps.jsonl");
    EXPECT_EQ(
        to_text(gaps),
        "Percentage Error Results:\n{\n    \"ml\": 6.09,\n    \"module\": 15.3,\n    \"model\": 5.9\n}\n");
    EXPECT_EQ(gaps.num_missing_predictions, 94U);
}

}  // namespace
}  // namespace irene::tests
