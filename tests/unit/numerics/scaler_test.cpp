#include "numerics/scaler.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace irene::numerics {
namespace {

struct Statistics {
    std::vector<double> mean, scale;
};

Statistics standardized(const std::vector<double>& rows, const std::vector<std::uint32_t>& counts) {
    Statistics statistics;
    standardize(rows, counts, statistics.mean, statistics.scale, rows.size() / counts.size());
    return statistics;
}

TEST(Scaler, AgreesWithAnExampleWorkedByHand) {
    // 1, 1, 1, 3: mean 1.5, variance (3 * 0.25 + 2.25) / 4 = 0.75. 2, 2, 2, -2: mean 1, variance 3.
    const Statistics s = standardized({1.0, 2.0, 3.0, -2.0}, {3, 1});
    EXPECT_DOUBLE_EQ(s.mean[0], 1.5);
    EXPECT_DOUBLE_EQ(s.scale[0], std::sqrt(0.75));
    EXPECT_DOUBLE_EQ(s.mean[1], 1.0);
    EXPECT_DOUBLE_EQ(s.scale[1], std::sqrt(3.0));
}

TEST(Scaler, CountsEqualRepetition) {
    const Statistics counted = standardized({0.3, 1e6, 0.7, 2e6, 1.9, -5e5}, {2, 3, 1});
    const Statistics repeated =
        standardized({0.3, 1e6, 0.3, 1e6, 0.7, 2e6, 0.7, 2e6, 0.7, 2e6, 1.9, -5e5}, {1, 1, 1, 1, 1, 1});
    for (std::size_t f = 0; f < 2; ++f) {
        EXPECT_DOUBLE_EQ(counted.mean[f], repeated.mean[f]);
        EXPECT_DOUBLE_EQ(counted.scale[f], repeated.scale[f]);
    }
}

TEST(Scaler, RowsCountedNoTimesAreLeftOut) {
    const Statistics s = standardized({1.0, 1e200, 3.0}, {1, 0, 1});
    EXPECT_DOUBLE_EQ(s.mean[0], 2.0);
    EXPECT_DOUBLE_EQ(s.scale[0], 1.0);
}

TEST(Scaler, ConstantFeaturesScaleByOne) {
    for (const double constant : {0.0, 1.0, 0.1, -0.1, 1.0 / 3.0, 1e10 + 0.1, 4000.1, 1e-300, 1e150}) {
        for (const std::vector<std::uint32_t>& counts :
             {std::vector<std::uint32_t>{1}, {7}, {3, 7, 11}, std::vector<std::uint32_t>(1001, 1)}) {
            SCOPED_TRACE(testing::Message() << constant << " in " << counts.size() << " rows");
            const Statistics s = standardized(std::vector<double>(counts.size(), constant), counts);
            EXPECT_EQ(s.scale[0], 1.0);
            EXPECT_NEAR(s.mean[0], constant, 1e-12 * std::fabs(constant));
        }
    }
}

TEST(Scaler, SmallVariationIsNotTakenForAConstant) {
    const Statistics s = standardized({1.0, 1.0 + 1e-6}, {1, 1});
    EXPECT_NEAR(s.scale[0], 0.5e-6, 1e-15);
    const Statistics tiny = standardized({1e-30, 3e-30}, {1, 1});
    EXPECT_NEAR(tiny.scale[0], 1e-30, 1e-44);
}

TEST(Scaler, ForgetsWhatTheVectorsHeld) {
    std::vector<double> mean(9, 7.0), scale(9, 7.0);
    const std::vector<double> rows{1.0, 3.0};
    const std::vector<std::uint32_t> counts{1, 1};
    standardize(rows, counts, mean, scale, 1);
    EXPECT_EQ(mean, std::vector<double>{2.0});
    EXPECT_EQ(scale, std::vector<double>{1.0});
}

}  // namespace
}  // namespace irene::numerics
