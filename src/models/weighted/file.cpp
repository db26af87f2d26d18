#include "models/weighted/file.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "irene/error.hpp"

#include "models/weighted/tree.hpp"

namespace irene::models {

namespace {

constexpr std::int64_t kMaxNodes = std::int64_t{1} << 53;

void write_scaler(const Scaler& scaler, base::Json& json) {
    json["mean"] = scaler.mean;
    json["scale"] = scaler.scale;
}

std::vector<double> numbers_of_size(const base::JsonObject& object, const char* key, std::size_t size) {
    std::vector<double> numbers = object.numbers(key);
    if (numbers.size() != size) {
        object.refuse(key, "expected " + std::to_string(size) + " numbers for this config, found " +
                               std::to_string(numbers.size()));
    }
    return numbers;
}

Scaler read_scaler(const base::JsonObject& object, std::size_t size) {
    Scaler scaler{numbers_of_size(object, "mean", size), numbers_of_size(object, "scale", size)};
    for (const double scale : scaler.scale) {
        if (!(scale > 0.0)) object.refuse("scale", "expected numbers above 0");
    }
    return scaler;
}

void write_ranges(const std::vector<FeatureRange>& ranges, base::Json& json) {
    json["least"] = base::Json::array();
    json["greatest"] = base::Json::array();
    for (const FeatureRange& range : ranges) {
        json["least"].push_back(range.least);
        json["greatest"].push_back(range.greatest);
    }
}

std::vector<FeatureRange> read_ranges(const base::JsonObject& object, std::size_t size) {
    std::vector<FeatureRange> ranges;
    if (!object.has("least") && !object.has("greatest")) return ranges;  // before 1.2
    const std::vector<double> least = numbers_of_size(object, "least", size);
    const std::vector<double> greatest = numbers_of_size(object, "greatest", size);
    for (std::size_t f = 0; f < size; ++f) {
        if (least[f] > greatest[f]) object.refuse("least", "expected numbers up to those of 'greatest'");
        ranges.push_back({least[f], greatest[f]});
    }
    return ranges;
}

float read_float(const base::JsonObject& object, const char* key, double value) {
    if (!(std::fabs(value) <= static_cast<double>(std::numeric_limits<float>::max()))) {
        object.refuse(key, "expected numbers within the range of single precision");
    }
    return static_cast<float>(value);
}

}  // namespace

void write(const WeightedModel& model, base::Json& json) {
    json["leaves"] = base::Json::array();
    for (const LeafRegressor& regressor : model.leaves) {
        base::Json leaf;
        leaf["operation"] = regressor.operation;
        leaf["num_nodes"] = regressor.num_nodes;
        write_scaler(regressor.scaler, leaf);
        leaf["coefficients"] = regressor.coefficients;
        leaf["intercept"] = regressor.intercept;
        write_ranges(regressor.ranges, leaf);
        json["leaves"].push_back(std::move(leaf));
    }
    base::Json& tree = json["tree"];
    write_scaler(model.tree.scaler, tree);
    tree["weights"] = model.tree.weights;
    tree["bias"] = model.tree.bias;
    write_ranges(model.tree.ranges, tree);
}

WeightedModel read_weighted_model(const base::JsonObject& object, const Config& config,
                                  std::size_t num_features, const Place& place) {
    WeightedModel model;
    const base::Json& leaves = object.at("leaves");
    if (!leaves.is_array()) object.refuse("leaves", "expected a list, found " + base::kind_of(leaves));
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        Place inside = place;
        inside.field = "leaves[" + std::to_string(i) + "]";
        const base::JsonObject leaf(leaves[i], ErrorKind::data, inside);
        LeafRegressor& regressor = model.leaves.emplace_back();
        regressor.operation = leaf.string("operation");
        regressor.num_nodes = static_cast<std::size_t>(leaf.integer("num_nodes", 0, kMaxNodes));
        regressor.scaler = read_scaler(leaf, num_features);
        regressor.coefficients = numbers_of_size(leaf, "coefficients", num_features);
        regressor.intercept = leaf.number("intercept");
        regressor.ranges = read_ranges(leaf, num_features);
        for (std::size_t other = 0; other < i; ++other) {
            if (model.leaves[other].operation == regressor.operation)
                leaf.refuse("operation", "stands twice");
        }
    }

    Place inside = place;
    inside.field = "tree";
    const base::JsonObject tree(object.at("tree"), ErrorKind::data, inside);
    const bool weighted = has_weights(config);
    model.tree.scaler =
        read_scaler(tree, weighted && config.standardize_features ? num_features : std::size_t{0});
    for (const double weight :
         numbers_of_size(tree, "weights", weighted ? num_inputs(config, num_features) : 0)) {
        model.tree.weights.push_back(read_float(tree, "weights", weight));
    }
    model.tree.bias = read_float(tree, "bias", tree.number("bias"));
    model.tree.ranges = read_ranges(tree, weighted ? num_features : std::size_t{0});
    return model;
}

}  // namespace irene::models
