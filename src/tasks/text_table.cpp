#include "tasks/text_table.hpp"

#include <algorithm>
#include <cstddef>

#include "irene/error.hpp"

#include "base/terminal.hpp"

namespace irene::tasks {

std::string aligned(std::vector<std::vector<std::string>> lines, const std::vector<Align>& columns) {
    std::vector<std::size_t> widths(columns.size());
    for (auto& line : lines) {
        for (std::size_t column = 0; column < line.size(); ++column) {
            line[column] = printable(line[column]);
            widths[column] = std::max(widths[column], base::num_cells(line[column]));
        }
    }
    std::string text;
    for (const auto& line : lines) {
        for (std::size_t column = 0; column < line.size(); ++column) {
            if (column > 0) text += "  ";
            const std::string space(widths[column] - base::num_cells(line[column]), ' ');
            if (columns[column] == Align::right) text += space;
            text += line[column];
            if (columns[column] == Align::left && column + 1 < line.size()) text += space;
        }
        text += '\n';
    }
    return text;
}

std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string quoted_text = "\"";
    for (const char c : text) {
        if (c == '"') quoted_text += '"';
        quoted_text += c;
    }
    return quoted_text + '"';
}

}  // namespace irene::tasks
