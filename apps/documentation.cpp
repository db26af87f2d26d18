#include "documentation.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <utility>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "irene/version.hpp"

#include "command_line.hpp"
#include "tools.hpp"

namespace irene::apps {

namespace {

bool is_list(const Value& value) { return value.separator != '\0'; }
bool is_file(const Value& value) { return value.path == Path::file; }
bool is_directory(const Value& value) { return value.path == Path::directory; }

std::string replaced(std::string_view text,
                     const std::vector<std::pair<char, std::string_view>>& replacements) {
    std::string result;
    for (const char c : text) {
        const auto found = std::find_if(replacements.begin(), replacements.end(),
                                        [c](const auto& replacement) { return replacement.first == c; });
        if (found == replacements.end()) {
            result += c;
        } else {
            result += found->second;
        }
    }
    return result;
}

// --- man ---

constexpr std::array kExitCodes{
    std::pair{kDone, "Done."},
    std::pair{kUsage, "The command line or a config asks for something that cannot be honoured."},
    std::pair{kBadData, "A data or model file is malformed or does not fit."},
    std::pair{kNoInput, "An input does not exist or cannot be read."},
    std::pair{kBug, "A bug; please report it."},
    std::pair{kCannotCreate, "An output cannot be created."},
    std::pair{kCannotWrite, "Writing an output failed."},
};

std::string roff(std::string_view text) {
    return replaced(
        text, {{'\\', "\\e"}, {'-', "\\-"}, {'\'', "\\(aq"}, {'^', "\\(ha"}, {'~', "\\(ti"}, {'`', "\\(ga"}});
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }

std::string date() {
    std::time_t seconds = std::time(nullptr);
    if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH")) seconds = std::strtoll(epoch, nullptr, 10);
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::array<char, sizeof "2000-01-01"> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &utc)};
}

/// "Print this." as a page's NAME has it: "print this".
std::string one_line(std::string text) {
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    if (text.ends_with('.')) text.pop_back();
    return text;
}

std::string sentence(const std::string& text) { return text.ends_with('.') ? text : text + "."; }

// --- shells ---

std::string single_quoted(std::string_view text) { return "'" + replaced(text, {{'\'', "'\\''"}}) + "'"; }

/// For fish, where a backslash escapes inside quotes too.
std::string fish_quoted(std::string_view text) {
    return "'" + replaced(text, {{'\'', "\\'"}, {'\\', "\\\\"}}) + "'";
}

/// What `compgen` is to offer for the word that is being typed; nothing where no shell can know.
std::string compgen_arguments(const Value& value) {
    std::string what;
    if (!value.choices.empty()) what += "-W " + single_quoted(joined(value.choices, " ")) + " ";
    if (is_list(value) && !what.empty()) {
        const std::string last = fmt::format("${{current##*{}}}", value.separator);
        return what + fmt::format(R"(-P "${{current%"{}"}}" -- "{}")", last, last);
    }
    if (is_file(value)) what += "-f ";
    if (is_directory(value)) what += "-d ";
    return what.empty() ? what : what + "-- \"$current\"";
}

std::string zsh_action(const Argument& argument) {
    if (!argument.value) return "";
    const Value& value = *argument.value;
    const std::string choices = joined(value.choices, " ");
    if (!choices.empty() && is_file(value)) return "{compadd -- " + choices + "; _files}";
    if (!choices.empty() && is_list(value))
        return fmt::format("_values -s {} {} {}", value.separator, argument.flags[0].substr(2), choices);
    if (!choices.empty()) return "(" + choices + ")";
    if (is_directory(value)) return "_files -/";
    return is_file(value) ? "_files" : "";
}

std::string fish_value(const Value& value) {
    std::string script = value.path != Path::none ? " -r -F" : " -x";
    if (value.choices.empty()) return script;
    const std::string choices = joined(value.choices, " ");
    return script + " -a " +
           fish_quoted(is_list(value) ? fmt::format("(__fish_append {} {})", value.separator, choices)
                                      : choices);
}

}  // namespace

std::string joined(const std::vector<std::string>& parts, const std::string& separator) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
    return text;
}

std::string to_text(const Value& value) {
    constexpr std::size_t kMostShown = 16;
    if (value.choices.empty() || value.choices.size() > kMostShown) return value.placeholder;
    return value.placeholder + ":{" + joined(value.choices, ",") + "}";
}

std::string man_page(const ToolDescription& tool) {
    std::string name = tool.name;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    std::string page =
        fmt::format(".TH {} 1 {} \"irene {}\" \"User Commands\"\n", roff(name), date(), version());
    page += ".SH NAME\n" + roff(tool.name) + " \\- " + roff(one_line(tool.summary)) + "\n";
    page += ".SH SYNOPSIS\n" + bold(tool.name) + " [" + italic("OPTION") + "]...";
    for (const Argument& argument : tool.arguments) {
        if (!argument.flags.empty()) continue;
        const std::string shown = italic(argument.name) + (argument.repeats ? "..." : "");
        page += argument.is_required ? " " + shown : " [" + shown + "]";
    }
    page += "\n.SH DESCRIPTION\n" + roff(tool.summary) + "\n";
    for (const Argument& argument : tool.arguments) {
        if (argument.flags.empty())
            page += ".TP\n" + italic(argument.name) + "\n" + roff(sentence(argument.help)) + "\n";
    }
    page +=
        ".PP\n"
        "Results go to standard output, words to standard error.\n"
        "An output file is whole or absent: it is written beside its place and moved there at the end.\n"
        ".SH OPTIONS\n";
    for (const Argument& argument : tool.arguments) {
        if (argument.flags.empty()) continue;
        std::vector<std::string> flags;
        for (const std::string& flag : argument.flags) flags.push_back(bold(flag));
        page += ".TP\n" + joined(flags, ", ") +
                (argument.value ? " " + italic(argument.value->placeholder) : "") + "\n" +
                roff(sentence(argument.help)) + "\n";
    }
    page += ".SH EXIT STATUS\n";
    for (const auto& [code, meaning] : kExitCodes)
        page += fmt::format(".TP\n.B {}\n{}\n", static_cast<int>(code), meaning);
    page +=
        ".PP\n"
        "A tool that SIGINT or SIGTERM interrupts ends with 130 or 143.\n"
        ".SH ENVIRONMENT\n.TP\n.B IRENE_KERNELS\n"
        "Which of the kernels that " +
        bold("--version") +
        " lists to use; results do not depend on it.\n"
        ".TP\n.B IRENE_MODELS\n"
        "Folders of trained models, separated by colons.\n"
        "A model that is given by name and is no directory here is looked for in them, then among those that "
        "come with irene.\n";
    page += ".SH EXAMPLES\n.EX\n";
    for (const std::string& example : tool.examples) page += roff(example) + "\n";
    page += ".EE\n.SH SEE ALSO\n";
    std::vector<std::string> others;
    for (const std::string_view other : kTools) {
        if (other != tool.name) others.push_back(".BR " + roff(other) + " (1)");
    }
    return page + joined(others, ",\n") + "\n";
}

std::string bash_completion(const ToolDescription& tool) {
    const std::string function = "_" + replaced(tool.name, {{'-', "_"}});
    const auto reply = [](const std::string& what) {
        return "mapfile -t COMPREPLY < <(compgen " + what + ")";
    };
    std::vector<std::string> flags;
    std::string cases;
    for (const Argument& argument : tool.arguments) {
        flags.insert(flags.end(), argument.flags.begin(), argument.flags.end());
        if (argument.flags.empty() || !argument.value) continue;
        const Value& value = *argument.value;
        cases += "        " + joined(argument.flags, " | ") + ")\n";
        if (value.path != Path::none) cases += "            compopt -o filenames\n";
        const std::string what = compgen_arguments(value);
        if (!what.empty()) cases += "            " + reply(what) + "\n";
        cases += "            return\n            ;;\n";
    }
    return "# Completes " + tool.name + " in bash.\n" + function +
           "() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "    # bash makes three words of --option=value\n"
           "    if [[ $current == = ]]; then\n"
           "        current=\n"
           "    elif [[ $option == = ]]; then\n"
           "        option=${COMP_WORDS[COMP_CWORD - 2]}\n"
           "    fi\n"
           "    COMPREPLY=()\n"
           "    case $option in\n" +
           cases +
           "    esac\n"
           "    if [[ $current == -* ]]; then\n"
           "        " +
           reply("-W " + single_quoted(joined(flags, " ")) + " -- \"$current\"") +
           "\n"
           "    else\n"
           "        compopt -o filenames\n"
           "        " +
           reply("-f -- \"$current\"") +
           "\n"
           "    fi\n"
           "}\n"
           "complete -F " +
           function + " " + tool.name + "\n";
}

std::string zsh_completion(const ToolDescription& tool) {
    std::string script = "#compdef " + tool.name + "\n_arguments -s";
    std::size_t position = 0;
    for (const Argument& argument : tool.arguments) {
        script += " \\\n    ";
        if (argument.flags.empty()) {
            script += single_quoted((argument.repeats ? "*" : std::to_string(++position)) + ":" +
                                    argument.name + ":" + zsh_action(argument));
            continue;
        }
        std::string value;
        std::vector<std::string> flags = argument.flags;
        if (argument.value) {
            value = ":" + replaced(argument.value->placeholder, {{':', "\\:"}}) + ":" + zsh_action(argument);
            for (std::string& flag : flags) flag += flag.starts_with("--") ? "=" : "+";
        }
        const std::string help = "[" + replaced(argument.help, {{'[', "\\["}, {']', "\\]"}}) + "]";
        if (flags.size() == 1) {
            script +=
                single_quoted(fmt::format("{}{}{}{}", argument.repeats ? "*" : "", flags[0], help, value));
        } else {
            script += single_quoted("(" + joined(argument.flags, " ") + ")") + "{" + joined(flags, ",") +
                      "}" + single_quoted(help + value);
        }
    }
    return script + "\n";
}

std::string fish_completion(const ToolDescription& tool) {
    std::string script;
    for (const Argument& argument : tool.arguments) {
        if (argument.flags.empty()) continue;  // files, which fish completes by itself
        script += "complete -c " + tool.name;
        for (const std::string& flag : argument.flags)
            script += flag.starts_with("--") ? " -l " + flag.substr(2) : " -s " + flag.substr(1);
        if (argument.value) script += fish_value(*argument.value);
        script += " -d " + fish_quoted(argument.help) + "\n";
    }
    return script;
}

}  // namespace irene::apps
