#include "numerics/elementary.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "ulps.hpp"

namespace irene::numerics {
namespace {

TEST(Exponential, IsWithinTwoUlps) {
    double worst = 0.0;
    constexpr int kSteps = 400000;
    for (int i = 0; i <= kSteps; ++i) {
        const double x = -745.1 + (745.1 + 709.78) * i / kSteps;
        const double distance = distance_in_ulps(exponential(x), std::exp(static_cast<long double>(x)));
        worst = std::max(worst, distance);
        ASSERT_LE(distance, 2.0) << x;
    }
    // Around 0, where the sweep above has few points.
    for (double size = 1e-320; size < 1.0; size *= 1.01) {
        for (const double x : {size, -size}) {
            ASSERT_LE(distance_in_ulps(exponential(x), std::exp(static_cast<long double>(x))), 2.0) << x;
        }
    }
    RecordProperty("worst_ulps", std::to_string(worst));
}

TEST(Exponential, HasTheRightLimits) {
    EXPECT_EQ(exponential(0.0), 1.0);
    EXPECT_EQ(exponential(-0.0), 1.0);
    EXPECT_EQ(exponential(kInfinity), kInfinity);
    EXPECT_EQ(exponential(-kInfinity), 0.0);
    EXPECT_TRUE(std::isfinite(exponential(709.78)));
    EXPECT_EQ(exponential(709.79), kInfinity);
    EXPECT_EQ(exponential(1e300), kInfinity);
    EXPECT_GT(exponential(-745.0), 0.0);
    EXPECT_EQ(exponential(-746.0), 0.0);
    EXPECT_EQ(exponential(-1e300), 0.0);
    EXPECT_TRUE(std::isnan(exponential(std::numeric_limits<double>::quiet_NaN())));
}

TEST(Tanh, IsWithinFourUlpsAndOdd) {
    constexpr int kSteps = 400000;
    for (int i = 0; i <= kSteps; ++i) {
        const double x = -25.0 + 50.0 * i / kSteps;
        ASSERT_LE(distance_in_ulps(tanh(x), std::tanh(static_cast<long double>(x))), 4.0) << x;
        ASSERT_EQ(tanh(-x), -tanh(x)) << x;
    }
    for (double x = 1e-318; x < 30.0; x *= 1.003) {  // smaller ones would not grow by so small a factor
        ASSERT_LE(distance_in_ulps(tanh(x), std::tanh(static_cast<long double>(x))), 4.0) << x;
    }
    EXPECT_EQ(tanh(5e-324), 5e-324);
}

TEST(Tanh, GrowsAcrossTheBorderOfItsTwoFormulas) {
    double before = tanh(0.5999);
    for (double x = 0.5999; x < 0.6001; x += 1e-9) {
        const double value = tanh(x);
        // Either formula may be off by a few units; a jump would be far larger.
        ASSERT_GE(value, before - 1e-15) << x;
        before = value;
    }
}

TEST(Tanh, HasTheRightLimits) {
    EXPECT_EQ(tanh(0.0), 0.0);
    EXPECT_FALSE(std::signbit(tanh(0.0)));
    EXPECT_TRUE(std::signbit(tanh(-0.0)));
    EXPECT_EQ(tanh(kInfinity), 1.0);
    EXPECT_EQ(tanh(-kInfinity), -1.0);
    EXPECT_EQ(tanh(1e300), 1.0);
    EXPECT_EQ(tanh(-1e300), -1.0);
    EXPECT_TRUE(std::isnan(tanh(std::numeric_limits<double>::quiet_NaN())));
}

}  // namespace
}  // namespace irene::numerics
