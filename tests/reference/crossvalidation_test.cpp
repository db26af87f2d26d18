// The reference's errors, leaving one model out, under each of its ten configurations.
//
// Training the tree model is chaotic: a change of the initial weights in the last bit moves the model error
// of some folds by more than ten points, here as in the reference. The default configuration is held to the
// stated bounds as it is. Elsewhere a figure that lies outside of them must lie, within the same bound, in
// the range of runs whose initial weights differ by a hundred-thousandth.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>

#include "irene/config.hpp"
#include "irene/dataset.hpp"
#include "irene/tasks.hpp"

#include "models/fitted_model.hpp"
#include "reference.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

struct FoldErrors {
    std::array<double, kNumNodeTypes> error{};
    double operator[](NodeType type) const { return error[static_cast<std::size_t>(type)]; }
};

/// How far a figure may lie from the reference's, in points; `bound`, or a tenth of a figure that is larger.
double tolerance(double theirs, double bound) { return std::max(bound, 0.1 * theirs) + 1e-9; }

constexpr double kModuleBound = 0.3;
constexpr double kModelBound = 3.0;
constexpr double kOverallModelBound = 1.0;

/// The errors of one fold in runs with slightly different initial weights.
std::vector<FoldErrors> perturbed_runs(const Dataset& data, const models::Trainer& trainer, std::size_t fold,
                                       const std::string& left_out) {
    std::vector<std::size_t> trees, held_out;
    for (std::size_t i = 0; i < data.trees.size(); ++i) {
        (data.trees[i].model_name() == left_out ? held_out : trees).push_back(i);
    }
    constexpr int kRuns = 24;
    std::vector<FoldErrors> runs;
    for (int run = 0; run < kRuns; ++run) {
        numerics::InitialWeights weights(kDefaultSeed);
        numerics::LinearLayer initial;
        for (std::size_t i = 0; i <= fold; ++i) initial = trainer.draw(weights);
        std::mt19937 random(static_cast<unsigned>(run));
        for (float& weight : initial.weights) {
            weight *= 1.0F + 1e-5F * (static_cast<float>(random() >> 8) * 0x1p-23F - 1.0F);
        }
        Predictor predictor(Model(trainer.fit(trees, {.initial = initial})));
        FoldErrors figures;
        std::array<double, kNumNodeTypes> counts{};
        for (const std::size_t tree : held_out) {
            const std::vector<double> joules = predictor.predict(data.trees[tree]).joules;
            for (std::size_t node = 0; node < joules.size(); ++node) {
                const Node& truth = data.trees[tree].nodes()[node];
                const auto type = static_cast<std::size_t>(truth.type);
                figures.error[type] +=
                    100.0 * std::abs(joules[node] - truth.measured_energy) / truth.measured_energy;
                ++counts[type];
            }
        }
        for (std::size_t type = 0; type < kNumNodeTypes; ++type) figures.error[type] /= counts[type];
        runs.push_back(figures);
    }
    return runs;
}

class Crossvalidation : public testing::TestWithParam<std::string> {};

TEST_P(Crossvalidation, AgreesWithTheReference) {
    SKIP_WITHOUT_REFERENCE();
    const nlohmann::json expected = golden("crossvalidation.json").at(GetParam());
    const auto path = std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs" / (GetParam() + ".json");
    const Config config = load_config(path);
    ASSERT_EQ(config, parse_config(expected.at("config").dump(), "reference"));
    const bool is_default = config == Config{};

    const Dataset data = read_dataset(device_1(), {.threads = 2, .keep_text = true});
    const TemporaryDirectory directory;
    const CrossvalidationReport report = crossvalidate(data, config, directory.path(), {.threads = 2});
    const std::unique_ptr<models::Trainer> trainer = models::make_trainer(data, config);
    std::printf("%s\n%s", GetParam().c_str(), to_table(report).c_str());
    ASSERT_EQ(report.folds.size(), 6U);

    for (std::size_t fold = 0; fold < report.folds.size(); ++fold) {
        const std::string& left_out = report.folds[fold].left_out;
        const nlohmann::json& theirs = expected.at("leave_one_model_out").at(left_out);
        const auto ours = [&](NodeType type) {
            return round_percentage(*report.folds[fold].percentage_error[static_cast<std::size_t>(type)]);
        };
        const double ml = theirs.at("ml").get<double>();
        EXPECT_NEAR(ours(NodeType::ml), ml, is_default ? 0.01 + 1e-9 : tolerance(ml, 0.01)) << left_out;

        std::vector<FoldErrors> runs;
        for (const auto& [type, bound] :
             {std::pair(NodeType::module, kModuleBound), std::pair(NodeType::model, kModelBound)}) {
            const double figure = theirs.at(std::string(name(type))).get<double>();
            const std::string what = left_out + " " + std::string(name(type));
            if (figure >= 100.0) continue;  // training diverged: not compared
            if (is_default || std::abs(ours(type) - figure) <= tolerance(figure, bound)) {
                EXPECT_NEAR(ours(type), figure, is_default ? bound + 1e-9 : tolerance(figure, bound)) << what;
                continue;
            }
            if (runs.empty()) runs = perturbed_runs(data, *trainer, fold, left_out);
            const auto by_type = [type = type](const FoldErrors& a, const FoldErrors& b) {
                return a[type] < b[type];
            };
            const auto [least, most] = std::minmax_element(runs.begin(), runs.end(), by_type);
            std::printf("%s: %.2f here, %.2f in the reference; runs nearby range from %.2f to %.2f\n",
                        what.c_str(), ours(type), figure, (*least)[type], (*most)[type]);
            EXPECT_GE(figure, (*least)[type] - tolerance(figure, bound)) << what;
            EXPECT_LE(figure, (*most)[type] + tolerance(figure, bound)) << what;
        }
    }
    if (is_default) {
        const double theirs = expected.at("leave_one_model_out").at("overall").at("model").get<double>();
        EXPECT_NEAR(*report.overall.percentage_error[static_cast<std::size_t>(NodeType::model)], theirs,
                    kOverallModelBound);
    }
}

INSTANTIATE_TEST_SUITE_P(Reference, Crossvalidation,
                         testing::Values("default", "model_specs", "resource_utilization", "stepwise",
                                         "unstructured_free", "no_polynomial", "tanh_scalar_5",
                                         "no_loss_scale", "no_standardization", "weighting_free"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace irene::tests
