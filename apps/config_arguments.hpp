// What people give irene-extract where it expects config files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace irene::apps {

/// The file that an argument names: itself, or the config.json in the directory that it is. Throws Error
/// (no_input) for what is no file, with what its sender needs: a name on Hugging Face's hub, for which there
/// may be a config that comes with the tools, or a directory without a config.json.
std::filesystem::path config_file(const std::string& argument);

/// The folder of the transformers' configs that come with the tools; none where it is not found.
std::optional<std::filesystem::path> folder_of_configs();

/// Refuses numbers behind those of --batch_size and --seq_len, "--batch_size 8 16", which would else be taken
/// for config files. Throws Error (usage) that shows the list with commas.
void refuse_loose_sizes(int argc, const char* const* argv);

}  // namespace irene::apps
