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

/// A call of a run among all that are fitted to.
struct Call {
    std::size_t row = 0;  // its run
    const KernelWork* work = nullptr;
    double gpus = 1.0;
};

class SecondsFit {
  public:
    SecondsFit(const KernelRuns& runs, std::span<const std::size_t> chosen) {
        for (const std::size_t run : chosen) {
            if (is_absent(runs.seconds[run])) continue;
            const KernelTree& tree = runs.trees[run];
            for (const KernelWork& call : tree.calls) calls_.push_back({seconds_.size(), &call, tree.gpus});
            seconds_.push_back(runs.seconds[run]);
        }
    }

    bool has_runs() const noexcept { return !seconds_.empty(); }

    /// Fills the prices of seconds.
    void run(KernelPrices& prices) {
        std::vector<std::size_t> order(calls_.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        const auto work_a_launch = [this](std::size_t i) {
            const KernelWork& work = *calls_[i].work;
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
                    const Sides both = sides(*calls_[i].work, calls_[i].gpus, now);
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
        for (std::size_t i = 0; i < calls_.size(); ++i) {
            const auto& [row, work, gpus] = calls_[i];
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
        for (const auto& [row, work, gpus] : calls_) {
            const Sides both = sides(*work, gpus, prices);
            predicted[row] += std::max(both.gpu, both.host);
            const auto serving = serving_columns(*work);
            for (std::size_t k = 0; k < serving.size(); ++k) {
                predicted[row] +=
                    serving[k] * prices[static_cast<std::size_t>(KernelPrice::serving_seconds_layer) + k];
            }
        }
        double sum = 0.0;
        for (std::size_t row = 0; row < seconds_.size(); ++row) {
            const double error = predicted[row] / seconds_[row] - 1.0;
            sum += error * error;
        }
        return sum / static_cast<double>(seconds_.size());
    }

    std::vector<Call> calls_;
    std::vector<double> seconds_;
    numerics::NonnegativeLeastSquares system_;
};

void fit_joules(const KernelRuns& runs, std::span<const std::size_t> chosen, KernelPrices& prices) {
    numerics::NonnegativeLeastSquares system;
    system.resize(chosen.size(), kNumJoulesPrices);
    std::fill(system.ridge().begin(), system.ridge().end(), kRidge);
    for (std::size_t row = 0; row < chosen.size(); ++row) {
        const KernelTree& tree = runs.trees[chosen[row]];
        // Costs of one joule or watt each: what the prices multiply.
        KernelPrices unit = prices;
        for (std::size_t k = 0; k < kNumJoulesPrices; ++k) {
            for (std::size_t j = 0; j < kNumJoulesPrices; ++j) unit[j] = j == k ? 1.0 : 0.0;
            system.column(k)[row] =
                costs(runs.data.trees[chosen[row]], tree, unit).joules[0] / runs.joules[chosen[row]];
        }
    }
    const std::span<const double> solution = system.solve(numerics::Sign::nonnegative);
    std::copy(solution.begin(), solution.end(), prices.begin());
}

}  // namespace

KernelRuns::KernelRuns(const Dataset& dataset) : data(dataset) {
    for (const Tree& tree : data.trees) {
        trees.push_back(kernel_tree(tree, data.source));
        const Node& root = tree.nodes().front();
        const auto refuse = [&](std::string_view field, const char* message) {
            throw Error(ErrorKind::data, message,
                        {.file = data.source,
                         .line = tree.line(),
                         .node = std::string(tree.scope(0)),
                         .field = std::string(field)});
        };
        if (is_absent(root.measured_energy)) {
            refuse("ground_truth_energy", "is missing: 'kernel_counts' is trained on whole runs");
        }
        joules.push_back(root.measured_energy);
        seconds.push_back(root.features[static_cast<std::size_t>(Feature::times_mean)]);
        if (seconds.back() == 0.0) refuse(name(Feature::times_mean), "is 0, and no run takes no time");
    }
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
