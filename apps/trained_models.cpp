#include "trained_models.hpp"

#include "irene/shipped.hpp"

#include "command_line.hpp"
#include "shipped.hpp"

namespace irene::apps {

std::filesystem::path model_directory(const std::string& argument) {
    std::filesystem::path found = irene::model_directory(argument, shipped_folders());
    if (found != argument) Tool::debug("the model " + argument + " is in " + found.string());
    return found;
}

bool is_trained_model(const std::string& argument) {
    return irene::is_trained_model(argument, shipped_folders());
}

Table list_of_trained_models() { return irene::list_of_trained_models(shipped_folders(), Tool::warn); }

}  // namespace irene::apps
