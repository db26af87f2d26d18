#include "irene/config.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "irene/error.hpp"

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/name_table.hpp"
#include "base/tell.hpp"
#include "data/config_kinds.hpp"
#include "models/device_json.hpp"
#include "models/fitted_model.hpp"

namespace irene {

namespace {

constexpr auto kStrategyNames = std::to_array<std::pair<TrainingStrategy, std::string_view>>({
#define IRENE_NAME(name, method) {TrainingStrategy::name, #name},
    IRENE_TRAINING_STRATEGIES(IRENE_NAME)
#undef IRENE_NAME
});

constexpr base::NameTable<Weighting, 3> kWeightingNames{{
    {Weighting::close_to_one, "close_to_one"},
    {Weighting::free, "free"},
    {Weighting::exact_one, "exact_one"},
}};

constexpr int kMaxEpochs = 100000;
constexpr std::size_t kMaxWords = 200;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

template <typename Enum, std::size_t N>
Enum choice(const base::JsonObject& object, const char* key, const base::NameTable<Enum, N>& table) {
    const std::string spelling = object.string(key);
    const std::optional<Enum> value = base::find_in(table, spelling);
    if (!value) object.refuse(key, "expected " + base::choices(table) + ", found " + in_quotes(spelling));
    return *value;
}

std::vector<FeatureSet> read_feature_sets(const base::JsonObject& object, const char* key) {
    const base::Json& list = object.at(key);
    if (!list.is_array()) object.refuse(key, "expected a list of feature sets, found " + base::kind_of(list));
    std::vector<FeatureSet> sets;
    for (const base::Json& element : list) {
        const std::optional<FeatureSet> set =
            element.is_string() ? feature_set_from_name(element.get<std::string>()) : std::nullopt;
        if (!set) {
            std::string known;
            for (const FeatureSet candidate : kFeatureSets) {
                if (!known.empty()) known += ", ";
                known += in_quotes(name(candidate));
            }
            object.refuse(key, "expected feature sets among " + known + ", found " + base::kind_of(element));
        }
        sets.push_back(*set);
    }
    return sets;
}

bool has_setting(const models::Method& method, std::string_view key) {
    return key == "feature_sets" || key == "training_strategy" || key == "joules_of" ||
           method.has_setting(key);
}

constexpr const char* kNoDevice =
    "applies to feature set 'kernel_counts' alone, as in configs/additive_kernels.json";

void refuse_settings_without_meaning(const base::JsonObject& object, const Config& config) {
    const models::Method& method = models::method_of(config);
    for (const char* key : data::kTrainingKeys) {
        if (!object.has(key) || has_setting(method, key)) continue;
        if (std::string_view(key) == "device") object.refuse(key, kNoDevice);
        object.refuse(key, "does not apply to strategy " + in_quotes(name(config.training_strategy)) +
                               std::string(method.reason_without_settings()));
    }
}

Device read_config_device(const base::Json& value, const std::string& source,
                          const std::vector<std::filesystem::path>& folders) {
    const Place place{.file = source, .field = "device"};
    if (value.is_string()) return find_device(value.get<std::string>(), folders, place);
    if (!value.is_object()) {
        throw Error(ErrorKind::usage,
                    "expected the name of a datasheet or an object, found " + base::kind_of(value), place);
    }
    return models::read_device(value, place);
}

}  // namespace

std::string_view name(TrainingStrategy strategy) noexcept { return base::name_in(kStrategyNames, strategy); }
std::string_view name(Weighting weighting) noexcept { return base::name_in(kWeightingNames, weighting); }

void Config::validate() const {
    const auto refuse = [](const char* key, const std::string& message) {
        throw Error(ErrorKind::usage, message, {.field = key});
    };
    if (feature_sets.empty()) refuse("feature_sets", "expected at least one feature set");
    for (std::size_t i = 0; i < feature_sets.size(); ++i) {
        if (name(feature_sets[i]).empty()) refuse("feature_sets", "holds a value that is no feature set");
        if (std::count(feature_sets.begin(), feature_sets.end(), feature_sets[i]) > 1) {
            refuse("feature_sets", in_quotes(name(feature_sets[i])) + " stands twice");
        }
    }
    if (!(tanh_scalar > 0.0) || !std::isfinite(tanh_scalar))
        refuse("tanh_scalar", "expected a number above 0");
    if (num_epochs < 0 || num_epochs > kMaxEpochs) {
        refuse("num_epochs", "expected a whole number from 0 to " + std::to_string(kMaxEpochs));
    }
    if (!(learning_rate > 0.0) || !(learning_rate <= 1.0)) {
        refuse("learning_rate", "expected a number above 0 and at most 1");
    }
    if (name(weighting_setting).empty()) refuse("weighting_setting", "is no weighting");
    if (joules_of.size() > kMaxWords || std::any_of(joules_of.begin(), joules_of.end(), is_control))
        refuse("joules_of", "expected at most " + std::to_string(kMaxWords) + " bytes of text, in one line");
    const models::Method& method = models::method_of(*this);
    method.check(*this);
    if (device) {
        if (!has_setting(method, "device")) refuse("device", kNoDevice);
        models::check_device(*device, {.field = "device"});
    }
}

Config parse_config(std::string_view json, const std::string& source, const Warn& warn,
                    const std::vector<std::filesystem::path>& device_folders) {
    const base::Json document = base::parse_document(json, ErrorKind::usage, source);
    const base::JsonObject object(document, ErrorKind::usage, {.file = source});
    if (data::is_hugging_face_config(document)) {
        throw Error(ErrorKind::usage,
                    "is a transformer's config, for irene-extract; --config takes a training config, such as "
                    "configs/default.json",
                    {.file = source});
    }
    base::refuse_unknown_keys(document, data::kTrainingKeys, ErrorKind::usage, {.file = source});

    Config config;
    if (object.has("feature_sets")) config.feature_sets = read_feature_sets(object, "feature_sets");
    if (object.has("polynomial_features")) config.polynomial_features = object.boolean("polynomial_features");
    if (object.has("training_strategy")) {
        config.training_strategy = choice(object, "training_strategy", kStrategyNames);
    }
    if (object.has("standardize_features"))
        config.standardize_features = object.boolean("standardize_features");
    if (object.has("tanh_scalar")) config.tanh_scalar = object.number("tanh_scalar");
    if (object.has("normalize_loss_scale"))
        config.normalize_loss_scale = object.boolean("normalize_loss_scale");
    if (object.has("num_epochs"))
        config.num_epochs = static_cast<int>(object.integer("num_epochs", 0, kMaxEpochs));
    if (object.has("learning_rate")) config.learning_rate = object.number("learning_rate");

    if (object.has("weighting_setting")) {
        config.weighting_setting = choice(object, "weighting_setting", kWeightingNames);
    } else {
        config.weighting_setting = models::method_of(config).usual_weighting(config);
    }
    refuse_settings_without_meaning(object, config);
    if (object.has("joules_of")) config.joules_of = object.string("joules_of");
    if (object.has("device")) config.device = read_config_device(object.at("device"), source, device_folders);
    try {
        config.validate();
    } catch (const Error& error) {
        throw error.in_file(source);
    }
    if (const std::string warning = models::method_of(config).warning(config); !warning.empty()) {
        base::tell(warn, source + ": " + warning);
    }
    return config;
}

Config load_config(const std::filesystem::path& path, StopFlag stop, const Warn& warn,
                   const std::vector<std::filesystem::path>& device_folders) {
    std::vector<std::filesystem::path> folders = device_folders;
    if (path != "-") folders.insert(folders.begin(), path.parent_path() / "devices");
    return parse_config(base::read_document(path, ErrorKind::usage, stop), base::display_name(path), warn,
                        folders);
}

std::string to_json(const Config& config) {
    base::Json document;
    const auto set = [&, &method = models::method_of(config)](const char* key, auto value) {
        if (has_setting(method, key)) document[key] = value;
    };
    document["feature_sets"] = base::Json::array();
    for (const FeatureSet features : config.feature_sets) document["feature_sets"].push_back(name(features));
    set("training_strategy", name(config.training_strategy));
    set("polynomial_features", config.polynomial_features);
    set("standardize_features", config.standardize_features);
    set("tanh_scalar", config.tanh_scalar);
    set("normalize_loss_scale", config.normalize_loss_scale);
    set("weighting_setting", name(config.weighting_setting));
    set("num_epochs", config.num_epochs);
    set("learning_rate", config.learning_rate);
    if (!config.joules_of.empty()) set("joules_of", config.joules_of);
    if (config.device) set("device", models::device_to_json(*config.device));
    return base::to_text(document);
}

}  // namespace irene
