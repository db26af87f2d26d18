// Adam (Kingma and Ba, 2015, algorithm 1) with PyTorch's defaults and order of operations, in single
// precision.
#pragma once

#include <cstddef>
#include <vector>

namespace irene::numerics {

struct AdamSettings {
    double learning_rate = 0.001;  ///< above 0
    double beta1 = 0.9;            ///< decay of the first moment, in [0, 1)
    double beta2 = 0.999;          ///< decay of the second moment, in [0, 1)
    double epsilon = 1e-8;         ///< added to the root of the bias-corrected second moment
};

/// State of one run of the optimiser over a vector of parameters.
class Adam {
  public:
    explicit Adam(const AdamSettings& settings) : settings_(settings) {}

    /// Starts anew for `size` parameters.
    void reset(std::size_t size);

    /// w -= learning_rate * m^ / (sqrt(v^) + epsilon), with m^ and v^ the bias-corrected moments of the
    /// gradient. Both vectors hold as many elements as reset() was told.
    void step(const std::vector<float>& gradient, std::vector<float>& parameters);

  private:
    AdamSettings settings_;
    std::vector<float> m_, v_;
    double power_of_beta1_ = 1.0;  // beta1^t; a running product, as pow() differs between C libraries
    double power_of_beta2_ = 1.0;
};

}  // namespace irene::numerics
