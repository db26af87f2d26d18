// A config of training, and a device, as Python gives them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "irene/config.hpp"
#include "irene/device.hpp"
#include "irene/shipped.hpp"

namespace irene::python {

/// A datasheet: the name of one that ships or the path of a file, or the text of one.
struct DeviceSource {
    std::optional<std::string> argument = {}, text = {};
};

/// Throws Error as device_argument() and parse_device() do.
inline std::optional<Device> device_of(const DeviceSource& source, const ShippedFolders& shipped,
                                       StopFlag stop) {
    if (source.text) return parse_device(*source.text, "device");
    if (source.argument) return device_argument(*source.argument, shipped, {.file = "device"}, stop);
    return std::nullopt;
}

/// `path` of a file or `text` of one; neither: the default.
struct Settings {
    std::optional<std::string> path = {}, text = {};
    DeviceSource device = {};  ///< in place of the config's
};

/// Throws Error as load_config() and device_of() do.
inline Config config_of(const Settings& settings, const ShippedFolders& shipped, const Warn& warn,
                        StopFlag stop) {
    Config config;
    if (settings.path) config = load_config(*settings.path, stop, warn, device_folders(shipped));
    if (settings.text) config = parse_config(*settings.text, "config", warn, device_folders(shipped));
    const std::optional<Device> device = device_of(settings.device, shipped, stop);
    if (!device) return config;
    config.device = device;
    try {
        config.validate();
    } catch (const Error& error) {
        throw error.in_file("device");
    }
    return config;
}

}  // namespace irene::python
