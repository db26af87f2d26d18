// The additive energy tree: what it learns, as plain values.
//
//     E(node) = sum of E(children) + S(node)
//
// E is the energy of a node in joules, S its self energy: what the node spends beyond its children, on
// elementwise work, copies and kernel launches that have no node of their own. Every joule of a model belongs
// to exactly one node. A leaf has a regressor; an inner node has S. Both are sums of non-negative terms,
// found by least squares on the relative error (only S of level `all` has terms of either sign), in closed
// form: there is no seed. A fit reads measured energies of its training trees and nothing else of theirs that
// a prediction would not read; it never reads ids, scopes or model names, which only the intervals use, to
// tell what belongs together.
//
// Quantities, and the units in which coefficients count them:
//     flops            floating-point operations (the data files hold millions)
//     bytes            bytes moved (the data files hold MiB)
//     seconds, joules  times_mean, gpu_energy_mean of a node
//     own X            X of an inner node less the sum of X over its children; bytes and flops at least 0
//     launches         number of a node's children that are leaves
//     softmax bytes    bytes of a node's softmax children
//     qkv bytes        flops / seq_len of its matmul, bmm and baddbmm children: for the two products of an
//                      attention, the bytes of one float32 tensor [batch, heads, tokens, head size]
//     A                1 where a node has such a child, otherwise 0
//
// Operations and classes are instance types in lower case; they match whatever the case. Linear, Conv1D and
// Dense are one group of leaves, "dense", described by rows n, inner size i, outer size o and outputs n o,
// which are recovered from the counts. A second group, "dense by counts", is fitted to the same leaves and
// prices by flops and bytes alone those whose counts have no shape: of that the price grows with either.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "irene/config.hpp"
#include "irene/features.hpp"
#include "irene/tree.hpp"

#include "models/intervals.hpp"

namespace irene::models {

/// What a node is known by; follows from the feature sets of a config.
enum class AdditiveLevel : unsigned char {
    specs,   ///< counts only: the model is never run
    timing,  ///< counts and times_mean
    all,     ///< counts, times_mean, cpu and gpu_energy_mean
};

inline constexpr std::size_t kNumAdditiveLevels = 3;

/// "specs", "timing" or "all".
std::string_view name(AdditiveLevel level) noexcept;
std::optional<AdditiveLevel> additive_level_from_name(std::string_view spelling) noexcept;

/// The level of a config's feature sets.
AdditiveLevel level_of(const Config& config) noexcept;

/// The features that a level reads, beside the tree's batch_size and seq_len.
std::span<const Feature> required_features(AdditiveLevel level) noexcept;

// ---- what was learned ----------------------------------------------------------------------------------

/// One term of a sum, for reports: what the coefficient is multiplied by, and the coefficient's unit.
struct AdditiveTerm {
    std::string_view quantity;
    std::string_view unit;
};

/// Coefficients of one operation of a group that has several.
struct AdditiveOperation {
    std::string operation;
    std::vector<double> coefficients;  ///< as those of the group
};

/// The regressor of one group of leaves.
///
/// Levels specs and timing: E = c . (linear terms, ramps). The linear terms are leaf_terms(); ramps follow
/// them, as many as num_ramps() says, each with a coefficient in joules per unit of its factor:
///     dense                         i ramp_j(n o), with head; then ramp_j(n o), with head
///     matmul, bmm, baddbmm          q ramp_j(seq_len), with q = bytes / seq_len
///     softmax                       q ramp_j(seq_len); then ramp_j(bytes), with head
///     any other                     ramp_j(bytes), with head
/// ramp_j(x) rises from 0 to 1 between knots j and j + 1; a head is one more ramp in front, from 0 to the
/// first knot. Past the last knot each ramp goes on at the average slope it had since half that knot, so a
/// sum of ramps is any growing curve that continues beyond the data as steeply as it last did on average.
/// Fewer than two knots make no ramps.
///
/// Level all: every operation is a group of its own, and E = c . leaf_terms(); there are no ramps.
struct AdditiveLeaves {
    std::string group;  ///< "dense", "dense by counts", or the operation
    /// Whether training saw i -> o and o -> i products of equal cost with different energies; if not, (i, o)
    /// is sorted.
    bool mirrors_differ = false;
    std::vector<double> knots = {};           ///< of n o, or of bytes; ascending
    std::vector<double> length_knots = {};    ///< of seq_len, for matmul, bmm, baddbmm and softmax; ascending
    std::vector<double> coefficients = {};    ///< not negative
    std::vector<AdditiveOperation> own = {};  ///< sorted; empty where the group holds one operation
    std::size_t num_nodes = 0;                ///< fitted to
    std::size_t num_measurements = 0;         ///< distinct ones among them
};

/// Linear terms of a leaf's regressor.
std::span<const AdditiveTerm> leaf_terms(AdditiveLevel level, std::string_view group) noexcept;
/// Number of ramps behind them.
std::size_t num_ramps(AdditiveLevel level, const AdditiveLeaves& leaves) noexcept;

/// Terms of the energy of an operation that training has not seen. Levels specs and timing: (1, bytes, flops
/// [, seconds]), fitted to all leaves, each group weighing the same. Level all: (joules, seconds, seconds x
/// cpu %), the law of a wattmeter, fitted to all nodes.
std::span<const AdditiveTerm> fallback_terms(AdditiveLevel level) noexcept;

/// Terms of S.
///     specs:   (1 - A) own bytes, launches, softmax bytes, qkv bytes
///     timing:  own seconds, launches, softmax bytes, qkv bytes
///     all:     own joules, own seconds, own (seconds x cpu %), joules, seconds, launches
std::span<const AdditiveTerm> self_terms(AdditiveLevel level) noexcept;

/// A child list seen in training for a class; an unseen class uses the coefficients of classes with the same
/// list and a similar flops/bytes ratio.
struct ChildList {
    std::vector<std::string> signature;  ///< groups of the leaf children and "*" for others, sorted
    double ratio = 0.0;                  ///< mean of own flops / own bytes, 0 without own bytes
};

/// Self energy of the inner nodes of one class.
struct AdditiveClass {
    std::string name;                    ///< instance type in lower case, e.g. "bertlayer"
    std::vector<double> coefficients;    ///< of self_terms(); not negative
    std::vector<ChildList> child_lists;  ///< sorted by signature
    std::size_t num_nodes = 0;           ///< fitted to
    std::size_t num_measurements = 0;    ///< distinct ones among them
};

/// What devices differ in when a model is carried from one to another.
enum class KindOfWork : unsigned char { dense, product, softmax, other, self };
inline constexpr std::size_t kNumKindsOfWork = 5;

/// E.g. "softmax"; the same in plain words, e.g. "modules' own work".
std::string_view name(KindOfWork kind) noexcept;
std::string_view meaning(KindOfWork kind) noexcept;

/// Covariance of ln(price) between kinds of work.
using KindCovariance = std::array<std::array<double, kNumKindsOfWork>, kNumKindsOfWork>;

/// How a model was carried to another device, see calibrate.hpp.
struct Calibration {
    std::size_t num_trees = 0, num_measurements = 0;  ///< measured there; distinct ones
    double error_before = 0.0, error_after = 0.0;     ///< on them, %
    double common = 1.0;                              ///< scale of all prices
    std::array<double, kNumKindsOfWork> by_kind{};    ///< scales beside it, by KindOfWork
    std::array<double, kNumKindsOfWork> shares{};     ///< of what was measured, by KindOfWork
    KindCovariance left_open{};  ///< of the scales of kinds of work, given what was measured
};

// ---- ranges seen in training ---------------------------------------------------------------------------

/// What the range of a node is stated in.
enum class RangedQuantity : unsigned char {
    batch_size,
    seq_len,
    rows,           ///< n of a dense product
    smaller_size,   ///< the smaller of its i and o
    greater_size,   ///< the greater
    flops,          ///< of other leaves, and of dense ones by counts
    bytes,          ///< the same
    own_bytes,      ///< of inner nodes without attention, at level specs
    softmax_bytes,  ///< of inner nodes, at levels specs and timing
    qkv_bytes,      ///< the same
    seconds,        ///< levels timing and all
    joules,         ///< level all
};

inline constexpr std::size_t kNumRangedQuantities = 12;

/// E.g. "rows", "own_bytes".
std::string_view name(RangedQuantity quantity) noexcept;
/// The same in plain words, e.g. "rows of a dense product, batch x length as a rule".
std::string_view meaning(RangedQuantity quantity) noexcept;

/// Least and greatest value above 0 in training; {0, 0} where there was none.
struct ValueRange {
    double least = 0.0;
    double greatest = 0.0;
    bool is_empty() const noexcept { return greatest == 0.0; }
    bool operator==(const ValueRange&) const = default;
};

struct TrainingRange {
    std::string name;                                     ///< group of leaves or class
    std::array<ValueRange, kNumRangedQuantities> values;  ///< by RangedQuantity
};

// ---- the model -----------------------------------------------------------------------------------------

/// A trained additive tree.
struct AdditiveModel {
    AdditiveLevel level = AdditiveLevel::specs;
    std::vector<AdditiveLeaves> leaves;  ///< sorted by group
    std::vector<double> fallback;        ///< of fallback_terms(); not negative
    std::vector<double> self;            ///< of self_terms(), over all classes; not negative but at level all
    std::vector<AdditiveClass>
        classes;  ///< sorted by name; empty at level all, where `self` serves every class
    std::vector<TrainingRange> leaf_ranges;   ///< sorted by group; Linear and Conv1D as one at every level
    std::vector<TrainingRange> class_ranges;  ///< sorted by class; empty at level all
    TrainingRange inner_range;                ///< of all inner nodes, for classes without their own; no name
    std::vector<Calibration> calibrations;    ///< the last one last
    Intervals intervals;
    /// Whether an earlier version trained it, whose intervals did not know the distance from training: they
    /// are not kept.
    bool has_old_intervals = false;
    /// Mean absolute percentage error of the training nodes, by NodeType; none where there was no node.
    std::array<std::optional<double>, kNumNodeTypes> training_error;
    std::size_t num_trees = 0;
    std::size_t num_nodes = 0;
    std::size_t num_measurements = 0;  ///< distinct ones among the nodes
};

}  // namespace irene::models
