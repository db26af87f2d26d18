// model.json, version 1.2:
//   {"format": "irene-model", "version": [1, 2],
//    "config": {...},     since 1.1: the config.json it was trained with
//    "seed": ..., "num_trees": ..., "num_nodes": ...,
//    "features": ["num_parameters", ...],
//    "leaves": [{"operation": "linear", "num_nodes": ..., "mean": [...], "scale": [...],
//                "coefficients": [...], "intercept": ...,
//                "least": [...], "greatest": [...]}, ...],      since 1.2: the features' ranges in training
//    "tree": {"mean": [...], "scale": [...], "weights": [...], "bias": ..., "least": [...], "greatest":
//    [...]}, "additive": {...}}   with strategy `additive` only; see additive_file.hpp
// Lists are as long as `features`, or empty where the config has no use for them; weights are as many as the
// inputs of the linear layer. config.json stands beside it and is read first. Two files cannot be put into
// place at once: where a run is killed between them, "config" tells that they are of two models.

#include "models/model_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "irene/error.hpp"
#include "irene/model.hpp"
#include "irene/version.hpp"

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/tell.hpp"
#include "models/additive/file.hpp"
#include "models/weighted/tree.hpp"

namespace irene {

namespace {

constexpr const char* kFormat = "irene-model";
constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;

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

/// Whether every number of a document is one; JSON has no spelling for others, and would say null.
bool all_finite(const base::Json& json) {
    if (json.is_number_float()) return std::isfinite(json.get<double>());
    return std::all_of(json.begin(), json.end(), [](const base::Json& part) {
        return part.is_structured() || part.is_number_float() ? all_finite(part) : true;
    });
}

float read_float(const base::JsonObject& object, const char* key, double value) {
    if (!(std::fabs(value) <= static_cast<double>(std::numeric_limits<float>::max()))) {
        object.refuse(key, "expected numbers within the range of single precision");
    }
    return static_cast<float>(value);
}

/// Whether a newer version wrote it, which this one can read.
bool check_version(const base::JsonObject& object) {
    if (object.string("format") != kFormat) object.refuse("format", "expected 'irene-model'");
    const std::vector<double> version = object.numbers("version");
    if (version.size() != 2 || !(version[1] >= 0.0)) {
        object.refuse("version", "expected two numbers that are not negative");
    }
    if (version[0] != kModelFormatMajor) {
        object.refuse("version", "this program reads model files of version " +
                                     std::to_string(kModelFormatMajor) + ".x; found " +
                                     base::kind_of(object.at("version")));
    }
    return version[1] > kModelFormatMinor;
}

void check_features(const base::JsonObject& object, const std::vector<Feature>& features) {
    const base::Json& list = object.at("features");
    bool equal = list.is_array() && list.size() == features.size();
    for (std::size_t i = 0; equal && i < features.size(); ++i) {
        equal = list[i].is_string() && list[i].get_ref<const std::string&>() == name(features[i]);
    }
    if (!equal) object.refuse("features", "do not match the feature sets of config.json beside it");
}

/// Of a model, a broken config is bad data; given as an option, it is the user's mistake.
template <typename Read>
Config config_of_model(const Read& read) {
    try {
        return read();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::usage) throw;
        throw error.as(ErrorKind::data);
    }
}

void check_config(const base::JsonObject& object, const Config& config, const std::string& source) {
    if (!object.has("config")) return;  // before 1.1
    const std::string text = base::to_text(object.at("config"));
    if (config_of_model([&] { return parse_config(text, source); }) != config) {
        object.refuse("config",
                      "is not that of config.json beside it: the two files are of different models");
    }
}

/// Of a model, the directory is given. Its files, and data in its place, are told by name.
void refuse_file_as_model(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return;
    const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
    const bool is_of_model = path.filename() == "model.json" || path.filename() == "config.json";
    throw Error(
        ErrorKind::no_input,
        is_of_model && std::filesystem::exists(parent / "model.json", error)
            ? "is a file of a model; give the directory that holds it: " + parent.string()
            : "is a file; a model is a directory that irene-train wrote, with config.json and model.json",
        {.file = path.string()});
}

/// Whether there is a file with anything in it. What a link of /dev leads to holds nothing to be lost.
bool holds_something(const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(path, error) && std::filesystem::file_size(path, error) > 0 &&
           !error;
}

[[noreturn]] void refuse_to_replace(const std::filesystem::path& path) {
    throw Error(
        ErrorKind::cannot_create,
        "belongs to no energy model, and a model saved here would replace it; choose another directory",
        {.file = path.string()});
}

void refuse_foreign_config(const std::filesystem::path& path) {
    try {
        (void)load_config(path);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::usage) throw;
        refuse_to_replace(path);
    }
}

}  // namespace

std::vector<std::filesystem::path> model_files(const std::filesystem::path& directory) {
    return {directory / "config.json", directory / "model.json"};
}

void refuse_foreign_files(const std::filesystem::path& directory) {
    const std::filesystem::path config = directory / "config.json";
    const std::filesystem::path model = directory / "model.json";
    if (holds_something(config)) {
        refuse_foreign_config(config);
    } else if (holds_something(model) &&
               base::read_document(model, ErrorKind::cannot_create).find(kFormat) == std::string::npos) {
        refuse_to_replace(model);
    }
}

void save_model(const Model& model, const std::filesystem::path& directory) {
    refuse_foreign_files(directory);
    base::Json json;
    json["format"] = kFormat;
    json["version"] = {kModelFormatMajor, kModelFormatMinor};
    json["config"] = base::Json::parse(to_json(model.config));
    json["seed"] = model.seed;
    json["num_trees"] = model.num_trees;
    json["num_nodes"] = model.num_nodes;
    json["features"] = base::Json::array();
    for (const Feature feature : features_of(model.config.feature_sets))
        json["features"].push_back(name(feature));
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
    if (model.additive) json["additive"] = models::to_json(*model.additive);
    if (!all_finite(json)) {
        throw Error(ErrorKind::data, "the model holds numbers that are not finite, and is not saved",
                    {.file = directory.string()});
    }

    base::make_directories(directory);
    // Both are written before either is put into place.
    base::OutputFile config_file(directory / "config.json");
    base::OutputFile model_file(directory / "model.json");
    config_file.write(to_json(model.config));
    model_file.write(base::to_text(json, 1));
    config_file.commit();
    model_file.commit();
}

Model models::parse_model(const Config& config, std::string_view text, const std::string& source,
                          const Warn& warn) {
    Model model;
    model.config = config;
    const base::Json json = base::parse_document(text, ErrorKind::data, source);
    const Place place{.file = source};
    const base::JsonObject object(json, ErrorKind::data, place);
    const bool is_newer = check_version(object);
    check_config(object, config, source);

    const std::vector<Feature> features = features_of(model.config.feature_sets);
    check_features(object, features);
    model.seed =
        static_cast<std::uint32_t>(object.integer("seed", 0, std::numeric_limits<std::uint32_t>::max()));
    model.num_trees = static_cast<std::size_t>(object.integer("num_trees", 0, kMaxCount));
    model.num_nodes = static_cast<std::size_t>(object.integer("num_nodes", 0, kMaxCount));

    const base::Json& leaves = object.at("leaves");
    if (!leaves.is_array()) object.refuse("leaves", "expected a list, found " + base::kind_of(leaves));
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        Place inside = place;
        inside.field = "leaves[" + std::to_string(i) + "]";
        const base::JsonObject leaf(leaves[i], ErrorKind::data, inside);
        LeafRegressor& regressor = model.leaves.emplace_back();
        regressor.operation = leaf.string("operation");
        regressor.num_nodes = static_cast<std::size_t>(leaf.integer("num_nodes", 0, kMaxCount));
        regressor.scaler = read_scaler(leaf, features.size());
        regressor.coefficients = numbers_of_size(leaf, "coefficients", features.size());
        regressor.intercept = leaf.number("intercept");
        regressor.ranges = read_ranges(leaf, features.size());
        for (std::size_t other = 0; other < i; ++other) {
            if (model.leaves[other].operation == regressor.operation)
                leaf.refuse("operation", "stands twice");
        }
    }

    Place inside = place;
    inside.field = "tree";
    const base::JsonObject tree(object.at("tree"), ErrorKind::data, inside);
    const bool weighted = model.config.has_weights();
    model.tree.scaler =
        read_scaler(tree, weighted && model.config.standardize_features ? features.size() : std::size_t{0});
    for (const double weight :
         numbers_of_size(tree, "weights", weighted ? models::num_inputs(model.config, features.size()) : 0)) {
        model.tree.weights.push_back(read_float(tree, "weights", weight));
    }
    model.tree.bias = read_float(tree, "bias", tree.number("bias"));
    model.tree.ranges = read_ranges(tree, weighted ? features.size() : std::size_t{0});

    if (model.config.training_strategy == TrainingStrategy::additive) {
        inside.field = "additive";
        model.additive = models::read_additive_model(object.at("additive"), inside);
        if (model.additive->level != model.config.additive_level()) {
            object.refuse("additive.level", "does not match the feature sets of config.json beside it");
        }
    }
    if (is_newer) {
        base::tell(warn,
                   source + ": written by a newer version; what this one does not know of it is left out");
    }
    return model;
}

Model load_model(const std::filesystem::path& directory, const Warn& warn) {
    refuse_file_as_model(directory);
    const Config config = config_of_model([&] { return load_config(directory / "config.json"); });
    const std::filesystem::path path = directory / "model.json";
    return models::parse_model(config, base::read_document(path, ErrorKind::data), path.string(), warn);
}

}  // namespace irene
