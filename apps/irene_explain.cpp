// irene-explain: what a model learned, in words and numbers, and which models there are.
#include <filesystem>
#include <string>

#include "irene/error.hpp"
#include "irene/model.hpp"
#include "irene/same_file.hpp"
#include "irene/table.hpp"
#include "irene/tasks.hpp"

#include "command_line.hpp"
#include "trained_models.hpp"

namespace {

[[noreturn]] void refuse_usage(const std::string& message) {
    throw irene::Error(irene::ErrorKind::usage, message + "; see irene-explain --help");
}

void print_list(irene::TableFormat format) {
    const irene::Table table = irene::apps::list_of_trained_models();
    if (table.rows.empty()) irene::apps::Tool::warn("no trained model was found; the table has no rows");
    irene::apps::print(irene::to_text(table, format));
}

void explain(const std::string& model_name, irene::TableFormat format) {
    if (model_name.empty()) refuse_usage("model is required");
    if (format == irene::TableFormat::csv) refuse_usage("--format csv is for --list");
    const std::filesystem::path directory = irene::apps::model_directory(model_name);
    irene::refuse_outputs_that_are_inputs(irene::model_files(directory), {"-"});
    const irene::Model model = irene::apps::Tool::load_model(directory);
    irene::apps::print(format == irene::TableFormat::json ? irene::explain_json(model)
                                                          : irene::explain(model));
}

}  // namespace

int main(int argc, char** argv) {
    irene::apps::Tool tool("irene-explain", "Print what a model learned, with units.",
                           {"irene-explain model/", "irene-explain --json model/",
                            "irene-explain h100-sxm-vllm", "irene-explain --list"});
    std::string model_name;
    bool list = false;
    tool.add_text("model", irene::apps::directory_value("MODEL"), irene::apps::kModelHelp, model_name);
    tool.add_flag("--list",
                  "Print the trained models that are known by name: those in the folders of IRENE_MODELS, "
                  "then those that come with irene",
                  list);
    tool.exclude("--list", "model");
    tool.add_table_format();

    return tool.run(argc, argv, [&] {
        if (list) {
            print_list(tool.table_format());
        } else {
            explain(model_name, tool.table_format());
        }
        return irene::apps::kDone;
    });
}
