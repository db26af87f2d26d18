// The additive tree inside a model file.
//
//   {"level": "specs", "num_trees": ..., "num_nodes": ..., "num_measurements": ...,
//    "leaves": [{"group": "dense", "num_nodes": ..., "num_measurements": ..., "twins_differ": false,
//                "knots": [...], "length_knots": [...], "coefficients": [...],
//                "own": [{"operation": "linear", "coefficients": [...]}, ...]}, ...],
//    "fallback": [...],
//    "self": [...],
//    "classes": [{"name": "bertlayer", "num_nodes": ..., "num_measurements": ..., "coefficients": [...],
//                 "twins": [{"signature": ["*", "dense", ...], "ratio": ...}, ...]}, ...],
//    "leaf_ranges": [{"name": "dense", "batch_size": [least, greatest], ...}, ...],
//    "class_ranges": [...], "inner_range": {"batch_size": [...], ...},
//    "calibrations": [{"num_trees": ..., "num_measurements": ..., "error_before": ..., "error_after": ...,
//                      "common": ..., "by_kind": [...], "shares": [...]}, ...],            where there are
//                      any
//    "intervals": {"num_models": ..., "ml": {"num_measurements": ..., "half_widths": [...]}, "module": ...},
//    "training_error": {"ml": ..., "module": ..., "model": ...}}
//
// Values and units are those of models/additive/model.hpp. Lists of named things are sorted by name.
#pragma once

#include "base/json.hpp"
#include "models/additive/model.hpp"

namespace irene::models {

base::Json to_json(const AdditiveModel& model);

/// Reads what to_json() wrote, equal to the last bit; unknown keys are passed over. `place` names the file,
/// and in `field` the key under which the object stands. Throws Error (data) naming the field that is
/// missing, mistyped, out of range, or does not fit the others.
AdditiveModel read_additive_model(const base::Json& json, const Place& place);

}  // namespace irene::models
