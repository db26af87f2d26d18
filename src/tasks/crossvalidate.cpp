#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "irene/error.hpp"
#include "irene/tasks.hpp"

#include "data/files.hpp"
#include "data/json.hpp"
#include "data/parallel.hpp"
#include "data/splice.hpp"
#include "tasks/training.hpp"

namespace irene {

namespace {

struct Fold {
    std::string left_out;
    std::vector<std::size_t> training, held_out;  // trees
    numerics::LinearLayer initial;
};

std::string group_of(const Tree& tree, const std::string& source, const CrossvalidateOptions& options) {
    if (options.group_by == "model_name") return tree.model_name;
    if (options.group_by == "batch_size") return std::to_string(tree.batch_size);
    if (options.group_by == "seq_len") return std::to_string(tree.seq_len);
    for (const auto& [group, members] : options.groups) {
        if (std::find(members.begin(), members.end(), tree.model_name) != members.end()) return group;
    }
    throw Error(ErrorKind::data, in_quotes(tree.model_name) + " is in none of the groups",
                {.file = source, .line = tree.line, .field = "model_name"});
}

std::vector<Fold> make_folds(const Dataset& data, const CrossvalidateOptions& options) {
    std::vector<Fold> folds;
    for (std::size_t tree = 0; tree < data.trees.size(); ++tree) {
        const std::string group = group_of(data.trees[tree], data.source, options);
        auto fold =
            std::find_if(folds.begin(), folds.end(), [&](const Fold& f) { return f.left_out == group; });
        if (fold == folds.end()) {
            fold = folds.insert(folds.end(), Fold{});
            fold->left_out = group;
        }
        fold->held_out.push_back(tree);
    }
    if (folds.size() < 2) {
        throw Error(
            ErrorKind::data,
            "cross-validation leaves out one group at a time and needs at least two; all trees are of " +
                options.group_by + " " + in_quotes(folds.empty() ? "" : folds[0].left_out),
            {.file = data.source});
    }
    for (Fold& fold : folds) {
        for (std::size_t tree = 0; tree < data.trees.size(); ++tree) {
            if (!std::binary_search(fold.held_out.begin(), fold.held_out.end(), tree))
                fold.training.push_back(tree);
        }
    }
    return folds;
}

/// A name as one component of a path: what a file name cannot hold, or a shell would trip over, becomes %XX.
std::string file_name(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || c == '/' || c == '\\' || c == '%') {
            result += '%';
            result += kHex[byte >> 4];
            result += kHex[byte & 15];
        } else {
            result += c;
        }
    }
    return result;
}

/// Mean errors by node type, in percent, collected node by node.
class ErrorMeans {
  public:
    void add(const Tree& tree, const std::vector<double>& joules) {
        for (std::size_t node = 0; node < tree.nodes.size(); ++node) {
            const auto type = static_cast<std::size_t>(tree.nodes[node].type);
            const double energy = tree.nodes[node].measured_energy;
            sums_[type] += 100.0 * std::fabs(joules[node] - energy) / energy;
            ++counts_[type];
        }
    }

    std::array<std::optional<double>, kNumNodeTypes> means() const {
        std::array<std::optional<double>, kNumNodeTypes> means;
        for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
            if (counts_[type] > 0) means[type] = sums_[type] / static_cast<double>(counts_[type]);
        }
        return means;
    }

  private:
    std::array<double, kNumNodeTypes> sums_{};
    std::array<std::size_t, kNumNodeTypes> counts_{};
};

constexpr std::array kReportColumns{NodeType::ml, NodeType::module, NodeType::model};

data::Json errors_to_json(const FoldReport& report) {
    data::Json json;
    for (const NodeType type : kReportColumns) {
        const std::optional<double>& error = report.percentage_error[static_cast<std::size_t>(type)];
        data::Json& value = json[std::string(name(type))];
        if (error) value = round_percentage(*error);
    }
    return json;
}

/// What a fold gives, before anything is written.
struct FoldResult {
    FoldReport report;
    Model model;
    std::string predictions;  // JSONL
};

FoldResult run_fold(const Fold& fold, const Dataset& data, tasks::ModelTrainer& trainer,
                    const CrossvalidateOptions& options) {
    FoldResult result;
    result.model = trainer.fit(fold.training, fold.initial, nullptr, options.stop);
    std::erase_if(result.model.leaves,
                  [](const LeafRegressor& regressor) { return regressor.num_nodes == 0; });
    result.model.seed = options.seed;

    Predictor predictor(result.model);
    ErrorMeans means;
    for (const std::size_t tree : fold.held_out) {
        const std::vector<double>& joules = predictor.predict(data.trees[tree], data.source);
        means.add(data.trees[tree], joules);
        data::splice(data.lines[tree], data.splices[tree], joules, result.predictions);
        result.predictions += '\n';
    }
    result.report = {fold.left_out, means.means()};
    return result;
}

void write_fold(const FoldResult& result, const std::filesystem::path& parent) {
    const std::filesystem::path directory = parent / ("leave_" + file_name(result.report.left_out));
    save_model(result.model, directory);
    data::write_document(directory / "predictions.jsonl", result.predictions);
    data::write_document(directory / "percentage_errors.json", data::to_text(errors_to_json(result.report)));
}

/// Two decimals at least one of which is printed even for whole numbers, e.g. "5.0", "14.17".
std::string format_percentage(const std::optional<double>& value) {
    if (!value) return "-";
    std::array<char, 512> text{};
    const auto written =
        std::to_chars(text.data(), text.data() + text.size(), *value, std::chars_format::fixed, 2);
    return {text.data(), written.ptr};
}

std::vector<const FoldReport*> rows_of(const CrossvalidationReport& report) {
    std::vector<const FoldReport*> rows;
    for (const FoldReport& fold : report.folds) rows.push_back(&fold);
    rows.push_back(&report.overall);
    return rows;
}

std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted_text = "\"";
    for (const char c : text) quoted_text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted_text + "\"";
}

}  // namespace

ModelGroups load_model_groups(const std::filesystem::path& path, StopFlag stop) {
    const std::string source = data::display_name(path);
    const data::Json json =
        data::parse_document(data::read_document(path, ErrorKind::usage, stop), ErrorKind::usage, source);
    if (!json.is_object() || json.empty()) {
        throw Error(ErrorKind::usage, "expected an object of lists of model names", {.file = source});
    }
    ModelGroups groups;
    std::set<std::string> seen;
    for (const auto& [group, members] : json.items()) {
        const Place place{.file = source, .field = group};
        if (group.empty()) throw Error(ErrorKind::usage, "a group needs a name", {.file = source});
        if (!members.is_array() || members.empty()) {
            throw Error(ErrorKind::usage, "expected a list of model names, found " + data::kind_of(members),
                        place);
        }
        for (const data::Json& member : members) {
            if (!member.is_string()) {
                throw Error(ErrorKind::usage, "expected model names, found " + data::kind_of(member), place);
            }
            const auto model_name = member.get<std::string>();
            if (!seen.insert(model_name).second) {
                throw Error(ErrorKind::usage, in_quotes(model_name) + " stands twice", place);
            }
            groups[group].push_back(model_name);
        }
    }
    return groups;
}

CrossvalidationReport crossvalidate(const Dataset& data, const Config& config,
                                    const std::filesystem::path& directory,
                                    const CrossvalidateOptions& options) {
    std::vector<Fold> folds = make_folds(data, options);
    const tasks::TrainingData training(data, config);
    if (training.num_inputs() > 0) {
        numerics::InitialWeights weights(options.seed);
        for (Fold& fold : folds) fold.initial = weights.draw(training.num_inputs());
    }
    // Nothing is written before every fold has succeeded.
    std::vector<FoldResult> results(folds.size());
    std::atomic<std::size_t> next{0};
    data::OrderedErrors errors;
    data::run_workers(
        static_cast<unsigned>(std::min<std::size_t>(options.threads, folds.size())), [&](unsigned) {
            tasks::ModelTrainer trainer(training);
            for (std::size_t i = next++; i < folds.size() && !errors.any(); i = next++) {
                errors.guard(i, [&] { results[i] = run_fold(folds[i], data, trainer, options); });
            }
        });
    errors.rethrow_first();

    const std::filesystem::path parent = directory / "crossvalidation";
    if (directory.empty()) throw Error(ErrorKind::cannot_create, "a directory has an empty name");
    data::make_directories(parent);
    data::parallel_for(results.size(), options.threads, [&](std::size_t i) { write_fold(results[i], parent); });

    CrossvalidationReport report;
    for (FoldResult& result : results) report.folds.push_back(std::move(result.report));
    report.overall.left_out = "overall";
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
        double sum = 0.0;
        std::size_t count = 0;
        for (const FoldReport& fold : report.folds) {
            if (!fold.percentage_error[type]) continue;
            sum += *fold.percentage_error[type];
            ++count;
        }
        if (count > 0) report.overall.percentage_error[type] = sum / static_cast<double>(count);
    }
    data::write_document(parent / "report.csv", to_csv(report));
    return report;
}

std::string to_table(const CrossvalidationReport& report) {
    const std::vector<const FoldReport*> rows = rows_of(report);
    std::vector<std::array<std::string, 5>> cells{
        {"", "left-model-name", "ml % error", "module % error", "model % error"}};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::array<std::string, 5>& line = cells.emplace_back();
        line[0] = std::to_string(i);
        line[1] = rows[i]->left_out;
        for (std::size_t column = 0; column < kReportColumns.size(); ++column) {
            const auto type = static_cast<std::size_t>(kReportColumns[column]);
            line[column + 2] = format_percentage(rows[i]->percentage_error[type]);
        }
    }
    std::array<std::size_t, 5> widths{};
    for (const auto& line : cells) {
        for (std::size_t column = 0; column < line.size(); ++column) {
            widths[column] = std::max(widths[column], line[column].size());
        }
    }
    std::string text;
    for (const auto& line : cells) {
        for (std::size_t column = 0; column < line.size(); ++column) {
            if (column > 0) text += "  ";
            text += std::string(widths[column] - line[column].size(), ' ') + line[column];
        }
        text += '\n';
    }
    return text;
}

std::string to_json(const CrossvalidationReport& report) {
    data::Json json = data::Json::object();
    for (const FoldReport& fold : report.folds) json["leave_one_out"][fold.left_out] = errors_to_json(fold);
    json["overall"] = errors_to_json(report.overall);
    return data::to_text(json);
}

std::string to_csv(const CrossvalidationReport& report) {
    std::string text = "left_out,ml,module,model\n";
    for (const FoldReport* row : rows_of(report)) {
        text += csv_field(row->left_out);
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
