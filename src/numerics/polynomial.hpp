// Monomials up to degree 3, in the order of scikit-learn's PolynomialFeatures(degree=3).
#pragma once

#include <cstddef>
#include <span>

namespace irene::numerics {

/// Number of monomials of degree 0 to 3 in n variables: (n + 3 over 3).
constexpr std::size_t num_monomials(std::size_t n) { return (n + 1) * (n + 2) * (n + 3) / 6; }

/// Most variables that are expanded: twice the features that nodes have, so that one more is no line here.
inline constexpr std::size_t kMaxVariables = 32;

/// 1, then x_i, then x_i x_j with i <= j, then x_i x_j x_k with i <= j <= k, each in lexicographic order.
/// Computed in double, stored as float. `x` has at most kMaxVariables elements, `out`
/// num_monomials(x.size()).
void expand_cubic(std::span<const double> x, std::span<float> out);

}  // namespace irene::numerics
