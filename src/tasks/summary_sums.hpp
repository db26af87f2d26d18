// What trees add up to, by the keys of a summary's rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "irene/summarize.hpp"
#include "irene/tree.hpp"

#include "data/roles.hpp"
#include "data/tree_reader.hpp"

namespace irene::tasks {

/// The values of the keys that a row is told by, in the order of the keys.
using RowKey = std::vector<Cell>;

/// The interval of a prediction, in joules; absent() where the input has none.
struct Interval {
    double low = absent(), high = absent();
    std::string why_none = {};  ///< as the input tells it

    bool is_known() const { return !is_absent(low) && !is_absent(high); }
};

/// How much of an energy is predicted from beyond training: sums of self energies, in joules. Those that are
/// negative, as weights' corrections may be, count by their size, so that no part is more than the whole.
struct Beyond {
    double whole = 0.0;
    double outside = 0.0;  ///< of nodes outside the range of training
    double unseen = 0.0;   ///< of operations that training did not see
    bool has_outside = false, has_unseen = false;

    Beyond& operator+=(const Beyond& other);
};

struct RunSums {
    std::int64_t num_trees = 0;
    std::int64_t num_generations = 0;  // of them
    double sequences = 0.0;
    double tokens = 0.0;
    double new_tokens = 0.0;
    double joules = 0.0;               // of the roots
    double seconds = 0.0;              // of the roots; absent() where one of them has none
    EnergyParts parts{0.0, 0.0, 0.0};  // of the joules, likewise
    Interval interval;                 // of the last root
    Beyond beyond;                     // of the roots
};

struct NodeSums {
    std::int64_t num_nodes = 0;
    double joules = 0.0;   // of the nodes that lie in no other node of the row
    double seconds = 0.0;  // of the same; absent() where one of them has none
    double self_joules = 0.0;
    EnergyParts self_parts{0.0, 0.0, 0.0};  // of the self joules; absent() where a node or a child has none
    Interval interval;                      // of the last node
    Beyond beyond;                          // of the nodes whose joules count
    std::size_t num_open = 0;  // while a tree is added: nodes of the row that the present node lies in
};

struct Sums {
    std::map<RowKey, RunSums> runs;
    std::map<std::pair<RowKey, RowKey>, NodeSums> nodes;  // by keys of the run and of the node
    std::set<std::string> predictions;                    // what the lines say of them, in words
};

/// The keys of rows where none are named: all of runs, of which run_table() leaves out those that no tree
/// sets.
std::vector<SummaryKey> keys_of(const SummaryOptions& options);

/// Adds tree after tree.
class Summer {
  public:
    /// `source` names the file in messages. The options must outlive it.
    Summer(const SummaryOptions& options, std::string source);

    /// Throws Error (data) for a node without the energy that is asked for.
    void add(const data::TreeLine& line);

    bool sums_nodes() const { return !node_keys_.empty(); }
    const Sums& sums() const { return sums_; }

  private:
    void read_energies(const Tree& tree);
    void read_parts(const Tree& tree);
    void read_marks(const data::TreeLine& line);
    void add_nodes(const data::TreeLine& line, const RowKey& run);
    Interval interval_of(const data::TreeLine& line, std::size_t node) const;
    double seconds_of(const Tree& tree, std::size_t node) const;
    EnergyParts parts_of(const Tree& tree, std::size_t node) const;
    RowKey key_of(const Tree& tree, std::size_t node) const;

    const SummaryOptions& options_;
    std::string source_;
    std::vector<RunKey> run_keys_;
    std::vector<NodeKey> node_keys_;
    Sums sums_;
    std::vector<data::Role> roles_;  // of the nodes of the present tree, where rows are told apart by them
    // Of the nodes of the present tree.
    std::vector<double> joules_, self_joules_;
    std::vector<EnergyParts> self_parts_;
    std::vector<Beyond> beyond_;                            // with all below
    std::vector<std::pair<std::int32_t, NodeSums*>> open_;  // the present node and those it lies in
};

}  // namespace irene::tasks
