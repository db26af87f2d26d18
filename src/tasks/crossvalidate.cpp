#include <algorithm>
#include <memory>
#include <numeric>
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
#include "data/lines.hpp"
#include "data/type_means.hpp"
#include "models/fitted_model.hpp"
#include "models/predicted_line.hpp"
#include "numerics/initial_weights.hpp"
#include "tasks/baselines.hpp"
#include "tasks/crossvalidation_report.hpp"
#include "tasks/fold_folders.hpp"
#include "tasks/folds.hpp"

namespace irene {

namespace {

using tasks::Fold;

constexpr const char* kReportFile = "report.csv";

/// Mean of the figures; none of none.
std::optional<double> mean(const std::vector<double>& figures) {
    if (figures.empty()) return std::nullopt;
    return std::accumulate(figures.begin(), figures.end(), 0.0) / static_cast<double>(figures.size());
}

/// Means over the folds that have a figure.
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

/// Counts as 100 % each node whose measured energy lies in its interval, and as 0 % the others that have one.
void add_coverage(const Tree& tree, const Prediction& prediction, data::TypeMeans& coverage) {
    for (std::size_t node = 0; node < prediction.low.size(); ++node) {
        const double measured = tree.nodes()[node].measured_energy;
        if (is_absent(prediction.low[node]) || is_absent(measured)) continue;
        const bool inside = measured >= prediction.low[node] && measured <= prediction.high[node];
        coverage.add(tree.nodes()[node].type, inside ? 100.0 : 0.0);
    }
}

/// The percentage error of every time that was measured and predicted.
void add_seconds_errors(const Tree& tree, const Prediction& prediction, std::vector<double>& errors) {
    for (std::size_t node = 0; node < prediction.seconds.size(); ++node) {
        const double seconds = tree.nodes()[node].features[static_cast<std::size_t>(Feature::times_mean)];
        if (is_absent(prediction.seconds[node]) || is_absent(seconds) || !(seconds > 0.0)) continue;
        errors.push_back(data::percentage_error(prediction.seconds[node], seconds));
    }
}

/// Intervals where the fold's model has them.
Predictor predictor_of(const Model& model, double interval) {
    const models::Intervals* intervals = model.fitted().intervals();
    const bool has_intervals = intervals != nullptr && intervals->num_models > 1;
    return Predictor(model, has_intervals ? std::optional(interval) : std::nullopt);
}

/// What a fold gives, before anything is written.
struct FoldResult {
    FoldReport report;
    std::vector<Percentages> baselines;  // by each of baseline_rules()
    std::optional<Model> model;
    // Of each held-out tree: every node's joules, its seconds, and what of it lies outside training.
    std::vector<std::vector<double>> joules, seconds;
    std::vector<std::vector<Extrapolation>> extrapolations;
};

FoldResult run_fold(const Fold& fold, const Dataset& dataset, const models::Trainer& trainer,
                    const CrossvalidateOptions& options) {
    FoldResult result;
    result.model.emplace(
        trainer.fit(fold.training,
                    {.seed = options.seed, .initial = fold.initial, .on_epoch = {}, .stop = options.stop}),
        fold.folder.filename().string());
    Predictor predictor = predictor_of(*result.model, options.interval);
    data::TypeMeans errors, coverage;
    std::vector<double> seconds_errors;
    for (const std::size_t number : fold.held_out) {
        const Tree& tree = dataset.trees[number];
        Prediction prediction = predictor.predict(tree, dataset.source);
        errors.add_errors(tree, prediction.joules);
        add_coverage(tree, prediction, coverage);
        add_seconds_errors(tree, prediction, seconds_errors);
        result.extrapolations.push_back(std::move(prediction.extrapolations));
        result.joules.push_back(std::move(prediction.joules));
        result.seconds.push_back(std::move(prediction.seconds));
    }
    result.report = {fold.left_out, errors.means(), coverage.means(), mean(seconds_errors)};
    result.baselines = tasks::baseline_errors(fold, dataset, result.model->config(), result.joules);
    return result;
}

void write_fold(const Fold& fold, const FoldResult& result, const Dataset& data) {
    save_model(*result.model, fold.folder);
    base::OutputFile predictions(fold.folder / tasks::kFoldPredictions);
    models::PredictedLines lines(*result.model, std::nullopt);
    std::string line;
    for (std::size_t i = 0; i < fold.held_out.size(); ++i) {
        const std::size_t tree = fold.held_out[i];
        line.clear();
        const data::Line& read = data::line_of(data, data.trees[tree]);
        Prediction prediction;
        prediction.joules = result.joules[i];
        prediction.seconds = result.seconds[i];
        prediction.extrapolations = result.extrapolations[i];
        lines.append(read.text, read.places, prediction, line);
        line += '\n';
        predictions.write(line);
    }
    predictions.commit();
    base::write_document(fold.folder / tasks::kFoldErrors,
                         base::to_text(tasks::errors_to_json(result.report)));
}

CrossvalidationReport report_of(const std::vector<FoldResult>& results, const std::vector<std::string>& rules,
                                double interval) {
    CrossvalidationReport report;
    report.interval = interval;
    report.overall.left_out = tasks::kOverall;
    std::vector<Percentages> fold_errors, fold_coverage;
    std::vector<double> fold_seconds;
    for (const FoldResult& result : results) {
        const FoldReport& fold = report.folds.emplace_back(result.report);
        fold_errors.push_back(fold.percentage_error);
        fold_coverage.push_back(fold.coverage);
        if (fold.seconds_error) fold_seconds.push_back(*fold.seconds_error);
    }
    report.overall.percentage_error = mean(fold_errors);
    report.overall.coverage = mean(fold_coverage);
    report.overall.seconds_error = mean(fold_seconds);
    for (std::size_t rule = 0; rule < rules.size(); ++rule) {
        std::vector<Percentages> all;
        all.reserve(results.size());
        for (const FoldResult& result : results) all.push_back(result.baselines[rule]);
        report.baselines.push_back({rules[rule], mean(all)});
    }
    return report;
}

}  // namespace

std::vector<std::filesystem::path> crossvalidation_files(const std::filesystem::path& directory) {
    const std::filesystem::path parent = directory / "crossvalidation";
    std::vector<std::filesystem::path> files = tasks::earlier_fold_files(parent);
    files.push_back(parent / kReportFile);
    return files;
}

CrossvalidationReport crossvalidate(const Dataset& data, const Config& config,
                                    const std::filesystem::path& directory,
                                    const CrossvalidateOptions& options) {
    if (!(options.interval > 0.0 && options.interval < 1.0)) {
        throw Error(ErrorKind::usage, "the probability of an interval lies between 0 and 1");
    }
    const std::filesystem::path parent = directory / "crossvalidation";
    std::vector<Fold> folds = tasks::make_folds(data, parent, options);
    config.validate();
    if (directory.empty()) throw Error(ErrorKind::cannot_create, "a directory has an empty name");
    for (const Tree& tree : data.trees) (void)data::line_of(data, tree);  // before any training
    for (const Fold& fold : folds) refuse_foreign_files(fold.folder);
    const std::unique_ptr<models::Trainer> trainer = models::make_trainer(data, config);
    numerics::InitialWeights weights(options.seed);
    for (Fold& fold : folds) fold.initial = trainer->draw(weights);
    // Nothing is written before every fold has succeeded.
    std::vector<FoldResult> results(folds.size());
    base::parallel_for(folds.size(), options.threads,
                       [&](std::size_t i) { results[i] = run_fold(folds[i], data, *trainer, options); });

    base::make_directories(parent);
    base::parallel_for(results.size(), options.threads,
                       [&](std::size_t i) { write_fold(folds[i], results[i], data); });

    CrossvalidationReport report = report_of(results, tasks::baseline_rules(config), options.interval);
    base::write_document(parent / kReportFile, to_csv(report));
    // Else folds of an earlier run that are not in the report would be taken for folds of this one.
    std::set<std::string> folders;
    for (const Fold& fold : folds) folders.insert(fold.folder.filename().string());
    tasks::remove_earlier_folds(parent, folders);
    if (const std::string warning = trainer->warning(); !warning.empty()) {
        base::tell(options.warn, data.source + ": " + warning);
    }
    return report;
}

}  // namespace irene
