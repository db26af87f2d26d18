#include "tasks/summary_sums.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "irene/error.hpp"

#include "data/roles.hpp"
#include "data/scopes.hpp"
#include "data/tree_checks.hpp"
#include "tasks/prediction_words.hpp"

namespace irene::tasks {

namespace {

std::vector<SummaryKey> sorted(std::vector<SummaryKey> keys) {
    std::sort(keys.begin(), keys.end());
    return keys;
}

std::int64_t new_tokens_of(const Tree& tree) { return std::get<std::int64_t>(tree.run(RunKey::new_tokens)); }

/// Whether a difference from `whole` is what rounding leaves of 0. No part of an energy is below 0, and none
/// is to look as if it were.
bool is_rounding(double difference, double whole) {
    constexpr double kRest = 1e-12;
    return std::fabs(difference) < kRest * whole;
}

std::string_view phase_of(const Tree& tree, std::size_t node) {
    if (new_tokens_of(tree) == 0) return "forward";
    for (const std::string_view phase : {"prefill", "decode"}) {
        const std::string scope = "root." + std::string(phase);
        if (tree.scope(node) == scope || tree.scope(node).starts_with(scope + ".")) return phase;
    }
    return "generation";
}

}  // namespace

Beyond& Beyond::operator+=(const Beyond& other) {
    whole += other.whole;
    outside += other.outside;
    unseen += other.unseen;
    has_outside = has_outside || other.has_outside;
    has_unseen = has_unseen || other.has_unseen;
    return *this;
}

std::vector<SummaryKey> keys_of(const SummaryOptions& options) {
    if (!options.by.empty()) return sorted(options.by);
    std::vector<SummaryKey> keys;
    for (const RunKey key : run_keys()) keys.emplace_back(key);
    return keys;
}

Summer::Summer(const SummaryOptions& options, std::string source)
    : options_(options), source_(std::move(source)) {
    for (const SummaryKey& key : keys_of(options)) {
        if (const auto* of_run = std::get_if<RunKey>(&key)) {
            run_keys_.push_back(*of_run);
        } else {
            node_keys_.push_back(std::get<NodeKey>(key));
        }
    }
}

void Summer::add(const data::TreeLine& line) {
    const Tree& tree = line.tree;
    read_energies(tree);
    if (sums_nodes()) read_parts(tree);
    read_marks(line);
    RowKey run;
    for (const RunKey key : run_keys_)
        std::visit([&run](const auto& value) { run.emplace_back(value); }, tree.run(key));
    RunSums& sums = sums_.runs[run];
    ++sums.num_trees;
    if (new_tokens_of(tree) > 0) ++sums.num_generations;
    sums.sequences += static_cast<double>(tree.batch_size());
    sums.tokens += static_cast<double>(tree.batch_size()) * static_cast<double>(tree.seq_len());
    sums.new_tokens += static_cast<double>(tree.batch_size()) * static_cast<double>(new_tokens_of(tree));
    sums.joules += joules_[0];
    sums.parts += parts_of(tree, 0);
    sums.seconds += seconds_of(tree, 0);
    sums.beyond += beyond_[0];
    sums.interval = interval_of(line, 0);
    if (sums_nodes()) add_nodes(line, run);
}

Interval Summer::interval_of(const data::TreeLine& line, std::size_t node) const {
    if (options_.measured) return {};
    const Node& read = line.tree.nodes()[node];
    Interval interval{.low = read.predicted_low, .high = read.predicted_high};
    if (const data::NodeMarks* marks = data::marks_of(line.marks, node); marks != nullptr)
        interval.why_none = marks->no_interval;
    return interval;
}

/// No meter tells parts.
EnergyParts Summer::parts_of(const Tree& tree, std::size_t node) const {
    return options_.measured ? EnergyParts{} : tree.nodes()[node].predicted_parts;
}

/// Times were measured of whole runs. absent() stays absent, whatever is added to it.
double Summer::seconds_of(const Tree& tree, std::size_t node) const {
    const Node& read = tree.nodes()[node];
    if (!options_.measured) return read.predicted_seconds;
    return node == 0 ? read.features[static_cast<std::size_t>(Feature::times_mean)] : absent();
}

/// A module inside another of the same row is part of that one's energy already.
void Summer::add_nodes(const data::TreeLine& line, const RowKey& run) {
    const Tree& tree = line.tree;
    if (std::find(node_keys_.begin(), node_keys_.end(), NodeKey::role) != node_keys_.end())
        roles_ = data::roles_of(tree);
    const auto close = [this] {
        --open_.back().second->num_open;
        open_.pop_back();
    };
    for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
        while (!open_.empty() && open_.back().first != tree.nodes()[node].parent) close();
        NodeSums& row = sums_.nodes[{run, key_of(tree, node)}];
        ++row.num_nodes;
        if (row.num_open == 0) {
            row.joules += joules_[node];
            row.seconds += seconds_of(tree, node);
            row.beyond += beyond_[node];
        }
        row.self_joules += self_joules_[node];
        row.self_parts += self_parts_[node];
        row.interval = interval_of(line, node);
        ++row.num_open;
        open_.emplace_back(static_cast<std::int32_t>(node), &row);
    }
    while (!open_.empty()) close();
}

RowKey Summer::key_of(const Tree& tree, std::size_t node) const {
    RowKey row;
    for (const NodeKey key : node_keys_) {
        switch (key) {
            case NodeKey::scope:
                row.emplace_back(options_.fold_layers ? data::fold_layers(tree.scope(node))
                                                      : std::string(tree.scope(node)));
                break;
            case NodeKey::instance_type:
                row.emplace_back(std::string(tree.instance_type(node)));
                break;
            case NodeKey::type:
                row.emplace_back(std::string(name(tree.nodes()[node].type)));
                break;
            case NodeKey::role: {
                const std::string_view role = data::role_name(roles_[node]);
                row.emplace_back(std::string(role.empty() ? tree.instance_type(node) : role));
                break;
            }
            case NodeKey::phase:
                row.emplace_back(std::string(phase_of(tree, node)));
                break;
        }
    }
    return row;
}

void Summer::read_energies(const Tree& tree) {
    joules_.clear();
    for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
        const Node& read = tree.nodes()[node];
        const double joules = options_.measured ? read.measured_energy : read.predicted_energy;
        std::string wrong;
        if (is_absent(joules)) {
            wrong = options_.measured ? "is missing" : "is missing; irene-predict adds it";
        } else if (!options_.measured) {
            wrong = data::wrong_parts(read);
        }
        if (!wrong.empty()) {
            throw Error(ErrorKind::data, wrong,
                        {.file = source_,
                         .line = tree.line(),
                         .node = std::string(tree.scope(node)),
                         .field = options_.measured ? "ground_truth_energy" : "predicted_energy"});
        }
        joules_.push_back(joules);
    }
    self_joules_ = joules_;
    for (std::size_t node = 1; node < joules_.size(); ++node) {
        self_joules_[static_cast<std::size_t>(tree.nodes()[node].parent)] -= joules_[node];
    }
}

/// What self energies are spent on.
void Summer::read_parts(const Tree& tree) {
    self_parts_.clear();
    for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
        const EnergyParts whole = parts_of(tree, node);
        self_parts_.push_back(whole);
        if (node > 0) self_parts_[static_cast<std::size_t>(tree.nodes()[node].parent)] -= whole;
    }
    for (std::size_t node = 0; node < self_parts_.size(); ++node) {
        const EnergyParts whole = parts_of(tree, node);
        for (double EnergyParts::*const part :
             {&EnergyParts::arithmetic_joules, &EnergyParts::memory_joules, &EnergyParts::static_joules}) {
            if (is_rounding(self_parts_[node].*part, whole.*part)) self_parts_[node].*part = 0.0;
        }
    }
}

/// Of measured energies a prediction tells nothing.
void Summer::read_marks(const data::TreeLine& line) {
    beyond_.assign(joules_.size(), {});
    if (options_.measured) return;
    if (std::string words = prediction_in_words(line.prediction); !words.empty())
        sums_.predictions.insert(std::move(words));
    for (std::size_t node = 0; node < joules_.size(); ++node)
        beyond_[node].whole = std::fabs(self_joules_[node]);
    for (const data::NodeMarks& marks : line.marks) {
        Beyond& beyond = beyond_[marks.node];
        beyond.has_outside = !marks.outside_training.empty();
        beyond.has_unseen = marks.unseen_operation;
        if (beyond.has_outside) beyond.outside = beyond.whole;
        if (beyond.has_unseen) beyond.unseen = beyond.whole;
    }
    for (std::size_t node = joules_.size(); node-- > 1;)
        beyond_[static_cast<std::size_t>(line.tree.nodes()[node].parent)] += beyond_[node];
}

}  // namespace irene::tasks
