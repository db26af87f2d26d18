#include "models/additive/law.hpp"

#include <algorithm>
#include <array>

namespace irene::models {

namespace {

// Where prices stand in a law of the levels specs and timing.
enum : std::size_t { kCall, kDenseFlops, kDenseBytes, kProductFlops, kProductBytes, kOtherBytes, kSeconds };
constexpr std::size_t kNumTimingPrices = kSeconds + 1;
// At level all.
enum : std::size_t { kJoules, kAllSeconds, kCpuSeconds, kNumAllPrices };

constexpr double kFlopsOfProduct = 2.0;  // of each of rows x inner x outer
constexpr double kBytesOfNumber = 4.0;   // float32

std::size_t num_prices(AdditiveLevel level) noexcept {
    if (level == AdditiveLevel::all) return kNumAllPrices;
    return level == AdditiveLevel::timing ? kNumTimingPrices : kNumTimingPrices - 1;
}

/// Adds what a node does itself, `times` times.
void add_work(AdditiveLevel level, const NodeTerms& node, OperationKind kind, double times,
              double* out) noexcept {
    if (level == AdditiveLevel::all) {
        out[kJoules] += times * (node.is_leaf ? node.joules : node.own_joules);
        out[kAllSeconds] += times * (node.is_leaf ? node.seconds : node.own_seconds);
        out[kCpuSeconds] += times * (node.is_leaf ? node.cpu_seconds : node.own_cpu_seconds);
        return;
    }
    if (level == AdditiveLevel::timing)
        out[kSeconds] += times * (node.is_leaf ? node.seconds : std::max(node.own_seconds, 0.0));
    if (!node.is_leaf) {
        out[kCall] += times * node.launches;
        const bool has_own_bytes = level == AdditiveLevel::specs && !node.attention;
        out[kOtherBytes] +=
            times * (node.softmax_bytes + node.qkv_bytes + (has_own_bytes ? node.own_bytes : 0.0));
        return;
    }
    out[kCall] += times;
    switch (kind) {
        case OperationKind::dense:
        case OperationKind::counted:
            out[kDenseFlops] += times * node.flops;
            out[kDenseBytes] += times * node.bytes;
            break;
        case OperationKind::product:
            out[kProductFlops] += times * node.flops;
            out[kProductBytes] += times * node.bytes;
            break;
        default:
            out[kOtherBytes] += times * node.bytes;
    }
}

}  // namespace

Law fit_law(AdditiveLevel level, Measurements leaves, std::span<const Equation> equations,
            const InstanceTypes& types, numerics::NonnegativeLeastSquares& system) {
    const std::size_t size = num_prices(level);
    std::array<double, kNumTimingPrices> work{};
    system.resize(leaves.size() + equations.size(), size);
    std::size_t row = 0;
    const auto enter = [&](double energy, double weight) {
        for (std::size_t k = 0; k < size; ++k) system.column(k)[row] = work[k] / energy;
        system.weights()[row++] = weight;
        work.fill(0.0);
    };
    for (const Measurement* leaf : leaves) {
        add_work(level, leaf->terms, types.kind(leaf->terms.instance_type), 1.0, work.data());
        enter(leaf->energy, leaf->weight());
    }
    for (const Equation& equation : equations) {
        for (const auto& [part, times] : equation.parts)
            add_work(level, part->terms, types.kind(part->terms.instance_type), times, work.data());
        system.right_side()[row] = equation.remainder / equation.energy;
        enter(equation.energy, equation.weight);
    }
    std::fill(system.ridge().begin(), system.ridge().end(), kLinearRidge);
    const std::span<const double> prices = system.solve(numerics::Sign::nonnegative);
    return {prices.begin(), prices.end()};
}

std::vector<double> leaf_prior(AdditiveLevel level, const Law& law, std::string_view group) {
    std::vector<double> prior;
    if (level == AdditiveLevel::all) {
        prior = law;
    } else {
        switch (kind_of_operation(group)) {
            case OperationKind::dense:
                prior = {law[kCall], kFlopsOfProduct * law[kDenseFlops], kBytesOfNumber * law[kDenseBytes],
                         kBytesOfNumber * law[kDenseBytes], kBytesOfNumber * law[kDenseBytes]};
                break;
            case OperationKind::counted:
                prior = {law[kCall], law[kDenseBytes], law[kDenseFlops]};
                break;
            case OperationKind::product:
                prior = {law[kCall], law[kProductBytes], law[kProductFlops], 0.0};
                break;
            case OperationKind::softmax:
                prior = {law[kCall], law[kOtherBytes], 0.0, 0.0};
                break;
            case OperationKind::other:
                prior = {law[kCall], law[kOtherBytes], 0.0};
        }
        if (level == AdditiveLevel::timing) prior.push_back(law[kSeconds]);
    }
    prior.resize(leaf_terms(level, group).size());
    return prior;
}

std::vector<double> fallback_prior(AdditiveLevel level, const Law& law) {
    if (level == AdditiveLevel::all) return law;
    // An operation that nobody saw may be a product of some kind.
    std::vector<double> prior{law[kCall], law[kOtherBytes], law[kDenseFlops]};
    if (level == AdditiveLevel::timing) prior.push_back(law[kSeconds]);
    return prior;
}

std::vector<double> self_prior(AdditiveLevel level, const Law& law) {
    std::vector<double> prior =
        level == AdditiveLevel::all
            ? law
            : std::vector<double>{level == AdditiveLevel::timing ? law[kSeconds] : law[kOtherBytes],
                                  law[kCall], law[kOtherBytes], law[kOtherBytes]};
    prior.resize(self_terms(level).size());
    return prior;
}

}  // namespace irene::models
