#include "table.hpp"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>
#include <sstream>

#include "fixtures.hpp"
#include "process.hpp"
#include "snapshot.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {

namespace {

using Entries = std::map<std::string, std::string>;  // of a directory, as snapshot() gives them

Texts lines_of(const std::string& text) {
    Texts lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

void expect_parts(const std::string& text, const Texts& parts, const std::string& what) {
    for (const std::string& part : parts)
        EXPECT_NE(text.find(part), std::string::npos) << part << "\nin " << what << "\n"
                                                      << text.substr(0, 4000);
}

void check_output(const Case& c, const Result& result, bool prints_a_report) {
    expect_parts(result.output, c.output, "standard output");
    const bool says_what = !c.output.empty() || !c.exact_output.empty();
    if (!c.exact_output.empty() || c.exit_code != 0 || (!says_what && !prints_a_report)) {
        EXPECT_EQ(result.output, c.exact_output);
    }
}

/// Each line says whose it is; the last one of a run that failed is the error.
void check_errors(const Case& c, const Result& result, const std::string& tool) {
    expect_parts(result.errors, c.errors, "standard error");
    for (const std::string& part : c.no_errors)
        EXPECT_EQ(result.errors.find(part), std::string::npos) << part << "\nin\n" << result.errors;
    if (!c.exact_error.empty()) {
        EXPECT_EQ(result.errors, tool + ": error: " + c.exact_error + "\n");
    }
    if (!result.errors.empty()) {
        EXPECT_EQ(result.errors.back(), '\n');
    }
    const Texts lines = lines_of(result.errors);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool is_error = c.exit_code != 0 && i + 1 == lines.size();
        EXPECT_TRUE(lines[i].starts_with(tool + ": ")) << lines[i];
        EXPECT_EQ(lines[i].starts_with(tool + ": error: "), is_error) << lines[i];
        EXPECT_LT(lines[i].size(), 600U);
        EXPECT_TRUE(std::all_of(lines[i].begin(), lines[i].end(), [](char byte) {
            return static_cast<unsigned char>(byte) >= 0x20;
        })) << lines[i];
    }
    const int wanted = c.exit_code == 0 ? c.lines : c.lines_before_error + 1;
    if (wanted != kAnyNumber) {
        EXPECT_EQ(lines.size(), static_cast<std::size_t>(wanted)) << result.errors;
    }
}

/// What is new or changed is what the case says, and nothing is gone.
void check_files(const Case& c, const Entries& before, const std::filesystem::path& directory) {
    const Entries after = snapshot(directory);
    std::set<std::string> created;
    for (const std::string& file : c.creates) {
        for (std::filesystem::path path = file; !path.empty(); path = path.parent_path())
            created.insert(path.string());
        EXPECT_TRUE(after.contains(file)) << file << " is absent";
    }
    for (const auto& [name, entry] : after) {
        if (created.contains(name)) continue;
        const auto old = before.find(name);
        EXPECT_NE(old, before.end()) << name << " was left behind";
        if (old != before.end()) {
            EXPECT_EQ(old->second, entry) << name;
        }
    }
    for (const auto& [name, entry] : before) EXPECT_TRUE(after.contains(name)) << name << " is gone";
    for (const auto& [file, parts] : c.files) expect_parts(read_file(directory / file), parts, file);
}

}  // namespace

void PrintTo(const Case& c, std::ostream* out) { *out << without_braces(c.command); }

std::vector<Case> with_fixtures(const Fixtures& (*fixtures)(), std::vector<Case> cases) {
    for (Case& c : cases) c.fixtures = fixtures;
    return cases;
}

void check(const Case& c) {
    const TemporaryDirectory directory;
    make_fixtures(directory.path(), c.command, c.fixtures == nullptr ? Fixtures{} : c.fixtures());
    const Entries before = snapshot(directory.path());
    const std::string command = without_braces(c.command);
    const std::string tool = command.substr(0, command.find(' '));
    const Texts arguments =
        c.shell
            ? Texts{"/bin/sh", "-c", "PATH=" + tool_path("").string() + ":$PATH; ulimit -f 20000; " + command}
            : split_arguments(command);
    const Result result =
        run({.arguments = arguments, .input = c.input, .directory = directory.path(), .output = c.output_to});
    EXPECT_EQ(result.signal, 0);
    EXPECT_EQ(result.exit_code, c.exit_code) << result.errors;
    check_output(c, result, tool == "irene-crossvalidate");
    check_errors(c, result, tool);
    check_files(c, before, directory.path());
}

Texts model_files(const std::string& outdir) { return {outdir + "/config.json", outdir + "/model.json"}; }

Texts fold_files(const std::string& outdir, const Texts& folds) {
    Texts files{outdir + "/crossvalidation/report.csv"};
    for (const std::string& fold : folds) {
        for (const char* file :
             {"config.json", "model.json", "predictions.jsonl", "percentage_errors.json"}) {
            files.push_back(outdir + "/crossvalidation/leave_" + fold + "/" + file);
        }
    }
    return files;
}

TEST_P(Table, Case) { check(GetParam()); }

}  // namespace irene::tests
