// Text fit for a terminal: what people are shown, in tables and messages. Files stay as they are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace irene::base {

/// Appends `text` with all that could move the cursor, turn the direction of writing or hide itself spelled
/// out: control and format characters, line and paragraph separators, and what Unicode has not assigned, as
/// Python's repr() spells them: \x1b, \u202e, \U000e0041. Bytes that are not UTF-8 become \xff. What comes
/// out is one line; made printable again it stays the same.
void append_printable(std::string& out, std::string_view text);

/// Cells of a terminal that printable text takes: wide characters two, combining ones none.
std::size_t num_cells(std::string_view printable);

}  // namespace irene::base
