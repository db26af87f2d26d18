// One table of cases for all tools: a command line, the files it finds, and all that can be seen of its run.
#pragma once

#include <iosfwd>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace irene::tests {

using Texts = std::vector<std::string>;

/// Something that a case finds in its directory.
struct Fixture {
    enum class Kind { file, directory, link, hard_link };

    Kind kind = Kind::file;
    std::string content = {};  ///< of a file, or what a link leads to
};

/// By path.
using Fixtures = std::map<std::string, Fixture>;

/// Where the number of lines does not matter.
inline constexpr int kAnyNumber = -1;

/// A command, run in a fresh directory that holds what it names in braces and nothing else, so that all that
/// it leaves behind is seen.
struct Case {
    std::string name;
    /// As typed, see split_arguments(), but for the braces around what is there: of "irene-train
    /// {data.jsonl} out" the data is. Of a path the first component stands in them: {model}/model.json.
    std::string command;
    int exit_code = 0;
    std::string input = {};      ///< bytes on standard input
    std::string output_to = {};  ///< a device that is standard output
    bool shell = false;          ///< whether the command is for sh, which redirects; files end at 10 MB
    Texts output = {};  ///< each is part of standard output; it must be empty where the exit code is not 0
    std::string exact_output = {};  ///< where not empty, standard output is exactly this
    Texts errors = {};              ///< each is part of standard error
    Texts no_errors = {};           ///< none of these is
    std::string exact_error = {};   ///< where not empty, the error is exactly this, behind "TOOL: error: "
    int lines = 0;                  ///< on standard error where the exit code is 0; an error is always one
    int lines_before_error = 0;     ///< on standard error
    Texts creates = {};             ///< files that are new or changed afterwards; no others may be
    std::vector<std::pair<std::string, Texts>> files = {};  ///< parts of files afterwards
    /// What the command may name besides common_fixtures(), which it comes before. Called when the case runs.
    const Fixtures& (*fixtures)() = nullptr;
};

void PrintTo(const Case& c, std::ostream* out);

/// The cases, which name these fixtures.
std::vector<Case> with_fixtures(const Fixtures& (*fixtures)(), std::vector<Case> cases);

/// A case of few words: a refusal.
inline Case refusal_of(const std::string& name, const std::string& command, int exit_code,
                       const Texts& errors) {
    return {.name = name, .command = command, .exit_code = exit_code, .errors = errors};
}

/// Runs a case and expects what it says.
void check(const Case& c);

/// Each file with cases instantiates it: INSTANTIATE_TEST_SUITE_P(Train, Table, testing::ValuesIn(cases),
/// name_of_case).
class Table : public testing::TestWithParam<Case> {};

inline std::string name_of_case(const testing::TestParamInfo<Case>& info) { return info.param.name; }

/// The files of a model, and of a cross-validation with these folds.
Texts model_files(const std::string& outdir);
Texts fold_files(const std::string& outdir, const Texts& folds);

}  // namespace irene::tests
