#include "numerics/adam.hpp"

#include <cmath>

#include "numerics/kernels.hpp"

namespace irene::numerics {

void Adam::reset(std::size_t size) {
    m_.assign(size, 0.0F);
    v_.assign(size, 0.0F);
    power_of_beta1_ = 1.0;
    power_of_beta2_ = 1.0;
}

void Adam::step(const std::vector<float>& gradient, std::vector<float>& parameters) {
    power_of_beta1_ *= settings_.beta1;
    power_of_beta2_ *= settings_.beta2;
    const AdamStep step{
        .beta1 = static_cast<float>(settings_.beta1),
        .beta2 = static_cast<float>(settings_.beta2),
        .one_minus_beta1 = static_cast<float>(1.0 - settings_.beta1),
        .one_minus_beta2 = static_cast<float>(1.0 - settings_.beta2),
        .step_size = static_cast<float>(settings_.learning_rate / (1.0 - power_of_beta1_)),
        .root_of_correction2 = static_cast<float>(std::sqrt(1.0 - power_of_beta2_)),
        .epsilon = static_cast<float>(settings_.epsilon),
    };
    kernels().adam(step, gradient.data(), m_.data(), v_.data(), parameters.data(), parameters.size());
}

}  // namespace irene::numerics
