// The features of a node, and the sets in which a config chooses them.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

namespace irene {

/// What is known of a node beside its energy. Features enter a model in this order.
enum class Feature : unsigned char {
    num_parameters,   ///< count
    input_size,       ///< batch_size * seq_len, tokens
    batch_size,       ///< sequences
    seq_len,          ///< tokens
    flops,            ///< 10^6 floating-point operations
    mem_bytes,        ///< MiB moved
    cpu,              ///< % of the processor
    mem,              ///< % of main memory
    gpu,              ///< % of the GPU
    gpu_mem,          ///< % of the GPU's memory bandwidth
    gpu_clk,          ///< MHz
    gpu_mem_clk,      ///< MHz
    times_mean,       ///< s
    gpu_energy_mean,  ///< J
    calls,            ///< times that the node runs; absent() is once
    launches,         ///< kernels, over all calls and GPUs
};

inline constexpr std::size_t kNumFeatures = 16;

/// One value per Feature, indexed by it. A feature that the input lacks holds absent().
using FeatureValues = std::array<double, kNumFeatures>;

/// Stands for a value that the input does not have. It is NaN, which readers refuse, so that no value that
/// was read is taken for it.
inline double absent() noexcept { return std::numeric_limits<double>::quiet_NaN(); }
inline bool is_absent(double value) noexcept { return std::isnan(value); }

/// All absent().
inline FeatureValues no_features() noexcept {
    FeatureValues features{};
    features.fill(absent());
    return features;
}

/// The key of a feature in data files, e.g. "mem_bytes".
std::string_view name(Feature feature) noexcept;
std::optional<Feature> feature_from_name(std::string_view spelling) noexcept;

/// Groups of features that a config switches on together (paper, section 3.2).
enum class FeatureSet : unsigned char {
    model_specs,           ///< batch_size, seq_len, flops, mem_bytes: known without running the model
    resource_utilization,  ///< cpu, mem, gpu, gpu_mem, gpu_clk, gpu_mem_clk, times_mean, gpu_energy_mean:
                           ///< measured
    timing,                ///< times_mean alone: measured, but by a clock
    kernel_counts,  ///< flops, mem_bytes, calls, launches of `--counting kernels`: known without running
};

inline constexpr std::array kFeatureSets{FeatureSet::model_specs, FeatureSet::resource_utilization,
                                         FeatureSet::timing, FeatureSet::kernel_counts};

std::string_view name(FeatureSet set) noexcept;
std::optional<FeatureSet> feature_set_from_name(std::string_view spelling) noexcept;

/// The features of a model that uses `sets`: num_parameters and input_size, then those of the sets, always in
/// the order of Feature, whatever the order of `sets`, each once. A value that is no FeatureSet adds none.
std::vector<Feature> features_of(const std::vector<FeatureSet>& sets);

}  // namespace irene
