#include "irene/summarize.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "irene/tree.hpp"

#include "base/name_table.hpp"
#include "data/line_blocks.hpp"
#include "data/run_keys.hpp"
#include "data/scopes.hpp"
#include "data/tree_reader.hpp"

namespace irene {

namespace {

constexpr base::NameTable<NodeKey, 4> kNodeKeyNames{{{NodeKey::scope, "scope"},
                                                     {NodeKey::instance_type, "instance_type"},
                                                     {NodeKey::type, "type"},
                                                     {NodeKey::phase, "phase"}}};

constexpr base::NameTable<EnergyUnit, 4> kUnitNames{{{EnergyUnit::joule, "J"},
                                                     {EnergyUnit::millijoule, "mJ"},
                                                     {EnergyUnit::watt_hour, "Wh"},
                                                     {EnergyUnit::kilowatt_hour, "kWh"}}};

double in_unit(double joules, EnergyUnit unit) {
    switch (unit) {
        case EnergyUnit::millijoule:
            return joules * 1e3;
        case EnergyUnit::watt_hour:
            return joules / 3600.0;
        case EnergyUnit::kilowatt_hour:
            return joules / 3.6e6;
        case EnergyUnit::joule:
            break;
    }
    return joules;
}

/// The values of the keys that a row is told by, in the order of the keys.
using RowKey = std::vector<Cell>;

/// The interval of a prediction, in joules; absent() where the input has none.
struct Interval {
    double low = absent(), high = absent();

    bool is_known() const { return !is_absent(low) && !is_absent(high); }
};

struct RunSums {
    std::int64_t num_trees = 0;
    double sequences = 0.0;
    double tokens = 0.0;
    double new_tokens = 0.0;
    double joules = 0.0;  // of the roots
    Interval interval;    // of the last root
};

struct NodeSums {
    std::int64_t num_nodes = 0;
    double joules = 0.0;  // of the nodes that lie in no other node of the row
    double self_joules = 0.0;
    Interval interval;         // of the last node
    std::size_t num_open = 0;  // while a tree is added: nodes of the row that the present node lies in
};

struct Sums {
    std::map<RowKey, RunSums> runs;
    std::map<std::pair<RowKey, RowKey>, NodeSums> nodes;  // by keys of the run and of the node
};

std::vector<SummaryKey> sorted(std::vector<SummaryKey> keys) {
    std::sort(keys.begin(), keys.end());
    return keys;
}

std::int64_t new_tokens_of(const Tree& tree) { return std::get<std::int64_t>(tree.run(RunKey::new_tokens)); }

std::string_view phase_of(const Tree& tree, std::size_t node) {
    if (new_tokens_of(tree) == 0) return "forward";
    for (const std::string_view phase : {"prefill", "decode"}) {
        const std::string scope = "root." + std::string(phase);
        if (tree.scope(node) == scope || tree.scope(node).starts_with(scope + ".")) return phase;
    }
    return "generation";
}

/// The keys of rows where none are named: all of runs, of which run_table() leaves out those that no tree
/// sets.
std::vector<SummaryKey> keys_of(const SummaryOptions& options) {
    if (!options.by.empty()) return sorted(options.by);
    std::vector<SummaryKey> keys;
    for (const RunKey key : run_keys()) keys.emplace_back(key);
    return keys;
}

class Summer {
  public:
    Summer(const SummaryOptions& options, std::string source)
        : options_(options), source_(std::move(source)) {
        for (const SummaryKey& key : keys_of(options)) {
            if (const auto* of_run = std::get_if<RunKey>(&key)) {
                run_keys_.push_back(*of_run);
            } else {
                node_keys_.push_back(std::get<NodeKey>(key));
            }
        }
    }

    void add(const Tree& tree) {
        read_energies(tree);
        RowKey run;
        for (const RunKey key : run_keys_)
            std::visit([&run](const auto& value) { run.emplace_back(value); }, tree.run(key));
        RunSums& sums = sums_.runs[run];
        ++sums.num_trees;
        sums.sequences += static_cast<double>(tree.batch_size());
        sums.tokens += static_cast<double>(tree.batch_size()) * static_cast<double>(tree.seq_len());
        sums.new_tokens += static_cast<double>(tree.batch_size()) * static_cast<double>(new_tokens_of(tree));
        sums.joules += joules_[0];
        sums.interval = interval_of(tree, 0);
        if (sums_nodes()) add_nodes(tree, run);
    }

    bool sums_nodes() const { return !node_keys_.empty(); }

    const Sums& sums() const { return sums_; }

  private:
    Interval interval_of(const Tree& tree, std::size_t node) const {
        if (options_.measured) return {};
        return {.low = tree.nodes()[node].predicted_low, .high = tree.nodes()[node].predicted_high};
    }

    /// A module inside another of the same row is part of that one's energy already.
    void add_nodes(const Tree& tree, const RowKey& run) {
        const auto close = [this] {
            --open_.back().second->num_open;
            open_.pop_back();
        };
        for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
            while (!open_.empty() && open_.back().first != tree.nodes()[node].parent) close();
            NodeSums& row = sums_.nodes[{run, key_of(tree, node)}];
            ++row.num_nodes;
            if (row.num_open == 0) row.joules += joules_[node];
            row.self_joules += self_joules_[node];
            row.interval = interval_of(tree, node);
            ++row.num_open;
            open_.emplace_back(static_cast<std::int32_t>(node), &row);
        }
        while (!open_.empty()) close();
    }

    RowKey key_of(const Tree& tree, std::size_t node) const {
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
                case NodeKey::phase:
                    row.emplace_back(std::string(phase_of(tree, node)));
                    break;
            }
        }
        return row;
    }

    void read_energies(const Tree& tree) {
        joules_.clear();
        for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
            const Node& read = tree.nodes()[node];
            const double joules = options_.measured ? read.measured_energy : read.predicted_energy;
            if (is_absent(joules)) {
                throw Error(ErrorKind::data,
                            options_.measured ? "is missing" : "is missing; irene-predict adds it",
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

    const SummaryOptions& options_;
    std::string source_;
    std::vector<RunKey> run_keys_;
    std::vector<NodeKey> node_keys_;
    Sums sums_;
    std::vector<double> joules_, self_joules_;
    std::vector<std::pair<std::int32_t, NodeSums*>> open_;  // the present node and those it lies in
};

/// Sorted by a column, the greatest first, rows that are equal there by their keys; then cut.
void sort_and_cut(Table& table, std::size_t column, std::size_t top) {
    std::stable_sort(table.rows.begin(), table.rows.end(),
                     [column](const std::vector<Cell>& a, const std::vector<Cell>& b) {
                         return std::get<double>(a[column]) > std::get<double>(b[column]);
                     });
    if (top > 0 && table.rows.size() > top) table.rows.resize(top);
}

std::vector<std::string> key_columns(const SummaryOptions& options) {
    std::vector<std::string> columns;
    for (const SummaryKey& key : keys_of(options)) columns.emplace_back(name(key));
    return columns;
}

/// Adds the columns of intervals, where any row has one: a row of a single node. The interval of a mean or a
/// sum does not follow from those of its parts.
void add_intervals(Table& table, const std::vector<Interval>& intervals, const SummaryOptions& options) {
    if (std::none_of(intervals.begin(), intervals.end(), [](const Interval& i) { return i.is_known(); }))
        return;
    const std::string unit(name(options.unit));
    table.columns.insert(table.columns.end(), {"low " + unit + "/tree", "high " + unit + "/tree"});
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        for (const double end : {intervals[row].low, intervals[row].high}) {
            table.rows[row].push_back(intervals[row].is_known() ? Cell(in_unit(end, options.unit)) : Cell());
        }
    }
}

/// Takes away the keys that nobody named and no tree sets.
void leave_out_defaults(Table& table, const SummaryOptions& options) {
    if (!options.by.empty()) return;
    for (std::size_t key = data::kRunKeys.size() - 1; key > static_cast<std::size_t>(RunKey::seq_len);
         --key) {
        const RunValue usual = data::default_run()[key];
        const bool is_set =
            std::any_of(table.rows.begin(), table.rows.end(), [&](const std::vector<Cell>& row) {
                return std::visit([&](const auto& value) { return row[key] != Cell(value); }, usual);
            });
        if (is_set) continue;
        const auto column = static_cast<std::ptrdiff_t>(key);
        table.columns.erase(table.columns.begin() + column);
        for (std::vector<Cell>& row : table.rows) row.erase(row.begin() + column);
    }
}

Table run_table(const Sums& sums, const SummaryOptions& options) {
    const std::string unit(name(options.unit));
    Table table{.columns = key_columns(options), .rows = {}};
    const std::size_t num_keys = table.columns.size();
    const bool has_new_tokens = std::any_of(sums.runs.begin(), sums.runs.end(),
                                            [](const auto& entry) { return entry.second.new_tokens > 0.0; });
    for (const std::string& column :
         {std::string("trees"), unit + "/tree", unit + "/sample", unit + "/token"})
        table.columns.push_back(column);
    if (has_new_tokens) table.columns.push_back(unit + "/new token");
    std::vector<Interval> intervals;
    for (const auto& [key, run] : sums.runs) {
        std::vector<Cell> row = key;
        row.emplace_back(run.num_trees);
        const double energy = in_unit(run.joules, options.unit);
        row.emplace_back(energy / static_cast<double>(run.num_trees));
        row.emplace_back(energy / run.sequences);
        row.emplace_back(energy / run.tokens);
        if (has_new_tokens) row.push_back(run.new_tokens > 0.0 ? Cell(energy / run.new_tokens) : Cell());
        table.rows.push_back(std::move(row));
        intervals.push_back(run.num_trees == 1 ? run.interval : Interval());
    }
    add_intervals(table, intervals, options);
    sort_and_cut(table, num_keys + 1, options.top);
    leave_out_defaults(table, options);
    return table;
}

Table node_table(const Sums& sums, const SummaryOptions& options) {
    const std::string unit(name(options.unit));
    Table table{.columns = key_columns(options), .rows = {}};
    const std::size_t num_keys = table.columns.size();
    for (const std::string& column :
         {std::string("nodes/tree"), unit + "/tree", "self " + unit + "/tree", std::string("self %")})
        table.columns.push_back(column);
    std::vector<Interval> intervals;
    for (const auto& [key, nodes] : sums.nodes) {
        const RunSums& run = sums.runs.at(key.first);
        const auto num_trees = static_cast<double>(run.num_trees);
        std::vector<Cell> row = key.first;
        row.insert(row.end(), key.second.begin(), key.second.end());
        row.emplace_back(static_cast<double>(nodes.num_nodes) / num_trees);
        row.emplace_back(in_unit(nodes.joules, options.unit) / num_trees);
        row.emplace_back(in_unit(nodes.self_joules, options.unit) / num_trees);
        // Nothing has a share of 0 J.
        row.push_back(run.joules > 0.0 ? Cell(100.0 * nodes.self_joules / run.joules) : Cell());
        table.rows.push_back(std::move(row));
        intervals.push_back(run.num_trees == 1 && nodes.num_nodes == 1 ? nodes.interval : Interval());
    }
    add_intervals(table, intervals, options);
    sort_and_cut(table, num_keys + 2, options.top);
    return table;
}

void check_sums(const Sums& sums, const std::string& source) {
    const auto is_finite = [](const auto& entry) { return std::isfinite(entry.second.joules); };
    if (!std::all_of(sums.runs.begin(), sums.runs.end(), is_finite) ||
        !std::all_of(sums.nodes.begin(), sums.nodes.end(), is_finite) ||
        !std::all_of(sums.nodes.begin(), sums.nodes.end(),
                     [](const auto& entry) { return std::isfinite(entry.second.self_joules); })) {
        throw Error(ErrorKind::data, "its energies add up to more than a number can hold", {.file = source});
    }
}

void check_options(const SummaryOptions& options) {
    const std::vector<SummaryKey>& by = options.by;
    for (auto key = by.begin(); key != by.end(); ++key) {
        if (name(*key).empty()) throw Error(ErrorKind::usage, "a key of the summary is none that is known");
        if (std::find(by.begin(), key, *key) != key) {
            throw Error(ErrorKind::usage, in_quotes(name(*key)) + " stands twice");
        }
    }
    if (name(options.unit).empty())
        throw Error(ErrorKind::usage, "the unit of the summary is none that is known");
}

}  // namespace

std::string_view name(SummaryKey key) noexcept {
    const auto* of_run = std::get_if<RunKey>(&key);
    return of_run != nullptr ? name(*of_run) : base::name_in(kNodeKeyNames, *std::get_if<NodeKey>(&key));
}

std::optional<SummaryKey> summary_key_from_name(std::string_view spelling) noexcept {
    if (const auto of_run = run_key_from_name(spelling)) return *of_run;
    if (const auto of_node = base::find_in(kNodeKeyNames, spelling)) return *of_node;
    return std::nullopt;
}

std::vector<std::string> summary_key_names() {
    std::vector<std::string> names;
    for (const RunKey key : run_keys()) names.emplace_back(name(key));
    for (const auto& [key, spelling] : kNodeKeyNames) names.emplace_back(spelling);
    return names;
}

std::string_view name(EnergyUnit unit) noexcept { return base::name_in(kUnitNames, unit); }
std::optional<EnergyUnit> energy_unit_from_name(std::string_view spelling) noexcept {
    return base::find_in(kUnitNames, spelling);
}

Table summarize(const std::filesystem::path& predictions, const SummaryOptions& options) {
    check_options(options);
    data::LineBlocks blocks(predictions, options.stop, options.max_line_bytes);
    data::TreeReader reader(blocks.name());
    Summer summer(options, blocks.name());
    data::LineBlock block;
    data::TreeLine line;
    while (blocks.next(block)) {
        data::for_each_line(block, [&](std::string_view text, std::size_t number, std::size_t) {
            reader.read(text, number, line);
            summer.add(line.tree);
        });
    }
    check_sums(summer.sums(), blocks.name());
    return summer.sums_nodes() ? node_table(summer.sums(), options) : run_table(summer.sums(), options);
}

}  // namespace irene
