// Trained models by name: where they are looked for, and what is told of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "irene/table.hpp"

namespace irene::apps {

/// What help says of an argument that model_directory() takes.
inline constexpr const char* kModelHelp =
    "Directory of a trained model, or the name of one that comes with irene (irene-explain --list)";

/// The folders that hold trained models, each in a folder of its name: those of the environment's
/// IRENE_MODELS, separated by colons, then those that come with the tool. They need not exist.
std::vector<std::filesystem::path> folders_of_trained_models();

/// The directory of the trained model that an argument names: a path, where it has a slash or there is
/// something here of that name; else the first of folders_of_trained_models() that has a model so called.
/// Throws Error (no_input) for a name that none has, with what may have been meant and where it was looked
/// for.
std::filesystem::path model_directory(const std::string& argument);

/// Whether an argument is a trained model: a directory that holds one, or a name that model_directory()
/// finds.
bool is_trained_model(const std::string& argument);

/// All trained models that model_directory() finds by name, a row each: where a name is found twice, the
/// first. A model that cannot be read is told as a warning and left out.
Table list_of_trained_models();

}  // namespace irene::apps
