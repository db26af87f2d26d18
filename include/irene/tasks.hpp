// What the command-line tools do: train, calibrate, predict, evaluate, cross-validate.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "irene/config.hpp"
#include "irene/dataset.hpp"
#include "irene/model.hpp"

namespace irene {

/// Seed of the initial weights in the reference.
inline constexpr std::uint32_t kDefaultSeed = 13370;

// ---- train -----------------------------------------------------------------------------------------------

struct TrainOptions {
    std::uint32_t seed = kDefaultSeed;
    StopFlag stop = nullptr;
    std::function<void(const EpochSummary&)> on_epoch = {};  ///< called after each epoch where set
    Warn warn = {};  ///< told of the data: counts that contradict each other, too few models for intervals
};

/// Trains on every tree of `data`, in its order. Deterministic for a seed.
/// Throws Error: usage where the config is invalid; data where a node lacks a feature of the config or a
/// measured energy above 0, where numbers are too large or too small to fit to, and where training diverges.
Model train(const Dataset& data, const Config& config, const TrainOptions& options = {});

// ---- calibrate -------------------------------------------------------------------------------------------

struct CalibrateOptions {
    /// The datasheet of the other device, for a model of `kernel_counts` that was trained with one.
    std::optional<Device> device = {};
    StopFlag stop = nullptr;
    Warn warn =
        {};  ///< told of the data: counts that contradict each other; and of what rests on no measurement
};

/// Carries a model to another device: by its datasheet where one is told, and by a few measurements there, of
/// whole runs or of any nodes. Its prices are scaled, all together, by kind of work, and one by one, each as
/// far as the measurements support. Closed form, or nearly; no seed. Throws Error: usage for a model that has
/// no prices to scale, which only those of strategy `additive` have, for a datasheet where the model knows
/// none of its own device, and for no trees without a datasheet; data where a tree has no measured energy or
/// one that is not above 0, a node lacks a feature that the model reads, trees are counted by another
/// convention than the model's, or numbers are too large or too small.
Model calibrate(const Model& known, const Dataset& data, const CalibrateOptions& options = {});

// ---- predict ---------------------------------------------------------------------------------------------

struct PredictOptions {
    unsigned threads = 1;         ///< at least 1; the output does not depend on it
    bool skip_bad_lines = false;  ///< leave out lines that are refused, and count them
    /// Probability in (0, 1) of prediction intervals, written as predicted_energy_low and
    /// predicted_energy_high; needs a model of strategy `additive`.
    std::optional<double> interval = {};
    /// Write predicted_energy alone: who predicted, what lies outside training, and what an earlier
    /// prediction said of it are left out. Not together with an interval.
    bool plain = false;
    Warn warn = {};  ///< told each refusal that is skipped, and what intervals cannot tell
    std::size_t max_line_bytes = kMaxLineBytes;  ///< a longer line ends it, even where bad lines are skipped
    StopFlag stop = nullptr;
};

struct PredictSummary {
    std::size_t num_trees = 0;
    std::size_t num_bad_lines = 0;
    PredictionNotices notices;  ///< of all lines predicted
};

/// Copies `input` to `output` ("-": standard input, output) with what Predictor::predict_line() writes; all
/// other bytes are kept. Lines are read, predicted and written in blocks, so memory does not grow with the
/// file. Ids must be unique within a tree only. A file without trees is copied as it is. `output` may be
/// `input`, unless it is written as it is read, through a redirection. Throws Error as read_dataset() and
/// Predictor do, but for a file without trees, and when all lines that are not blank were refused; a regular
/// output file is then not created. Throws Error (usage) for an interval that the model cannot give.
PredictSummary predict_file(const Model& model, const std::filesystem::path& input,
                            const std::filesystem::path& output, const PredictOptions& options = {});

/// A run with what was predicted of it.
struct PredictedRun {
    std::string line = {};            ///< as predict_file() writes it, without its line end
    std::vector<RunValue> keys = {};  ///< of the run, by RunKey
    double joules = absent();         ///< J, of the root: the whole run
    double low = absent();            ///< J, where its interval begins; absent() where it has none
    double high = absent();           ///< J, where it ends
    double seconds = absent();        ///< s; absent() where the model knows no times
};

/// Takes the runs in the order of the input, one after the other. It is called on the threads that predict,
/// which wait for it; what it throws ends the prediction.
using VisitRun = std::function<void(PredictedRun&& run)>;

/// The same for a program: every run goes to `visit`, and no file is written. Of an input that is refused,
/// all that stands before the refused line was visited before the error is thrown. Throws Error as
/// predict_file() does, and what `visit` throws.
PredictSummary predict_runs(const Model& model, const std::filesystem::path& input, const VisitRun& visit,
                            const PredictOptions& options = {});

/// The same of lines that the program gives, which messages call `source`.
PredictSummary predict_runs(const Model& model, const NextLines& next, const std::string& source,
                            const VisitRun& visit, const PredictOptions& options = {});

// ---- evaluate --------------------------------------------------------------------------------------------

/// Mean absolute percentage error of the nodes of one type, 100 * mean(|predicted - measured| / measured).
struct TypeError {
    NodeType type = NodeType::ml;
    /// None where no node of the type could be scored, or the mean is too large for a double.
    std::optional<double> percentage_error;
    std::size_t num_nodes = 0;  ///< scored
};

struct EvaluateOptions {
    std::vector<NodeType> node_types{NodeType::ml, NodeType::module, NodeType::model};
    bool strict = false;  ///< a missing prediction is an error
    unsigned threads = 1;
    std::size_t max_line_bytes = kMaxLineBytes;
    StopFlag stop = nullptr;
};

/// The same of times: of `predicted_seconds` against `times_mean`.
struct SecondsError {
    /// None where no node has both, or the mean is too large for a double.
    std::optional<double> percentage_error;
    std::size_t num_nodes = 0;    ///< scored: roots, and calls of generations
    std::size_t num_missing = 0;  ///< counted as a prediction of 0 s
};

struct Evaluation {
    std::vector<TypeError> errors;            ///< in the order of EvaluateOptions::node_types
    SecondsError seconds;                     ///< whatever types are scored
    std::size_t num_missing_predictions = 0;  ///< counted as a prediction of 0 J
    std::size_t num_without_measurement = 0;  ///< nodes left out: measured energy absent or 0
    std::size_t num_unknown_predictions = 0;  ///< predicted nodes that are not in the gold file
};

/// Joins two files by node id, whatever the order of their lines, and scores the second against the first.
/// Times are scored of roots and of their children that have both, a time above 0 and its prediction. Where
/// some prediction has seconds, a root with a time and no predicted seconds is missing; where none has, the
/// models know no times, and nothing is. Throws Error as read_dataset() does, and (data) for a missing
/// prediction when strict, where nothing can be scored, and where no node to be scored has a prediction;
/// (usage) for no types to score.
Evaluation evaluate_files(const std::filesystem::path& gold, const std::filesystem::path& predictions,
                          const EvaluateOptions& options = {});

// ---- cross-validate --------------------------------------------------------------------------------------

/// Named groups of model names.
using ModelGroups = std::map<std::string, std::vector<std::string>>;

/// Reads {"group": ["model_name", ...], ...}. Throws Error: no_input; usage where it is malformed, a group is
/// empty or called "overall", or a model stands in two groups.
ModelGroups load_model_groups(const std::filesystem::path& path, StopFlag stop = nullptr);

struct CrossvalidateOptions {
    /// The key of a run, by whose values folds leave out trees; none: by `groups` of models.
    std::optional<RunKey> group_by = RunKey::model_name;
    ModelGroups groups = {};  ///< every model of the data must be in one; not looked at where there is a key
    std::uint32_t seed = kDefaultSeed;
    unsigned threads = 1;   ///< folds at once; results do not depend on it
    double interval = 0.9;  ///< probability of the intervals whose coverage is reported
    StopFlag stop = nullptr;
    Warn warn = {};  ///< told of the data: counts that contradict each other
};

/// One figure in percent for each NodeType; none where there is no node to take it from.
using Percentages = std::array<std::optional<double>, kNumNodeTypes>;

struct FoldReport {
    std::string left_out;
    Percentages percentage_error;
    /// Share of held-out nodes whose measured energy lies in their prediction interval; strategy `additive`
    /// only.
    Percentages coverage = {};
    /// Of the predicted seconds of held-out runs and their calls against `times_mean`; none where no model of
    /// a fold knows times, or none was measured.
    std::optional<double> seconds_error = {};
};

/// What a simple rule reaches on the same folds, mean over the folds.
struct Baseline {
    std::string rule;  ///< e.g. "sum of children", "scale x flops"
    Percentages percentage_error;
};

struct CrossvalidationReport {
    std::vector<FoldReport> folds;  ///< in order of first appearance in the data
    FoldReport overall;             ///< mean over the folds
    /// The sum of the leaves as the fold's model predicts them; and c times each of flops, times_mean and
    /// gpu_energy_mean that the config uses, c being the scale of least squared relative error over all nodes
    /// of the training trees.
    std::vector<Baseline> baselines;
    double interval = 0.0;  ///< probability of the intervals
};

/// The files below `directory` that crossvalidate() replaces or removes, whether they are there or not.
std::vector<std::filesystem::path> crossvalidation_files(const std::filesystem::path& directory);

/// Trains and predicts once for each group, with the group left out of training, and writes for each
/// `directory`/crossvalidation/leave_NAME/{config.json,model.json,predictions.jsonl,percentage_errors.json},
/// then crossvalidation/report.csv. Bytes of a name that a file name must not hold are written %XX; a name
/// too long for a file name is cut and ends with a hash of the whole. When all is written, leave_... folders
/// of an earlier run that are none of this one's are removed, unless they hold anything but a fold's files.
/// Predictions are written into the lines of `data`, as read_dataset() keeps them unless told otherwise. The
/// initial weights are drawn on from fold to fold, as the reference does. Throws Error as train(),
/// save_model() and Predictor do; usage, before any training, where `data` has not the line of each tree, and
/// where there is neither a key nor a group to fold by; data where there is only one group, or one is called
/// "overall", as the report's last row is.
CrossvalidationReport crossvalidate(const Dataset& data, const Config& config,
                                    const std::filesystem::path& directory,
                                    const CrossvalidateOptions& options = {});

// ---- explain ---------------------------------------------------------------------------------------------

/// What a model learned, in words and numbers with their units.
std::string explain(const Model& model);

/// The same as one JSON document.
std::string explain_json(const Model& model);

// ---- the reports as text ---------------------------------------------------------------------------------

/// Rounded to two decimals, half to even on the exact value, as the reference prints percentages.
double round_percentage(double value);

/// {"ml": 1.36, "module": 9.3, "model": 5.9, "seconds": null}; null where a type, or times, could not be
/// scored.
std::string to_json(const Evaluation& evaluation);

/// The same below a headline, as the reference prints it: without seconds where there is no figure.
std::string to_text(const Evaluation& evaluation);

/// The report as aligned text tables (errors, baselines, coverage), as a JSON document, and its errors as
/// CSV.
std::string to_table(const CrossvalidationReport& report);
std::string to_json(const CrossvalidationReport& report);
std::string to_csv(const CrossvalidationReport& report);

}  // namespace irene
