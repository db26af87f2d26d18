#include "models/additive/dense_shape.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace irene::tests {
namespace {

using models::cause_of_contradiction;
using models::DenseCounts;
using models::DenseShape;
using models::recover_dense_shape;

/// The counts of a product over `rows` rows as one kernel, with a bias or without.
DenseCounts one_kernel(double b, double s, double rows, double in, double out, bool bias) {
    return {b, s, in * out + (bias ? out : 0.0), 2 * rows * in * out,
            4 * (rows * in + in * out + rows * out)};
}

/// The counts of a product for each of b sequences, rows in all, and a kernel for the bias where there is
/// one.
DenseCounts each_sequence(double b, double s, double rows, double in, double out, bool bias) {
    return {b, s, in * out + (bias ? out : 0.0), 2 * rows * in * out + (bias ? rows * out : 0.0),
            4 * (rows * in + b * in * out + rows * out) + (bias ? 8 * rows * out : 0.0)};
}

void expect_shape(const DenseCounts& counts, double rows, double in, double out, bool separate_bias) {
    const std::optional<DenseShape> shape = recover_dense_shape(counts);
    ASSERT_TRUE(shape.has_value());
    EXPECT_NEAR(shape->rows, rows, 1e-9 * rows);
    EXPECT_NEAR(shape->inner_size, in, 1e-9 * in);
    EXPECT_NEAR(shape->outer_size, out, 1e-9 * out);
    EXPECT_EQ(shape->separate_bias, separate_bias);
    EXPECT_EQ(cause_of_contradiction({counts.batch_size, counts.seq_len, 0.0, counts.flops, counts.bytes}),
              CountsCause::no_parameters);
}

TEST(DenseShape, IsRecoveredUnderEveryWayOfCounting) {
    for (const double b : {1.0, 8.0, 32.0}) {
        for (const double s : {8.0, 32.0, 224.0}) {
            for (const double in : {64.0, 768.0, 1000.0}) {
                for (const double out : {64.0, 768.0, 3072.0}) {
                    SCOPED_TRACE(testing::Message() << b << " x " << s << ", " << in << " -> " << out);
                    const double n = b * s;
                    expect_shape(one_kernel(b, s, n, in, out, true), n, in, out, false);
                    expect_shape(each_sequence(b, s, n, in, out, true), n, in, out, true);
                    // A pooler sees one token of each sequence.
                    expect_shape(one_kernel(b, s, b, in, out, true), b, in, out, false);
                    // Without a bias in and out look alike: the smaller stands in front.
                    const double smaller = std::min(in, out), greater = std::max(in, out);
                    expect_shape(one_kernel(b, s, n, in, out, false), n, smaller, greater, false);
                    expect_shape(each_sequence(b, s, n, in, out, false), n, smaller, greater, false);
                }
            }
        }
    }
}

TEST(DenseShape, RowsMayBeOthersThanTokens) {
    for (const double rows : {1.0, 3.0, 128.0, 197.0 * 8, 2048.0, 8192.0}) {
        SCOPED_TRACE(rows);
        expect_shape(one_kernel(8, 64, rows, 768, 3072, true), rows, 768, 3072, false);
        expect_shape(one_kernel(8, 64, rows, 3072, 768, true), rows, 3072, 768, false);
        expect_shape(one_kernel(8, 64, rows, 896, 4864, false), rows, 896, 4864, false);
        expect_shape(each_sequence(8, 64, 8 * rows, 768, 3072, true), 8 * rows, 768, 3072, true);
    }
}

TEST(DenseShape, CountsThatContradictEachOtherHaveNone) {
    const DenseCounts good = one_kernel(8, 64, 512, 768, 3072, true);
    const auto changed = [&](double parameters, double flops, double bytes) {
        return DenseCounts{8, 64, parameters * good.parameters, flops * good.flops, bytes * good.bytes};
    };
    struct Case {
        DenseCounts counts;
        CountsCause cause;
    };
    for (const auto& [counts, cause] : {Case{changed(0, 1, 1), CountsCause::no_parameters},
                                        {changed(0, 10, 10), CountsCause::no_parameters},
                                        {changed(1, 1e-3, 1), CountsCause::flops_in_giga},
                                        {changed(1, 1e6, 1), CountsCause::flops_in_units},
                                        {changed(1, 0.5, 1), CountsCause::multiply_adds},
                                        {changed(1, 1, 1048576), CountsCause::bytes_in_units},
                                        {changed(1, 1, 1.048576), CountsCause::bytes_in_mega},
                                        {changed(1, 1, 0.5), CountsCause::half_precision},
                                        {changed(1, 1.7, 1), CountsCause::unknown},
                                        {changed(1, 1, 3), CountsCause::unknown},
                                        {changed(1, 0, 1), CountsCause::unknown},
                                        {changed(1, 1, 0), CountsCause::unknown},
                                        {changed(7, 1, 1), CountsCause::unknown},
                                        {DenseCounts{2, 8, 100, 5000, 1}, CountsCause::unknown},
                                        {DenseCounts{8, 64, 1e300, 1e300, 1e300}, CountsCause::unknown}}) {
        SCOPED_TRACE(testing::Message() << counts.parameters << ", " << counts.flops << ", " << counts.bytes);
        EXPECT_FALSE(recover_dense_shape(counts).has_value());
        EXPECT_EQ(cause_of_contradiction(counts), cause);
    }
}

}  // namespace
}  // namespace irene::tests
