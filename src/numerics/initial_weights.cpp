#include "numerics/initial_weights.hpp"

#include <cmath>

namespace irene::numerics {

LinearLayer InitialWeights::draw(std::size_t n) {
    const auto high = static_cast<float>(1.0 / std::sqrt(static_cast<double>(n)));
    const float low = -high;
    const auto uniform = [&] {
        // 24 bits fill the mantissa of a float.
        const auto unit = static_cast<float>(generator_() & 0xFFFFFFU) * 0x1p-24F;
        return std::fma(unit, high - low, low);  // rounded once, as PyTorch's vectorised loop does
    };
    LinearLayer layer;
    layer.weights.resize(n);
    for (float& weight : layer.weights) weight = uniform();
    layer.bias = uniform();
    return layer;
}

}  // namespace irene::numerics
