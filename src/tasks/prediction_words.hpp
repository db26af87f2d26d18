// What a line's `prediction` says, in words.
#pragma once

#include <string>
#include <string_view>

namespace irene::tasks {

/// "model 'a100', strategy additive on model_specs, intervals of 90 %" of the JSON object that a line has
/// under `prediction`; what the object does not say is left out. Empty for no object.
std::string prediction_in_words(std::string_view json);

/// The device of the model that predicted, as that object has it; empty where it says none.
std::string device_of_prediction(std::string_view json);

}  // namespace irene::tasks
