#include "irene/same_file.hpp"
#include "irene/tasks.hpp"

#include "command_line.hpp"
#include "trained_models.hpp"

int main(int argc, char** argv) {
    irene::apps::Tool tool(
        "irene-calibrate",
        "Carry a model to another device by a few measurements there, by its datasheet, or both; writes "
        "config.json and model.json.",
        {"irene-calibrate model/ measured.jsonl mine/",
         "irene-calibrate --device L4 h100-sxm-eager /dev/null mine/",
         "irene-extract --runs runs.csv | irene-calibrate model/ - mine/"});
    std::string known, data_path, directory;
    tool.add_required(
        "model", irene::apps::directory_value(),
        "Model of a known device, of strategy 'additive': its directory, or the name of one that "
        "comes with irene (irene-explain --list)",
        known);
    tool.add_required(
        "data", irene::apps::file_value(),
        "Trees measured on the other device, whole runs or any nodes, JSONL; '-' is standard input; "
        "may hold none where --device tells a datasheet",
        data_path);
    tool.add_required("outdir", irene::apps::directory_value(), "Directory for the calibrated model",
                      directory);
    tool.add_device("The other device, for a model of 'kernel_counts'");
    tool.add_threads("Threads that read the data");
    tool.add_max_line_bytes();

    return tool.run(argc, argv, [&] {
        const std::filesystem::path of_known = irene::apps::model_directory(known);
        std::vector<std::filesystem::path> inputs = irene::model_files(of_known);
        inputs.emplace_back(data_path);
        irene::refuse_outputs_that_are_inputs(inputs, irene::model_files(directory));
        irene::refuse_foreign_files(directory);
        const irene::Model model = irene::apps::Tool::load_model(of_known);
        const std::optional<irene::Device> device = tool.device();
        const irene::Dataset data = irene::read_dataset(data_path, {.threads = tool.threads(),
                                                                    .keep_text = false,
                                                                    .may_be_empty = device.has_value(),
                                                                    .max_line_bytes = tool.max_line_bytes(),
                                                                    .stop = irene::apps::Tool::stop_flag()});
        irene::save_model(
            irene::calibrate(
                model, data,
                {.device = device, .stop = irene::apps::Tool::stop_flag(), .warn = irene::apps::Tool::warn}),
            directory);
        irene::apps::Tool::inform(
            fmt::format("calibrated to {} trees; the model is in {}", data.trees.size(), directory));
        return irene::apps::kDone;
    });
}
