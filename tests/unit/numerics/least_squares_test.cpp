#include "numerics/least_squares.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace irene::numerics {
namespace {

using Rows = std::vector<std::vector<double>>;

std::vector<double> solve_with(LeastSquares& system, const Rows& a, const std::vector<double>& b,
                               std::size_t num_equations = 0) {
    system.resize(a.size(), a[0].size());
    for (std::size_t row = 0; row < a.size(); ++row) {
        for (std::size_t column = 0; column < a[row].size(); ++column) {
            system.matrix(column)[row] = a[row][column];
        }
        system.right_side()[row] = b[row];
    }
    const auto solution = system.solve(num_equations == 0 ? a.size() : num_equations);
    return {solution.begin(), solution.end()};
}

std::vector<double> solve(const Rows& a, const std::vector<double>& b, std::size_t num_equations = 0) {
    LeastSquares system;
    return solve_with(system, a, b, num_equations);
}

/// Gaussian elimination of A'A x = A'b in extended precision: good where A is well conditioned.
std::vector<double> by_normal_equations(const Rows& a, const std::vector<double>& b) {
    const std::size_t n = a[0].size();
    std::vector<std::vector<long double>> m(n, std::vector<long double>(n + 1, 0.0L));
    for (std::size_t row = 0; row < a.size(); ++row) {
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < n; ++j) m[i][j] += static_cast<long double>(a[row][i]) * a[row][j];
            m[i][n] += static_cast<long double>(a[row][i]) * b[row];
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t other = 0; other < n; ++other) {
            if (other == i) continue;
            const long double factor = m[other][i] / m[i][i];
            for (std::size_t j = i; j <= n; ++j) m[other][j] -= factor * m[i][j];
        }
    }
    std::vector<double> x;
    for (std::size_t i = 0; i < n; ++i) x.push_back(static_cast<double>(m[i][n] / m[i][i]));
    return x;
}

void expect_near(const std::vector<double>& actual, const std::vector<double>& expected, double tolerance) {
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], tolerance) << i;
}

std::pair<Rows, std::vector<double>> random_system(std::size_t rows, std::size_t columns, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    Rows a(rows, std::vector<double>(columns));
    std::vector<double> b(rows);
    for (auto& row : a) {
        for (double& value : row) value = normal(random);
    }
    for (double& value : b) value = normal(random);
    return {a, b};
}

TEST(LeastSquares, WorkedByHand) {
    struct Case {
        const char* what;
        Rows a;
        std::vector<double> b, x;
    };
    const std::vector<Case> cases{
        {"exact", {{2, 1}, {1, 3}}, {4, 7}, {1, 2}},
        {"one unknown: the mean", {{1}, {1}, {1}}, {1, 2, 6}, {3}},
        {"line through (0,1) (1,3) (2,5) (3,7)", {{1, 0}, {1, 1}, {1, 2}, {1, 3}}, {1, 3, 5, 7}, {1, 2}},
        {"the nearest line", {{1, 0}, {1, 1}, {1, 2}}, {0, 0, 3}, {-0.5, 1.5}},
        {"equal columns share the least norm", {{1, 1}, {2, 2}, {3, 3}}, {2, 4, 6}, {1, 1}},
        {"multiple columns: along (1, 2)", {{1, 2}, {2, 4}}, {5, 10}, {1, 2}},
        {"a column of zeros", {{1, 0}, {2, 0}, {3, 0}}, {2, 4, 6}, {2, 0}},
        {"the first column of zeros", {{0, 1}, {0, 2}, {0, 3}}, {2, 4, 6}, {0, 2}},
        {"zero matrix", {{0, 0}, {0, 0}}, {1, 2}, {0, 0}},
        {"fewer rows than columns", {{1, 2, 2}}, {9}, {1, 2, 2}},
        {"two rows, three columns", {{1, 0, 0}, {0, 3, 4}}, {7, 25}, {7, 3, 4}},
        {"contradicting rows", {{1}, {1}}, {0, 1}, {0.5}},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.what);
        expect_near(solve(c.a, c.b), c.x, 1e-13);
    }
}

TEST(LeastSquares, AgreesWithNormalEquationsWhereTheyAreGood) {
    for (const auto& [rows, columns] :
         {std::pair<std::size_t, std::size_t>{4, 4}, {50, 4}, {200, 14}, {41, 32}}) {
        SCOPED_TRACE(testing::Message() << rows << " x " << columns);
        const auto [a, b] = random_system(rows, columns, 7);
        expect_near(solve(a, b), by_normal_equations(a, b), rows == columns ? 1e-11 : 1e-12);
    }
}

TEST(LeastSquares, IllConditionedSystemsKeepTheirDigits) {
    // Normal equations would lose the second column: its square vanishes beside 1.
    const double d = 1e-9;
    const Rows a{{1, 1}, {d, 0}, {0, d}};
    expect_near(solve(a, {3, d, 2 * d}), {1, 2}, 1e-6);
}

TEST(LeastSquares, JoinedRowsEqualRepeatedOnes) {
    const auto [a, b] = random_system(12, 3, 11);
    Rows repeated, joined;
    std::vector<double> repeated_b, joined_b;
    for (std::size_t row = 0; row < a.size(); ++row) {
        const std::size_t count = row % 4 + 1;
        const double root = std::sqrt(static_cast<double>(count));
        for (std::size_t i = 0; i < count; ++i) {
            repeated.push_back(a[row]);
            repeated_b.push_back(b[row]);
        }
        joined.push_back({root * a[row][0], root * a[row][1], root * a[row][2]});
        joined_b.push_back(root * b[row]);
    }
    expect_near(solve(joined, joined_b, repeated.size()), solve(repeated, repeated_b), 1e-13);
}

TEST(LeastSquares, NumberOfEquationsMovesTheThreshold) {
    const double d = 100.0 * std::numeric_limits<double>::epsilon();
    const Rows a{{1, 0}, {0, d}};
    expect_near(solve(a, {1, d}, 2), {1, 1}, 1e-12);
    expect_near(solve(a, {1, d}, 99), {1, 1}, 1e-12);
    expect_near(solve(a, {1, d}, 101), {1, 0}, 1e-12);
    // The threshold is relative to the largest singular value.
    const Rows large{{1e8, 0}, {0, 1}};
    expect_near(solve(large, {1e8, 1}, 1000), {1, 1}, 1e-12);
    // The number of columns counts where it is larger.
    Rows wide(1, std::vector<double>(32, 0.0));
    wide[0][5] = 2.0;
    std::vector<double> expected(32, 0.0);
    expected[5] = 3.0;
    expect_near(solve(wide, {6}), expected, 1e-13);
}

TEST(LeastSquares, KeepsNothingOfTheSystemBefore) {
    LeastSquares system;
    const auto [large_a, large_b] = random_system(60, 8, 3);
    const auto [small_a, small_b] = random_system(5, 2, 4);
    const std::vector<double> large = solve(large_a, large_b);
    const std::vector<double> small = solve(small_a, small_b);
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(solve_with(system, large_a, large_b), large);
        EXPECT_EQ(solve_with(system, small_a, small_b), small);
    }
}

}  // namespace
}  // namespace irene::numerics
