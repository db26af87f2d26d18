#include "data/features.hpp"

#include "irene/tree.hpp"

#include "base/name_table.hpp"

namespace irene {

namespace {

constexpr base::NameTable<FeatureSet, kFeatureSets.size()> kFeatureSetNames{{
    {FeatureSet::model_specs, "model_specs"},
    {FeatureSet::resource_utilization, "resource_utilization"},
    {FeatureSet::timing, "timing"},
    {FeatureSet::kernel_counts, "kernel_counts"},
}};

constexpr base::NameTable<NodeType, kNumNodeTypes> kNodeTypeNames{{
    {NodeType::ml, "ml"},
    {NodeType::module, "module"},
    {NodeType::model, "model"},
}};

}  // namespace

std::string_view name(Feature feature) noexcept {
    const auto index = static_cast<std::size_t>(feature);
    return index < kNumFeatures ? data::kFeatures[index].name : std::string_view();
}

std::optional<Feature> feature_from_name(std::string_view spelling) noexcept {
    for (const data::FeatureRow& row : data::kFeatures) {
        if (row.name == spelling) return row.feature;
    }
    return std::nullopt;
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
    unsigned wanted = 0;
    for (const FeatureSet set : sets) wanted |= data::bit(set);
    std::vector<Feature> features;
    for (const data::FeatureRow& row : data::kFeatures) {
        if (row.sets == data::kEverySet || (row.sets & wanted) != 0) features.push_back(row.feature);
    }
    return features;
}

}  // namespace irene
