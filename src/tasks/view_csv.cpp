// A row a node, for spreadsheets.
#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "base/numbers.hpp"
#include "data/run_keys.hpp"
#include "data/type_means.hpp"
#include "tasks/forest_walk.hpp"
#include "tasks/text_table.hpp"
#include "tasks/view_formats.hpp"

namespace irene::tasks {

namespace {

void append_csv_number(std::string& out, double value) {
    out += ',';
    if (std::isfinite(value)) base::append_number(out, value);
}

/// Names of quantities in one field, with a space between.
void append_csv_marks(std::string& out, const data::NodeMarks& marks) {
    std::string quantities;
    for (const std::string& quantity : marks.outside_training) {
        if (!quantities.empty()) quantities += ' ';
        quantities += quantity;
    }
    out += ',' + csv_field(quantities);
    out += marks.unseen_operation ? ",true," : ",,";
    out += csv_field(marks.no_interval);
}

/// The keys that tell runs apart: model, batch size and length, and those that some run has set.
std::vector<RunKey> keys_of_table(const Forest& forest) {
    std::vector<RunKey> keys;
    for (const RunKey key : run_keys()) {
        const auto index = static_cast<std::size_t>(key);
        const bool is_set = std::any_of(forest.runs.begin(), forest.runs.end(), [index](const Run& run) {
            return data::to_text(run.keys[index]) != data::kRunKeys[index].fallback;
        });
        if (key <= RunKey::seq_len || is_set) keys.push_back(key);
    }
    return keys;
}

}  // namespace

void write_csv(const Forest& forest, const Sink& sink) {
    const std::vector<RunKey> keys = keys_of_table(forest);
    const bool has_seconds = std::any_of(forest.subtrees.begin(), forest.subtrees.end(),
                                         [](const Subtree& subtree) { return !is_absent(subtree.seconds); });
    const bool has_parts =
        std::any_of(forest.subtrees.begin(), forest.subtrees.end(),
                    [](const Subtree& subtree) { return !is_absent(subtree.parts.arithmetic_joules); });
    std::string header;
    for (const RunKey key : keys) header += std::string(name(key)) + ',';
    sink(header +
         "scope,level,instance_type,type,predicted_energy,self_energy,"
         "share_of_parent,share_of_model,predicted_energy_low,predicted_energy_high," +
         (has_parts ? "predicted_arithmetic_energy,predicted_memory_energy,predicted_static_energy," : "") +
         (has_seconds ? "predicted_seconds," : "") +
         "measured_energy,percentage_error,outside_training,unseen_operation,no_interval\n");
    for (const Run& run : forest.runs) {
        std::string run_fields;
        for (const RunKey key : keys) run_fields += csv_field(key_text(run, key)) + ',';
        const double whole = forest.subtrees[run.root].predicted;
        std::string rows;
        const auto visit = [&](const Subtree& subtree, std::string_view, std::string_view scope,
                               std::size_t depth, const Subtree* parent) {
            const Shape& shape = forest.shape_of(subtree);
            rows += run_fields + csv_field(scope) + ',' + std::to_string(depth) + ',' +
                    csv_field(forest.strings[shape.instance_type]) + ',' + std::string(name(shape.type));
            append_csv_number(rows, subtree.predicted);
            append_csv_number(rows, forest.self_energy(subtree));
            append_csv_number(rows, parent == nullptr ? 1.0 : subtree.predicted / parent->predicted);
            append_csv_number(rows, subtree.predicted / whole);
            append_csv_number(rows, subtree.low);
            append_csv_number(rows, subtree.high);
            if (has_parts) {
                append_csv_number(rows, subtree.parts.arithmetic_joules);
                append_csv_number(rows, subtree.parts.memory_joules);
                append_csv_number(rows, subtree.parts.static_joules);
            }
            if (has_seconds) append_csv_number(rows, subtree.seconds);
            append_csv_number(rows, subtree.measured);
            append_csv_number(rows, data::percentage_error(subtree.predicted, subtree.measured));
            append_csv_marks(rows, forest.marks[subtree.marks]);
            rows += '\n';
        };
        Walk{forest, visit}.over(run);
        sink(rows);
    }
}

}  // namespace irene::tasks
