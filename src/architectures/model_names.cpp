// What models are called whose configs are files.
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <utility>

#include "irene/architectures.hpp"

#include "architectures/read_config.hpp"
#include "base/files.hpp"
#include "base/tell.hpp"

namespace irene {

namespace {

/// Whether the last component of a path tells nothing of the model that lies there: such as "output",
/// "checkpoint-500", or a hash.
bool is_meaningless(std::string_view name) {
    constexpr std::array<std::string_view, 16> kWords{
        "",      ".",    "..",   "model", "models", "output",     "outputs", "out",
        "final", "best", "last", "tmp",   "config", "checkpoint", "weights", "config.json"};
    constexpr std::size_t kShortestHash = 32;
    return std::find(kWords.begin(), kWords.end(), name) != kWords.end() || name.starts_with("checkpoint-") ||
           (name.size() >= kShortestHash &&
            name.find_first_not_of("0123456789abcdef") == std::string_view::npos);
}

/// The model's name by the config's `_name_or_path`. NAME and ORGANISATION/NAME are names on a hub, and taken
/// whole; of any other path, which is of some machine, the last component. Empty where that tells nothing.
std::string public_name(std::string name) {
    while (!name.empty() && (name.back() == '/' || name.back() == '\\')) name.pop_back();
    const std::size_t separator = name.find_last_of("/\\");
    std::string last = separator == std::string::npos ? name : name.substr(separator + 1);
    if (is_meaningless(last)) return {};
    const bool is_private = std::count(name.begin(), name.end(), '/') > 1 ||
                            name.find('\\') != std::string::npos || name.find(':') != std::string::npos ||
                            name.front() == '/' || name.front() == '.' || name.front() == '~';
    return is_private ? last : name;
}

/// A model that nothing names.
constexpr const char* kNameless = "model";

/// The name that a config tells; empty where it tells none.
std::string told_name(const base::Json& config) {
    const auto given = config.find("_name_or_path");
    return given != config.end() && given->is_string() ? public_name(given->get<std::string>())
                                                       : std::string();
}

/// What the model of a config file may be called, the best first.
std::vector<std::string> possible_names(const std::filesystem::path& path, const base::Json& config) {
    std::vector<std::string> names{told_name(config)};
    if (path == "-") {
        names.emplace_back(kNameless);
    } else {
        const std::filesystem::path folder = std::filesystem::absolute(path).lexically_normal().parent_path();
        std::filesystem::path own = path.stem();
        std::filesystem::path above = folder.filename();
        if (path.stem() == "config" && !above.empty()) {
            own = above;
            above = folder.parent_path().filename();
        }
        names.push_back(own);
        names.push_back(above / own);
    }
    std::erase(names, std::string());
    return names;
}

struct ConfigFile {
    std::filesystem::path path;
    std::string text;
    std::vector<std::string> names;  ///< what it may be called, the best first
    std::size_t chosen = 0;          ///< index in `names`
    const std::string& name() const { return names[chosen]; }
};

/// Files that have a name in common each take their next one, until no two have, or those that do have no
/// other left. A file that is given twice keeps its name: extract() then refuses it.
void tell_apart(std::vector<ConfigFile>& files) {
    for (bool is_moving = true; is_moving;) {
        is_moving = false;
        std::map<std::string, std::vector<ConfigFile*>> by_name;
        for (ConfigFile& file : files) by_name[file.name()].push_back(&file);
        for (const auto& [name, group] : by_name) {
            const bool is_repeated =
                std::any_of(group.begin(), group.end(), [&first = *group[0]](const ConfigFile* file) {
                    std::error_code ignored;
                    return file != &first && std::filesystem::equivalent(file->path, first.path, ignored);
                });
            if (group.size() < 2 || is_repeated) continue;
            for (ConfigFile* file : group) {
                if (file->chosen + 1 == file->names.size()) continue;
                ++file->chosen;
                is_moving = true;
            }
        }
    }
}

}  // namespace

std::vector<Transformer> load_transformers(std::span<const std::filesystem::path> paths,
                                           const TransformerOptions& options) {
    std::vector<ConfigFile> files;
    for (const std::filesystem::path& path : paths) {
        ConfigFile file{path, base::read_document(path, ErrorKind::data, options.stop), {options.model_name}};
        if (options.model_name.empty()) {
            file.names = possible_names(
                path, architectures::parse_hugging_face_config(file.text, base::display_name(path)));
        }
        files.push_back(std::move(file));
    }
    tell_apart(files);
    std::vector<Transformer> transformers;
    transformers.reserve(files.size());
    std::vector<std::string> warnings;  // told once all are read
    const Warn remember = [&warnings](const std::string& warning) { warnings.push_back(warning); };
    for (const ConfigFile& file : files) {
        const std::string source = base::display_name(file.path);
        transformers.emplace_back(file.text, source, file.name(), options.model_type, remember,
                                  options.counting);
        if (file.chosen > 0) {
            warnings.push_back(source + ": is called " + in_quotes(file.name()) +
                               ", for another config too has the name " + in_quotes(file.names[0]));
        }
    }
    for (const std::string& warning : warnings) base::tell(options.warn, warning);
    return transformers;
}

Transformer load_transformer(const std::filesystem::path& path, const TransformerOptions& options) {
    return std::move(load_transformers({&path, 1}, options)[0]);
}

Transformer parse_transformer(std::string_view config, const std::string& source,
                              const TransformerOptions& options) {
    std::string name = options.model_name;
    if (name.empty()) name = told_name(architectures::parse_hugging_face_config(config, source));
    if (name.empty()) name = kNameless;
    std::vector<std::string> warnings;  // told once all is read
    const Warn remember = [&warnings](const std::string& warning) { warnings.push_back(warning); };
    Transformer transformer(config, source, name, options.model_type, remember, options.counting);
    for (const std::string& warning : warnings) base::tell(options.warn, warning);
    return transformer;
}

}  // namespace irene
