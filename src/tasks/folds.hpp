// The folds of a cross-validation: which trees each leaves out.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "irene/tasks.hpp"

#include "numerics/initial_weights.hpp"

namespace irene::tasks {

/// The name of a report's last row, which no fold can have.
inline constexpr const char* kOverall = "overall";

struct Fold {
    std::string left_out;
    std::filesystem::path folder;
    std::vector<std::size_t> training, held_out;  // trees
    numerics::LinearLayer initial;
};

/// One fold for each group of trees, in order of first appearance. `parent` is where their folders belong.
/// Throws Error (data): fewer than two groups; names that cannot be told apart; a model in none of the
/// groups.
std::vector<Fold> make_folds(const Dataset& data, const std::filesystem::path& parent,
                             const CrossvalidateOptions& options);

}  // namespace irene::tasks
