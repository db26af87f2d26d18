// A table of results, and how it is written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace irene {

/// A cell without a value holds std::monostate or a number that is not finite. It is "-" in text, empty in
/// CSV and null in JSON.
using Cell = std::variant<std::monostate, std::string, std::int64_t, double>;

struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<Cell>> rows;  ///< each as long as `columns`, of the same kinds or empty
    std::vector<std::string> notes = {};  ///< lines for people, below the table: in text alone
};

enum class TableFormat : unsigned char {
    text,  ///< aligned, for people; text printable(), numbers with six significant digits; notes below
    csv,   ///< RFC 4180 with a header line; text as it is, numbers read back equal
    json,  ///< a list of objects, one a row, keyed by column; numbers read back equal
};

/// "table", "csv" or "json".
std::string_view name(TableFormat format) noexcept;
std::optional<TableFormat> table_format_from_name(std::string_view spelling) noexcept;

/// Text that is not UTF-8 is replaced in JSON. Throws Error (usage) where a row is not as long as `columns`,
/// where two columns of a JSON document have the same name, and for a format that is none.
std::string to_text(const Table& table, TableFormat format);

}  // namespace irene
