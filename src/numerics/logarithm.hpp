// The natural logarithm, of our own for the reason given in elementary.hpp.
#pragma once

namespace irene::numerics {

/// ln(x) within 2 units in the last place. -infinity for 0, infinity for infinity, NaN for NaN and for
/// negative numbers.
double logarithm(double x) noexcept;

}  // namespace irene::numerics
