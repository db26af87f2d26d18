#include <algorithm>
#include <array>
#include <utility>

#include "models/feature_rows.hpp"
#include "models/fitted_model.hpp"
#include "models/kernels/fitted.hpp"

namespace irene::models {

#define IRENE_DECLARE(name, method) const Method& method##_method();  // in the method's folder
IRENE_TRAINING_STRATEGIES(IRENE_DECLARE)
#undef IRENE_DECLARE

const Method& method_of(const Config& config) {
    constexpr auto kMethods = std::to_array<std::pair<TrainingStrategy, const Method& (*)()>>({
#define IRENE_ROW(name, method) {TrainingStrategy::name, method##_method},
        IRENE_TRAINING_STRATEGIES(IRENE_ROW)
#undef IRENE_ROW
    });
    // Additive too: a node is the sum of its children and its own kernels.
    if (config.training_strategy == TrainingStrategy::additive &&
        std::count(config.feature_sets.begin(), config.feature_sets.end(), FeatureSet::kernel_counts) > 0)
        return kernels_method();
    for (const auto& [strategy, method] : kMethods) {
        if (strategy == config.training_strategy) return method();
    }
    throw Error(ErrorKind::usage, "is no strategy", {.field = "training_strategy"});
}

std::unique_ptr<Trainer> make_trainer(const Dataset& data, const Config& config) {
    config.validate();
    const Method& method = method_of(config);
    for (const Tree& tree : data.trees) {
        const Counting first = data.trees.front().counting();
        if (tree.counting() != first) {
            throw Error(
                ErrorKind::data,
                "is " + in_quotes(name(tree.counting())) + ", and that of the trees before " +
                    in_quotes(name(first)) + ": a model is trained on one of them",
                {.file = data.source, .line = tree.line(), .field = std::string(name(RunKey::counting))});
        }
        require_measured_energies(tree, method.needs_every_energy(), data.source);
    }
    return method.prepare(data, config);
}

}  // namespace irene::models
