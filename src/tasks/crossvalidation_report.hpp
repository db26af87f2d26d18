// Figures of a cross-validation as text.
#pragma once

#include "irene/tasks.hpp"

#include "base/json.hpp"

namespace irene::tasks {

/// {"ml": 1.36, "module": 9.3, "model": 5.9}, rounded; null where there is no figure.
base::Json percentages_to_json(const Percentages& percentages);

}  // namespace irene::tasks
