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

/// {"ml": 1.36, "module": 9.3, "model": 5.9}, rounded; null where there is no figure.
base::Json percentages_to_json(const Percentages& percentages) {
    base::Json json;
    for (const NodeType type : kReportColumns) {
        const std::optional<double>& percentage = percentages[static_cast<std::size_t>(type)];
        base::Json& value = json[std::string(name(type))];
        if (percentage) value = round_percentage(*percentage);
    }
    return json;
}

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
    std::optional<double> seconds = {};
};

/// Columns: number, name, one for each type of node, and seconds where a row has a figure; aligned to the
/// right.
std::string aligned_table(const std::string& name_column, const std::string& unit,
                          const std::vector<Row>& rows) {
    const bool has_seconds =
        std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.seconds.has_value(); });
    const std::size_t num_columns = 2 + kNumNodeTypes + (has_seconds ? 1 : 0);
    std::vector<std::vector<std::string>> cells(rows.size() + 1, std::vector<std::string>(num_columns));
    cells[0][1] = name_column;
    for (std::size_t column = 0; column < kReportColumns.size(); ++column) {
        cells[0][column + 2] = std::string(name(kReportColumns[column])) + unit;
    }
    if (has_seconds) cells[0].back() = "seconds" + unit;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        cells[row + 1][0] = std::to_string(row);
        cells[row + 1][1] = rows[row].name;
        for (std::size_t column = 0; column < kReportColumns.size(); ++column) {
            const auto type = static_cast<std::size_t>(kReportColumns[column]);
            cells[row + 1][column + 2] = format_percentage((*rows[row].percentages)[type]);
        }
        if (has_seconds) cells[row + 1].back() = format_percentage(rows[row].seconds);
    }
    return tasks::aligned(cells, std::vector(num_columns, tasks::Align::right));
}

std::vector<const FoldReport*> rows_of(const CrossvalidationReport& report) {
    std::vector<const FoldReport*> rows;
    for (const FoldReport& fold : report.folds) rows.push_back(&fold);
    rows.push_back(&report.overall);
    return rows;
}

}  // namespace

base::Json tasks::errors_to_json(const FoldReport& fold) {
    base::Json json = percentages_to_json(fold.percentage_error);
    base::Json& seconds = json["seconds"];
    if (fold.seconds_error) seconds = round_percentage(*fold.seconds_error);
    return json;
}

std::string to_table(const CrossvalidationReport& report) {
    std::vector<Row> errors, coverage, baselines;
    for (const FoldReport* fold : rows_of(report)) {
        errors.push_back({fold->left_out, &fold->percentage_error, fold->seconds_error});
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
        json["leave_one_out"][fold.left_out] = tasks::errors_to_json(fold);
    }
    json["overall"] = tasks::errors_to_json(report.overall);
    for (const Baseline& baseline : report.baselines) {
        json["baselines"][baseline.rule] = percentages_to_json(baseline.percentage_error);
    }
    if (has_figure(report.overall.coverage)) {
        base::Json& coverage = json["coverage"];
        coverage["interval"] = report.interval;
        for (const FoldReport& fold : report.folds) {
            coverage["leave_one_out"][fold.left_out] = percentages_to_json(fold.coverage);
        }
        coverage["overall"] = percentages_to_json(report.overall.coverage);
    }
    return base::to_text(json);
}

std::string to_csv(const CrossvalidationReport& report) {
    std::string text = "left_out,ml,module,model,seconds\n";
    for (const FoldReport* row : rows_of(report)) {
        text += tasks::csv_field(row->left_out);
        const auto add = [&text](const std::optional<double>& error) {
            text += ',';
            if (error) text += format_percentage(error);
        };
        for (const NodeType type : kReportColumns) add(row->percentage_error[static_cast<std::size_t>(type)]);
        add(row->seconds_error);
        text += '\n';
    }
    return text;
}

}  // namespace irene
