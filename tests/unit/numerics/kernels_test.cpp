#include "numerics/kernels.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace irene::numerics {
namespace {

std::vector<std::size_t> sizes() {
    std::vector<std::size_t> sizes{680, 1000};
    for (std::size_t size = 0; size <= 100; ++size) sizes.push_back(size);
    return sizes;
}

/// Floats of many magnitudes, with zeros of both signs and denormals among them.
std::vector<float> random_floats(std::size_t size, std::mt19937& generator) {
    const auto random = [&generator] { return static_cast<std::uint32_t>(generator()); };
    std::vector<float> values(size);
    for (float& value : values) {
        switch (random() % 8) {
            case 0:
                value = random() % 2 == 0 ? 0.0F : -0.0F;
                break;
            case 1:  // denormal
                value = std::bit_cast<float>(random() & 0x807FFFFFU);
                break;
            case 2:  // between 2^-40 and 2^40
                value = std::bit_cast<float>((random() & 0x807FFFFFU) | ((87U + random() % 80) << 23));
                break;
            default:
                value = static_cast<float>(random() >> 8) * 0x1p-23F - 1.0F;
        }
    }
    return values;
}

std::vector<std::uint32_t> bits(const std::vector<float>& values) {
    std::vector<std::uint32_t> result;
    for (const float value : values) result.push_back(std::bit_cast<std::uint32_t>(value));
    return result;
}

TEST(Kernels, TheFirstIsTheBaselineAndOneIsChosen) {
    ASSERT_GE(available_kernels().size(), 1U);
    EXPECT_EQ(available_kernels()[0].name, "baseline");
    bool found = false;
    for (const Kernels& candidate : available_kernels()) found = found || candidate.name == kernels().name;
    EXPECT_TRUE(found);
}

TEST(Kernels, EveryWidthGivesTheSameBits) {
    std::mt19937 random(1);
    const Kernels& baseline = available_kernels()[0];
    for (const std::size_t size : sizes()) {
        for (int round = 0; round < 20; ++round) {
            const std::vector<float> a = random_floats(size, random), b = random_floats(size, random);
            const std::vector<float> v_start = [&] {
                std::vector<float> v = random_floats(size, random);
                for (float& value : v) value = std::fabs(value);
                return v;
            }();
            const float factor = random_floats(1, random)[0];
            const AdamStep step{.beta1 = 0.9F,
                                .beta2 = 0.999F,
                                .one_minus_beta1 = 0.1F,
                                .one_minus_beta2 = 0.001F,
                                .step_size = 0.01F,
                                .root_of_correction2 = 0.0316F,
                                .epsilon = 1e-8F};
            std::vector<float> y = b, m = b, v = v_start, w = b;
            baseline.add_scaled(factor, a.data(), y.data(), size);
            baseline.adam(step, a.data(), m.data(), v.data(), w.data(), size);
            for (const Kernels& wide : available_kernels()) {
                SCOPED_TRACE(testing::Message() << wide.name << ", size " << size << ", round " << round);
                ASSERT_EQ(std::bit_cast<std::uint32_t>(wide.dot(a.data(), b.data(), size)),
                          std::bit_cast<std::uint32_t>(baseline.dot(a.data(), b.data(), size)));
                std::vector<float> wide_y = b, wide_m = b, wide_v = v_start, wide_w = b;
                wide.add_scaled(factor, a.data(), wide_y.data(), size);
                ASSERT_EQ(bits(wide_y), bits(y));
                wide.adam(step, a.data(), wide_m.data(), wide_v.data(), wide_w.data(), size);
                ASSERT_EQ(bits(wide_m), bits(m));
                ASSERT_EQ(bits(wide_v), bits(v));
                ASSERT_EQ(bits(wide_w), bits(w));
            }
        }
    }
}

TEST(Kernels, DotIsTheSumOfProducts) {
    std::mt19937 random(2);
    for (const std::size_t size : sizes()) {
        const std::vector<float> a = random_floats(size, random), b = random_floats(size, random);
        long double sum = 0.0L, sum_of_sizes = 0.0L;
        for (std::size_t i = 0; i < size; ++i) {
            const long double product = static_cast<long double>(a[i]) * b[i];
            sum += product;
            sum_of_sizes += std::fabs(product);
        }
        const auto tolerance = static_cast<double>(sum_of_sizes) *
                                   (2.0 + static_cast<double>(size) / kLanes) *
                                   std::numeric_limits<float>::epsilon() +
                               1e-37;
        for (const Kernels& wide : available_kernels()) {
            ASSERT_NEAR(wide.dot(a.data(), b.data(), size), static_cast<double>(sum), tolerance)
                << wide.name << ", size " << size;
        }
    }
    EXPECT_EQ(kernels().dot(nullptr, nullptr, 0), 0.0F);
}

TEST(Kernels, AddScaledRoundsTwice) {
    // A fused multiply-add would keep the part of the product that float loses: 2^-24.
    const float factor = 1.0F + 0x1p-12F;
    const std::vector<float> x(70, 1.0F + 0x1p-12F);
    for (const Kernels& wide : available_kernels()) {
        std::vector<float> y(x.size(), -1.0F);
        wide.add_scaled(factor, x.data(), y.data(), y.size());
        for (const float value : y) ASSERT_EQ(value, 0x1p-11F) << wide.name;
    }
}

TEST(Kernels, NothingBehindTheEndIsTouched) {
    for (const Kernels& wide : available_kernels()) {
        for (std::size_t size = 0; size < 70; ++size) {
            const std::vector<float> x(100, 1.0F);
            std::vector<float> y(100, 1.0F), m(100, 1.0F), v(100, 1.0F);
            wide.add_scaled(1.0F, x.data(), y.data(), size);
            ASSERT_EQ(y[size], 1.0F) << wide.name << ", size " << size;
            if (size > 0) {
                ASSERT_EQ(y[size - 1], 2.0F) << wide.name << ", size " << size;
            }
            wide.adam({.root_of_correction2 = 1.0F, .epsilon = 1.0F}, x.data(), m.data(), v.data(), y.data(),
                      size);
            ASSERT_EQ(m[size], 1.0F) << wide.name << ", size " << size;
            ASSERT_EQ(v[size], 1.0F) << wide.name << ", size " << size;
        }
    }
}

}  // namespace
}  // namespace irene::numerics
