#include "irene/summarize.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "irene/tree.hpp"

#include "base/name_table.hpp"
#include "data/line_blocks.hpp"
#include "data/run_keys.hpp"
#include "data/tree_reader.hpp"
#include "tasks/summary_sums.hpp"

namespace irene {

namespace {

using tasks::Beyond;
using tasks::Interval;
using tasks::Sums;

constexpr base::NameTable<NodeKey, 5> kNodeKeyNames{{{NodeKey::scope, "scope"},
                                                     {NodeKey::instance_type, "instance_type"},
                                                     {NodeKey::type, "type"},
                                                     {NodeKey::phase, "phase"},
                                                     {NodeKey::role, "role"}}};

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
    for (const SummaryKey& key : tasks::keys_of(options)) columns.emplace_back(name(key));
    return columns;
}

/// A quantity of each row, for a column that is left out where no row has it.
using Figures = std::vector<double>;  // absent(): the row has none

struct Times {
    Figures seconds, watts, new_tokens, tokens;

    /// Of a row whose nodes take so many joules and seconds.
    void add(double joules, double all_seconds, const tasks::RunSums& run) {
        seconds.push_back(all_seconds / static_cast<double>(run.num_trees));
        watts.push_back(joules / all_seconds);
    }
    /// Of a row of runs, which are of one kind or have no rate.
    void add_run(const tasks::RunSums& run) {
        add(run.joules, run.seconds, run);
        const bool generate = run.num_generations == run.num_trees, none_does = run.num_generations == 0;
        new_tokens.push_back(generate ? run.new_tokens / run.seconds : absent());
        tokens.push_back(none_does ? run.tokens / run.seconds : absent());
    }
};

void add_figures(Table& table, const std::string& column, const Figures& figures, const char* meaning) {
    if (std::none_of(figures.begin(), figures.end(), [](double figure) { return std::isfinite(figure); }))
        return;
    table.columns.push_back(column);
    for (std::size_t row = 0; row < figures.size(); ++row)
        table.rows[row].push_back(std::isfinite(figures[row]) ? Cell(figures[row]) : Cell());
    table.notes.push_back(column + ": " + meaning);
}

/// Adds what the energy of rows is spent on, of rows all of whose nodes tell it. `of` stands before the
/// columns' names, and `rows` are by tree.
void add_parts(Table& table, const std::string& of, const std::vector<EnergyParts>& rows,
               const SummaryOptions& options) {
    const auto add = [&](const char* part, double EnergyParts::*joules, const char* meaning) {
        Figures figures;
        for (const EnergyParts& row : rows) figures.push_back(in_unit(row.*joules, options.unit));
        add_figures(table, of + part + " " + std::string(name(options.unit)) + "/tree", figures, meaning);
    };
    add("arithmetic", &EnergyParts::arithmetic_joules, "the part that flops take, by their price");
    add("memory", &EnergyParts::memory_joules, "the part that moving bytes takes, by theirs");
    add("static", &EnergyParts::static_joules,
        "the rest, whatever is computed: watts by seconds, and what serving takes");
}

/// The same of one tree of several.
EnergyParts by_tree(const EnergyParts& sum, double num_trees) {
    return {sum.arithmetic_joules / num_trees, sum.memory_joules / num_trees, sum.static_joules / num_trees};
}

/// Adds the times of rows whose trees all have one, and what goes on in them.
void add_times(Table& table, const Times& times, bool measured) {
    add_figures(table, "s/tree", times.seconds,
                measured ? "seconds of the run, as they were measured"
                         : "seconds of the run, or of a call in it, as predicted: its latency");
    add_figures(table, "W", times.watts, "joules by second, of all GPUs of the run together");
    add_figures(table, "new tokens/s", times.new_tokens,
                "tokens generated by second of the run, its prefill included, of all its sequences");
    add_figures(table, "tokens/s", times.tokens, "tokens of all sequences by second, of forward passes");
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

/// Adds the parts of the energy that are predicted from beyond training, of rows that have any, where a row
/// has.
void add_parts_beyond(Table& table, const std::vector<Beyond>& rows) {
    const auto add = [&](const char* column, bool Beyond::*has, double Beyond::*part, const char* meaning) {
        if (std::none_of(rows.begin(), rows.end(), [has](const Beyond& row) { return row.*has; })) return;
        table.columns.emplace_back(column);
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const Beyond& sums = rows[row];
            const double share = sums.whole > 0.0 ? std::min(sums.*part / sums.whole, 1.0) : 0.0;
            table.rows[row].push_back(sums.*has ? Cell(100.0 * share) : Cell());
        }
        table.notes.push_back(std::string(column) + ": " + meaning);
    };
    add("outside %", &Beyond::has_outside, &Beyond::outside,
        "the part of the energy that nodes outside the range of training spend; expect larger errors there");
    add("unseen %", &Beyond::has_unseen, &Beyond::unseen,
        "the part that operations not seen in training spend; their prices are those of all operations");
}

/// Why rows have no interval that could have one, and what the lines say of the predictions.
void add_words(Table& table, const std::vector<Interval>& intervals, const Sums& sums) {
    constexpr std::size_t kMostShown = 3;
    const auto add = [&table](const std::string& what, const std::set<std::string>& texts) {
        std::size_t num_shown = 0;
        for (const std::string& text : texts) {
            if (++num_shown > kMostShown) break;
            table.notes.push_back(what + text);
        }
        if (texts.size() > kMostShown)
            table.notes.push_back(what + std::to_string(texts.size() - kMostShown) + " others");
    };
    std::set<std::string> reasons;
    for (const Interval& interval : intervals) {
        if (!interval.why_none.empty()) reasons.insert(interval.why_none);
    }
    add("no interval: ", reasons);
    add("predicted by ", sums.predictions);
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
    std::vector<Beyond> beyond;
    std::vector<EnergyParts> parts;
    Times times;
    for (const auto& [key, run] : sums.runs) {
        std::vector<Cell> row = key;
        row.emplace_back(run.num_trees);
        const double energy = in_unit(run.joules, options.unit);
        row.emplace_back(energy / static_cast<double>(run.num_trees));
        row.emplace_back(energy / run.sequences);
        row.emplace_back(energy / run.tokens);
        if (has_new_tokens) row.push_back(run.new_tokens > 0.0 ? Cell(energy / run.new_tokens) : Cell());
        table.rows.push_back(std::move(row));
        parts.push_back(by_tree(run.parts, static_cast<double>(run.num_trees)));
        times.add_run(run);
        beyond.push_back(run.beyond);
        intervals.push_back(run.num_trees == 1 ? run.interval : Interval());
    }
    add_times(table, times, options.measured);
    add_intervals(table, intervals, options);
    add_parts(table, "", parts, options);
    add_parts_beyond(table, beyond);
    add_words(table, intervals, sums);
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
    std::vector<Beyond> beyond;
    std::vector<EnergyParts> parts;
    Times times;
    for (const auto& [key, nodes] : sums.nodes) {
        const tasks::RunSums& run = sums.runs.at(key.first);
        const auto num_trees = static_cast<double>(run.num_trees);
        std::vector<Cell> row = key.first;
        row.insert(row.end(), key.second.begin(), key.second.end());
        row.emplace_back(static_cast<double>(nodes.num_nodes) / num_trees);
        row.emplace_back(in_unit(nodes.joules, options.unit) / num_trees);
        row.emplace_back(in_unit(nodes.self_joules, options.unit) / num_trees);
        // Nothing has a share of 0 J.
        row.push_back(run.joules > 0.0 ? Cell(100.0 * nodes.self_joules / run.joules) : Cell());
        table.rows.push_back(std::move(row));
        parts.push_back(by_tree(nodes.self_parts, num_trees));
        times.add(nodes.joules, nodes.seconds, run);
        beyond.push_back(nodes.beyond);
        intervals.push_back(run.num_trees == 1 && nodes.num_nodes == 1 ? nodes.interval : Interval());
    }
    add_times(table, times, options.measured);
    add_intervals(table, intervals, options);
    add_parts(table, "self ", parts, options);
    add_parts_beyond(table, beyond);
    add_words(table, intervals, sums);
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
    tasks::Summer summer(options, blocks.name());
    data::LineBlock block;
    data::TreeLine line;
    while (blocks.next(block)) {
        data::for_each_line(block, [&](std::string_view text, std::size_t number, std::size_t) {
            reader.read(text, number, line);
            summer.add(line);
        });
    }
    check_sums(summer.sums(), blocks.name());
    return summer.sums_nodes() ? node_table(summer.sums(), options) : run_table(summer.sums(), options);
}

}  // namespace irene
