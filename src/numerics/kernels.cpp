#include "numerics/kernels.hpp"

#include <array>
#include <cmath>
#include <cstdlib>

// Each loop is compiled once for any x86-64 and once for AVX2; which one runs is chosen when the program
// starts. Only `avx2` is switched on, never FMA: contracting a multiplication and an addition would change
// the bits. AVX-512 was tried: training takes as long with it.
#define IRENE_INLINE inline __attribute__((always_inline))

namespace irene::numerics {

namespace {

IRENE_INLINE float dot_loop(const float* __restrict a, const float* __restrict b, std::size_t size) {
    std::array<float, kLanes> lanes{};
    std::size_t i = 0;
    for (; i + kLanes <= size; i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += a[i + lane] * b[i + lane];
    }
    for (std::size_t lane = 0; i + lane < size; ++lane) lanes[lane] += a[i + lane] * b[i + lane];
    for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
        for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
    }
    return lanes[0];
}

IRENE_INLINE void add_scaled_loop(float factor, const float* __restrict x, float* __restrict y,
                                  std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) y[i] += factor * x[i];
}

IRENE_INLINE void adam_loop(const AdamStep& step, const float* __restrict gradient, float* __restrict m,
                            float* __restrict v, float* __restrict weights, std::size_t size) {
    const AdamStep s = step;
    for (std::size_t i = 0; i < size; ++i) {
        const float g = gradient[i];
        m[i] = s.beta1 * m[i] + s.one_minus_beta1 * g;
        v[i] = s.beta2 * v[i] + s.one_minus_beta2 * (g * g);
        weights[i] -= s.step_size * m[i] / (std::sqrt(v[i]) / s.root_of_correction2 + s.epsilon);
    }
}

float dot_baseline(const float* a, const float* b, std::size_t size) { return dot_loop(a, b, size); }
void add_scaled_baseline(float factor, const float* x, float* y, std::size_t size) {
    add_scaled_loop(factor, x, y, size);
}
void adam_baseline(const AdamStep& step, const float* g, float* m, float* v, float* w, std::size_t size) {
    adam_loop(step, g, m, v, w, size);
}

#if defined(__x86_64__) && defined(__GNUC__)
#define IRENE_AVX2 __attribute__((target("avx2")))

IRENE_AVX2 float dot_avx2(const float* a, const float* b, std::size_t size) { return dot_loop(a, b, size); }
IRENE_AVX2 void add_scaled_avx2(float factor, const float* x, float* y, std::size_t size) {
    add_scaled_loop(factor, x, y, size);
}
IRENE_AVX2 void adam_avx2(const AdamStep& step, const float* g, float* m, float* v, float* w,
                          std::size_t size) {
    adam_loop(step, g, m, v, w, size);
}

constexpr std::array kAll{Kernels{"baseline", dot_baseline, add_scaled_baseline, adam_baseline},
                          Kernels{"avx2", dot_avx2, add_scaled_avx2, adam_avx2}};
std::size_t count_available() { return __builtin_cpu_supports("avx2") ? 2 : 1; }
#else
constexpr std::array kAll{Kernels{"baseline", dot_baseline, add_scaled_baseline, adam_baseline}};
std::size_t count_available() { return 1; }
#endif

const Kernels& choose() {
    const std::span<const Kernels> available = available_kernels();
    for (const Kernels& candidate : available) {
        if (candidate.name == kernels_asked_for()) return candidate;
    }
    return available.back();
}

}  // namespace

std::string_view kernels_asked_for() noexcept {
    const char* name = std::getenv("IRENE_KERNELS");
    return name == nullptr ? "" : name;
}

std::span<const Kernels> available_kernels() { return std::span(kAll).first(count_available()); }

const Kernels& kernels() {
    static const Kernels& chosen = choose();
    return chosen;
}

}  // namespace irene::numerics
