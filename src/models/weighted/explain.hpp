// What the paper's strategies have learned, told in words and as JSON.
#pragma once

#include <string>

#include "base/json.hpp"
#include "models/fitted_model.hpp"
#include "models/weighted/model.hpp"

namespace irene::models {

std::string explain(const WeightedModel& model, const Origin& origin);
base::Json explain_json(const WeightedModel& model, const Origin& origin);

}  // namespace irene::models
