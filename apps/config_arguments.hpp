// What people give where tools expect config files, or the name of a datasheet, as irene/shipped.hpp has it:
// for a tool, what comes with it is found.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "irene/device.hpp"
#include "irene/error.hpp"

namespace irene::apps {

std::filesystem::path config_file(const std::string& argument);
std::optional<std::filesystem::path> folder_of_configs();
std::vector<std::filesystem::path> device_folders();
/// Of --device.
Device device_argument(const std::string& argument, StopFlag stop = nullptr);

/// Refuses numbers behind those of --batch_size and --seq_len, "--batch_size 8 16", which would else be taken
/// for config files. Throws Error (usage) that shows the list with commas.
void refuse_loose_sizes(int argc, const char* const* argv);

}  // namespace irene::apps
