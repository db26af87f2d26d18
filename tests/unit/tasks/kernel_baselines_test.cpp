// The rules that a model of kernel counts has to beat, on runs that follow one of them.
#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lawful_runs.hpp"
#include "tasks/baselines.hpp"

namespace irene::tests {
namespace {

using JoulesOfRun = std::function<double(const models::KernelTree&)>;

/// Runs whose root costs what `joules_of` says.
Dataset runs_costing(const JoulesOfRun& joules_of) {
    Dataset data = lawful_runs(some_prices(), false);
    for (Tree& tree : data.trees) {
        const double joules = joules_of(models::kernel_tree(tree, "x"));
        tree = changed(tree, [&](std::size_t node, NewNode& made) {
            if (node == 0) made.measured_energy = joules;
        });
    }
    return data;
}

/// Errors on whole runs of gpt2 by the rule of that name, fitted to those of all others.
double error_by(const std::string& rule, const Dataset& data, const std::optional<Device>& device = {}) {
    tasks::Fold fold;
    std::vector<std::vector<double>> joules;
    for (std::size_t i = 0; i < data.trees.size(); ++i) {
        const bool is_held_out = data.trees[i].model_name() == "gpt2";
        (is_held_out ? fold.held_out : fold.training).push_back(i);
        if (is_held_out) joules.emplace_back(data.trees[i].nodes().size(), 1.0);
    }
    Config config = kernel_config();
    config.device = device;
    const std::vector<std::string> rules = tasks::baseline_rules(config);
    const std::vector<Percentages> errors = tasks::baseline_errors(fold, data, config, joules);
    EXPECT_EQ(rules.size(), errors.size());
    const auto found = std::find(rules.begin(), rules.end(), rule);
    EXPECT_NE(found, rules.end());
    return errors[static_cast<std::size_t>(found - rules.begin())][static_cast<std::size_t>(NodeType::model)]
        .value();
}

TEST(KernelBaselines, SumsFindPricesOfSums) {
    const Dataset data = runs_costing([](const models::KernelTree& kernels) {
        const models::KernelWork& all = kernels.calls.front();
        return 9e-12 * all.float32_flops + 1e-12 * all.narrow_flops + 1e-10 * all.bytes + 1e-4 * all.launches;
    });
    EXPECT_LT(error_by("flops + bytes + launches", data), 0.01);
    EXPECT_GT(error_by("scale x roofline seconds", data), 5.0);
    EXPECT_GT(error_by("scale x flops", data), 5.0);
}

TEST(KernelBaselines, RooflinesAreThoseOfTheDevice) {
    const Device device{.name = "D",
                        .flops_per_second = {{Dtype::bfloat16, 50e12}, {Dtype::float32, 10e12}},
                        .bytes_per_second = 1e12,
                        .watts = 100.0};
    const Dataset data = runs_costing([&](const models::KernelTree& kernels) {
        double seconds = 0.0;
        for (const models::KernelWork& own : kernels.own)
            seconds += std::max(own.float32_flops / 10e12 + own.narrow_flops / 50e12, own.bytes / 1e12);
        return 80.0 * seconds;
    });
    EXPECT_LT(error_by("scale x roofline seconds", data, device), 0.01);
    // Without its datasheet the flops of another GPU stand for it.
    EXPECT_GT(error_by("scale x roofline seconds", data), 1.0);
    EXPECT_GT(error_by("flops + bytes + launches", data, device), 0.1);
}

}  // namespace
}  // namespace irene::tests
