// Files that are given in the place of trees: what they are, and how to come by trees.
#pragma once

#include <string>
#include <string_view>

namespace irene::data {

/// What a file is whose first line was refused, and what its user can do; empty where it cannot be told.
/// `source` names it. For messages.
std::string other_format(std::string_view first_line, const std::string& source);

}  // namespace irene::data
