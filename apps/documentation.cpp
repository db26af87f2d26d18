#include "documentation.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include "irene/version.hpp"

#include "command_line.hpp"

namespace irene::apps {

namespace {

/// An option, or a positional argument, as --help shows it.
struct Argument {
    std::vector<std::string> flags;   ///< with their dashes; none of a positional argument
    std::string name;                 ///< of a positional argument
    std::string type;                 ///< what follows it; empty where nothing does
    std::vector<std::string> values;  ///< that it may take, where they are few
    std::string help;
    bool repeats = false;

    bool is_list() const { return type == "LIST" || type.ends_with(",..."); }
    bool is_file() const { return type.ends_with("FILE"); }
    bool is_directory() const { return type == "DIR" || type == "MODEL"; }
};

std::string joined(const std::vector<std::string>& parts, const std::string& separator) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
    return text;
}

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

/// The type's name and, where a check names them as NAME:{a,b,c}, its values.
std::pair<std::string, std::vector<std::string>> split_type(const std::string& text) {
    const std::size_t begin = text.find(":{");
    std::vector<std::string> values;
    if (begin != std::string::npos)
        values = CLI::detail::split(text.substr(begin + 2, text.size() - begin - 3), ',');
    return {text.substr(0, begin), values};
}

std::vector<Argument> arguments_of(const CLI::App& tool) {
    std::vector<Argument> arguments;
    for (const CLI::Option* option : tool.get_options()) {
        if (option->get_group().empty()) continue;  // not in --help either
        Argument& argument = arguments.emplace_back();
        for (const std::string& name : option->get_snames()) argument.flags.push_back("-" + name);
        for (const std::string& name : option->get_lnames()) argument.flags.push_back("--" + name);
        if (argument.flags.empty()) argument.name = option->get_name(true);
        if (option->get_type_size() != 0)
            std::tie(argument.type, argument.values) = split_type(option->get_type_name());
        argument.help = option->get_description();
        argument.repeats = option->get_items_expected_max() > 1;
    }
    return arguments;
}

// --- man ---

constexpr std::array kTools{"irene-crossvalidate", "irene-evaluate",  "irene-explain", "irene-extract",
                            "irene-predict",       "irene-summarize", "irene-train",   "irene-visualize"};

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

/// The footer's commands without its heading and indentation.
std::string examples_of(const CLI::App& tool) {
    std::string examples;
    for (const std::string& line : CLI::detail::split(tool.get_footer(), '\n')) {
        if (line.starts_with("  ")) examples += roff(line.substr(2)) + "\n";
    }
    return examples;
}

// --- shells ---

std::string single_quoted(std::string_view text) { return "'" + replaced(text, {{'\'', "'\\''"}}) + "'"; }

/// For fish, where a backslash escapes inside quotes too.
std::string fish_quoted(std::string_view text) {
    return "'" + replaced(text, {{'\'', "\\'"}, {'\\', "\\\\"}}) + "'";
}

std::string zsh_action(const Argument& argument) {
    const std::string values = joined(argument.values, " ");
    if (!argument.values.empty() && argument.is_file()) return "{compadd -- " + values + "; _files}";
    if (!argument.values.empty() && argument.is_list())
        return "_values -s , " + argument.flags[0].substr(2) + " " + values;
    if (!argument.values.empty()) return "(" + values + ")";
    if (argument.is_directory()) return "_files -/";
    return argument.is_file() ? "_files" : "";
}

}  // namespace

std::string man_page(const CLI::App& tool) {
    const std::vector<Argument> arguments = arguments_of(tool);
    std::string name = tool.get_name();
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    std::string page =
        fmt::format(".TH {} 1 {} \"irene {}\" \"User Commands\"\n", roff(name), date(), version());
    page += ".SH NAME\n" + roff(tool.get_name()) + " \\- " + roff(one_line(tool.get_description())) + "\n";
    page += ".SH SYNOPSIS\n" + bold(tool.get_name()) + " [" + italic("OPTION") + "]...";
    for (const Argument& argument : arguments) {
        if (!argument.flags.empty()) continue;
        const std::string shown = italic(argument.name) + (argument.repeats ? "..." : "");
        page += tool[argument.name]->get_required() ? " " + shown : " [" + shown + "]";
    }
    page += "\n.SH DESCRIPTION\n" + roff(tool.get_description()) + "\n";
    for (const Argument& argument : arguments) {
        if (argument.flags.empty())
            page += ".TP\n" + italic(argument.name) + "\n" + roff(sentence(argument.help)) + "\n";
    }
    page +=
        ".PP\n"
        "Results go to standard output, words to standard error.\n"
        "An output file is whole or absent: it is written beside its place and moved there at the end.\n"
        ".SH OPTIONS\n";
    for (const Argument& argument : arguments) {
        if (argument.flags.empty()) continue;
        std::vector<std::string> flags;
        for (const std::string& flag : argument.flags) flags.push_back(bold(flag));
        page += ".TP\n" + joined(flags, ", ") + (argument.type.empty() ? "" : " " + italic(argument.type)) +
                "\n" + roff(sentence(argument.help)) + "\n";
    }
    page += ".SH EXIT STATUS\n";
    for (const auto& [code, meaning] : kExitCodes)
        page += fmt::format(".TP\n.B {}\n{}\n", static_cast<int>(code), meaning);
    page +=
        ".PP\n"
        "A tool that SIGINT or SIGTERM interrupts ends with 130 or 143.\n"
        ".SH ENVIRONMENT\n.TP\n.B IRENE_KERNELS\n"
        "Which of the kernels that " +
        bold("--version") + " lists to use; results do not depend on it.\n";
    page += ".SH EXAMPLES\n.EX\n" + examples_of(tool) + ".EE\n.SH SEE ALSO\n";
    std::vector<std::string> others;
    for (const char* other : kTools) {
        if (other != tool.get_name()) others.push_back(".BR " + roff(other) + " (1)");
    }
    return page + joined(others, ",\n") + "\n";
}

std::string bash_completion(const CLI::App& tool) {
    const std::string function = "_" + replaced(tool.get_name(), {{'-', "_"}});
    const auto reply = [](const std::string& what) {
        return "mapfile -t COMPREPLY < <(compgen " + what + ")";
    };
    std::vector<std::string> flags;
    std::string cases;
    for (const Argument& argument : arguments_of(tool)) {
        flags.insert(flags.end(), argument.flags.begin(), argument.flags.end());
        if (argument.flags.empty() || argument.type.empty()) continue;
        std::string what;
        if (!argument.values.empty()) {
            what = "-W " + single_quoted(joined(argument.values, " ")) + " ";
            what += argument.is_list() ? R"(-P "${current%"${current##*,}"}" -- "${current##*,}")" : "";
        }
        if (argument.is_file()) what += "-f ";
        if (argument.is_directory()) what += "-d ";
        if (!what.empty() && !argument.is_list()) what += "-- \"$current\"";
        cases += "        " + joined(argument.flags, " | ") + ")\n";
        if (argument.is_file() || argument.is_directory()) cases += "            compopt -o filenames\n";
        if (!what.empty()) cases += "            " + reply(what) + "\n";
        cases += "            return\n            ;;\n";
    }
    return "# Completes " + tool.get_name() + " in bash.\n" + function +
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
           function + " " + tool.get_name() + "\n";
}

std::string zsh_completion(const CLI::App& tool) {
    std::string script = "#compdef " + tool.get_name() + "\n_arguments -s";
    std::size_t position = 0;
    for (const Argument& argument : arguments_of(tool)) {
        script += " \\\n    ";
        if (argument.flags.empty()) {
            script += single_quoted((argument.repeats ? "*" : std::to_string(++position)) + ":" +
                                    argument.name + ":" + zsh_action(argument));
            continue;
        }
        std::string value;
        std::vector<std::string> flags = argument.flags;
        if (!argument.type.empty()) {
            value = ":" + replaced(argument.type, {{':', "\\:"}}) + ":" + zsh_action(argument);
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

std::string fish_completion(const CLI::App& tool) {
    std::string script;
    for (const Argument& argument : arguments_of(tool)) {
        if (argument.flags.empty()) continue;  // files, which fish completes by itself
        script += "complete -c " + tool.get_name();
        for (const std::string& flag : argument.flags)
            script += flag.starts_with("--") ? " -l " + flag.substr(2) : " -s " + flag.substr(1);
        if (!argument.type.empty())
            script += argument.is_file() || argument.is_directory() ? " -r -F" : " -x";
        if (!argument.values.empty()) {
            const std::string values = joined(argument.values, " ");
            script += " -a " + fish_quoted(argument.is_list() ? "(__fish_append , " + values + ")" : values);
        }
        script += " -d " + fish_quoted(argument.help) + "\n";
    }
    return script;
}

}  // namespace irene::apps
