// Linear least squares of minimum norm.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace irene::numerics {

/// Solves min |A x - b|, and among the solutions takes the one of least |x|: Householder QR of [A b], then
/// the singular values of R. Those below max(num_equations, columns) * epsilon * largest count as 0, as
/// LAPACK's dgelsd has it in numpy and scikit-learn. Keeps its memory between calls.
class LeastSquares {
  public:
    /// Most columns of A.
    static constexpr std::size_t kMaxColumns = 32;

    /// Room for a system; the caller fills it through matrix() and right_side().
    void resize(std::size_t rows, std::size_t columns);

    /// Column `column` of A: `rows` elements.
    std::span<double> matrix(std::size_t column) { return {system_.data() + column * rows_, rows_}; }
    std::span<double> right_side() { return matrix(columns_); }

    /// The solution, valid until the next call. Destroys the system. `num_equations` is the number of
    /// equations that the rows stand for, which is larger than their number when equal ones were joined.
    std::span<const double> solve(std::size_t num_equations);

  private:
    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
    std::vector<double> system_;  // column-major, the right side last
    std::vector<double> solution_;
};

}  // namespace irene::numerics
