// The law of few prices: one for each quantity of a kind of work, whatever the operation or the class. What
// measurements leave open about operations and classes follows from it.
//
//     specs    a call; flops and bytes of dense products; those of attention's products; bytes of all else
//     timing   the same, and seconds
//     all      joules, seconds, seconds x cpu %
//
// Inner nodes pay the same prices for what they do themselves: a call for each launch, and for their own
// bytes the price of all else.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "models/additive/equations.hpp"
#include "models/additive/features.hpp"
#include "models/additive/leaves.hpp"
#include "models/additive/model.hpp"
#include "numerics/nonnegative_least_squares.hpp"

namespace irene::models {

/// Prices of a level's quantities, in the order above; not negative.
using Law = std::vector<double>;

/// The law that fits measured leaves and the equations of measured inner nodes best.
Law fit_law(AdditiveLevel level, Measurements leaves, std::span<const Equation> equations,
            const InstanceTypes& types, numerics::NonnegativeLeastSquares& system);

/// The law as coefficients of leaf_terms(), of fallback_terms(), of self_terms().
std::vector<double> leaf_prior(AdditiveLevel level, const Law& law, std::string_view group);
std::vector<double> fallback_prior(AdditiveLevel level, const Law& law);
std::vector<double> self_prior(AdditiveLevel level, const Law& law);

}  // namespace irene::models
