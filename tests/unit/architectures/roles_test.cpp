// The roles of all that the shipped configs give.
#include "data/roles.hpp"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "irene/architectures.hpp"
#include "irene/dataset.hpp"

namespace irene::tests {
namespace {

std::string last_part(std::string_view scope) { return std::string(scope.substr(scope.rfind('.') + 1)); }

TEST(RolesOfConfigs, EveryNodeHasOneAndFewAreLinearAlone) {
    std::size_t num_models = 0, num_nodes = 0, num_linear = 0;
    std::set<std::string> without, linear;
    std::map<std::string, std::size_t> models_with;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs/models")) {
        const Transformer model = load_transformer(entry.path());
        ++num_models;
        std::set<std::string_view> seen;
        for (const bool flash : {false, true}) {
            const Tree tree =
                flash ? model.tree({.counting = Counting::kernels, .attention = AttentionKind::flash})
                      : model.tree(8, 32);
            const std::vector<data::Role> roles = data::roles_of(tree);
            for (std::size_t node = 0; node < roles.size(); ++node) {
                const std::string_view role = data::role_name(roles[node]);
                ++num_nodes;
                seen.insert(role);
                if (role.empty()) without.insert(std::string(tree.instance_type(node)));
                if (role == "linear") {
                    ++num_linear;
                    linear.insert(last_part(tree.scope(node)));
                }
                if (tree.instance_type(node).ends_with("Norm")) {
                    EXPECT_EQ(role, "norm") << entry.path();
                }
            }
        }
        for (const std::string_view role : seen) ++models_with[std::string(role)];
    }
    EXPECT_EQ(num_models, 126U);
    EXPECT_TRUE(without.empty()) << *without.begin();
    for (const char* role : {"layer", "norm", "attention", "mlp.down", "attention.output", "matmul",
                             "softmax", "matmul+softmax", "embeddings.token"})
        EXPECT_EQ(models_with[role], num_models) << role;
    // Products with weights that have no counterpart in other families. What they do is said by their names.
    EXPECT_EQ(linear, (std::set<std::string>{"dense", "embedding_hidden_mapping_in", "embeddings_project",
                                             "key_of_distances", "kv_a_proj_with_mqa", "kv_b_proj",
                                             "project_in", "project_out", "q_a_proj", "q_b_proj",
                                             "query_of_distances", "r", "shared_expert_gate"}));
    EXPECT_LT(static_cast<double>(num_linear), 0.02 * static_cast<double>(num_nodes));
}

TEST(RolesOfConfigs, SoHasEveryNodeOfMeasuredTrees) {
    const Dataset trees =
        read_dataset(std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "datasets/simulated.jsonl");
    std::set<std::string> without;
    for (const Tree& tree : trees.trees) {
        const std::vector<data::Role> roles = data::roles_of(tree);
        for (std::size_t node = 0; node < roles.size(); ++node) {
            if (roles[node] == data::kNoRole) without.insert(std::string(tree.scope(node)));
        }
    }
    EXPECT_FALSE(trees.trees.empty());
    EXPECT_EQ(without, std::set<std::string>());
}

}  // namespace
}  // namespace irene::tests
