// Small sets of trees made in code: two models, a few nodes, every feature.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace irene::tests {

using Json = nlohmann::ordered_json;

/// One node without children. `k` moves all its numbers, so that no two rows of features are equal.
inline Json make_node(const std::string& id, const std::string& scope, const std::string& parent, int level,
                      const std::string& instance_type, const std::string& type, int k) {
    const double x = k;
    return {{"id", id},
            {"scope", scope},
            {"parent_name", parent},
            {"level", level},
            {"instance_type", instance_type},
            {"type", type},
            {"num_parameters", 1000 + 37 * k},
            {"flops", 10.5 + 3.25 * x},
            {"mem_bytes", 2.0 + 0.125 * (k * k % 11)},
            {"cpu", 8.0 + 0.01 * (7 * k % 13)},
            {"mem", 9.0 + 0.02 * (5 * k % 17)},
            {"gpu", 40.0 + 0.5 * (3 * k % 19)},
            {"gpu_mem", 30.0 + 0.25 * (11 * k % 23)},
            {"gpu_clk", 1600.0 + 5 * k % 29},
            {"gpu_mem_clk", 4000.0},
            {"times_mean", 0.001 + 0.0001 * x},
            {"gpu_energy_mean", 0.05 + 0.01 * x},
            {"ground_truth_energy", 0.1 + 0.02 * x},
            {"child_nodes_obj", Json::array()},
            {"child_nodes", Json::array()}};
}

/// Puts a child into a parent, whose measured energy grows by the child's.
inline void add_child(Json& parent, Json child) {
    parent["ground_truth_energy"] =
        (parent["child_nodes_obj"].empty() ? 0.01 : parent["ground_truth_energy"].get<double>()) +
        child["ground_truth_energy"].get<double>();
    parent["child_nodes"].push_back(child["scope"]);
    parent["child_nodes_obj"].push_back(std::move(child));
}

/// root (model) -> root.block (module) -> root.block.dense (Linear), root.block.norm (LayerNorm);
/// root -> root.head (Linear).
inline Json make_tree(const std::string& model_name, int batch_size, int seq_len, int k) {
    const std::string prefix =
        model_name + "-" + std::to_string(batch_size) + "-" + std::to_string(seq_len) + "-";
    Json root = make_node(prefix + "0", "root", "", 0, "TinyModel", "model", k);
    Json block = make_node(prefix + "1", "root.block", "root", 1, "TinyBlock", "module", k + 1);
    add_child(block, make_node(prefix + "2", "root.block.dense", "root.block", 2, "Linear", "ml", k + 2));
    add_child(block,
              make_node(prefix + "3", "root.block.norm", "root.block", 2, "LayerNorm", "ml-np", k + 3));
    add_child(root, std::move(block));
    add_child(root, make_node(prefix + "4", "root.head", "root", 1, "Linear", "ml", k + 4));
    return {{"model_name", model_name},
            {"batch_size", batch_size},
            {"seq_len", seq_len},
            {"frontend_tree", std::move(root)}};
}

/// Two models at three points each.
inline std::vector<Json> make_trees() {
    std::vector<Json> trees;
    int k = 1;
    for (const char* model_name : {"alpha", "beta"}) {
        for (const int seq_len : {16, 32, 64})
            trees.push_back(make_tree(model_name, seq_len == 32 ? 4 : 2, seq_len, k += 5));
    }
    return trees;
}

inline std::string to_jsonl(const std::vector<Json>& trees) {
    std::string lines;
    for (const Json& tree : trees) lines += tree.dump() + "\n";
    return lines;
}

/// The nodes of the first tree by scope: 'root.block.norm' is the one most tests break, in line 2.
inline Json& root_of(Json& tree) { return tree["frontend_tree"]; }
inline Json& block_of(Json& tree) { return root_of(tree)["child_nodes_obj"][0]; }
inline Json& dense_of(Json& tree) { return block_of(tree)["child_nodes_obj"][0]; }
inline Json& norm_of(Json& tree) { return block_of(tree)["child_nodes_obj"][1]; }

/// Calls `change` with every node of a tree, parents first.
template <typename Change>
void for_each_node(Json& node, const Change& change) {
    change(node);
    for (Json& child : node["child_nodes_obj"]) for_each_node(child, change);
}

}  // namespace irene::tests
