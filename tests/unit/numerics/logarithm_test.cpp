#include "numerics/logarithm.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "numerics/elementary.hpp"
#include "ulps.hpp"

namespace irene::numerics {
namespace {

TEST(Logarithm, IsWithinTwoUlps) {
    double worst = 0.0;
    const auto check = [&worst](double x) {
        const double distance = distance_in_ulps(logarithm(x), std::log(static_cast<long double>(x)));
        worst = std::max(worst, distance);
        ASSERT_LE(distance, 2.0) << x;
    };
    for (double x = 5e-324; x < 1e308; x *= 1.003) {
        if (x < 1e-321) x *= 2.0;  // a factor of 1.003 would be rounded away
        check(x);
    }
    constexpr int kSteps = 400000;
    for (int i = 0; i <= kSteps; ++i) check(0.5 + 2.0 * i / kSteps);
    // Around 1, where the result itself goes to 0.
    for (double size = 1e-16; size < 0.5; size *= 1.001) {
        check(1.0 + size);
        check(1.0 - size);
    }
    RecordProperty("worst_ulps", std::to_string(worst));
}

TEST(Logarithm, HasTheRightLimits) {
    EXPECT_EQ(logarithm(1.0), 0.0);
    EXPECT_FALSE(std::signbit(logarithm(1.0)));
    EXPECT_EQ(logarithm(0.0), -kInfinity);
    EXPECT_EQ(logarithm(-0.0), -kInfinity);
    EXPECT_EQ(logarithm(kInfinity), kInfinity);
    EXPECT_TRUE(std::isnan(logarithm(-1.0)));
    EXPECT_TRUE(std::isnan(logarithm(-kInfinity)));
    EXPECT_TRUE(std::isnan(logarithm(std::numeric_limits<double>::quiet_NaN())));
    EXPECT_NEAR(logarithm(std::numeric_limits<double>::max()), 709.782712893384, 1e-12);
    EXPECT_NEAR(logarithm(std::numeric_limits<double>::denorm_min()), -744.4400719213812, 1e-12);
}

TEST(Logarithm, GrowsAcrossTheBordersOfItsIntervals) {
    for (const double border : {0.70710678118654752, 1.0, 1.4142135623730951, 2.0, 2.8284271247461903}) {
        double x = border * (1.0 - 1e-13);
        double before = logarithm(x);
        for (int i = 0; i < 3000; ++i) {
            x = std::nextafter(x, kInfinity);
            const double value = logarithm(x);
            ASSERT_GE(value, before - 5e-16) << x;
            before = value;
        }
    }
}

TEST(Logarithm, UndoesTheExponential) {
    for (double x = -700.0; x < 700.0; x += 0.37) {
        ASSERT_NEAR(logarithm(exponential(x)), x, 1e-13 * std::max(1.0, std::fabs(x))) << x;
    }
}

}  // namespace
}  // namespace irene::numerics
