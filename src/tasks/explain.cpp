#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "irene/error.hpp"
#include "irene/tasks.hpp"

#include "base/json.hpp"
#include "base/numbers.hpp"

namespace irene {

namespace {

/// A coefficient in a unit that people use.
struct Amount {
    double value = 0.0;
    std::string unit;
};

Amount readable(double value, std::string_view unit) {
    constexpr double kGiga = 1e9;
    constexpr double kGibi = 1024.0 * 1024.0 * 1024.0;
    if (unit == "J/flop") return {value * kGiga, "J/GFLOP"};
    if (unit == "J" && std::fabs(value) < 1e-6) return {value * kGiga, "nJ"};
    if (unit == "J/byte") return {value * kGibi, "J/GiB"};
    return {value, std::string(unit)};
}

std::string format(double value) { return base::format(value, 4); }

std::string quantity_and_amount(const AdditiveTerm& term, double coefficient) {
    const Amount amount = readable(coefficient, term.unit);
    return format(amount.value) + " " + amount.unit + " x " + std::string(term.quantity);
}

/// "a x p + b x q + ...", without terms of coefficient 0.
std::string sum_of(std::span<const AdditiveTerm> terms, std::span<const double> coefficients) {
    std::string text;
    for (std::size_t i = 0; i < terms.size() && i < coefficients.size(); ++i) {
        if (coefficients[i] == 0.0) continue;
        if (!text.empty()) text += " + ";
        text += quantity_and_amount(terms[i], coefficients[i]);
    }
    return text.empty() ? "0" : text;
}

base::Json terms_to_json(std::span<const AdditiveTerm> terms, std::span<const double> coefficients) {
    base::Json json = base::Json::array();
    for (std::size_t i = 0; i < terms.size() && i < coefficients.size(); ++i) {
        const Amount amount = readable(coefficients[i], terms[i].unit);
        json.push_back(
            {{"quantity", terms[i].quantity}, {"coefficient", amount.value}, {"unit", amount.unit}});
    }
    return json;
}

std::string ranges(const TrainingRange& range) {
    std::string text;
    for (std::size_t i = 0; i < range.values.size(); ++i) {
        if (range.values[i].is_empty()) continue;
        if (!text.empty()) text += ", ";
        text += std::string(name(static_cast<RangedQuantity>(i))) + " " + format(range.values[i].least) +
                " to " + format(range.values[i].greatest);
    }
    return text;
}

base::Json ranges_to_json(const std::vector<TrainingRange>& all) {
    base::Json json = base::Json::object();
    for (const TrainingRange& range : all) {
        base::Json& entry = json[range.name] = base::Json::object();
        for (std::size_t i = 0; i < range.values.size(); ++i) {
            if (range.values[i].is_empty()) continue;
            entry[std::string(name(static_cast<RangedQuantity>(i)))] = {range.values[i].least,
                                                                        range.values[i].greatest};
        }
    }
    return json;
}

constexpr std::array kTypes{NodeType::ml, NodeType::module, NodeType::model};
constexpr double kInterval = 0.9;

std::string count(std::size_t number, const std::string& noun) {
    return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string explain_additive(const AdditiveModel& model) {
    std::string text = "Level '" + std::string(name(model.level)) + "': ";
    text += model.level == AdditiveLevel::specs ? "a node is known by its counts; the model is never run.\n"
            : model.level == AdditiveLevel::timing
                ? "a node is known by its counts and its time.\n"
                : "a node is known by its counts, time, CPU load and GPU energy.\n";
    text +=
        "energy of a node = energy of its children + its self energy. Nothing below is negative unless it "
        "says so.\n";

    text += "\nML operations: energy of one call\n";
    for (const AdditiveLeaves& leaves : model.leaves) {
        const std::span<const AdditiveTerm> terms = leaf_terms(model.level, leaves.group);
        text += "  " + printable(leaves.group) + " (" + count(leaves.num_nodes, "node") + ", " +
                count(leaves.num_measurements, "distinct measurement") + ")\n";
        text += "      " + sum_of(terms, leaves.coefficients) + "\n";
        const std::size_t num_curves = num_ramps(model.level, leaves);
        if (num_curves > 0) {
            const std::span<const double> ramps = std::span(leaves.coefficients).subspan(terms.size());
            const auto used = static_cast<std::size_t>(
                std::count_if(ramps.begin(), ramps.end(), [](double c) { return c > 0.0; }));
            text += "      and a growing curve of " + count(used, "piece") + " with a slope, of " +
                    std::to_string(num_curves) + "\n";
        }
        for (const AdditiveOperation& own : leaves.own) {
            text += "      " + printable(own.operation) + ": " + sum_of(terms, own.coefficients) + "\n";
        }
    }
    text += "  an operation not seen in training\n      " +
            sum_of(fallback_terms(model.level), model.fallback) + "\n";

    text += "\nModules: self energy\n";
    for (const AdditiveClass& fitted : model.classes) {
        text += "  " + printable(fitted.name) + " (" + count(fitted.num_nodes, "node") + ", " +
                count(fitted.num_measurements, "distinct measurement") + ")\n      " +
                sum_of(self_terms(model.level), fitted.coefficients) + "\n";
    }
    text += model.classes.empty() ? "  every module (terms may be negative)\n"
                                  : "  a class not seen in training, and not built like one that was\n";
    text += "      " + sum_of(self_terms(model.level), model.self) + "\n";

    text += "\nRanges seen in training\n";
    for (const TrainingRange& range : model.leaf_ranges)
        text += "  " + printable(range.name) + ": " + ranges(range) + "\n";
    for (const TrainingRange& range : model.class_ranges)
        text += "  " + printable(range.name) + ": " + ranges(range) + "\n";
    text += "  all modules: " + ranges(model.inner_range) + "\n";

    text += "\nErrors on the training trees, and 90 % intervals for a new model\n";
    for (const NodeType type : kTypes) {
        const auto& error = model.training_error[static_cast<std::size_t>(type)];
        const std::optional<double> width = half_width(model.intervals, type, kInterval);
        if (!error) continue;
        text += "  " + std::string(name(type)) + ": mean " + format(*error) + " %";
        if (width) text += ", interval within a factor of " + format(std::exp(*width));
        text += "\n";
    }
    return text;
}

base::Json additive_to_json(const AdditiveModel& model) {
    base::Json json;
    json["level"] = name(model.level);
    for (const AdditiveLeaves& leaves : model.leaves) {
        base::Json& entry = json["operations"][leaves.group];
        entry["num_nodes"] = leaves.num_nodes;
        entry["num_measurements"] = leaves.num_measurements;
        entry["terms"] = terms_to_json(leaf_terms(model.level, leaves.group), leaves.coefficients);
        entry["num_ramps"] = num_ramps(model.level, leaves);
        for (const AdditiveOperation& own : leaves.own) {
            entry["own_terms"][own.operation] =
                terms_to_json(leaf_terms(model.level, leaves.group), own.coefficients);
        }
    }
    json["unseen_operation"] = terms_to_json(fallback_terms(model.level), model.fallback);
    json["self_energy"]["pooled"] = terms_to_json(self_terms(model.level), model.self);
    for (const AdditiveClass& fitted : model.classes) {
        json["self_energy"]["classes"][fitted.name] =
            terms_to_json(self_terms(model.level), fitted.coefficients);
    }
    json["ranges"]["operations"] = ranges_to_json(model.leaf_ranges);
    json["ranges"]["classes"] = ranges_to_json(model.class_ranges);
    for (const NodeType type : kTypes) {
        const std::string key(name(type));
        const auto& error = model.training_error[static_cast<std::size_t>(type)];
        if (error) json["training_error"][key] = *error;
        const std::optional<double> width = half_width(model.intervals, type, kInterval);
        if (width) json["interval_90"][key] = std::exp(*width);
    }
    return json;
}

/// Weighted trees: a coefficient is told per standard deviation of its feature, the largest first.
std::string explain_weighted(const Model& model) {
    const std::vector<Feature> features = features_of(model.config.feature_sets);
    std::string text = "ML operations: mean energy, and what one standard deviation of a feature adds\n";
    for (const LeafRegressor& regressor : model.leaves) {
        text += "  " + printable(regressor.operation) + " (" + count(regressor.num_nodes, "node") +
                ")\n      " + format(regressor.intercept) + " J";
        std::vector<std::size_t> order(features.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::stable_sort(order.begin(), order.end(), [&regressor](std::size_t a, std::size_t b) {
            return std::fabs(regressor.coefficients[a]) > std::fabs(regressor.coefficients[b]);
        });
        constexpr std::size_t kShown = 4;
        for (std::size_t i = 0; i < std::min(kShown, order.size()); ++i) {
            const double coefficient = regressor.coefficients[order[i]];
            text += std::string(coefficient < 0.0 ? " - " : " + ") + format(std::fabs(coefficient)) +
                    " J x " + std::string(name(features[order[i]]));
        }
        text += " ...\n";
    }
    text += "\nModules: ";
    if (!model.config.has_weights()) {
        text += "the sum of their children.\n";
    } else if (model.config.training_strategy == TrainingStrategy::unstructured) {
        text += "w.x + b of their own features, with " + count(model.tree.weights.size(), "weight") + ".\n";
    } else if (model.config.weighting_setting == Weighting::free) {
        text += "the sum of their children, each times w.x + b, with " +
                count(model.tree.weights.size(), "weight") + ".\n";
    } else {
        text += "the sum of their children, each times 1 + tanh(w.x + b) / " +
                format(model.config.tanh_scalar) + ", with " + count(model.tree.weights.size(), "weight") +
                ".\n";
    }
    return text;
}

base::Json weighted_to_json(const Model& model) {
    const std::vector<Feature> features = features_of(model.config.feature_sets);
    base::Json json;
    for (const LeafRegressor& regressor : model.leaves) {
        base::Json& entry = json["operations"][regressor.operation];
        entry["num_nodes"] = regressor.num_nodes;
        entry["mean_joules"] = regressor.intercept;
        for (std::size_t i = 0; i < features.size(); ++i) {
            entry["joules_per_deviation"][std::string(name(features[i]))] = regressor.coefficients[i];
        }
    }
    json["num_weights"] = model.tree.weights.size();
    return json;
}

}  // namespace

std::string explain(const Model& model) {
    std::string text = "Strategy '" + std::string(name(model.config.training_strategy)) + "', trained on " +
                       count(model.num_trees, "tree") + " with " + count(model.num_nodes, "node") + ".\n";
    return text + (model.additive ? explain_additive(*model.additive) : explain_weighted(model));
}

std::string explain_json(const Model& model) {
    base::Json json;
    json["training_strategy"] = name(model.config.training_strategy);
    json["num_trees"] = model.num_trees;
    json["num_nodes"] = model.num_nodes;
    json.update(model.additive ? additive_to_json(*model.additive) : weighted_to_json(model));
    return base::to_text(json);
}

}  // namespace irene
