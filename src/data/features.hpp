// The table of features: their keys in data files, and the sets that they belong to.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "irene/features.hpp"

namespace irene::data {

/// Sets of features as bits, by FeatureSet; none for a value that is no set.
constexpr unsigned bit(FeatureSet set) {
    const auto index = static_cast<std::size_t>(set);
    return index < kFeatureSets.size() ? 1U << index : 0U;
}

inline constexpr unsigned kSpecs = bit(FeatureSet::model_specs);
inline constexpr unsigned kUtilization = bit(FeatureSet::resource_utilization);
inline constexpr unsigned kTiming = bit(FeatureSet::timing);
inline constexpr unsigned kKernels = bit(FeatureSet::kernel_counts);
inline constexpr unsigned kEverySet = kSpecs | kUtilization | kTiming | kKernels;

struct FeatureRow {
    Feature feature;
    std::string_view name;
    unsigned sets;
    bool of_run = false;  ///< follows from keys of the run: nodes have no key for it
};

/// In the order of Feature, which is that of the keys in data files.
inline constexpr std::array<FeatureRow, kNumFeatures> kFeatures{{
    {Feature::num_parameters, "num_parameters", kEverySet},
    {Feature::input_size, "input_size", kEverySet, true},
    {Feature::batch_size, "batch_size", kSpecs, true},
    {Feature::seq_len, "seq_len", kSpecs, true},
    {Feature::flops, "flops", kSpecs | kKernels},
    {Feature::mem_bytes, "mem_bytes", kSpecs | kKernels},
    {Feature::cpu, "cpu", kUtilization},
    {Feature::mem, "mem", kUtilization},
    {Feature::gpu, "gpu", kUtilization},
    {Feature::gpu_mem, "gpu_mem", kUtilization},
    {Feature::gpu_clk, "gpu_clk", kUtilization},
    {Feature::gpu_mem_clk, "gpu_mem_clk", kUtilization},
    {Feature::times_mean, "times_mean", kUtilization | kTiming},
    {Feature::gpu_energy_mean, "gpu_energy_mean", kUtilization},
    {Feature::calls, "calls", kKernels},
    {Feature::launches, "launches", kKernels},
}};

constexpr bool rows_are_in_order() {
    for (std::size_t i = 0; i < kFeatures.size(); ++i) {
        if (kFeatures[i].feature != static_cast<Feature>(i) || kFeatures[i].name.empty()) return false;
    }
    return true;
}
static_assert(rows_are_in_order(), "a row for each Feature, in their order");

}  // namespace irene::data
