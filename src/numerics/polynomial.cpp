#include "numerics/polynomial.hpp"

namespace irene::numerics {

void expand_cubic(std::span<const double> x, std::span<float> out) {
    const std::size_t n = x.size();
    float* next = out.data();
    *next++ = 1.0F;
    for (std::size_t i = 0; i < n; ++i) *next++ = static_cast<float>(x[i]);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i; j < n; ++j) *next++ = static_cast<float>(x[i] * x[j]);
    }
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i; j < n; ++j) {
            for (std::size_t k = j; k < n; ++k) *next++ = static_cast<float>(x[i] * (x[j] * x[k]));
        }
    }
}

}  // namespace irene::numerics
