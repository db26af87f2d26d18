#include "numerics/logarithm.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace irene::numerics {

double logarithm(double x) noexcept {
    if (std::isnan(x) || x < 0.0) return std::numeric_limits<double>::quiet_NaN();
    if (x == 0.0) return -std::numeric_limits<double>::infinity();
    if (std::isinf(x)) return x;
    // x = 2^k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2); a subnormal x is made normal first.
    int k = 0;
    if (x < std::numeric_limits<double>::min()) {
        x *= 0x1p54;
        k = -54;
    }
    const auto bits = std::bit_cast<std::uint64_t>(x);
    k += static_cast<int>(bits >> 52) - 1023;
    auto m = std::bit_cast<double>((bits & 0x000FFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL);
    if (m >= 1.4142135623730951) {
        m *= 0.5;
        ++k;
    }
    const double f = m - 1.0;
    // ln(1 + f) = 2 artanh(s) with s = f / (2 + f); the first term is taken from f itself, which is exact:
    // 2 s = f - s f, and f - f^2/2 + s f^2/2 is the same. What the series leaves out is below 1e-19.
    const double s = f / (2.0 + f);
    const double z = s * s;
    double series = 0.0;
    for (int odd = 23; odd > 1; odd -= 2) series = z * (2.0 / odd + series);
    const double half_square = 0.5 * f * f;
    // ln(2) in two parts, the first exact in products with k.
    constexpr double kLn2High = 6.93147180369123816490e-01;
    constexpr double kLn2Low = 1.90821492927058770002e-10;
    return k * kLn2High - ((half_square - (s * (half_square + series) + k * kLn2Low)) - f);
}

}  // namespace irene::numerics
