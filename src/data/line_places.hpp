// Where in the lines of a dataset predictions belong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "irene/dataset.hpp"

#include "data/splice.hpp"

namespace irene::data {

/// By tree of a dataset.
struct PlacesInLines {
    struct Line {
        std::size_t num_nodes = 0;  ///< of the tree
        std::size_t number = 0;     ///< of the tree's line in the file
        std::uint64_t hash = 0;     ///< of its bytes
        std::vector<Splice> places;
    };
    std::vector<Line> lines;
};

/// Those that the dataset was read with, where its trees and lines are still the same; otherwise its lines
/// are read again. Throws Error (usage) where the lines are not those of the trees.
std::shared_ptr<const PlacesInLines> places_in_lines(const Dataset& dataset);

}  // namespace irene::data
