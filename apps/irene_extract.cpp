// irene-extract: the trees of transformers, from their config.json alone.
#include <cstdint>
#include <filesystem>
#include <optional>
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
namespace fs = std::filesystem;

irene::Table list_of_architectures() {
    irene::Table table{.columns = {"model_type"}, .rows = {}};
    for (const std::string_view name : irene::known_architectures())
        table.rows.push_back({std::string(name)});
    return table;
}

irene::Table table_of(const std::vector<irene::CountRow>& rows, irene::Counting counting) {
    const bool of_kernels = counting == irene::Counting::kernels;
    irene::Table table{.columns = {"scope", "nodes", "parameters", "flops", "bytes"}, .rows = {}};
    if (of_kernels) table.columns.insert(table.columns.end(), {"launches", "dtype"});
    for (const irene::CountRow& row : rows) {
        table.rows.push_back({row.scope, row.num_nodes, row.num_parameters, row.flops, row.bytes});
        if (!of_kernels) continue;
        std::string dtypes;
        for (const irene::Dtype dtype : row.dtypes)
            dtypes += (dtypes.empty() ? "" : "/") + std::string(irene::name(dtype));
        table.rows.back().emplace_back(row.launches);
        table.rows.back().emplace_back(dtypes);
    }
    return table;
}

/// What the table of a run has the counts of, in words.
std::string counted_in_words(const irene::Run& run, const std::vector<irene::CountRow>& rows) {
    std::string words =
        "batch size " + std::to_string(run.batch_size) + ", length " + std::to_string(run.seq_len);
    if (run.counting == irene::Counting::paper)
        return words + ": one forward pass in float32, as the IrEne datasets count, without a head";
    words += run.new_tokens == 0 ? ": the kernels of one forward pass without a head"
                                 : ": the kernels that generate " + std::to_string(run.new_tokens) +
                                       (run.new_tokens == 1 ? " token" : " tokens");
    words += ", weights in " + std::string(irene::name(rows.front().dtypes.front())) + ", " +
             std::string(irene::name(run.attention)) + " attention";
    if (run.gpus > 1) words += ", all " + std::to_string(run.gpus) + " GPUs together";
    return words;
}

[[noreturn]] void refuse(const std::string& message) { throw irene::Error(irene::ErrorKind::usage, message); }

template <typename Enum>
std::vector<std::string> names_of(std::initializer_list<Enum> values) {
    std::vector<std::string> names;
    for (const Enum value : values) names.emplace_back(irene::name(value));
    return names;
}

/// What the command line says, as it says it.
struct Arguments {
    std::vector<std::string> configs;
    std::string runs, config_folder;
    Sizes batch_sizes{1}, seq_lens{128}, new_tokens{0};
    std::string counting, dtype, attention = "eager";
    std::int64_t gpus = 1;
    std::string output = "-", model_name, model_type;
    bool list = false, params = false;
};

void add_options(irene::apps::Tool& tool, Arguments& given) {
    using irene::AttentionKind, irene::Counting, irene::Dtype;
    tool.add_list("configs", irene::apps::file_value(),
                  "Config files, or directories with a config.json; '-' is standard input", given.configs);
    tool.add_sizes("--batch_size", "Sequences: numbers and ranges FIRST:LAST:STEP, e.g. 1,8:32:8. Default: 1",
                   given.batch_sizes);
    tool.add_sizes("--seq_len", "Tokens of a sequence, or of its prompt, likewise. Default: 128",
                   given.seq_lens);
    tool.add_sizes(
        "--new_tokens",
        "Tokens that are generated for each sequence, likewise; 0, the default, is one forward pass without "
        "a head",
        given.new_tokens, 0);
    tool.add_choice("--dtype",
                    {.placeholder = "DTYPE",
                     .choices = names_of({Dtype::float32, Dtype::float16, Dtype::bfloat16, Dtype::float8,
                                          Dtype::int8, Dtype::int4, Dtype::mxfp4})},
                    "Numbers that weights are stored in. Default: what the config says", given.dtype);
    tool.add_choice(
        "--attention",
        {.placeholder = "KIND", .choices = names_of({AttentionKind::eager, AttentionKind::flash})},
        "eager, the default: scores are written to memory; flash: one fused kernel", given.attention);
    tool.add_whole_number("--gpus", 1, 1024, "GPUs that share each layer (tensor parallel). Default: 1",
                          [&given](std::uint64_t value) { given.gpus = static_cast<std::int64_t>(value); });
    tool.add_choice(
        "--counting",
        {.placeholder = "CONVENTION", .choices = names_of({Counting::paper, Counting::kernels})},
        "paper: as the IrEne datasets count, in float32; kernels: what runs, in its dtype. Default: kernels "
        "where one of the four options above or --runs is given, else paper",
        given.counting);
    tool.add_text(
        "--runs", irene::apps::file_value(),
        "A table (CSV) with a run in each row, in place of configs: config, batch_size, seq_len and any of "
        "model_name, new_tokens, dtype, attention, gpus, joules, seconds",
        given.runs);
    tool.add_text("--configs", irene::apps::directory_value(),
                  "Where the configs of --runs are, beside the table's folder and those that come with irene",
                  given.config_folder);
    tool.add_text("-o,--output", irene::apps::file_value(),
                  "Where the trees go; '-', the default, is standard output", given.output);
    tool.add_text(
        "--model_name", {.placeholder = "NAME"},
        "Name of the model, for a single config. Default: the config's _name_or_path, else the file's "
        "name, or its folder's for a config.json",
        given.model_name);
    tool.add_text("--model_type", {.placeholder = "TYPE"},
                  "Architecture of configs that do not say theirs; see --list", given.model_type);
    tool.add_flag("--list", "Print the known architectures and exit", given.list);
    tool.add_flag("--params", "Print parameters, flops and bytes by scope instead of trees", given.params);
    tool.exclude("--params", "--list");
    tool.add_table_format();
}

/// What all trees have in common. Refuses what the paper's counting does not know.
irene::ExtractOptions common_options(const irene::apps::Tool& tool, const Arguments& given) {
    irene::ExtractOptions options{.attention = irene::attention_from_name(given.attention).value(),
                                  .gpus = given.gpus,
                                  .new_tokens = given.new_tokens,
                                  .stop = irene::apps::Tool::stop_flag()};
    if (tool.is_given("--dtype")) options.dtype = irene::dtype_from_name(given.dtype);
    bool wants_kernels = tool.is_given("--runs");
    for (const char* option : {"--dtype", "--attention", "--new_tokens", "--gpus"}) {
        if (!tool.is_given(option)) continue;
        wants_kernels = true;
        if (given.counting == irene::name(irene::Counting::paper))
            refuse(std::string(option) +
                   " goes with --counting kernels: the paper counts one forward pass in float32");
    }
    options.counting = given.counting.empty()
                           ? (wants_kernels ? irene::Counting::kernels : irene::Counting::paper)
                           : irene::counting_from_name(given.counting).value();
    return options;
}

void extract_runs(const irene::apps::Tool& tool, const Arguments& given,
                  const irene::ExtractOptions& options) {
    for (const char* of_configs : {"--batch_size", "--seq_len", "--model_name", "--model_type", "--params"}) {
        if (tool.is_given(of_configs))
            refuse(std::string(of_configs) + " does not go with --runs, whose table has the runs");
    }
    if (!given.configs.empty()) refuse("--runs names its configs itself: none is given beside it");
    if (options.new_tokens.size() > 1) refuse("--new_tokens is a single number where --runs has the runs");
    irene::RunsOptions of_table{.defaults = options, .warn = irene::apps::Tool::warn};
    if (!given.config_folder.empty()) of_table.config_folders.emplace_back(given.config_folder);
    if (const std::optional<fs::path> folder = irene::apps::folder_of_configs())
        of_table.config_folders.push_back(*folder);
    irene::refuse_outputs_that_are_inputs({given.runs}, {given.output});
    irene::apps::Tool::debug(
        fmt::format("extracted {} trees", irene::extract_runs(given.runs, given.output, of_table)));
}

void extract_configs(const irene::apps::Tool& tool, const Arguments& given,
                     const irene::ExtractOptions& options) {
    if (given.configs.empty()) refuse("a config is needed; see irene-extract --help");
    if (given.configs.size() > 1 && tool.is_given("--model_name"))
        refuse("--model_name goes with a single config");
    if (given.model_name.empty() && tool.is_given("--model_name"))
        refuse("--model_name: expected a name that is not empty");
    if (tool.is_given("--configs")) refuse("--configs goes with --runs");
    if (given.params && (given.configs.size() > 1 || given.batch_sizes.size() > 1 ||
                         given.seq_lens.size() > 1 || given.new_tokens.size() > 1))
        refuse("--params goes with a single config, batch size and length");
    std::vector<fs::path> files;
    files.reserve(given.configs.size());
    for (const std::string& config : given.configs) files.push_back(irene::apps::config_file(config));
    irene::refuse_outputs_that_are_inputs(files, {given.params ? "-" : given.output});
    const std::vector<irene::Transformer> transformers =
        irene::load_transformers(files, {.model_name = given.model_name,
                                         .model_type = given.model_type,
                                         .stop = irene::apps::Tool::stop_flag(),
                                         .warn = irene::apps::Tool::warn,
                                         .counting = options.counting});
    if (given.params) {
        const irene::Run run{.batch_size = given.batch_sizes[0],
                             .seq_len = given.seq_lens[0],
                             .counting = options.counting,
                             .new_tokens = given.new_tokens[0],
                             .dtype = options.dtype,
                             .attention = options.attention,
                             .gpus = options.gpus};
        const auto rows = irene::count_rows(transformers[0], run);
        irene::apps::Tool::inform(transformers[0].model_name() + ", " + counted_in_words(run, rows));
        irene::apps::print(irene::to_text(table_of(rows, options.counting), tool.table_format()));
        return;
    }
    const std::size_t num_trees =
        irene::extract(transformers, given.batch_sizes, given.seq_lens, given.output, options);
    irene::apps::Tool::debug(fmt::format("extracted {} trees", num_trees));
}

}  // namespace

int main(int argc, char** argv) {
    irene::apps::Tool tool(
        "irene-extract",
        "Write the trees of transformers from their Hugging Face config.json alone, ready for irene-predict.",
        {"irene-extract config.json --batch_size 8,16 --seq_len 32:256:32 -o trees.jsonl",
         "irene-extract a.json b.json --seq_len 128 | irene-predict - - model/ | irene-summarize",
         "irene-extract config.json --new_tokens 256 --dtype bfloat16 --attention flash -o generation.jsonl",
         "irene-extract --runs measured.csv --configs configs/ -o measured.jsonl",
         "irene-extract config.json --params", "irene-extract --list"});
    Arguments given;
    add_options(tool, given);
    return tool.run(argc, argv, [&] {
        if (given.list) {
            irene::apps::print(irene::to_text(list_of_architectures(), tool.table_format()));
            return irene::apps::kDone;
        }
        irene::apps::refuse_loose_sizes(argc, argv);
        const irene::ExtractOptions options = common_options(tool, given);
        if (tool.is_given("--runs"))
            extract_runs(tool, given, options);
        else
            extract_configs(tool, given, options);
        return irene::apps::kDone;
    });
}
