#include "numerics/nonnegative_least_squares.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "ulps.hpp"

namespace irene::numerics {
namespace {

/// A system kept apart from the solver, which destroys its own.
struct System {
    std::vector<std::vector<double>> columns;
    std::vector<double> right_side, weights, ridge, prior;

    std::vector<double> solve(NonnegativeLeastSquares& solver, Sign sign) const {
        solver.resize(right_side.size(), columns.size());
        for (std::size_t k = 0; k < columns.size(); ++k) {
            std::copy(columns[k].begin(), columns[k].end(), solver.column(k).begin());
        }
        std::copy(right_side.begin(), right_side.end(), solver.right_side().begin());
        std::copy(weights.begin(), weights.end(), solver.weights().begin());
        std::copy(ridge.begin(), ridge.end(), solver.ridge().begin());
        std::copy(prior.begin(), prior.end(), solver.prior().begin());
        const std::span<const double> solution = solver.solve(sign);
        return {solution.begin(), solution.end()};
    }
    std::vector<double> solve(Sign sign) const {
        NonnegativeLeastSquares solver;
        return solve(solver, sign);
    }

    /// Weights that sum to 1.
    double weight(std::size_t row) const {
        double total = 0.0;
        for (const double w : weights) total += w;
        return weights[row] / total;
    }
    double mean_square(std::size_t k) const {
        double sum = 0.0;
        for (std::size_t i = 0; i < right_side.size(); ++i) sum += weight(i) * columns[k][i] * columns[k][i];
        return sum;
    }
    double objective(const std::vector<double>& c) const {
        double sum = 0.0;
        for (std::size_t i = 0; i < right_side.size(); ++i) {
            double residual = -right_side[i];
            for (std::size_t k = 0; k < c.size(); ++k) residual += columns[k][i] * c[k];
            sum += weight(i) * residual * residual;
        }
        for (std::size_t k = 0; k < c.size(); ++k) {
            sum += ridge[k] * mean_square(k) * (c[k] - prior[k]) * (c[k] - prior[k]);
        }
        return sum;
    }
    /// Half the objective's derivative by coefficient k.
    double slope(const std::vector<double>& c, std::size_t k) const {
        double sum = ridge[k] * mean_square(k) * (c[k] - prior[k]);
        for (std::size_t i = 0; i < right_side.size(); ++i) {
            double residual = -right_side[i];
            for (std::size_t j = 0; j < c.size(); ++j) residual += columns[j][i] * c[j];
            sum += weight(i) * residual * columns[k][i];
        }
        return sum;
    }
    /// The minimum in the coefficients of `subset`, the others 0: Gauss's elimination with pivots.
    std::vector<double> minimum(const std::vector<std::size_t>& subset) const {
        const std::size_t n = subset.size();
        std::vector<std::vector<long double>> a(n, std::vector<long double>(n + 1));
        for (std::size_t p = 0; p < n; ++p) {
            for (std::size_t q = 0; q < n; ++q) {
                for (std::size_t i = 0; i < right_side.size(); ++i) {
                    a[p][q] += weight(i) * columns[subset[p]][i] * columns[subset[q]][i];
                }
            }
            const double ridge_here = ridge[subset[p]] * mean_square(subset[p]);
            a[p][p] += ridge_here;
            a[p][n] = ridge_here * prior[subset[p]];
            for (std::size_t i = 0; i < right_side.size(); ++i) {
                a[p][n] += weight(i) * columns[subset[p]][i] * right_side[i];
            }
        }
        for (std::size_t p = 0; p < n; ++p) {
            std::size_t best = p;
            for (std::size_t q = p; q < n; ++q) {
                if (std::fabs(a[q][p]) > std::fabs(a[best][p])) best = q;
            }
            std::swap(a[p], a[best]);
            for (std::size_t q = 0; q < n; ++q) {
                if (q == p) continue;
                const long double factor = a[q][p] / a[p][p];
                for (std::size_t r = p; r <= n; ++r) a[q][r] -= factor * a[p][r];
            }
        }
        std::vector<double> c(columns.size(), 0.0);
        for (std::size_t p = 0; p < n; ++p) c[subset[p]] = static_cast<double>(a[p][n] / a[p][p]);
        return c;
    }
};

System random_weighted_system(unsigned seed, std::size_t rows, std::size_t columns) {
    std::mt19937 random(seed);
    const auto uniform = [&random] { return static_cast<double>(random() >> 5) * 0x1p-27; };
    System system;
    for (std::size_t k = 0; k < columns; ++k) {
        std::vector<double>& column = system.columns.emplace_back();
        for (std::size_t i = 0; i < rows; ++i) column.push_back(uniform() - 0.3);
        system.ridge.push_back(k % 2 == 0 ? 1e-6 : 1e-2);
        system.prior.push_back(k % 3 == 0 ? 0.5 * uniform() : 0.0);
    }
    for (std::size_t i = 0; i < rows; ++i) {
        system.right_side.push_back(2.0 * uniform() - 0.8);
        system.weights.push_back(0.1 + uniform());
    }
    return system;
}

TEST(NonnegativeLeastSquares, OneColumnByHand) {
    // Two equations c = 1 and c = 3 of weights 3 and 1: rms 1, mean right side 1.5.
    System system{{{1.0, 1.0}}, {1.0, 3.0}, {3.0, 1.0}, {0.25}, {0.0}};
    EXPECT_NEAR(system.solve(Sign::nonnegative)[0], 1.5 / 1.25, 1e-15);
    // A prior of 4 adds ridge x prior.
    system.prior = {4.0};
    EXPECT_NEAR(system.solve(Sign::nonnegative)[0], (1.5 + 0.25 * 4.0) / 1.25, 1e-15);
    // Against the sign the coefficient stays at 0, unless any sign will do.
    system.prior = {0.0};
    system.right_side = {-1.0, -3.0};
    EXPECT_EQ(system.solve(Sign::nonnegative)[0], 0.0);
    EXPECT_NEAR(system.solve(Sign::any)[0], -1.5 / 1.25, 1e-15);
}

TEST(NonnegativeLeastSquares, TwoColumnsByHand) {
    // Orthogonal columns of rms 1/sqrt(2): each coefficient is alone, right side / (1 + ridge).
    System system{{{1.0, 0.0}, {0.0, 1.0}}, {2.0, -5.0}, {1.0, 1.0}, {0.5, 0.5}, {0.0, 0.0}};
    std::vector<double> c = system.solve(Sign::nonnegative);
    EXPECT_NEAR(c[0], 2.0 / 1.5, 1e-15);
    EXPECT_EQ(c[1], 0.0);
    c = system.solve(Sign::any);
    EXPECT_NEAR(c[1], -5.0 / 1.5, 1e-15);
    // Equal columns share what one of them would explain; the ridge decides how.
    system = {{{1.0}, {1.0}}, {1.0}, {1.0}, {1e-6, 1e-6}, {0.0, 0.0}};
    c = system.solve(Sign::nonnegative);
    EXPECT_NEAR(c[0], 1.0 / (2.0 + 1e-6), 1e-9);
    EXPECT_NEAR(c[1], 1.0 / (2.0 + 1e-6), 1e-9);
}

TEST(NonnegativeLeastSquares, ColumnsOfZerosKeepTheirPrior) {
    const System system{{{1.0, 2.0}, {0.0, 0.0}}, {1.0, 2.0}, {1.0, 1.0}, {1e-6, 1e-6}, {0.0, 7.0}};
    for (const Sign sign : {Sign::nonnegative, Sign::any}) {
        const std::vector<double> c = system.solve(sign);
        EXPECT_NEAR(c[0], 1.0, 1e-5);
        EXPECT_EQ(c[1], 7.0);
    }
}

TEST(NonnegativeLeastSquares, EqualsTheBestOfAllActiveSets) {
    for (unsigned seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE(seed);
        constexpr std::size_t kColumns = 7;
        const System system = random_weighted_system(seed, 25, kColumns);
        std::vector<double> best(kColumns, 0.0);
        for (std::size_t set = 0; set < (std::size_t{1} << kColumns); ++set) {
            std::vector<std::size_t> subset;
            for (std::size_t k = 0; k < kColumns; ++k) {
                if ((set >> k & 1) != 0) subset.push_back(k);
            }
            const std::vector<double> c = system.minimum(subset);
            const bool feasible = std::all_of(c.begin(), c.end(), [](double value) { return value >= 0.0; });
            if (feasible && system.objective(c) < system.objective(best)) best = c;
        }
        const std::vector<double> c = system.solve(Sign::nonnegative);
        for (std::size_t k = 0; k < kColumns; ++k) EXPECT_NEAR(c[k], best[k], 1e-9) << k;
        std::vector<std::size_t> all(kColumns);
        for (std::size_t k = 0; k < kColumns; ++k) all[k] = k;
        const std::vector<double> free = system.minimum(all);
        const std::vector<double> any = system.solve(Sign::any);
        for (std::size_t k = 0; k < kColumns; ++k) EXPECT_NEAR(any[k], free[k], 1e-9) << k;
    }
}

TEST(NonnegativeLeastSquares, ManyColumnsMeetTheConditionsOfAMinimum) {
    for (unsigned seed = 0; seed < 5; ++seed) {
        const System system = random_weighted_system(100 + seed, 300, 90);
        const std::vector<double> c = system.solve(Sign::nonnegative);
        for (std::size_t k = 0; k < c.size(); ++k) {
            const double slope = system.slope(c, k) / std::sqrt(system.mean_square(k));
            EXPECT_GE(c[k], 0.0);
            EXPECT_GE(slope, -1e-9);
            if (c[k] > 0.0) {
                EXPECT_LE(std::fabs(slope), 1e-9);
            }
        }
    }
}

TEST(NonnegativeLeastSquares, UnitsDoNotMatter) {
    const System system = random_weighted_system(7, 40, 6);
    const std::vector<double> c = system.solve(Sign::nonnegative);
    System other = system;
    double unit = 0x1p-40;
    for (std::size_t k = 0; k < c.size(); ++k) {
        for (double& value : other.columns[k]) value *= unit;
        other.prior[k] /= unit;
        unit *= 0x1p+13;
    }
    const std::vector<double> d = other.solve(Sign::nonnegative);
    unit = 0x1p-40;
    for (std::size_t k = 0; k < c.size(); ++k) {
        EXPECT_EQ(d[k] * unit, c[k]);  // powers of two: to the last bit
        unit *= 0x1p+13;
    }
}

TEST(NonnegativeLeastSquares, MemoryOfOtherSystemsLeavesNoTrace) {
    NonnegativeLeastSquares solver;
    const System big = random_weighted_system(1, 200, 60), small = random_weighted_system(2, 9, 3);
    const std::vector<double> first = big.solve(solver, Sign::nonnegative);
    const std::vector<double> second = small.solve(solver, Sign::nonnegative);
    EXPECT_EQ(big.solve(solver, Sign::nonnegative), first);
    EXPECT_EQ(small.solve(solver, Sign::nonnegative), second);
    EXPECT_EQ(small.solve(Sign::nonnegative), second);
}

TEST(NonnegativeLeastSquares, NumbersBeyondTheRangeOfDoubleGiveNone) {
    const System whole = random_weighted_system(3, 10, 4);
    for (const double huge : {1e200, 1e308, kInfinity}) {
        for (const Sign sign : {Sign::nonnegative, Sign::any}) {
            System system = whole;
            system.columns[2][5] = huge;
            for (const double coefficient : system.solve(sign)) EXPECT_TRUE(std::isnan(coefficient));
            system = whole;
            system.right_side[5] = huge;
            for (const double coefficient : system.solve(sign)) EXPECT_TRUE(std::isnan(coefficient));
            // A column whose squares vanish is not one of zeros.
            system = whole;
            for (double& entry : system.columns[2]) entry /= huge;
            if (std::any_of(system.columns[2].begin(), system.columns[2].end(),
                            [](double x) { return x != 0.0; })) {
                for (const double coefficient : system.solve(sign)) EXPECT_TRUE(std::isnan(coefficient));
            }
        }
    }
}

}  // namespace
}  // namespace irene::numerics
