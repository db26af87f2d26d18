#include "numerics/least_squares.hpp"

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes Eigen's matrices of fixed capacity for uninitialised memory: a false alarm inside JacobiSVD.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <limits>

#include "numerics/dot.hpp"

namespace irene::numerics {

void LeastSquares::resize(std::size_t rows, std::size_t columns) {
    rows_ = rows;
    columns_ = columns;
    system_.resize(std::max(system_.size(), rows * (columns + 1)));
    solution_.resize(std::max(solution_.size(), columns));
}

std::span<const double> LeastSquares::solve(std::size_t num_equations) {
    // Reflect column by column; afterwards the upper triangle holds R and the right side Q'b.
    const std::size_t steps = std::min(rows_, columns_);
    for (std::size_t k = 0; k < steps; ++k) {
        double* pivot = matrix(k).data() + k;
        const std::size_t size = rows_ - k;
        const double length = std::sqrt(dot(pivot, pivot, size));
        if (length == 0.0) continue;
        const double diagonal = pivot[0] > 0.0 ? -length : length;
        pivot[0] -= diagonal;  // the pivot column now holds the reflection's normal
        const double half_square = -diagonal * pivot[0];
        for (std::size_t column = k + 1; column <= columns_; ++column) {
            double* other = matrix(column).data() + k;
            const double factor = dot(pivot, other, size) / half_square;
            for (std::size_t i = 0; i < size; ++i) other[i] -= factor * pivot[i];
        }
        pivot[0] = diagonal;
    }

    using Matrix =
        Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor, kMaxColumns, kMaxColumns>;
    using Vector = Eigen::Matrix<double, Eigen::Dynamic, 1, Eigen::ColMajor, kMaxColumns, 1>;
    const auto n = static_cast<Eigen::Index>(columns_);
    Matrix r = Matrix::Zero(n, n);
    Vector q_b = Vector::Zero(n);
    for (std::size_t row = 0; row < steps; ++row) {
        for (std::size_t column = row; column < columns_; ++column) {
            r(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(column)) = matrix(column)[row];
        }
        q_b(static_cast<Eigen::Index>(row)) = right_side()[row];
    }
    const Eigen::JacobiSVD<Matrix, Eigen::NoQRPreconditioner> svd(r,
                                                                  Eigen::ComputeFullU | Eigen::ComputeFullV);
    const auto& singular = svd.singularValues();
    const double limit = static_cast<double>(std::max(num_equations, columns_)) *
                         std::numeric_limits<double>::epsilon() * singular(0);
    std::fill_n(solution_.begin(), columns_, 0.0);
    for (Eigen::Index i = 0; i < n; ++i) {
        if (!(singular(i) > limit)) continue;
        double along = 0.0;
        for (Eigen::Index row = 0; row < n; ++row) along += svd.matrixU()(row, i) * q_b(row);
        along /= singular(i);
        for (Eigen::Index column = 0; column < n; ++column) {
            solution_[static_cast<std::size_t>(column)] += along * svd.matrixV()(column, i);
        }
    }
    return std::span<const double>(solution_).first(columns_);
}

}  // namespace irene::numerics
