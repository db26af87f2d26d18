// irene-train: fits a model to measured trees.
#include <algorithm>
#include <string>

#include <unistd.h>

#include "irene/dataset.hpp"
#include "irene/same_file.hpp"
#include "irene/tasks.hpp"

#include "command_line.hpp"

namespace {

/// Progress in one line of a terminal, which each epoch overwrites.
void draw_progress(const irene::EpochSummary& summary) {
    constexpr int kWidth = 24;
    const int filled = kWidth * summary.epoch / summary.num_epochs;
    fmt::print(stderr, "\repoch {}/{} [{:=<{}}{: <{}}] mean node loss {:.4g}, mean node error {:.2f} %{}",
               summary.epoch, summary.num_epochs, "", filled, "", kWidth - filled, summary.mean_node_loss,
               summary.mean_node_error, summary.epoch == summary.num_epochs ? "\n" : "");
    std::fflush(stderr);
}

}  // namespace

int main(int argc, char** argv) {
    irene::apps::Tool tool("irene-train",
                           "Train an energy model on measured trees; writes config.json and model.json.",
                           {"irene-train datasets/simulated.jsonl model/",
                            "irene-train --config configs/model_specs.json data.jsonl model/",
                            "zcat data.jsonl.gz | irene-train - model/"});
    std::string data_path, directory;
    tool.add_required("data", irene::apps::file_value(), "Measured trees, JSONL; '-' is standard input",
                      data_path);
    tool.add_required("outdir", irene::apps::directory_value(), "Directory for the model", directory);
    tool.add_config();
    tool.add_device("The GPU of the measurements, for 'kernel_counts', in place of the config's");
    tool.add_seed();
    tool.add_threads("Threads that read the data");
    tool.add_max_line_bytes();

    return tool.run(argc, argv, [&] {
        irene::refuse_outputs_that_are_inputs(tool.inputs({data_path}), irene::model_files(directory));
        irene::refuse_foreign_files(directory);
        const irene::Config config = tool.load_config();
        const irene::Dataset data = irene::read_dataset(data_path, {.threads = tool.threads(),
                                                                    .keep_text = false,
                                                                    .max_line_bytes = tool.max_line_bytes(),
                                                                    .stop = irene::apps::Tool::stop_flag()});
        irene::TrainOptions options{
            .seed = tool.seed(), .stop = irene::apps::Tool::stop_flag(), .warn = irene::apps::Tool::warn};
        if (!tool.quiet() && ::isatty(STDERR_FILENO) == 1) {
            options.on_epoch = draw_progress;
        } else {
            options.on_epoch = [](const irene::EpochSummary& summary) {
                irene::apps::Tool::debug(
                    fmt::format("epoch {}/{}: mean node loss {:.4g}, mean node error {:.2f} %", summary.epoch,
                                summary.num_epochs, summary.mean_node_loss, summary.mean_node_error));
            };
        }
        const irene::Model model = irene::train(data, config, options);
        irene::save_model(model, directory);
        irene::apps::Tool::inform(fmt::format("trained on {} trees with {} nodes; the model is in {}",
                                              model.num_trees(), model.num_nodes(), directory));
        return irene::apps::kDone;
    });
}
