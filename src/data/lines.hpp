// The lines that the trees of a dataset were read from, and where in them predictions belong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "irene/dataset.hpp"

#include "data/splice.hpp"
#include "data/tree_reader.hpp"

namespace irene::data {

struct Line {
    std::size_t number = 0;       ///< in the file
    std::uint64_t tree_hash = 0;  ///< of the ids, scopes and classes of its nodes
    std::string text;
    std::vector<Splice> places;

    Line(const TreeLine& read, std::string_view line);
};

struct Lines {
    std::vector<Line> all;  ///< by number, ascending
};

/// The line of a tree of the dataset, also where trees were left out or put in another order. Throws Error
/// (usage) where the dataset has no line of this number, or that of another tree.
const Line& line_of(const Dataset& dataset, const Tree& tree);

}  // namespace irene::data
