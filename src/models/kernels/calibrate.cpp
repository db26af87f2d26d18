#include "models/kernels/calibrate.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "irene/error.hpp"

#include "models/kernels/fitted.hpp"
#include "numerics/elementary.hpp"
#include "numerics/logarithm.hpp"

namespace irene::models {

namespace {

// Standard deviations of ln(price) between devices.
constexpr double kOwnFreedom = 0.3;  // of each price
constexpr double kDatasheetFreedom =
    0.3;                              // of all joules, and of all times of the GPU, where datasheets are told
constexpr double kAnyFactor = 10.0;   // where none are: e^10 is any factor
constexpr double kHostFreedom = 0.5;  // of all times of the host, and of serving
/// What a run is expected to stray from the law by, where no model was held out to learn it.
constexpr double kUsualError = 0.06;

/// Prices that devices differ in together.
enum class PriceGroup : unsigned char { joules, gpu_seconds, host_seconds, serving_seconds };

PriceGroup group_of(std::size_t price) {
    if (price < kFirstSecondsPrice) return PriceGroup::joules;
    if (price < static_cast<std::size_t>(KernelPrice::host_seconds_launch)) return PriceGroup::gpu_seconds;
    return price < static_cast<std::size_t>(KernelPrice::serving_seconds_layer) ? PriceGroup::host_seconds
                                                                                : PriceGroup::serving_seconds;
}

double freedom_of(PriceGroup group, bool has_datasheets) {
    if (group == PriceGroup::host_seconds || group == PriceGroup::serving_seconds) return kHostFreedom;
    return has_datasheets ? kDatasheetFreedom : kAnyFactor;
}

/// Held-out models' root mean square error, of a type of node.
double expected_error(const Intervals& intervals, NodeType type) {
    constexpr std::size_t kTwoThirds = 66;  // of the errors lie within one standard deviation
    const Spread& spread = intervals.spread[static_cast<std::size_t>(type)];
    if (spread.within.empty()) return kUsualError;
    return std::max(kUsualError, std::hypot(spread.between, spread.within[kTwoThirds]));
}

class PriceFit {
  public:
    PriceFit(const KernelModel& model, const KernelRuns& runs, bool has_datasheets)
        : model_(model), runs_(runs), prices_(model.prices) {
        const std::size_t num_prices = model.has_seconds ? kNumKernelPrices : kFirstSecondsPrice;
        for (std::size_t k = 0; k < num_prices; ++k) {
            if (prices_[k] > 0.0) unknowns_.push_back(k);
        }
        const auto size = static_cast<Eigen::Index>(unknowns_.size());
        Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(size, size);
        for (Eigen::Index i = 0; i < size; ++i) {
            for (Eigen::Index j = 0; j < size; ++j) {
                const PriceGroup group = group_of(price(i));
                const double freedom = freedom_of(group, has_datasheets);
                if (group == group_of(price(j))) covariance(i, j) = freedom * freedom;
            }
            covariance(i, i) += kOwnFreedom * kOwnFreedom;
        }
        bond_ = covariance.llt().solve(Eigen::MatrixXd::Identity(size, size));
        moves_ = Eigen::VectorXd::Zero(size);
    }

    void run() {
        constexpr int kMaxSteps = 200;
        constexpr int kMaxHalvings = 40;
        constexpr double kSmallest = 1e-10;
        double least = objective(moves_);
        for (int step = 0; step < kMaxSteps; ++step) {
            Eigen::VectorXd downhill;
            curvature_ = curvature(downhill);
            Eigen::VectorXd move = curvature_.llt().solve(downhill);
            int halvings = 0;
            while (!(objective(moves_ + move) < least) && halvings++ < kMaxHalvings) move *= 0.5;
            if (halvings > kMaxHalvings) break;
            moves_ += move;
            least = objective(moves_);
            if (move.cwiseAbs().maxCoeff() < kSmallest) break;
        }
        set_prices(moves_);
        Eigen::VectorXd downhill;
        curvature_ = curvature(downhill);
    }

    const KernelPrices& prices() const { return prices_; }

    PriceCovariance left_open() const {
        const auto size = static_cast<Eigen::Index>(unknowns_.size());
        const Eigen::MatrixXd inverse = curvature_.llt().solve(Eigen::MatrixXd::Identity(size, size));
        PriceCovariance left_open{};
        for (Eigen::Index i = 0; i < size; ++i) {
            for (Eigen::Index j = 0; j < size; ++j) left_open[price(i)][price(j)] = inverse(i, j);
        }
        return left_open;
    }

  private:
    std::size_t price(Eigen::Index unknown) const { return unknowns_[static_cast<std::size_t>(unknown)]; }

    void set_prices(const Eigen::VectorXd& moves) {
        for (Eigen::Index i = 0; i < moves.size(); ++i)
            prices_[price(i)] = model_.prices[price(i)] * numerics::exponential(moves(i));
    }

    double objective(const Eigen::VectorXd& moves) {
        set_prices(moves);
        double sum = moves.dot(bond_ * moves);
        for (const KernelMeasurement& measured : runs_.measurements) {
            const KernelCost cost = cost_of(measured, runs_.trees[measured.run], prices_);
            const auto add = [&](double predicted, double truth) {
                const double error =
                    log_ratio_of(predicted, truth) / expected_error(model_.intervals, measured.type);
                sum += measured.weight * error * error;
            };
            add(cost.joules, measured.joules);
            if (is_timed(measured)) add(cost.seconds, measured.seconds);
        }
        return sum;
    }

    bool is_timed(const KernelMeasurement& measured) const {
        return model_.has_seconds && !is_absent(measured.seconds);
    }

    /// Half the second derivatives of the objective, as Gauss has them, and half of its slope, downwards.
    Eigen::MatrixXd curvature(Eigen::VectorXd& downhill) {
        set_prices(moves_);
        Eigen::MatrixXd curvature = bond_;
        downhill = -(bond_ * moves_);
        Eigen::VectorXd row(moves_.size());
        for (const KernelMeasurement& measured : runs_.measurements) {
            const PriceShares shares = shares_of(measured, runs_.trees[measured.run], prices_);
            const auto add = [&](const KernelPrices& parts, double predicted, double truth) {
                for (Eigen::Index i = 0; i < row.size(); ++i) row(i) = parts[price(i)] / predicted;
                const double error = expected_error(model_.intervals, measured.type);
                const double weight = measured.weight / (error * error);
                curvature += weight * row * row.transpose();
                downhill -= weight * log_ratio_of(predicted, truth) * row;
            };
            add(shares.joules, shares.total.joules, measured.joules);
            if (is_timed(measured)) add(shares.seconds, shares.total.seconds, measured.seconds);
        }
        return curvature;
    }

    const KernelModel& model_;
    const KernelRuns& runs_;
    KernelPrices prices_;
    std::vector<std::size_t> unknowns_;
    Eigen::MatrixXd bond_, curvature_;
    Eigen::VectorXd moves_;  // of ln(price)
};

std::optional<double> mean_error(const KernelRuns& runs, const KernelPrices& prices) {
    double sum = 0.0, weights = 0.0;
    for (const KernelMeasurement& measured : runs.measurements) {
        const KernelCost cost = cost_of(measured, runs.trees[measured.run], prices);
        sum += measured.weight * std::fabs(cost.joules / measured.joules - 1.0);
        weights += measured.weight;
    }
    if (weights == 0.0) return std::nullopt;
    return 100.0 * sum / weights;
}

}  // namespace

KernelPrices ratios_of_datasheets(const Device& from, const Device& to) {
    const double watts = to.watts / from.watts;
    const auto joules_flop = [&](Dtype dtype) { return watts * from.peak(dtype) / to.peak(dtype); };
    const auto seconds_flop = [&](Dtype dtype) {
        return from.peak_as_measured(dtype) / to.peak_as_measured(dtype);
    };
    const double seconds_byte = from.bytes_per_second / to.bytes_per_second;
    KernelPrices ratios;
    ratios.fill(1.0);
    const auto set = [&ratios](KernelPrice price, double ratio) {
        ratios[static_cast<std::size_t>(price)] = ratio;
    };
    set(KernelPrice::joules_float32_flop, joules_flop(Dtype::float32));
    set(KernelPrice::joules_narrow_flop, joules_flop(Dtype::bfloat16));
    set(KernelPrice::joules_byte, watts * seconds_byte);
    set(KernelPrice::watts, watts);
    set(KernelPrice::joules_layer, watts);
    set(KernelPrice::joules_token, watts);
    set(KernelPrice::seconds_float32_flop, seconds_flop(Dtype::float32));
    set(KernelPrice::seconds_narrow_flop, seconds_flop(Dtype::bfloat16));
    set(KernelPrice::seconds_byte, seconds_byte);
    return ratios;
}

KernelModel calibrate(const KernelModel& known, const std::optional<Device>& from,
                      const std::optional<Device>& to, const KernelRuns& runs) {
    KernelModel model = known;
    KernelCalibration calibration{.num_trees = runs.trees.size(),
                                  .num_measurements = runs.measurements.size()};
    const bool has_datasheets = from.has_value() && to.has_value();
    calibration.error_before = mean_error(runs, model.prices);
    if (has_datasheets) {
        calibration.from = from->name;
        calibration.to = to->name;
        const KernelPrices ratios = ratios_of_datasheets(*from, *to);
        for (std::size_t k = 0; k < ratios.size(); ++k) {
            // Without times, a second stands for a launch.
            if (model.has_seconds || k < kFirstSecondsPrice) model.prices[k] *= ratios[k];
        }
        calibration.error_by_datasheets = mean_error(runs, model.prices);
    }
    PriceFit fit(model, runs, has_datasheets);
    fit.run();
    model.prices = fit.prices();
    calibration.left_open = fit.left_open();
    calibration.error_after = mean_error(runs, model.prices);
    for (std::size_t k = 0; k < kNumKernelPrices; ++k)
        calibration.scales[k] = known.prices[k] > 0.0 ? model.prices[k] / known.prices[k] : 1.0;
    const auto is_finite = [](double value) { return std::isfinite(value); };
    if (!std::all_of(model.prices.begin(), model.prices.end(), is_finite) ||
        !std::isfinite(calibration.error_after.value_or(0.0))) {
        throw Error(ErrorKind::data, "counts, times or energies are too large or too small to be fitted to",
                    {.file = runs.data.source});
    }
    for (const KernelTree& tree : runs.trees) {
        const std::vector<char> waits_for_gpu = calls_that_wait_for_gpu(tree, model.prices);
        for (std::size_t call = 0; call < tree.calls.size(); ++call) {
            if (tree.calls[call].launches == 0.0) continue;
            (waits_for_gpu[call] != 0 ? calibration.saw_gpu : calibration.saw_host) = true;
        }
    }
    model.joules_error = calibration.error_after.value_or(model.joules_error);
    model.seconds_error = std::nullopt;
    model.calibrations.push_back(calibration);
    return model;
}

std::vector<std::string> what_was_not_measured(const KernelCalibration& calibration) {
    std::vector<std::string> all;
    if (calibration.num_trees == 0)
        all.emplace_back("nothing was measured on the other device: all rests on the two datasheets");
    if (!calibration.saw_host) {
        all.emplace_back(
            "no measured run waits for the host, as small runs do: what these cost is the known host's");
    }
    if (calibration.num_trees > 0 && !calibration.saw_gpu)
        all.emplace_back("no measured run waits for the GPU, as large runs do: all are bound by the host");
    return all;
}

}  // namespace irene::models
