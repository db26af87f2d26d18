// irene-evaluate: scores predictions against measured energies.
#include <algorithm>
#include <string>
#include <vector>

#include "irene/error.hpp"
#include "irene/same_file.hpp"
#include "irene/tasks.hpp"

#include "command_line.hpp"

namespace {

std::vector<irene::NodeType> parse_node_types(const std::string& list) {
    std::vector<irene::NodeType> types;
    for (std::size_t begin = 0; begin <= list.size();) {
        const std::size_t end = std::min(list.find(',', begin), list.size());
        const std::string spelling = list.substr(begin, end - begin);
        const auto type = irene::node_type_from_name(spelling);
        if (!type) {
            throw irene::Error(
                irene::ErrorKind::usage,
                "--node_types: expected a list of ml, module and model, found " + irene::in_quotes(spelling));
        }
        if (std::find(types.begin(), types.end(), *type) != types.end()) {
            throw irene::Error(irene::ErrorKind::usage,
                               "--node_types: " + irene::in_quotes(spelling) + " stands twice");
        }
        types.push_back(*type);
        begin = end + 1;
    }
    return types;
}

void say_what_was_left_out(const irene::Evaluation& evaluation) {
    if (evaluation.num_missing_predictions > 0) {
        irene::apps::Tool::warn(fmt::format("{} nodes have no prediction; they count as a prediction of 0 J",
                                            evaluation.num_missing_predictions));
    }
    if (evaluation.num_without_measurement > 0) {
        irene::apps::Tool::warn(
            fmt::format("{} nodes have no measured energy, or one of 0 J; they are left out",
                        evaluation.num_without_measurement));
    }
    if (evaluation.num_unknown_predictions > 0) {
        irene::apps::Tool::warn(fmt::format("{} predicted nodes are not in the gold file; they are left out",
                                            evaluation.num_unknown_predictions));
    }
    for (const irene::TypeError& error : evaluation.errors) {
        if (error.num_nodes == 0) {
            irene::apps::Tool::warn(
                fmt::format("no node of type {} could be scored", irene::name(error.type)));
        } else if (!error.percentage_error) {
            irene::apps::Tool::warn(fmt::format(
                "the {} nodes of type {} could not be scored: their mean error is too large for a number",
                error.num_nodes, irene::name(error.type)));
        }
    }
    const irene::SecondsError& seconds = evaluation.seconds;
    if (seconds.num_missing > 0) {
        irene::apps::Tool::warn(fmt::format(
            "{} runs that took a time have no predicted seconds; they count as a prediction of 0 s",
            seconds.num_missing));
    }
    if (seconds.num_nodes > 0 && !seconds.percentage_error) {
        irene::apps::Tool::warn(fmt::format(
            "the {} predicted times could not be scored: their mean error is too large for a number",
            seconds.num_nodes));
    }
}

}  // namespace

int main(int argc, char** argv) {
    irene::apps::Tool tool("irene-evaluate",
                           "Print the mean absolute percentage error of predictions by type of node.",
                           {"irene-evaluate gold.jsonl predictions.jsonl",
                            "irene-evaluate --node_types module,model --json gold.jsonl predictions.jsonl"});
    std::string gold, predictions;
    std::string node_types = "ml,module,model";
    irene::EvaluateOptions evaluate_options;
    bool json = false;
    tool.add_required("gold", irene::apps::file_value(), "Measured trees, JSONL; '-' is standard input",
                      gold);
    tool.add_required("predictions", irene::apps::file_value(),
                      "Predicted trees, JSONL; '-' is standard input", predictions);
    tool.add_text("--node_types",
                  {.placeholder = "LIST", .choices = {"ml", "module", "model"}, .separator = ','},
                  "Types of nodes to score, separated by commas. Default: " + node_types, node_types);
    tool.add_flag("--strict", "Refuse missing predictions instead of counting them as 0 J",
                  evaluate_options.strict);
    tool.add_flag("--json", "Print the JSON document only", json);
    tool.add_threads("Threads that read the files");
    tool.add_max_line_bytes();

    return tool.run(argc, argv, [&] {
        irene::refuse_outputs_that_are_inputs({gold, predictions}, {"-"});
        evaluate_options.node_types = parse_node_types(node_types);
        evaluate_options.threads = tool.threads();
        evaluate_options.max_line_bytes = tool.max_line_bytes();
        evaluate_options.stop = irene::apps::Tool::stop_flag();
        const irene::Evaluation evaluation = irene::evaluate_files(gold, predictions, evaluate_options);
        say_what_was_left_out(evaluation);
        irene::apps::print(json ? irene::to_json(evaluation) : irene::to_text(evaluation));
        return irene::apps::kDone;
    });
}
