#include "models/additive/dense_shape.hpp"

#include <array>
#include <cmath>
#include <utility>

namespace irene::models {

namespace {

/// How far recovered counts may lie from the given ones, relative: rounding of the data file.
constexpr double kCountTolerance = 1e-6;
constexpr double kBytesOfMebi = 1048576.0;

/// A way of counting a dense product, and how often it reads the weights.
struct Convention {
    bool has_bias = false;
    bool separate_bias = false;
    double weight_reads = 1.0;

    double parameters(double inner, double outer) const { return inner * outer + (has_bias ? outer : 0.0); }
    double flops(double rows, double inner, double outer) const {
        return 2.0 * rows * inner * outer + (separate_bias ? rows * outer : 0.0);
    }
    double bytes(double rows, double inner, double outer) const {
        return 4.0 * (rows * inner + weight_reads * inner * outer + rows * outer) +
               (separate_bias ? 8.0 * rows * outer : 0.0);
    }
};

bool is_near(double value, double expected) noexcept {
    return std::fabs(value - expected) <= kCountTolerance * expected;
}

/// The shape from parameters and flops, over the tokens or the sequences of a run, whichever the flops
/// suggest.
std::optional<DenseShape> shape_of_usual_rows(const DenseCounts& counts) noexcept {
    const double tokens = counts.batch_size * counts.seq_len;
    const double p = counts.parameters;
    const double about = counts.flops / (2.0 * p);
    DenseShape shape;
    const double n = about * about > counts.batch_size * tokens ? tokens : counts.batch_size;
    shape.rows = n;
    const auto fits = [&](double outer, const Convention& convention) {
        if (!(outer >= 1.0 && outer <= p / 2.0)) return false;
        shape.outer_size = outer;
        shape.inner_size = p / outer - 1.0;
        shape.separate_bias = convention.separate_bias;
        return is_near(convention.bytes(n, shape.inner_size, outer), counts.bytes);
    };
    if (fits(p - counts.flops / (2.0 * n), {.has_bias = true})) return shape;
    if (fits(2.0 * p - counts.flops / n,
             {.has_bias = true, .separate_bias = true, .weight_reads = counts.batch_size})) {
        return shape;
    }
    return std::nullopt;
}

/// The whole sizes nearest to an outer one, where they give the counts back.
std::optional<DenseShape> whole_shape(const DenseCounts& counts, const Convention& convention,
                                      double outer) noexcept {
    DenseShape shape{.separate_bias = convention.separate_bias};
    shape.outer_size = std::round(outer);
    if (!(shape.outer_size >= 1.0)) return std::nullopt;  // not a number, too
    shape.inner_size =
        std::round((counts.parameters - (convention.has_bias ? shape.outer_size : 0.0)) / shape.outer_size);
    shape.rows = std::round(counts.flops / convention.flops(1.0, shape.inner_size, shape.outer_size));
    const bool fits =
        shape.rows >= 1.0 && shape.inner_size >= 1.0 &&
        convention.parameters(shape.inner_size, shape.outer_size) == counts.parameters &&
        is_near(convention.flops(shape.rows, shape.inner_size, shape.outer_size), counts.flops) &&
        is_near(convention.bytes(shape.rows, shape.inner_size, shape.outer_size), counts.bytes);
    if (!fits) return std::nullopt;
    return shape;
}

/// a[0] + a[1] x + a[2] x^2 + a[3] x^3.
using Cubic = std::array<double, 4>;

double value_at(const Cubic& a, double x) noexcept { return a[0] + x * (a[1] + x * (a[2] + x * a[3])); }

/// Where the slope changes its sign, in ascending order; not numbers where it does not.
std::array<double, 2> turning_points(const Cubic& a) noexcept {
    // Of the quadratic's two roots the one is found without cancellation, the other from their product.
    const double root = std::sqrt(a[2] * a[2] - 3.0 * a[3] * a[1]);
    const double q = -(a[2] + std::copysign(root, a[2]));
    const double first = q / (3.0 * a[3]);
    const double second = a[1] / q;
    return {std::fmin(first, second), std::fmax(first, second)};
}

/// The zero between two points of opposite signs, halved down to the last bit.
double zero_between(const Cubic& a, double low, double high) noexcept {
    const bool is_rising = value_at(a, low) < 0.0;
    for (;;) {
        const double middle = low + (high - low) / 2.0;
        if (!(middle > low && middle < high)) return high;
        ((value_at(a, middle) < 0.0) == is_rising ? low : high) = middle;
    }
}

/// The shape over any number of rows. With p parameters, of which p - o are weights where there is a bias,
/// the flops give the rows n = flops / (2 (p - o) + o where the bias is a kernel), the bytes i + m o with m =
/// 1 or 3, and o is a zero of m o^2 - (i + m o) o + i o: a cubic in o.
std::optional<DenseShape> shape_of_any_rows(const DenseCounts& counts,
                                            const Convention& convention) noexcept {
    const double p = counts.parameters;
    const double reads = convention.weight_reads;
    const double m = convention.separate_bias ? 3.0 : 1.0;
    const double beside = counts.bytes / 4.0 - reads * p;  // n (i + m o), less what the bias adds
    Cubic cubic{p, -2.0 * p * beside / counts.flops, m, 0.0};
    if (convention.has_bias) {
        const double lost = convention.separate_bias ? 1.0 : 2.0;
        cubic[1] -= 1.0;
        cubic[2] -= (2.0 * p * reads - lost * beside) / counts.flops;
        cubic[3] = lost * reads / counts.flops;
    }
    const auto [first, second] = turning_points(cubic);
    double low = 0.5;
    for (const double high : {first, second, p}) {
        if (!(high > low)) continue;
        if ((value_at(cubic, low) < 0.0) != (value_at(cubic, high) < 0.0)) {
            if (const auto shape = whole_shape(counts, convention, zero_between(cubic, low, high)))
                return shape;
        }
        // Equal sizes are a double zero at a turning point, which rounding may hide.
        if (const auto shape = whole_shape(counts, convention, high)) return shape;
        low = high;
    }
    return std::nullopt;
}

}  // namespace

std::optional<DenseShape> recover_dense_shape(const DenseCounts& counts) noexcept {
    if (!(counts.parameters > 0.0 && counts.flops > 0.0 && counts.bytes > 0.0)) return std::nullopt;
    if (const auto shape = shape_of_usual_rows(counts)) return shape;
    const double b = counts.batch_size;
    for (const Convention& convention :
         {Convention{.weight_reads = b}, Convention{}, Convention{.has_bias = true},
          Convention{.has_bias = true, .separate_bias = true, .weight_reads = b}}) {
        if (auto shape = shape_of_any_rows(counts, convention)) {
            // Which is inner cannot be told without a bias; the smaller stands for it.
            if (!convention.has_bias && shape->inner_size > shape->outer_size) {
                std::swap(shape->inner_size, shape->outer_size);
            }
            return shape;
        }
    }
    return std::nullopt;
}

CountsCause cause_of_contradiction(const DenseCounts& counts) noexcept {
    if (!(counts.parameters > 0.0)) return CountsCause::no_parameters;
    struct Other {
        CountsCause cause;
        double flops, bytes;  // what the counts would have to be multiplied by
    };
    constexpr std::array kOthers{Other{CountsCause::flops_in_giga, 1e3, 1.0},
                                 Other{CountsCause::flops_in_units, 1e-6, 1.0},
                                 Other{CountsCause::multiply_adds, 2.0, 1.0},
                                 Other{CountsCause::bytes_in_units, 1.0, 1.0 / kBytesOfMebi},
                                 Other{CountsCause::bytes_in_mega, 1.0, 1e6 / kBytesOfMebi},
                                 Other{CountsCause::half_precision, 1.0, 2.0}};
    for (const Other& other : kOthers) {
        DenseCounts corrected = counts;
        corrected.flops *= other.flops;
        corrected.bytes *= other.bytes;
        if (recover_dense_shape(corrected)) return other.cause;
    }
    return CountsCause::unknown;
}

}  // namespace irene::models
