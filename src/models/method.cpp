#include "models/feature_rows.hpp"
#include "models/fitted_model.hpp"

namespace irene::models {

#define IRENE_DECLARE(name, method) const Method& method##_method();  // in the method's folder
IRENE_TRAINING_STRATEGIES(IRENE_DECLARE)
#undef IRENE_DECLARE

const Method& method_of(const Config& config) {
    switch (config.training_strategy) {
#define IRENE_CASE(name, method) \
    case TrainingStrategy::name: \
        return method##_method();
        IRENE_TRAINING_STRATEGIES(IRENE_CASE)
#undef IRENE_CASE
    }
    throw Error(ErrorKind::usage, "is no strategy", {.field = "training_strategy"});
}

std::unique_ptr<Trainer> make_trainer(const Dataset& data, const Config& config) {
    config.validate();
    for (const Tree& tree : data.trees) require_measured_energies(tree, data.source);
    return method_of(config).prepare(data, config);
}

}  // namespace irene::models
