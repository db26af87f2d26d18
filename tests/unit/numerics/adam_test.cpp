#include "numerics/adam.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace irene::numerics {
namespace {

TEST(Adam, FirstStepIsTheLearningRateAgainstTheSign) {
    // m^ = g and v^ = g^2 after one step, whatever the decays: the step is learning_rate * g / |g|.
    Adam adam({.learning_rate = 0.125});
    const std::vector<float> gradient{5.0F, -0.001F, 0.0F, 1e-3F, -7e8F};
    std::vector<float> parameters(gradient.size(), 1.0F);
    adam.reset(gradient.size());
    adam.step(gradient, parameters);
    EXPECT_NEAR(parameters[0], 0.875, 1e-6);
    EXPECT_NEAR(parameters[1], 1.125, 3e-6);
    EXPECT_EQ(parameters[2], 1.0F);
    EXPECT_NEAR(parameters[3], 0.875, 3e-6);
    EXPECT_NEAR(parameters[4], 1.125, 1e-6);
}

TEST(Adam, EpsilonDampsVanishingGradients) {
    // |g| = epsilon halves the step: g / (|g| + epsilon).
    Adam adam({.learning_rate = 0.5, .epsilon = 0.25});
    std::vector<float> parameters{0.0F};
    adam.reset(1);
    adam.step({0.25F}, parameters);
    EXPECT_NEAR(parameters[0], -0.25, 1e-6);
}

TEST(Adam, FollowsTheFormulaOfThePaper) {
    const AdamSettings settings{.learning_rate = 0.01, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3};
    Adam adam(settings);
    adam.reset(1);
    std::vector<float> parameters{0.5F};
    double w = 0.5, m = 0.0, v = 0.0;
    for (int t = 1; t <= 50; ++t) {
        const double g = std::sin(0.7 * t) + 0.3;
        m = settings.beta1 * m + (1.0 - settings.beta1) * g;
        v = settings.beta2 * v + (1.0 - settings.beta2) * g * g;
        const double corrected_m = m / (1.0 - std::pow(settings.beta1, t));
        const double corrected_v = v / (1.0 - std::pow(settings.beta2, t));
        w -= settings.learning_rate * corrected_m / (std::sqrt(corrected_v) + settings.epsilon);
        adam.step({static_cast<float>(g)}, parameters);
        ASSERT_NEAR(parameters[0], w, 1e-6) << "step " << t;
    }
}

TEST(Adam, FindsTheMinimumOfAQuadratic) {
    constexpr std::size_t kSize = 9;
    Adam adam({.learning_rate = 0.05});
    adam.reset(kSize);
    std::vector<float> x(kSize, 0.0F), gradient(kSize);
    for (int step = 0; step < 4000; ++step) {
        for (std::size_t i = 0; i < kSize; ++i) {
            gradient[i] = 2.0F * static_cast<float>(i + 1) * (x[i] - static_cast<float>(i));
        }
        adam.step(gradient, x);
    }
    for (std::size_t i = 0; i < kSize; ++i) EXPECT_NEAR(x[i], static_cast<double>(i), 1e-2) << i;
}

TEST(Adam, FindsTheMinimumOfRosenbrocksValley) {
    Adam adam({.learning_rate = 0.01});
    adam.reset(2);
    std::vector<float> p{-1.2F, 1.0F};
    for (int step = 0; step < 20000; ++step) {
        const float slope = p[1] - p[0] * p[0];
        adam.step({-2.0F * (1.0F - p[0]) - 400.0F * p[0] * slope, 200.0F * slope}, p);
    }
    EXPECT_NEAR(p[0], 1.0, 0.02);
    EXPECT_NEAR(p[1], 1.0, 0.04);
}

TEST(Adam, ResetForgetsEverything) {
    Adam used({}), fresh({});
    used.reset(2);
    std::vector<float> elsewhere{3.0F, 4.0F};
    for (int step = 0; step < 5; ++step) used.step({1.0F, -2.0F}, elsewhere);
    used.reset(3);
    fresh.reset(3);
    std::vector<float> a{1.0F, 2.0F, 3.0F}, b = a;
    for (int step = 0; step < 3; ++step) {
        used.step({0.1F, 0.2F, -0.3F}, a);
        fresh.step({0.1F, 0.2F, -0.3F}, b);
    }
    EXPECT_EQ(a, b);
}

}  // namespace
}  // namespace irene::numerics
