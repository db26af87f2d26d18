#include "irene/features.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/config.hpp"
#include "irene/tree.hpp"

namespace irene {
namespace {

std::vector<std::string> names_of(const std::vector<FeatureSet>& sets) {
    std::vector<std::string> names;
    for (const Feature feature : features_of(sets)) names.emplace_back(name(feature));
    return names;
}

TEST(Features, OfEachSetInTheOrderOfTheModel) {
    using Names = std::vector<std::string>;
    EXPECT_EQ(names_of({FeatureSet::model_specs}),
              (Names{"num_parameters", "input_size", "batch_size", "seq_len", "flops", "mem_bytes"}));
    EXPECT_EQ(names_of({FeatureSet::resource_utilization}),
              (Names{"num_parameters", "input_size", "cpu", "mem", "gpu", "gpu_mem", "gpu_clk", "gpu_mem_clk",
                     "times_mean", "gpu_energy_mean"}));
    const Names all{"num_parameters",
                    "input_size",
                    "batch_size",
                    "seq_len",
                    "flops",
                    "mem_bytes",
                    "cpu",
                    "mem",
                    "gpu",
                    "gpu_mem",
                    "gpu_clk",
                    "gpu_mem_clk",
                    "times_mean",
                    "gpu_energy_mean"};
    EXPECT_EQ(names_of({FeatureSet::model_specs, FeatureSet::resource_utilization}), all);
    EXPECT_EQ(names_of({FeatureSet::resource_utilization, FeatureSet::model_specs}), all);
    EXPECT_EQ(names_of({}), (std::vector<std::string>{"num_parameters", "input_size"}));
}

TEST(Features, NamesAreReadBack) {
    for (std::size_t i = 0; i < kNumFeatures; ++i) {
        const auto feature = static_cast<Feature>(i);
        ASSERT_FALSE(name(feature).empty()) << i;
        EXPECT_EQ(feature_from_name(name(feature)), feature);
    }
    for (const FeatureSet set : kFeatureSets) EXPECT_EQ(feature_set_from_name(name(set)), set);
    for (const NodeType type : {NodeType::ml, NodeType::module, NodeType::model}) {
        EXPECT_EQ(node_type_from_name(name(type)), type);
    }
    for (const char* unknown : {"", "Cpu", "cpu ", "flop", "ml-np", "model_spec"}) {
        SCOPED_TRACE(unknown);
        EXPECT_FALSE(feature_from_name(unknown));
        EXPECT_FALSE(feature_set_from_name(unknown));
        EXPECT_FALSE(node_type_from_name(unknown));
    }
}

TEST(Features, OnlyTheMarkIsAbsent) {
    EXPECT_TRUE(is_absent(absent()));
    EXPECT_FALSE(is_absent(0.0));
    EXPECT_FALSE(is_absent(-1.0));
}

}  // namespace
}  // namespace irene
