// Where predictions belong in the lines of a dataset, as the reader found them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "irene/tree.hpp"

#include "base/hash.hpp"
#include "data/splice.hpp"

namespace irene::data {

struct LinePlaces {
    std::vector<Splice> splices;
    std::uint64_t hash = 0;  ///< of the line
    std::size_t line = 0;    ///< that the tree was read from
    std::size_t num_nodes = 0;

    /// Whether they are those of this line and this tree, though a program may have changed its dataset.
    bool are_of(const Tree& tree, const std::string& text) const {
        return line == tree.line() && num_nodes == tree.nodes().size() && hash == base::hash_of(text);
    }
};

}  // namespace irene::data
