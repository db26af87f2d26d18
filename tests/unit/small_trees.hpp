// Small trees as JSON, with features of the order of 1 so that nothing saturates.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "irene/dataset.hpp"

#include "temporary_directory.hpp"

namespace irene::tests {

/// Keeps the order of keys: bytes matter here.
using Json = nlohmann::ordered_json;

/// The features that a data file holds for each node.
inline constexpr std::array kNodeFeatures{
    "num_parameters", "flops",      "mem_bytes",      "cpu", "mem", "gpu", "gpu_mem", "gpu_clk",
    "gpu_mem_clk",    "times_mean", "gpu_energy_mean"};

/// A feature's value between 1 and 3; nodes with another `variant` have another row.
inline double feature_value(std::size_t variant, std::size_t feature) {
    return 1.0 + static_cast<double>((variant * 37 + feature * 11 + variant * variant * feature) % 23) / 11.5;
}

inline Json make_node(const std::string& type, const std::string& id, const std::string& instance_type,
                      double energy, std::size_t variant, const std::vector<Json>& children = {}) {
    Json node;
    node["id"] = id;
    node["scope"] = "scope." + id;
    node["parent_name"] = "";
    node["level"] = 0;
    node["instance_type"] = instance_type;
    node["type"] = type;
    for (std::size_t f = 0; f < kNodeFeatures.size(); ++f) {
        node[kNodeFeatures[f]] = feature_value(variant, f);
    }
    node["ground_truth_energy"] = energy;
    node["child_nodes_obj"] = Json::array();
    node["child_nodes"] = Json::array();
    for (const Json& child : children) {
        node["child_nodes"].push_back(child["scope"]);
        node["child_nodes_obj"].push_back(child);
    }
    return node;
}

inline Json make_run(const std::string& model_name, int batch_size, int seq_len, Json root) {
    Json run;
    run["model_name"] = model_name;
    run["batch_size"] = batch_size;
    run["seq_len"] = seq_len;
    run["frontend_tree"] = std::move(root);
    return run;
}

inline constexpr std::size_t kSmallRunNodes = 8;

/// Eight nodes: root{embeddings{embedding, layernorm}, layer{attention{linear}, dense}}; ids begin with
/// `prefix`, `variant` varies features and measured energies.
inline Json small_run(const std::string& prefix, const std::string& model_name = "bert", int batch_size = 8,
                      int seq_len = 32, std::size_t variant = 0) {
    const std::size_t v = 10 * variant;
    const double more = 0.25 * static_cast<double>(variant);
    const auto id = [&prefix](const char* name) { return prefix + "/" + name; };
    const Json embedding = make_node("ml", id("embedding"), "Embedding", 0.5 + more, v + 1);
    const Json layernorm = make_node("ml", id("layernorm"), "LayerNorm", 0.75, v + 2);
    const Json embeddings =
        make_node("module", id("embeddings"), "Embeddings", 1.5 + more, v + 3, {embedding, layernorm});
    const Json linear = make_node("ml-np", id("linear"), "Linear", 1.0 + more, v + 4);
    const Json attention = make_node("module", id("attention"), "Attention", 1.25 + more, v + 5, {linear});
    const Json dense = make_node("ml", id("dense"), "Linear", 2.0 / (1.0 + more), v + 6);
    const Json layer = make_node("module", id("layer"), "Layer", 3.0 + more, v + 7, {attention, dense});
    return make_run(model_name, batch_size, seq_len,
                    make_node("model", id("root"), "Model", 5.0 + more, v + 8, {embeddings, layer}));
}

inline std::string small_line(const std::string& prefix, const std::string& model_name = "bert",
                              int batch_size = 8, int seq_len = 32, std::size_t variant = 0) {
    return small_run(prefix, model_name, batch_size, seq_len, variant).dump();
}

inline std::string join_lines(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

/// The lines as the dataset of a file "trees.jsonl".
inline Dataset dataset_of(const std::vector<std::string>& lines) {
    const TemporaryDirectory directory;
    write_file(directory / "trees.jsonl", join_lines(lines));
    return read_dataset(directory / "trees.jsonl", {.keep_text = true});
}

/// `count` small runs over `num_models` models m0, m1, ... of two batch sizes.
inline std::vector<std::string> small_lines(std::size_t count, std::size_t num_models = 3) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < count; ++i) {
        lines.push_back(small_line("t" + std::to_string(i), "m" + std::to_string(i % num_models),
                                   i % 2 == 0 ? 8 : 16, i % 4 < 2 ? 32 : 64, i));
    }
    return lines;
}

}  // namespace irene::tests
