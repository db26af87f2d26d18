// irene-explain: what a model learned, in words and numbers.
#include <string>

#include "irene/model.hpp"
#include "irene/same_file.hpp"
#include "irene/tasks.hpp"

#include "command_line.hpp"

int main(int argc, char** argv) {
    irene::apps::Tool tool("irene-explain", "Print what a model learned, with units.",
                           {"irene-explain model/", "irene-explain --json model/"});
    std::string directory;
    bool json = false;
    tool.add_required("model", irene::apps::directory_value("MODEL"), "Directory of a trained model",
                      directory);
    tool.add_flag("--json", "Print one JSON document", json);

    return tool.run(argc, argv, [&] {
        irene::refuse_outputs_that_are_inputs(irene::model_files(directory), {"-"});
        const irene::Model model = irene::apps::Tool::load_model(directory);
        irene::apps::print(json ? irene::explain_json(model) : irene::explain(model));
        return irene::apps::kDone;
    });
}
