#include "numerics/elementary.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace irene::numerics {

namespace {

/// 2^k for a normal result.
double power_of_two(int k) noexcept {
    return std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52);
}

}  // namespace

double exponential(double x) noexcept {
    if (std::isnan(x)) return x;
    if (x > 709.782712893384) return std::numeric_limits<double>::infinity();
    if (x < -745.2) return 0.0;
    // e^x = 2^k e^r with |r| <= ln(2) / 2; ln(2) in two parts, the first exact in products with k.
    constexpr double kLn2High = 6.93147180369123816490e-01;
    constexpr double kLn2Low = 1.90821492927058770002e-10;
    const double k = std::floor(x / (kLn2High + kLn2Low) + 0.5);
    const double r = (x - k * kLn2High) - k * kLn2Low;
    // Taylor's series to the 13th power; what it leaves out is below 5e-18.
    double sum = 1.0 / 6227020800.0;
    constexpr std::array<double, 13> kFactorials{479001600.0, 39916800.0, 3628800.0, 362880.0, 40320.0,
                                                 5040.0,      720.0,      120.0,     24.0,     6.0,
                                                 2.0,         1.0,        1.0};
    for (const double factorial : kFactorials) sum = sum * r + 1.0 / factorial;
    const int exponent = static_cast<int>(k);
    if (exponent < -1000) return sum * power_of_two(exponent + 200) * power_of_two(-200);
    if (exponent > 1000) return sum * power_of_two(exponent - 200) * power_of_two(200);
    return sum * power_of_two(exponent);
}

double tanh(double x) noexcept {
    const double size = std::fabs(x);
    if (size > 22.0) return std::copysign(1.0, x);
    if (size < 0.6) {
        // Lambert's continued fraction x / (1 + x^2 / (3 + x^2 / (5 + ...))).
        const double square = x * x;
        double tail = 21.0;
        for (int odd = 19; odd > 0; odd -= 2) tail = odd + square / tail;
        return x / tail;
    }
    return std::copysign(1.0 - 2.0 / (exponential(2.0 * size) + 1.0), x);
}

}  // namespace irene::numerics
