// Student's t-distribution, for errors of which only few were seen.
#pragma once

#include <cstddef>

namespace irene::numerics {

/// The probability that |t| is at most `bound`, with `degrees` >= 1 of freedom: the finite sums in sine and
/// cosine of atan(bound / sqrt(degrees)), Abramowitz and Stegun 26.7.3 and 26.7.4. Within 1e-13 up to 1000
/// degrees; the same bits everywhere.
double student_share(double bound, std::size_t degrees) noexcept;

/// The bound below which |t| lies with `probability`, in (0, 1): the inverse, by bisection.
double student_bound(double probability, std::size_t degrees) noexcept;

}  // namespace irene::numerics
