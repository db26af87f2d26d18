#include "models/additive/calibrate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "irene/error.hpp"

#include "models/additive/equations.hpp"
#include "models/additive/leaves.hpp"
#include "models/additive/prices.hpp"
#include "models/additive/self.hpp"

namespace irene::models {

namespace {

/// How far devices differ in what all work costs: a factor less 1.
constexpr double kCommonFreedom = 1e3;
/// How far they differ in what a single coefficient adds, of the energy.
constexpr double kCoefficientFreedom = 0.004;
/// Standard deviation of ln(what all work costs), for intervals: e^10 is any factor.
constexpr double kAnyFactor = 10.0;

/// Where one list of coefficients stands among the unknowns: each linear term is one, and all ramps behind
/// them are one, as a curve that may be stretched. Where coefficients may be negative, so may each, by
/// itself.
struct Unknowns {
    std::vector<double>* coefficients = nullptr;
    std::size_t first = 0, num_linear = 0;
};

/// The equations of all measurements over a model's coefficients.
class System {
  public:
    System(AdditiveModel& model, const AdditiveData& data) : model_(model), data_(data), prices_(model) {
        for (AdditiveLeaves& leaves : model.leaves) {
            const std::size_t num_linear = leaf_terms(model.level, leaves.group).size();
            const KindOfWork kind = kind_of_work(kind_of_operation(leaves.group));
            add_unknowns(leaves.coefficients, num_linear, kind);
            for (AdditiveOperation& own : leaves.own) add_unknowns(own.coefficients, num_linear, kind);
        }
        add_unknowns(model.fallback, model.fallback.size(), KindOfWork::other);
        // At level all they may have either sign, and are stretched together.
        add_unknowns(model.self, model.level == AdditiveLevel::all ? 0 : model.self.size(), KindOfWork::self);
        for (AdditiveClass& fitted : model.classes)
            add_unknowns(fitted.coefficients, fitted.coefficients.size(), KindOfWork::self);

        std::vector<Equation> equations;
        for (std::size_t tree = 0; tree < data.data.trees.size(); ++tree) {
            for (const Measurement& row : data.measurements_of(tree)) {
                if (!row.terms.is_leaf || is_absent(row.energy)) continue;
                start_row(row.energy, row.energy, row.weight());
                add(row, 1.0);
            }
            equations.clear();
            add_equations(data, tree, equations);
            for (const Equation& equation : equations) {
                start_row(equation.energy, equation.remainder, equation.weight);
                for (const auto& [part, times] : equation.parts) add(*part, times);
            }
        }
    }

    std::size_t num_unknowns() const noexcept { return values_.size(); }
    KindOfWork kind(std::size_t unknown) const { return kinds_[unknown]; }

    /// Scales the unknowns by groups, group_of[unknown]. Returns the scales.
    std::vector<double> scale(const std::vector<std::size_t>& group_of, std::size_t num_groups,
                              double freedom) {
        resize(num_groups);
        std::fill(system_.prior().begin(), system_.prior().end(), 1.0);
        const double total = std::accumulate(weights_.begin(), weights_.end(), 0.0);
        std::vector<double> mean_squares(num_groups, 0.0);
        for (std::size_t row = 0; row < num_rows(); ++row) {
            for (std::size_t k = 0; k < num_groups; ++k) system_.column(k)[row] = 0.0;
            for (std::size_t i = 0; i < num_unknowns(); ++i)
                system_.column(group_of[i])[row] += values_[i] * term(row, i);
            for (std::size_t k = 0; k < num_groups; ++k) {
                const double value = system_.column(k)[row];
                mean_squares[k] += weights_[row] / total * value * value;
            }
        }
        // The system's ridges are relative to the size of a column, and scales are not.
        for (std::size_t k = 0; k < num_groups; ++k)
            system_.ridge()[k] =
                mean_squares[k] > 0.0 ? bond_of(freedom, num_rows()) / mean_squares[k] : kLinearRidge;
        const std::span<const double> scales = system_.solve(numerics::Sign::nonnegative);
        for (std::size_t i = 0; i < num_unknowns(); ++i) values_[i] *= scales[group_of[i]];
        return {scales.begin(), scales.end()};
    }

    /// The share of each kind of work in what is measured, mean over the rows.
    std::array<double, kNumKindsOfWork> shares() const {
        std::array<double, kNumKindsOfWork> shares{};
        double total = 0.0;
        for (std::size_t row = 0; row < num_rows(); ++row) {
            for (std::size_t i = 0; i < num_unknowns(); ++i) {
                const double share = weights_[row] * std::fabs(values_[i] * term(row, i));
                shares[static_cast<std::size_t>(kinds_[i])] += share;
                total += share;
            }
        }
        for (double& share : shares) share = total > 0.0 ? share / total : 0.0;
        return shares;
    }

    /// What the measurements leave open of the scales of kinds of work: their covariance, where each strays
    /// by kKindFreedom, all together by any factor, and a measurement by kExpectedError or what those at hand
    /// stray by. One measurement after the other takes away what it tells (a Kalman filter's update).
    KindCovariance left_open() const {
        KindCovariance open;
        for (std::size_t i = 0; i < kNumKindsOfWork; ++i) {
            for (std::size_t j = 0; j < kNumKindsOfWork; ++j)
                open[i][j] = kAnyFactor * kAnyFactor + (i == j ? kKindFreedom * kKindFreedom : 0.0);
        }
        const double strays = mean_square_error();
        for (std::size_t row = 0; row < num_rows(); ++row) {
            std::array<double, kNumKindsOfWork> share{}, told{};
            for (std::size_t i = 0; i < num_unknowns(); ++i)
                share[static_cast<std::size_t>(kinds_[i])] += values_[i] * term(row, i);
            double variance = strays;
            for (std::size_t i = 0; i < kNumKindsOfWork; ++i) {
                for (std::size_t j = 0; j < kNumKindsOfWork; ++j) told[i] += open[i][j] * share[j];
                variance += share[i] * told[i];
            }
            for (std::size_t i = 0; i < kNumKindsOfWork; ++i) {
                for (std::size_t j = 0; j < kNumKindsOfWork; ++j) open[i][j] -= told[i] * told[j] / variance;
            }
        }
        for (auto& of_kind : open) {
            for (double& covariance : of_kind) covariance += strays;
        }
        return open;
    }

    /// Mean absolute percentage error on what is measured.
    double error() const {
        double sum = 0.0;
        for (std::size_t row = 0; row < num_rows(); ++row)
            sum += std::fabs(predicted(row) - remainders_[row] / energies_[row]);
        return 100.0 * sum / static_cast<double>(num_rows());
    }

    std::size_t num_rows() const noexcept { return energies_.size(); }

    /// Moves each unknown by itself.
    void move(double freedom) {
        resize(num_unknowns());
        for (std::size_t i = 0; i < num_unknowns(); ++i) {
            for (std::size_t row = 0; row < num_rows(); ++row) system_.column(i)[row] = term(row, i);
            system_.prior()[i] = values_[i];
            system_.ridge()[i] = bond_of(freedom, num_rows());
        }
        const std::span<const double> values = system_.solve(numerics::Sign::nonnegative);
        values_.assign(values.begin(), values.end());
    }

    /// Gives the model its coefficients.
    void finish() {
        for (const auto& [key, unknowns] : unknowns_of_) {
            for (std::size_t k = 0; k < unknowns.coefficients->size(); ++k) {
                double& coefficient = (*unknowns.coefficients)[k];
                const double value = values_[unknowns.first + std::min(k, unknowns.num_linear)];
                coefficient = k < unknowns.num_linear ? value : value * coefficient;
            }
        }
    }

  private:
    double predicted(std::size_t row) const {
        double sum = 0.0;
        for (std::size_t i = 0; i < num_unknowns(); ++i) sum += values_[i] * term(row, i);
        return sum;
    }

    /// Of the relative errors; what is expected counts as one more measurement.
    double mean_square_error() const {
        double sum = kExpectedError * kExpectedError;
        for (std::size_t row = 0; row < num_rows(); ++row) {
            const double error = predicted(row) - remainders_[row] / energies_[row];
            sum += error * error;
        }
        return sum / (1.0 + static_cast<double>(num_rows()));
    }

    void resize(std::size_t num_columns) {
        system_.resize(num_rows(), num_columns);
        for (std::size_t row = 0; row < num_rows(); ++row) {
            system_.right_side()[row] = remainders_[row] / energies_[row];
            system_.weights()[row] = weights_[row];
        }
    }

    double term(std::size_t row, std::size_t unknown) const { return terms_[row * num_unknowns() + unknown]; }

    void add_unknowns(std::vector<double>& coefficients, std::size_t num_linear, KindOfWork kind) {
        unknowns_of_[&coefficients] = {&coefficients, values_.size(), num_linear};
        values_.insert(values_.end(), coefficients.begin(),
                       coefficients.begin() + static_cast<std::ptrdiff_t>(num_linear));
        if (coefficients.size() > num_linear) values_.push_back(1.0);
        kinds_.resize(values_.size(), kind);
    }

    void start_row(double energy, double remainder, double weight) {
        energies_.push_back(energy);
        remainders_.push_back(remainder);
        weights_.push_back(weight);
        terms_.resize(terms_.size() + num_unknowns(), 0.0);
    }

    /// Adds what prices a part to the last row.
    void add(const Measurement& part, double times) {
        const NodeTerms& node = part.terms;
        const AdditivePrices::Known& known = prices_.known(node.instance_type, data_.types);
        if (node.is_leaf) {
            const AdditivePrices::Regressor& regressor = known.of(node);
            node_terms_.assign(
                std::max(kMaxSelfTerms, regressor.terms != nullptr ? regressor.terms->size() : 0), 0.0);
            if (regressor.terms != nullptr) {
                regressor.terms->fill(node, node_terms_.data());
                add(*regressor.coefficients, times);
            } else {
                fill_fallback_terms(model_.level, node, node_terms_.data());
                add(model_.fallback, times);
            }
            return;
        }
        node_terms_.assign(kMaxSelfTerms, 0.0);
        fill_self_terms(model_.level, node, node_terms_.data());
        if (known.class_coefficients != nullptr) {
            add(*known.class_coefficients, times);
            return;
        }
        const std::vector<const AdditiveClass*> alike =
            prices_.classes_like(node.ratio(), data_.signatures[part.signature], data_.types);
        for (const AdditiveClass* fitted : alike)
            add(fitted->coefficients, times / static_cast<double>(alike.size()));
        if (alike.empty()) add(model_.self, times);
    }

    void add(const std::vector<double>& coefficients, double times) {
        const Unknowns& unknowns = unknowns_of_.at(&coefficients);
        double* row = terms_.data() + (num_rows() - 1) * num_unknowns() + unknowns.first;
        for (std::size_t k = 0; k < coefficients.size(); ++k) {
            const double unit = k < unknowns.num_linear ? 1.0 : coefficients[k];
            row[std::min(k, unknowns.num_linear)] += times * unit * node_terms_[k] / energies_.back();
        }
    }

    AdditiveModel& model_;
    const AdditiveData& data_;
    AdditivePrices prices_;
    numerics::NonnegativeLeastSquares system_;
    std::map<const std::vector<double>*, Unknowns> unknowns_of_;
    std::vector<double> values_;  // of the unknowns
    std::vector<KindOfWork> kinds_;
    std::vector<double> energies_, remainders_, weights_;  // of each row
    std::vector<double> terms_;                            // row by row, each over its energy
    std::vector<double> node_terms_;
};

}  // namespace

AdditiveModel calibrate(const AdditiveModel& known, const AdditiveData& data) {
    AdditiveModel model = known;
    System system(model, data);
    Calibration calibration{.num_trees = data.data.trees.size(), .num_measurements = system.num_rows()};
    calibration.error_before = system.error();
    std::vector<std::size_t> group_of(system.num_unknowns(), 0);
    calibration.common = system.scale(group_of, 1, kCommonFreedom).front();
    for (std::size_t i = 0; i < group_of.size(); ++i) group_of[i] = static_cast<std::size_t>(system.kind(i));
    const std::vector<double> by_kind = system.scale(group_of, kNumKindsOfWork, kKindFreedom);
    std::copy(by_kind.begin(), by_kind.end(), calibration.by_kind.begin());
    calibration.shares = system.shares();
    system.move(kCoefficientFreedom);
    calibration.error_after = system.error();
    calibration.left_open = system.left_open();
    if (!std::isfinite(calibration.error_after)) {
        throw Error(ErrorKind::data, "features or energies are too large or too small to be fitted to",
                    {.file = data.data.source});
    }
    system.finish();
    model.calibrations.push_back(calibration);
    // What it tells is the other device's. Intervals are, too, and widen by what is left open.
    model.training_error = {};
    return model;
}

}  // namespace irene::models
