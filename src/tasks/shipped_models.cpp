// Trained models by name.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "irene/error.hpp"
#include "irene/model.hpp"
#include "irene/shipped.hpp"

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/tell.hpp"

namespace irene {

namespace {

namespace fs = std::filesystem;

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) (text += text.empty() ? "" : ", ") += word;
    return text;
}

bool holds_model(const fs::path& directory) { return base::is_there(directory / "model.json"); }

bool is_name(const std::string& argument) {
    return !argument.empty() && argument != "-" && argument.find('/') == std::string::npos;
}

/// By name, each with its directory: the first of those that have the name.
std::map<std::string, fs::path> trained_models(const ShippedFolders& shipped) {
    std::map<std::string, fs::path> models;
    for (const fs::path& folder : folders_of_trained_models(shipped)) {
        std::error_code error;
        for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error)) {
            if (holds_model(entry->path())) models.emplace(entry->path().filename(), entry->path());
        }
    }
    return models;
}

std::optional<fs::path> directory_of_name(const std::string& name, const ShippedFolders& shipped) {
    for (const fs::path& folder : folders_of_trained_models(shipped)) {
        if (holds_model(folder / name)) return folder / name;
    }
    return std::nullopt;
}

[[noreturn]] void refuse_unknown_name(const std::string& name, const ShippedFolders& shipped) {
    std::vector<std::string> known, folders;
    for (const auto& model : trained_models(shipped)) known.push_back(model.first);
    for (const fs::path& folder : folders_of_trained_models(shipped)) folders.push_back(folder.string());
    std::string message = "is no directory here, and no trained model has that name";
    if (const std::optional<std::string> meant = near_miss(name, known))
        message += "; did you mean " + *meant + "?";
    message += known.empty() ? "; none is known" : "; known are " + joined(known);
    message += folders.empty() ? ": IRENE_MODELS is not set, and the tool stands alone"
                               : "; looked for in " + joined(folders);
    throw Error(ErrorKind::no_input, message, {.file = name});
}

/// What models/build.sh wrote beside a model, see docs/formats.md: an object, empty where there is none.
base::Json about(const fs::path& directory, const Warn& warn) {
    const fs::path path = directory / "about.json";
    std::string text;
    try {
        text = base::read_document(path, ErrorKind::data);
    } catch (const Error&) {
        return base::Json::object();
    }
    // What is nested is no text or number of ours, and may be deep enough to hurt.
    const auto is_flat = [](int depth, base::Json::parse_event_t, const base::Json&) { return depth < 2; };
    base::Json json = base::Json::parse(text, is_flat, false);
    if (json.is_object()) return json;
    base::tell(warn,
               in_quotes(path.string()) + ": is no JSON object; what it tells of the model is left out");
    return base::Json::object();
}

Cell text_cell(const base::Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string()) return {};
    return found->get<std::string>();
}

Cell number_cell(const base::Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_number()) return {};
    return found->get<double>();
}

std::vector<Cell> model_row(const std::string& model_name, const fs::path& directory, const Warn& warn) {
    const Model model = load_model(directory, warn);
    const Config& config = model.config();
    const base::Json told = about(directory, warn);
    std::vector<std::string> sets;
    for (const FeatureSet set : config.feature_sets) sets.emplace_back(name(set));
    Cell device = text_cell(told, "device");
    if (config.device && std::holds_alternative<std::monostate>(device)) device = config.device->name;
    return {model_name,
            device,
            text_cell(told, "runs"),
            config.joules_of.empty() ? Cell() : Cell(config.joules_of),
            std::string(name(config.training_strategy)) + " on " + joined(sets),
            static_cast<std::int64_t>(model.num_trees()),
            number_cell(told, "joules_error"),
            number_cell(told, "seconds_error"),
            directory.parent_path().string()};
}

}  // namespace

std::vector<fs::path> folders_of_trained_models(const ShippedFolders& shipped) {
    std::vector<fs::path> folders;
    if (const char* listed = std::getenv("IRENE_MODELS")) {
        const std::string_view text = listed;
        for (std::size_t begin = 0; begin <= text.size();) {
            const std::size_t end = std::min(text.find(':', begin), text.size());
            if (end > begin) folders.emplace_back(text.substr(begin, end - begin));
            begin = end + 1;
        }
    }
    for (const fs::path& folder : shipped) folders.push_back(folder / "models");
    return folders;
}

fs::path model_directory(const std::string& argument, const ShippedFolders& shipped) {
    if (!is_name(argument) || base::is_there(argument)) return argument;
    const std::optional<fs::path> found = directory_of_name(argument, shipped);
    if (!found) refuse_unknown_name(argument, shipped);
    return *found;
}

bool is_trained_model(const std::string& argument, const ShippedFolders& shipped) {
    if (holds_model(argument)) return true;
    return is_name(argument) && !base::is_there(argument) && directory_of_name(argument, shipped).has_value();
}

Table list_of_trained_models(const ShippedFolders& shipped, const Warn& warn) {
    Table table{.columns = {"name", "device", "runs", "joules of", "strategy", "trees", "joules %",
                            "seconds %", "folder"},
                .rows = {}};
    for (const auto& [model_name, directory] : trained_models(shipped)) {
        try {
            table.rows.push_back(model_row(model_name, directory, warn));
        } catch (const Error& error) {
            base::tell(warn, std::string(error.what()) + "; the model is not listed");
        }
    }
    table.notes = {
        "joules %, seconds %: mean absolute percentage error on the runs of a model that was left out of "
        "training, mean over the models"};
    return table;
}

}  // namespace irene
