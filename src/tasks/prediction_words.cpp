#include "tasks/prediction_words.hpp"

#include "irene/error.hpp"

#include "base/json.hpp"
#include "base/numbers.hpp"

namespace irene::tasks {

namespace {

/// Null where it is no document.
base::Json parse(std::string_view json) {
    return base::Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
}

std::string text_of(const base::Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::string prediction_in_words(std::string_view json) {
    const base::Json object = parse(json);
    if (!object.is_object()) return {};
    std::string words;
    const auto add = [&words](const std::string& part) {
        if (!words.empty()) words += ", ";
        words += part;
    };
    if (const std::string model = text_of(object, "model"); !model.empty()) add("model " + in_quotes(model));
    if (const std::string strategy = text_of(object, "training_strategy"); !strategy.empty()) {
        std::string sets;
        if (const auto found = object.find("feature_sets"); found != object.end() && found->is_array()) {
            for (const base::Json& set : *found) {
                if (set.is_string()) sets += (sets.empty() ? " on " : " and ") + set.get<std::string>();
            }
        }
        add("strategy " + strategy + sets);
    }
    if (const std::string device = text_of(object, "device"); !device.empty())
        add("device " + in_quotes(device));
    if (const std::string joules_of = text_of(object, "joules_of"); !joules_of.empty())
        add("joules of " + joules_of);
    if (const auto found = object.find("interval"); found != object.end() && found->is_number()) {
        constexpr int kDigits = 6;
        add("intervals of " + base::format(100.0 * found->get<double>(), kDigits) + " %");
    }
    return words;
}

std::string device_of_prediction(std::string_view json) {
    const base::Json object = parse(json);
    return object.is_object() ? text_of(object, "device") : std::string();
}

}  // namespace irene::tasks
