// A run of a transformer (model x batch size x sequence length) as a tree of energy-consuming nodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "irene/features.hpp"

namespace irene {

/// The three levels of the paper: the model is the root, modules lie inside, ML operations are the leaves.
enum class NodeType : unsigned char { ml, module, model };

inline constexpr std::size_t kNumNodeTypes = 3;

std::string_view name(NodeType type) noexcept;
std::optional<NodeType> node_type_from_name(std::string_view spelling) noexcept;

/// A piece of Tree::text.
struct TextRange {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
};

struct Node {
    std::int32_t parent = -1;  ///< index in Tree::nodes, always smaller than the node's own; -1 for the root
    NodeType type = NodeType::ml;
    FeatureValues features{};       ///< as in the input, absent() where it has none
    double measured_energy = 0.0;   ///< J, `ground_truth_energy`; absent() where the input has none
    double predicted_energy = 0.0;  ///< J, as found in the input; absent() where it has none
    double predicted_low = 0.0;     ///< J, `predicted_energy_low`: begin of the interval; absent() likewise
    double predicted_high = 0.0;    ///< J, `predicted_energy_high`: its end; absent() likewise
    TextRange id, scope, instance_type;
};

/// Nodes stand in preorder, so a parent stands before its children: a walk up the tree is a loop from the
/// back, a walk down one from the front. Nothing rewrites a tree after it is read.
struct Tree {
    std::string model_name;
    std::int64_t batch_size = 0;  ///< sequences, at least 1
    std::int64_t seq_len = 0;     ///< tokens, at least 1
    std::size_t line = 0;         ///< of the file it was read from, from 1
    std::vector<Node> nodes;
    std::string text;  ///< ids, scopes and instance types of all nodes; see TextRange

    std::string_view id(std::size_t node) const { return view(nodes[node].id); }
    std::string_view scope(std::size_t node) const { return view(nodes[node].scope); }
    /// Class of the module or operation as the input spells it, e.g. "BertLayer", "Linear".
    std::string_view instance_type(std::size_t node) const { return view(nodes[node].instance_type); }
    bool is_leaf(std::size_t node) const { return nodes[node].type == NodeType::ml; }

    std::string_view view(TextRange range) const {
        return std::string_view(text).substr(range.begin, range.size);
    }
};

}  // namespace irene
