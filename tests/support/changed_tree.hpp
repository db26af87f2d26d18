// Trees with other values: a tree is not changed, it is built anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "irene/tree.hpp"

namespace irene::tests {

/// A node of a tree as TreeBuilder takes it. Its texts are the tree's.
inline NewNode node_of(const Tree& tree, std::size_t node) {
    const Node& old = tree.nodes()[node];
    return {.type = old.type,
            .instance_type = tree.instance_type(node),
            .scope = tree.scope(node),
            .id = tree.id(node),
            .features = old.features,
            .measured_energy = old.measured_energy,
            .predicted_energy = old.predicted_energy,
            .predicted_low = old.predicted_low,
            .predicted_high = old.predicted_high,
            .predicted_parts = old.predicted_parts,
            .predicted_seconds = old.predicted_seconds,
            .dtype = old.dtype};
}

/// The tree with every node as `change(std::size_t node, NewNode&)` leaves it.
template <typename Change>
Tree changed(const Tree& tree, const Change& change, std::size_t line) {
    TreeBuilder builder(tree.model_name(), tree.batch_size(), tree.seq_len(), line);
    for (const RunKey key : run_keys()) {
        const bool is_of_builder =
            key == RunKey::model_name || key == RunKey::batch_size || key == RunKey::seq_len;
        if (!is_of_builder) builder.set(key, tree.run(key));
    }
    std::vector<std::int32_t> open;
    for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
        for (; !open.empty() && open.back() != tree.nodes()[node].parent; open.pop_back()) builder.end_node();
        NewNode other = node_of(tree, node);
        change(node, other);
        builder.start_node(other);
        open.push_back(static_cast<std::int32_t>(node));
    }
    for (; !open.empty(); open.pop_back()) builder.end_node();
    return builder.finish();
}

template <typename Change>
Tree changed(const Tree& tree, const Change& change) {
    return changed(tree, change, tree.line());
}

/// The tree with another value on one node.
inline Tree with_feature(const Tree& tree, std::size_t node, Feature feature, double value) {
    return changed(tree, [&](std::size_t i, NewNode& other) {
        if (i == node) other.features[static_cast<std::size_t>(feature)] = value;
    });
}

inline Tree with_energy(const Tree& tree, std::size_t node, double joules) {
    return changed(tree, [&](std::size_t i, NewNode& other) {
        if (i == node) other.measured_energy = joules;
    });
}

inline Tree on_line(const Tree& tree, std::size_t line) {
    return changed(
        tree, [](std::size_t, NewNode&) {}, line);
}

}  // namespace irene::tests
