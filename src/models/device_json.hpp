// Datasheets within other documents: configs hold one.
#pragma once

#include "irene/device.hpp"
#include "irene/error.hpp"

#include "base/json.hpp"

namespace irene::models {

/// As parse_device(), of a value that stands at `place`.
Device read_device(const base::Json& value, const Place& place);

/// As Device::validate(), of a device that stands at `place`.
void check_device(const Device& device, const Place& place);

base::Json device_to_json(const Device& device);

}  // namespace irene::models
