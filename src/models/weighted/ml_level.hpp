// The ML level: one linear regression per kind of operation (paper, equation 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "irene/dataset.hpp"

#include "models/feature_rows.hpp"
#include "models/weighted/model.hpp"
#include "numerics/least_squares.hpp"

namespace irene::models {

/// Whether `instance_type`, lower-cased, is `operation`.
bool is_operation(std::string_view instance_type, std::string_view operation) noexcept;

/// Joules of a leaf with the raw features `row`.
double leaf_energy(const LeafRegressor& regressor, std::span<const double> row) noexcept;

/// The leaves of a dataset in groups of equal operation and equal row; the groups of one operation stand
/// together.
struct LeafGroups {
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;

    std::vector<std::string> operations;   ///< lower-cased, sorted
    std::vector<std::size_t> first_group;  ///< of each operation, and the number of groups at the end
    std::vector<double> rows;              ///< of each group, one behind the other
    std::vector<std::uint32_t> of_node;    ///< group of each node over all trees; kNone for inner nodes
    std::size_t width = 0;

    std::size_t size() const noexcept { return first_group.back(); }
    std::span<const double> row(std::size_t group) const {
        return std::span(rows).subspan(group * width, width);
    }
};

LeafGroups group_leaves(const Dataset& data, const FeatureRows& features);

/// Fits the regressors.
class MlLevelTrainer {
  public:
    MlLevelTrainer(const Dataset& data, const FeatureRows& features, const LeafGroups& groups)
        : data_(data), features_(features), groups_(groups) {}

    /// Fits one regressor per operation on the leaves of `trees`; one that no tree of them has stays empty
    /// (num_nodes 0). `out` is indexed like LeafGroups::operations and used again where it has the right
    /// shape.
    void fit(std::span<const std::size_t> trees, std::vector<LeafRegressor>& out);

  private:
    const Dataset& data_;
    const FeatureRows& features_;
    const LeafGroups& groups_;
    std::vector<std::uint32_t> counts_;  // of each group
    std::vector<double> energies_;       // sum over each group, J
    numerics::LeastSquares system_;
};

}  // namespace irene::models
