// Carrying an additive tree to another device: its prices, scaled to what was measured there.
#pragma once

#include <cstddef>

#include "models/additive/data.hpp"
#include "models/additive/model.hpp"
#include "numerics/nonnegative_least_squares.hpp"

namespace irene::models {

/// The model with its prices scaled to the measured energies of `data`, whose level is the model's and of
/// each of whose trees at least one node is measured. Three steps, each with the unknowns x that minimise
///
///     mean of (relative error)^2  +  (0.06 / f)^2 / n  x  sum over the unknowns of d^2
///
/// n being the number of distinct measurements:
///
///     1. one scale for all coefficients       d = x - 1; f = 1000: hardly bound
///     2. one for each kind of work beside it  d = x - 1; f = 0.3
///     3. each coefficient and each curve      d = what the change adds, of the energy; f = 0.004
///
/// so that each moves only as far as the measurements support. Nothing becomes negative that was not. Closed
/// form, no seed. The model has no intervals then: how far it errs on the new device is not known. Throws
/// Error (data) where numbers are too large or too small to be fitted to.
AdditiveModel calibrate(const AdditiveModel& known, const AdditiveData& data);

}  // namespace irene::models
