// How far the nodes of a tree lie from the training of an additive tree.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "irene/tree.hpp"

#include "models/additive/features.hpp"
#include "models/intervals.hpp"

namespace irene::models {

/// Adds what a tree of training has: its run, and the sizes and numbers of its operations. `terms` are its
/// nodes in node order.
void add_to_support(const Tree& tree, std::span<const NodeTerms* const> terms, const InstanceTypes& types,
                    Support& support);

/// Measures tree after tree. Refers to the support and the covariance. For one thread.
class DistanceMeter {
  public:
    /// `carried` is the covariance of ln E between kinds of work that a model's calibrations left.
    DistanceMeter(const Support& support, const KindCovariance& carried)
        : support_(support), carried_(carried), is_carried_(carried != KindCovariance{}) {}

    /// Distances of all nodes. `types` must be the same object in all calls; `energies` are the predicted
    /// joules, `is_unseen` tells leaves whose operation and inner nodes whose class training has not.
    void measure(const Tree& tree, std::span<const NodeTerms* const> terms, std::span<const double> energies,
                 std::span<const char> is_unseen, const InstanceTypes& types,
                 std::vector<NodeDistances>& out);

  private:
    bool has_dense_name(std::uint32_t instance_type, const InstanceTypes& types);

    const Support& support_;
    const KindCovariance& carried_;
    bool is_carried_;
    std::vector<char> has_dense_name_;  // by instance type, as far as asked for
    std::vector<double> num_leaves_;
    std::vector<std::array<double, kNumKindsOfWork>> shares_;  // of each node's energy
};

}  // namespace irene::models
