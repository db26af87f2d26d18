#include "numerics/nonnegative_least_squares.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "numerics/dot.hpp"

namespace irene::numerics {

namespace {

/// A gradient this small, on columns of size 1, is rounding.
constexpr double kGradientTolerance = 1e-10;
/// A coefficient this small, next to 1 or the largest, has reached its bound.
constexpr double kZeroTolerance = 1e-14;

void reserve(std::vector<double>& memory, std::size_t size) {
    if (memory.size() < size) memory.resize(size);
}

}  // namespace

void NonnegativeLeastSquares::resize(std::size_t rows, std::size_t columns) {
    rows_ = rows;
    columns_ = columns;
    reserve(matrix_, rows * columns);
    right_side_.assign(rows, 1.0);
    weights_.assign(rows, 1.0);
    ridge_.assign(columns, 0.0);
    prior_.assign(columns, 0.0);
}

bool NonnegativeLeastSquares::make_normal_equations() {
    double total = 0.0;
    for (const double weight : weights_) total += weight;
    for (std::size_t row = 0; row < rows_; ++row) {
        weights_[row] = std::sqrt(weights_[row] / total);
        right_side_[row] *= weights_[row];
    }
    if (!std::isfinite(dot(right_side_.data(), right_side_.data(), rows_))) return false;
    live_.clear();
    rms_.clear();
    for (std::size_t k = 0; k < columns_; ++k) {
        double* values = column(k).data();
        for (std::size_t row = 0; row < rows_; ++row) values[row] *= weights_[row];
        const double rms = std::sqrt(dot(values, values, rows_));
        if (rms == 0.0) {
            // Entries whose squares are too small for a double are not zeros.
            if (std::any_of(values, values + rows_, [](double value) { return value != 0.0; })) return false;
            continue;
        }
        if (!std::isfinite(rms)) return false;
        for (std::size_t row = 0; row < rows_; ++row) values[row] /= rms;
        live_.push_back(k);
        rms_.push_back(rms);
    }
    const std::size_t size = live_.size();
    reserve(gram_, size * size);
    reserve(factor_, size * size);
    h_.resize(size);
    for (std::size_t a = 0; a < size; ++a) {
        const double* values = column(live_[a]).data();
        const double ridge = ridge_[live_[a]];
        for (std::size_t b = 0; b <= a; ++b) gram_row(a)[b] = dot(values, column(live_[b]).data(), rows_);
        gram_row(a)[a] += ridge;
        h_[a] = dot(values, right_side_.data(), rows_) + ridge * prior_[live_[a]] * rms_[a];
    }
    return true;
}

void NonnegativeLeastSquares::append(std::size_t index) {
    active_.push_back(index);
    is_active_[index] = 1;
    refactor(active_.size() - 1);
}

void NonnegativeLeastSquares::refactor(std::size_t first) {
    for (std::size_t row = first; row < active_.size(); ++row) {
        double* const values = factor_row(row);
        for (std::size_t k = 0; k < row; ++k) {
            const double* const other = factor_row(k);
            values[k] = (gram(active_[row], active_[k]) - dot(values, other, k)) / other[k];
        }
        values[row] = std::sqrt(gram(active_[row], active_[row]) - dot(values, values, row));
    }
}

void NonnegativeLeastSquares::solve_active() {
    const std::size_t size = active_.size();
    forward_.resize(size);
    z_.resize(size);
    for (std::size_t row = 0; row < size; ++row) {
        const double* const values = factor_row(row);
        forward_[row] = (h_[active_[row]] - dot(values, forward_.data(), row)) / values[row];
    }
    for (std::size_t row = size; row-- > 0;) {
        const double* const values = factor_row(row);
        z_[row] = forward_[row] / values[row];
        for (std::size_t k = 0; k < row; ++k) forward_[k] -= values[k] * z_[row];
    }
}

void NonnegativeLeastSquares::solve_nonnegative() {
    const std::size_t size = live_.size();
    for (std::size_t round = 0; round < 10 * size + 10; ++round) {
        // The column outside the set along which the objective falls most steeply.
        std::size_t steepest = size;
        double slope = kGradientTolerance;
        for (std::size_t k = 0; k < size; ++k) {
            if (is_active_[k] != 0) continue;
            double descent = h_[k];
            for (const std::size_t other : active_) descent -= gram(k, other) * c_[other];
            if (descent > slope) {
                slope = descent;
                steepest = k;
            }
        }
        if (steepest == size) return;
        append(steepest);
        while (!active_.empty()) {
            solve_active();
            const auto least = static_cast<std::size_t>(std::min_element(z_.begin(), z_.end()) - z_.begin());
            if (z_[least] > 0.0) {
                for (std::size_t i = 0; i < active_.size(); ++i) c_[active_[i]] = z_[i];
                break;
            }
            // Go towards z as far as all coefficients stay at or above 0, and let go of those that meet it.
            double step = 1.0;
            for (std::size_t i = 0; i < active_.size(); ++i) {
                const double now = c_[active_[i]];
                if (z_[i] <= 0.0) step = std::min(step, now > 0.0 ? now / (now - z_[i]) : 0.0);
            }
            double largest = 1.0;
            for (std::size_t i = 0; i < active_.size(); ++i) {
                double& now = c_[active_[i]];
                now += step * (z_[i] - now);
                largest = std::max(largest, now);
            }
            bool dropped = false;
            for (std::size_t i = 0; i < active_.size(); ++i) {
                if (z_[i] <= 0.0 && c_[active_[i]] <= kZeroTolerance * largest) {
                    is_active_[active_[i]] = 0;
                    dropped = true;
                }
            }
            if (!dropped) is_active_[active_[least]] = 0;
            std::size_t first = active_.size();
            std::size_t kept = 0;
            for (std::size_t i = 0; i < active_.size(); ++i) {
                if (is_active_[active_[i]] != 0) {
                    active_[kept++] = active_[i];
                } else {
                    c_[active_[i]] = 0.0;
                    first = std::min(first, i);
                }
            }
            active_.resize(kept);
            refactor(first);
        }
    }
}

std::span<const double> NonnegativeLeastSquares::solve(Sign sign) {
    if (!make_normal_equations()) {
        coefficients_.assign(columns_, std::numeric_limits<double>::quiet_NaN());
        return coefficients_;
    }
    const std::size_t size = live_.size();
    c_.assign(size, 0.0);
    active_.clear();
    active_.reserve(size);
    is_active_.assign(size, 0);
    if (sign == Sign::nonnegative) {
        solve_nonnegative();
    } else {
        for (std::size_t k = 0; k < size; ++k) active_.push_back(k);
        refactor(0);
        solve_active();
        c_ = z_;
    }
    coefficients_.assign(prior_.begin(), prior_.end());
    for (std::size_t k = 0; k < size; ++k) coefficients_[live_[k]] = c_[k] / rms_[k];
    return coefficients_;
}

}  // namespace irene::numerics
