// irene-extract: the trees of transformers, from their config.json alone.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "irene/architectures.hpp"
#include "irene/error.hpp"
#include "irene/same_file.hpp"
#include "irene/table.hpp"

#include "command_line.hpp"
#include "config_arguments.hpp"

namespace {

using Sizes = std::vector<std::int64_t>;

irene::Table list_of_architectures() {
    irene::Table table{.columns = {"model_type"}, .rows = {}};
    for (const std::string_view name : irene::known_architectures())
        table.rows.push_back({std::string(name)});
    return table;
}

irene::Table table_of(const std::vector<irene::CountRow>& rows) {
    irene::Table table{.columns = {"scope", "nodes", "parameters", "flops", "bytes"}, .rows = {}};
    for (const irene::CountRow& row : rows)
        table.rows.push_back({row.scope, row.num_nodes, row.num_parameters, row.flops, row.bytes});
    return table;
}

}  // namespace

int main(int argc, char** argv) {
    irene::apps::Tool tool(
        "irene-extract",
        "Write the trees of transformers from their Hugging Face config.json alone, ready for irene-predict.",
        {"irene-extract config.json --batch_size 8,16 --seq_len 32:256:32 -o trees.jsonl",
         "irene-extract a.json b.json --seq_len 128 | irene-predict - - model/ | irene-summarize",
         "irene-extract config.json --params", "irene-extract --list"});
    std::vector<std::string> configs;
    Sizes batch_sizes{1};
    Sizes seq_lens{128};
    std::string output = "-";
    irene::TransformerOptions options{.stop = irene::apps::Tool::stop_flag(),
                                      .warn = irene::apps::Tool::warn};
    bool list = false;
    bool params = false;
    tool.add_list("configs", irene::apps::file_value(),
                  "Config files, or directories with a config.json; '-' is standard input", configs);
    tool.add_sizes("--batch_size", "Sequences: numbers and ranges FIRST:LAST:STEP, e.g. 1,8:32:8. Default: 1",
                   batch_sizes);
    tool.add_sizes("--seq_len", "Tokens of a sequence, likewise. Default: 128", seq_lens);
    tool.add_text("-o,--output", irene::apps::file_value(),
                  "Where the trees go; '-', the default, is standard output", output);
    tool.add_text(
        "--model_name", {.placeholder = "NAME"},
        "Name of the model, for a single config. Default: the config's _name_or_path, else the file's "
        "name, or its folder's for a config.json",
        options.model_name);
    tool.add_text("--model_type", {.placeholder = "TYPE"},
                  "Architecture of configs that do not say theirs; see --list", options.model_type);
    tool.add_flag("--list", "Print the known architectures and exit", list);
    tool.add_flag("--params", "Print parameters, flops and bytes by scope instead of trees", params);
    tool.exclude("--params", "--list");
    tool.add_table_format();

    return tool.run(argc, argv, [&] {
        if (list) {
            irene::apps::print(irene::to_text(list_of_architectures(), tool.table_format()));
            return irene::apps::kDone;
        }
        const auto refuse = [](const char* message) { throw irene::Error(irene::ErrorKind::usage, message); };
        irene::apps::refuse_loose_sizes(argc, argv);
        if (configs.empty()) refuse("a config is needed; see irene-extract --help");
        if (configs.size() > 1 && tool.is_given("--model_name"))
            refuse("--model_name goes with a single config");
        if (options.model_name.empty() && tool.is_given("--model_name"))
            refuse("--model_name: expected a name that is not empty");
        if (params && (configs.size() > 1 || batch_sizes.size() > 1 || seq_lens.size() > 1))
            refuse("--params goes with a single config, batch size and length");
        std::vector<std::filesystem::path> files;
        files.reserve(configs.size());
        for (const std::string& config : configs) files.push_back(irene::apps::config_file(config));
        irene::refuse_outputs_that_are_inputs(files, {params ? "-" : output});
        const std::vector<irene::Transformer> transformers = irene::load_transformers(files, options);
        if (params) {
            const auto rows = irene::count_rows(transformers[0], batch_sizes[0], seq_lens[0]);
            irene::apps::print(irene::to_text(table_of(rows), tool.table_format()));
            return irene::apps::kDone;
        }
        const std::size_t num_trees =
            irene::extract(transformers, batch_sizes, seq_lens, output, irene::apps::Tool::stop_flag());
        spdlog::debug("extracted {} trees", num_trees);
        return irene::apps::kDone;
    });
}
