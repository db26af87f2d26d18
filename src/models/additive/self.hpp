// Self energy: what an inner node of the additive tree spends beyond its children.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/additive/features.hpp"
#include "models/additive/leaves.hpp"
#include "models/additive/model.hpp"
#include "numerics/nonnegative_least_squares.hpp"

namespace irene::models {

/// Weight of all elementwise leaves together in the fit of the self energy, that of the inner nodes being 1.
inline constexpr double kElementwiseWeight = 0.03;
/// Twins have own flops per own byte within this of each other, relative to the greater.
inline constexpr double kLikeTolerance = 0.05;
/// S is at least -(1 - kMinKept) times the sum of the children's energies, so that E stays above 0.
inline constexpr double kMinKept = 0.5;

inline constexpr std::size_t kMaxSelfTerms = 6;

/// Terms of self_terms(), for an inner node.
void fill_self_terms(AdditiveLevel level, const NodeTerms& node, double* out) noexcept;

/// A leaf that is elementwise work, like that which self energy pays for.
bool is_elementwise(const NodeTerms& leaf, const InstanceTypes& types) noexcept;
/// Terms of self_terms(), for such a leaf: it is nothing but self. Not at level all.
void fill_elementwise_terms(AdditiveLevel level, const NodeTerms& leaf, double* out) noexcept;

/// Groups of children, sorted, by number.
using Signatures = std::vector<std::vector<std::uint32_t>>;

/// Fits the self energy over all classes and, but at level all, of each class: fills `self` and `classes` of
/// the model, whose level and fallback stand. `inner` are all inner nodes of the training trees, `leaves`
/// all of their leaves.
void fit_self(Measurements inner, Measurements leaves, const InstanceTypes& types,
              const Signatures& signatures, numerics::NonnegativeLeastSquares& system, AdditiveModel& model);

/// The distinct child lists of a class's nodes with their mean ratios, sorted.
std::vector<ChildList> child_lists_of(Measurements rows, const InstanceTypes& types,
                                      const Signatures& signatures);

/// Whether two ratios of own flops to own bytes belong to the same computation.
bool have_like_ratio(double ratio, double other) noexcept;

}  // namespace irene::models
