// The law of three prices on whole runs that others measured on today's GPUs: errors on models and families
// left out of training, on more GPUs and longer texts, and what its prices are beside the datasheets.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "irene/architectures.hpp"
#include "irene/dataset.hpp"
#include "irene/device.hpp"
#include "irene/model.hpp"
#include "irene/tasks.hpp"

#include "fitted.hpp"
#include "models/kernels/fitted.hpp"
#include "reference.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

/// The runs of tables of measured/, as trees.
Dataset measured_runs(const std::vector<std::string>& tables) {
    const TemporaryDirectory directory;
    Dataset all;
    for (const std::string& table : tables) {
        const std::filesystem::path trees = directory / (table + ".jsonl");
        extract_runs(
            reference() / "measured" / (table + ".csv"), trees,
            {.config_folders = {std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs" / "models"}});
        const Dataset data = read_dataset(trees);
        all.trees.insert(all.trees.end(), data.trees.begin(), data.trees.end());
    }
    all.source = tables.front();
    return all;
}

struct RunErrors {
    double joules = 0.0, seconds = 0.0, covered = 0.0;  // %, means of folds
    double half_width = 0.0;                            // %, median over all runs
};

using GroupOf = std::function<std::string(const Tree&)>;

/// Leaves out one group at a time; `is_tested` tells which of its runs are predicted.
RunErrors leave_groups_out(
    const Dataset& data, const GroupOf& group_of,
    const std::function<bool(const Tree&)>& is_tested = [](const Tree&) { return true; }) {
    const models::KernelRuns runs(data);
    std::map<std::string, std::vector<std::size_t>> folds;
    for (std::size_t i = 0; i < data.trees.size(); ++i) folds[group_of(data.trees[i])].push_back(i);
    RunErrors mean;
    std::vector<double> widths;
    double num_folds = 0.0, num_covered = 0.0;
    for (const auto& [left_out, held_out] : folds) {
        if (std::none_of(held_out.begin(), held_out.end(),
                         [&](std::size_t i) { return is_tested(data.trees[i]); }))
            continue;
        std::vector<std::size_t> trees;
        for (const auto& [other, part] : folds) {
            if (other != left_out) trees.insert(trees.end(), part.begin(), part.end());
        }
        std::sort(trees.begin(), trees.end());
        const models::KernelModel model = models::fit_kernel_model(runs, trees);
        const bool has_rule = models::greatest_probability(model.intervals.num_models) >= 0.9;
        RunErrors fold;
        double count = 0.0, inside = 0.0, with_interval = 0.0;
        for (const std::size_t i : held_out) {
            if (!is_tested(data.trees[i])) continue;
            const models::KernelMeasurement& measured = runs.of_run(i).front();
            const models::KernelCost cost = models::cost_of(measured, runs.trees[i], model.prices);
            const double ratio = cost.joules / measured.joules;
            fold.joules += 100.0 * std::fabs(ratio - 1.0);
            fold.seconds += 100.0 * std::fabs(cost.seconds / measured.seconds - 1.0);
            count += 1.0;
            if (!has_rule || !why_unlike(model.intervals.support, data.trees[i]).empty()) continue;
            models::NodeDistances near;
            near.distances = run_distances(model.intervals.support, data.trees[i]);
            const auto width = models::IntervalRule(model.intervals, 0.9).half_width(NodeType::model, near);
            if (!width) continue;
            with_interval += 1.0;
            widths.push_back(100.0 * (std::exp(*width) - 1.0));
            if (std::fabs(std::log(ratio)) <= *width) inside += 1.0;
        }
        mean.joules += fold.joules / count;
        mean.seconds += fold.seconds / count;
        num_folds += 1.0;
        if (with_interval == 0.0) continue;
        mean.covered += 100.0 * inside / with_interval;
        num_covered += 1.0;
    }
    mean.joules /= num_folds;
    mean.seconds /= num_folds;
    mean.covered /= std::max(1.0, num_covered);
    std::sort(widths.begin(), widths.end());
    if (!widths.empty()) mean.half_width = widths[widths.size() / 2];
    return mean;
}

std::string model_of_run(const Tree& tree) { return tree.model_name(); }

std::string family_of_run(const Tree& tree) {
    for (const char* family : {"Llama", "Qwen", "gemma", "gpt-oss"}) {
        if (tree.model_name().find(family) != std::string::npos) return family;
    }
    return tree.model_name();
}

std::int64_t gpus_of(const Tree& tree) { return std::get<std::int64_t>(tree.run(RunKey::gpus)); }

void tell_errors(const char* what, const RunErrors& errors) {
    std::printf("%s: joules %.2f %%, seconds %.2f %%, covered %.1f %%, half width %.1f %%\n", what,
                errors.joules, errors.seconds, errors.covered, errors.half_width);
}

struct MeasuredTable {
    const char* name;
    std::vector<std::string> files;
    double joules, seconds;  // greatest errors
};

class KernelLaw : public testing::TestWithParam<MeasuredTable> {};

TEST_P(KernelLaw, PredictsModelsLeftOut) {
    SKIP_WITHOUT_REFERENCE();
    const MeasuredTable& table = GetParam();
    const RunErrors errors = leave_groups_out(measured_runs(table.files), model_of_run);
    tell_errors(table.name, errors);
    EXPECT_LE(errors.joules, table.joules);
    EXPECT_LE(errors.seconds, table.seconds);
    EXPECT_GE(errors.covered, 85.0);
    EXPECT_LE(errors.half_width, 3.0 * table.joules);
}

INSTANTIATE_TEST_SUITE_P(
    Measured, KernelLaw,
    testing::Values(MeasuredTable{"a100_prefill", {"prefill_a100"}, 7.5, 10.0},
                    MeasuredTable{"h100_prefill", {"prefill_h100"}, 7.0, 7.0},
                    MeasuredTable{"h100_dense", {"generate_h100_dense"}, 5.0, 6.0},
                    MeasuredTable{"h100_all", {"generate_h100_dense", "generate_h100_moe"}, 10.0, 9.0}),
    [](const auto& test) { return test.param.name; });

TEST(KernelLawElsewhere, FamiliesGpusAndLengthsLeftOut) {
    SKIP_WITHOUT_REFERENCE();
    const Dataset dense = measured_runs({"generate_h100_dense"});
    const RunErrors families = leave_groups_out(dense, family_of_run);
    tell_errors("families, dense", families);
    EXPECT_LE(families.joules, 6.0);
    const RunErrors all =
        leave_groups_out(measured_runs({"generate_h100_dense", "generate_h100_moe"}), family_of_run);
    tell_errors("families, all", all);
    EXPECT_LE(all.joules, 11.0);
    // Trained on one GPU; runs on 2 and on 4.
    for (const std::int64_t gpus : {2, 4}) {
        Dataset some;
        some.source = dense.source;
        for (const Tree& tree : dense.trees) {
            if (gpus_of(tree) == 1 || gpus_of(tree) == gpus) some.trees.push_back(tree);
        }
        const RunErrors errors = leave_groups_out(
            some, [](const Tree& tree) { return gpus_of(tree) == 1 ? "one" : "more"; },
            [](const Tree& tree) { return gpus_of(tree) > 1; });
        std::printf("%d ", static_cast<int>(gpus));
        tell_errors("GPUs", errors);
        EXPECT_LE(errors.joules, 9.0);
    }
    // Each model's greatest length at once.
    for (const char* table : {"prefill_a100", "prefill_h100"}) {
        const Dataset prefill = measured_runs({table});
        std::map<std::string, std::int64_t> longest;
        for (const Tree& tree : prefill.trees)
            longest[tree.model_name()] = std::max(longest[tree.model_name()], tree.seq_len());
        const auto is_longest = [&](const Tree& tree) {
            return tree.seq_len() == longest[tree.model_name()];
        };
        const RunErrors errors = leave_groups_out(
            prefill, [&](const Tree& tree) { return is_longest(tree) ? "longest" : "rest"; }, is_longest);
        std::printf("longest of ");
        tell_errors(table, errors);
        EXPECT_LE(errors.joules, 10.0);
    }
}

Device datasheet(const std::string& name) {
    return load_device(std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs" / "devices" /
                       (name + ".json"));
}

/// Its clock was locked to 900 MHz.
Device a100() {
    Device device = datasheet("A100-PCIE-40GB");
    device.clock_mhz = 900.0;
    device.boost_clock_mhz = 1410.0;
    return device;
}

/// Its clock was locked to that of the datasheet's peak.
Device h100() { return datasheet("H100-SXM"); }

TEST(KernelLawElsewhere, PricesLieBesideTheDatasheets) {
    SKIP_WITHOUT_REFERENCE();
    struct Sheet {
        const char* table;
        Device device;
    };
    for (const Sheet& sheet : {Sheet{"prefill_a100", a100()}, Sheet{"prefill_h100", h100()},
                               Sheet{"generate_h100_dense", h100()}}) {
        SCOPED_TRACE(sheet.table);
        const Dataset data = measured_runs({sheet.table});
        std::vector<std::size_t> trees(data.trees.size());
        for (std::size_t i = 0; i < trees.size(); ++i) trees[i] = i;
        const models::KernelPrices prices = models::fit_kernel_prices(models::KernelRuns(data), trees);
        const auto lies_beside = [&](models::KernelPrice price, double sheet_price) {
            const double ratio = prices[static_cast<std::size_t>(price)] / sheet_price;
            std::printf("%s: %s is %.2f of the datasheet's\n", sheet.table,
                        std::string(models::row(price).name).c_str(), ratio);
            EXPECT_GE(ratio, 1.0 / 3.0);
            EXPECT_LE(ratio, 3.0);
        };
        const Device& device = sheet.device;
        lies_beside(models::KernelPrice::joules_narrow_flop,
                    device.watts / device.peak_as_measured(Dtype::bfloat16));
        lies_beside(models::KernelPrice::joules_byte, device.watts / device.bytes_per_second);
        if (device.name.starts_with("A100")) {  // the only one with runs in float32
            lies_beside(models::KernelPrice::joules_float32_flop,
                        device.watts / device.peak_as_measured(Dtype::float32));
        }
    }
}

struct CarriedErrors {
    double joules = 0.0, covered = 0.0;  // %
};

CarriedErrors carried_errors(const Model& model, const Dataset& data) {
    Predictor predictor(model, 0.9);
    CarriedErrors errors;
    for (const Tree& tree : data.trees) {
        const Prediction prediction = predictor.predict(tree);
        const double measured = tree.nodes().front().measured_energy;
        const double part = 100.0 / static_cast<double>(data.trees.size());
        errors.joules += part * std::fabs(prediction.joules[0] / measured - 1.0);
        if (prediction.low[0] <= measured && measured <= prediction.high[0]) errors.covered += part;
    }
    return errors;
}

/// The runs of a model, from that with the fewest flops to that with the most.
Dataset runs_of_model(const Dataset& data, const std::string& model) {
    const auto flops = [](const Tree& tree) {
        return tree.nodes().front().features[static_cast<std::size_t>(Feature::flops)];
    };
    Dataset some{.source = data.source};
    for (const Tree& tree : data.trees) {
        if (tree.model_name() == model) some.trees.push_back(tree);
    }
    std::stable_sort(some.trees.begin(), some.trees.end(),
                     [&](const Tree& a, const Tree& b) { return flops(a) < flops(b); });
    return some;
}

TEST(KernelLawElsewhere, CarriedFromOneDeviceToAnother) {
    SKIP_WITHOUT_REFERENCE();
    Config config;
    config.training_strategy = TrainingStrategy::additive;
    config.feature_sets = {FeatureSet::kernel_counts};
    config.device = a100();
    const Model known = train(measured_runs({"prefill_a100"}), config);
    const Dataset there = measured_runs({"prefill_h100"});
    const Dataset none{.source = "no runs"};
    const CarriedErrors by_datasheets = carried_errors(calibrate(known, none, {.device = h100()}), there);
    std::printf(
        "A100 to H100: as it is %.2f %%, by datasheets alone %.2f %%, of which intervals hold %.1f %%\n",
        carried_errors(known, there).joules, by_datasheets.joules, by_datasheets.covered);
    EXPECT_GE(by_datasheets.covered, 85.0);
    std::set<std::string> models;
    for (const Tree& tree : there.trees) models.insert(tree.model_name());
    for (const std::size_t num_runs : {1, 2, 5}) {
        double sum = 0.0, covered = 0.0, num_pairs = 0.0;
        for (const std::string& tested : models) {
            for (const std::string& other : models) {
                if (tested == other) continue;
                const Dataset all = runs_of_model(there, other);
                // One run in the middle; else from the smallest to the largest.
                Dataset some{.source = all.source};
                for (std::size_t i = 0; i < num_runs; ++i) {
                    const std::size_t last = all.trees.size() - 1;
                    some.trees.push_back(all.trees[num_runs == 1 ? last / 2 : i * last / (num_runs - 1)]);
                }
                const Model carried = calibrate(known, some, {.device = h100()});
                const CarriedErrors errors = carried_errors(carried, runs_of_model(there, tested));
                sum += errors.joules;
                covered += errors.covered;
                num_pairs += 1.0;
            }
        }
        std::printf("A100 to H100 with %zu runs of another model: %.2f %%, of which intervals hold %.1f %%\n",
                    num_runs, sum / num_pairs, covered / num_pairs);
        EXPECT_GE(covered / num_pairs, 85.0);
        if (num_runs == 2) {
            EXPECT_LE(sum / num_pairs, 10.0);
        }
    }
}

}  // namespace
}  // namespace irene::tests
