#include "numerics/student.hpp"

#include <cmath>
#include <tuple>

#include <gtest/gtest.h>

namespace irene::tests {
namespace {

using numerics::student_bound;
using numerics::student_share;

constexpr double kPi = 3.14159265358979323846;

TEST(Student, SharesOfFewDegreesInClosedForm) {
    for (const double t : {0.0, 1e-6, 0.3, 1.0, 2.5, 40.0, 1e6}) {
        EXPECT_NEAR(student_share(t, 1), 2.0 / kPi * std::atan(t), 1e-14) << t;
        EXPECT_NEAR(student_share(t, 2), t / std::sqrt(2.0 + t * t), 1e-14) << t;
        const double angle = std::atan(t / std::sqrt(3.0));
        EXPECT_NEAR(student_share(t, 3), 2.0 / kPi * (angle + std::sin(angle) * std::cos(angle)), 1e-14) << t;
    }
}

TEST(Student, BoundsOfThePrintedTables) {
    // Two-sided, as they stand in any book of statistics.
    for (const auto& [degrees, at_90, at_95, at_99] :
         {std::tuple(1U, 6.314, 12.706, 63.657), std::tuple(2U, 2.920, 4.303, 9.925),
          std::tuple(5U, 2.015, 2.571, 4.032), std::tuple(10U, 1.812, 2.228, 3.169),
          std::tuple(30U, 1.697, 2.042, 2.750), std::tuple(120U, 1.658, 1.980, 2.617)}) {
        EXPECT_NEAR(student_bound(0.9, degrees), at_90, 5e-4) << degrees;
        EXPECT_NEAR(student_bound(0.95, degrees), at_95, 5e-4) << degrees;
        EXPECT_NEAR(student_bound(0.99, degrees), at_99, 5e-4) << degrees;
    }
}

TEST(Student, BoundsAndSharesAreInverse) {
    for (const std::size_t degrees : {1U, 2U, 7U, 100U, 1001U}) {
        for (const double p : {1e-6, 0.2, 0.9, 0.999}) {
            EXPECT_NEAR(student_share(student_bound(p, degrees), degrees), p, 1e-12) << degrees << " " << p;
        }
    }
}

}  // namespace
}  // namespace irene::tests
