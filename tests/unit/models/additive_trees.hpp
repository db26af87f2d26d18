// Trees of transformers made up from their counts, with energies that follow a simple law.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "irene/dataset.hpp"
#include "irene/tree.hpp"

#include "changed_tree.hpp"
#include "models/additive/model.hpp"

namespace irene::tests {

inline constexpr std::array kLevels{models::AdditiveLevel::specs, models::AdditiveLevel::timing,
                                    models::AdditiveLevel::all};

/// Puts a tree together from counts, node by node in preorder.
class TreeByCounts {
  public:
    TreeByCounts(const std::string& model_name, std::int64_t batch_size, std::int64_t seq_len)
        : builder_(model_name, batch_size, seq_len, 1) {}

    /// Gives a key of the run another value than its default, before the tree is finished.
    void set(RunKey key, const RunValue& value) { builder_.set(key, value); }

    /// Adds a node: of a leaf the counts, of others those beyond their children. Returns its number.
    std::int32_t add(std::int32_t parent, const std::string& instance_type, double parameters, double flops,
                     double bytes) {
        const auto number = static_cast<std::int32_t>(nodes_.size());
        if (parent >= 0) nodes_[static_cast<std::size_t>(parent)].is_leaf = false;
        nodes_.push_back({.parent = parent,
                          .id = "n" + std::to_string(number),
                          .instance_type = instance_type,
                          .parameters = parameters,
                          .flops = flops,
                          .bytes = bytes,
                          .own_bytes = bytes});
        return number;
    }

    /// The tree, counts summed up, and energies, times and meter readings after the law below: a leaf spends
    /// joules for its call, flops and bytes, an inner node for launches and bytes of its own; times are a
    /// hundredth of the energy and the meter reads nine tenths.
    Tree finish() {
        for (std::size_t i = nodes_.size(); i-- > 0;) {
            MadeUp& node = nodes_[i];
            node.joules += node.is_leaf ? 1e-3 + 1e-11 * node.flops + 2e-10 * node.bytes
                                        : 2e-10 * node.own_bytes + 5e-4 * node.launches;
            if (node.parent < 0) continue;
            MadeUp& parent = nodes_[static_cast<std::size_t>(node.parent)];
            parent.joules += node.joules;
            parent.parameters += node.parameters;
            parent.flops += node.flops;
            parent.bytes += node.bytes;
            parent.launches += node.is_leaf ? 1.0 : 0.0;
        }
        std::vector<std::int32_t> open;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            for (; !open.empty() && open.back() != nodes_[i].parent; open.pop_back()) builder_.end_node();
            start(nodes_[i]);
            open.push_back(static_cast<std::int32_t>(i));
        }
        for (; !open.empty(); open.pop_back()) builder_.end_node();
        return builder_.finish();
    }

  private:
    struct MadeUp {
        std::int32_t parent = -1;
        std::string id, instance_type;
        bool is_leaf = true;
        double parameters = 0.0, flops = 0.0, bytes = 0.0, own_bytes = 0.0;
        double launches = 0.0, joules = 0.0;
    };

    void start(const MadeUp& made_up) {
        NewNode node{.type = made_up.parent < 0 ? NodeType::model
                             : made_up.is_leaf  ? NodeType::ml
                                                : NodeType::module,
                     .instance_type = made_up.instance_type,
                     .scope = made_up.id,
                     .id = made_up.id,
                     .measured_energy = made_up.joules};
        const auto set = [&node](Feature feature, double value) {
            node.features[static_cast<std::size_t>(feature)] = value;
        };
        set(Feature::num_parameters, made_up.parameters);
        set(Feature::flops, made_up.flops / 1e6);
        set(Feature::mem_bytes, made_up.bytes / 1048576.0);
        set(Feature::cpu, 0.5);
        set(Feature::times_mean, made_up.joules / 100.0);
        set(Feature::gpu_energy_mean, 0.9 * made_up.joules);
        builder_.start_node(node);
    }

    TreeBuilder builder_;
    std::vector<MadeUp> nodes_;
};

/// How a made-up transformer looks.
struct Architecture {
    std::string name = "bert";
    double hidden_size = 256.0;
    double num_heads = 4.0;
    int num_layers = 1;
    bool one_kernel = false;        ///< dense products as Conv1D, bias included, not as Linear
    std::string class_prefix = {};  ///< of the layer's classes
};

/// An embedding, layers of attention and feed-forward, a pooler, counted as the data files count them.
inline Tree make_transformer(const Architecture& shape, std::int64_t batch_size, std::int64_t seq_len) {
    const auto b = static_cast<double>(batch_size);
    const auto s = static_cast<double>(seq_len);
    const double width = shape.hidden_size, heads = shape.num_heads, head_size = width / heads;
    TreeByCounts tree(shape.name, batch_size, seq_len);
    const auto dense = [&](std::int32_t parent, double in, double out) {
        const double parameters = in * out + out;
        if (shape.one_kernel) {
            tree.add(parent, "Conv1D", parameters, 2 * b * s * in * out,
                     4 * (b * s * in + in * out + b * s * out));
        } else {
            tree.add(parent, "Linear", parameters, 2 * b * s * in * out + b * s * out,
                     4 * b * (s * in + in * out + s * out) + 8 * b * s * out);
        }
    };
    const std::int32_t root = tree.add(-1, "Model", 0, 0, 0);
    const std::int32_t embeddings = tree.add(root, "Embeddings", 0, b * s * width, 8 * b * s * width);
    tree.add(embeddings, "Embedding", 1000 * width, 0, b * s * (8 + 4 * width));
    tree.add(embeddings, "LayerNorm", 2 * width, 8 * b * s * width, 16 * b * s * width);
    for (int layer = 0; layer < shape.num_layers; ++layer) {
        const std::string& prefix = shape.class_prefix;
        const std::int32_t block = tree.add(root, prefix + "Layer", 0, 2 * b * s * width, 16 * b * s * width);
        const std::int32_t attention = tree.add(block, prefix + "Attention", 0, 0, 0);
        for (int i = 0; i < 4; ++i) dense(attention, width, width);
        const double scores = b * heads * s * s;
        for (const char* operation : {"matmul", "softmax", "matmul"}) {
            if (operation[0] == 'm') {
                tree.add(attention, operation, 0, 2 * scores * head_size,
                         4 * (2 * b * heads * s * head_size + scores));
            } else {
                tree.add(attention, operation, 0, 5 * scores, 12 * scores);
            }
        }
        const std::int32_t output = tree.add(block, prefix + "Output", 0, b * s * width, 8 * b * s * width);
        dense(output, width, 4 * width);
        dense(output, 4 * width, width);
        tree.add(output, "LayerNorm", 2 * width, 8 * b * s * width, 16 * b * s * width);
    }
    const std::int32_t pooler = tree.add(root, "Pooler", 0, 0, 0);
    tree.add(pooler, "Linear", width * width + width, 2 * b * width * width,
             4 * (b * width + width * width + b * width));
    tree.add(pooler, "Tanh", 0, 4 * b * width, 4 * b * width);
    return tree.finish();
}

/// Runs of two made-up models over a grid of batch sizes and lengths.
inline Dataset made_up_runs() {
    Dataset data;
    data.source = "made_up.jsonl";
    for (const std::int64_t batch_size : {4, 8, 16}) {
        for (const std::int64_t seq_len : {16, 32, 64, 128}) {
            data.trees.push_back(make_transformer({}, batch_size, seq_len));
            data.trees.push_back(make_transformer({.name = "gpt",
                                                   .hidden_size = 512,
                                                   .num_heads = 8,
                                                   .num_layers = 2,
                                                   .one_kernel = true,
                                                   .class_prefix = "Gpt"},
                                                  batch_size, seq_len));
        }
    }
    for (std::size_t i = 0; i < data.trees.size(); ++i) data.trees[i] = on_line(data.trees[i], i + 1);
    return data;
}

inline std::vector<std::size_t> every_tree(const Dataset& data) {
    std::vector<std::size_t> trees(data.trees.size());
    for (std::size_t i = 0; i < trees.size(); ++i) trees[i] = i;
    return trees;
}

}  // namespace irene::tests
