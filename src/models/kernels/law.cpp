#include "models/kernels/law.hpp"

#include <algorithm>
#include <cctype>

#include "irene/error.hpp"
#include "irene/run.hpp"

#include "models/feature_rows.hpp"

namespace irene::models {

namespace {

constexpr double kFlopsOfFeature = 1e6;
constexpr double kBytesOfFeature = 1048576.0;

constexpr std::array<KernelPriceRow, kNumKernelPrices> kRows{{
    {"joules_float32_flop", "a flop in float32", "pJ", 1e12},
    {"joules_narrow_flop", "a flop in narrower numbers", "pJ", 1e12},
    {"joules_byte", "a byte moved", "pJ", 1e12},
    {"watts", "a GPU, whatever it does", "W", 1.0},
    {"joules_layer", "serving: a layer, step and GPU", "mJ", 1e3},
    {"joules_token", "serving: a token and GPU", "mJ", 1e3},
    {"seconds_float32_flop", "GPU: a flop in float32", "ps", 1e12},
    {"seconds_narrow_flop", "GPU: a flop in narrower numbers", "ps", 1e12},
    {"seconds_byte", "GPU: a byte", "ps", 1e12},
    {"seconds_launch", "GPU: a launch", "us", 1e6},
    {"host_seconds_launch", "host: a launch", "us", 1e6},
    {"host_seconds_layer", "host: a layer", "us", 1e6},
    {"serving_seconds_layer", "serving: a layer and step", "us", 1e6},
    {"serving_seconds_token", "serving: a token", "us", 1e6},
}};

double price_of(const KernelPrices& prices, KernelPrice which) {
    return prices[static_cast<std::size_t>(which)];
}

/// "root.decode.11" is a layer, "root.decode.11.mlp" is none.
bool is_layer(std::string_view scope) {
    const std::size_t dot = scope.rfind('.');
    const std::string_view last = dot == std::string_view::npos ? scope : scope.substr(dot + 1);
    return !last.empty() &&
           std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
}

double count_of(const Node& node, Feature feature, double otherwise) {
    const double value = node.features[static_cast<std::size_t>(feature)];
    return is_absent(value) ? otherwise : value;
}

}  // namespace

const KernelPriceRow& row(KernelPrice price) noexcept { return kRows[static_cast<std::size_t>(price)]; }

void KernelWork::add(const KernelWork& other) noexcept {
    float32_flops += other.float32_flops;
    narrow_flops += other.narrow_flops;
    bytes += other.bytes;
    launches += other.launches;
    layers += other.layers;
    steps += other.steps;
    tokens += other.tokens;
}

KernelTree kernel_tree(const Tree& tree, const std::string& source, const std::optional<Device>& device) {
    if (tree.counting() != Counting::kernels) {
        throw Error(ErrorKind::data,
                    "is " + in_quotes(name(tree.counting())) +
                        ", and 'kernel_counts' needs 'kernels'; irene-extract --counting kernels writes such",
                    {.file = source, .line = tree.line(), .field = std::string(name(RunKey::counting))});
    }
    const auto dtype_of =
        [of_run = dtype_from_name(std::get<std::string>(tree.run(RunKey::dtype)))](const Node& node) {
            return node.dtype.value_or(of_run.value_or(Dtype::float32));
        };
    constexpr std::array kNeeded{Feature::flops, Feature::mem_bytes, Feature::launches};
    const auto new_tokens = static_cast<double>(std::get<std::int64_t>(tree.run(RunKey::new_tokens)));
    const std::size_t num_nodes = tree.nodes().size();
    KernelTree kernels;
    kernels.gpus = static_cast<double>(std::get<std::int64_t>(tree.run(RunKey::gpus)));
    kernels.own.resize(num_nodes);
    kernels.call_of.resize(num_nodes);
    kernels.calls.resize(1);
    std::array<double, kNeeded.size()> counts{};
    for (std::size_t i = 0; i < num_nodes; ++i) {
        copy_features(tree, i, kNeeded, source, counts.data());
        const Node& node = tree.nodes()[i];
        const auto parent = static_cast<std::size_t>(std::max(node.parent, 0));
        KernelWork& own = kernels.own[i];
        own.bytes = counts[1] * kBytesOfFeature;
        own.launches = counts[2];
        const bool is_float32 = dtype_of(node) == Dtype::float32;
        (is_float32 ? own.float32_flops : own.narrow_flops) = counts[0] * kFlopsOfFeature;
        kernels.call_of[i] = kernels.call_of[parent];
        if (new_tokens > 0.0 && node.parent == 0) {
            const std::string_view type = tree.instance_type(i);
            if (type == "Prefill" || type == "Decode") {
                kernels.call_of[i] = static_cast<std::uint32_t>(kernels.calls.size());
                kernels.calls.emplace_back();
                // The prompt gives the first token.
                own.tokens =
                    static_cast<double>(tree.batch_size()) * (type == "Prefill" ? 1.0 : new_tokens - 1.0);
            }
        }
        if (!tree.is_leaf(i) && is_layer(tree.scope(i))) {
            own.layers = count_of(node, Feature::calls, 1.0);
            if (new_tokens > 0.0) own.steps = own.layers;
        }
    }
    // Counts of a node are those of all below it too. A node's flops may be in a narrower dtype than its
    // parent says: all flops below are taken off together.
    for (std::size_t i = num_nodes; i-- > 1;) {
        const Node& node = tree.nodes()[i];
        KernelWork& parent = kernels.own[static_cast<std::size_t>(node.parent)];
        parent.bytes -= count_of(node, Feature::mem_bytes, 0.0) * kBytesOfFeature;
        parent.launches -= count_of(node, Feature::launches, 0.0);
        double& flops = parent.float32_flops > 0.0 ? parent.float32_flops : parent.narrow_flops;
        flops -= count_of(node, Feature::flops, 0.0) * kFlopsOfFeature;
    }
    for (std::size_t i = 0; i < num_nodes; ++i) {
        KernelWork& own = kernels.own[i];
        for (double* value : {&own.float32_flops, &own.narrow_flops, &own.bytes, &own.launches})
            *value = std::max(*value, 0.0);
        // What rounding leaves of a sum is no work.
        const double flops = count_of(tree.nodes()[i], Feature::flops, 0.0) * kFlopsOfFeature;
        const double bytes = count_of(tree.nodes()[i], Feature::mem_bytes, 0.0) * kBytesOfFeature;
        constexpr double kRest = 1e-12;
        if (own.float32_flops < kRest * flops) own.float32_flops = 0.0;
        if (own.narrow_flops < kRest * flops) own.narrow_flops = 0.0;
        if (own.bytes < kRest * bytes) own.bytes = 0.0;
        if (device)
            own.narrow_flops *= device->peak(Dtype::bfloat16) / device->peak(dtype_of(tree.nodes()[i]));
        kernels.calls[kernels.call_of[i]].add(own);
    }
    return kernels;
}

std::array<double, kNumGpuColumns> gpu_columns(const KernelWork& work, double gpus) noexcept {
    return {work.float32_flops / gpus, work.narrow_flops / gpus, work.bytes / gpus, work.launches / gpus};
}

std::array<double, kNumHostColumns> host_columns(const KernelWork& work, double gpus) noexcept {
    return {work.launches / gpus, work.layers};
}

std::array<double, kNumServingColumns> serving_columns(const KernelWork& work) noexcept {
    return {work.steps, work.tokens};
}

Sides sides(const KernelWork& work, double gpus, const KernelPrices& prices) noexcept {
    Sides both;
    const auto gpu = gpu_columns(work, gpus);
    for (std::size_t k = 0; k < gpu.size(); ++k)
        both.gpu += gpu[k] * prices[static_cast<std::size_t>(KernelPrice::seconds_float32_flop) + k];
    const auto host = host_columns(work, gpus);
    for (std::size_t k = 0; k < host.size(); ++k)
        both.host += host[k] * prices[static_cast<std::size_t>(KernelPrice::host_seconds_launch) + k];
    return both;
}

std::vector<char> calls_that_wait_for_gpu(const KernelTree& kernels, const KernelPrices& prices) {
    std::vector<char> waits_for_gpu;
    for (const KernelWork& call : kernels.calls) {
        const Sides both = sides(call, kernels.gpus, prices);
        waits_for_gpu.push_back(both.gpu >= both.host ? 1 : 0);
    }
    return waits_for_gpu;
}

KernelCost cost_of(const KernelWork& part, bool waits_for_gpu, double gpus,
                   const KernelPrices& prices) noexcept {
    const Sides both = sides(part, gpus, prices);
    KernelCost cost;
    cost.seconds = (waits_for_gpu ? both.gpu : both.host) +
                   price_of(prices, KernelPrice::serving_seconds_layer) * part.steps +
                   price_of(prices, KernelPrice::serving_seconds_token) * part.tokens;
    cost.parts.arithmetic_joules = price_of(prices, KernelPrice::joules_float32_flop) * part.float32_flops +
                                   price_of(prices, KernelPrice::joules_narrow_flop) * part.narrow_flops;
    cost.parts.memory_joules = price_of(prices, KernelPrice::joules_byte) * part.bytes;
    cost.parts.static_joules = gpus * (price_of(prices, KernelPrice::watts) * cost.seconds +
                                       price_of(prices, KernelPrice::joules_layer) * part.steps +
                                       price_of(prices, KernelPrice::joules_token) * part.tokens);
    cost.joules = cost.parts.arithmetic_joules + cost.parts.memory_joules + cost.parts.static_joules;
    return cost;
}

void PriceShares::add(const PriceShares& other) noexcept {
    for (std::size_t k = 0; k < kNumKernelPrices; ++k) {
        seconds[k] += other.seconds[k];
        joules[k] += other.joules[k];
    }
    total.seconds += other.total.seconds;
    total.joules += other.total.joules;
}

PriceShares shares_of(const KernelWork& part, bool waits_for_gpu, double gpus,
                      const KernelPrices& prices) noexcept {
    PriceShares shares;
    shares.total = cost_of(part, waits_for_gpu, gpus, prices);
    const auto add_seconds = [&](KernelPrice first, const auto& columns) {
        for (std::size_t k = 0; k < columns.size(); ++k) {
            const std::size_t price = static_cast<std::size_t>(first) + k;
            shares.seconds[price] = columns[k] * prices[price];
        }
    };
    if (waits_for_gpu)
        add_seconds(KernelPrice::seconds_float32_flop, gpu_columns(part, gpus));
    else
        add_seconds(KernelPrice::host_seconds_launch, host_columns(part, gpus));
    add_seconds(KernelPrice::serving_seconds_layer, serving_columns(part));
    const double watts = gpus * price_of(prices, KernelPrice::watts);
    for (std::size_t k = kFirstSecondsPrice; k < kNumKernelPrices; ++k)
        shares.joules[k] = watts * shares.seconds[k];
    const auto set = [&](KernelPrice price, double amount) {
        shares.joules[static_cast<std::size_t>(price)] = amount * price_of(prices, price);
    };
    set(KernelPrice::joules_float32_flop, part.float32_flops);
    set(KernelPrice::joules_narrow_flop, part.narrow_flops);
    set(KernelPrice::joules_byte, part.bytes);
    set(KernelPrice::watts, gpus * shares.total.seconds);
    set(KernelPrice::joules_layer, gpus * part.steps);
    set(KernelPrice::joules_token, gpus * part.tokens);
    return shares;
}

KernelCosts costs(const Tree& tree, const KernelTree& kernels, const KernelPrices& prices) {
    const std::vector<char> waits_for_gpu = calls_that_wait_for_gpu(kernels, prices);
    KernelCosts all;
    const std::size_t num_nodes = kernels.own.size();
    all.seconds.resize(num_nodes);
    all.joules.resize(num_nodes);
    all.parts.resize(num_nodes, {0.0, 0.0, 0.0});
    for (std::size_t i = num_nodes; i-- > 0;) {
        const KernelCost own =
            cost_of(kernels.own[i], waits_for_gpu[kernels.call_of[i]] != 0, kernels.gpus, prices);
        all.seconds[i] += own.seconds;
        all.joules[i] += own.joules;
        all.parts[i] += own.parts;
        if (i == 0) continue;
        const auto parent = static_cast<std::size_t>(tree.nodes()[i].parent);
        all.seconds[parent] += all.seconds[i];
        all.joules[parent] += all.joules[i];
        all.parts[parent] += all.parts[i];
    }
    return all;
}

}  // namespace irene::models
