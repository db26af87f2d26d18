// Configs of transformers and datasheets by name.
#include <algorithm>
#include <cctype>
#include <optional>
#include <system_error>
#include <vector>

#include "irene/device.hpp"
#include "irene/error.hpp"
#include "irene/shipped.hpp"

#include "base/files.hpp"
#include "base/lower.hpp"

namespace irene {

namespace {

namespace fs = std::filesystem;

/// A folder of configs that come with irene.
std::optional<fs::path> folder_in_configs(const char* name, const ShippedFolders& shipped) {
    std::error_code ignored;
    for (const fs::path& folder : shipped) {
        if (fs::is_directory(folder / "configs" / name, ignored)) return folder / "configs" / name;
    }
    return std::nullopt;
}

/// Whether the argument is like a name on the hub: NAME or ORGANISATION/NAME, or the address of its page.
bool is_hub_name(const std::string& argument) {
    if (argument.starts_with("https://") || argument.starts_with("http://")) return true;
    const bool is_plain = std::all_of(argument.begin(), argument.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-' || c == '/';
    });
    return is_plain && !argument.empty() && std::isalnum(static_cast<unsigned char>(argument[0])) != 0 &&
           argument.back() != '/' && std::count(argument.begin(), argument.end(), '/') <= 1 &&
           !argument.ends_with(".json");
}

[[noreturn]] void refuse_hub_name(const std::string& argument, const ShippedFolders& shipped) {
    const std::string reason = "no such file, and nothing is downloaded";
    std::string message = reason + ": give the path of the model's config.json";
    const std::string wanted = base::lower(fs::path(argument).filename().string());
    if (const std::optional<fs::path> folder = folder_of_configs(shipped); folder && !wanted.empty()) {
        std::vector<std::string> alike;  // that begin so
        std::error_code ignored;
        for (const fs::directory_entry& entry : fs::directory_iterator(*folder, ignored)) {
            const std::string name = base::lower(entry.path().stem().string());
            if (name == wanted) {
                message =
                    reason + "; the config of that name that comes with irene is " + entry.path().string();
                throw Error(ErrorKind::no_input, message, {.file = argument});
            }
            if (name.starts_with(wanted)) alike.push_back(entry.path().filename());
        }
        std::sort(alike.begin(), alike.end());
        constexpr std::size_t kShown = 3;
        message += "; those that come with irene are in " + folder->string();
        for (std::size_t i = 0; i < std::min(alike.size(), kShown); ++i)
            message += (i == 0 ? ", such as " : ", ") + alike[i];
    }
    throw Error(ErrorKind::no_input, message, {.file = argument});
}

}  // namespace

std::optional<fs::path> folder_of_configs(const ShippedFolders& shipped) {
    return folder_in_configs("models", shipped);
}

std::vector<fs::path> device_folders(const ShippedFolders& shipped) {
    const std::optional<fs::path> folder = folder_in_configs("devices", shipped);
    return folder ? std::vector{*folder} : std::vector<fs::path>();
}

bool is_device_file(const std::string& argument) {
    return argument.find('/') != std::string::npos || argument.ends_with(".json");
}

Device device_argument(const std::string& argument, const ShippedFolders& shipped, const Place& place,
                       StopFlag stop) {
    if (is_device_file(argument)) return load_device(argument, stop);
    return find_device(argument, device_folders(shipped), place, stop);
}

fs::path config_file(const std::string& argument, const ShippedFolders& shipped) {
    if (argument == "-") return argument;
    std::error_code ignored;
    if (fs::is_directory(argument, ignored)) {
        fs::path config = fs::path(argument) / "config.json";
        if (base::is_there(config)) return config;
        throw Error(ErrorKind::no_input, "is a directory without a config.json", {.file = argument});
    }
    if (!base::is_there(argument) && is_hub_name(argument)) refuse_hub_name(argument, shipped);
    return argument;
}

}  // namespace irene
