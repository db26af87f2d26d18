// What a directory holds, for comparing it with what it held before or with another one.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "temporary_directory.hpp"

namespace irene::tests {

/// Everything below a directory by relative path: files with their bytes, directories and links with what
/// they are.
inline std::map<std::string, std::string> snapshot(const std::filesystem::path& directory) {
    std::map<std::string, std::string> entries;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        const std::string name = entry.path().lexically_relative(directory).string();
        if (entry.is_symlink()) {
            entries[name] = "link";
        } else if (entry.is_directory()) {
            entries[name] = "directory";
        } else {
            entries[name] = "file: " + read_file(entry.path());
        }
    }
    return entries;
}

}  // namespace irene::tests
