// Elementary functions of our own: the C library's differ between versions and between CPUs in the last bit.
#pragma once

namespace irene::numerics {

/// e^x within 2 units in the last place; +-infinity and 0 where the result leaves the range of double.
double exponential(double x) noexcept;

/// Hyperbolic tangent within 4 units in the last place.
double tanh(double x) noexcept;

}  // namespace irene::numerics
