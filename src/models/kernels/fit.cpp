#include "models/kernels/fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "irene/error.hpp"

#include "numerics/nonnegative_least_squares.hpp"

namespace irene::models {

namespace {

constexpr double kRidge = 1e-9;  // for uniqueness only
constexpr int kSteps = 100;
constexpr int kStarts = 4;
constexpr std::size_t kNumSecondsPrices = kNumKernelPrices - kFirstSecondsPrice;
constexpr std::size_t kNumJoulesPrices = kFirstSecondsPrice;

/// A part of a measured node among all that are fitted to, in its call.
struct Call {
    std::size_t row = 0;  // the measurement's
    const KernelWork* part = nullptr;
    const KernelWork* whole = nullptr;
    double gpus = 1.0;
};

class SecondsFit {
  public:
    SecondsFit(const KernelRuns& runs, std::span<const std::size_t> chosen) {
        for (const std::size_t run : chosen) {
            const KernelTree& tree = runs.trees[run];
            for (const KernelMeasurement& measured : runs.of_run(run)) {
                if (is_absent(measured.seconds)) continue;
                for (const auto& [call, work] : measured.parts)
                    calls_.push_back({seconds_.size(), &work, &tree.calls[call], tree.gpus});
                seconds_.push_back(measured.seconds);
                weights_.push_back(measured.weight);
            }
        }
    }

    bool has_runs() const noexcept { return !seconds_.empty(); }

    /// Fills the prices of seconds.
    void run(KernelPrices& prices) {
        std::vector<std::size_t> order(calls_.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        const auto work_a_launch = [this](std::size_t i) {
            const KernelWork& work = *calls_[i].whole;
            return work.launches > 0.0 ? work.bytes / work.launches : 0.0;
        };
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return work_a_launch(a) < work_a_launch(b); });
        KernelPrices best = prices;
        double least = std::numeric_limits<double>::infinity();
        for (int start = 0; start < kStarts; ++start) {
            std::vector<char> waits_for_gpu(calls_.size(), 1);
            for (std::size_t i = 0; i < order.size() * static_cast<std::size_t>(start) / kStarts; ++i)
                waits_for_gpu[order[i]] = 0;
            KernelPrices now = solve(waits_for_gpu, prices);
            for (int step = 0; step < kSteps; ++step) {
                const double error = mean_square_error(now);
                if (error < least) {
                    least = error;
                    best = now;
                }
                for (std::size_t i = 0; i < calls_.size(); ++i) {
                    const Sides both = sides(*calls_[i].whole, calls_[i].gpus, now);
                    waits_for_gpu[i] = both.gpu >= both.host ? 1 : 0;
                }
                const KernelPrices next = solve(waits_for_gpu, now);
                for (std::size_t k = kFirstSecondsPrice; k < kNumKernelPrices; ++k)
                    now[k] = 0.5 * (now[k] + next[k]);
            }
        }
        prices = best;
    }

  private:
    KernelPrices solve(const std::vector<char>& waits_for_gpu, const KernelPrices& before) {
        system_.resize(seconds_.size(), kNumSecondsPrices);
        for (std::size_t k = 0; k < kNumSecondsPrices; ++k) {
            const std::span<double> column = system_.column(k);
            std::fill(column.begin(), column.end(), 0.0);
            // What no run tells keeps its price.
            system_.prior()[k] = before[kFirstSecondsPrice + k];
            system_.ridge()[k] = kRidge;
        }
        std::copy(weights_.begin(), weights_.end(), system_.weights().begin());
        for (std::size_t i = 0; i < calls_.size(); ++i) {
            const auto& [row, work, whole, gpus] = calls_[i];
            const auto add = [&, row = row](std::size_t first, const auto& values) {
                for (std::size_t k = 0; k < values.size(); ++k)
                    system_.column(first + k)[row] += values[k] / seconds_[row];
            };
            if (waits_for_gpu[i] != 0)
                add(0, gpu_columns(*work, gpus));
            else
                add(kNumGpuColumns, host_columns(*work, gpus));
            add(kNumGpuColumns + kNumHostColumns, serving_columns(*work));
        }
        const std::span<const double> solution = system_.solve(numerics::Sign::nonnegative);
        KernelPrices prices = before;
        std::copy(solution.begin(), solution.end(), prices.begin() + kFirstSecondsPrice);
        return prices;
    }

    double mean_square_error(const KernelPrices& prices) const {
        std::vector<double> predicted(seconds_.size(), 0.0);
        for (const auto& [row, part, whole, gpus] : calls_) {
            const Sides both = sides(*whole, gpus, prices);
            predicted[row] += cost_of(*part, both.gpu >= both.host, gpus, prices).seconds;
        }
        double sum = 0.0, weights = 0.0;
        for (std::size_t row = 0; row < seconds_.size(); ++row) {
            const double error = predicted[row] / seconds_[row] - 1.0;
            sum += weights_[row] * error * error;
            weights += weights_[row];
        }
        return sum / weights;
    }

    std::vector<Call> calls_;
    std::vector<double> seconds_, weights_;  // of each row
    numerics::NonnegativeLeastSquares system_;
};

void fit_joules(const KernelRuns& runs, std::span<const std::size_t> chosen, KernelPrices& prices) {
    std::size_t num_rows = 0;
    for (const std::size_t run : chosen) num_rows += runs.of_run(run).size();
    numerics::NonnegativeLeastSquares system;
    system.resize(num_rows, kNumJoulesPrices);
    std::fill(system.ridge().begin(), system.ridge().end(), kRidge);
    std::size_t row = 0;
    for (const std::size_t run : chosen) {
        for (const KernelMeasurement& measured : runs.of_run(run)) {
            // Costs at a price of one joule or watt each: what the prices multiply.
            KernelPrices unit = prices;
            std::fill_n(unit.begin(), kNumJoulesPrices, 0.0);
            for (std::size_t k = 0; k < kNumJoulesPrices; ++k) {
                unit[k] = 1.0;
                system.column(k)[row] = cost_of(measured, runs.trees[run], unit).joules / measured.joules;
                unit[k] = 0.0;
            }
            system.weights()[row] = measured.weight;
            ++row;
        }
    }
    const std::span<const double> solution = system.solve(numerics::Sign::nonnegative);
    std::copy(solution.begin(), solution.end(), prices.begin());
}

/// The root where it was measured, else the topmost nodes that were.
std::vector<std::size_t> topmost_measured(const Tree& tree) {
    std::vector<std::size_t> topmost;
    std::vector<char> is_in_one(tree.nodes().size(), 0);
    for (std::size_t i = 0; i < tree.nodes().size(); ++i) {
        const Node& node = tree.nodes()[i];
        if (i > 0 && is_in_one[static_cast<std::size_t>(node.parent)] != 0) {
            is_in_one[i] = 1;
        } else if (!is_absent(node.measured_energy)) {
            is_in_one[i] = 1;
            topmost.push_back(i);
        }
    }
    return topmost;
}

/// Of the node and all below it, which follow it in node order.
KernelMeasurement measurement_of(const Tree& tree, const KernelTree& kernels, std::size_t top) {
    KernelMeasurement measured{
        .type = tree.nodes()[top].type,
        .joules = tree.nodes()[top].measured_energy,
        .seconds = tree.nodes()[top].features[static_cast<std::size_t>(Feature::times_mean)]};
    for (std::size_t i = top; i < tree.nodes().size(); ++i) {
        if (i > top && tree.nodes()[i].parent < static_cast<std::int32_t>(top)) break;
        const std::uint32_t call = kernels.call_of[i];
        auto part = std::find_if(measured.parts.begin(), measured.parts.end(),
                                 [call](const auto& candidate) { return candidate.call == call; });
        if (part == measured.parts.end()) part = measured.parts.insert(part, {.call = call, .work = {}});
        part->work.add(kernels.own[i]);
    }
    return measured;
}

}  // namespace

KernelRuns::KernelRuns(const Dataset& dataset) : data(dataset) {
    for (const Tree& tree : data.trees) {
        first_measurement.push_back(measurements.size());
        trees.push_back(kernel_tree(tree, data.source));
        const auto refuse = [&](std::size_t node, std::string_view field, const char* message) {
            throw Error(ErrorKind::data, message,
                        {.file = data.source,
                         .line = tree.line(),
                         .node = std::string(tree.scope(node)),
                         .field = std::string(field)});
        };
        const std::vector<std::size_t> topmost = topmost_measured(tree);
        if (topmost.empty()) refuse(0, "ground_truth_energy", "is missing on all nodes of the tree");
        for (const std::size_t node : topmost) {
            KernelMeasurement& measured = measurements.emplace_back(measurement_of(tree, trees.back(), node));
            measured.run = trees.size() - 1;
            measured.weight = 1.0 / static_cast<double>(topmost.size());
            if (measured.seconds == 0.0)
                refuse(node, name(Feature::times_mean), "is 0, and nothing takes no time");
        }
    }
    first_measurement.push_back(measurements.size());
}

KernelCost cost_of(const KernelMeasurement& measured, const KernelTree& kernels, const KernelPrices& prices) {
    KernelCost sum;
    for (const auto& [call, work] : measured.parts) {
        const Sides both = sides(kernels.calls[call], kernels.gpus, prices);
        const KernelCost cost = cost_of(work, both.gpu >= both.host, kernels.gpus, prices);
        sum.seconds += cost.seconds;
        sum.joules += cost.joules;
    }
    return sum;
}

PriceShares shares_of(const KernelMeasurement& measured, const KernelTree& kernels,
                      const KernelPrices& prices) {
    PriceShares sum;
    for (const auto& [call, work] : measured.parts) {
        const Sides both = sides(kernels.calls[call], kernels.gpus, prices);
        sum.add(shares_of(work, both.gpu >= both.host, kernels.gpus, prices));
    }
    return sum;
}

KernelPrices fit_kernel_prices(const KernelRuns& runs, std::span<const std::size_t> chosen) {
    if (chosen.empty()) throw Error(ErrorKind::data, "no tree to fit to", {.file = runs.data.source});
    KernelPrices prices{};
    SecondsFit seconds(runs, chosen);
    if (seconds.has_runs())
        seconds.run(prices);
    else
        prices[static_cast<std::size_t>(KernelPrice::seconds_launch)] = 1.0;
    fit_joules(runs, chosen, prices);
    if (!std::all_of(prices.begin(), prices.end(), [](double price) { return std::isfinite(price); })) {
        throw Error(ErrorKind::data, "counts, times or energies are too large or too small to be fitted to",
                    {.file = runs.data.source});
    }
    return prices;
}

}  // namespace irene::models
