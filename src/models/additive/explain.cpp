#include "models/additive/explain.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "irene/error.hpp"

#include "models/words.hpp"

namespace irene::models {

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

base::Json named_ranges_to_json(const std::vector<TrainingRange>& all) {
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

/// What was scaled by how much, and on what evidence.
std::string in_words(const Calibration& calibration) {
    std::string text = "Calibrated to another device by " +
                       count(calibration.num_measurements, "distinct measurement") + " in " +
                       count(calibration.num_trees, "tree") + ", on which the error went from " +
                       format(calibration.error_before) + " to " + format(calibration.error_after) + " %:\n" +
                       "  all prices x " + format(calibration.common) + "\n";
    for (std::size_t i = 0; i < kNumKindsOfWork; ++i) {
        text += "  " + std::string(meaning(static_cast<KindOfWork>(i))) + ", " +
                format(100.0 * calibration.shares[i]) + " % of what was measured: x " +
                format(calibration.by_kind[i]) + " beside it\n";
    }
    return text + "  and each price by itself, as far as the measurements tell it apart\n";
}

base::Json as_json(const Calibration& calibration) {
    base::Json json{{"num_trees", calibration.num_trees},
                    {"num_measurements", calibration.num_measurements},
                    {"error_before", calibration.error_before},
                    {"error_after", calibration.error_after},
                    {"all_prices", calibration.common}};
    for (std::size_t i = 0; i < kNumKindsOfWork; ++i) {
        json["kinds"][std::string(name(static_cast<KindOfWork>(i)))] = {{"scale", calibration.by_kind[i]},
                                                                        {"share", calibration.shares[i]}};
    }
    return json;
}

/// Half width of the 90 % interval of a node at no distance from training; none where there is no interval.
std::optional<double> usual_width(const Intervals& intervals, NodeType type) {
    if (greatest_probability(intervals.num_models) < kInterval) return std::nullopt;
    return IntervalRule(intervals, kInterval).half_width(type, {});
}

/// How wide intervals are, and how they grow.
std::string spreads(const Intervals& intervals) {
    if (intervals.num_models < 2) return {};
    std::string text =
        "\nIntervals, from " + std::to_string(intervals.num_models) +
        " models held out: spread of ln(predicted / measured) between models, and its growth\n";
    for (const NodeType type : kTypes) {
        const Spread& spread = intervals.spread[static_cast<std::size_t>(type)];
        if (spread.num_measurements == 0) continue;
        text += "  " + std::string(name(type)) + ": " + format(spread.between);
        if (const auto width = usual_width(intervals, type))
            text += "; at 90 %, near training, within a factor of " + format(std::exp(*width));
        text += "\n";
        for (std::size_t i = 0; i < kNumDirections; ++i) {
            text += "      " + format(spread.growth[i]) + " with " +
                    std::string(row(static_cast<Direction>(i)).meaning) + "\n";
        }
    }
    return text;
}

/// How many nodes a price was found from.
std::string evidence(std::size_t num_nodes, std::size_t num_measurements) {
    const std::string of =
        num_measurements == 0 ? "measured in sums alone" : count(num_measurements, "distinct measurement");
    return " (" + count(num_nodes, "node") + ", " + of + ")\n";
}

}  // namespace

std::string explain(const AdditiveModel& model) {
    std::string text = "Level '" + std::string(name(model.level)) + "': ";
    text += model.level == AdditiveLevel::specs ? "a node is known by its counts; the model is never run.\n"
            : model.level == AdditiveLevel::timing
                ? "a node is known by its counts and its time.\n"
                : "a node is known by its counts, time, CPU load and GPU energy.\n";
    text +=
        "energy of a node = energy of its children + its self energy. Nothing below is negative unless it "
        "says so.\n";

    for (const Calibration& calibration : model.calibrations) text += "\n" + in_words(calibration);

    text += "\nML operations: energy of one call\n";
    for (const AdditiveLeaves& leaves : model.leaves) {
        const std::span<const AdditiveTerm> terms = leaf_terms(model.level, leaves.group);
        text += "  " + printable(leaves.group) + evidence(leaves.num_nodes, leaves.num_measurements);
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
        text += "  " + printable(fitted.name) + evidence(fitted.num_nodes, fitted.num_measurements) +
                "      " + sum_of(self_terms(model.level), fitted.coefficients) + "\n";
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

    text += "\nErrors on the training trees\n";
    for (const NodeType type : kTypes) {
        const auto& error = model.training_error[static_cast<std::size_t>(type)];
        if (error) text += "  " + std::string(name(type)) + ": mean " + format(*error) + " %\n";
    }
    return text + spreads(model.intervals);
}

base::Json explain_json(const AdditiveModel& model) {
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
    for (const Calibration& calibration : model.calibrations)
        json["calibrations"].push_back(as_json(calibration));
    json["unseen_operation"] = terms_to_json(fallback_terms(model.level), model.fallback);
    json["self_energy"]["pooled"] = terms_to_json(self_terms(model.level), model.self);
    for (const AdditiveClass& fitted : model.classes) {
        json["self_energy"]["classes"][fitted.name] =
            terms_to_json(self_terms(model.level), fitted.coefficients);
    }
    json["ranges"]["operations"] = named_ranges_to_json(model.leaf_ranges);
    json["ranges"]["classes"] = named_ranges_to_json(model.class_ranges);
    for (const NodeType type : kTypes) {
        const std::string key(name(type));
        const auto& error = model.training_error[static_cast<std::size_t>(type)];
        if (error) json["training_error"][key] = *error;
        const Spread& spread = model.intervals.spread[static_cast<std::size_t>(type)];
        if (const auto width = usual_width(model.intervals, type))
            json["interval_90"][key] = std::exp(*width);
        for (std::size_t i = 0; i < kNumDirections && spread.num_measurements > 0; ++i)
            json["interval_growth"][key][std::string(row(static_cast<Direction>(i)).name)] = spread.growth[i];
    }
    return json;
}

}  // namespace irene::models
