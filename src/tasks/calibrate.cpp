#include <memory>
#include <string>

#include "irene/error.hpp"
#include "irene/tasks.hpp"

#include "base/files.hpp"
#include "models/feature_rows.hpp"
#include "models/fitted_model.hpp"

namespace irene {

Model calibrate(const Model& known, const Dataset& data, const CalibrateOptions& options) {
    base::check(options.stop);
    if (data.trees.empty() && !options.device)
        throw Error(ErrorKind::data, "holds no tree", {.file = data.source});
    const Counting counting = known.fitted().origin().counting;
    for (const Tree& tree : data.trees) {
        if (tree.counting() != counting) {
            throw Error(
                ErrorKind::data,
                "is " + in_quotes(name(tree.counting())) + ", and the model was trained on trees of " +
                    in_quotes(name(counting)) + "; irene-extract --counting " + std::string(name(counting)) +
                    " writes such",
                {.file = data.source, .line = tree.line(), .field = std::string(name(RunKey::counting))});
        }
        models::require_measured_energies(tree, false, data.source);
    }
    std::shared_ptr<const models::FittedModel> calibrated =
        known.fitted().calibrated(data, options.device, options.warn);
    if (calibrated == nullptr) {
        throw Error(
            ErrorKind::usage,
            "the model is of strategy " + in_quotes(name(known.config().training_strategy)) +
                ", whose weights are no prices that could be scaled; train one of strategy 'additive'");
    }
    return Model(std::move(calibrated));
}

}  // namespace irene
