// What comes with irene, found by name: trained models, configs of public transformers, datasheets of GPUs.
//
// A program knows where its own are: it gives the folders in which `configs` and `models` lie, nearest first.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "irene/device.hpp"
#include "irene/error.hpp"
#include "irene/table.hpp"

namespace irene {

/// Folders that hold `configs` and `models`; they need not exist.
using ShippedFolders = std::vector<std::filesystem::path>;

// ---- trained models --------------------------------------------------------------------------------------

/// The folders that hold trained models, each in a folder of its name: those of the environment's
/// IRENE_MODELS, separated by colons, then those that come with irene. They need not exist.
std::vector<std::filesystem::path> folders_of_trained_models(const ShippedFolders& shipped);

/// The directory of the trained model that an argument names: a path, where it has a slash or there is
/// something here of that name; else the first of folders_of_trained_models() that has a model so called.
/// Throws Error (no_input) for a name that none has, with what may have been meant and where it was looked
/// for.
std::filesystem::path model_directory(const std::string& argument, const ShippedFolders& shipped);

/// Whether an argument is a trained model: a directory that holds one, or a name that model_directory()
/// finds.
bool is_trained_model(const std::string& argument, const ShippedFolders& shipped);

/// All trained models that model_directory() finds by name, a row each: where a name is found twice, the
/// first. `warn` is told of a model that cannot be read, which is left out.
Table list_of_trained_models(const ShippedFolders& shipped, const Warn& warn = {});

// ---- configs of transformers -----------------------------------------------------------------------------

/// The folder of the transformers' configs that come with irene; none where it is not found.
std::optional<std::filesystem::path> folder_of_configs(const ShippedFolders& shipped);

/// The file that an argument names: itself, or the config.json in the directory that it is. Throws Error
/// (no_input) for what is no file, with what its sender needs: a name on Hugging Face's hub, for which there
/// may be a config that comes with irene, or a directory without a config.json.
std::filesystem::path config_file(const std::string& argument, const ShippedFolders& shipped);

// ---- datasheets ------------------------------------------------------------------------------------------

/// The folder of the datasheets that come with irene, as a list of one or none: as load_config() takes it.
std::vector<std::filesystem::path> device_folders(const ShippedFolders& shipped);

/// Whether what is given for a device is a file: it has a slash or ends in ".json". Else it is a name.
bool is_device_file(const std::string& argument);

/// The device that is given, by a file or by the name of a datasheet that comes with irene. `place` is what
/// messages call the argument. Throws Error: usage for a name that none has, and for a file that is no
/// datasheet; no_input for one that cannot be read.
Device device_argument(const std::string& argument, const ShippedFolders& shipped, const Place& place,
                       StopFlag stop = nullptr);

}  // namespace irene
