#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "irene/error.hpp"
#include "irene/tasks.hpp"

#include "data/json.hpp"
#include "data/node_ids.hpp"
#include "data/read_trees.hpp"

namespace irene {

namespace {

/// What an evaluation needs of a node: a quarter of its memory.
struct EnergyNode {
    TextRange id, scope;
    NodeType type = NodeType::ml;
    double joules = 0.0;
};

struct EnergyTree {
    std::size_t line = 0;
    std::vector<EnergyNode> nodes;
    std::string text;

    std::string_view id(std::size_t node) const { return view(nodes[node].id); }
    std::string_view scope(std::size_t node) const { return view(nodes[node].scope); }
    std::string_view view(TextRange range) const {
        return std::string_view(text).substr(range.begin, range.size);
    }
};

struct EnergyFile {
    std::string source;
    std::vector<EnergyTree> trees;
};

EnergyFile read_energies(const std::filesystem::path& path, double Node::*energy,
                         const EvaluateOptions& options) {
    data::LineBlocks blocks(path, options.stop, options.max_line_bytes);
    std::vector<EnergyTree> trees =
        data::read_trees(blocks, options.threads, [energy](const data::TreeLine& read, std::string_view) {
            EnergyTree tree{.line = read.tree.line, .nodes = {}, .text = read.tree.text};
            tree.nodes.reserve(read.tree.nodes.size());
            for (const Node& node : read.tree.nodes) {
                tree.nodes.push_back(
                    {.id = node.id, .scope = node.scope, .type = node.type, .joules = node.*energy});
            }
            return tree;
        });
    return {blocks.name(), std::move(trees)};
}

}  // namespace

Evaluation evaluate_files(const std::filesystem::path& gold, const std::filesystem::path& predictions,
                          const EvaluateOptions& options) {
    if (gold == "-" && predictions == "-") {
        throw Error(ErrorKind::usage, "standard input can be only one of the two files");
    }
    const EnergyFile measured = read_energies(gold, &Node::measured_energy, options);
    (void)data::index_ids(measured.trees, measured.source);
    const EnergyFile predicted = read_energies(predictions, &Node::predicted_energy, options);
    const data::IdTable ids = data::index_ids(predicted.trees, predicted.source);
    std::vector<double> energies;
    for (const EnergyTree& tree : predicted.trees) {
        for (const EnergyNode& node : tree.nodes) energies.push_back(node.joules);
    }

    Evaluation evaluation;
    std::array<double, kNumNodeTypes> sums{};
    std::array<std::size_t, kNumNodeTypes> counts{};
    std::size_t num_matched = 0;
    for (const EnergyTree& tree : measured.trees) {
        for (std::size_t node = 0; node < tree.nodes.size(); ++node) {
            const std::uint32_t match = ids.find(tree.id(node));
            num_matched += match == data::IdTable::kNone ? 0 : 1;
            const NodeType type = tree.nodes[node].type;
            if (std::find(options.node_types.begin(), options.node_types.end(), type) ==
                options.node_types.end()) {
                continue;
            }
            const double energy = tree.nodes[node].joules;
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
