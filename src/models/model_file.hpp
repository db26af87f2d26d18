// The content of model.json; its layout stands at the head of model_file.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "irene/model.hpp"

namespace irene::models {

/// The model of a config and the text of the model.json beside it; see load_model. Throws Error (data);
/// `source` names the text, `name` the model.
Model parse_model(const Config& config, std::string_view text, const std::string& source,
                  const Warn& warn = {}, const std::string& name = {});

}  // namespace irene::models
