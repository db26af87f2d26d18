#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "additive_trees.hpp"
#include "models/additive/leaves.hpp"

namespace irene::tests {
namespace {

using models::make_knots;
using models::Measurement;
using models::Ramps;

std::vector<double> ramps_at(const Ramps& ramps, double value) {
    std::vector<double> out(ramps.size());
    ramps.fill(value, 1.0, out.data());
    return out;
}

TEST(Knots, AreTheDistinctPositiveValues) {
    std::vector<double> values{3.0, 0.0, 1.0, 3.0, 1.0 + 1e-9, 2.0};
    EXPECT_EQ(make_knots(values), (std::vector<double>{1.0, 2.0, 3.0}));
    values = {0.0};
    EXPECT_TRUE(make_knots(values).empty());
}

TEST(Knots, OfManyValuesStandInEqualRatios) {
    std::vector<double> values;
    for (int i = 1; i <= 1000; ++i) values.push_back(i);
    const std::vector<double> knots = make_knots(values);
    ASSERT_EQ(knots.size(), models::kMaxKnots);
    EXPECT_EQ(knots.front(), 1.0);
    EXPECT_NEAR(knots.back(), 1000.0, 1e-9);
    for (std::size_t i = 2; i < knots.size(); ++i) {
        EXPECT_NEAR(knots[i] / knots[i - 1], knots[1] / knots[0], 1e-12);
    }
}

TEST(Ramps, ByHand) {
    const Ramps ramps(std::vector<double>{2.0, 4.0, 8.0}, true);
    EXPECT_EQ(ramps_at(ramps, 0.0), (std::vector<double>{0.0, 0.0, 0.0}));
    EXPECT_EQ(ramps_at(ramps, 1.0), (std::vector<double>{0.5, 0.0, 0.0}));
    EXPECT_EQ(ramps_at(ramps, 3.0), (std::vector<double>{1.0, 0.5, 0.0}));
    EXPECT_EQ(ramps_at(ramps, 8.0), (std::vector<double>{1.0, 1.0, 1.0}));
    // From 4 to 8 only the last has risen, by 1 in 4.
    EXPECT_EQ(ramps_at(ramps, 16.0), (std::vector<double>{1.0, 1.0, 3.0}));
    const Ramps headless(std::vector<double>{2.0, 3.0, 4.0}, false);
    EXPECT_EQ(ramps_at(headless, 1.0), (std::vector<double>{0.0, 0.0}));
    EXPECT_EQ(ramps_at(headless, 6.0), (std::vector<double>{2.0, 2.0}));
    EXPECT_EQ(Ramps(std::vector<double>{2.0}, true).size(), 0U);
    EXPECT_EQ(Ramps().size(), 0U);
}

/// A measured leaf of its own.
Measurement leaf_measurement(models::InstanceTypes& types, const std::string& operation, double flops,
                             double bytes, double energy) {
    Measurement m;
    m.terms.is_leaf = true;
    m.terms.instance_type = types.number(operation);
    m.terms.batch_size = 2.0;
    m.terms.seq_len = 8.0;
    m.terms.flops = flops;
    m.terms.bytes = bytes;
    m.energy = energy;
    m.multiplicity = 1.0;
    return m;
}

models::AdditiveLeaves fit(models::AdditiveLevel level, const std::string& group,
                           const std::vector<Measurement>& rows, const models::InstanceTypes& types) {
    std::vector<const Measurement*> pointers;
    for (const Measurement& row : rows) pointers.push_back(&row);
    numerics::NonnegativeLeastSquares system;
    return fit_leaves(level, group, false, pointers, types, {}, system);
}

TEST(FitLeaves, OneMeasurementByHand) {
    // Three equal columns once scaled: each explains 1 / (3 + ridge) of the 6 J.
    models::InstanceTypes types;
    const models::AdditiveLeaves leaves =
        fit(models::AdditiveLevel::specs, "layernorm",
            {leaf_measurement(types, "LayerNorm", 100.0, 50.0, 6.0)}, types);
    EXPECT_EQ(leaves.knots, std::vector<double>{50.0});
    EXPECT_EQ(models::num_ramps(models::AdditiveLevel::specs, leaves), 0U);
    ASSERT_EQ(leaves.coefficients.size(), 3U);
    const double share = 6.0 / (3.0 + models::kLinearRidge);
    EXPECT_NEAR(leaves.coefficients[0], share, 1e-8);
    EXPECT_NEAR(leaves.coefficients[1], share / 50.0, 1e-9);
    EXPECT_NEAR(leaves.coefficients[2], share / 100.0, 1e-9);
    EXPECT_EQ(leaves.num_nodes, 1U);
    EXPECT_TRUE(leaves.own.empty());
}

TEST(FitLeaves, AStraightLineIsFound) {
    // E = 2 J + 3 J/byte, without flops.
    models::InstanceTypes types;
    std::vector<Measurement> rows;
    for (const double bytes : {1.0, 2.0, 4.0, 8.0}) {
        rows.push_back(leaf_measurement(types, "Embedding", 0.0, bytes, 2.0 + 3.0 * bytes));
    }
    const models::AdditiveLeaves leaves = fit(models::AdditiveLevel::specs, "embedding", rows, types);
    EXPECT_EQ(leaves.knots.size(), 4U);
    EXPECT_EQ(leaves.coefficients[2], 0.0);  // no flops: nothing to learn
    const models::LeafTerms terms(models::AdditiveLevel::specs, leaves);
    ASSERT_EQ(terms.size(), leaves.coefficients.size());
    std::vector<double> values(terms.size());
    for (const double bytes : {1.0, 1.5, 3.0, 8.0, 12.0, 16.0}) {
        terms.fill(leaf_measurement(types, "Embedding", 0.0, bytes, 1.0).terms, values.data());
        double energy = 0.0;
        for (std::size_t k = 0; k < values.size(); ++k) energy += leaves.coefficients[k] * values[k];
        EXPECT_NEAR(energy, 2.0 + 3.0 * bytes, 2e-3 * energy) << bytes;
    }
}

TEST(FitLeaves, TermsAreAsManyAsTheHeaderSays) {
    const Dataset data = made_up_runs();
    models::InstanceTypes types;
    models::TreeTerms terms;
    terms.derive(data.trees[0], models::AdditiveLevel::timing, "x", types);
    for (const models::AdditiveLevel level : {models::AdditiveLevel::specs, models::AdditiveLevel::timing}) {
        for (const char* group : {"dense", "matmul", "softmax", "layernorm"}) {
            models::AdditiveLeaves leaves;
            leaves.group = group;
            leaves.knots = {1.0, 2.0, 3.0};
            leaves.length_knots = {1.0, 2.0, 3.0, 4.0};
            const models::LeafTerms of_group(level, leaves);
            EXPECT_EQ(of_group.num_linear(), models::leaf_terms(level, group).size()) << group;
            EXPECT_EQ(of_group.size(), of_group.num_linear() + models::num_ramps(level, leaves)) << group;
        }
    }
}

TEST(Twins, DifferWhereParametersAndEnergyDo) {
    models::InstanceTypes types;
    const auto dense = [&types](double parameters, double energy, double flops = 100.0) {
        Measurement m = leaf_measurement(types, "Conv1D", flops, 10.0, energy);
        m.terms.is_dense = true;
        m.terms.parameters = parameters;
        return m;
    };
    const auto differ = [](const std::vector<Measurement>& rows) { return have_differing_mirrors(rows); };
    EXPECT_FALSE(differ({}));
    EXPECT_FALSE(differ({dense(5, 1), dense(6, 1)}));
    EXPECT_FALSE(differ({dense(5, 1), dense(5, 2)}));
    EXPECT_FALSE(differ({dense(5, 1), dense(6, 2, 200.0)}));
    EXPECT_TRUE(differ({dense(5, 1), dense(6, 2)}));
    EXPECT_TRUE(differ({dense(5, 1), dense(9, 1, 50.0), dense(5, 2), dense(6, 2)}));
    std::vector<Measurement> separate{dense(5, 1), dense(6, 2)};
    for (Measurement& m : separate) m.terms.separate_bias = true;
    EXPECT_FALSE(differ(separate));
}

TEST(LeafTerms, MirroredProductsAreOneUnlessToldApart) {
    models::AdditiveLeaves leaves;
    leaves.group = "dense";
    leaves.knots = {100.0, 1000.0, 10000.0};
    models::NodeTerms wide, tall;
    wide.rows = tall.rows = 16.0;
    wide.inner_size = tall.outer_size = 10.0;
    wide.outer_size = tall.inner_size = 40.0;
    const auto values_of = [&leaves](const models::NodeTerms& leaf) {
        const models::LeafTerms terms(models::AdditiveLevel::specs, leaves);
        std::vector<double> values(terms.size());
        terms.fill(leaf, values.data());
        return values;
    };
    EXPECT_EQ(values_of(wide), values_of(tall));
    leaves.mirrors_differ = true;
    EXPECT_NE(values_of(wide), values_of(tall));
    leaves.mirrors_differ = false;
    wide.separate_bias = tall.separate_bias = true;
    EXPECT_NE(values_of(wide), values_of(tall));
}

}  // namespace
}  // namespace irene::tests
