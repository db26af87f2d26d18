// What comes with the tools: configs and trained models, installed beside them or in the checkout that they
// were built in.
#pragma once

#include <filesystem>
#include <vector>

namespace irene::apps {

/// The folders in which `configs` and `models` come with this tool, nearest first: share/irene beside an
/// installed one, and the checkout that it stands in. Empty where neither is found.
std::vector<std::filesystem::path> shipped_folders();

/// Whether there is anything at a path, as far as can be told.
bool is_there(const std::filesystem::path& path);

}  // namespace irene::apps
