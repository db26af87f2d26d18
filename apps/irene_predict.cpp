// irene-predict: adds the predicted energy to every node of trees.
#include <filesystem>
#include <optional>
#include <string>

#include "irene/error.hpp"
#include "irene/model.hpp"
#include "irene/same_file.hpp"
#include "irene/tasks.hpp"

#include "command_line.hpp"
#include "trained_models.hpp"

namespace {

/// The model is the last of three arguments, which are easily exchanged.
void refuse_model_elsewhere(const std::string& input, const std::string& output, const std::string& model) {
    using irene::apps::is_trained_model;
    if (is_trained_model(model) || (!is_trained_model(input) && !is_trained_model(output))) return;
    const std::string arguments =
        is_trained_model(output) ? input + " " + model + " " + output : output + " " + model + " " + input;
    throw irene::Error(irene::ErrorKind::usage,
                       "the model comes last; did you mean: irene-predict " + arguments);
}

}  // namespace

int main(int argc, char** argv) {
    irene::apps::Tool tool("irene-predict",
                           "Copy trees with 'predicted_energy', in joules, on every node, 'prediction', "
                           "which says who predicted, and "
                           "marks of nodes that lie outside training; all other bytes are kept.",
                           {"irene-predict data.jsonl predictions.jsonl model/",
                            "irene-predict - - model/ < data.jsonl > predictions.jsonl",
                            "irene-predict --interval 0.9 data.jsonl predictions.jsonl model/",
                            "irene-predict trees.jsonl - h100-sxm-vllm | irene-summarize"});
    std::string input, output, model_name;
    bool skip_bad_lines = false;
    tool.add_required("data", irene::apps::file_value(), "Trees, JSONL; '-' is standard input", input);
    tool.add_required("predictions", irene::apps::file_value(), "Where the copy goes; '-' is standard output",
                      output);
    tool.add_required("model", irene::apps::directory_value("MODEL"), irene::apps::kModelHelp, model_name);
    tool.add_flag("--skip_bad_lines",
                  "Leave out lines that are refused, say which, and end with exit code 65", skip_bad_lines);
    std::optional<double> interval;
    tool.add_probability("--interval", "Add intervals of this probability, as predicted_energy_low and _high",
                         [&interval](double value) { interval = value; });
    bool plain = false;
    tool.add_flag("--plain", "Write 'predicted_energy' alone, without 'prediction' and marks", plain);
    tool.add_threads("Threads that parse and predict");
    tool.add_max_line_bytes();

    return tool.run(argc, argv, [&] {
        refuse_model_elsewhere(input, output, model_name);
        if (plain && interval) {
            throw irene::Error(irene::ErrorKind::usage,
                               "--plain writes predicted_energy alone, and leaves no place for --interval");
        }
        const std::filesystem::path directory = irene::apps::model_directory(model_name);
        irene::refuse_outputs_that_are_inputs(irene::model_files(directory), {output});
        const irene::Model model = irene::apps::Tool::load_model(directory);
        const irene::PredictSummary summary = irene::predict_file(model, input, output,
                                                                  {.threads = tool.threads(),
                                                                   .skip_bad_lines = skip_bad_lines,
                                                                   .interval = interval,
                                                                   .plain = plain,
                                                                   .warn = irene::apps::Tool::warn,
                                                                   .max_line_bytes = tool.max_line_bytes(),
                                                                   .stop = irene::apps::Tool::stop_flag()});
        irene::apps::Tool::debug(fmt::format("predicted {} trees", summary.num_trees));
        for (const std::string& words : to_words(summary.notices)) irene::apps::Tool::warn(words);
        if (summary.num_trees == 0)
            irene::apps::Tool::warn(
                fmt::format("{} holds no tree, so no energy was predicted", irene::apps::input_name(input)));
        if (summary.num_bad_lines == 0) return irene::apps::kDone;
        irene::apps::Tool::refuse(fmt::format("{} of {} lines were refused and left out",
                                              summary.num_bad_lines,
                                              summary.num_bad_lines + summary.num_trees));
        return irene::apps::kBadData;
    });
}
