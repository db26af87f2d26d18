// Manual pages and shell completions of a tool, from the options that --help prints.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace irene::apps {

/// What a path that is given may be; shells complete it.
enum class Path { none, file, directory };

/// What stands behind an option, or is given as an argument. Help, manual pages and completions follow from
/// it; whether more than the choices is accepted is for the tool to say.
struct Value {
    std::string placeholder = {};           ///< as help calls it: FILE
    std::vector<std::string> choices = {};  ///< words that it may be, where they are few
    char separator = '\0';                  ///< between the choices of a list; none: it is one of them
    Path path = Path::none;                 ///< what else it may be
};

inline Value file_value() { return {.placeholder = "FILE", .path = Path::file}; }
inline Value directory_value(const std::string& placeholder = "DIR") {
    return {.placeholder = placeholder, .path = Path::directory};
}

/// "UNIT:{J,mJ}", or the placeholder alone where all words will do, or too many to be shown.
std::string to_text(const Value& value);

/// An option, or a positional argument.
struct Argument {
    std::vector<std::string> flags = {};  ///< with their dashes; none of a positional argument
    std::string name = {};                ///< of a positional argument
    std::optional<Value> value = {};      ///< none of a flag that stands alone
    std::string help = {};
    bool is_required = false;
    bool repeats = false;
};

/// All that is told of a tool.
struct ToolDescription {
    std::string name;
    std::string summary;                ///< a sentence
    std::vector<std::string> examples;  ///< commands
    std::vector<Argument> arguments;
};

/// Words with a separator between them.
std::string joined(const std::vector<std::string>& parts, const std::string& separator);

/// A page for man(1). Its date is today, or what SOURCE_DATE_EPOCH says.
std::string man_page(const ToolDescription& tool);

/// Scripts that complete options, their values and files.
std::string bash_completion(const ToolDescription& tool);
std::string zsh_completion(const ToolDescription& tool);
std::string fish_completion(const ToolDescription& tool);

}  // namespace irene::apps
