// A line of the input with what was predicted of its tree.
#pragma once

#include <string>
#include <string_view>

#include "irene/model.hpp"

#include "data/tree_reader.hpp"

namespace irene::models {

/// Appends the line, which holds the tree that was read, with the predictions on every node.
void append_predicted(std::string_view line, const data::TreeLine& read, const Prediction& prediction,
                      std::string& out);

}  // namespace irene::models
