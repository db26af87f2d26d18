#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "irene/error.hpp"
#include "irene/tasks.hpp"

#include "base/json.hpp"
#include "base/numbers.hpp"
#include "data/line_blocks.hpp"
#include "data/node_ids.hpp"
#include "data/read_trees.hpp"
#include "data/tree_access.hpp"
#include "data/type_means.hpp"

namespace irene {

namespace {

/// What an evaluation needs of a node. A quarter of a Node: all nodes of two files are in memory.
struct EnergyNode {
    data::TreeAccess::TextRange id, scope;
    NodeType type = NodeType::ml;
    double joules = 0.0;
};

/// Of a root or one of its children: few nodes of a tree have one to be scored.
struct NodeTime {
    std::size_t node = 0;
    double seconds = 0.0;
};

/// What is read of a node.
struct Columns {
    double Node::*energy;
    double (*seconds)(const Node& node);
};

class EnergyTree {
  public:
    EnergyTree(const Tree& tree, const Columns& columns)
        : line_(tree.line()), counting_(tree.counting()), text_(data::TreeAccess::text(tree)) {
        nodes_.reserve(tree.nodes().size());
        for (const Node& node : tree.nodes()) {
            const double seconds = node.parent > 0 ? absent() : columns.seconds(node);
            if (!is_absent(seconds)) times_.push_back({nodes_.size(), seconds});
            nodes_.push_back({.id = data::TreeAccess::id(node),
                              .scope = data::TreeAccess::scope(node),
                              .type = node.type,
                              .joules = node.*columns.energy});
        }
    }

    std::size_t line() const { return line_; }
    Counting counting() const { return counting_; }
    const std::vector<EnergyNode>& nodes() const { return nodes_; }
    const std::vector<NodeTime>& times() const { return times_; }
    std::string_view id(std::size_t node) const { return view(nodes_[node].id); }
    std::string_view scope(std::size_t node) const { return view(nodes_[node].scope); }

  private:
    std::string_view view(data::TreeAccess::TextRange range) const {
        return std::string_view(text_).substr(range.begin, range.size);
    }

    std::size_t line_;
    Counting counting_;
    std::vector<EnergyNode> nodes_;
    std::vector<NodeTime> times_;  // in node order
    std::string text_;
};

struct EnergyFile {
    std::string source;
    std::vector<EnergyTree> trees;

    /// Whether a node has an energy that `counts` accepts.
    template <typename Counts>
    bool has(const Counts& counts) const {
        return std::any_of(trees.begin(), trees.end(), [&counts](const EnergyTree& tree) {
            return std::any_of(tree.nodes().begin(), tree.nodes().end(),
                               [&counts](const EnergyNode& node) { return counts(node.joules); });
        });
    }
};

bool is_measured(double joules) { return !is_absent(joules) && joules > 0.0; }
bool is_predicted(double joules) { return !is_absent(joules); }

/// Where no node is measured, or none predicted, every score would be empty; the files are probably swapped.
void refuse_what_cannot_be_scored(const EnergyFile& measured, const EnergyFile& predicted) {
    if (!measured.has(is_measured)) {
        throw Error(ErrorKind::data,
                    "is above 0 on no node, so that nothing can be scored; are gold and predictions swapped?",
                    {.file = measured.source, .field = "ground_truth_energy"});
    }
    if (!predicted.has(is_predicted)) {
        throw Error(ErrorKind::data,
                    "is on no node; irene-predict adds it. Are gold and predictions swapped?",
                    {.file = predicted.source, .field = "predicted_energy"});
    }
}

/// Refuses predictions of trees that count otherwise than all that were measured.
void refuse_other_counting(const EnergyFile& measured, const EnergyFile& predicted) {
    if (measured.trees.empty()) return;
    const Counting counting = measured.trees.front().counting();
    const auto is_other = [counting](const EnergyTree& tree) { return tree.counting() != counting; };
    if (std::any_of(measured.trees.begin(), measured.trees.end(), is_other)) return;
    const auto other = std::find_if(predicted.trees.begin(), predicted.trees.end(), is_other);
    if (other == predicted.trees.end()) return;
    throw Error(
        ErrorKind::data,
        "is " + in_quotes(name(other->counting())) + ", and in " + in_quotes(measured.source) + " " +
            in_quotes(name(counting)),
        {.file = predicted.source, .line = other->line(), .field = std::string(name(RunKey::counting))});
}

std::string list_of(const std::vector<NodeType>& types) {
    std::string list;
    for (const NodeType type : types) list += (list.empty() ? "" : ", ") + std::string(name(type));
    return list;
}

EnergyFile read_energies(const std::filesystem::path& path, const Columns& columns,
                         const EvaluateOptions& options) {
    data::LineBlocks blocks(path, options.stop, options.max_line_bytes);
    std::vector<EnergyTree> trees = data::read_trees(
        blocks, options.threads,
        [&columns](const data::TreeLine& read, std::string_view) { return EnergyTree(read.tree, columns); });
    return {blocks.name(), std::move(trees)};
}

constexpr Columns kMeasured{&Node::measured_energy, [](const Node& node) {
                                return node.features[static_cast<std::size_t>(Feature::times_mean)];
                            }};
constexpr Columns kPredicted{&Node::predicted_energy,
                             [](const Node& node) { return node.predicted_seconds; }};

[[noreturn]] void refuse_missing(const EnergyFile& measured, const EnergyTree& tree, std::size_t node,
                                 const std::string& message, const EnergyFile& predicted) {
    throw Error(ErrorKind::data, message + " in " + in_quotes(predicted.source),
                {.file = measured.source, .line = tree.line(), .node = std::string(tree.scope(node))});
}

/// Where no prediction has seconds, the models know no times, and none is missing.
SecondsError score_seconds(const EnergyFile& measured, const EnergyFile& predicted, const data::IdTable& ids,
                           bool strict) {
    std::unordered_map<std::size_t, double> predictions;  // by the number of the node in its file
    std::size_t num_before = 0;
    for (const EnergyTree& tree : predicted.trees) {
        for (const NodeTime& time : tree.times()) predictions[num_before + time.node] = time.seconds;
        num_before += tree.nodes().size();
    }
    SecondsError error;
    if (predictions.empty()) return error;
    double sum = 0.0;
    for (const EnergyTree& tree : measured.trees) {
        for (const NodeTime& time : tree.times()) {
            if (!(time.seconds > 0.0)) continue;
            const std::uint32_t match = ids.find(tree.id(time.node));
            const auto found = match == data::IdTable::kNone ? predictions.end() : predictions.find(match);
            const bool is_missing = found == predictions.end();
            if (is_missing && time.node > 0) continue;
            if (is_missing && strict)
                refuse_missing(measured, tree, time.node, "has no predicted_seconds", predicted);
            sum += data::percentage_error(is_missing ? 0.0 : found->second, time.seconds);
            ++error.num_nodes;
            error.num_missing += is_missing ? 1 : 0;
        }
    }
    const double mean = sum / static_cast<double>(error.num_nodes);
    if (std::isfinite(mean)) error.percentage_error = mean;
    return error;
}

}  // namespace

Evaluation evaluate_files(const std::filesystem::path& gold, const std::filesystem::path& predictions,
                          const EvaluateOptions& options) {
    if (gold == "-" && predictions == "-") {
        throw Error(ErrorKind::usage, "standard input can be only one of the two files");
    }
    if (options.node_types.empty()) throw Error(ErrorKind::usage, "no types of nodes to score");
    for (const NodeType type : options.node_types) {
        if (name(type).empty()) throw Error(ErrorKind::usage, "a type of nodes is none");
    }
    const EnergyFile measured = read_energies(gold, kMeasured, options);
    (void)data::index_ids(measured.trees, measured.source);
    const EnergyFile predicted = read_energies(predictions, kPredicted, options);
    const data::IdTable ids = data::index_ids(predicted.trees, predicted.source);
    refuse_what_cannot_be_scored(measured, predicted);
    refuse_other_counting(measured, predicted);
    std::vector<double> energies;
    for (const EnergyTree& tree : predicted.trees) {
        for (const EnergyNode& node : tree.nodes()) energies.push_back(node.joules);
    }

    Evaluation evaluation;
    data::TypeMeans errors;
    std::size_t num_matched = 0;
    for (const EnergyTree& tree : measured.trees) {
        for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
            const std::uint32_t match = ids.find(tree.id(node));
            num_matched += match == data::IdTable::kNone ? 0 : 1;
            const NodeType type = tree.nodes()[node].type;
            if (std::find(options.node_types.begin(), options.node_types.end(), type) ==
                options.node_types.end()) {
                continue;
            }
            const double energy = tree.nodes()[node].joules;
            if (!is_measured(energy)) {
                ++evaluation.num_without_measurement;
                continue;
            }
            double prediction = match == data::IdTable::kNone ? absent() : energies[match];
            if (is_absent(prediction)) {
                if (options.strict) refuse_missing(measured, tree, node, "has no prediction", predicted);
                ++evaluation.num_missing_predictions;
                prediction = 0.0;
            }
            errors.add(type, data::percentage_error(prediction, energy));
        }
    }
    evaluation.num_unknown_predictions = energies.size() - num_matched;
    const std::size_t num_scored = errors.count();
    if (num_scored == 0) {
        throw Error(ErrorKind::data,
                    "no node of the types that are scored (" + list_of(options.node_types) +
                        ") has a measured energy above 0",
                    {.file = measured.source});
    }
    if (evaluation.num_missing_predictions == num_scored) {
        throw Error(ErrorKind::data,
                    "none of the " + std::to_string(num_scored) + " nodes to score has a prediction in " +
                        in_quotes(predicted.source) + "; are both files of the same trees?",
                    {.file = measured.source});
    }
    for (const NodeType type : options.node_types) {
        TypeError& error = evaluation.errors.emplace_back();
        error.type = type;
        error.num_nodes = errors.count(type);
        const std::optional<double> mean = errors.mean(type);
        if (mean && std::isfinite(*mean)) error.percentage_error = mean;
    }
    evaluation.seconds = score_seconds(measured, predicted, ids, options.strict);
    return evaluation;
}

double round_percentage(double value) {
    // The exact decimal expansion decides, as in Python's round().
    const std::string text = base::format_fixed(value, 2);
    double rounded = value;
    std::from_chars(text.data(), text.data() + text.size(), rounded);
    return rounded;
}

namespace {

base::Json errors_of_types(const Evaluation& evaluation) {
    base::Json json = base::Json::object();
    for (const TypeError& error : evaluation.errors) {
        base::Json& value = json[std::string(name(error.type))];
        if (error.percentage_error) value = round_percentage(*error.percentage_error);
    }
    return json;
}

}  // namespace

std::string to_json(const Evaluation& evaluation) {
    base::Json json = errors_of_types(evaluation);
    base::Json& seconds = json["seconds"];
    if (evaluation.seconds.percentage_error) seconds = round_percentage(*evaluation.seconds.percentage_error);
    return base::to_text(json, 4);
}

std::string to_text(const Evaluation& evaluation) {
    const bool has_seconds = evaluation.seconds.percentage_error.has_value();
    return "Percentage Error Results:\n" +
           (has_seconds ? to_json(evaluation) : base::to_text(errors_of_types(evaluation), 4));
}

}  // namespace irene
