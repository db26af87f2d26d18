// irene-explain.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "table.hpp"

namespace irene::tests {

namespace {

const Fixtures& explain_fixtures() {
    static const Fixtures fixtures = [] {
        Fixtures all = common_fixtures();
        add_made_by("irene-train -q --config {additive.json} {data.jsonl} additive", all);
        all["no_config/model.json"].content = trained_model().model;
        all["malformed/config.json"].content = trained_model().config;
        all["malformed/model.json"].content = "{\"format\": }";
        return all;
    }();
    return fixtures;
}

std::vector<Case> explain_cases() {
    return {
        {.name = "explain_weighted",
         .command = "irene-explain {model}",
         .output = {"layernorm", "linear", "Modules: "}},
        {.name = "explain_additive",
         .command = "irene-explain {additive}",
         .output = {"J/GiB", "J/GFLOP", "J/launch", "layernorm", "tinyblock", "Ranges seen in training"}},
        {.name = "explain_json",
         .command = "irene-explain --json {additive}",
         .output = {"{\n", "\"layernorm\""}},
        {.name = "explain_weighted_json", .command = "irene-explain --json {model}", .output = {"{\n"}},
        refusal_of("explain_absent", "irene-explain ./nowhere", 66,
                   {"nowhere/config.json", "cannot be read"}),
        refusal_of("explain_csv_of_a_model", "irene-explain --format csv {model}", 64, {"csv", "--list"}),
        refusal_of("explain_model_and_list", "irene-explain --list {model}", 64, {"--list", "model"}),
        refusal_of("explain_empty_directory", "irene-explain {occupied}", 66, {"occupied/config.json"}),
        refusal_of("explain_data", "irene-explain {data.jsonl}", 66, {"a model is a directory"}),
        refusal_of("explain_without_config", "irene-explain {no_config}", 66, {"no_config/config.json"}),
        refusal_of("explain_malformed", "irene-explain {malformed}", 65,
                   {"malformed/model.json", "malformed JSON"}),
        {.name = "explain_full_device",
         .command = "irene-explain {model}",
         .exit_code = 74,
         .output_to = "/dev/full",
         .errors = {"standard output", "cannot be written"}},
    };
}

INSTANTIATE_TEST_SUITE_P(Explain, Table, testing::ValuesIn(with_fixtures(explain_fixtures, explain_cases())),
                         name_of_case);

}  // namespace

}  // namespace irene::tests
