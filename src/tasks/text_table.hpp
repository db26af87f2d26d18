// Tables as text: columns for a terminal, fields of CSV.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace irene::tasks {

enum class Align : unsigned char { left, right };

/// A table for a terminal, two spaces between columns. Text is made printable, and widths are those that the
/// terminal shows. Every line has as many elements as `columns`.
std::string aligned(std::vector<std::vector<std::string>> lines, const std::vector<Align>& columns);

/// The text as one field of a CSV file (RFC 4180), in double quotes where it needs them.
std::string csv_field(std::string_view text);

}  // namespace irene::tasks
