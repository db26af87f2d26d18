#include "tasks/fold_folders.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <system_error>

#include "irene/error.hpp"

namespace irene::tasks {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "leave_";
constexpr std::string_view kHexDigits = "0123456789ABCDEF";
constexpr std::size_t kMaxFileName = 255;  // bytes, on all common file systems
constexpr std::array kFoldFiles{"config.json", "model.json", kFoldPredictions, kFoldErrors};

/// FNV-1a. It is part of names on disk, so it stays what it is.
std::uint64_t name_hash(std::string_view text) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    return hash;
}

std::string escaped(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f && c != '/' && c != '\\' && c != '%') return {c};
    return {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Directories below `parent` that are called as folds are.
std::vector<fs::path> called_as_folds(const fs::path& parent) {
    std::vector<fs::path> folders;
    std::error_code error;
    for (fs::directory_iterator entry(parent, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().filename().string().starts_with(kPrefix) &&
            entry->symlink_status(error).type() == fs::file_type::directory) {
            folders.push_back(entry->path());
        }
    }
    return folders;
}

bool holds_a_fold_alone(const fs::path& folder) {
    bool has_model = false;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (std::find(kFoldFiles.begin(), kFoldFiles.end(), name) == kFoldFiles.end() ||
            entry->symlink_status(error).type() != fs::file_type::regular) {
            return false;
        }
        has_model = has_model || name == "model.json";
    }
    return !error && has_model;
}

void remove_fold(const fs::path& folder) {
    std::error_code error;
    for (const char* file : kFoldFiles) {
        if (!error) fs::remove(folder / file, error);
    }
    // Fails where somebody has put another file there meanwhile, which then stays.
    if (!error) fs::remove(folder, error);
    if (error) {
        throw Error(ErrorKind::cannot_write, "of an earlier run, cannot be removed: " + error.message(),
                    {.file = folder.string()});
    }
}

}  // namespace

std::string fold_folder(std::string_view left_out) {
    std::string folder(kPrefix);
    for (const char c : left_out) folder += escaped(c);
    if (folder.size() <= kMaxFileName) return folder;

    std::string ending = "%x";
    const std::uint64_t hash = name_hash(left_out);
    for (int shift = 60; shift >= 0; shift -= 4) ending += kHexDigits[(hash >> shift) & 15];
    folder = kPrefix;
    for (std::size_t begin = 0; begin < left_out.size();) {
        // Whole characters, and whole %XX.
        std::string character = escaped(left_out[begin++]);
        while (begin < left_out.size() && continues_character(left_out[begin]))
            character += escaped(left_out[begin++]);
        if (folder.size() + character.size() + ending.size() > kMaxFileName) break;
        folder += character;
    }
    return folder + ending;
}

std::vector<fs::path> earlier_fold_files(const fs::path& parent) {
    std::vector<fs::path> files;
    for (const fs::path& folder : called_as_folds(parent)) {
        for (const char* file : kFoldFiles) files.push_back(folder / file);
    }
    return files;
}

void remove_earlier_folds(const fs::path& parent, const std::set<std::string>& folders) {
    for (const fs::path& folder : called_as_folds(parent)) {
        if (!folders.contains(folder.filename().string()) && holds_a_fold_alone(folder)) remove_fold(folder);
    }
}

}  // namespace irene::tasks
