// From the text of a config.json to a blueprint.
#pragma once

#include <string>
#include <string_view>

#include "irene/error.hpp"

#include "architectures/blueprint.hpp"
#include "base/json.hpp"

namespace irene::architectures {

/// The document, an object. Throws Error (data).
base::Json parse_hugging_face_config(std::string_view text, const std::string& source);

/// `model_type` is for a config that has none. Throws Error: data; usage where `model_type` is unknown or not
/// the config's. `warn` is told what the counting leaves out of account.
Blueprint read_config(std::string_view text, const std::string& source, const std::string& model_type,
                      const Warn& warn, Counting counting);

}  // namespace irene::architectures
