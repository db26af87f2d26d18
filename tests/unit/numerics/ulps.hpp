// How far a computed value is from the exact one.
#pragma once

#include <cmath>
#include <limits>

namespace irene::numerics {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Distance from the exact value, in units of the last place of the double nearest to it.
inline double distance_in_ulps(double value, long double exact) {
    const double nearest = std::fabs(static_cast<double>(exact));
    const double ulp = std::nextafter(nearest, kInfinity) - nearest;
    return static_cast<double>(std::fabs(static_cast<long double>(value) - exact) / ulp);
}

}  // namespace irene::numerics
