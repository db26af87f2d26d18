// How models of the law of three prices were carried to other devices, in model.json:
//
//     "calibrations": [{"from": ..., "to": ..., "num_trees": ..., "num_measurements": ..., "scales": {...},
//                       "error_before": ..., "error_by_datasheets": ..., "error_after": ...,
//                       "saw_host": ..., "saw_gpu": ..., "left_open": [row by row]}, ...]
//
// Names of devices are empty and errors null where there are none.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "models/kernels/calibrate.hpp"
#include "models/kernels/law.hpp"

namespace irene::models {

/// One member for each price, by its name.
base::Json to_json(const KernelPrices& prices);
/// Throws Error (data) for a price that is missing, mistyped or negative. `place` is that of the object.
KernelPrices read_prices(const base::Json& json, const Place& place);

base::Json to_json(const KernelCalibration& calibration);
/// None where `kernels` has no such member. Throws Error (data) where they are malformed.
std::vector<KernelCalibration> read_calibrations(const base::JsonObject& kernels, const Place& place);

}  // namespace irene::models
