#include "config_arguments.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <system_error>
#include <vector>

#include "irene/error.hpp"

#include "shipped.hpp"

namespace irene::apps {

namespace {

namespace fs = std::filesystem;

/// A folder of configs that come with the tools.
std::optional<fs::path> folder_in_configs(const char* name) {
    std::error_code ignored;
    for (const fs::path& shipped : shipped_folders()) {
        if (fs::is_directory(shipped / "configs" / name, ignored)) return shipped / "configs" / name;
    }
    return std::nullopt;
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
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

[[noreturn]] void refuse_hub_name(const std::string& argument) {
    const std::string reason = "no such file, and nothing is downloaded";
    std::string message = reason + ": give the path of the model's config.json";
    const std::string wanted = lower(fs::path(argument).filename());
    if (const std::optional<fs::path> folder = folder_of_configs(); folder && !wanted.empty()) {
        std::vector<std::string> alike;  // that begin so
        std::error_code ignored;
        for (const fs::directory_entry& entry : fs::directory_iterator(*folder, ignored)) {
            const std::string name = lower(entry.path().stem());
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

bool is_size_list(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789:,") == std::string::npos;
}

/// `loose`: the sizes behind a list, each with a comma in front.
[[noreturn]] void refuse_loose_list(const std::string& option, const std::string& list,
                                    const std::string& loose) {
    throw Error(ErrorKind::usage, in_quotes(loose.substr(1)) + " stands behind " + option +
                                      " and is no config file; sizes of one list are separated by commas: " +
                                      option + " " + list + loose);
}

}  // namespace

std::optional<fs::path> folder_of_configs() { return folder_in_configs("models"); }
std::optional<fs::path> folder_of_devices() { return folder_in_configs("devices"); }

std::vector<fs::path> device_folders() {
    const std::optional<fs::path> folder = folder_of_devices();
    return folder ? std::vector{*folder} : std::vector<fs::path>();
}

bool is_device_file(const std::string& argument) {
    return argument.find('/') != std::string::npos || argument.ends_with(".json");
}

Device device_argument(const std::string& argument, StopFlag stop) {
    if (is_device_file(argument)) return load_device(argument, stop);
    return find_device(argument, device_folders(), {.file = "--device"}, stop);
}

fs::path config_file(const std::string& argument) {
    if (argument == "-") return argument;
    std::error_code ignored;
    if (fs::is_directory(argument, ignored)) {
        fs::path config = fs::path(argument) / "config.json";
        if (is_there(config)) return config;
        throw Error(ErrorKind::no_input, "is a directory without a config.json", {.file = argument});
    }
    if (!is_there(argument) && is_hub_name(argument)) refuse_hub_name(argument);
    return argument;
}

void refuse_loose_sizes(int argc, const char* const* argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::size_t equals = arguments[i].find('=');
        const std::string option = arguments[i].substr(0, equals);
        std::string spelling = option;
        std::replace(spelling.begin(), spelling.end(), '-', '_');
        if (spelling != "__batch_size" && spelling != "__seq_len") continue;
        std::string list;
        if (equals != std::string::npos) {
            list = arguments[i].substr(equals + 1);
        } else if (i + 1 < arguments.size()) {
            list = arguments[++i];
        }
        std::string loose;
        for (; i + 1 < arguments.size() && is_size_list(arguments[i + 1]) && !is_there(arguments[i + 1]); ++i)
            loose.append(",").append(arguments[i + 1]);
        if (!loose.empty() && is_size_list(list)) {
            refuse_loose_list(option, list, loose);
        }
    }
}

}  // namespace irene::apps
