// A run of a transformer (model x batch size x sequence length) as a tree of energy-consuming nodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "irene/features.hpp"
#include "irene/run.hpp"
#include "irene/run_keys.hpp"

namespace irene {

/// The three levels of the paper: the model is the root, modules lie inside, ML operations are the leaves.
enum class NodeType : unsigned char { ml, module, model };

inline constexpr std::size_t kNumNodeTypes = 3;

std::string_view name(NodeType type) noexcept;
std::optional<NodeType> node_type_from_name(std::string_view spelling) noexcept;

/// What a predicted energy is spent on, in J; the three add up to it. absent() where no prediction told it.
struct EnergyParts {
    double arithmetic_joules = absent();  ///< flops by their price
    double memory_joules = absent();      ///< bytes moved by theirs
    double static_joules = absent();      ///< the rest, whatever is computed: watts by seconds, serving

    EnergyParts& operator+=(const EnergyParts& other) noexcept {
        arithmetic_joules += other.arithmetic_joules;
        memory_joules += other.memory_joules;
        static_joules += other.static_joules;
        return *this;
    }
    EnergyParts& operator-=(const EnergyParts& other) noexcept {
        arithmetic_joules -= other.arithmetic_joules;
        memory_joules -= other.memory_joules;
        static_joules -= other.static_joules;
        return *this;
    }
    bool operator==(const EnergyParts&) const = default;
};

namespace data {
struct TreeAccess;  // of the library alone: the reader and TreeBuilder fill trees
}

/// A node as its tree has it. Its texts are Tree::id(), scope() and instance_type().
class Node {
  public:
    /// Index in Tree::nodes(), always smaller than the node's own; -1 for the root.
    std::int32_t parent = -1;
    NodeType type = NodeType::ml;
    FeatureValues features = no_features();  ///< as in the input, absent() where it has none
    // In J; absent() where the input has none.
    double measured_energy = absent();   ///< `ground_truth_energy`
    double predicted_energy = absent();  ///< as found in the input
    double predicted_low = absent();     ///< `predicted_energy_low`: begin of the interval
    double predicted_high = absent();    ///< `predicted_energy_high`: its end
    /// `predicted_arithmetic_energy`, `predicted_memory_energy`, `predicted_static_energy`
    EnergyParts predicted_parts = {};
    double predicted_seconds = absent();  ///< s; of the run and its calls, where a prediction told it
    std::optional<Dtype> dtype;           ///< of its weights, where the tree's is another

  private:
    friend class Tree;
    friend struct data::TreeAccess;

    struct TextRange {
        std::uint32_t begin = 0;
        std::uint32_t size = 0;
    };
    TextRange id_, scope_, instance_type_;  // in the texts of the tree
};

/// A run with its nodes, in preorder: a parent stands before its children, so that a walk up the tree is a
/// loop from the back, a walk down one from the front. Trees come from a file, a line of JSON, a
/// transformer's config or TreeBuilder, whole and checked, and are not changed afterwards.
class Tree {
  public:
    const std::string& model_name() const { return std::get<std::string>(run(RunKey::model_name)); }
    /// Sequences, at least 1.
    std::int64_t batch_size() const { return std::get<std::int64_t>(run(RunKey::batch_size)); }
    /// Tokens of a sequence, at least 1.
    std::int64_t seq_len() const { return std::get<std::int64_t>(run(RunKey::seq_len)); }
    Counting counting() const {
        return counting_from_name(std::get<std::string>(run(RunKey::counting))).value_or(Counting::paper);
    }
    /// What the tree has for a key of its run, which may be a default. Throws std::out_of_range for what is
    /// no key.
    const RunValue& run(RunKey key) const { return run_.at(static_cast<std::size_t>(key)); }
    /// Of the file it was read from, from 1; 0 where it comes from none.
    std::size_t line() const noexcept { return line_; }

    /// At least the root.
    const std::vector<Node>& nodes() const noexcept { return nodes_; }
    std::string_view id(std::size_t node) const { return view(nodes_[node].id_); }
    std::string_view scope(std::size_t node) const { return view(nodes_[node].scope_); }
    /// Class of the module or operation as the input spells it, e.g. "BertLayer", "Linear".
    std::string_view instance_type(std::size_t node) const { return view(nodes_[node].instance_type_); }
    bool is_leaf(std::size_t node) const { return nodes_[node].type == NodeType::ml; }

  private:
    friend struct data::TreeAccess;

    Tree() = default;
    std::string_view view(Node::TextRange range) const {
        return std::string_view(text_).substr(range.begin, range.size);
    }

    std::vector<RunValue> run_;  // by RunKey
    std::size_t line_ = 0;
    std::vector<Node> nodes_;
    std::string text_;  // ids, scopes and instance types of all nodes
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
    EnergyParts predicted_parts = {};
    double predicted_seconds = absent();  ///< s
    std::optional<Dtype> dtype = {};      ///< where the tree's is another
};

/// Makes a tree node by node, parents before their children:
///
///     TreeBuilder builder("bert-base-uncased", 8, 32);
///     builder.start_node({.type = NodeType::model, .instance_type = "Bert", .scope = "root", .id = "1"});
///     builder.start_node({.instance_type = "Linear", .scope = "root.dense", .id = "2"});
///     builder.end_node();
///     builder.end_node();
///     const Tree tree = builder.finish();
///
/// It asks of a tree what the reader of files asks, in the same words: every function throws Error (data)
/// that names node and field. What a call that throws was given is not part of the tree.
class TreeBuilder {
  public:
    /// `batch_size` and `seq_len` are from 1 to 2^26. `line` is that of the file that the tree comes from,
    /// for messages; 0: none.
    TreeBuilder(std::string_view model_name, std::int64_t batch_size, std::int64_t seq_len,
                std::size_t line = 0);

    /// Gives a key of the run another value than its default, before the first node is started.
    void set(RunKey key, const RunValue& value);

    /// Starts a child of the node that was started last and has not ended; of none: the root. Returns its
    /// index in the tree. Texts must not be empty; features and measured energies must be finite and not
    /// negative, and so must predicted seconds and the parts of a predicted energy; predicted energies must
    /// be finite.
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
