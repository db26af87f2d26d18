#include "irene/features.hpp"

#include <cmath>
#include <limits>

#include "irene/tree.hpp"

#include "base/name_table.hpp"

namespace irene {

namespace {

constexpr base::NameTable<Feature, kNumFeatures> kFeatureNames{{
    {Feature::num_parameters, "num_parameters"},
    {Feature::input_size, "input_size"},
    {Feature::batch_size, "batch_size"},
    {Feature::seq_len, "seq_len"},
    {Feature::flops, "flops"},
    {Feature::mem_bytes, "mem_bytes"},
    {Feature::cpu, "cpu"},
    {Feature::mem, "mem"},
    {Feature::gpu, "gpu"},
    {Feature::gpu_mem, "gpu_mem"},
    {Feature::gpu_clk, "gpu_clk"},
    {Feature::gpu_mem_clk, "gpu_mem_clk"},
    {Feature::times_mean, "times_mean"},
    {Feature::gpu_energy_mean, "gpu_energy_mean"},
}};

constexpr base::NameTable<FeatureSet, kFeatureSets.size()> kFeatureSetNames{{
    {FeatureSet::model_specs, "model_specs"},
    {FeatureSet::resource_utilization, "resource_utilization"},
    {FeatureSet::timing, "timing"},
}};

constexpr base::NameTable<NodeType, kNumNodeTypes> kNodeTypeNames{{
    {NodeType::ml, "ml"},
    {NodeType::module, "module"},
    {NodeType::model, "model"},
}};

constexpr bool has(FeatureSet set, Feature feature) {
    switch (set) {
        case FeatureSet::model_specs:
            return feature >= Feature::batch_size && feature <= Feature::mem_bytes;
        case FeatureSet::resource_utilization:
            return feature > Feature::mem_bytes;
        case FeatureSet::timing:
            return feature == Feature::times_mean;
    }
    return false;
}

}  // namespace

double absent() noexcept { return std::numeric_limits<double>::quiet_NaN(); }
bool is_absent(double value) noexcept { return std::isnan(value); }

FeatureValues no_features() noexcept {
    FeatureValues features{};
    features.fill(absent());
    return features;
}

std::string_view name(Feature feature) noexcept { return base::name_in(kFeatureNames, feature); }
std::optional<Feature> feature_from_name(std::string_view spelling) noexcept {
    return base::find_in(kFeatureNames, spelling);
}

std::string_view name(FeatureSet set) noexcept { return base::name_in(kFeatureSetNames, set); }
std::optional<FeatureSet> feature_set_from_name(std::string_view spelling) noexcept {
    return base::find_in(kFeatureSetNames, spelling);
}

std::string_view name(NodeType type) noexcept { return base::name_in(kNodeTypeNames, type); }
std::optional<NodeType> node_type_from_name(std::string_view spelling) noexcept {
    return base::find_in(kNodeTypeNames, spelling);
}

std::vector<Feature> features_of(const std::vector<FeatureSet>& sets) {
    std::vector<Feature> features;
    for (const auto& [feature, spelling] : kFeatureNames) {
        bool wanted = feature <= Feature::input_size;  // they are part of every model
        for (const FeatureSet set : sets) wanted = wanted || has(set, feature);
        if (wanted) features.push_back(feature);
    }
    return features;
}

}  // namespace irene
