#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "irene/error.hpp"
#include "irene/tasks.hpp"

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/parallel.hpp"
#include "base/tell.hpp"
#include "data/splice.hpp"
#include "models/fitted_model.hpp"
#include "numerics/elementary.hpp"
#include "numerics/initial_weights.hpp"
#include "tasks/fold_folders.hpp"
#include "tasks/text_table.hpp"

namespace irene {

namespace {

/// The name of the last row of a report.
constexpr const char* kOverall = "overall";
constexpr const char* kReportFile = "report.csv";

struct Fold {
    std::string left_out;
    std::filesystem::path folder;
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

/// `parent` is where the folders of the folds belong.
std::vector<Fold> make_folds(const Dataset& data, const std::filesystem::path& parent,
                             const CrossvalidateOptions& options) {
    std::vector<Fold> folds;
    std::set<std::string> folders;
    for (std::size_t tree = 0; tree < data.trees.size(); ++tree) {
        const std::string group = group_of(data.trees[tree], data.source, options);
        auto fold =
            std::find_if(folds.begin(), folds.end(), [&](const Fold& f) { return f.left_out == group; });
        if (fold == folds.end()) {
            const std::string folder = tasks::fold_folder(group);
            if (group == kOverall || !folders.insert(folder).second) {
                throw Error(
                    ErrorKind::data,
                    group == kOverall
                        ? "no fold can be called 'overall', as the report's last row is; rename it"
                        : "would share the folder " + in_quotes(folder) + " with another fold; rename it",
                    {.file = data.source, .line = data.trees[tree].line, .field = options.group_by});
            }
            fold = folds.insert(folds.end(), Fold{});
            fold->left_out = group;
            fold->folder = parent / folder;
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

/// Means by node type of percentages, such as errors, collected node by node.
class TypeMeans {
  public:
    void add(const Tree& tree, const std::vector<double>& joules) {
        for (std::size_t node = 0; node < tree.nodes.size(); ++node) {
            const double energy = tree.nodes[node].measured_energy;
            add(tree.nodes[node].type, 100.0 * std::fabs(joules[node] - energy) / energy);
        }
    }

    void add(NodeType type, double percent) {
        sums_[static_cast<std::size_t>(type)] += percent;
        ++counts_[static_cast<std::size_t>(type)];
    }

    Percentages means() const {
        Percentages means;
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

base::Json percentages_to_json(const Percentages& percentages) {
    base::Json json;
    for (const NodeType type : kReportColumns) {
        const std::optional<double>& percentage = percentages[static_cast<std::size_t>(type)];
        base::Json& value = json[std::string(name(type))];
        if (percentage) value = round_percentage(*percentage);
    }
    return json;
}

/// The mean of what there is.
Percentages mean(const std::vector<Percentages>& all) {
    Percentages means;
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
        double sum = 0.0;
        std::size_t count = 0;
        for (const Percentages& percentages : all) {
            if (!percentages[type]) continue;
            sum += *percentages[type];
            ++count;
        }
        if (count > 0) means[type] = sum / static_cast<double>(count);
    }
    return means;
}

/// The features that the config uses and that energy is in first approximation proportional to.
std::vector<Feature> baseline_features(const Config& config) {
    std::vector<Feature> features = features_of(config.feature_sets);
    std::erase_if(features, [](Feature feature) {
        return feature != Feature::flops && feature != Feature::times_mean &&
               feature != Feature::gpu_energy_mean;
    });
    return features;
}

/// Errors of c x feature, with the c of least squared relative error over the training trees.
Percentages scaled_feature_error(const Fold& fold, const Dataset& data, Feature feature) {
    const auto value_of = [feature](const Node& node) {
        return node.features[static_cast<std::size_t>(feature)];
    };
    double sum = 0.0;
    double sum_of_squares = 0.0;
    for (const std::size_t tree : fold.training) {
        for (const Node& node : data.trees[tree].nodes) {
            const double ratio = value_of(node) / node.measured_energy;
            sum += ratio;
            sum_of_squares += ratio * ratio;
        }
    }
    const double scale = sum_of_squares > 0.0 ? sum / sum_of_squares : 0.0;
    TypeMeans means;
    std::vector<double> joules;
    for (const std::size_t tree : fold.held_out) {
        joules.clear();
        for (const Node& node : data.trees[tree].nodes) joules.push_back(scale * value_of(node));
        means.add(data.trees[tree], joules);
    }
    return means.means();
}

/// Every inner node as the sum of the leaves below it.
void sum_leaves(const Tree& tree, const std::vector<double>& joules, std::vector<double>& sums) {
    sums.assign(joules.size(), 0.0);
    for (std::size_t node = joules.size(); node-- > 0;) {
        if (tree.is_leaf(node)) sums[node] = joules[node];
        if (node > 0) sums[static_cast<std::size_t>(tree.nodes[node].parent)] += sums[node];
    }
}

/// Counts as 100 % each node whose measured energy lies in its interval, and as 0 % the others.
void add_coverage(const Tree& tree, const std::vector<double>& joules, const models::Intervals& intervals,
                  double probability, TypeMeans& coverage) {
    for (std::size_t node = 0; node < joules.size(); ++node) {
        const NodeType type = tree.nodes[node].type;
        const std::optional<double> width = half_width(intervals, type, probability);
        if (!width) continue;
        const double factor = numerics::exponential(*width);
        const double measured = tree.nodes[node].measured_energy;
        const bool inside = measured >= joules[node] / factor && measured <= joules[node] * factor;
        coverage.add(type, inside ? 100.0 : 0.0);
    }
}

/// What a fold gives, before anything is written.
struct FoldResult {
    FoldReport report;
    std::vector<Percentages> baselines;  // sum of children, then baseline_features()
    std::optional<Model> model;
    std::vector<std::vector<double>> joules;  // of every node of each held-out tree
};

FoldResult run_fold(const Fold& fold, const Dataset& data, const models::Trainer& trainer,
                    const CrossvalidateOptions& options) {
    FoldResult result;
    result.model.emplace(
        trainer.fit(fold.training,
                    {.seed = options.seed, .initial = fold.initial, .on_epoch = {}, .stop = options.stop}));
    Predictor predictor(*result.model);
    const models::Intervals* intervals = result.model->fitted().intervals();
    TypeMeans errors, sum_errors, coverage;
    std::vector<double> sums;
    for (const std::size_t number : fold.held_out) {
        const Tree& tree = data.trees[number];
        std::vector<double> joules = predictor.predict(tree, data.source).joules;
        errors.add(tree, joules);
        sum_leaves(tree, joules, sums);
        sum_errors.add(tree, sums);
        if (intervals != nullptr) add_coverage(tree, joules, *intervals, options.interval, coverage);
        result.joules.push_back(std::move(joules));
    }
    result.report = {fold.left_out, errors.means(), coverage.means()};
    result.baselines.push_back(sum_errors.means());
    for (const Feature feature : baseline_features(result.model->config())) {
        result.baselines.push_back(scaled_feature_error(fold, data, feature));
    }
    return result;
}

void write_fold(const Fold& fold, const FoldResult& result, const Dataset& data) {
    save_model(*result.model, fold.folder);
    base::OutputFile predictions(fold.folder / tasks::kFoldPredictions);
    std::string line;
    for (std::size_t i = 0; i < fold.held_out.size(); ++i) {
        const std::size_t tree = fold.held_out[i];
        line.clear();
        data::splice(data.lines[tree], data.splices[tree], {&result.joules[i], nullptr, nullptr}, line);
        line += '\n';
        predictions.write(line);
    }
    predictions.commit();
    base::write_document(fold.folder / tasks::kFoldErrors,
                         base::to_text(percentages_to_json(result.report.percentage_error)));
}

/// Two decimals, or "-" where there is no figure.
std::string format_percentage(const std::optional<double>& value) {
    if (!value) return "-";
    std::array<char, 512> text{};
    const auto written =
        std::to_chars(text.data(), text.data() + text.size(), *value, std::chars_format::fixed, 2);
    return {text.data(), written.ptr};
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

ModelGroups load_model_groups(const std::filesystem::path& path, StopFlag stop) {
    const std::string source = base::display_name(path);
    const base::Json json =
        base::parse_document(base::read_document(path, ErrorKind::usage, stop), ErrorKind::usage, source);
    if (!json.is_object() || json.empty()) {
        throw Error(ErrorKind::usage, "expected an object of lists of model names", {.file = source});
    }
    ModelGroups groups;
    std::set<std::string> seen;
    for (const auto& [group, members] : json.items()) {
        const Place place{.file = source, .field = group};
        if (group.empty()) throw Error(ErrorKind::usage, "a group needs a name", {.file = source});
        if (group == kOverall) {
            throw Error(ErrorKind::usage,
                        "no group can be called 'overall', as the report's last row is; rename it",
                        {.file = source});
        }
        if (!members.is_array() || members.empty()) {
            throw Error(ErrorKind::usage, "expected a list of model names, found " + base::kind_of(members),
                        place);
        }
        for (const base::Json& member : members) {
            if (!member.is_string()) {
                throw Error(ErrorKind::usage, "expected model names, found " + base::kind_of(member), place);
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

std::vector<std::filesystem::path> crossvalidation_files(const std::filesystem::path& directory) {
    const std::filesystem::path parent = directory / "crossvalidation";
    std::vector<std::filesystem::path> files = tasks::earlier_fold_files(parent);
    files.push_back(parent / kReportFile);
    return files;
}

CrossvalidationReport crossvalidate(const Dataset& data, const Config& config,
                                    const std::filesystem::path& directory,
                                    const CrossvalidateOptions& options) {
    const std::filesystem::path parent = directory / "crossvalidation";
    std::vector<Fold> folds = make_folds(data, parent, options);
    config.validate();
    for (const Fold& fold : folds) refuse_foreign_files(fold.folder);
    const std::unique_ptr<models::Trainer> trainer = models::make_trainer(data, config);
    numerics::InitialWeights weights(options.seed);
    for (Fold& fold : folds) fold.initial = trainer->draw(weights);
    // Nothing is written before every fold has succeeded.
    std::vector<FoldResult> results(folds.size());
    base::parallel_for(folds.size(), options.threads,
                       [&](std::size_t i) { results[i] = run_fold(folds[i], data, *trainer, options); });

    if (directory.empty()) throw Error(ErrorKind::cannot_create, "a directory has an empty name");
    base::make_directories(parent);
    base::parallel_for(results.size(), options.threads,
                       [&](std::size_t i) { write_fold(folds[i], results[i], data); });

    CrossvalidationReport report;
    for (FoldResult& result : results) report.folds.push_back(std::move(result.report));
    report.interval = options.interval;
    report.overall.left_out = kOverall;
    std::vector<Percentages> fold_errors, fold_coverage;
    for (const FoldReport& fold : report.folds) {
        fold_errors.push_back(fold.percentage_error);
        fold_coverage.push_back(fold.coverage);
    }
    report.overall.percentage_error = mean(fold_errors);
    report.overall.coverage = mean(fold_coverage);

    std::vector<std::string> rules{"sum of children"};
    for (const Feature feature : baseline_features(config))
        rules.push_back("scale x " + std::string(name(feature)));
    for (std::size_t rule = 0; rule < rules.size(); ++rule) {
        std::vector<Percentages> all;
        all.reserve(results.size());
        for (const FoldResult& result : results) all.push_back(result.baselines[rule]);
        report.baselines.push_back({rules[rule], mean(all)});
    }
    base::write_document(parent / kReportFile, to_csv(report));
    // Folds of an earlier run that the report does not speak of would pass for folds of this one.
    std::set<std::string> folders;
    for (const Fold& fold : folds) folders.insert(fold.folder.filename().string());
    tasks::remove_earlier_folds(parent, folders);
    if (const std::string warning = trainer->warning(); !warning.empty()) {
        base::tell(options.warn, data.source + ": " + warning);
    }
    return report;
}

std::string to_table(const CrossvalidationReport& report) {
    const auto has = [](const Percentages& percentages) {
        return std::any_of(percentages.begin(), percentages.end(),
                           [](const auto& value) { return value.has_value(); });
    };
    std::vector<Row> errors, coverage, baselines;
    for (const FoldReport* fold : rows_of(report)) {
        errors.push_back({fold->left_out, &fold->percentage_error});
        if (has(fold->coverage)) coverage.push_back({fold->left_out, &fold->coverage});
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
        json["leave_one_out"][fold.left_out] = percentages_to_json(fold.percentage_error);
    }
    json["overall"] = percentages_to_json(report.overall.percentage_error);
    for (const Baseline& baseline : report.baselines) {
        json["baselines"][baseline.rule] = percentages_to_json(baseline.percentage_error);
    }
    if (report.overall.coverage[static_cast<std::size_t>(NodeType::ml)]) {
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
