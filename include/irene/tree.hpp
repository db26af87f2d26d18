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

/// What a node of a tree is to be. Energies and features that are left out are absent().
struct NewNode {
    NodeType type = NodeType::ml;
    std::string_view instance_type = {};
    std::string_view scope = {};
    std::string_view id = {};  ///< unique in its tree and, for cross-validation and evaluation, in its file
    /// Of batch_size, seq_len and input_size nothing need be said: they are the tree's.
    FeatureValues features = no_features();
    double measured_energy = absent();   ///< J
    double predicted_energy = absent();  ///< J
    double predicted_low = absent();     ///< J
    double predicted_high = absent();    ///< J
};

/// Makes a tree node by node, parents before their children:
///
///     TreeBuilder builder("bert-base-uncased", 8, 32);
///     builder.start_node({.type = NodeType::model, .instance_type = "BertModel", .scope = "root", .id =
///     "1"}); builder.start_node({.instance_type = "Linear", .scope = "root.dense", .id = "2"});
///     builder.end_node();
///     builder.end_node();
///     const Tree tree = builder.finish();
///
/// It asks of a tree what the reader of files asks, in the same words: every function throws Error (data)
/// that names node and field. What a call that throws was given is not part of the tree.
class TreeBuilder {
  public:
    /// `batch_size` and `seq_len` are from 1 to 2^26.
    TreeBuilder(std::string_view model_name, std::int64_t batch_size, std::int64_t seq_len);

    /// Starts a child of the node that was started last and has not ended; of none: the root. Returns its
    /// index in the tree. Texts must not be empty; features and measured energies must be finite and not
    /// negative, predicted energies finite.
    std::size_t start_node(const NewNode& node);

    /// Ends the node that was started last and has not ended. A node that has children must be a module or,
    /// at the root, the model; one that has none must be an ML operation.
    void end_node();

    /// The tree, all of whose nodes must have ended and whose ids must be unique; the builder is then as new.
    Tree finish();

  private:
    Tree tree_;
    std::vector<std::size_t> open_;  // nodes that have not ended, from the root on
};

}  // namespace irene
