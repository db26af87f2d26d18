// Fitting the additive tree to trees of which only some nodes were measured.
#pragma once

#include <cstddef>
#include <span>

#include "models/additive/data.hpp"
#include "models/additive/model.hpp"
#include "numerics/nonnegative_least_squares.hpp"

namespace irene::models {

/// Fills the coefficients of the model, whose level stands, from `trees` (numbers in the dataset), of each of
/// which at least one node is measured; also its number of measurements.
///
/// A measured leaf is priced by itself; a measured inner node says what prices add up to (equations.hpp).
/// They are settled step by step, each bound to what the step before says as far as nothing says otherwise:
///     1. the law of few prices (law.hpp), from all measurements
///     2. operations that were measured themselves
///     3. all other operations, and the self energy of all classes together, which sums alone tell
///     4. the self energy of each class
void fit_to_partly_measured(const AdditiveData& data, std::span<const std::size_t> trees,
                            numerics::NonnegativeLeastSquares& system, AdditiveModel& model);

}  // namespace irene::models
