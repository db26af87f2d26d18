// Weighted ridge regression towards a prior, with non-negative coefficients where asked for.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace irene::numerics {

/// What the coefficients may be.
enum class Sign : unsigned char { nonnegative, any };

/// Minimises, over the coefficients c,
///
///     sum_i w_i (sum_k A_ik c_k - b_i)^2 + sum_k ridge_k rms_k^2 (c_k - prior_k)^2
///
/// with the weights w scaled to sum 1 and rms_k^2 = sum_i w_i A_ik^2: a ridge is relative to the size of its
/// column, so the units of a column do not change the fit. A column of zeros keeps its prior. Ridges above 0
/// make the minimum unique and bound the condition of the normal equations by (columns + ridge) / ridge,
/// which is what makes it safe to use them. Non-negative minima are found by Lawson and Hanson's active sets
/// (Solving Least Squares Problems, chapter 23).
///
/// Each sum is taken in a fixed order: the bits do not depend on CPU or build. Keeps its memory between
/// calls; not for use by two threads at once.
class NonnegativeLeastSquares {
  public:
    /// Room for a system, which the caller then fills. Priors and ridges are 0, weights and right side 1.
    void resize(std::size_t rows, std::size_t columns);

    std::size_t rows() const noexcept { return rows_; }
    std::size_t columns() const noexcept { return columns_; }

    /// Column `column` of A: `rows` elements.
    std::span<double> column(std::size_t column) { return {matrix_.data() + column * rows_, rows_}; }
    std::span<double> right_side() { return {right_side_.data(), rows_}; }
    std::span<double> weights() { return {weights_.data(), rows_}; }  ///< not negative, not all 0
    std::span<double> ridge() { return {ridge_.data(), columns_}; }   ///< above 0
    std::span<double> prior() { return {prior_.data(), columns_}; }   ///< not negative where the sign is

    /// The coefficients, valid until the next call. Destroys the system. Where squares of entries leave the
    /// range of double, no coefficient is a number.
    std::span<const double> solve(Sign sign);

  private:
    /// False where a number leaves the range of double.
    bool make_normal_equations();
    void append(std::size_t index);
    void refactor(std::size_t first);
    void solve_active();
    void solve_nonnegative();

    /// Row of the Gram matrix; the lower triangle is filled.
    double* gram_row(std::size_t row) { return gram_.data() + row * live_.size(); }
    double gram(std::size_t a, std::size_t b) { return a > b ? gram_row(a)[b] : gram_row(b)[a]; }
    double* factor_row(std::size_t row) { return factor_.data() + row * live_.size(); }

    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
    std::vector<double> matrix_;  // column-major
    std::vector<double> right_side_, weights_, ridge_, prior_;
    std::vector<double> coefficients_;

    // The scaled problem min c'Gc/2 - h'c over the columns that are not zero.
    std::vector<std::size_t> live_;
    std::vector<double> rms_, gram_, h_, c_;
    std::vector<std::size_t> active_;  // in the order of their rows in the factor
    std::vector<char> is_active_;
    std::vector<double> factor_;  // Cholesky's lower triangle of the active part of G
    std::vector<double> z_, forward_;
};

}  // namespace irene::numerics
