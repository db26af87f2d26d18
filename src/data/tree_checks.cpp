#include "data/tree_checks.hpp"

#include "irene/error.hpp"

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

std::string describe(const Tree& tree, std::size_t node) {
    if (!tree.scope(node).empty()) return std::string(tree.scope(node));
    const std::int32_t parent = tree.nodes()[node].parent;
    return parent < 0 ? "root" : "a child of " + describe(tree, static_cast<std::size_t>(parent));
}

}  // namespace irene::data
