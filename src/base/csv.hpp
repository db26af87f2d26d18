// Tables of comma-separated values, as RFC 4180 has them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace irene::base {

struct CsvRow {
    std::size_t line = 0;  ///< on which it begins, from 1
    std::vector<std::string> cells;
};

/// The rows of a text, the names of the columns first. A cell in double quotes may hold commas, line ends and
/// doubled quotes. Lines may end as on Windows; a byte-order mark and lines of nothing are passed over.
/// Throws Error (data) with `source` and line: a quote within a cell that has none around it, text behind a
/// closing quote, a quote that does not close, a row of another number of cells than the first, a NUL.
std::vector<CsvRow> parse_csv(std::string_view text, const std::string& source);

}  // namespace irene::base
