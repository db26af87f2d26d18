// irene-crossvalidate: trains with one group of trees left out at a time, and predicts those.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "irene/dataset.hpp"
#include "irene/tasks.hpp"

#include "command_line.hpp"

int main(int argc, char** argv) {
    irene::apps::Tool tool(
        "irene-crossvalidate",
        "Train with one model left out, predict the model left out, in turn for each; print the errors.",
        "  irene-crossvalidate datasets/simulated.jsonl out/\n"
        "  irene-crossvalidate --config configs/stepwise.json data.jsonl out/\n"
        "  irene-crossvalidate --group_by families.json data.jsonl out/   with {\"bert\": "
        "[\"bert-base-uncased\", ...], ...}");
    std::string data_path, directory;
    std::string group_by = "model_name";
    bool json = false;
    tool.add_required("data", "FILE", "Measured trees, JSONL; '-' is standard input", data_path);
    tool.add_required("outdir", "DIR", "Directory for the folds and the report", directory);
    tool.add_config();
    tool.add_text("--group_by", "KEY|FILE:{model_name,batch_size,seq_len}",
                  "What a fold leaves out: model_name (default), batch_size, seq_len, or groups of models "
                  "from a JSON file",
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
        const irene::Config config = tool.load_config();
        irene::CrossvalidateOptions options{.group_by = group_by,
                                            .groups = {},
                                            .seed = tool.seed(),
                                            .threads = tool.threads(),
                                            .interval = interval,
                                            .stop = irene::apps::Tool::stop_flag()};
        constexpr std::array kKeys{"model_name", "batch_size", "seq_len"};
        if (std::find(kKeys.begin(), kKeys.end(), group_by) == kKeys.end()) {
            options.groups = irene::load_model_groups(group_by, irene::apps::Tool::stop_flag());
            options.group_by = "groups";
        }
        const irene::Dataset data = irene::read_dataset(data_path, {.threads = tool.threads(),
                                                                    .keep_text = true,
                                                                    .max_line_bytes = tool.max_line_bytes(),
                                                                    .stop = irene::apps::Tool::stop_flag()});
        std::vector<std::string> warnings;
        options.warnings = &warnings;
        const irene::CrossvalidationReport report = irene::crossvalidate(data, config, directory, options);
        irene::apps::Tool::warn(warnings);
        irene::apps::print(json ? irene::to_json(report)
                                : "Percentage Error - Cross Validation Report\n" + irene::to_table(report));
        return irene::apps::kDone;
    });
}
