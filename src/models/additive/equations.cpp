#include "models/additive/equations.hpp"

#include <cmath>
#include <cstdint>
#include <map>
#include <tuple>

namespace irene::models {

void add_equations(const AdditiveData& data, std::size_t tree, std::vector<Equation>& equations) {
    const std::vector<Node>& nodes = data.data.trees[tree].nodes();
    const auto measurement_of = [&](std::size_t node) { return data.of_node[data.first_node[tree] + node]; };
    // The measured node that each node is priced by: itself or the nearest above.
    constexpr auto kNone = static_cast<std::size_t>(-1);
    std::vector<std::size_t> owner(nodes.size(), kNone);
    struct Sum {
        double remainder = 0.0;
        std::map<std::uint32_t, double> parts;
    };
    std::map<std::size_t, Sum> sums;
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        const std::size_t above = node == 0 ? kNone : owner[static_cast<std::size_t>(nodes[node].parent)];
        const bool is_measured = !is_absent(nodes[node].measured_energy);
        owner[node] = is_measured ? node : above;
        if (is_measured && above != kNone) sums[above].remainder -= nodes[node].measured_energy;
        const Measurement& measurement = data.measurements[measurement_of(node)];
        // A measured leaf is a row by itself.
        if (owner[node] == kNone || (is_measured && measurement.terms.is_leaf)) continue;
        if (is_measured) sums[node].remainder += nodes[node].measured_energy;
        sums[owner[node]].parts[measurement_of(node)] += 1.0;
    }
    std::map<std::tuple<double, double, std::map<std::uint32_t, double>>, std::size_t> known;
    std::vector<double> multiplicities;
    const std::size_t first = equations.size();
    for (auto& [node, sum] : sums) {
        const double energy = nodes[node].measured_energy;
        const auto [entry, is_new] =
            known.emplace(std::tuple(energy, sum.remainder, sum.parts), multiplicities.size());
        if (is_new) {
            Equation& equation = equations.emplace_back();
            equation.energy = energy;
            equation.remainder = sum.remainder;
            for (const auto& [part, times] : sum.parts)
                equation.parts.emplace_back(&data.measurements[part], times);
            multiplicities.push_back(0.0);
        }
        multiplicities[entry->second] += 1.0;
    }
    for (std::size_t i = 0; i < multiplicities.size(); ++i)
        equations[first + i].weight = std::sqrt(multiplicities[i]);
}

}  // namespace irene::models
