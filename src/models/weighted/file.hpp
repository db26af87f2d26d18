// The paper's strategies inside a model file; the layout stands at the head of model_file.cpp.
#pragma once

#include <cstddef>

#include "irene/config.hpp"

#include "base/json.hpp"
#include "models/weighted/model.hpp"

namespace irene::models {

/// Sets the members `leaves` and `tree` of a model file.
void write(const WeightedModel& model, base::Json& json);

/// Reads them, of a model of `num_features` features. Throws Error (data) naming the field that is missing,
/// mistyped, out of range, or does not fit the config; `place` names the file.
WeightedModel read_weighted_model(const base::JsonObject& object, const Config& config,
                                  std::size_t num_features, const Place& place);

}  // namespace irene::models
