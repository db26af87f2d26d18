// irene-crossvalidate: trains with one group of trees left out at a time, and predicts those.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "irene/dataset.hpp"
#include "irene/error.hpp"
#include "irene/same_file.hpp"
#include "irene/tasks.hpp"

#include "command_line.hpp"

namespace {

std::vector<std::string> names_of_keys() {
    std::vector<std::string> names;
    for (const irene::RunKey key : irene::run_keys()) names.emplace_back(irene::name(key));
    return names;
}

/// What is no key is the name of a file; where there is none of that name, a key may have been meant.
void refuse_near_miss_of_key(const std::string& group_by) {
    std::error_code error;
    const bool may_be_read = group_by == "-" || (std::filesystem::exists(group_by, error) &&
                                                 !std::filesystem::is_directory(group_by, error));
    if (may_be_read) return;
    const std::optional<std::string> meant = irene::near_miss(group_by, names_of_keys());
    if (!meant) return;
    throw irene::Error(irene::ErrorKind::usage, "--group_by: " + irene::in_quotes(group_by) +
                                                    " is neither a key nor a file; did you mean " + *meant +
                                                    "?");
}

}  // namespace

int main(int argc, char** argv) {
    irene::apps::Tool tool(
        "irene-crossvalidate",
        "Train with one model left out, predict the model left out, in turn for each; print the errors.",
        {"irene-crossvalidate datasets/simulated.jsonl out/",
         "irene-crossvalidate --config configs/stepwise.json data.jsonl out/",
         "irene-crossvalidate --group_by families.json data.jsonl out/   with {\"bert\": "
         "[\"bert-base-uncased\", ...], ...}"});
    std::string data_path, directory;
    std::string group_by = "model_name";
    std::vector<std::string> keys = names_of_keys();
    keys[0] += " (default)";
    bool json = false;
    tool.add_required("data", irene::apps::file_value(), "Measured trees, JSONL; '-' is standard input",
                      data_path);
    tool.add_required("outdir", irene::apps::directory_value(), "Directory for the folds and the report",
                      directory);
    tool.add_config();
    tool.add_device("The GPU of the measurements, for 'kernel_counts', in place of the config's");
    tool.add_text("--group_by",
                  {.placeholder = "KEY|FILE", .choices = names_of_keys(), .path = irene::apps::Path::file},
                  fmt::format("What a fold leaves out: {}, or groups of models from a JSON file",
                              fmt::join(keys, ", ")),
                  group_by);
    tool.add_flag("--json", "Print the report as one JSON document", json);
    double interval = irene::CrossvalidateOptions().interval;
    tool.add_probability("--interval",
                         "Report how often prediction intervals of this probability hold. Default: 0.9",
                         [&interval](double value) { interval = value; });
    tool.add_seed();
    tool.add_threads("Threads that read the data and run folds");
    tool.add_max_line_bytes();

    return tool.run(argc, argv, [&] {
        const std::optional<irene::RunKey> key = irene::run_key_from_name(group_by);
        std::vector<std::filesystem::path> inputs = tool.inputs({data_path});
        if (!key) inputs.emplace_back(group_by);
        std::vector<std::filesystem::path> outputs = irene::crossvalidation_files(directory);
        outputs.emplace_back("-");
        irene::refuse_outputs_that_are_inputs(inputs, outputs);
        const irene::Config config = tool.load_config();
        irene::CrossvalidateOptions options{.group_by = key,
                                            .groups = {},
                                            .seed = tool.seed(),
                                            .threads = tool.threads(),
                                            .interval = interval,
                                            .stop = irene::apps::Tool::stop_flag(),
                                            .warn = irene::apps::Tool::warn};
        if (!key) {
            refuse_near_miss_of_key(group_by);
            options.groups = irene::load_model_groups(group_by, irene::apps::Tool::stop_flag());
        }
        const irene::Dataset data = irene::read_dataset(data_path, {.threads = tool.threads(),
                                                                    .max_line_bytes = tool.max_line_bytes(),
                                                                    .stop = irene::apps::Tool::stop_flag()});
        const irene::CrossvalidationReport report = irene::crossvalidate(data, config, directory, options);
        irene::apps::print(json ? irene::to_json(report)
                                : "Percentage Error - Cross Validation Report\n" + irene::to_table(report));
        return irene::apps::kDone;
    });
}
