// Device 1 with most of its measurements taken away: trained on whole runs, on half of all nodes, and carried
// over from the simulated sample; predictions are compared with all measured energies.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "irene/dataset.hpp"
#include "irene/tasks.hpp"

#include "changed_tree.hpp"
#include "reference.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

using Errors = std::array<double, kNumNodeTypes>;  // ml, module, model, %

/// The trees with the measured energies of those nodes alone that `is_kept` accepts.
Dataset measured_at(const Dataset& data, const std::function<bool(std::size_t)>& is_kept) {
    Dataset partly;
    partly.source = data.source;
    for (const Tree& tree : data.trees) {
        partly.trees.push_back(changed(tree, [&](std::size_t node, NewNode& other) {
            if (!is_kept(node)) other.measured_energy = absent();
        }));
    }
    return partly;
}

bool is_root(std::size_t node) { return node == 0; }

Dataset chosen(const Dataset& data, const std::vector<std::size_t>& trees) {
    Dataset some;
    some.source = data.source;
    for (const std::size_t tree : trees) some.trees.push_back(data.trees[tree]);
    return some;
}

/// Of the numbered trees, whose measured energies are all there.
Errors errors_of(const Model& model, const Dataset& truth, const std::vector<std::size_t>& trees) {
    Predictor predictor(model);
    Errors sums{}, counts{};
    for (const std::size_t number : trees) {
        const Tree& tree = truth.trees[number];
        const std::vector<double> joules = predictor.predict(tree).joules;
        for (std::size_t node = 0; node < joules.size(); ++node) {
            const auto type = static_cast<std::size_t>(tree.nodes()[node].type);
            const double measured = tree.nodes()[node].measured_energy;
            sums[type] += 100.0 * std::fabs(joules[node] - measured) / measured;
            counts[type] += 1.0;
        }
    }
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) sums[type] /= counts[type];
    return sums;
}

void add(Errors& to, const Errors& errors, double weight) {
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) to[type] += weight * errors[type];
}

/// Leaves out each model of device 1 in turn; means over the folds.
Errors leave_models_out(const Dataset& truth, const Dataset& measured,
                        const std::function<Model(const Dataset&)>& make) {
    std::map<std::string, std::vector<std::size_t>> trees_of;
    for (std::size_t i = 0; i < truth.trees.size(); ++i) trees_of[truth.trees[i].model_name()].push_back(i);
    Errors mean{};
    for (const auto& [left_out, held_out] : trees_of) {
        std::vector<std::size_t> others;
        for (std::size_t i = 0; i < truth.trees.size(); ++i) {
            if (truth.trees[i].model_name() != left_out) others.push_back(i);
        }
        add(mean, errors_of(make(chosen(measured, others)), truth, held_out),
            1.0 / static_cast<double>(trees_of.size()));
    }
    return mean;
}

Config specs() {
    return load_config(std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs/additive_specs.json");
}

Model trained(const Dataset& data) { return train(data, specs()); }

/// Of the older simulated sample, whose device reads weights once a sequence.
Model of_the_sample() {
    const TemporaryDirectory directory;
    const std::filesystem::path sample = directory / "older.jsonl";
    const std::string command = std::string(IRENE_TOOL_DIRECTORY) + "/irene_simulate_dataset '" +
                                IRENE_SOURCE_DIRECTORY + "/configs/models' weights-per-sequence >'" +
                                sample.string() + "'";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return trained(read_dataset(sample));
}

void expect_at_most(const Errors& errors, const Errors& bounds) {
    for (const NodeType type : {NodeType::ml, NodeType::module, NodeType::model}) {
        const auto index = static_cast<std::size_t>(type);
        EXPECT_LE(errors[index], bounds[index]) << name(type);
        std::printf("    %s %.2f %%", std::string(name(type)).c_str(), errors[index]);
    }
    std::printf("\n");
}

constexpr double kAny = 100.0;

const Dataset& truth() {
    static const Dataset data = read_dataset(device_1(), {.threads = 2});
    return data;
}

TEST(PartlyMeasured, RootsAlonePredictAModelLeftOut) {
    SKIP_WITHOUT_REFERENCE();
    expect_at_most(leave_models_out(truth(), measured_at(truth(), is_root), trained), {kAny, 8.5, 2.5});
}

TEST(PartlyMeasured, HalfOfTheNodesDoNearlyAsWellAsAll) {
    SKIP_WITHOUT_REFERENCE();
    Errors bounds = leave_models_out(truth(), truth(), trained);
    for (double& bound : bounds) bound *= 1.2;
    for (const unsigned seed : {1U, 2U, 3U, 4U, 5U}) {
        std::mt19937 random(seed);
        // A tree whose every node was left out would say nothing.
        const auto half = [&random](std::size_t node) { return random() % 2 == 0 || node == 1; };
        expect_at_most(leave_models_out(truth(), measured_at(truth(), half), trained), bounds);
    }
}

TEST(PartlyMeasured, RootsOfOtherModelsCarryTheSampleOver) {
    SKIP_WITHOUT_REFERENCE();
    const Model sample = of_the_sample();
    expect_at_most(leave_models_out(truth(), measured_at(truth(), is_root),
                                    [&](const Dataset& data) { return calibrate(sample, data); }),
                   {18.0, kAny, kAny});
}

TEST(PartlyMeasured, AFewRunsCarryTheSampleOver) {
    SKIP_WITHOUT_REFERENCE();
    const Model sample = of_the_sample();
    const Dataset roots = measured_at(truth(), is_root);
    std::vector<std::size_t> all(truth().trees.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    constexpr int kDraws = 40;
    std::mt19937 random(24);
    for (const auto& [num_runs, bounds] :
         {std::pair{1U, Errors{21.0, 10.5, 6.0}}, {5U, Errors{20.0, 9.8, 4.6}}}) {
        Errors mean{};
        for (int draw = 0; draw < kDraws; ++draw) {
            std::vector<std::size_t> drawn;
            for (unsigned i = 0; i < num_runs; ++i) drawn.push_back(random() % all.size());
            add(mean, errors_of(calibrate(sample, chosen(roots, drawn)), truth(), all), 1.0 / kDraws);
        }
        expect_at_most(mean, bounds);
    }
}

}  // namespace
}  // namespace irene::tests
