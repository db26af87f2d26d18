#include <string>

#include "irene/tasks.hpp"

#include "base/json.hpp"
#include "models/fitted_model.hpp"
#include "models/words.hpp"

namespace irene {

std::string explain(const Model& model) {
    const std::string& joules_of = model.config().joules_of;
    return "Strategy '" + std::string(name(model.config().training_strategy)) + "', trained on " +
           models::count(model.num_trees(), "tree") + " with " + models::count(model.num_nodes(), "node") +
           ".\n" + (joules_of.empty() ? "" : "Joules are those of " + joules_of + ".\n") +
           model.fitted().explain();
}

std::string explain_json(const Model& model) {
    base::Json json;
    json["training_strategy"] = name(model.config().training_strategy);
    json["num_trees"] = model.num_trees();
    json["num_nodes"] = model.num_nodes();
    if (!model.config().joules_of.empty()) json["joules_of"] = model.config().joules_of;
    json.update(model.fitted().explain_json());
    return base::to_text(json);
}

}  // namespace irene
