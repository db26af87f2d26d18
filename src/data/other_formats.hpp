// Files that are given in the place of trees: what they are, and how to come by trees.
#pragma once

#include <string>
#include <string_view>

namespace irene::data {

/// For messages: says of a file whose first line was refused what it seems to be (compressed, a list, CSV)
/// and how to make trees of it; empty where that cannot be told. `source` names the file.
std::string other_format(std::string_view first_line, const std::string& source);

}  // namespace irene::data
