#include "numerics/student.hpp"

#include <cmath>

namespace irene::numerics {

namespace {

constexpr double kPi = 3.14159265358979323846;

/// Of x >= 0: its half angle, four times, until the series converges within 14 terms.
double arc_tangent(double x) noexcept {
    constexpr int kHalvings = 4;
    for (int i = 0; i < kHalvings; ++i) x /= 1.0 + std::sqrt(1.0 + x * x);
    double sum = 0.0;
    for (int k = 14; k-- > 0;) sum = 1.0 / (2.0 * k + 1.0) - x * x * sum;
    return x * sum * (1 << kHalvings);
}

}  // namespace

double student_share(double bound, std::size_t degrees) noexcept {
    const auto n = static_cast<double>(degrees);
    const double cosine_square = n / (n + bound * bound);
    const double sine = bound / std::sqrt(n + bound * bound);
    const bool is_odd = degrees % 2 == 1;
    // 1 + 1/2 cos^2 + (1 3)/(2 4) cos^4 + ... to cos^(n - 2), and for odd n 1 + 2/3 cos^2 + ... to
    // cos^(n - 3).
    double sum = 0.0, term = 1.0;
    for (std::size_t k = is_odd ? 3 : 2; k <= degrees; k += 2) {
        sum += term;
        const auto j = static_cast<double>(k);
        term *= cosine_square * (j - 1.0) / j;
    }
    if (!is_odd) return sine * sum;
    const double angle = arc_tangent(bound / std::sqrt(n));
    return 2.0 / kPi * (angle + sine * std::sqrt(cosine_square) * sum);
}

double student_bound(double probability, std::size_t degrees) noexcept {
    double below = 0.0, above = 1.0;
    while (student_share(above, degrees) < probability && above < 1e15) above *= 2.0;
    constexpr int kSteps = 64;  // each halves the distance: more than a double can tell
    for (int i = 0; i < kSteps; ++i) {
        const double middle = 0.5 * (below + above);
        (student_share(middle, degrees) < probability ? below : above) = middle;
    }
    return above;
}

}  // namespace irene::numerics
