// The law of three prices: what a run costs on a GPU, from the kernels that it launches.
//
//     E(node) = eF F + eB B + P gpus T(node)  [+ eL gpus layers + eT gpus tokens]
//
// F are the flops of the node's own kernels, apart for float32 and narrower numbers; B the bytes that they
// move; P the watts that a GPU takes for being there; T the node's share of the time. What stands in brackets
// is what serving costs in a generation: for each layer and step, and for each token. The time of a call of
// the run (the forward pass; of a generation prefill, and all steps of decode) is that of its longer side:
//
//     GPU   (tF F + tB B + tN launches) / gpus
//     host  hN launches / gpus + hL layers
//
// one maximum over the sums of the call, not one for each kernel, as launches queue up; and in a generation
// sL layers + sT tokens beside it. A node has its share of the longer side. So each joule and each second
// belongs to one node. No price is negative. A layer is a module whose scope ends in a number, counted once a
// call.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "irene/device.hpp"
#include "irene/tree.hpp"

namespace irene::models {

/// The work of a node's own kernels, or a sum of such.
struct KernelWork {
    double float32_flops = 0.0;
    double narrow_flops = 0.0;  ///< of all numbers narrower than float32
    double bytes = 0.0;
    double launches = 0.0;
    double layers = 0.0;  ///< in a forward pass
    double steps = 0.0;   ///< layers x steps of a generation: what serving counts
    double tokens = 0.0;  ///< of all sequences of a generation

    void add(const KernelWork& other) noexcept;
    bool operator==(const KernelWork&) const = default;
};

/// Prices, in the order in which they are fitted and written.
enum class KernelPrice : unsigned char {
    joules_float32_flop,
    joules_narrow_flop,
    joules_byte,
    watts,  ///< of a GPU, whatever it does
    joules_layer,
    joules_token,
    seconds_float32_flop,
    seconds_narrow_flop,
    seconds_byte,
    seconds_launch,
    host_seconds_launch,
    host_seconds_layer,
    serving_seconds_layer,
    serving_seconds_token,
};
inline constexpr std::size_t kNumKernelPrices = 14;
inline constexpr std::size_t kFirstSecondsPrice = 6;

struct KernelPriceRow {
    std::string_view name;
    std::string_view meaning;
    std::string_view unit;  ///< in which it is told
    double per_unit;        ///< so many units are one J, W or s
};
const KernelPriceRow& row(KernelPrice price) noexcept;

using KernelPrices = std::array<double, kNumKernelPrices>;

/// A tree as the law sees it.
struct KernelTree {
    double gpus = 1.0;
    std::vector<KernelWork> own;         ///< of each node
    std::vector<std::uint32_t> call_of;  ///< of each node
    std::vector<KernelWork> calls;       ///< sums over each call
};

/// Where a datasheet is told, a flop in float8, int8 or the like counts as many as bfloat16 does in its time.
/// A roofline asks for that; the law does not: on the one model in float8 among its runs it made errors
/// greater (H100 generation, leave one model out: 8.1 % of the joules for 7.5). Throws Error (data) naming
/// `source`, line and node where a count is absent, and for a tree of the paper's counts.
KernelTree kernel_tree(const Tree& tree, const std::string& source, const std::optional<Device>& device = {});

/// Columns of the sums that prices multiply.
inline constexpr std::size_t kNumGpuColumns = 4, kNumHostColumns = 2, kNumServingColumns = 2;
std::array<double, kNumGpuColumns> gpu_columns(const KernelWork& work, double gpus) noexcept;
std::array<double, kNumHostColumns> host_columns(const KernelWork& work, double gpus) noexcept;
std::array<double, kNumServingColumns> serving_columns(const KernelWork& work) noexcept;

/// Seconds of a call on its two sides, without serving.
struct Sides {
    double gpu = 0.0, host = 0.0;
};
Sides sides(const KernelWork& work, double gpus, const KernelPrices& prices) noexcept;

/// By call: whether it waits for the GPU, or for the host.
std::vector<char> calls_that_wait_for_gpu(const KernelTree& kernels, const KernelPrices& prices);

/// What a part of a call costs. Of its joules, eF F are arithmetic, eB B memory, and all others static.
struct KernelCost {
    double seconds = 0.0, joules = 0.0;
    EnergyParts parts{0.0, 0.0, 0.0};
};
KernelCost cost_of(const KernelWork& part, bool waits_for_gpu, double gpus,
                   const KernelPrices& prices) noexcept;

/// What each price has a part of: the derivatives by ln(price).
struct PriceShares {
    KernelPrices seconds{}, joules{};
    KernelCost total;
    void add(const PriceShares& other) noexcept;
};
PriceShares shares_of(const KernelWork& part, bool waits_for_gpu, double gpus,
                      const KernelPrices& prices) noexcept;

/// Seconds, joules and their parts of every node, its own and all below.
struct KernelCosts {
    std::vector<double> seconds, joules;
    std::vector<EnergyParts> parts;
};
KernelCosts costs(const Tree& tree, const KernelTree& kernels, const KernelPrices& prices);

}  // namespace irene::models
