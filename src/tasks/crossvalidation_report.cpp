#include "tasks/crossvalidation_report.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/numbers.hpp"
#include "tasks/text_table.hpp"

namespace irene {

namespace {

constexpr std::array kReportColumns{NodeType::ml, NodeType::module, NodeType::model};

/// Two decimals, or "-" where there is no figure.
std::string format_percentage(const std::optional<double>& value) {
    if (!value) return "-";
    return base::format_fixed(*value, 2);
}

/// Whether some type of node has one: where whole runs alone were measured, only models do.
bool has_figure(const Percentages& percentages) {
    return std::any_of(percentages.begin(), percentages.end(),
                       [](const auto& value) { return value.has_value(); });
}

struct Row {
    std::string name;
    const Percentages* percentages;
};

/// Columns: number, name, and one for each type of node; aligned to the right.
std::string aligned_table(const std::string& name_column, const std::string& unit,
                          const std::vector<Row>& rows) {
    std::vector<std::vector<std::string>> cells(rows.size() + 1, std::vector<std::string>(2 + kNumNodeTypes));
    cells[0][1] = name_column;
    for (std::size_t column = 0; column < kReportColumns.size(); ++column) {
        cells[0][column + 2] = std::string(name(kReportColumns[column])) + unit;
    }
    for (std::size_t row = 0; row < rows.size(); ++row) {
        cells[row + 1][0] = std::to_string(row);
        cells[row + 1][1] = rows[row].name;
        for (std::size_t column = 0; column < kReportColumns.size(); ++column) {
            const auto type = static_cast<std::size_t>(kReportColumns[column]);
            cells[row + 1][column + 2] = format_percentage((*rows[row].percentages)[type]);
        }
    }
    return tasks::aligned(cells, std::vector(2 + kNumNodeTypes, tasks::Align::right));
}

std::vector<const FoldReport*> rows_of(const CrossvalidationReport& report) {
    std::vector<const FoldReport*> rows;
    for (const FoldReport& fold : report.folds) rows.push_back(&fold);
    rows.push_back(&report.overall);
    return rows;
}

}  // namespace

base::Json tasks::percentages_to_json(const Percentages& percentages) {
    base::Json json;
    for (const NodeType type : kReportColumns) {
        const std::optional<double>& percentage = percentages[static_cast<std::size_t>(type)];
        base::Json& value = json[std::string(name(type))];
        if (percentage) value = round_percentage(*percentage);
    }
    return json;
}

std::string to_table(const CrossvalidationReport& report) {
    std::vector<Row> errors, coverage, baselines;
    for (const FoldReport* fold : rows_of(report)) {
        errors.push_back({fold->left_out, &fold->percentage_error});
        if (has_figure(fold->coverage)) coverage.push_back({fold->left_out, &fold->coverage});
    }
    for (const Baseline& baseline : report.baselines)
        baselines.push_back({baseline.rule, &baseline.percentage_error});
    std::string text = aligned_table("left-model-name", " % error", errors);
    if (!baselines.empty()) text += "\nBaselines, overall\n" + aligned_table("rule", " % error", baselines);
    if (!coverage.empty()) {
        text += "\nNodes within their " + format_percentage(100.0 * report.interval) + " % interval\n" +
                aligned_table("left-model-name", " % within", coverage);
    }
    return text;
}

std::string to_json(const CrossvalidationReport& report) {
    base::Json json = base::Json::object();
    for (const FoldReport& fold : report.folds) {
        json["leave_one_out"][fold.left_out] = tasks::percentages_to_json(fold.percentage_error);
    }
    json["overall"] = tasks::percentages_to_json(report.overall.percentage_error);
    for (const Baseline& baseline : report.baselines) {
        json["baselines"][baseline.rule] = tasks::percentages_to_json(baseline.percentage_error);
    }
    if (has_figure(report.overall.coverage)) {
        base::Json& coverage = json["coverage"];
        coverage["interval"] = report.interval;
        for (const FoldReport& fold : report.folds) {
            coverage["leave_one_out"][fold.left_out] = tasks::percentages_to_json(fold.coverage);
        }
        coverage["overall"] = tasks::percentages_to_json(report.overall.coverage);
    }
    return base::to_text(json);
}

std::string to_csv(const CrossvalidationReport& report) {
    std::string text = "left_out,ml,module,model\n";
    for (const FoldReport* row : rows_of(report)) {
        text += tasks::csv_field(row->left_out);
        for (const NodeType type : kReportColumns) {
            const auto& error = row->percentage_error[static_cast<std::size_t>(type)];
            text += ',';
            if (error) text += format_percentage(error);
        }
        text += '\n';
    }
    return text;
}

}  // namespace irene
