#include "models/additive/features.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/lower.hpp"
#include "models/feature_rows.hpp"

namespace irene::models {

namespace {

constexpr std::array<std::string_view, 3> kDenseOperations{"linear", "conv1d", kDenseGroup};
constexpr std::array<std::string_view, 3> kProductOperations{"matmul", "bmm", "baddbmm"};
constexpr double kFlopsOfFeature = 1e6;
constexpr double kBytesOfFeature = 1048576.0;

double feature(const Node& node, Feature which) noexcept {
    return node.features[static_cast<std::size_t>(which)];
}

void set_shape(NodeTerms& leaf) noexcept {
    const DenseCounts counts{leaf.batch_size, leaf.seq_len, leaf.parameters, leaf.flops, leaf.bytes};
    const std::optional<DenseShape> shape = recover_dense_shape(counts);
    leaf.is_dense = shape.has_value();
    if (!shape) {
        leaf.counts_cause = cause_of_contradiction(counts);
        return;
    }
    leaf.rows = shape->rows;
    leaf.inner_size = shape->inner_size;
    leaf.outer_size = shape->outer_size;
    leaf.separate_bias = shape->separate_bias;
}

}  // namespace

OperationKind kind_of_operation(std::string_view operation) noexcept {
    const auto is_in = [operation](const auto& list) {
        return std::find(list.begin(), list.end(), operation) != list.end();
    };
    if (is_in(kDenseOperations)) return OperationKind::dense;
    if (is_in(kProductOperations)) return OperationKind::product;
    if (operation == kCountedGroup) return OperationKind::counted;
    return operation == "softmax" ? OperationKind::softmax : OperationKind::other;
}

KindOfWork kind_of_work(OperationKind kind) noexcept {
    switch (kind) {
        case OperationKind::dense:
        case OperationKind::counted:
            return KindOfWork::dense;
        case OperationKind::product:
            return KindOfWork::product;
        case OperationKind::softmax:
            return KindOfWork::softmax;
        case OperationKind::other:
            break;
    }
    return KindOfWork::other;
}

InstanceTypes::InstanceTypes() { number(kDenseGroup); }

std::uint32_t InstanceTypes::number(std::string_view instance_type) {
    if (const auto found = numbers_.find(instance_type); found != numbers_.end()) return found->second;
    std::string spelling(instance_type);
    std::string name = base::lower(spelling);
    const auto [entry, is_new] = numbers_.emplace(name, static_cast<std::uint32_t>(types_.size()));
    const std::uint32_t type = entry->second;
    if (is_new) {
        const OperationKind kind = kind_of_operation(name);
        types_.push_back({std::move(name), kind});
    }
    numbers_.emplace(std::move(spelling), type);
    return type;
}

std::uint32_t InstanceTypes::group(std::uint32_t type) const {
    return kind(type) == OperationKind::dense ? 0 : type;
}

void TreeTerms::derive(const Tree& tree, AdditiveLevel level, const std::string& source,
                       InstanceTypes& types) {
    const std::span<const Feature> needed = required_features(level);
    const auto batch_size = static_cast<double>(tree.batch_size());
    const auto seq_len = static_cast<double>(tree.seq_len());
    const std::size_t size = tree.nodes().size();
    nodes_.assign(size, {});
    first_child_.assign(size + 1, 0);
    FeatureValues needed_values{};
    for (std::size_t i = 0; i < size; ++i) {
        copy_features(tree, i, needed, source, needed_values.data());
        const Node& node = tree.nodes()[i];
        NodeTerms& terms = nodes_[i];
        terms.type = node.type;
        terms.is_leaf = tree.is_leaf(i);
        terms.instance_type = types.number(tree.instance_type(i));
        terms.batch_size = batch_size;
        terms.seq_len = seq_len;
        terms.parameters = feature(node, Feature::num_parameters);
        terms.flops = feature(node, Feature::flops) * kFlopsOfFeature;
        terms.bytes = feature(node, Feature::mem_bytes) * kBytesOfFeature;
        if (level != AdditiveLevel::specs) terms.seconds = feature(node, Feature::times_mean);
        if (level == AdditiveLevel::all) {
            terms.joules = feature(node, Feature::gpu_energy_mean);
            terms.cpu_seconds = terms.seconds * feature(node, Feature::cpu);
        }
        if (node.parent >= 0) {
            // The parent's own_... sum up its children until the loop below turns them into differences.
            NodeTerms& parent = nodes_[static_cast<std::size_t>(node.parent)];
            parent.own_flops += terms.flops;
            parent.own_bytes += terms.bytes;
            parent.own_seconds += terms.seconds;
            parent.own_joules += terms.joules;
            parent.own_cpu_seconds += terms.cpu_seconds;
            ++first_child_[static_cast<std::size_t>(node.parent) + 1];
        }
        if (!terms.is_leaf) continue;
        const OperationKind kind = types.kind(terms.instance_type);
        if (kind == OperationKind::dense) set_shape(terms);
        if (node.parent < 0) continue;
        NodeTerms& parent = nodes_[static_cast<std::size_t>(node.parent)];
        parent.launches += 1.0;
        if (kind == OperationKind::softmax) parent.softmax_bytes += terms.bytes;
        if (kind == OperationKind::product) {
            parent.qkv_bytes += terms.flops / seq_len;
            parent.attention = true;
        }
    }
    for (NodeTerms& terms : nodes_) {
        if (terms.is_leaf) continue;
        terms.own_flops = std::max(terms.flops - terms.own_flops, 0.0);
        terms.own_bytes = std::max(terms.bytes - terms.own_bytes, 0.0);
        terms.own_seconds = terms.seconds - terms.own_seconds;
        terms.own_joules = terms.joules - terms.own_joules;
        terms.own_cpu_seconds = terms.cpu_seconds - terms.own_cpu_seconds;
    }
    for (std::size_t i = 0; i < size; ++i) first_child_[i + 1] += first_child_[i];
    next_.assign(first_child_.begin(), first_child_.end());
    children_.resize(first_child_.back());
    for (std::size_t i = 1; i < size; ++i) {
        children_[next_[static_cast<std::size_t>(tree.nodes()[i].parent)]++] = static_cast<std::uint32_t>(i);
    }
}

std::span<const std::uint32_t> TreeTerms::signature(std::size_t node, const InstanceTypes& types) {
    signature_.clear();
    for (std::uint32_t i = first_child_[node]; i < first_child_[node + 1]; ++i) {
        const NodeTerms& child = nodes_[children_[i]];
        signature_.push_back(child.is_leaf ? types.group(child.instance_type) : kInner);
    }
    std::sort(signature_.begin(), signature_.end());
    return signature_;
}

void note_counts(const Tree& tree, std::size_t node, const NodeTerms& leaf, ContradictingCounts& counts) {
    if (leaf.is_dense) ++counts.num_dense;
    if (leaf.counts_cause == CountsCause::none) return;
    ++counts.num_dense;
    ++counts.by_cause[static_cast<std::size_t>(leaf.counts_cause)];
    if (counts.first && tree.line() >= counts.first->line) return;
    const FeatureValues& features = tree.nodes()[node].features;
    counts.first = {.line = tree.line(),
                    .node = node,
                    .scope = std::string(tree.scope(node)),
                    .num_parameters = features[static_cast<std::size_t>(Feature::num_parameters)],
                    .flops = features[static_cast<std::size_t>(Feature::flops)],
                    .mem_bytes = features[static_cast<std::size_t>(Feature::mem_bytes)]};
}

std::array<double, kNumRangedQuantities> ranged_quantities(const NodeTerms& node,
                                                           AdditiveLevel level) noexcept {
    std::array<double, kNumRangedQuantities> values{};
    const auto value = [&values](RangedQuantity quantity) -> double& {
        return values[static_cast<std::size_t>(quantity)];
    };
    value(RangedQuantity::batch_size) = node.batch_size;
    value(RangedQuantity::seq_len) = node.seq_len;
    if (node.is_dense) {
        value(RangedQuantity::rows) = node.rows;
        value(RangedQuantity::smaller_size) = std::min(node.inner_size, node.outer_size);
        value(RangedQuantity::greater_size) = std::max(node.inner_size, node.outer_size);
    } else if (node.is_leaf) {
        value(RangedQuantity::flops) = node.flops;
        value(RangedQuantity::bytes) = node.bytes;
    } else if (level != AdditiveLevel::all) {
        if (level == AdditiveLevel::specs && !node.attention) {
            value(RangedQuantity::own_bytes) = node.own_bytes;
        }
        value(RangedQuantity::softmax_bytes) = node.softmax_bytes;
        value(RangedQuantity::qkv_bytes) = node.qkv_bytes;
    }
    if (level != AdditiveLevel::specs) value(RangedQuantity::seconds) = node.seconds;
    if (level == AdditiveLevel::all) value(RangedQuantity::joules) = node.joules;
    return values;
}

}  // namespace irene::models
