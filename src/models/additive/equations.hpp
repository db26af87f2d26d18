// What measured inner nodes say: a node's energy, less that of the measured nodes below it, is the sum of the
// prices of all that lies between.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "models/additive/data.hpp"
#include "models/additive/leaves.hpp"

namespace irene::models {

/// One measured inner node. Errors count relative to its energy.
struct Equation {
    double energy = 0.0;     ///< J, as measured
    double remainder = 0.0;  ///< J, less the energies of the uppermost measured nodes below
    double weight = 0.0;     ///< see Measurement::weight()
    /// The node itself and the nodes between, and how often each occurs: leaves count in full, inner nodes by
    /// their self energy.
    std::vector<std::pair<const Measurement*, double>> parts;
};

/// How far a measurement strays from a model that is as right as it can be, of the energy.
inline constexpr double kExpectedError = 0.06;
/// How far kinds of work stray from what they are expected to cost beside others: a factor less 1.
inline constexpr double kKindFreedom = 0.3;

/// What a sum over the squares of (factor - 1) weighs beside the mean square of relative errors, where
/// factors stray by `freedom` and there are so many measurements: (expected error / freedom)^2 / n.
constexpr double bond_of(double freedom, std::size_t num_measurements) {
    return (kExpectedError / freedom) * (kExpectedError / freedom) / static_cast<double>(num_measurements);
}

/// Adds the equations of a tree's measured inner nodes, equal ones once. A node above all measured ones is in
/// none.
void add_equations(const AdditiveData& data, std::size_t tree, std::vector<Equation>& equations);

}  // namespace irene::models
