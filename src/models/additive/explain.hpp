// What an additive tree has learned, told in words and as JSON.
#pragma once

#include <string>

#include "base/json.hpp"
#include "models/additive/model.hpp"

namespace irene::models {

std::string explain(const AdditiveModel& model);
base::Json explain_json(const AdditiveModel& model);

}  // namespace irene::models
