// Data that every tool refuses, and how.
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "table.hpp"

namespace irene::tests {

namespace {

/// Input that every tool refuses in line 2, and what the refusal says.
struct BadInput {
    std::string name;
    std::string content;
    Texts says;
};

std::vector<BadInput> bad_inputs() {
    const std::string file = to_jsonl(make_trees());
    const std::string first = line_of_data(1) + "\n";
    const std::string second = line_of_data(2);
    const auto second_is = [&](const std::string& text) {
        return first + text + "\n" + line_of_data(3) + "\n";
    };
    std::vector<BadInput> inputs{
        {"malformed", second_is(replace_once(second, "\"flops\"", "flops")), {":2", "malformed JSON"}},
        {"single_quotes", second_is(replace_once(second, "\"flops\"", "'flops'")), {":2", "malformed JSON"}},
        {"truncated", first + second.substr(0, second.size() / 2), {":2", "malformed JSON"}},
        {"truncated_by_one", first + second.substr(0, second.size() - 1), {":2", "malformed JSON"}},
        {"truncated_in_a_string", first + second.substr(0, 10), {":2", "malformed JSON"}},
        {"brace_too_many", second_is(second + "}"), {":2", "malformed JSON"}},
        {"two_trees_in_a_line", second_is(second + " " + line_of_data(4)), {":2", "malformed JSON"}},
        {"nul_byte", second_is(second + std::string(1, '\0')), {":2", "malformed JSON"}},
        {"bad_utf8",
         second_is(replace_once(second, "TinyBlock", "Tiny\xFF")),
         {":2", "malformed JSON", "UTF-8"}},
        {"bad_value_of_unknown_key",
         second_is(replace_once(second, "\"cpu\"", "\"note\": nan, \"cpu\"")),
         {":2", "malformed JSON"}},
        {"a_list", second_is("[]"), {":2", "expected an object"}},
        {"a_number", second_is("3"), {":2", "expected an object"}},
        {"empty_object", second_is("{}"), {":2", "field 'model_name'", "is missing"}},
        {"empty_tree",
         with_line_2([](Json& tree) { root_of(tree) = Json::object(); }),
         {":2", "field 'id'", "is missing"}},
        {"null_tree",
         with_line_2([](Json& tree) { root_of(tree) = nullptr; }),
         {":2", "field 'frontend_tree'", "expected a node"}},
        {"too_deep",
         second_is(
             replace_once(second, "\"cpu\"",
                          "\"note\": " + std::string(100000, '[') + std::string(100000, ']') + ", \"cpu\"")),
         {":2", "nested deeper"}},
        {"batch_size_of_0",
         with_line_2([](Json& tree) { tree["batch_size"] = 0; }),
         {":2", "field 'batch_size'", "expected a whole number from 1"}},
        {"batch_size_of_2_5",
         with_line_2([](Json& tree) { tree["batch_size"] = 2.5; }),
         {":2", "field 'batch_size'", "expected a whole number from 1"}},
        {"batch_size_in_quotes",
         with_line_2([](Json& tree) { tree["batch_size"] = "2"; }),
         {":2", "field 'batch_size'", "expected a whole number from 1"}},
        {"seq_len_overflows",
         with_line_2([](Json& tree) { tree["seq_len"] = 1e30; }),
         {":2", "field 'seq_len'", "expected a whole number from 1"}},
        {"model_name_is_a_number",
         with_line_2([](Json& tree) { tree["model_name"] = 5; }),
         {":2", "field 'model_name'", "expected a string"}},
        {"model_name_is_empty",
         with_line_2([](Json& tree) { tree["model_name"] = ""; }),
         {":2", "field 'model_name'", "not empty"}},
        {"leaf_is_a_module",
         with_line_2([](Json& tree) { norm_of(tree)["type"] = "module"; }),
         {":2", "'root.block.norm'", "field 'type'", "a leaf must be 'ml'", "'module'"}},
        {"inner_node_is_ml",
         with_line_2([](Json& tree) { block_of(tree)["type"] = "ml"; }),
         {":2", "'root.block'", "field 'type'", "an inner node must be 'module'"}},
        {"inner_node_is_a_model",
         with_line_2([](Json& tree) { block_of(tree)["type"] = "model"; }),
         {":2", "'root.block'", "field 'type'", "root"}},
        {"root_is_a_module",
         with_line_2([](Json& tree) { root_of(tree)["type"] = "module"; }),
         {":2", "'root'", "field 'type'", "must be 'model'"}},
        {"unknown_type",
         with_line_2([](Json& tree) { norm_of(tree)["type"] = "layer"; }),
         {":2", "'root.block.norm'", "field 'type'", "'ml-np'", "found 'layer'"}},
        {"outside_training_is_no_list",
         with_raw("outside_training", "true"),
         {":2", "'root.block.norm'", "field 'outside_training'", "a list of names"}},
        {"unseen_operation_is_a_number",
         with_raw("unseen_operation", "1"),
         {":2", "'root.block.norm'", "field 'unseen_operation'", "true or false"}},
        {"no_interval_is_null",
         with_raw("no_interval", "null"),
         {":2", "'root.block.norm'", "field 'no_interval'", "a string"}},
        {"type_is_null", with_raw("type", "null"), {":2", "'root.block.norm'", "field 'type'", "expected"}},
        {"id_is_a_number",
         with_raw("id", "7"),
         {":2", "a child of root.block", "field 'id'", "expected a string"}},
        {"id_is_empty", with_raw("id", "\"\""), {":2", "a child of root.block", "field 'id'", "not empty"}},
        {"scope_is_empty",
         with_raw("scope", "\"\""),
         {":2", "a child of root.block", "field 'scope'", "not empty"}},
        {"flops_in_quotes",
         with_raw("flops", "\"12\""),
         {":2", "'root.block.norm'", "field 'flops'", "expected a finite number"}},
        {"flops_are_null",
         with_raw("flops", "null"),
         {":2", "'root.block.norm'", "field 'flops'", "expected a finite number"}},
        {"flops_are_true",
         with_raw("flops", "true"),
         {":2", "'root.block.norm'", "field 'flops'", "expected a finite number"}},
        {"flops_are_negative",
         with_raw("flops", "-1.5"),
         {":2", "'root.block.norm'", "field 'flops'", "not negative"}},
        {"level_is_a_fraction",
         with_raw("level", "1.5"),
         {":2", "'root.block.norm'", "field 'level'", "whole number"}},
        {"children_are_an_object",
         with_raw("child_nodes_obj", "{}"),
         {":2", "'root.block.norm'", "field 'child_nodes_obj'", "expected a list of nodes"}},
        {"child_is_a_number",
         with_raw("child_nodes_obj", "[3]"),
         {":2", "'root.block.norm'", "field 'child_nodes_obj'", "expected a list of nodes"}},
        {"child_names_are_numbers",
         with_raw("child_nodes", "[3]"),
         {":2", "'root.block.norm'", "field 'child_nodes'", "expected a list of scopes"}},
        {"prediction_in_quotes",
         with_raw("predicted_energy", "\"1\""),
         {":2", "'root.block.norm'", "field 'predicted_energy'", "expected a finite number"}},
        {"key_twice",
         second_is(replace_once(second, "\"cpu\"", "\"mem\": 1, \"cpu\"")),
         {":2", "'root'", "field 'mem'", "twice"}},
        {"id_twice_in_a_tree",
         with_line_2([](Json& tree) { norm_of(tree)["id"] = dense_of(tree)["id"]; }),
         {":2", "'root.block.norm'", "field 'id'", "'alpha-4-32-2'", "line 2"}},
        {"scope_with_a_line_break",
         with_line_2([](Json& tree) {
             norm_of(tree)["scope"] = "root\nblock";
             norm_of(tree)["type"] = "x";
         }),
         {":2", "'root\\x0ablock'", "field 'type'"}},
    };
    for (const char* key : {"model_name", "batch_size", "seq_len", "frontend_tree"}) {
        inputs.push_back({std::string("no_") + key,
                          with_line_2([&](Json& tree) { tree.erase(key); }),
                          {":2", "field '" + std::string(key) + "'", "is missing"}});
    }
    for (const char* key : {"id", "scope", "instance_type", "type", "child_nodes_obj"}) {
        const bool named = std::string(key) != "scope";
        inputs.push_back({std::string("no_") + key,
                          with_line_2([&](Json& tree) { norm_of(tree).erase(key); }),
                          {":2", named ? "'root.block.norm'" : "a child of root.block",
                           "field '" + std::string(key) + "'", "is missing"}});
    }
    const std::vector<std::pair<std::string, std::string>> numbers{
        {"nan", "NaN"}, {"infinity", "Infinity"}, {"minus_infinity", "-Infinity"}, {"overflow", "1e400"}};
    for (const char* key : {"gpu_clk", "ground_truth_energy"}) {
        for (const auto& [name, spelling] : numbers) {
            inputs.push_back(
                {std::string(key) + "_is_" + name,
                 with_raw(key, spelling),
                 {":2", "'root.block.norm'", "field '" + std::string(key) + "'", "finite number"}});
        }
    }
    return inputs;
}

const Fixtures& bad_data_fixtures() {
    static const Fixtures fixtures = [] {
        Fixtures all;
        const auto file = [&all](const std::string& name, const std::string& content) {
            all[name].content = content;
        };
        for (const BadInput& bad : bad_inputs()) file("bad_" + bad.name + ".jsonl", bad.content);
        // Longer than the least limit: white space between two keys is part of the line.
        file("long_line.jsonl",
             line_of_data(1) + "\n" +
                 replace_once(line_of_data(2), "\"seq_len\"", std::string(300000, ' ') + "\"seq_len\"") +
                 "\n" + line_of_data(4) + "\n");
        return all;
    }();
    return fixtures;
}

/// Commands that should succeed with any data file in place of '@', and what they are called.
struct Reader {
    std::string name;
    std::string command;
};

const std::vector<Reader> kReaders{
    {"train", "irene-train @ out"},
    {"predict", "irene-predict @ out.jsonl {model}"},
    {"evaluate_gold", "irene-evaluate @ {predictions.jsonl}"},
    {"evaluate_predictions", "irene-evaluate {data.jsonl} @"},
    {"crossvalidate", "irene-crossvalidate @ out"},
};

std::string fill(const std::string& command, const std::string& path) {
    return replace_once(command, "@", path);
}

std::vector<Case> bad_data_cases() {
    std::vector<Case> cases;
    const auto add = [&cases](const Reader& reader, const std::string& what, const std::string& path,
                              int code, const Texts& errors, const std::string& input = {}) {
        cases.push_back({.name = reader.name + "_" + what,
                         .command = fill(reader.command, path),
                         .exit_code = code,
                         .input = input,
                         .errors = errors});
    };
    const auto in_braces = [](const std::string& name) { return "{" + name + "}"; };
    for (const Reader& reader : kReaders) {
        for (const BadInput& bad : bad_inputs()) {
            const std::string file = "bad_" + bad.name + ".jsonl";
            Texts errors{file};
            errors.insert(errors.end(), bad.says.begin(), bad.says.end());
            add(reader, bad.name, in_braces(file), 65, errors);
        }
        if (reader.name != "predict") {  // which passes nothing as nothing
            add(reader, "empty_file", "{empty.jsonl}", 65, {"empty.jsonl", "holds no tree"});
            add(reader, "blank_file", "{blank.jsonl}", 65, {"blank.jsonl", "holds no tree"});
            add(reader, "empty_standard_input", "-", 65, {"standard input", "holds no tree"});
        }
        add(reader, "absent_file", "absent.jsonl", 66, {"absent.jsonl", "cannot be read", "No such file"});
        add(reader, "absent_directory", "nowhere/data.jsonl", 66, {"nowhere/data.jsonl", "cannot be read"});
        add(reader, "below_a_file", "{file.txt}/data.jsonl", 66, {"file.txt/data.jsonl", "cannot be read"});
        add(reader, "directory", "{occupied}", 66, {"occupied", "cannot be read", "directory"});
        add(reader, "empty_path", "''", 66, {"an input has an empty name"});
        add(reader, "bad_standard_input", "-", 65,
            {"standard input:2", "'root.block.norm'", "field 'flops'", "finite"}, with_raw("flops", "\"1\""));
        if (reader.name != "predict") {
            add(reader, "id_in_two_lines", "{id_twice.jsonl}", 65,
                {"id_twice.jsonl:2", "'root.block.norm'", "field 'id'", "'alpha-2-16-0'", "line 1"});
        }
    }
    return cases;
}

/// --max_line_bytes, for the tools that read trees.
std::vector<Case> long_line_cases() {
    const std::vector<std::pair<std::string, std::string>> tools{
        {"train", "irene-train {long_line.jsonl} out"},
        {"predict", "irene-predict --skip_bad_lines {long_line.jsonl} out.jsonl {model}"},
        {"evaluate_gold", "irene-evaluate {long_line.jsonl} {data.jsonl}"},
        {"evaluate_predictions", "irene-evaluate {data.jsonl} {long_line.jsonl}"},
        {"crossvalidate", "irene-crossvalidate {long_line.jsonl} out"},
        {"summarize", "irene-summarize --measured {long_line.jsonl}"}};
    std::vector<Case> cases;
    for (const auto& [name, command] : tools) {
        cases.push_back({.name = name + "_long_line",
                         .command = command + " --max_line_bytes 262144",
                         .exit_code = 65,
                         .errors = {"long_line.jsonl:2", "longer than the 262144 bytes"}});
        cases.push_back({.name = name + "_limit_too_small",
                         .command = command + " --max_line_bytes 262143",
                         .exit_code = 64,
                         .errors = {"--max_line_bytes", "from 262144 to 2147483647"}});
    }
    cases.push_back({.name = "predict_line_within_the_limit",
                     .command = "irene-predict --max_line_bytes 400000 {long_line.jsonl} out.jsonl {model}",
                     .creates = {"out.jsonl"}});
    return cases;
}

INSTANTIATE_TEST_SUITE_P(BadData, Table,
                         testing::ValuesIn(with_fixtures(bad_data_fixtures, bad_data_cases())), name_of_case);
INSTANTIATE_TEST_SUITE_P(LongLines, Table,
                         testing::ValuesIn(with_fixtures(bad_data_fixtures, long_line_cases())),
                         name_of_case);

}  // namespace

}  // namespace irene::tests
