#include "numerics/polynomial.hpp"

#include <array>

namespace irene::numerics {

void expand_cubic(std::span<const double> x, std::span<float> out) {
    const std::size_t n = x.size();
    float* next = out.data();
    *next++ = 1.0F;
    for (const double value : x) *next++ = static_cast<float>(value);

    // x_j x_k with j <= k. Those with j >= i are its tail, so that the cubes of each i are one straight loop.
    std::array<double, kMaxVariables*(kMaxVariables + 1) / 2> products;
    std::size_t size = 0;
    for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t k = j; k < n; ++k) products[size++] = x[j] * x[k];
    }
    for (std::size_t at = 0; at < size; ++at) *next++ = static_cast<float>(products[at]);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < n; begin += n - i, ++i) {
        for (std::size_t at = begin; at < size; ++at) *next++ = static_cast<float>(x[i] * products[at]);
    }
}

}  // namespace irene::numerics
