// The inner loops of training, compiled for several CPUs, with the same bits on each.
//
// Every element is computed by the same IEEE operations in the same order whatever the width of the vectors:
// no fused multiply-add, and sums run over kLanes interleaved partial sums that are added up by a fixed tree.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace irene::numerics {

/// Number of partial sums of a dot product.
inline constexpr std::size_t kLanes = 32;

/// Settings of one Adam step, already corrected for bias; see adam.hpp.
struct AdamStep {
    float beta1 = 0.0F, beta2 = 0.0F;
    float one_minus_beta1 = 0.0F, one_minus_beta2 = 0.0F;
    float step_size = 0.0F;            ///< learning_rate / (1 - beta1^t)
    float root_of_correction2 = 0.0F;  ///< sqrt(1 - beta2^t)
    float epsilon = 0.0F;
};

/// One implementation of each loop. Arrays of one call must not overlap.
struct Kernels {
    std::string_view name;  ///< "baseline" or "avx2"
    /// sum of a[i] * b[i]
    float (*dot)(const float* a, const float* b, std::size_t size);
    /// y[i] += factor * x[i]
    void (*add_scaled)(float factor, const float* x, float* y, std::size_t size);
    /// Adam's update of `weights` and of the moments m and v by `gradient`.
    void (*adam)(const AdamStep& step, const float* gradient, float* m, float* v, float* weights,
                 std::size_t size);
};

/// The implementations that this CPU can run, the plainest first.
std::span<const Kernels> available_kernels();

/// What the environment variable IRENE_KERNELS names; empty where it is not set.
std::string_view kernels_asked_for() noexcept;

/// The last of those available, or the one asked for; results do not depend on it.
const Kernels& kernels();

}  // namespace irene::numerics
