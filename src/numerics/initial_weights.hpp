// The initial weights of the reference: what PyTorch draws for `Linear(n, 1)` after `manual_seed(seed)`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace irene::numerics {

struct LinearLayer {
    std::vector<float> weights;
    float bias = 0.0F;
};

/// Draws layer after layer from one 32-bit Mersenne Twister.
class InitialWeights {
  public:
    explicit InitialWeights(std::uint32_t seed) : generator_(seed) {}

    /// n weights, then the bias, each uniform in [-1/sqrt(n), 1/sqrt(n)). n is at least 1.
    LinearLayer draw(std::size_t n);

  private:
    std::mt19937 generator_;
};

}  // namespace irene::numerics
