// What the command lines of all tools have in common. Which options there are is read from each tool's
// --help.
#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "process.hpp"
#include "table.hpp"

namespace irene::tests {

namespace {

/// A tool and arguments that succeed.
struct Tool {
    std::string name;
    std::string positionals;
    Texts names_of_positionals;
    bool needs_all = true;  ///< of them

    std::string command() const { return "irene-" + name; }
    std::string good() const { return command() + " " + positionals; }
};

void PrintTo(const Tool& tool, std::ostream* out) { *out << tool.command(); }

const std::vector<Tool>& tools() {
    static const std::vector<Tool> tools{
        {"train", "{data.jsonl} out", {"data", "outdir"}},
        {"calibrate", "{model} {data.jsonl} out", {"model", "data", "outdir"}},
        {"predict", "{data.jsonl} out.jsonl {model}", {"data", "predictions", "model"}},
        {"evaluate", "{data.jsonl} {predictions.jsonl}", {"gold", "predictions"}},
        {"crossvalidate", "{data.jsonl} out", {"data", "outdir"}},
        {"explain", "{model}", {"model"}},
        {"extract", "{tiny.json}", {"configs"}, false},
        {"summarize", "{predictions.jsonl}", {"predictions"}, false},
#ifdef IRENE_HAS_VISUALIZE
        {"visualize", "{predictions.jsonl} out.html", {"predictions", "report"}},
#endif
    };
    return tools;
}

std::vector<Case> common_cases() {
    std::vector<Case> cases;
    for (const Tool& tool : tools()) {
        const std::string command = tool.command();
        const auto add = [&](const std::string& what, Case c) {
            c.name = tool.name + "_" + what;
            cases.push_back(std::move(c));
        };
        const auto refuse = [&](const std::string& what, const std::string& line, const Texts& errors) {
            cases.push_back(refusal_of(tool.name + "_" + what, line, 64, errors));
        };
        Texts help{"Usage: " + command, "Examples:",   "\n  " + command + " ", "--help", "--version", "-q",
                   "--quiet",           "-v,--verbose"};
        help.insert(help.end(), tool.names_of_positionals.begin(), tool.names_of_positionals.end());
        add("help", {.name = {}, .command = command + " --help", .output = help});
        add("h", {.name = {}, .command = command + " -h", .output = help});
        add("help_wins", {.name = {}, .command = tool.good() + " --help", .output = help});
        add("help_to_a_full_device", {.name = {},
                                      .command = command + " --help",
                                      .exit_code = 74,
                                      .output_to = "/dev/full",
                                      .errors = {"standard output"}});
        add("version", {.name = {},
                        .command = command + " --version",
                        .output = {command + " 0.", "\nkernels: baseline"}});
        refuse("unknown_option", tool.good() + " --nonsense", {"--nonsense", "not expected"});
        refuse("unknown_letter", tool.good() + " -x", {"-x", "not expected"});
        if (!tool.needs_all) continue;
        refuse("no_arguments", command, {tool.names_of_positionals[0], "required", "--help"});
        if (tool.names_of_positionals.size() > 1) {
            const std::string first = tool.positionals.substr(0, tool.positionals.find(' '));
            refuse("too_few_arguments", command + " " + first, {tool.names_of_positionals[1], "required"});
        }
        refuse("too_many_arguments", tool.good() + " surplus", {"surplus", "not expected"});
    }
    return cases;
}

INSTANTIATE_TEST_SUITE_P(Common, Table, testing::ValuesIn(common_cases()), name_of_case);

/// An option as --help shows it: "  -o,--output FILE".
struct Option {
    Texts names;              ///< with their dashes
    std::string placeholder;  ///< of its value; empty for a flag
    bool is_repeated = false;

    /// That messages call it by: the first that is a word.
    const std::string& name() const {
        return *std::find_if(names.begin(), names.end(), [](const auto& n) { return n.starts_with("--"); });
    }
};

std::vector<Option> options_of(const Tool& tool) {
    std::istringstream help(run({.arguments = {tool.command(), "--help"}}).output);
    std::vector<Option> options;
    bool is_inside = false;
    for (std::string line; std::getline(help, line);) {
        if (!line.starts_with("  ") && !line.empty()) is_inside = line == "Options:";
        if (!is_inside || !line.starts_with("  -")) continue;
        const std::string shown = line.substr(2, line.find("  ", 2) - 2);
        Option option;
        std::istringstream words(shown);
        std::string flags;
        words >> flags >> option.placeholder;
        if (option.placeholder.ends_with(':')) option.placeholder.clear();  // "Excludes: --params"
        option.is_repeated = shown.ends_with(" ...");
        std::istringstream names(flags);
        for (std::string name; std::getline(names, name, ',');)
            option.names.push_back(name.substr(0, name.find('{')));  // "--each_layer{false}"
        options.push_back(std::move(option));
    }
    return options;
}

/// Whatever else stands there.
bool prints_and_exits(const Option& option) {
    return option.name() == "--help" || option.name() == "--version";
}

class Options : public testing::TestWithParam<Tool> {
  protected:
    void SetUp() override { ASSERT_GE(options_.size(), 5U); }

    const std::vector<Option> options_ = options_of(GetParam());
};

void expect_refused(const std::string& command, const Texts& errors) {
    SCOPED_TRACE(command);
    check(refusal_of({}, command, 64, errors));
}

TEST_P(Options, WithoutTheirValueAreRefused) {
    for (const Option& option : options_) {
        if (option.placeholder.empty()) continue;
        for (const std::string& name : option.names)
            expect_refused(GetParam().good() + " " + name, {option.name()});
    }
}

TEST_P(Options, WithOneLetterLessAreNotTakenForThem) {
    std::set<std::string> all;
    for (const Option& option : options_) all.insert(option.names.begin(), option.names.end());
    for (const std::string& name : all) {
        const std::string shorter = name.substr(0, name.size() - 1);
        if (!name.starts_with("--") || all.contains(shorter)) continue;
        // Of few letters none is missed.
        expect_refused(GetParam().good() + " " + shorter,
                       {"'" + shorter + "' was not expected; " + (name.size() > 5 ? "did you mean --" : "")});
    }
}

TEST_P(Options, MayBeSpelledWithDashes) {
    for (const Option& option : options_) {
        for (const std::string& name : option.names) {
            std::string dashed = name;
            std::replace(dashed.begin(), dashed.end(), '_', '-');
            if (dashed == name) continue;
            // A flag is known, and what is not stands behind it; another option lacks its value.
            const bool is_flag = option.placeholder.empty();
            expect_refused(GetParam().good() + " " + dashed + (is_flag ? " --nonsense" : ""),
                           {is_flag ? "'--nonsense' was not expected" : option.name()});
        }
    }
}

TEST_P(Options, TwiceAreRefused) {
    for (const Option& option : options_) {
        if (option.placeholder.empty() || option.is_repeated) continue;
        const std::string with_value = " " + option.name() + " 300000";
        expect_refused(GetParam().good() + with_value + with_value, {option.name()});
    }
}

TEST_P(Options, WholeNumbersAreDecimalAndInRange) {
    for (const Option& option : options_) {
        if (option.placeholder != "N") continue;
        for (const std::string value : {"-1", "+1", "1e3", "2.0", "0x2", "nan", "inf", "two", "2x", "''",
                                        "' 2'", "99999999999999999999999"}) {
            const std::string joint = value[0] == '-' ? "=" : " ";
            expect_refused(GetParam().good() + " " + option.name() + joint + value,
                           {option.name(), "expected a whole number from ", split_arguments(value)[0]});
        }
    }
}

TEST_P(Options, ValuesOfAListAreThoseOfTheList) {
    for (const Option& option : options_) {
        if (option.placeholder.find(":{") == std::string::npos) continue;
        if (option.placeholder.find("FILE") != std::string::npos) continue;  // which any name may be
        expect_refused(GetParam().good() + " " + option.name() + " nonsense", {option.name(), "nonsense"});
    }
}

TEST_P(Options, FlagsTakeNoValue) {
    for (const Option& option : options_) {
        if (!option.placeholder.empty() || prints_and_exits(option)) continue;
        expect_refused(GetParam().good() + " " + option.name() + "=nonsense", {option.name()});
    }
}

INSTANTIATE_TEST_SUITE_P(All, Options, testing::ValuesIn(tools()),
                         [](const auto& tested) { return tested.param.name; });

TEST(Tools, EveryToolThatIsBuiltIsTested) {
    std::set<std::string> tested, built;
    for (const Tool& tool : tools()) tested.insert(tool.command());
    std::istringstream names(IRENE_TOOLS);
    for (std::string name; names >> name;) built.insert(name);
    EXPECT_EQ(tested, built);
}

/// --threads, of the tools that have it.
std::vector<Case> thread_cases() {
    std::vector<Case> cases;
    const std::vector<std::pair<std::string, std::string>> refused{
        {"0", "0"},
        {"1025", "above_1024"},
        {"99999", "99999"},
        {"-1", "negative"},
        {"+1", "plus"},
        {"1e3", "exponent"},
        {"2.0", "fraction"},
        {"0x2", "hexadecimal"},
        {"nan", "nan"},
        {"inf", "inf"},
        {"two", "word"},
        {"2x", "unit"},
        {"''", "empty"},
        {"' 2'", "space"},
        {"99999999999999999999999", "overflow"},
        {"02000", "2000_with_a_zero"}};  // 1024 if it were read as octal
    for (const Tool& tool : tools()) {
        if (tool.name != "train" && tool.name != "predict" && tool.name != "evaluate" &&
            tool.name != "crossvalidate")
            continue;
        const auto refuse = [&](const std::string& what, const std::string& options, const Texts& errors) {
            cases.push_back(refusal_of(tool.name + "_" + what, tool.good() + options, 64, errors));
        };
        refuse("shortened_option", " --thread 2", {"--thread"});
        refuse("option_without_value", " --threads", {"--threads"});
        refuse("threads_twice", " --threads 1 --threads 1", {"--threads"});
        for (const auto& [value, name] : refused) {
            refuse("threads_" + name, (value[0] == '-' ? " --threads=" : " --threads ") + value,
                   {"--threads", "expected a whole number from 1 to 1024", split_arguments(value)[0]});
        }
    }
    return cases;
}

INSTANTIATE_TEST_SUITE_P(Threads, Table, testing::ValuesIn(thread_cases()), name_of_case);

}  // namespace

}  // namespace irene::tests
