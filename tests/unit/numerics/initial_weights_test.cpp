#include "numerics/initial_weights.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace irene::numerics {
namespace {

TEST(InitialWeights, LieInTheirRangeAndFillIt) {
    for (const std::size_t n : {std::size_t{1}, std::size_t{2}, std::size_t{14}, std::size_t{680}}) {
        SCOPED_TRACE(n);
        InitialWeights weights(13370);
        const float bound = static_cast<float>(1.0 / std::sqrt(static_cast<double>(n)));
        float least = bound, most = -bound;
        for (int layers = 0; layers < 200; ++layers) {
            const LinearLayer layer = weights.draw(n);
            ASSERT_EQ(layer.weights.size(), n);
            for (const float weight : layer.weights) {
                ASSERT_GE(weight, -bound);
                ASSERT_LT(weight, bound);
                least = std::min(least, weight);
                most = std::max(most, weight);
            }
            ASSERT_GE(layer.bias, -bound);
            ASSERT_LT(layer.bias, bound);
        }
        EXPECT_LT(least, -0.9F * bound);
        EXPECT_GT(most, 0.9F * bound);
    }
}

TEST(InitialWeights, SeedDecides) {
    const LinearLayer first = InitialWeights(5).draw(30), same = InitialWeights(5).draw(30),
                      other = InitialWeights(6).draw(30);
    EXPECT_EQ(first.weights, same.weights);
    EXPECT_EQ(first.bias, same.bias);
    EXPECT_NE(first.weights, other.weights);
}

TEST(InitialWeights, DrawsGoOnWhereTheLastEnded) {
    InitialWeights weights(5);
    const LinearLayer first = weights.draw(4), second = weights.draw(4);
    EXPECT_NE(first.weights, second.weights);
    // The bias is drawn behind the weights: of one draw of nine it is the fifth. Bounds differ by sqrt(9/4).
    InitialWeights again(5);
    const LinearLayer nine = again.draw(9);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR(first.weights[i], nine.weights[i] * 1.5F, 1e-6F);
        if (i < 3) {
            EXPECT_NEAR(second.weights[i], nine.weights[i + 5] * 1.5F, 1e-6F);
        }
    }
    EXPECT_NEAR(first.bias, nine.weights[4] * 1.5F, 1e-6F);
}

TEST(InitialWeights, UseTheLowBitsOfTheTwister) {
    std::mt19937 generator(42);
    const double unit = static_cast<double>(generator() & 0xFFFFFFU) / 0x1p24;
    EXPECT_NEAR(InitialWeights(42).draw(1).weights[0], 2.0 * unit - 1.0, 1e-7);
}

}  // namespace
}  // namespace irene::numerics
