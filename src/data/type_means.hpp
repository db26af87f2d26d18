// Means over nodes, apart for each type of node.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <vector>

#include "irene/tree.hpp"

namespace irene::data {

/// |predicted - measured| in percent of what was measured.
inline double percentage_error(double predicted, double measured) {
    return 100.0 * std::fabs(predicted - measured) / measured;
}

/// Figures such as errors, collected node by node.
class TypeMeans {
  public:
    void add(NodeType type, double figure) {
        sums_[static_cast<std::size_t>(type)] += figure;
        ++counts_[static_cast<std::size_t>(type)];
    }

    /// The percentage error of every measured node of a tree that is predicted to take `joules`.
    void add_errors(const Tree& tree, const std::vector<double>& joules) {
        for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
            if (is_absent(tree.nodes()[node].measured_energy)) continue;
            add(tree.nodes()[node].type, percentage_error(joules[node], tree.nodes()[node].measured_energy));
        }
    }

    std::size_t count() const { return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0}); }
    std::size_t count(NodeType type) const { return counts_[static_cast<std::size_t>(type)]; }

    double sum(NodeType type) const { return sums_[static_cast<std::size_t>(type)]; }

    /// None where there was no node of the type.
    std::optional<double> mean(NodeType type) const {
        if (count(type) == 0) return std::nullopt;
        return sum(type) / static_cast<double>(count(type));
    }

    std::array<std::optional<double>, kNumNodeTypes> means() const {
        std::array<std::optional<double>, kNumNodeTypes> means;
        for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
            means[type] = mean(static_cast<NodeType>(type));
        }
        return means;
    }

  private:
    std::array<double, kNumNodeTypes> sums_{};
    std::array<std::size_t, kNumNodeTypes> counts_{};
};

}  // namespace irene::data
