// A config of training as Python gives it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "irene/config.hpp"
#include "irene/shipped.hpp"

namespace irene::python {

/// `config`: the path of a file or the text of one; none: the default.
struct Settings {
    std::optional<std::string> path = {}, text = {};
    std::optional<std::string> device = {};  ///< in place of the config's
};

/// Throws Error as load_config() and device_argument() do.
inline Config config_of(const Settings& settings, const ShippedFolders& shipped, const Warn& warn,
                        StopFlag stop) {
    Config config;
    if (settings.path) config = load_config(*settings.path, stop, warn, device_folders(shipped));
    if (settings.text) config = parse_config(*settings.text, "config", warn, device_folders(shipped));
    if (!settings.device) return config;
    config.device = device_argument(*settings.device, shipped, {.file = "device"}, stop);
    try {
        config.validate();
    } catch (const Error& error) {
        throw error.in_file("device");
    }
    return config;
}

}  // namespace irene::python
