#include <cstddef>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "irene/error.hpp"
#include "irene/tasks.hpp"

#include "base/tell.hpp"
#include "models/fitted_model.hpp"
#include "numerics/initial_weights.hpp"

namespace irene {

Model train(const Dataset& data, const Config& config, const TrainOptions& options) {
    if (data.trees.empty()) throw Error(ErrorKind::data, "holds no tree", {.file = data.source});
    const std::unique_ptr<models::Trainer> trainer = models::make_trainer(data, config);
    std::vector<std::size_t> trees(data.trees.size());
    std::iota(trees.begin(), trees.end(), std::size_t{0});
    numerics::InitialWeights weights(options.seed);
    const Model model(trainer->fit(trees, {.seed = options.seed,
                                           .initial = trainer->draw(weights),
                                           .on_epoch = options.on_epoch,
                                           .stop = options.stop}));
    for (const std::string& warning : {trainer->warning(), model.fitted().warning()}) {
        if (!warning.empty()) base::tell(options.warn, data.source + ": " + warning);
    }
    return model;
}

}  // namespace irene
