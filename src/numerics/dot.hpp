// A dot product of doubles whose bits do not depend on how it is compiled.
#pragma once

#include <array>
#include <cstddef>

namespace irene::numerics {

/// Sum of a[i] * b[i] over eight interleaved partial sums: a fixed order that a compiler can still vectorise.
inline double dot(const double* a, const double* b, std::size_t size) noexcept {
    std::array<double, 8> lanes{};
    std::size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        for (std::size_t lane = 0; lane < 8; ++lane) lanes[lane] += a[i + lane] * b[i + lane];
    }
    for (std::size_t lane = 0; i + lane < size; ++lane) lanes[lane] += a[i + lane] * b[i + lane];
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

}  // namespace irene::numerics
