#include "models/weighted/ml_level.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/lower.hpp"
#include "models/weighted/feature_ranges.hpp"
#include "numerics/scaler.hpp"

namespace irene::models {

bool is_operation(std::string_view instance_type, std::string_view operation) noexcept {
    return std::equal(instance_type.begin(), instance_type.end(), operation.begin(), operation.end(),
                      [](char a, char b) { return base::lower(a) == b; });
}

double leaf_energy(const LeafRegressor& regressor, std::span<const double> row) noexcept {
    double energy = regressor.intercept;
    for (std::size_t f = 0; f < row.size(); ++f) {
        energy +=
            regressor.coefficients[f] * ((row[f] - regressor.scaler.mean[f]) / regressor.scaler.scale[f]);
    }
    return energy;
}

LeafGroups group_leaves(const Dataset& data, const FeatureRows& features) {
    // Sorted by operation, then by row: the order of groups does not depend on that of the nodes.
    using RowsOfOperation = std::map<std::uint32_t, std::uint32_t>;  // row -> group
    std::map<std::string, RowsOfOperation> rows_of_operation;
    std::vector<RowsOfOperation*> rows_of_node;  // null for inner nodes
    rows_of_node.reserve(features.row_of_node.size());
    for (const Tree& tree : data.trees) {
        for (std::size_t node = 0; node < tree.nodes.size(); ++node) {
            RowsOfOperation* rows = nullptr;
            if (tree.is_leaf(node)) {
                rows = &rows_of_operation[base::lower(tree.instance_type(node))];
                rows->emplace(features.row_of_node[rows_of_node.size()], 0);
            }
            rows_of_node.push_back(rows);
        }
    }

    LeafGroups groups;
    groups.width = features.rows.width();
    groups.first_group.push_back(0);
    std::uint32_t next = 0;
    for (auto& [operation, rows] : rows_of_operation) {
        groups.operations.push_back(operation);
        for (auto& [row, group] : rows) {
            group = next++;
            const std::span<const double> values = features.rows[row];
            groups.rows.insert(groups.rows.end(), values.begin(), values.end());
        }
        groups.first_group.push_back(next);
    }
    groups.of_node.reserve(rows_of_node.size());
    for (std::size_t node = 0; node < rows_of_node.size(); ++node) {
        groups.of_node.push_back(rows_of_node[node] == nullptr
                                     ? LeafGroups::kNone
                                     : rows_of_node[node]->at(features.row_of_node[node]));
    }
    return groups;
}

void MlLevelTrainer::fit(std::span<const std::size_t> trees, std::vector<LeafRegressor>& out) {
    counts_.assign(groups_.size(), 0);
    energies_.assign(groups_.size(), 0.0);
    for (const std::size_t tree : trees) {
        const std::vector<Node>& nodes = data_.trees[tree].nodes;
        const std::size_t first = features_.first_node[tree];
        for (std::size_t node = 0; node < nodes.size(); ++node) {
            const std::uint32_t group = groups_.of_node[first + node];
            if (group == LeafGroups::kNone) continue;
            ++counts_[group];
            energies_[group] += nodes[node].measured_energy;
        }
    }

    out.resize(groups_.operations.size());
    const std::size_t width = groups_.width;
    for (std::size_t operation = 0; operation < out.size(); ++operation) {
        LeafRegressor& regressor = out[operation];
        const std::size_t begin = groups_.first_group[operation];
        const std::size_t end = groups_.first_group[operation + 1];
        regressor.operation = groups_.operations[operation];
        regressor.num_nodes = 0;
        std::size_t num_rows = 0;
        double energy = 0.0;
        for (std::size_t group = begin; group < end; ++group) {
            regressor.num_nodes += counts_[group];
            energy += energies_[group];
            num_rows += counts_[group] > 0 ? 1 : 0;
        }
        if (regressor.num_nodes == 0) continue;

        const auto counts = std::span<const std::uint32_t>(counts_).subspan(begin, end - begin);
        numerics::standardize(std::span(groups_.rows).subspan(begin * width, (end - begin) * width), counts,
                              regressor.scaler.mean, regressor.scaler.scale, width);
        regressor.ranges =
            ranges_of(std::span(groups_.rows).subspan(begin * width, (end - begin) * width), counts, width);
        regressor.intercept = energy / static_cast<double>(regressor.num_nodes);

        // Equal rows enter as one equation, weighted by the root of their number.
        system_.resize(num_rows, width);
        std::size_t equation = 0;
        for (std::size_t group = begin; group < end; ++group) {
            if (counts_[group] == 0) continue;
            const double count = counts_[group];
            const double root = std::sqrt(count);
            const std::span<const double> row = groups_.row(group);
            for (std::size_t f = 0; f < width; ++f) {
                system_.matrix(f)[equation] =
                    root * ((row[f] - regressor.scaler.mean[f]) / regressor.scaler.scale[f]);
            }
            system_.right_side()[equation] = root * (energies_[group] / count - regressor.intercept);
            ++equation;
        }
        const std::span<const double> solution = system_.solve(regressor.num_nodes);
        regressor.coefficients.assign(solution.begin(), solution.end());
    }
}

}  // namespace irene::models
