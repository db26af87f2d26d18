#include "models/additive/data.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "models/feature_rows.hpp"

namespace irene::models {

namespace {

/// Nodes of one tree with equal keys are one measurement; includes features the level does not read, since
/// they distinguish runs.
constexpr std::size_t kKeySize = kNumFeatures + 12;
using Key = std::array<double, kKeySize>;

Key key_of(const Node& node, const Measurement& m) {
    Key key{};
    std::copy(node.features.begin(), node.features.end(), key.begin());
    std::size_t next = kNumFeatures;
    const NodeTerms& terms = m.terms;
    for (const double value :
         {static_cast<double>(terms.type), static_cast<double>(terms.instance_type),
          static_cast<double>(m.signature), m.energy, m.children_energy, terms.own_flops, terms.own_bytes,
          terms.own_seconds, terms.own_joules, terms.own_cpu_seconds, terms.softmax_bytes, terms.qkv_bytes}) {
        key[next++] = value;
    }
    return key;
}

}  // namespace

AdditiveData::AdditiveData(const Dataset& dataset, AdditiveLevel wanted) : data(dataset), level(wanted) {
    TreeTerms terms;
    DistinctRows distinct(kKeySize);
    std::vector<double> children_energy;
    std::map<std::vector<std::uint32_t>, std::uint32_t> numbers;  // of signatures
    for (const Tree& tree : data.trees) {
        terms.derive(tree, level, data.source, types);
        children_energy.assign(tree.nodes().size(), 0.0);
        for (std::size_t node = 1; node < tree.nodes().size(); ++node) {
            children_energy[static_cast<std::size_t>(tree.nodes()[node].parent)] +=
                tree.nodes()[node].measured_energy;
        }
        first_node.push_back(of_node.size());
        first_measurement.push_back(measurements.size());
        distinct.clear();
        is_partly_measured.push_back(
            std::any_of(tree.nodes().begin(), tree.nodes().end(),
                        [](const Node& node) { return is_absent(node.measured_energy); })
                ? 1
                : 0);
        for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
            Measurement m;
            m.terms = terms.nodes()[node];
            if (level != AdditiveLevel::all) note_counts(tree, node, m.terms, counts);
            m.energy = tree.nodes()[node].measured_energy;
            m.children_energy = children_energy[node];
            if (!m.terms.is_leaf) {
                const std::span<const std::uint32_t> signature = terms.signature(node, types);
                const auto [entry, is_new] = numbers.emplace(
                    std::vector<std::uint32_t>(signature.begin(), signature.end()), signatures.size());
                if (is_new) signatures.push_back(entry->first);
                m.signature = entry->second;
            }
            const std::uint32_t row = distinct.add(key_of(tree.nodes()[node], m).data());
            const std::size_t index = first_measurement.back() + row;
            if (index == measurements.size()) measurements.push_back(m);
            measurements[index].multiplicity += 1.0;
            of_node.push_back(static_cast<std::uint32_t>(index));
        }
        differing_mirrors.push_back(
            have_differing_mirrors(std::span(measurements).subspan(first_measurement.back())) ? 1 : 0);
    }
    first_measurement.push_back(measurements.size());
}

}  // namespace irene::models
