// Tables as text: columns for a terminal, fields of CSV.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace irene::tasks {

enum class Align : unsigned char { left, right };

/// Lines of cells, two spaces between columns, for a terminal: text is made printable, and widths are counted
/// in the terminal's cells. Every line has as many cells of the table as `columns`.
std::string aligned(std::vector<std::vector<std::string>> lines, const std::vector<Align>& columns);

/// The text as one field of a CSV file (RFC 4180), in double quotes where it needs them.
std::string csv_field(std::string_view text);

}  // namespace irene::tasks
