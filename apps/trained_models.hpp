// Trained models by name, as irene/shipped.hpp has them, for a tool: those that come with it are found.
#pragma once

#include <filesystem>
#include <string>

#include "irene/table.hpp"

namespace irene::apps {

/// What help says of an argument that model_directory() takes.
inline constexpr const char* kModelHelp =
    "Directory of a trained model, or the name of one that comes with irene (irene-explain --list)";

std::filesystem::path model_directory(const std::string& argument);
bool is_trained_model(const std::string& argument);
/// With its warnings logged.
Table list_of_trained_models();

}  // namespace irene::apps
