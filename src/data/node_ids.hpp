// Node ids: unique in a tree and in a file, and how two files are joined.
#pragma once

#include <filesystem>
#include <string>

#include "irene/dataset.hpp"

#include "data/id_table.hpp"

namespace irene::data {

/// read_dataset() without the check of ids, for callers that index them anyway.
Dataset read_trees(const std::filesystem::path& path, const ReadOptions& options);

/// From the id of each node to its number over all trees. The table refers to the dataset, which must outlive
/// it. Throws Error (data) naming both lines where an id occurs twice.
IdTable index_ids(const Dataset& dataset);

/// Throws Error (data) where an id occurs twice in one tree.
void refuse_repeated_ids(const Tree& tree, const std::string& source);

}  // namespace irene::data
