#include "irene/table.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "irene/error.hpp"

#include "base/json.hpp"
#include "base/name_table.hpp"
#include "base/numbers.hpp"
#include "tasks/text_table.hpp"

namespace irene {

namespace {

constexpr base::NameTable<TableFormat, 3> kFormats{
    {{TableFormat::text, "table"}, {TableFormat::csv, "csv"}, {TableFormat::json, "json"}}};

template <typename... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

std::string for_people(const Cell& cell) {
    constexpr int kDigits = 6;
    return std::visit(Overloaded{[](std::monostate) { return std::string("-"); },
                                 [](const std::string& text) { return text; },
                                 [](std::int64_t number) { return std::to_string(number); },
                                 [](double number) {
                                     if (!std::isfinite(number)) return std::string("-");
                                     return base::format(number, kDigits);
                                 }},
                      cell);
}

std::string for_csv(const Cell& cell) {
    return std::visit(Overloaded{[](std::monostate) { return std::string(); },
                                 [](const std::string& text) { return tasks::csv_field(text); },
                                 [](std::int64_t number) { return std::to_string(number); },
                                 [](double number) {
                                     std::string text;
                                     if (std::isfinite(number)) base::append_number(text, number);
                                     return text;
                                 }},
                      cell);
}

std::string to_aligned(const Table& table) {
    std::vector<std::vector<std::string>> lines{table.columns};
    std::vector<tasks::Align> columns(table.columns.size(), tasks::Align::right);
    for (const std::vector<Cell>& row : table.rows) {
        std::vector<std::string> line;
        for (std::size_t column = 0; column < row.size(); ++column) {
            line.push_back(for_people(row[column]));
            if (std::holds_alternative<std::string>(row[column])) columns[column] = tasks::Align::left;
        }
        lines.push_back(std::move(line));
    }
    std::string text = tasks::aligned(lines, columns);
    if (!table.notes.empty()) text += '\n';
    for (const std::string& note : table.notes) text += printable(note) + '\n';
    return text;
}

std::string to_csv(const Table& table) {
    std::string text;
    const auto add_line = [&text](const auto& cells, const auto& field_of) {
        const char* separator = "";
        for (const auto& cell : cells) {
            text += separator + field_of(cell);
            separator = ",";
        }
        text += '\n';
    };
    add_line(table.columns, tasks::csv_field);
    for (const std::vector<Cell>& row : table.rows) add_line(row, for_csv);
    return text;
}

std::string to_json(const Table& table) {
    for (auto column = table.columns.begin(); column != table.columns.end(); ++column) {
        if (std::find(table.columns.begin(), column, *column) != column) {
            throw Error(ErrorKind::usage, "two columns of the table are called " + in_quotes(*column) +
                                              ", of which JSON could show one");
        }
    }
    base::Json json = base::Json::array();
    for (const std::vector<Cell>& row : table.rows) {
        base::Json& object = json.emplace_back(base::Json::object());
        for (std::size_t column = 0; column < row.size(); ++column) {
            base::Json& member = object[table.columns[column]];
            std::visit(Overloaded{[](std::monostate) {}, [&](const auto& value) { member = value; }},
                       row[column]);
        }
    }
    return base::to_text(json);
}

}  // namespace

std::string_view name(TableFormat format) noexcept { return base::name_in(kFormats, format); }
std::optional<TableFormat> table_format_from_name(std::string_view spelling) noexcept {
    return base::find_in(kFormats, spelling);
}

std::string to_text(const Table& table, TableFormat format) {
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        if (table.rows[row].size() != table.columns.size()) {
            throw Error(ErrorKind::usage, "row " + std::to_string(row) + " of the table has " +
                                              std::to_string(table.rows[row].size()) + " cells for " +
                                              std::to_string(table.columns.size()) + " columns");
        }
    }
    switch (format) {
        case TableFormat::text:
            return to_aligned(table);
        case TableFormat::csv:
            return to_csv(table);
        case TableFormat::json:
            return to_json(table);
    }
    throw Error(ErrorKind::usage, "the table's format is none that is known");
}

}  // namespace irene
