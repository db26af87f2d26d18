#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "irene/error.hpp"
#include "irene/tasks.hpp"

#include "data/json.hpp"
#include "data/node_ids.hpp"

namespace irene {

Evaluation evaluate_files(const std::filesystem::path& gold, const std::filesystem::path& predictions,
                          const EvaluateOptions& options) {
    const ReadOptions read{
        .threads = options.threads, .max_line_bytes = options.max_line_bytes, .stop = options.stop};
    if (gold == "-" && predictions == "-") {
        throw Error(ErrorKind::usage, "standard input can be only one of the two files");
    }
    const Dataset measured = read_dataset(gold, read);
    const Dataset predicted = data::read_trees(predictions, read);
    data::IdTable ids = data::index_ids(predicted);
    std::vector<double> energies;
    energies.reserve(predicted.num_nodes());
    for (const Tree& tree : predicted.trees) {
        for (const Node& node : tree.nodes) energies.push_back(node.predicted_energy);
    }

    Evaluation evaluation;
    std::array<double, kNumNodeTypes> sums{};
    std::array<std::size_t, kNumNodeTypes> counts{};
    std::size_t num_matched = 0;
    for (const Tree& tree : measured.trees) {
        for (std::size_t node = 0; node < tree.nodes.size(); ++node) {
            const std::uint32_t match = ids.find(tree.id(node));
            num_matched += match == data::IdTable::kNone ? 0 : 1;
            const NodeType type = tree.nodes[node].type;
            if (std::find(options.node_types.begin(), options.node_types.end(), type) ==
                options.node_types.end()) {
                continue;
            }
            const double energy = tree.nodes[node].measured_energy;
            if (is_absent(energy) || energy == 0.0) {
                ++evaluation.num_without_measurement;
                continue;
            }
            double prediction = match == data::IdTable::kNone ? absent() : energies[match];
            if (is_absent(prediction)) {
                if (options.strict) {
                    throw Error(
                        ErrorKind::data, "has no prediction in " + in_quotes(predicted.source),
                        {.file = measured.source, .line = tree.line, .node = std::string(tree.scope(node))});
                }
                ++evaluation.num_missing_predictions;
                prediction = 0.0;
            }
            sums[static_cast<std::size_t>(type)] += 100.0 * std::fabs(prediction - energy) / energy;
            ++counts[static_cast<std::size_t>(type)];
        }
    }
    evaluation.num_unknown_predictions = energies.size() - num_matched;
    for (const NodeType type : options.node_types) {
        const auto i = static_cast<std::size_t>(type);
        TypeError& error = evaluation.errors.emplace_back();
        error.type = type;
        error.num_nodes = counts[i];
        if (counts[i] > 0) error.percentage_error = sums[i] / static_cast<double>(counts[i]);
    }
    return evaluation;
}

double round_percentage(double value) {
    // The exact decimal expansion decides, as in Python's round().
    std::array<char, 512> text{};
    const auto written =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 2);
    double rounded = value;
    std::from_chars(text.data(), written.ptr, rounded);
    return rounded;
}

std::string to_json(const Evaluation& evaluation) {
    data::Json json = data::Json::object();
    for (const TypeError& error : evaluation.errors) {
        data::Json& value = json[std::string(name(error.type))];
        if (error.percentage_error) value = round_percentage(*error.percentage_error);
    }
    return data::to_text(json, 4);
}

}  // namespace irene
