// irene-train, but for its seeds and configs: see training_test.cpp.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "table.hpp"

namespace irene::tests {

namespace {

const Fixtures& train_fixtures() {
    static const Fixtures fixtures{
        {"full/config.json", {Fixture::Kind::link, "/dev/full"}},
        {"full_model/model.json", {Fixture::Kind::link, "/dev/full"}},
        {"half/model.json", {Fixture::Kind::directory}},
    };
    return fixtures;
}

std::vector<Case> train_cases() {
    return {
        {.name = "train",
         .command = "irene-train {data.jsonl} out",
         .errors = {"irene-train: info: trained on 6 trees with 30 nodes; the model is in out"},
         .lines = 1,
         .creates = model_files("out"),
         .files = {{"out/model.json",
                    {"\"irene-model\"", "\"linear\"", "\"layernorm\"", "\"num_trees\": 6",
                     "\"num_nodes\": 30"}}}},
        {.name = "train_makes_directories",
         .command = "irene-train {data.jsonl} a/b/out",
         .lines = 1,
         .creates = {"a/b/out/config.json", "a/b/out/model.json"}},
        {.name = "train_into_a_directory",
         .command = "irene-train {data.jsonl} {occupied}",
         .lines = 1,
         .creates = {"occupied/config.json", "occupied/model.json"}},
        {.name = "train_again",
         .command = "irene-train {data.jsonl} {model} --seed 5",
         .lines = 1,
         .creates = {"model/model.json", "model/config.json"},
         .files = {{"model/model.json", {"\"seed\": 5"}}}},
        {.name = "train_verbose_tells_epochs",
         .command = "irene-train {data.jsonl} out -v",
         .errors = {"epoch 1/8", "epoch 8/8", "mean node loss", "mean node error"},
         .lines = 9,
         .creates = model_files("out")},
        {.name = "train_on_one_model",
         .command = "irene-train {alpha.jsonl} out",
         .lines = 1,
         .creates = model_files("out")},
        {.name = "train_to_a_full_device",
         .command = "irene-train {data.jsonl} {full}",
         .exit_code = 74,
         .errors = {"full/config.json", "cannot be written"}},
        {.name = "train_model_json_is_a_directory",
         .command = "irene-train {data.jsonl} {half}",
         .exit_code = 73,
         .errors = {"half/model.json", "cannot be created"}},
        {.name = "train_model_json_is_a_full_device",
         .command = "irene-train {data.jsonl} {full_model}",
         .exit_code = 74,
         .errors = {"full_model/model.json", "cannot be written"}},
        {.name = "train_failing_keeps_the_old_model",
         .command = "irene-train {no_gpu_clk.jsonl} {model}",
         .exit_code = 65,
         .errors = {"gpu_clk"}},
    };
}

INSTANTIATE_TEST_SUITE_P(Train, Table, testing::ValuesIn(with_fixtures(train_fixtures, train_cases())),
                         name_of_case);

}  // namespace

}  // namespace irene::tests
