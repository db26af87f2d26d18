// Predicted trees in little space: equal names, equal shapes and equal subtrees are kept once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "irene/features.hpp"
#include "irene/tree.hpp"

#include "data/roles.hpp"
#include "data/splice.hpp"
#include "data/tree_reader.hpp"

namespace irene::tasks {

/// How a subtree is built, without its own name and its energies: the layers of an encoder are one shape.
struct Shape {
    /// A child's name is what its scope adds to its parent's; a scope that does not begin with the parent's
    /// is kept whole.
    struct Child {
        std::uint32_t name = 0;
        bool whole_scope = false;
        std::uint32_t shape = 0;
        data::Role role = data::kNoRole;
    };

    std::uint32_t instance_type = 0;
    NodeType type = NodeType::ml;
    std::vector<Child> children;
};

/// A subtree with its energies, in joules, and the seconds of its root; absent() where the input has none.
struct Subtree {
    std::uint32_t shape = 0;
    std::uint32_t marks = 0;  ///< of its root
    std::uint32_t work = 0;   ///< of its root
    double predicted = 0.0, measured = 0.0, low = 0.0, high = 0.0, seconds = absent();
    EnergyParts parts;  ///< of `predicted`
    std::vector<std::uint32_t> children;
};

/// One tree of a file: a model on inputs of one size.
struct Run {
    std::uint32_t model = 0;  ///< its name, with what else tells its runs apart; see label_of()
    std::uint32_t scope = 0;  ///< of the root
    std::uint32_t root = 0;
    std::uint32_t file = 0;
    std::uint32_t prediction = 0;  ///< who predicted it, in words; empty where the input does not say
    std::uint32_t device = 0;      ///< the name that the prediction has for it; empty likewise
    double level = absent();       ///< probability of its intervals, where the input says it
    std::vector<RunValue> keys;    ///< by RunKey
    std::size_t num_nodes = 0;
};

/// Features that tell what a node does, whatever predicts its energy; of all its calls.
inline constexpr std::array kWork{Feature::num_parameters, Feature::flops, Feature::mem_bytes,
                                  Feature::launches};

/// Indices point into these lists. What a shape or subtree points to stands before it.
struct Forest {
    std::vector<std::string> strings;
    std::vector<Shape> shapes;
    std::vector<Subtree> subtrees;
    std::vector<Run> runs;
    /// What nodes have beside energies, each once; the first is that of nodes that have nothing.
    std::vector<data::NodeMarks> marks;
    /// What nodes do: values of kWork, each set once.
    std::vector<std::array<double, kWork.size()>> works;

    /// Energy of a subtree's root beyond that of its children.
    double self_energy(const Subtree& subtree) const;
    const Shape& shape_of(const Subtree& subtree) const { return shapes[subtree.shape]; }
    /// The scope of a subtree's child, whose own scope is `scope`.
    std::string child_scope(std::string_view scope, const Shape::Child& child) const;
};

/// Grows a forest run by run.
class ForestBuilder {
  public:
    /// Throws Error (data), naming `source`, for a node without a predicted energy.
    void add(const data::TreeLine& line, std::uint32_t file, const std::string& source);
    const Forest& forest() const noexcept { return forest_; }
    /// Leaves nothing behind but what `runs` need.
    Forest take(const std::vector<Run>& runs) const;

  private:
    std::uint32_t intern(std::string_view text);

    std::uint32_t enter_work(const FeatureValues& features);
    std::uint32_t enter_marks(const std::vector<data::NodeMarks>& marks, std::size_t node);

    Forest forest_;
    std::unordered_map<std::string, std::uint32_t> string_ids_, shape_ids_, subtree_ids_, marks_ids_,
        work_ids_;
};

}  // namespace irene::tasks
