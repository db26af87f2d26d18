// What people give where tools expect config files, or the name of a datasheet.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "irene/device.hpp"
#include "irene/error.hpp"

namespace irene::apps {

/// The file that an argument names: itself, or the config.json in the directory that it is. Throws Error
/// (no_input) for what is no file, with what its sender needs: a name on Hugging Face's hub, for which there
/// may be a config that comes with the tools, or a directory without a config.json.
std::filesystem::path config_file(const std::string& argument);

/// The folder of the transformers' configs that come with the tools; none where it is not found.
std::optional<std::filesystem::path> folder_of_configs();

/// The datasheets of devices that come with the tools, likewise.
std::optional<std::filesystem::path> folder_of_devices();
/// The same as a list of folders, of one or none.
std::vector<std::filesystem::path> device_folders();

/// Whether what is given for a device is a file: it has a slash or ends in ".json". Else it is a name.
bool is_device_file(const std::string& argument);
/// The device that is given, by a file or by the name of a datasheet that comes with the tools. Throws Error:
/// usage for a name that none has, and for a file that is no datasheet; no_input for one that cannot be read.
Device device_argument(const std::string& argument, StopFlag stop = nullptr);

/// Refuses numbers behind those of --batch_size and --seq_len, "--batch_size 8 16", which would else be taken
/// for config files. Throws Error (usage) that shows the list with commas.
void refuse_loose_sizes(int argc, const char* const* argv);

}  // namespace irene::apps
