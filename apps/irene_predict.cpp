// irene-predict: adds the predicted energy to every node of trees.
#include <string>

#include "irene/model.hpp"
#include "irene/tasks.hpp"

#include "command_line.hpp"

int main(int argc, char** argv) {
    irene::apps::Tool tool(
        "irene-predict",
        "Copy trees with 'predicted_energy', in joules, on every node; all other bytes are kept.",
        "  irene-predict data.jsonl predictions.jsonl model/\n"
        "  irene-predict - - model/ < data.jsonl > predictions.jsonl");
    std::string input, output, directory;
    bool skip_bad_lines = false;
    tool.options().add_option("data", input, "Trees, JSONL; '-' is standard input")->required();
    tool.options()
        .add_option("predictions", output, "Where the copy goes; '-' is standard output")
        ->required();
    tool.options().add_option("outdir", directory, "Directory of a trained model")->required();
    tool.options().add_flag("--skip_bad_lines", skip_bad_lines,
                            "Leave out lines that are refused, say which, and end with exit code 65");
    tool.add_threads("Threads that parse and predict");

    return tool.run(argc, argv, [&] {
        const irene::Model model = irene::load_model(directory);
        const irene::PredictSummary summary = irene::predict_file(
            model, input, output,
            {.threads = tool.threads(),
             .skip_bad_lines = skip_bad_lines,
             .on_bad_line = [](const std::string& refusal) { spdlog::warn("skipped: {}", refusal); },
             .stop = irene::apps::Tool::stop_flag()});
        spdlog::debug("predicted {} trees", summary.num_trees);
        if (summary.num_bad_lines == 0) return irene::apps::kDone;
        spdlog::error("{} of {} lines were refused and left out", summary.num_bad_lines,
                      summary.num_bad_lines + summary.num_trees);
        return irene::apps::kBadData;
    });
}
