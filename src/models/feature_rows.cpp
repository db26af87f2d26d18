#include "models/feature_rows.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "irene/error.hpp"

#include "base/hash.hpp"

namespace irene::models {

void DistinctRows::clear() {
    size_ = 0;
    std::fill(slots_.begin(), slots_.end(), kEmpty);
}

std::size_t DistinctRows::slot_of(const double* row) const {
    std::uint64_t hash = width_;
    for (std::size_t i = 0; i < width_; ++i) hash = base::mix(hash, std::bit_cast<std::uint64_t>(row[i]));
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = hash & mask;
    while (slots_[slot] != kEmpty &&
           std::memcmp(values_.data() + slots_[slot] * width_, row, width_ * sizeof(double)) != 0) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

void DistinctRows::grow() {
    slots_.assign(std::max<std::size_t>(64, 2 * slots_.size()), kEmpty);
    for (std::uint32_t row = 0; row < size_; ++row) slots_[slot_of(values_.data() + row * width_)] = row;
}

std::uint32_t DistinctRows::add(const double* row) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    const std::size_t slot = slot_of(row);
    if (slots_[slot] == kEmpty) {
        slots_[slot] = static_cast<std::uint32_t>(size_);
        const std::size_t end = (size_ + 1) * width_;
        if (values_.size() < end) values_.resize(std::max(end, 2 * values_.size()));
        std::copy_n(row, width_, values_.data() + size_ * width_);
        ++size_;
    }
    return slots_[slot];
}

namespace {

/// Why a tree without the feature is refused, and what takes it.
std::string missing(Feature feature) {
    const bool is_count =
        feature == Feature::num_parameters || feature == Feature::flops || feature == Feature::mem_bytes;
    std::string text = "is missing, and the config uses this feature";
    if (!is_count) {
        text +=
            "; trees with counts alone, such as those of irene-extract, need a model trained with "
            "configs/additive_specs.json";
    }
    return text;
}

}  // namespace

void copy_features(const Tree& tree, std::size_t node, std::span<const Feature> features,
                   const std::string& source, double* row) {
    const FeatureValues& values = tree.nodes()[node].features;
    for (std::size_t i = 0; i < features.size(); ++i) {
        row[i] = values[static_cast<std::size_t>(features[i])];
        if (is_absent(row[i])) {
            throw Error(ErrorKind::data, missing(features[i]),
                        {.file = source,
                         .line = tree.line(),
                         .node = std::string(tree.scope(node)),
                         .field = std::string(name(features[i]))});
        }
    }
}

void require_measured_energies(const Tree& tree, bool every, const std::string& source) {
    const auto refuse = [&](std::size_t node, const std::string& why) {
        throw Error(ErrorKind::data, why,
                    {.file = source,
                     .line = tree.line(),
                     .node = std::string(tree.scope(node)),
                     .field = "ground_truth_energy"});
    };
    std::size_t num_measured = 0;
    for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
        const double energy = tree.nodes()[node].measured_energy;
        if (energy > 0.0) {
            ++num_measured;
        } else if (!is_absent(energy)) {
            refuse(node, "expected a measured energy above 0 J");
        } else if (every) {
            refuse(node,
                   "is missing; this strategy is trained on the measured energy of every node, and only "
                   "'additive' on some");
        }
    }
    if (num_measured == 0) refuse(0, "is missing, as in all nodes; training needs one that was measured");
}

FeatureRows distinct_rows(const Dataset& data, std::span<const Feature> features) {
    FeatureRows result;
    result.rows = DistinctRows(features.size());
    result.row_of_node.reserve(data.num_nodes());
    std::array<double, kNumFeatures> row{};
    for (const Tree& tree : data.trees) {
        result.first_node.push_back(result.row_of_node.size());
        for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
            copy_features(tree, node, features, data.source, row.data());
            result.row_of_node.push_back(result.rows.add(row.data()));
        }
    }
    return result;
}

}  // namespace irene::models
