#include "numerics/polynomial.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "irene/features.hpp"

namespace irene::numerics {
namespace {

std::vector<float> expanded(const std::vector<double>& x) {
    std::vector<float> out(num_monomials(x.size()), -1.0F);
    expand_cubic(x, out);
    return out;
}

TEST(Polynomial, CountsMonomials) {
    EXPECT_EQ(num_monomials(0), 1U);
    EXPECT_EQ(num_monomials(1), 4U);
    EXPECT_EQ(num_monomials(2), 10U);
    EXPECT_EQ(num_monomials(3), 20U);
    EXPECT_EQ(num_monomials(6), 84U);
    EXPECT_EQ(num_monomials(14), 680U);
}

// Primes: no two different monomials have the same value.
TEST(Polynomial, OrderOfTwoVariables) {
    // 1, x, y, xx, xy, yy, xxx, xxy, xyy, yyy
    EXPECT_EQ(expanded({2, 3}), (std::vector<float>{1, 2, 3, 4, 6, 9, 8, 12, 18, 27}));
}

TEST(Polynomial, OrderOfThreeVariables) {
    // 1, x, y, z, xx, xy, xz, yy, yz, zz, xxx, xxy, xxz, xyy, xyz, xzz, yyy, yyz, yzz, zzz
    EXPECT_EQ(expanded({2, 3, 5}),
              (std::vector<float>{1, 2, 3, 5, 4, 6, 10, 9, 15, 25, 8, 12, 20, 18, 30, 50, 27, 45, 75, 125}));
}

TEST(Polynomial, FillsAllOfFourteenVariables) {
    std::vector<double> x(14, 1.0);
    x[13] = -2.0;
    const std::vector<float> out = expanded(x);
    EXPECT_EQ(out[14], -2.0F);
    EXPECT_EQ(out[118], -2.0F);  // x12 x13
    EXPECT_EQ(out[119], 4.0F);   // x13^2, the last of degree 2
    EXPECT_EQ(out[120], 1.0F);   // x0^3
    EXPECT_EQ(out[679], -8.0F);  // x13^3
}

// There is room for features that come later, and for the products of all of them.
TEST(Polynomial, FillsAllOfTheMostVariables) {
    static_assert(kNumFeatures < kMaxVariables, "the next feature is a line of the features' table alone");
    std::vector<double> x(kMaxVariables, 1.0);
    x.back() = -2.0;
    const std::vector<float> out = expanded(x);
    const std::size_t end_of_squares = 1 + kMaxVariables + kMaxVariables * (kMaxVariables + 1) / 2;
    EXPECT_EQ(out[kMaxVariables], -2.0F);
    EXPECT_EQ(out[end_of_squares - 2], -2.0F);  // the last but one and the last
    EXPECT_EQ(out[end_of_squares - 1], 4.0F);   // the last's square
    EXPECT_EQ(out[end_of_squares], 1.0F);       // the first's cube
    EXPECT_EQ(out.back(), -8.0F);               // the last's cube
}

TEST(Polynomial, ProductsAreRoundedOnce) {
    // In single precision the square would have been taken of a rounded number.
    const double x = 1.0 + 1e-7;
    EXPECT_EQ(expanded({x})[2], static_cast<float>(x * x));
    EXPECT_EQ(expanded({1e-25})[2], static_cast<float>(1e-50));
    EXPECT_EQ(expanded({1e20})[3], static_cast<float>(1e60));  // beyond single precision: infinite
}

}  // namespace
}  // namespace irene::numerics
