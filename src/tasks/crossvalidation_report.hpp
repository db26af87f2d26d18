// Figures of a cross-validation as text.
#pragma once

#include "irene/tasks.hpp"

#include "base/json.hpp"

namespace irene::tasks {

/// The errors of a fold: {"ml": 1.36, "module": 9.3, "model": 5.9, "seconds": 4.4}, rounded; null where there
/// is no figure.
base::Json errors_to_json(const FoldReport& fold);

}  // namespace irene::tasks
