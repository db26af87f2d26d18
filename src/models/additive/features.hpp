// What the additive tree derives from the features of nodes; no energies involved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "irene/notices.hpp"
#include "irene/tree.hpp"

#include "base/hash.hpp"
#include "models/additive/dense_shape.hpp"
#include "models/additive/model.hpp"

namespace irene::models {

enum class OperationKind : unsigned char {
    dense,    ///< a dense product of activations with weights
    counted,  ///< dense products priced by flops and bytes alone, see kCountedGroup
    product,  ///< a product of two activations
    softmax,
    other,
};

OperationKind kind_of_operation(std::string_view operation) noexcept;
KindOfWork kind_of_work(OperationKind kind) noexcept;

inline constexpr std::string_view kDenseGroup = "dense";
/// The regressor of dense products whose counts have no shape: flops and bytes price them.
inline constexpr std::string_view kCountedGroup = "dense by counts";
/// How a signature spells a child that is not a leaf.
inline constexpr std::string_view kInnerChild = "*";

/// Instance types, numbered: spellings that differ in case only have one number.
class InstanceTypes {
  public:
    InstanceTypes();

    std::uint32_t number(std::string_view instance_type);
    std::size_t size() const noexcept { return types_.size(); }

    /// In lower case.
    const std::string& name(std::uint32_t type) const { return types_[type].name; }
    OperationKind kind(std::uint32_t type) const { return types_[type].kind; }
    /// Of leaves with this type: the number of kDenseGroup, or its own.
    std::uint32_t group(std::uint32_t type) const;

  private:
    struct Type {
        std::string name;
        OperationKind kind;
    };
    std::vector<Type> types_;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return base::hash_of(text); }
    };
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;  // by spelling
};

/// A node in the quantities of models/additive/model.hpp: flop, byte, second, joule.
struct NodeTerms {
    NodeType type = NodeType::ml;
    bool is_leaf = false;
    bool is_dense = false;  ///< a dense leaf whose shape is known
    /// Of a dense leaf whose shape is not known: why.
    CountsCause counts_cause = CountsCause::none;
    bool separate_bias = false;  ///< a dense leaf counted as a product per batch item and a bias kernel
    bool attention = false;      ///< has a child that is a product
    std::uint32_t instance_type = 0;

    double batch_size = 0.0, seq_len = 0.0;
    double parameters = 0.0, flops = 0.0, bytes = 0.0;
    double seconds = 0.0, joules = 0.0, cpu_seconds = 0.0;  ///< cpu_seconds: seconds x cpu %
    double rows = 1.0, inner_size = 1.0, outer_size = 1.0;  ///< of a dense leaf with a shape

    // Of inner nodes.
    double own_flops = 0.0, own_bytes = 0.0;
    double own_seconds = 0.0, own_joules = 0.0, own_cpu_seconds = 0.0;  ///< may be negative
    double launches = 0.0, softmax_bytes = 0.0, qkv_bytes = 0.0;

    /// Own flops for each own byte; 0 without own bytes.
    double ratio() const noexcept { return own_bytes > 0.0 ? own_flops / own_bytes : 0.0; }
};

/// The nodes of a tree, and memory to find them in.
class TreeTerms {
  public:
    /// Throws Error (data) naming `source`, line and node where a feature that `level` needs is absent.
    void derive(const Tree& tree, AdditiveLevel level, const std::string& source, InstanceTypes& types);

    const std::vector<NodeTerms>& nodes() const noexcept { return nodes_; }

    /// Sorted groups of an inner node's leaf children and kInner for others; valid until the next call.
    static constexpr std::uint32_t kInner = 0xFFFFFFFF;
    std::span<const std::uint32_t> signature(std::size_t node, const InstanceTypes& types);

  private:
    std::vector<NodeTerms> nodes_;
    std::vector<std::uint32_t> first_child_;  // of each node in children_, and the number of all at the end
    std::vector<std::uint32_t> children_, next_;
    std::vector<std::uint32_t> signature_;
};

/// Counts a leaf that is a dense product, and keeps it as the example where its counts contradict each other.
void note_counts(const Tree& tree, std::size_t node, const NodeTerms& leaf, ContradictingCounts& counts);

/// Values by RangedQuantity; 0 for what the level's terms do not read at this node.
std::array<double, kNumRangedQuantities> ranged_quantities(const NodeTerms& node,
                                                           AdditiveLevel level) noexcept;

}  // namespace irene::models
