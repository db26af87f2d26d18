#include "data/tree_checks.hpp"

#include <cmath>

#include "irene/error.hpp"

#include "base/numbers.hpp"

namespace irene::data {

std::string wrong_type(const Tree& tree, std::size_t node) {
    const NodeType type = tree.nodes()[node].type;
    const bool is_leaf = node + 1 == tree.nodes().size();
    const bool is_root = tree.nodes()[node].parent < 0;
    std::string wrong;
    if (static_cast<std::size_t>(type) >= kNumNodeTypes) {
        wrong = std::string("expected ") + kNodeTypeChoices;
    } else if (!is_leaf && type == NodeType::ml) {
        wrong = "an inner node must be 'module', or 'model' at the root; found 'ml'";
    } else if (is_leaf && type != NodeType::ml) {
        wrong = "a leaf must be 'ml' or 'ml-np'; found " + in_quotes(name(type));
    } else if (is_root != (type == NodeType::model)) {
        wrong = "the root, and nothing else, must be 'model'; found " + in_quotes(name(type));
    }
    return wrong;
}

std::string wrong_parts(const Node& node) {
    const EnergyParts& parts = node.predicted_parts;
    const bool no_arithmetic = is_absent(parts.arithmetic_joules), no_memory = is_absent(parts.memory_joules),
               no_static = is_absent(parts.static_joules);
    if (no_arithmetic && no_memory && no_static) return {};
    if (no_arithmetic || no_memory || no_static)
        return "has some of its arithmetic, memory and static parts, not all";
    constexpr double kRounded = 1e-5;  // of figures that were written with six digits
    constexpr int kDigits = 6;
    const double sum = parts.arithmetic_joules + parts.memory_joules + parts.static_joules;
    if (std::fabs(sum - node.predicted_energy) <= kRounded * std::fabs(node.predicted_energy)) return {};
    return "is " + base::format(node.predicted_energy, kDigits) +
           " J, but its arithmetic, memory and static parts add up to " + base::format(sum, kDigits) +
           " J; predict it again";
}

std::string describe(const Tree& tree, std::size_t node) {
    if (!tree.scope(node).empty()) return std::string(tree.scope(node));
    const std::int32_t parent = tree.nodes()[node].parent;
    return parent < 0 ? "root" : "a child of " + describe(tree, static_cast<std::size_t>(parent));
}

}  // namespace irene::data
