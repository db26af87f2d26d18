// model.json, version 1.3, and 2.0 where the config has a device or joules_of, which programs that read 1.x
// do not know:
//   {"format": "irene-model", "version": [1, 3],
//    "config": {...},     since 1.1: the config.json it was trained with
//    "seed": ..., "num_trees": ..., "num_nodes": ...,
//    "features": ["num_parameters", ...],
//    "leaves": [{"operation": "linear", "num_nodes": ..., "mean": [...], "scale": [...],
//                "coefficients": [...], "intercept": ...,
//                "least": [...], "greatest": [...]}, ...],      since 1.2: the features' ranges in training
//    "tree": {"mean": [...], "scale": [...], "weights": [...], "bias": ...,
//             "least": [...], "greatest": [...]},
//    "additive": {...}}   with strategy `additive` only; see additive/file.hpp
// `features` are those that the model was trained with. Lists are as long as they, or empty where the config
// has no use for them; weights are as many as the inputs of the linear layer. config.json stands beside it
// and is read first. Two files cannot be put into place at once: where a run is killed between them, "config"
// tells that they are of two models.

#include "models/model_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "irene/error.hpp"
#include "irene/model.hpp"
#include "irene/version.hpp"

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/tell.hpp"
#include "models/fitted_model.hpp"

namespace irene {

namespace {

constexpr const char* kFormat = "irene-model";
constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;

/// Whether every number of a document is one; JSON has no spelling for others, and would say null.
bool all_finite(const base::Json& json) {
    if (json.is_number_float()) return std::isfinite(json.get<double>());
    return std::all_of(json.begin(), json.end(), [](const base::Json& part) {
        return part.is_structured() || part.is_number_float() ? all_finite(part) : true;
    });
}

/// That of a model: the oldest whose programs read it.
std::vector<int> version_for(const Config& config) {
    if (config.device || !config.joules_of.empty()) return {kModelFormatMajor, kModelFormatMinor};
    return {kOldModelFormatMajor, kOldModelFormatMinor};
}

/// Whether a newer version wrote it, which this one can read.
bool check_version(const base::JsonObject& object) {
    if (object.string("format") != kFormat) object.refuse("format", "expected 'irene-model'");
    const std::vector<double> version = object.numbers("version");
    if (version.size() != 2 || !(version[1] >= 0.0)) {
        object.refuse("version", "expected two numbers that are not negative");
    }
    if (version[0] == kOldModelFormatMajor) return version[1] > kOldModelFormatMinor;
    if (version[0] != kModelFormatMajor) {
        object.refuse("version", "this program reads model files of version " +
                                     std::to_string(kOldModelFormatMajor) + ".x and " +
                                     std::to_string(kModelFormatMajor) + ".x; found " +
                                     base::kind_of(object.at("version")));
    }
    return version[1] > kModelFormatMinor;
}

/// The features that the model was trained with: those that the config's sets had then, in their order. Later
/// versions may add features to a set, which the model does without.
std::vector<Feature> read_features(const base::JsonObject& object, const Config& config) {
    const std::vector<Feature> known = features_of(config.feature_sets);
    const base::Json& list = object.at("features");
    std::vector<Feature> features;
    if (list.is_array()) {
        for (const Feature feature : known) {
            if (features.size() < list.size() && list[features.size()] == name(feature))
                features.push_back(feature);
        }
    }
    const auto has_some_of = [&features](FeatureSet set) {
        const std::vector<Feature> own = features_of({set});
        const auto begin = std::upper_bound(own.begin(), own.end(), Feature::input_size);  // every set has it
        return std::find_first_of(begin, own.end(), features.begin(), features.end()) != own.end();
    };
    if (features.size() != list.size() ||
        !std::all_of(config.feature_sets.begin(), config.feature_sets.end(), has_some_of)) {
        object.refuse("features", "do not match the feature sets of config.json beside it");
    }
    return features;
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

/// The last component of a directory's path, however it is spelled.
std::string name_of(const std::filesystem::path& directory) {
    std::error_code error;
    const std::filesystem::path whole = std::filesystem::absolute(directory, error).lexically_normal();
    return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
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

ModelDocuments to_documents(const Model& model) {
    const models::Origin& origin = model.fitted().origin();
    base::Json json;
    json["format"] = kFormat;
    json["version"] = version_for(origin.config);
    json["config"] = base::Json::parse(to_json(origin.config));
    json["seed"] = origin.seed;
    json["num_trees"] = origin.num_trees;
    json["num_nodes"] = origin.num_nodes;
    // Absent: the paper's, as in the models of programs that knew no other.
    if (origin.counting != Counting::paper) json["counting"] = name(origin.counting);
    json["features"] = base::Json::array();
    for (const Feature feature : origin.features) json["features"].push_back(name(feature));
    model.fitted().write(json);
    if (!all_finite(json))
        throw Error(ErrorKind::data, "the model holds numbers that are not finite, and is not saved");
    return {.config = to_json(origin.config), .model = base::to_text(json, 1)};
}

void save_model(const Model& model, const std::filesystem::path& directory) {
    refuse_foreign_files(directory);
    ModelDocuments documents;
    try {
        documents = to_documents(model);
    } catch (const Error& error) {
        throw error.in_file(directory.string());
    }
    base::make_directories(directory);
    // Both are written before either is put into place.
    base::OutputFile config_file(directory / "config.json");
    base::OutputFile model_file(directory / "model.json");
    config_file.write(documents.config);
    model_file.write(documents.model);
    config_file.commit();
    model_file.commit();
}

Model from_documents(const ModelDocuments& documents, const std::string& name, const Warn& warn) {
    const Config config = config_of_model([&] { return parse_config(documents.config, "config.json"); });
    return models::parse_model(config, documents.model, "model.json", warn, name);
}

Model models::parse_model(const Config& config, std::string_view text, const std::string& source,
                          const Warn& warn, const std::string& name) {
    const base::Json json = base::parse_document(text, ErrorKind::data, source);
    const Place place{.file = source};
    const base::JsonObject object(json, ErrorKind::data, place);
    const bool is_newer = check_version(object);
    check_config(object, config, source);

    Origin origin{.config = config, .features = read_features(object, config), .counting = Counting::paper};
    if (object.has("counting")) {
        const std::optional<Counting> counting = counting_from_name(object.string("counting"));
        if (!counting) object.refuse("counting", "is none that is known");
        origin.counting = *counting;
    }
    origin.seed =
        static_cast<std::uint32_t>(object.integer("seed", 0, std::numeric_limits<std::uint32_t>::max()));
    origin.num_trees = static_cast<std::size_t>(object.integer("num_trees", 0, kMaxCount));
    origin.num_nodes = static_cast<std::size_t>(object.integer("num_nodes", 0, kMaxCount));
    Model model(method_of(config).read(object, std::move(origin), place), name);
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
    return models::parse_model(config, base::read_document(path, ErrorKind::data), path.string(), warn,
                               name_of(directory));
}

}  // namespace irene
