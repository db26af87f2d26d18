// Prediction intervals: what errors on held-out models, and on the ends of what training saw, say of a node.
//
// An interval is [E exp(-q), E exp(q)]. With r = ln(predicted / measured) of nodes that were held out, by
// type of node,
//
//     q^2 = (t b)^2 + w^2 + (t sum over counts of the run of g d)^2 + sum over other directions of (t g d)^2
//
//     b    spread between models: root mean square over the models of the mean of r of each
//     w    spread within a model: the quantile of |r - mean of its model|
//     d    distance of the node from training in a direction; of counts of the run, d (1 + d / 4)
//     g    growth in that direction: what r^2 gained there when its ends were held out, per d^2
//     t    bound of Student's t with (models - 1) degrees of freedom: few models tell little of the next
//
// Where training has nothing to learn a growth from, a stated one stands; it counts as one observation beside
// those that there are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "irene/run_keys.hpp"
#include "irene/tree.hpp"

namespace irene::models {

/// What a node's distance from training is told in.
enum class Direction : unsigned char {
    batch_size,
    seq_len,
    new_tokens,
    gpus,
    sizes,              ///< of dense products
    operations,         ///< leaves of the tree or module
    unseen_operation,   ///< a kind of leaf that training has not
    unseen_class,       ///< a class of modules, unlike any in training
    unseen_dense_name,  ///< a dense product by a name that training has not
};
inline constexpr std::size_t kNumDirections = 9;

struct DirectionRow {
    std::string_view name;
    std::string_view meaning;  ///< in plain words, with the unit of the distance
    /// Growth of q / t for each unit of distance, where nothing was learned.
    double usual_growth;
};
const DirectionRow& row(Direction direction) noexcept;

/// Directions that are counts of the run.
inline constexpr std::array kCountDirections{
    std::pair{RunKey::batch_size, Direction::batch_size},
    std::pair{RunKey::seq_len, Direction::seq_len},
    std::pair{RunKey::new_tokens, Direction::new_tokens},
    std::pair{RunKey::gpus, Direction::gpus},
};

/// They stand first: what they add to the width adds up, as a run that is smaller in two ways is that much
/// smaller.
inline constexpr std::size_t kNumCountDirections = kCountDirections.size();

/// Distances of a node: of sizes that lie outside a range, ln(value / end); of what was never seen, 1. Those
/// of an inner node are the means over what lies below, by energy.
using Distances = std::array<double, kNumDirections>;

/// What the half width of a node's interval rests on beside its type.
struct NodeDistances {
    Distances distances{};
    double carried = 0.0;  ///< variance of ln E that carrying the model to another device added
};

/// Least and greatest of what training saw; {0, 0} where it saw nothing above 0.
struct SeenRange {
    double least = 0.0, greatest = 0.0;
    void extend(double value) noexcept;
    void extend(const SeenRange& other) noexcept;
    bool is_empty() const noexcept { return greatest == 0.0; }
    /// ln(value / nearer end), 0 inside. A value of 0 and an empty range are at distance 0.
    double distance(double value) const noexcept;
};

/// What training saw of runs and trees, from which distances are measured.
struct Support {
    struct OfKey {
        bool has_zero = false;  ///< of a count: whether some run had 0
        SeenRange counts;
        std::set<std::string> words;

        void add(const RunValue& value);
    };
    std::vector<OfKey> runs;                          ///< by RunKey
    std::array<SeenRange, kNumNodeTypes> operations;  ///< leaves of trees and of modules
    SeenRange smaller_size, greater_size;             ///< of dense products
    std::set<std::string> dense_names;                ///< instance types, in lower case

    void add_run(const Tree& tree);
    void add(const Support& other);
};

/// Distances of a whole tree, by its run.
Distances run_distances(const Support& support, const Tree& tree) noexcept;
/// The first key of the run whose value makes it of a kind that training has not: a word that it has not, and
/// a count of 0 or above where it has none such.
std::optional<RunKey> unlike_key(const Support& support, const Tree& tree);
/// Why training tells nothing of the run at all; empty where it does.
std::string why_unlike(const Support& support, const Tree& tree);

/// Probabilities at which the spread within a model is kept: 1 %, 2 %, ... 99 %, 99.5 % and 100 %, the last
/// being the greatest error met.
inline constexpr std::size_t kNumIntervalProbabilities = 101;
double interval_probability(std::size_t index) noexcept;

/// What was learned for one type of node.
struct Spread {
    std::size_t num_measurements = 0;  ///< distinct ones that were held out
    double between = 0.0;
    std::vector<double> within = {};  ///< by interval_probability(), ascending; empty without measurements
    std::array<double, kNumDirections> growth{};
};

struct Intervals {
    std::size_t num_models = 0;  ///< held out in turn; intervals need two
    std::array<Spread, kNumNodeTypes> spread;
    Support support;
};

/// The error of a node that was held out.
struct HeldOutError {
    NodeType type = NodeType::ml;
    double log_ratio = 0.0;  ///< see log_ratio_of()
    double weight = 1.0;
};

/// ln(predicted / measured). An error by a factor of e^20 stands for all greater ones, also for a prediction
/// of 0 J.
double log_ratio_of(double predicted, double measured) noexcept;

/// Of each node, the leaves at or below it.
void count_leaves(const Tree& tree, std::vector<double>& num_leaves);

/// Learns `between` and `within` from the errors on each model held out.
void learn_spread(const std::vector<std::vector<HeldOutError>>& by_model, Intervals& intervals);

/// The error of a node that was held out, and how far it lay from what was left to train on.
struct HeldOut {
    HeldOutError error;
    Distances distances{};
};

/// Means of squared errors by type of node.
using MeanSquares = std::array<double, kNumNodeTypes>;

class MeanSquaresSum {
  public:
    void add(const HeldOutError& error);
    /// 0 where nothing was added.
    MeanSquares means() const;

  private:
    MeanSquares sums_{}, weights_{};
};

/// Learns growths: observations of r^2 at a distance, less what it is at none.
class GrowthLearner {
  public:
    void add(Direction direction, NodeType type, double gain, double distance);
    /// Adds what the errors on nodes that were held out gained over `usual` squares in a direction. Of counts
    /// of the run, nodes that lie outside in another of them too tell nothing.
    void add(const std::vector<HeldOut>& held_out, Direction direction, const MeanSquares& usual);
    void finish(Intervals& intervals) const;

  private:
    struct Sum {
        double gains = 0.0;  // over the squares of the distances
        double count = 0.0;
    };
    std::array<std::array<Sum, kNumDirections>, kNumNodeTypes> sums_{};
};

/// The greatest probability that so many held-out models support: intervals reach up to three times the
/// spread of their errors. Beyond is the tail, of which they say nothing.
double greatest_probability(std::size_t num_models) noexcept;

/// Half widths at one probability, which the models must support. Refers to the intervals.
class IntervalRule {
  public:
    IntervalRule(const Intervals& intervals, double probability);

    /// q of a node; none where training measured no node of its type, where it lies more than 16 times beyond
    /// a range of training, and where q is above ln(10).
    std::optional<double> half_width(NodeType type, const NodeDistances& node) const noexcept;
    /// Why there is none.
    std::string why_none(NodeType type, const Distances& distances) const;

  private:
    const Intervals* intervals_;
    double bound_;
    std::array<double, kNumNodeTypes> at_hand_{};  // (t b)^2 + w^2
};

}  // namespace irene::models
