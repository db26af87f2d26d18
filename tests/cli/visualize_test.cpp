// irene-visualize.
#ifdef IRENE_HAS_VISUALIZE
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "table.hpp"

namespace irene::tests {

namespace {

const Fixtures& visualize_fixtures() {
    static const Fixtures fixtures = [] {
        Fixtures all;
        const auto file = [&all](const std::string& name, const std::string& content) {
            all[name].content = content;
        };
        const std::string predictions = make_predictions();
        const std::string line = predictions.substr(0, predictions.find('\n') + 1);
        std::string many;
        for (int i = 0; i < 2001; ++i) many += line;
        file("many_runs.jsonl", many);
        // The first block costs less than its children.
        std::vector<Json> trees = make_trees();
        for (Json& tree : trees) {
            for_each_node(root_of(tree),
                          [](Json& node) { node["predicted_energy"] = node["ground_truth_energy"]; });
        }
        block_of(trees[0])["predicted_energy"] = 0.001;
        file("too_little.jsonl", to_jsonl(trees));
        return all;
    }();
    return fixtures;
}

std::vector<Case> visualize_cases() {
    std::vector<Case> cases{
        {.name = "visualize",
         .command = "irene-visualize {predictions.jsonl} out.html",
         .creates = {"out.html"},
         .files = {{"out.html",
                    {"<title>Energy of predictions.jsonl</title>", "Content-Security-Policy",
                     "default-src 'none'", "\"alpha\"", "\"root\"", "\"TinyBlock\""}}}},
        {.name = "visualize_title",
         .command = "irene-visualize --title 'A < B' {predictions.jsonl} out.html",
         .creates = {"out.html"},
         .files = {{"out.html", {"<title>A &lt; B</title>", "\"title\":\"A \\u003c B\""}}}},
        {.name = "visualize_compare",
         .command = "irene-visualize {predictions.jsonl} out.html --compare {reversed.jsonl}",
         .creates = {"out.html"},
         .files = {{"out.html", {"\"files\":[\"predictions.jsonl\",\"reversed.jsonl\"]"}}}},
        {.name = "visualize_to_standard_output",
         .command = "irene-visualize - -",
         .input = make_predictions(),
         .output = {"<!DOCTYPE html>", "<title>Energy of standard input</title>"}},
        {.name = "visualize_only",
         .command =
             "irene-visualize --format csv --only model_name=alpha --only seq_len=16,64 {predictions.jsonl} "
             "out.csv",
         .creates = {"out.csv"},
         .files = {{"out.csv",
                    {"model_name,batch_size,", "\nalpha,2,16,root,0,", "\nalpha,2,64,root.head,1,"}}}},
        {.name = "visualize_sample",
         .command = "irene-visualize --sample 2 {predictions.jsonl} out.html",
         .creates = {"out.html"},
         .files = {{"out.html", {"\"length\":[16,64]", "\"values\":[\"alpha\",\"beta\"]"}}}},
        {.name = "visualize_folded",
         .command = "irene-visualize --format folded {predictions.jsonl} -",
         .output = {"alpha, batch size 2, length 16;block;norm "},
         .lines = 1},
        {.name = "visualize_speedscope",
         .command = "irene-visualize --format speedscope {predictions.jsonl} -",
         .output = {"speedscope.app/file-format-schema.json", "norm (LayerNorm)"},
         .lines = 1},
        {.name = "visualize_corrections",
         .command = "irene-visualize --format folded {too_little.jsonl} out.txt",
         .errors = {"1 of 30 nodes", "less than their children"},
         .lines = 1,
         .creates = {"out.txt"}},
        {.name = "visualize_nothing_folded",
         .command = "irene-visualize --format folded {empty.jsonl} -",
         .errors = {"warning: 'empty.jsonl' holds no tree"},
         .lines = 1},
        {.name = "visualize_nothing_as_csv",
         .command = "irene-visualize --format csv {empty.jsonl} -",
         .output = {"model_name,batch_size,"},
         .errors = {"warning: 'empty.jsonl' holds no tree"},
         .lines = 1},
        {.name = "visualize_replaces",
         .command = "irene-visualize {predictions.jsonl} {old.jsonl}",
         .creates = {"old.jsonl"}},
        {.name = "visualize_help",
         .command = "irene-visualize --help",
         .output = {"Usage: irene-visualize", "Examples:", "--compare", "--title", "--format", "--only",
                    "--sample"}},
        {.name = "visualize_full_device",
         .command = "irene-visualize {predictions.jsonl} -",
         .exit_code = 74,
         .output_to = "/dev/full",
         .errors = {"standard output"}},
        {.name = "visualize_cannot_create",
         .command = "irene-visualize {predictions.jsonl} nowhere/out.html",
         .exit_code = 73,
         .errors = {"nowhere/out.html"}},
    };
    const auto refuse = [&cases](const std::string& what, const std::string& arguments, int code,
                                 const Texts& errors) {
        cases.push_back(refusal_of("visualize_" + what, "irene-visualize " + arguments, code, errors));
    };

    refuse("no_arguments", "", 64, {"predictions", "required"});
    refuse("too_few", "{predictions.jsonl}", 64, {"report", "required"});
    refuse("not_predicted", "{data.jsonl} out.html", 65,
           {"data.jsonl:1", "'root'", "field 'predicted_energy'", "run irene-predict first"});
    refuse("other_not_predicted", "{predictions.jsonl} out.html --compare {data.jsonl}", 65,
           {"data.jsonl:1"});
    refuse("absent", "absent.jsonl out.html", 66, {"absent.jsonl"});
    refuse("other_absent", "{predictions.jsonl} out.html --compare absent.jsonl", 66, {"absent.jsonl"});
    refuse("empty_file", "{empty.jsonl} out.html", 65, {"holds no tree"});
    refuse("too_many", "{many_runs.jsonl} out.html", 65,
           {"many_runs.jsonl", "more than 2000 runs", "--only", "--sample"});
    refuse("unknown_format", "--format pdf {predictions.jsonl} out.html", 64,
           {"--format", "'html', 'speedscope', 'folded' or 'csv'", "'pdf'"});
    refuse("compare_as_csv", "--format csv {predictions.jsonl} out --compare {reversed.jsonl}", 64,
           {"'csv'"});
    refuse("unknown_key", "--only model=alpha {predictions.jsonl} out.html", 64,
           {"model_name=", "'model=alpha'"});
    refuse("no_number", "--only seq_len=x {predictions.jsonl} out.html", 64,
           {"whole numbers", "'seq_len=x'"});
    refuse("nothing_left", "--only batch_size=77 {predictions.jsonl} out.html", 65, {"no run is left"});
    refuse("sample_of_0", "--sample 0 {predictions.jsonl} out.html", 64, {"--sample", "from 1 to"});
    refuse("sample_too_large", "--sample 2001 {predictions.jsonl} out.html", 64, {"at most 2000"});
    refuse("both_standard_input", "- out.html --compare -", 64, {"standard input"});
    return cases;
}

INSTANTIATE_TEST_SUITE_P(Visualize, Table,
                         testing::ValuesIn(with_fixtures(visualize_fixtures, visualize_cases())),
                         name_of_case);

}  // namespace

}  // namespace irene::tests
#endif
