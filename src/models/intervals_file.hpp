// What intervals rest on, as a member of model.json.
#pragma once

#include "irene/error.hpp"

#include "base/json.hpp"
#include "models/intervals.hpp"

namespace irene::models {

base::Json to_json(const Intervals& intervals);

/// Throws Error (data) at `place` for what no training has learned.
Intervals read_intervals(const base::Json& json, const Place& place);

}  // namespace irene::models
