// The distinct feature rows of a dataset. Identical layers carry identical rows, about ten nodes to one row,
// so what is computed from features is computed once a row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "irene/dataset.hpp"
#include "irene/features.hpp"

namespace irene::models {

/// Rows of doubles, each bit pattern kept once, numbered in order of first appearance.
class DistinctRows {
  public:
    explicit DistinctRows(std::size_t width = 0) : width_(width) {}

    /// Forgets all rows but keeps the memory.
    void clear();
    /// The number of the row, entered where it is new.
    std::uint32_t add(const double* row);

    std::size_t size() const noexcept { return size_; }
    std::size_t width() const noexcept { return width_; }
    std::span<const double> operator[](std::size_t row) const {
        return {values_.data() + row * width_, width_};
    }
    /// All rows, one behind the other.
    std::span<const double> values() const noexcept { return {values_.data(), size_ * width_}; }

  private:
    static constexpr std::uint32_t kEmpty = 0xFFFFFFFF;
    void grow();
    std::size_t slot_of(const double* row) const;

    std::size_t width_ = 0;
    std::size_t size_ = 0;
    std::vector<double> values_;
    std::vector<std::uint32_t> slots_;
};

/// Picks the features of a node, in order, into `row`. Throws Error (data) naming the first that is absent.
void copy_features(const Tree& tree, std::size_t node, std::span<const Feature> features,
                   const std::string& source, double* row);

/// Throws Error (data) naming the first node of a tree whose measured energy is not above 0, or missing where
/// `every` node needs one; and for a tree that has none.
void require_measured_energies(const Tree& tree, bool every, const std::string& source);

/// The rows of every node of a dataset.
struct FeatureRows {
    DistinctRows rows;
    std::vector<std::size_t> first_node;     ///< of each tree, in the numbering over all trees
    std::vector<std::uint32_t> row_of_node;  ///< over all trees

    /// The rows of one tree's nodes.
    std::span<const std::uint32_t> of_tree(std::size_t tree, std::size_t num_nodes) const {
        return std::span(row_of_node).subspan(first_node[tree], num_nodes);
    }
};

FeatureRows distinct_rows(const Dataset& data, std::span<const Feature> features);

}  // namespace irene::models
