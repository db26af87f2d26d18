// The hot paths one by one, on the simulated sample. Reports time, and bytes or elements per second.
#include <fstream>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "irene/dataset.hpp"
#include "irene/tasks.hpp"

#include "base/files.hpp"
#include "data/line_blocks.hpp"
#include "data/splice.hpp"
#include "data/tree_reader.hpp"
#include "models/feature_rows.hpp"
#include "models/weighted/tree.hpp"
#include "numerics/initial_weights.hpp"
#include "numerics/kernels.hpp"
#include "numerics/least_squares.hpp"
#include "numerics/polynomial.hpp"

namespace {

using namespace irene;

std::string first_line() {
    std::ifstream file(IRENE_SAMPLE);
    std::string line;
    std::getline(file, line);
    return line;
}

std::vector<float> random_floats(std::size_t size) {
    std::mt19937 random(1);
    std::vector<float> values(size);
    for (float& value : values) value = static_cast<float>(random() >> 8) * 0x1p-24F;
    return values;
}

void bytes_processed(benchmark::State& state, std::size_t bytes) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(bytes));
}

void parse_tree_line(benchmark::State& state) {
    std::string line = first_line();
    const std::size_t size = line.size();
    line.resize(size + data::kPadding);
    data::TreeReader reader("benchmark");
    data::TreeLine tree;
    for (auto _ : state) {
        reader.read(std::string_view(line).substr(0, size), 1, tree);
        benchmark::DoNotOptimize(tree.tree.nodes().data());
    }
    bytes_processed(state, size);
}
BENCHMARK(parse_tree_line);

void parse_nlohmann_document(benchmark::State& state) {
    const std::string line = first_line();
    for (auto _ : state) benchmark::DoNotOptimize(nlohmann::json::parse(line));
    bytes_processed(state, line.size());
}
BENCHMARK(parse_nlohmann_document);

void splice_predictions(benchmark::State& state) {
    std::string line = first_line();
    const std::size_t size = line.size();
    line.resize(size + data::kPadding);
    data::TreeReader reader("benchmark");
    data::TreeLine tree;
    reader.read(std::string_view(line).substr(0, size), 1, tree);
    std::vector<double> joules;  // that repeat as predictions do
    for (const Node& node : tree.tree.nodes()) joules.push_back(node.measured_energy);
    std::string out;
    for (auto _ : state) {
        out.clear();
        data::splice(std::string_view(line).substr(0, size), tree.splices, {.joules = joules}, out);
        benchmark::DoNotOptimize(out.data());
    }
    bytes_processed(state, size);
}
BENCHMARK(splice_predictions);

void expand_cubic(benchmark::State& state) {
    const std::vector<double> x(static_cast<std::size_t>(state.range(0)), 0.5);
    std::vector<float> out(numerics::num_monomials(x.size()));
    for (auto _ : state) {
        numerics::expand_cubic(x, out);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) *
                            static_cast<std::int64_t>(out.size()));
}
BENCHMARK(expand_cubic)->Arg(6)->Arg(14);

/// One of the implementations that this CPU has, by its number.
const numerics::Kernels* implementation(benchmark::State& state) {
    const auto available = numerics::available_kernels();
    const auto number = static_cast<std::size_t>(state.range(0));
    if (number >= available.size()) {
        state.SkipWithError("not on this CPU");
        return nullptr;
    }
    state.SetLabel(std::string(available[number].name));
    return &available[number];
}

void dot(benchmark::State& state) {
    const numerics::Kernels* kernels = implementation(state);
    const std::vector<float> a = random_floats(680), b = random_floats(680);
    for (auto _ : state) {
        if (kernels == nullptr) break;
        benchmark::DoNotOptimize(kernels->dot(a.data(), b.data(), a.size()));
    }
}
BENCHMARK(dot)->DenseRange(0, 2);

void adam(benchmark::State& state) {
    const numerics::Kernels* kernels = implementation(state);
    const std::vector<float> gradient = random_floats(681);
    std::vector<float> m(681), v(681), weights(681);
    const numerics::AdamStep step{0.9F, 0.999F, 0.1F, 0.001F, 0.01F, 0.03F, 1e-8F};
    for (auto _ : state) {
        if (kernels == nullptr) break;
        kernels->adam(step, gradient.data(), m.data(), v.data(), weights.data(), weights.size());
        benchmark::DoNotOptimize(weights.data());
    }
}
BENCHMARK(adam)->DenseRange(0, 2);

void training_step(benchmark::State& state) {
    const Dataset data = read_dataset(IRENE_SAMPLE);
    const Config config;
    const models::FeatureRows rows = models::distinct_rows(data, features_of(config.feature_sets));
    const models::StepTrees steps(data, rows, config);
    models::WeightedTreeTrainer trainer(data, rows, steps, config);
    std::vector<std::size_t> trees(data.trees.size());
    std::iota(trees.begin(), trees.end(), std::size_t{0});
    models::TreeWeights layer;
    trainer.start(trees, numerics::InitialWeights(kDefaultSeed).draw(680), layer);
    const std::vector<double> leaves(rows.row_of_node.size(), 0.1);
    std::size_t tree = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(trainer.step(tree, leaves, layer));
        tree = (tree + 1) % trees.size();
    }
}
BENCHMARK(training_step);

void least_squares(benchmark::State& state) {
    const auto rows = static_cast<std::size_t>(state.range(0));
    constexpr std::size_t kColumns = 14;
    const std::vector<float> values = random_floats(rows * (kColumns + 1));
    numerics::LeastSquares system;
    for (auto _ : state) {
        system.resize(rows, kColumns);
        for (std::size_t column = 0; column <= kColumns; ++column) {
            std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(column * rows), rows,
                        system.matrix(column).begin());
        }
        benchmark::DoNotOptimize(system.solve(rows));
    }
}
BENCHMARK(least_squares)->Arg(500)->Arg(8000);

}  // namespace

BENCHMARK_MAIN();
