// Node ids: unique in a tree and in a file, and how two files are joined.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "irene/error.hpp"
#include "irene/tree.hpp"

#include "data/id_table.hpp"

namespace irene::data {

/// Numbers the nodes of all trees, in their order, and finds the numbers by ids. `Trees` is a list of Tree,
/// or of what has its line(), nodes(), id() and scope(). The table points to the ids, so that the trees must
/// outlive it. Throws Error (data), naming both lines, where an id occurs twice.
template <typename Trees>
IdTable index_ids(const Trees& trees, const std::string& source) {
    std::size_t num_nodes = 0;
    for (const auto& tree : trees) num_nodes += tree.nodes().size();
    IdTable ids(num_nodes);
    std::vector<std::size_t> ends;  // of each tree: the number behind that of its last node
    std::size_t end = 0;
    for (const auto& tree : trees) {
        ends.push_back(end += tree.nodes().size());
        for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
            const std::uint32_t other = ids.insert(tree.id(node));
            if (other == IdTable::kNone) continue;
            const auto owner = std::upper_bound(ends.begin(), ends.end(), other) - ends.begin();
            const std::size_t other_line = trees[static_cast<std::size_t>(owner)].line();
            throw Error(
                ErrorKind::data,
                in_quotes(tree.id(node)) + " is also the id of " +
                    (other_line == tree.line() ? "another node in line " : "a node in line ") +
                    std::to_string(other_line),
                {.file = source, .line = tree.line(), .node = std::string(tree.scope(node)), .field = "id"});
        }
    }
    return ids;
}

/// Throws Error (data) where an id occurs twice in one tree.
inline void refuse_repeated_ids(const Tree& tree, const std::string& source) {
    (void)index_ids(std::span(&tree, 1), source);
}

}  // namespace irene::data
