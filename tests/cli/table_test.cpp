// What each tool does for each command line: one table of cases. A case runs in a fresh directory that holds
// the fixtures its command names and nothing else, so that everything a tool leaves behind is seen.
#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <ostream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "process.hpp"
#include "small_data.hpp"
#include "snapshot.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {

namespace {

using Texts = std::vector<std::string>;

constexpr int kAnyNumber = -1;

struct Case {
    std::string name;
    std::string command;  ///< as typed; see split_arguments()
    int exit_code = 0;
    std::string input = {};      ///< bytes on standard input
    std::string output_to = {};  ///< a device that is standard output
    Texts output = {};  ///< each is part of standard output; it must be empty where the exit code is not 0
    std::string exact_output = {};  ///< where not empty, standard output is exactly this
    Texts errors = {};              ///< each is part of standard error
    Texts no_errors = {};           ///< none of these is
    int lines = 0;                  ///< on standard error where the exit code is 0; an error is always one
    int lines_before_error = 0;     ///< on standard error
    Texts creates = {};             ///< files that are new or changed afterwards; no others may be
    std::vector<std::pair<std::string, Texts>> files = {};  ///< parts of files afterwards
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.command; }

// ---- fixtures ----

enum class Kind { file, directory, link };

struct Fixture {
    Kind kind = Kind::file;
    std::string content = {};  ///< of a file, or what a link points to
};

/// Fixtures by path. All whose first component a command mentions are made for it.
using Fixtures = std::map<std::string, Fixture>;

/// The data with line 2 changed.
std::string with_line_2(const std::function<void(Json&)>& change) {
    std::vector<Json> trees = make_trees();
    change(trees[1]);
    return to_jsonl(trees);
}

/// The data with every tree changed.
std::string with_all(const std::function<void(Json&)>& change) {
    std::vector<Json> trees = make_trees();
    for (Json& tree : trees) change(tree);
    return to_jsonl(trees);
}

/// The data with `raw` as the value of a key of root.block.norm in line 2, JSON or not.
std::string with_raw(const std::string& key, const std::string& raw) {
    std::string text = with_line_2([&](Json& tree) { norm_of(tree)[key] = "@"; });
    return text.replace(text.find("\"@\""), 3, raw);
}

std::string replace_once(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

/// Line `number` (from 1) of the data.
std::string line_of_data(std::size_t number) { return make_trees()[number - 1].dump(); }

/// Predictions that are 10 % off for ML operations, 20 % for modules and right for models.
std::string make_predictions() {
    return with_all([](Json& tree) {
        for_each_node(root_of(tree), [](Json& node) {
            const double factor = node["type"] == "module" ? 1.2 : node["type"] == "model" ? 1.0 : 0.9;
            node["predicted_energy"] = factor * node["ground_truth_energy"].get<double>();
        });
    });
}

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

/// config.json and model.json of a model trained on the data, by running irene-train once.
std::pair<std::string, std::string> trained_model() {
    static const auto model = [] {
        const TemporaryDirectory directory;
        write_file(directory / "data.jsonl", to_jsonl(make_trees()));
        const Result result =
            run({.arguments = {"irene-train", "data.jsonl", "model"}, .directory = directory.path()});
        EXPECT_EQ(result.exit_code, 0) << result.errors;
        return std::pair(read_file(directory / "model/config.json"),
                         read_file(directory / "model/model.json"));
    }();
    return model;
}

void add_model(Fixtures& all, const std::string& name,
               const std::function<void(Json& model, Json& config)>& change) {
    const auto [config_text, model_text] = trained_model();
    Json config = Json::parse(config_text);
    Json model = Json::parse(model_text);
    change(model, config);
    all[name + "/config.json"].content = config.dump();
    all[name + "/model.json"].content = model.dump();
}

void add_models(Fixtures& all) {
    const auto [config, model] = trained_model();
    all["model/config.json"].content = config;
    all["model/model.json"].content = model;
    all["model_empty"].kind = Kind::directory;
    all["model_without_config/model.json"].content = model;
    all["model_without_model/config.json"].content = config;
    all["model_malformed/config.json"].content = config;
    all["model_malformed/model.json"].content = "{\"format\": }";
    all["model_truncated/config.json"].content = config;
    all["model_truncated/model.json"].content = model.substr(0, model.size() / 2);
    all["model_blank/config.json"].content = config;
    all["model_blank/model.json"].content = "";
    add_model(all, "model_of_version_2", [](Json& m, Json&) { m["version"] = {2, 0}; });
    add_model(all, "model_of_version_0", [](Json& m, Json&) { m["version"] = {0, 9}; });
    add_model(all, "model_of_version_1_7", [](Json& m, Json&) { m["version"] = {1, 7}; });
    add_model(all, "model_without_version", [](Json& m, Json&) { m.erase("version"); });
    add_model(all, "model_of_other_format", [](Json& m, Json&) { m["format"] = "pickle"; });
    add_model(all, "model_short_weights", [](Json& m, Json&) { m["tree"]["weights"].erase(0); });
    add_model(all, "model_long_mean", [](Json& m, Json&) { m["tree"]["mean"].push_back(1.0); });
    add_model(all, "model_short_coefficients",
              [](Json& m, Json&) { m["leaves"][0]["coefficients"].erase(0); });
    add_model(all, "model_zero_scale", [](Json& m, Json&) { m["leaves"][0]["scale"][0] = 0; });
    add_model(all, "model_text_bias", [](Json& m, Json&) { m["tree"]["bias"] = "1"; });
    add_model(all, "model_huge_weight", [](Json& m, Json&) { m["tree"]["weights"][0] = 1e300; });
    add_model(all, "model_other_features", [](Json&, Json& c) { c["feature_sets"] = {"model_specs"}; });
    add_model(all, "model_other_config", [](Json&, Json& c) { c["polynomial_features"] = false; });
    add_model(all, "model_bad_config", [](Json&, Json& c) { c["tanh_scaler"] = 3; });
}

const Fixtures& fixtures() {
    static const Fixtures fixtures = [] {
        Fixtures all;
        const auto file = [&all](const std::string& name, const std::string& content) {
            all[name].content = content;
        };
        file("data.jsonl", to_jsonl(make_trees()));
        file("-", to_jsonl(make_trees()));
        file("old.jsonl", "what was here before\n");
        file("file.txt", "a file\n");
        file("empty.jsonl", "");
        file("blank.jsonl", "\n  \t\r\n\n");
        file("byte_order_mark.jsonl", "\xEF\xBB\xBF" + to_jsonl(make_trees()));
        file("alpha.jsonl", line_of_data(1) + "\n" + line_of_data(2) + "\n");
        file("id_twice.jsonl", with_line_2([](Json& tree) { norm_of(tree)["id"] = "alpha-2-16-0"; }));
        file("no_gpu_clk.jsonl", with_line_2([](Json& tree) { norm_of(tree).erase("gpu_clk"); }));
        file("no_cpu_inside.jsonl", with_line_2([](Json& tree) { block_of(tree).erase("cpu"); }));
        // Longer than the least limit: white space between two keys is part of the line.
        file("long_line.jsonl",
             line_of_data(1) + "\n" +
                 replace_once(line_of_data(2), "\"seq_len\"", std::string(300000, ' ') + "\"seq_len\"") +
                 "\n" + line_of_data(4) + "\n");
        file("no_energy.jsonl", with_line_2([](Json& tree) { block_of(tree).erase("ground_truth_energy"); }));
        file("zero_energy.jsonl",
             with_line_2([](Json& tree) { norm_of(tree)["ground_truth_energy"] = 0.0; }));
        file("no_energies.jsonl", with_all([](Json& tree) {
                 for_each_node(root_of(tree), [](Json& node) { node.erase("ground_truth_energy"); });
             }));
        file("new_operation.jsonl",
             with_line_2([](Json& tree) { norm_of(tree)["instance_type"] = "Conv1D"; }));
        file("slash.jsonl", with_all([](Json& tree) {
                 if (tree["model_name"] == "beta") tree["model_name"] = "org/../beta";
             }));
        file("overall.jsonl", with_all([](Json& tree) { tree["batch_size"] = tree["seq_len"]; }));
        file("two_bad_lines.jsonl",
             line_of_data(1) + "\n{\"model_name\": 1}\n" + line_of_data(3) + "\noops\n" + line_of_data(4));
        file("only_bad_lines.jsonl", "{}\n[]\n");
        const std::string predictions = make_predictions();
        file("predictions.jsonl", predictions);
        {
            std::string many, line = predictions.substr(0, predictions.find('\n') + 1);
            for (int i = 0; i < 2001; ++i) many += line;
            file("many_runs.jsonl", many);
            std::string runs;
            for (std::size_t i = 0; i < make_trees().size(); ++i) {
                Json tree = make_trees()[i];
                for_each_node(root_of(tree), [&](Json& node) {
                    const bool is_first_block = i == 0 && node["type"] == "module";
                    node["predicted_energy"] = is_first_block ? Json(0.001) : node["ground_truth_energy"];
                });
                runs += tree.dump() + "\n";
            }
            file("too_little.jsonl", runs);
        }
        {
            // Lines in another order: nodes are joined by id.
            std::istringstream in(predictions);
            std::string reversed, line;
            while (std::getline(in, line)) reversed = line + "\n" + reversed;
            file("reversed.jsonl", reversed);
            file("few_predictions.jsonl", predictions.substr(0, predictions.find('\n') + 1));
        }
        {
            std::vector<Json> trees;
            std::istringstream in(predictions);
            for (std::string line; std::getline(in, line);) trees.push_back(Json::parse(line));
            for (Json& tree : trees) norm_of(tree).erase("predicted_energy");
            file("gaps.jsonl", to_jsonl(trees));
            for (Json& tree : trees) norm_of(tree)["predicted_energy"] = 0.0;
            file("zeros.jsonl", to_jsonl(trees));
        }
        for (const BadInput& bad : bad_inputs()) file("bad_" + bad.name + ".jsonl", bad.content);
        all["occupied"].kind = Kind::directory;
        file("blocked/crossvalidation", "a file where a directory belongs\n");
        all["half/model.json"].kind = Kind::directory;
        all["full_model/model.json"] = {Kind::link, "/dev/full"};
        all["full/config.json"] = {Kind::link, "/dev/full"};
        all["full_report/crossvalidation/report.csv"] = {Kind::link, "/dev/full"};

        file("specs.json", R"({"feature_sets": ["model_specs"]})");
        file("empty_config.json", "{}");
        file("unstructured.json", R"({"training_strategy": "unstructured"})");
        file("none.json", R"({"training_strategy": "none"})");
        file("none_free.json", R"({"training_strategy": "none", "weighting_setting": "free"})");
        file("exact_one.json", R"({"weighting_setting": "exact_one"})");
        file("stepwise.json", R"({"training_strategy": "stepwise", "num_epochs": 2, "learning_rate": 0.01})");
        file("contradiction.json",
             R"({"training_strategy": "unstructured", "weighting_setting": "close_to_one"})");
        file("unknown_key.json", R"({"tanh_scaler": 5})");
        file("wrong_type.json", R"({"polynomial_features": 1})");
        file("wrong_number.json", R"({"num_epochs": 2.5})");
        file("negative_tanh.json", R"({"tanh_scalar": -1})");
        file("zero_rate.json", R"({"learning_rate": 0})");
        file("overflow.json", R"({"tanh_scalar": 1e400})");
        file("many_epochs.json", R"({"num_epochs": 1000000})");
        file("no_sets.json", R"({"feature_sets": []})");
        file("unknown_set.json", R"({"feature_sets": ["model_spec"]})");
        file("set_twice.json", R"({"feature_sets": ["model_specs", "model_specs"]})");
        file("unknown_strategy.json", R"({"training_strategy": "end-to-end"})");
        file("unknown_weighting.json", R"({"weighting_setting": "close"})");
        file("key_twice.json", R"({"tanh_scalar": 1, "tanh_scalar": 2})");
        file("malformed.json", R"({"tanh_scalar": 10,})");
        file("trailing.json", "{} {}");
        file("list.json", "[]");
        file("empty.json", "");

        file("groups.json", R"({"one": ["alpha", "unused"], "two": ["beta"]})");
        file("groups_missing.json", R"({"one": ["alpha"], "two": ["gamma"]})");
        file("groups_single.json", R"({"one": ["alpha", "beta"]})");
        file("groups_twice.json", R"({"one": ["alpha"], "two": ["alpha", "beta"]})");
        file("groups_empty.json", R"({"one": [], "two": ["beta"]})");
        file("groups_number.json", R"({"one": [1], "two": ["beta"]})");
        file("groups_list.json", R"(["alpha", "beta"])");
        file("groups_malformed.json", R"({"one": ["alpha")");
        file("groups_slash.json", R"({"../one": ["alpha"], "..": ["beta"]})");

        // Configs of transformers.
        file("tiny.json",
             R"({"model_type": "bert", "vocab_size": 50, "hidden_size": 8, "num_hidden_layers": 2, )"
             R"("num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 64})");
        const std::string gpt2 =
            R"({"model_type": "gpt2", "vocab_size": 500, "n_positions": 64, "n_embd": 24, "n_layer": 1, )"
            R"("n_head": 2)";
        file("named.json", gpt2 + R"(, "_name_or_path": "org/named"})");
        file("folder/config.json", gpt2 + "}");
        file("no_type.json", R"({"hidden_size": 8})");
        file("unknown_type.json", R"({"model_type": "t5"})");
        file("bad_heads.json", R"({"model_type": "bert", "num_attention_heads": 5})");
        file("negative_size.json", R"({"model_type": "bert", "hidden_size": -8})");
        file("absurd_size.json", R"({"model_type": "bert", "vocab_size": 1000000000000})");
        file("overflowing.json",
             R"({"model_type": "llama", "vocab_size": 50, "hidden_size": 67108864, "num_hidden_layers": 1, )"
             R"("intermediate_size": 8, "num_attention_heads": 2})");
        add_models(all);
        return all;
    }();
    return fixtures;
}

std::string first_component(const std::string& path) {
    const std::string inside = path.substr(path.starts_with("./") ? 2 : 0);
    return inside.substr(0, inside.find('/'));
}

/// Makes the fixtures that a command mentions.
void make_fixtures(const std::filesystem::path& directory, const std::vector<std::string>& arguments) {
    std::set<std::string> mentioned;
    for (const std::string& argument : arguments) {
        if (argument == "-") continue;  // standard input; the file is './-'
        mentioned.insert(first_component(argument));
        if (argument.starts_with("--"))
            mentioned.insert(first_component(argument.substr(argument.find('=') + 1)));
    }
    for (const auto& [path, fixture] : fixtures()) {
        if (!mentioned.contains(first_component(path))) continue;
        const std::filesystem::path whole = directory / path;
        std::filesystem::create_directories(whole.parent_path());
        switch (fixture.kind) {
            case Kind::file:
                write_file(whole, fixture.content);
                break;
            case Kind::directory:
                std::filesystem::create_directories(whole);
                break;
            case Kind::link:
                std::filesystem::create_symlink(fixture.content, whole);
                break;
        }
    }
}

// ---- the table ----

Texts fold(const std::string& outdir, const Texts& names) {
    Texts files{outdir + "/crossvalidation/report.csv"};
    for (const std::string& name : names) {
        for (const char* file :
             {"config.json", "model.json", "predictions.jsonl", "percentage_errors.json"}) {
            files.push_back(outdir + "/crossvalidation/leave_" + name + "/" + file);
        }
    }
    return files;
}

const Texts kModelFiles{"out/config.json", "out/model.json"};
const Texts kFoldFiles = fold("out", {"alpha", "beta"});

/// Commands that should succeed with any data file in place of '@', and what they are called.
struct Reader {
    std::string name;
    std::string tool;
    std::string command;
};

const std::vector<Reader> kReaders{
    {"train", "irene-train", "irene-train @ out"},
    {"predict", "irene-predict", "irene-predict @ out.jsonl model"},
    {"evaluate_gold", "irene-evaluate", "irene-evaluate @ predictions.jsonl"},
    {"evaluate_predictions", "irene-evaluate", "irene-evaluate data.jsonl @"},
    {"crossvalidate", "irene-crossvalidate", "irene-crossvalidate @ out"},
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
    for (const Reader& reader : kReaders) {
        for (const BadInput& bad : bad_inputs()) {
            const std::string file = "bad_" + bad.name + ".jsonl";
            Texts errors{file};
            errors.insert(errors.end(), bad.says.begin(), bad.says.end());
            add(reader, bad.name, file, 65, errors);
        }
        if (reader.name != "predict") {  // which passes nothing as nothing
            add(reader, "empty_file", "empty.jsonl", 65, {"empty.jsonl", "holds no tree"});
            add(reader, "blank_file", "blank.jsonl", 65, {"blank.jsonl", "holds no tree"});
            add(reader, "empty_standard_input", "-", 65, {"standard input", "holds no tree"});
        }
        add(reader, "absent_file", "absent.jsonl", 66, {"absent.jsonl", "cannot be read", "No such file"});
        add(reader, "absent_directory", "nowhere/data.jsonl", 66, {"nowhere/data.jsonl", "cannot be read"});
        add(reader, "below_a_file", "file.txt/data.jsonl", 66, {"file.txt/data.jsonl", "cannot be read"});
        add(reader, "directory", "occupied", 66, {"occupied", "cannot be read", "directory"});
        add(reader, "empty_path", "''", 66, {"an input has an empty name"});
        add(reader, "bad_standard_input", "-", 65,
            {"standard input:2", "'root.block.norm'", "field 'flops'", "finite"}, with_raw("flops", "\"1\""));
        if (reader.name != "predict") {
            add(reader, "id_in_two_lines", "id_twice.jsonl", 65,
                {"id_twice.jsonl:2", "'root.block.norm'", "field 'id'", "'alpha-2-16-0'", "line 1"});
        }
    }
    return cases;
}

/// --max_line_bytes, for the tools that read trees.
std::vector<Case> long_line_cases() {
    const std::vector<std::pair<std::string, std::string>> tools{
        {"train", "irene-train long_line.jsonl out"},
        {"predict", "irene-predict --skip_bad_lines long_line.jsonl out.jsonl model"},
        {"evaluate_gold", "irene-evaluate long_line.jsonl data.jsonl"},
        {"evaluate_predictions", "irene-evaluate data.jsonl long_line.jsonl"},
        {"crossvalidate", "irene-crossvalidate long_line.jsonl out"},
        {"summarize", "irene-summarize --measured long_line.jsonl"}};
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
                     .command = "irene-predict --max_line_bytes 400000 long_line.jsonl out.jsonl model",
                     .creates = {"out.jsonl"}});
    return cases;
}

std::vector<Case> common_cases() {
    struct Tool {
        std::string name;
        std::string positionals;  ///< that succeed
        Texts options;
        Texts names_of_positionals;
        bool needs_all = true;  ///< positionals; such tools have --threads
    };
    const std::vector<Tool> tools{
        {"train",
         "data.jsonl out",
         {"--config", "--config_filepath", "--seed", "--threads"},
         {"data", "outdir"}},
        {"predict",
         "data.jsonl out.jsonl model",
         {"--skip_bad_lines", "--threads"},
         {"data", "predictions", "model"}},
        {"evaluate",
         "data.jsonl predictions.jsonl",
         {"--node_types", "--strict", "--json", "--threads"},
         {"gold", "predictions"}},
        {"crossvalidate",
         "data.jsonl out",
         {"--config", "--config_filepath", "--group_by", "--json", "--seed", "--threads"},
         {"data", "outdir"}},
        {"extract",
         "tiny.json",
         {"--batch_size", "--seq_len", "--output", "--model_name", "--list", "--params", "--format",
          "--json"},
         {"configs"},
         false},
        {"summarize",
         "predictions.jsonl",
         {"--by", "--top", "--unit", "--measured", "--each_layer", "--format", "--json"},
         {"predictions"},
         false},
    };
    std::vector<Case> cases;
    for (const Tool& tool : tools) {
        const std::string command = "irene-" + tool.name;
        const std::string good = command + " " + tool.positionals;
        const std::string first = tool.positionals.substr(0, tool.positionals.find(' '));
        Texts help{"Usage: " + command,
                   "Examples:",
                   "\n  " + command + " ",
                   "--help",
                   "--version",
                   "-q",
                   "--quiet",
                   "-v",
                   "--verbose"};
        help.insert(help.end(), tool.options.begin(), tool.options.end());
        help.insert(help.end(), tool.names_of_positionals.begin(), tool.names_of_positionals.end());
        const auto add = [&](const std::string& what, Case c) {
            c.name = tool.name + "_" + what;
            cases.push_back(std::move(c));
        };
        add("help", {.name = {}, .command = command + " --help", .output = help});
        add("h", {.name = {}, .command = command + " -h", .output = help});
        add("help_wins", {.name = {}, .command = good + " --help", .output = help});
        add("help_to_a_full_device", {.name = {},
                                      .command = command + " --help",
                                      .exit_code = 74,
                                      .output_to = "/dev/full",
                                      .errors = {"standard output"}});
        add("version", {.name = {},
                        .command = command + " --version",
                        .output = {command + " 0.", "\nkernels: baseline"}});
        add("unknown_option", {.name = {},
                               .command = good + " --nonsense",
                               .exit_code = 64,
                               .errors = {"--nonsense", "not expected"}});
        add("unknown_letter",
            {.name = {}, .command = good + " -x", .exit_code = 64, .errors = {"-x", "not expected"}});
        if (!tool.needs_all) continue;
        add("no_arguments", {.name = {},
                             .command = command,
                             .exit_code = 64,
                             .errors = {tool.names_of_positionals[0], "required", "--help"}});
        add("too_few_arguments", {.name = {},
                                  .command = command + " " + first,
                                  .exit_code = 64,
                                  .errors = {tool.names_of_positionals[1], "required"}});
        add("too_many_arguments", {.name = {},
                                   .command = good + " surplus",
                                   .exit_code = 64,
                                   .errors = {"surplus", "not expected"}});
        add("shortened_option",
            {.name = {}, .command = good + " --thread 2", .exit_code = 64, .errors = {"--thread"}});
        add("option_without_value",
            {.name = {}, .command = good + " --threads", .exit_code = 64, .errors = {"--threads"}});
        add("threads_twice", {.name = {},
                              .command = good + " --threads 1 --threads 1",
                              .exit_code = 64,
                              .errors = {"--threads"}});
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
            // 1024 if it were read as octal.
            {"02000", "2000_with_a_zero"}};
        for (const auto& [value, name] : refused) {
            const bool dashed = value[0] == '-';
            add("threads_" + name, {.name = {},
                                    .command = good + (dashed ? " --threads=" : " --threads ") + value,
                                    .exit_code = 64,
                                    .errors = {"--threads", "expected a whole number from 1 to 1024",
                                               split_arguments(value)[0]}});
        }
    }
    return cases;
}

/// Seeds and configs, for the two tools that train.
std::vector<Case> training_cases() {
    struct Tool {
        std::string name;
        Texts creates;
        std::string folder;
        int lines;
    };
    const std::vector<Tool> tools{{"train", kModelFiles, "out", 1},
                                  {"crossvalidate", kFoldFiles, "out/crossvalidation/leave_alpha", 0}};
    std::vector<Case> cases;
    for (const Tool& tool : tools) {
        const std::string good = "irene-" + tool.name + " data.jsonl out ";
        const std::string config = tool.folder + "/config.json";
        const std::string model = tool.folder + "/model.json";
        const auto accept = [&](const std::string& what, const std::string& options, const std::string& file,
                                const Texts& parts, int lines = 0, const Texts& errors = {},
                                const std::string& input = {}) {
            cases.push_back({.name = tool.name + "_" + what,
                             .command = good + options,
                             .input = input,
                             .errors = errors,
                             .lines = tool.lines + lines,
                             .creates = tool.creates,
                             .files = {{file, parts}}});
        };
        const auto refuse = [&](const std::string& what, const std::string& options, int code,
                                const Texts& errors, const std::string& input = {}) {
            cases.push_back({.name = tool.name + "_" + what,
                             .command = good + options,
                             .exit_code = code,
                             .input = input,
                             .errors = errors});
        };
        accept("default_seed", "", model, {"\"seed\": 13370"});
        accept("seed_of_0", "--seed 0", model, {"\"seed\": 0,"});
        accept("largest_seed", "--seed=4294967295", model, {"\"seed\": 4294967295"});
        accept("seed_is_decimal", "--seed 010", model, {"\"seed\": 10,"});
        accept("threads_are_decimal", "--threads 08", model, {"\"seed\": 13370"});
        for (const char* value : {"4294967296", "-1", "nan", "1.5", "0x10", "''", "seed"}) {
            refuse("seed_refused_" + std::to_string(cases.size()),
                   std::string(value[0] == '-' ? "--seed=" : "--seed ") + value, 64,
                   {"--seed", "expected a whole number from 0 to 4294967295"});
        }
        refuse("seed_twice", "--seed 1 --seed 1", 64, {"--seed"});

        accept("config", "--config specs.json", config, {"[\n    \"model_specs\"\n  ]"});
        accept("config_filepath", "--config_filepath specs.json", config, {"[\n    \"model_specs\"\n  ]"});
        accept("config_by_equals_sign", "--config=specs.json", config, {"[\n    \"model_specs\"\n  ]"});
        accept("config_from_standard_input", "--config -", config, {"\"tanh_scalar\": 3.5"}, 0, {},
               R"({"tanh_scalar": 3.5})");
        accept("config_without_keys", "--config empty_config.json", config,
               {"\"model_specs\"", "\"resource_utilization\"", "\"polynomial_features\": true",
                "\"training_strategy\": \"end2end\"", "\"standardize_features\": true",
                "\"tanh_scalar\": 10.0", "\"normalize_loss_scale\": true",
                "\"weighting_setting\": \"close_to_one\"", "\"num_epochs\": 8", "\"learning_rate\": 0.001"});
        accept("unstructured_is_free", "--config unstructured.json", config,
               {"\"weighting_setting\": \"free\""});
        accept("stepwise", "--config stepwise.json", config,
               {"\"stepwise\"", "\"num_epochs\": 2", "\"learning_rate\": 0.01"});
        accept("exact_one", "--config exact_one.json", model, {"\"weights\": []"});
        accept("none", "--config none.json", model, {"\"weights\": []"});
        accept("none_with_weighting_warns", "--config none_free.json", model, {"\"weights\": []"}, 1,
               {"none_free.json", "'none'", "'free'", "no effect"});
        cases.push_back({.name = tool.name + "_quiet_silences_warnings",
                         .command = good + "-q --config none_free.json",
                         .creates = tool.creates});
        cases.push_back({.name = tool.name + "_quiet", .command = good + "--quiet", .creates = tool.creates});
        cases.push_back({.name = tool.name + "_verbose",
                         .command = good + "-v",
                         .lines = kAnyNumber,
                         .creates = tool.creates});
        refuse("config_twice", "--config specs.json --config_filepath none.json", 64, {"--config"});
        refuse("config_is_empty", "--config ''", 66, {"empty name"});
        refuse("config_absent", "--config absent.json", 66, {"absent.json", "cannot be read"});
        refuse("config_is_a_directory", "--config occupied", 66, {"occupied", "cannot be read", "directory"});
        const std::vector<std::pair<std::string, Texts>> bad{
            {"unknown_key", {"'tanh_scaler'", "unknown key", "'tanh_scalar'"}},
            {"wrong_type", {"'polynomial_features'", "expected true or false", "found 1"}},
            {"wrong_number", {"'num_epochs'", "expected a whole number from 0 to 100000", "2.5"}},
            {"negative_tanh", {"'tanh_scalar'", "expected a number above 0"}},
            {"zero_rate", {"'learning_rate'", "expected a number above 0"}},
            {"overflow", {"out of range"}},
            {"many_epochs", {"'num_epochs'", "expected a whole number from 0 to 100000"}},
            {"no_sets", {"'feature_sets'", "at least one"}},
            {"unknown_set", {"'feature_sets'", "'model_specs', 'resource_utilization'", "'model_spec'"}},
            {"set_twice", {"'feature_sets'", "'model_specs'", "twice"}},
            {"unknown_strategy",
             {"'training_strategy'", "'end2end', 'stepwise', 'unstructured'", "'end-to-end'"}},
            {"unknown_weighting",
             {"'weighting_setting'", "'close_to_one', 'free' or 'exact_one'", "'close'"}},
            {"contradiction", {"'weighting_setting'", "'unstructured'", "'free'", "'close_to_one'"}},
            {"key_twice", {"'tanh_scalar'", "twice"}},
            {"malformed", {"malformed JSON"}},
            {"trailing", {"malformed JSON"}},
            {"list", {"expected an object"}},
            {"empty", {"malformed JSON"}},
        };
        for (const auto& [name, says] : bad) {
            Texts errors = says;
            errors.push_back(name + ".json");
            refuse("config_" + name, "--config " + name + ".json", 64, errors);
        }
        refuse("config_from_empty_standard_input", "--config -", 64, {"standard input", "malformed JSON"});

        const std::string tool_name = "irene-" + tool.name + " ";
        const auto refuse_data = [&](const std::string& what, const std::string& file, const Texts& errors) {
            cases.push_back({.name = tool.name + "_" + what,
                             .command = tool_name + file + " out",
                             .exit_code = 65,
                             .errors = errors});
        };
        refuse_data("feature_missing", "no_gpu_clk.jsonl",
                    {"no_gpu_clk.jsonl:2", "'root.block.norm'", "'gpu_clk'", "is missing"});
        refuse_data("feature_missing_inside", "no_cpu_inside.jsonl",
                    {"no_cpu_inside.jsonl:2", "'root.block'", "'cpu'", "is missing"});
        refuse_data("energy_missing", "no_energy.jsonl",
                    {"no_energy.jsonl:2", "'root.block'", "'ground_truth_energy'", "is missing"});
        refuse_data("energy_of_0", "zero_energy.jsonl",
                    {"zero_energy.jsonl:2", "'root.block.norm'", "'ground_truth_energy'", "above 0"});
        cases.push_back({.name = tool.name + "_feature_not_needed",
                         .command = tool_name + "no_gpu_clk.jsonl out --config specs.json",
                         .lines = tool.lines,
                         .creates = tool.creates});
        cases.push_back({.name = tool.name + "_byte_order_mark",
                         .command = tool_name + "byte_order_mark.jsonl out",
                         .lines = tool.lines,
                         .creates = tool.creates});
        cases.push_back({.name = tool.name + "_from_standard_input",
                         .command = tool_name + "- out",
                         .input = to_jsonl(make_trees()),
                         .lines = tool.lines,
                         .creates = tool.creates});
        cases.push_back({.name = tool.name + "_from_a_file_called_dash",
                         .command = tool_name + "./- out",
                         .lines = tool.lines,
                         .creates = tool.creates});
        cases.push_back({.name = tool.name + "_options_first",
                         .command = tool_name + "--threads 2 -- data.jsonl out",
                         .lines = tool.lines,
                         .creates = tool.creates});
        const auto cannot_create = [&](const std::string& what, const std::string& outdir,
                                       const Texts& errors) {
            cases.push_back({.name = tool.name + "_" + what,
                             .command = tool_name + "data.jsonl " + outdir,
                             .exit_code = 73,
                             .errors = errors});
        };
        cannot_create("outdir_is_a_file", "file.txt", {"file.txt"});
        cannot_create("outdir_below_a_file", "file.txt/out", {"file.txt/out"});
        cannot_create("outdir_is_a_device", "/dev/full", {"/dev/full"});
        cannot_create("outdir_is_empty", "''", {"a directory has an empty name"});
    }
    return cases;
}

std::vector<Case> train_cases() {
    return {
        {.name = "train",
         .command = "irene-train data.jsonl out",
         .errors = {"irene-train: info: trained on 6 trees with 30 nodes; the model is in out"},
         .lines = 1,
         .creates = kModelFiles,
         .files = {{"out/model.json",
                    {"\"irene-model\"", "\"linear\"", "\"layernorm\"", "\"num_trees\": 6",
                     "\"num_nodes\": 30"}}}},
        {.name = "train_makes_directories",
         .command = "irene-train data.jsonl a/b/out",
         .lines = 1,
         .creates = {"a/b/out/config.json", "a/b/out/model.json"}},
        {.name = "train_into_a_directory",
         .command = "irene-train data.jsonl occupied",
         .lines = 1,
         .creates = {"occupied/config.json", "occupied/model.json"}},
        {.name = "train_again",
         .command = "irene-train data.jsonl model --seed 5",
         .lines = 1,
         .creates = {"model/model.json", "model/config.json"},
         .files = {{"model/model.json", {"\"seed\": 5"}}}},
        {.name = "train_verbose_tells_epochs",
         .command = "irene-train data.jsonl out -v",
         .errors = {"epoch 1/8", "epoch 8/8", "mean node loss", "mean node error"},
         .lines = 9,
         .creates = kModelFiles},
        {.name = "train_on_one_model",
         .command = "irene-train alpha.jsonl out",
         .lines = 1,
         .creates = kModelFiles},
        {.name = "train_to_a_full_device",
         .command = "irene-train data.jsonl full",
         .exit_code = 74,
         .errors = {"full/config.json", "cannot be written"}},
        {.name = "train_model_json_is_a_directory",
         .command = "irene-train data.jsonl half",
         .exit_code = 73,
         .errors = {"half/model.json", "cannot be created"}},
        {.name = "train_model_json_is_a_full_device",
         .command = "irene-train data.jsonl full_model",
         .exit_code = 74,
         .errors = {"full_model/model.json", "cannot be written"}},
        {.name = "train_failing_keeps_the_old_model",
         .command = "irene-train no_gpu_clk.jsonl model",
         .exit_code = 65,
         .errors = {"gpu_clk"}},
    };
}

std::vector<Case> predict_cases() {
    const std::string data = to_jsonl(make_trees());
    std::vector<Case> cases{
        {.name = "predict",
         .command = "irene-predict data.jsonl out.jsonl model",
         .creates = {"out.jsonl"},
         .files = {{"out.jsonl", {"\"predicted_energy\": "}}}},
        {.name = "predict_over_a_file",
         .command = "irene-predict data.jsonl old.jsonl model",
         .creates = {"old.jsonl"},
         .files = {{"old.jsonl", {"\"predicted_energy\": "}}}},
        {.name = "predict_over_its_input",
         .command = "irene-predict data.jsonl data.jsonl model",
         .creates = {"data.jsonl"},
         .files = {{"data.jsonl", {"\"predicted_energy\": "}}}},
        {.name = "predict_to_standard_output",
         .command = "irene-predict data.jsonl - model",
         .output = {"{\"model_name\":\"alpha\"", "\"predicted_energy\": "}},
        {.name = "predict_from_standard_input",
         .command = "irene-predict - out.jsonl model",
         .input = data,
         .creates = {"out.jsonl"}},
        {.name = "predict_in_a_pipe",
         .command = "irene-predict - - model",
         .input = data,
         .output = {"{\"model_name\":\"alpha\"", "\"predicted_energy\": "}},
        {.name = "predict_file_called_dash",
         .command = "irene-predict data.jsonl ./- model",
         .creates = {"-"},
         .files = {{"-", {"\"predicted_energy\": "}}}},
        {.name = "predict_to_dev_null", .command = "irene-predict data.jsonl /dev/null model"},
        {.name = "predict_to_dev_stdout",
         .command = "irene-predict data.jsonl /dev/stdout model",
         .output = {"\"predicted_energy\": "}},
        {.name = "predict_without_energies",
         .command = "irene-predict no_energies.jsonl - model",
         .output = {"\"predicted_energy\": "}},
        {.name = "predict_byte_order_mark",
         .command = "irene-predict byte_order_mark.jsonl - model",
         .output = {"\xEF\xBB\xBF{\"model_name\"", "\"predicted_energy\": "}},
        {.name = "predict_verbose",
         .command = "irene-predict data.jsonl out.jsonl model -v",
         .errors = {"predicted 6 trees"},
         .lines = 1,
         .creates = {"out.jsonl"}},
        {.name = "predict_quiet",
         .command = "irene-predict data.jsonl out.jsonl model -q",
         .creates = {"out.jsonl"}},
        {.name = "predict_same_id_in_two_trees",
         .command = "irene-predict id_twice.jsonl out.jsonl model",
         .creates = {"out.jsonl"}},
        {.name = "predict_nothing",
         .command = "irene-predict empty.jsonl old.jsonl model",
         .errors = {"warning: 'empty.jsonl' holds no tree"},
         .lines = 1,
         .creates = {"old.jsonl"}},
        {.name = "predict_nothing_in_a_pipe",
         .command = "irene-predict - - model",
         .errors = {"warning: standard input holds no tree"},
         .lines = 1},
        {.name = "predict_nothing_quietly", .command = "irene-predict -q empty.jsonl - model"},
        {.name = "predict_blank_lines",
         .command = "irene-predict blank.jsonl - model",
         .exact_output = "\n  \t\r\n\n",
         .errors = {"warning: 'blank.jsonl' holds no tree"},
         .lines = 1},
        {.name = "predict_newer_minor_version",
         .command = "irene-predict data.jsonl out.jsonl model_of_version_1_7",
         .errors = {"warning: model_of_version_1_7/model.json: written by a newer version"},
         .lines = 1,
         .creates = {"out.jsonl"}},
        // Models that cannot be used.
        {.name = "predict_model_absent",
         .command = "irene-predict data.jsonl out.jsonl nowhere",
         .exit_code = 66,
         .errors = {"nowhere/config.json", "cannot be read"}},
        {.name = "predict_model_is_a_file",
         .command = "irene-predict data.jsonl out.jsonl file.txt",
         .exit_code = 66,
         .errors = {"file.txt", "is a file", "a model is a directory"}},
        {.name = "predict_model_empty",
         .command = "irene-predict data.jsonl out.jsonl model_empty",
         .exit_code = 66,
         .errors = {"model_empty/config.json", "cannot be read"}},
        {.name = "predict_model_without_config",
         .command = "irene-predict data.jsonl out.jsonl model_without_config",
         .exit_code = 66,
         .errors = {"model_without_config/config.json"}},
        {.name = "predict_model_without_model",
         .command = "irene-predict data.jsonl out.jsonl model_without_model",
         .exit_code = 66,
         .errors = {"model_without_model/model.json"}},
        // Data that do not fit the model.
        {.name = "predict_feature_missing",
         .command = "irene-predict no_gpu_clk.jsonl old.jsonl model",
         .exit_code = 65,
         .errors = {"no_gpu_clk.jsonl:2", "'root.block.norm'", "'gpu_clk'", "is missing"}},
        {.name = "predict_feature_missing_inside",
         .command = "irene-predict no_cpu_inside.jsonl out.jsonl model",
         .exit_code = 65,
         .errors = {"no_cpu_inside.jsonl:2", "'root.block'", "'cpu'", "is missing"}},
        {.name = "predict_unseen_operation",
         .command = "irene-predict new_operation.jsonl out.jsonl model",
         .exit_code = 65,
         .errors = {"new_operation.jsonl:2", "'root.block.norm'", "'Conv1D'", "not seen in training",
                    "'layernorm', 'linear'"}},
        {.name = "predict_unseen_operation_to_standard_output",
         .command = "irene-predict new_operation.jsonl - model",
         .exit_code = 65,
         .errors = {"'Conv1D'"}},
        // Outputs that cannot be written.
        {.name = "predict_into_absent_directory",
         .command = "irene-predict data.jsonl nowhere/out.jsonl model",
         .exit_code = 73,
         .errors = {"nowhere/out.jsonl", "cannot be created", "No such file"}},
        {.name = "predict_onto_a_directory",
         .command = "irene-predict data.jsonl occupied model",
         .exit_code = 73,
         .errors = {"occupied", "cannot be created", "directory"}},
        {.name = "predict_below_a_file",
         .command = "irene-predict data.jsonl file.txt/out.jsonl model",
         .exit_code = 73,
         .errors = {"file.txt/out.jsonl", "cannot be created"}},
        {.name = "predict_to_an_empty_path",
         .command = "irene-predict data.jsonl '' model",
         .exit_code = 73,
         .errors = {"an output has an empty name"}},
        {.name = "predict_to_a_full_device",
         .command = "irene-predict data.jsonl /dev/full model",
         .exit_code = 74,
         .errors = {"/dev/full", "cannot be written", "No space"}},
        {.name = "predict_full_standard_output",
         .command = "irene-predict data.jsonl - model",
         .exit_code = 74,
         .output_to = "/dev/full",
         .errors = {"standard output", "cannot be written", "No space"}},
        {.name = "predict_absent_input_keeps_output",
         .command = "irene-predict absent.jsonl old.jsonl model",
         .exit_code = 66,
         .errors = {"absent.jsonl"}},
        {.name = "predict_bad_input_keeps_output",
         .command = "irene-predict bad_truncated.jsonl old.jsonl model",
         .exit_code = 65,
         .errors = {"bad_truncated.jsonl:2"}},
        // Bad lines left out.
        {.name = "predict_skip_bad_lines",
         .command = "irene-predict --skip_bad_lines two_bad_lines.jsonl out.jsonl model",
         .exit_code = 65,
         .errors = {"warning: skipped: two_bad_lines.jsonl:2: field 'model_name'",
                    "warning: skipped: two_bad_lines.jsonl:4", "error: 2 of 5 lines"},
         .lines_before_error = 2,
         .creates = {"out.jsonl"},
         .files = {{"out.jsonl",
                    {"\"alpha-2-16-0\"", "\"alpha-2-64-0\"", "\"beta-2-16-0\"", "\"predicted_energy\": "}}}},
        {.name = "predict_skip_bad_lines_quietly",
         .command = "irene-predict -q --skip_bad_lines two_bad_lines.jsonl out.jsonl model",
         .exit_code = 65,
         .errors = {"2 of 5 lines"},
         .creates = {"out.jsonl"}},
        {.name = "predict_skip_bad_lines_on_many_threads",
         .command = "irene-predict --threads 8 --skip_bad_lines two_bad_lines.jsonl out.jsonl model",
         .exit_code = 65,
         .errors = {"2 of 5 lines"},
         .lines_before_error = 2,
         .creates = {"out.jsonl"}},
        {.name = "predict_skip_unseen_operation",
         .command = "irene-predict --skip_bad_lines new_operation.jsonl out.jsonl model",
         .exit_code = 65,
         .errors = {"skipped: new_operation.jsonl:2", "'Conv1D'", "1 of 6 lines"},
         .lines_before_error = 1,
         .creates = {"out.jsonl"}},
        {.name = "predict_skip_nothing",
         .command = "irene-predict --skip_bad_lines data.jsonl out.jsonl model",
         .creates = {"out.jsonl"}},
        {.name = "predict_skip_everything",
         .command = "irene-predict --skip_bad_lines only_bad_lines.jsonl out.jsonl model",
         .exit_code = 65,
         .errors = {"skipped: only_bad_lines.jsonl:1", "skipped: only_bad_lines.jsonl:2", "holds no tree"},
         .lines_before_error = 2},
        {.name = "predict_without_skip_refuses",
         .command = "irene-predict two_bad_lines.jsonl out.jsonl model",
         .exit_code = 65,
         .errors = {"two_bad_lines.jsonl:2", "field 'model_name'"}},
    };
    const std::vector<std::pair<std::string, Texts>> models{
        {"of_version_2", {"model.json", "'version'", "1.x"}},
        {"of_version_0", {"model.json", "'version'", "1.x"}},
        {"without_version", {"model.json", "'version'", "is missing"}},
        {"of_other_format", {"model.json", "'format'", "irene-model"}},
        {"malformed", {"model.json", "malformed JSON"}},
        {"truncated", {"model.json", "malformed JSON"}},
        {"blank", {"model.json", "malformed JSON"}},
        {"short_weights", {"model.json", "'tree.weights'", "expected", "found"}},
        {"long_mean", {"model.json", "'tree.mean'", "expected 14 numbers", "found 15"}},
        {"short_coefficients", {"model.json", "'leaves[0].coefficients'", "expected 14 numbers", "found 13"}},
        {"zero_scale", {"model.json", "'leaves[0].scale'", "above 0"}},
        {"text_bias", {"model.json", "'tree.bias'", "expected a finite number"}},
        {"huge_weight", {"model.json", "'tree.weights'", "single precision"}},
        {"other_features", {"model.json", "'config'", "config.json"}},
        {"other_config", {"model.json", "'config'", "of different models"}},
        {"bad_config", {"config.json", "'tanh_scaler'", "'tanh_scalar'"}},
    };
    for (const auto& [name, says] : models) {
        Texts errors = says;
        errors[0] = "model_" + name + "/" + errors[0];
        cases.push_back({.name = "predict_model_" + name,
                         .command = "irene-predict data.jsonl out.jsonl model_" + name,
                         .exit_code = 65,
                         .errors = errors});
    }
    return cases;
}

std::vector<Case> evaluate_cases() {
    const std::string report =
        "Percentage Error Results:\n{\n    \"ml\": 10.0,\n    \"module\": 20.0,\n    \"model\": 0.0\n}\n";
    const std::string json = report.substr(report.find('\n') + 1);
    std::vector<Case> cases{
        {.name = "evaluate",
         .command = "irene-evaluate data.jsonl predictions.jsonl",
         .exact_output = report},
        {.name = "evaluate_json",
         .command = "irene-evaluate --json data.jsonl predictions.jsonl",
         .exact_output = json},
        {.name = "evaluate_joins_by_id",
         .command = "irene-evaluate data.jsonl reversed.jsonl",
         .exact_output = report},
        {.name = "evaluate_gold_from_standard_input",
         .command = "irene-evaluate - predictions.jsonl",
         .input = to_jsonl(make_trees()),
         .exact_output = report},
        {.name = "evaluate_predictions_from_standard_input",
         .command = "irene-evaluate data.jsonl -",
         .input = make_predictions(),
         .exact_output = report},
        {.name = "evaluate_both_from_standard_input",
         .command = "irene-evaluate - -",
         .exit_code = 64,
         .input = make_predictions(),
         .errors = {"standard input", "one"}},
        {.name = "evaluate_file_called_dash",
         .command = "irene-evaluate ./- predictions.jsonl",
         .exact_output = report},
        {.name = "evaluate_strict",
         .command = "irene-evaluate --strict data.jsonl predictions.jsonl",
         .exact_output = report},
        {.name = "evaluate_full_standard_output",
         .command = "irene-evaluate data.jsonl predictions.jsonl",
         .exit_code = 74,
         .output_to = "/dev/full",
         .errors = {"standard output", "cannot be written"}},
        {.name = "evaluate_ml",
         .command = "irene-evaluate --json --node_types ml data.jsonl predictions.jsonl",
         .exact_output = "{\n    \"ml\": 10.0\n}\n"},
        {.name = "evaluate_in_the_order_asked_for",
         .command = "irene-evaluate --json --node_types=model,ml data.jsonl predictions.jsonl",
         .exact_output = "{\n    \"model\": 0.0,\n    \"ml\": 10.0\n}\n"},
        {.name = "evaluate_all_types_backwards",
         .command = "irene-evaluate --json --node_types model,module,ml data.jsonl predictions.jsonl",
         .exact_output = "{\n    \"model\": 0.0,\n    \"module\": 20.0,\n    \"ml\": 10.0\n}\n"},
        {.name = "evaluate_node_types_twice",
         .command = "irene-evaluate --node_types ml --node_types ml data.jsonl predictions.jsonl",
         .exit_code = 64,
         .errors = {"--node_types"}},
        {.name = "evaluate_type_twice",
         .command = "irene-evaluate --node_types ml,module,ml data.jsonl predictions.jsonl",
         .exit_code = 64,
         .errors = {"--node_types", "'ml'", "twice"}},
        // Missing predictions: 20 % of an ML operation's 10 are 100 % off: a third of them, norm is one of
        // three.
        {.name = "evaluate_gaps",
         .command = "irene-evaluate --json data.jsonl gaps.jsonl",
         .exact_output = "{\n    \"ml\": 40.0,\n    \"module\": 20.0,\n    \"model\": 0.0\n}\n",
         .errors = {"6 nodes have no prediction", "0 J"},
         .lines = 1},
        {.name = "evaluate_gaps_quietly",
         .command = "irene-evaluate -q data.jsonl gaps.jsonl",
         .output = {"\"ml\": 40.0"}},
        {.name = "evaluate_gaps_strictly",
         .command = "irene-evaluate --strict data.jsonl gaps.jsonl",
         .exit_code = 65,
         .errors = {"data.jsonl:1", "'root.block.norm'", "no prediction", "gaps.jsonl"}},
        {.name = "evaluate_gaps_of_other_types",
         .command = "irene-evaluate --strict --json --node_types module data.jsonl gaps.jsonl",
         .exact_output = "{\n    \"module\": 20.0\n}\n"},
        {.name = "evaluate_0_is_a_prediction",
         .command = "irene-evaluate --strict data.jsonl zeros.jsonl",
         .output = {"\"ml\": 40.0"}},
        {.name = "evaluate_missing_trees",
         .command = "irene-evaluate data.jsonl few_predictions.jsonl",
         .output = {"\"ml\": 85.0", "\"module\": 86.67", "\"model\": 83.33"},
         .errors = {"25 nodes have no prediction"},
         .lines = 1},
        {.name = "evaluate_missing_trees_strictly",
         .command = "irene-evaluate --strict data.jsonl few_predictions.jsonl",
         .exit_code = 65,
         .errors = {"data.jsonl:2", "'root'", "no prediction"}},
        {.name = "evaluate_surplus_predictions",
         .command = "irene-evaluate few_predictions.jsonl predictions.jsonl",
         .exact_output = report,
         .errors = {"25 predicted nodes are not in the gold file"},
         .lines = 1},
        {.name = "evaluate_without_predictions",
         .command = "irene-evaluate data.jsonl data.jsonl",
         .exit_code = 65,
         .errors = {"data.jsonl: field 'predicted_energy'", "on no node",
                    "Are gold and predictions swapped?"}},
        {.name = "evaluate_measurement_missing",
         .command = "irene-evaluate no_energy.jsonl predictions.jsonl",
         .exact_output = report,
         .errors = {"1 nodes have no measured energy"},
         .lines = 1},
        {.name = "evaluate_measurement_of_0",
         .command = "irene-evaluate zero_energy.jsonl predictions.jsonl",
         .exact_output = report,
         .errors = {"1 nodes have no measured energy"},
         .lines = 1},
        {.name = "evaluate_no_measurements",
         .command = "irene-evaluate --json no_energies.jsonl predictions.jsonl",
         .exit_code = 65,
         .errors = {"no_energies.jsonl: field 'ground_truth_energy'", "nothing can be scored",
                    "are gold and predictions swapped?"}},
    };
    const std::vector<std::pair<std::string, std::string>> lists{
        {"''", "''"},  {"leaf", "'leaf'"},  {"ML", "'ML'"},     {"ml-np", "'ml-np'"},      {"ml,", "''"},
        {",ml", "''"}, {"ml,,model", "''"}, {"' ml'", "' ml'"}, {"ml;model", "'ml;model'"}};
    for (std::size_t i = 0; i < lists.size(); ++i) {
        cases.push_back(
            {.name = "evaluate_bad_node_types_" + std::to_string(i),
             .command = "irene-evaluate --node_types " + lists[i].first + " data.jsonl predictions.jsonl",
             .exit_code = 64,
             .errors = {"--node_types", "ml, module and model", "found " + lists[i].second}});
    }
    return cases;
}

std::vector<Case> crossvalidate_cases() {
    return {
        {.name = "crossvalidate",
         .command = "irene-crossvalidate data.jsonl out",
         .output = {"Percentage Error - Cross Validation Report\n",
                    "left-model-name  ml % error  module % error  model % error\n", "\n0            alpha  ",
                    "\n1             beta  ", "\n2          overall  "},
         .creates = kFoldFiles,
         .files = {{"out/crossvalidation/report.csv",
                    {"left_out,ml,module,model\nalpha,", "\nbeta,", "\noverall,"}},
                   {"out/crossvalidation/leave_alpha/predictions.jsonl", {"\"predicted_energy\": "}},
                   {"out/crossvalidation/leave_alpha/percentage_errors.json",
                    {"\"ml\": ", "\"module\": ", "\"model\": "}},
                   {"out/crossvalidation/leave_alpha/model.json",
                    {"\"num_trees\": 3", "\"num_nodes\": 15"}}}},
        {.name = "crossvalidate_json",
         .command = "irene-crossvalidate --json data.jsonl out",
         .output = {"\"leave_one_out\": {", "\"alpha\": {", "\"beta\": {", "\"overall\": {", "\"ml\": "},
         .creates = kFoldFiles},
        {.name = "crossvalidate_makes_directories",
         .command = "irene-crossvalidate data.jsonl a/b/out",
         .output = {"overall"},
         .creates = fold("a/b/out", {"alpha", "beta"})},
        {.name = "crossvalidate_one_model",
         .command = "irene-crossvalidate alpha.jsonl out",
         .exit_code = 65,
         .errors = {"alpha.jsonl", "at least two", "model_name 'alpha'"}},
        {.name = "crossvalidate_unseen_operation",
         .command = "irene-crossvalidate --threads 1 new_operation.jsonl out",
         .exit_code = 65,
         .errors = {"new_operation.jsonl:2", "'root.block.norm'", "'Conv1D'", "not seen in training",
                    "'layernorm', 'linear'"}},
        {.name = "crossvalidate_slash_in_name",
         .command = "irene-crossvalidate slash.jsonl out",
         .output = {"org/../beta"},
         .creates = fold("out", {"alpha", "org%2F..%2Fbeta"})},
        {.name = "crossvalidate_full_standard_output",
         .command = "irene-crossvalidate data.jsonl out",
         .exit_code = 74,
         .output_to = "/dev/full",
         .errors = {"standard output", "cannot be written"},
         .creates = kFoldFiles},
        {.name = "crossvalidate_place_taken_by_a_file",
         .command = "irene-crossvalidate data.jsonl blocked",
         .exit_code = 73,
         .errors = {"blocked/crossvalidation"}},
        {.name = "crossvalidate_full_report",
         .command = "irene-crossvalidate data.jsonl full_report",
         .exit_code = 74,
         .errors = {"full_report/crossvalidation/report.csv", "cannot be written"},
         .creates = fold("full_report", {"alpha", "beta"})},
        // Groups.
        {.name = "crossvalidate_by_model_name",
         .command = "irene-crossvalidate --group_by model_name data.jsonl out",
         .output = {"alpha", "beta"},
         .creates = kFoldFiles},
        {.name = "crossvalidate_by_batch_size",
         .command = "irene-crossvalidate --group_by batch_size data.jsonl out",
         .output = {"\n0                2  ", "\n1                4  "},
         .creates = fold("out", {"2", "4"})},
        {.name = "crossvalidate_by_seq_len",
         .command = "irene-crossvalidate --group_by seq_len data.jsonl out",
         .output = {"\n0               16  ", "\n1               32  ", "\n2               64  "},
         .creates = fold("out", {"16", "32", "64"})},
        {.name = "crossvalidate_by_groups",
         .command = "irene-crossvalidate --group_by groups.json data.jsonl out",
         .output = {"  one  ", "  two  "},
         .creates = fold("out", {"one", "two"})},
        {.name = "crossvalidate_by_groups_from_standard_input",
         .command = "irene-crossvalidate --group_by - data.jsonl out",
         .input = R"({"one": ["alpha"], "two": ["beta"]})",
         .output = {"  one  ", "  two  "},
         .creates = fold("out", {"one", "two"})},
        {.name = "crossvalidate_group_with_a_slash",
         .command = "irene-crossvalidate --group_by groups_slash.json data.jsonl out",
         .output = {"../one"},
         .creates = fold("out", {"..%2Fone", ".."})},
        {.name = "crossvalidate_group_by_twice",
         .command = "irene-crossvalidate --group_by seq_len --group_by seq_len data.jsonl out",
         .exit_code = 64,
         .errors = {"--group_by"}},
        {.name = "crossvalidate_groups_absent",
         .command = "irene-crossvalidate --group_by flops data.jsonl out",
         .exit_code = 66,
         .errors = {"flops", "cannot be read"}},
        {.name = "crossvalidate_groups_are_a_directory",
         .command = "irene-crossvalidate --group_by occupied data.jsonl out",
         .exit_code = 66,
         .errors = {"occupied", "cannot be read"}},
        {.name = "crossvalidate_model_in_no_group",
         .command = "irene-crossvalidate --group_by groups_missing.json data.jsonl out",
         .exit_code = 65,
         .errors = {"data.jsonl:4", "'model_name'", "'beta'", "none of the groups"}},
        {.name = "crossvalidate_single_group",
         .command = "irene-crossvalidate --group_by groups_single.json data.jsonl out",
         .exit_code = 65,
         .errors = {"data.jsonl", "at least two", "'one'"}},
        {.name = "crossvalidate_model_in_two_groups",
         .command = "irene-crossvalidate --group_by groups_twice.json data.jsonl out",
         .exit_code = 64,
         .errors = {"groups_twice.json", "'two'", "'alpha'", "twice"}},
        {.name = "crossvalidate_empty_group",
         .command = "irene-crossvalidate --group_by groups_empty.json data.jsonl out",
         .exit_code = 64,
         .errors = {"groups_empty.json", "'one'", "expected a list of model names"}},
        {.name = "crossvalidate_group_of_numbers",
         .command = "irene-crossvalidate --group_by groups_number.json data.jsonl out",
         .exit_code = 64,
         .errors = {"groups_number.json", "'one'", "expected model names", "found 1"}},
        {.name = "crossvalidate_groups_are_a_list",
         .command = "irene-crossvalidate --group_by groups_list.json data.jsonl out",
         .exit_code = 64,
         .errors = {"groups_list.json", "expected an object"}},
        {.name = "crossvalidate_groups_malformed",
         .command = "irene-crossvalidate --group_by groups_malformed.json data.jsonl out",
         .exit_code = 64,
         .errors = {"groups_malformed.json", "malformed JSON"}},
    };
}

std::vector<Case> extract_cases() {
    const std::string tiny = "irene-extract tiny.json ";
    const auto refuse = [](const std::string& what, const std::string& command, int code,
                           const Texts& errors) -> Case {
        return {.name = "extract_" + what, .command = command, .exit_code = code, .errors = errors};
    };
    std::vector<Case> cases{
        {.name = "extract_to_standard_output",
         .command = tiny + "--batch_size 2 --seq_len 16",
         .output = {"{\"model_name\": \"tiny\", \"batch_size\": 2, \"seq_len\": 16, ",
                    "\"id\": \"tiny/2/16/0\", \"scope\": \"root\"", "\"instance_type\": \"BertModel\""}},
        {.name = "extract_to_a_file",
         .command = tiny + "--batch_size 1,8:16:4 --seq_len 16:64:16,8 -o trees.jsonl",
         .creates = {"trees.jsonl"},
         .files = {{"trees.jsonl", {"\"tiny/1/16/0\"", "\"tiny/12/64/0\"", "\"tiny/16/8/0\""}}}},
        {.name = "extract_from_standard_input",
         .command = "irene-extract - --model_name x/y",
         .input = R"({"model_type": "gpt2", "n_layer": 1})",
         .output = {"\"model_name\": \"x/y\"", "\"batch_size\": 1, \"seq_len\": 128"},
         .errors = {"some sizes are missing", "n_embd 768"},
         .lines = 1},
        {.name = "extract_name_of_the_config",
         .command = "irene-extract named.json --seq_len 32",
         .output = {"\"model_name\": \"org/named\""}},
        {.name = "extract_name_of_the_folder",
         .command = "irene-extract folder/config.json --seq_len 32",
         .output = {"\"model_name\": \"folder\""}},
        {.name = "extract_two_configs",
         .command = "irene-extract tiny.json named.json --seq_len 32",
         .output = {"\"tiny/1/32/0\"", "\"org/named/1/32/0\""}},
        {.name = "extract_list",
         .command = "irene-extract --list",
         .exact_output = "model_type\nalbert\nbert\ncamembert\ndistilbert\nelectra\ngpt2\ngpt_neo\nllama\n"
                         "mistral\nopenai-gpt\nopt\nqwen2\nroberta\nxlm-roberta\n"},
        {.name = "extract_params",
         .command = tiny + "--params --seq_len 4",
         .output = {"scope", "parameters", "\nroot.encoder.*.attention.self.query", "\nroot.pooler.dense"}},
        {.name = "extract_params_csv",
         .command = tiny + "--params --seq_len 4 --format csv",
         .output = {"scope,nodes,parameters,flops,bytes\n", "\nroot.pooler.dense,1,72,128,320\n"}},
        {.name = "extract_params_json",
         .command = tiny + "--params --json --seq_len 64",
         .output = {"\"scope\": \"root.encoder.*.output\"", "\"nodes\": 2"}},
        refuse("nothing", "irene-extract", 64, {"a config is needed"}),
        refuse("absent", "irene-extract absent.json", 66, {"absent.json", "cannot be read"}),
        refuse("a_directory", "irene-extract occupied", 66, {"occupied", "without a config.json"}),
        refuse("two_of_a_name", "irene-extract tiny.json ./tiny.json", 64, {"two models are called 'tiny'"}),
        refuse("name_for_two", "irene-extract tiny.json named.json --model_name x", 64, {"--model_name"}),
        refuse("empty_name", tiny + "--model_name ''", 64, {"--model_name"}),
        refuse("params_of_two", "irene-extract tiny.json named.json --params", 64, {"--params"}),
        refuse("params_of_two_sizes", tiny + "--params --seq_len 1,2", 64, {"--params"}),
        refuse("params_and_list", tiny + "--params --list", 64, {"--list", "--params"}),
        refuse("size_twice", tiny + "--batch_size 8,4:8:4", 64, {"batch size 8 stands twice"}),
        refuse("length_beyond_positions", tiny + "--seq_len 65", 65,
               {"tiny.json", "'max_position_embeddings'", "65 tokens", "64 positions"}),
        refuse("late_length_leaves_no_file", tiny + "--seq_len 64,65 -o trees.jsonl", 65, {"65 tokens"}),
        refuse("no_type", "irene-extract no_type.json", 65, {"no_type.json", "'model_type'", "is missing"}),
        refuse("unknown_type", "irene-extract unknown_type.json", 65,
               {"'t5'", "albert, bert", "xlm-roberta"}),
        refuse("bad_heads", "irene-extract bad_heads.json", 65, {"bad_heads.json", "'num_attention_heads'"}),
        refuse("negative_size", "irene-extract negative_size.json", 65, {"'hidden_size'", "found -8"}),
        refuse("absurd_size", "irene-extract absurd_size.json", 65, {"'vocab_size'", "found 1000000000000"}),
        refuse("overflow", "irene-extract overflowing.json --batch_size 67108864", 65,
               {"overflowing.json", "'hidden_size'", "64 bits"}),
        refuse("malformed", "irene-extract malformed.json", 65, {"malformed.json", "malformed JSON"}),
        refuse("trailing", "irene-extract trailing.json", 65, {"trailing.json", "malformed JSON"}),
        refuse("a_list", "irene-extract list.json", 65, {"list.json", "expected an object"}),
        refuse("an_empty_file", "irene-extract empty.json", 65, {"empty.json"}),
        refuse("no_directory", tiny + "-o absent/trees.jsonl", 73, {"absent/trees.jsonl"}),
        {.name = "extract_full_device",
         .command = tiny + "--seq_len 64",
         .exit_code = 74,
         .output_to = "/dev/full",
         .errors = {"standard output", "cannot be written"}},
    };
    const Texts sizes{"0",  "''",  "8,",  ",8",   "a",    "8:a",   "1:2:3:4", "8:16:0",
                      "-8", "1.5", "1e3", "8;16", "' 8'", "8::16", "67108865"};
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const std::string joint = sizes[i][0] == '-' ? "=" : " ";
        cases.push_back(refuse("bad_sizes_" + std::to_string(i), tiny + "--seq_len" + joint + sizes[i], 64,
                               {"--seq_len", "FIRST:LAST:STEP"}));
    }
    return cases;
}

std::vector<Case> summarize_cases() {
    const auto refuse = [](const std::string& what, const std::string& command, int code,
                           const Texts& errors) -> Case {
        return {.name = "summarize_" + what, .command = command, .exit_code = code, .errors = errors};
    };
    return {
        {.name = "summarize",
         .command = "irene-summarize predictions.jsonl",
         .output = {"model_name  batch_size  seq_len  trees", "J/tree", "J/sample", "J/token", "\nalpha ",
                    "\nbeta "}},
        {.name = "summarize_standard_input",
         .command = "irene-summarize --by model_name --format csv",
         .input = make_predictions(),
         .output = {"model_name,trees,J/tree,J/sample,J/token\n", "\nalpha,", "\nbeta,"}},
        {.name = "summarize_dash",
         .command = "irene-summarize --by seq_len -",
         .input = make_predictions(),
         .output = {"seq_len  trees"}},
        {.name = "summarize_top_scopes",
         .command = "irene-summarize --by scope --top 1 --json predictions.jsonl",
         .output = {"\"scope\": ", "\"self J/tree\": ", "\"self %\": "}},
        {.name = "summarize_unit",
         .command = "irene-summarize --by model_name,instance_type --unit mJ predictions.jsonl",
         .output = {"model_name  instance_type  nodes/tree", "mJ/tree", "self mJ/tree"}},
        {.name = "summarize_measured",
         .command = "irene-summarize --measured --each_layer --by scope,type data.jsonl",
         .output = {"scope", "type", "root.block.norm"}},
        refuse("without_predictions", "irene-summarize data.jsonl", 65,
               {"data.jsonl:1", "'root'", "'predicted_energy'", "irene-predict"}),
        refuse("without_measurements", "irene-summarize --measured no_energy.jsonl", 65,
               {"no_energy.jsonl:2", "'root.block'", "'ground_truth_energy'"}),
        refuse("absent", "irene-summarize absent.jsonl", 66, {"absent.jsonl"}),
        {.name = "summarize_nothing",
         .command = "irene-summarize empty.jsonl",
         .exact_output = "model_name  batch_size  seq_len  trees  J/tree  J/sample  J/token\n",
         .errors = {"warning: 'empty.jsonl' holds no tree"},
         .lines = 1},
        {.name = "summarize_blank_lines",
         .command = "irene-summarize --by scope --format csv blank.jsonl",
         .exact_output = "scope,nodes,J/tree,self J/tree,self %\n",
         .errors = {"warning: 'blank.jsonl' holds no tree"},
         .lines = 1},
        {.name = "summarize_nothing_as_json",
         .command = "irene-summarize --json -",
         .exact_output = "[]\n",
         .errors = {"warning: standard input holds no tree"},
         .lines = 1},
        refuse("bad_line", "irene-summarize two_bad_lines.jsonl", 65,
               {"two_bad_lines.jsonl:1", "'predicted_energy'"}),
        refuse("unknown_key", "irene-summarize --by flops predictions.jsonl", 64,
               {"--by", "flops", "model_name"}),
        refuse("key_twice", "irene-summarize --by scope,scope predictions.jsonl", 64,
               {"'scope' stands twice"}),
        refuse("unknown_unit", "irene-summarize --unit cal predictions.jsonl", 64, {"--unit", "cal", "kWh"}),
        refuse("unknown_format", "irene-summarize --format xml predictions.jsonl", 64,
               {"--format", "xml", "csv"}),
        refuse("top_0", "irene-summarize --top 0 predictions.jsonl", 64, {"--top", "from 1"}),
        {.name = "summarize_full_device",
         .command = "irene-summarize predictions.jsonl",
         .exit_code = 74,
         .output_to = "/dev/full",
         .errors = {"standard output", "cannot be written"}},
    };
}

#ifdef IRENE_HAS_VISUALIZE
std::vector<Case> visualize_cases() {
    std::vector<Case> cases{
        {.name = "visualize",
         .command = "irene-visualize predictions.jsonl out.html",
         .creates = {"out.html"},
         .files = {{"out.html",
                    {"<title>Energy of predictions.jsonl</title>", "Content-Security-Policy",
                     "default-src 'none'", "\"alpha\"", "\"root\"", "\"TinyBlock\""}}}},
        {.name = "visualize_title",
         .command = "irene-visualize --title 'A < B' predictions.jsonl out.html",
         .creates = {"out.html"},
         .files = {{"out.html", {"<title>A &lt; B</title>", "\"title\":\"A \\u003c B\""}}}},
        {.name = "visualize_compare",
         .command = "irene-visualize predictions.jsonl out.html --compare reversed.jsonl",
         .creates = {"out.html"},
         .files = {{"out.html", {"\"files\":[\"predictions.jsonl\",\"reversed.jsonl\"]"}}}},
        {.name = "visualize_to_standard_output",
         .command = "irene-visualize - -",
         .input = make_predictions(),
         .output = {"<!DOCTYPE html>", "<title>Energy of standard input</title>"}},
        {.name = "visualize_only",
         .command =
             "irene-visualize --format csv --only model_name=alpha --only seq_len=16,64 predictions.jsonl "
             "out.csv",
         .creates = {"out.csv"},
         .files = {{"out.csv",
                    {"model_name,batch_size,", "\nalpha,2,16,root,0,", "\nalpha,2,64,root.head,1,"}}}},
        {.name = "visualize_sample",
         .command = "irene-visualize --sample 2 predictions.jsonl out.html",
         .creates = {"out.html"},
         .files = {{"out.html", {"\"line\":[1,6]"}}}},
        {.name = "visualize_folded",
         .command = "irene-visualize --format folded predictions.jsonl -",
         .output = {"alpha, batch size 2, length 16;block;norm "},
         .lines = 1},
        {.name = "visualize_speedscope",
         .command = "irene-visualize --format speedscope predictions.jsonl -",
         .output = {"speedscope.app/file-format-schema.json", "norm (LayerNorm)"},
         .lines = 1},
        {.name = "visualize_corrections",
         .command = "irene-visualize --format folded too_little.jsonl out.txt",
         .errors = {"1 of 30 nodes", "less than their children"},
         .lines = 1,
         .creates = {"out.txt"}},
        {.name = "visualize_nothing_folded",
         .command = "irene-visualize --format folded empty.jsonl -",
         .errors = {"warning: 'empty.jsonl' holds no tree"},
         .lines = 1},
        {.name = "visualize_nothing_as_csv",
         .command = "irene-visualize --format csv empty.jsonl -",
         .output = {"model_name,batch_size,"},
         .errors = {"warning: 'empty.jsonl' holds no tree"},
         .lines = 1},
        {.name = "visualize_replaces",
         .command = "irene-visualize predictions.jsonl old.jsonl",
         .creates = {"old.jsonl"}},
        {.name = "visualize_help",
         .command = "irene-visualize --help",
         .output = {"Usage: irene-visualize", "Examples:", "--compare", "--title", "--format", "--only",
                    "--sample"}},
        {.name = "visualize_full_device",
         .command = "irene-visualize predictions.jsonl -",
         .exit_code = 74,
         .output_to = "/dev/full",
         .errors = {"standard output"}},
        {.name = "visualize_cannot_create",
         .command = "irene-visualize predictions.jsonl nowhere/out.html",
         .exit_code = 73,
         .errors = {"nowhere/out.html"}},
    };
    struct Refusal {
        std::string name, arguments;
        int exit_code;
        Texts errors;
    };
    const std::vector<Refusal> refusals{
        {"no_arguments", "", 64, {"predictions", "required"}},
        {"too_few", "predictions.jsonl", 64, {"report", "required"}},
        {"not_predicted",
         "data.jsonl out.html",
         65,
         {"data.jsonl:1", "'root'", "field 'predicted_energy'", "run irene-predict first"}},
        {"other_not_predicted", "predictions.jsonl out.html --compare data.jsonl", 65, {"data.jsonl:1"}},
        {"absent", "absent.jsonl out.html", 66, {"absent.jsonl"}},
        {"other_absent", "predictions.jsonl out.html --compare absent.jsonl", 66, {"absent.jsonl"}},
        {"empty_file", "empty.jsonl out.html", 65, {"holds no tree"}},
        {"too_many",
         "many_runs.jsonl out.html",
         65,
         {"many_runs.jsonl", "more than 2000 runs", "--only", "--sample"}},
        {"unknown_format",
         "--format pdf predictions.jsonl out.html",
         64,
         {"--format", "'html', 'speedscope', 'folded' or 'csv'", "'pdf'"}},
        {"compare_as_csv", "--format csv predictions.jsonl out --compare reversed.jsonl", 64, {"'csv'"}},
        {"unknown_key",
         "--only model=alpha predictions.jsonl out.html",
         64,
         {"model_name=", "'model=alpha'"}},
        {"no_number", "--only seq_len=x predictions.jsonl out.html", 64, {"whole numbers", "'seq_len=x'"}},
        {"nothing_left", "--only batch_size=77 predictions.jsonl out.html", 65, {"no run is left"}},
        {"sample_of_0", "--sample 0 predictions.jsonl out.html", 64, {"--sample", "from 1 to"}},
        {"sample_too_large", "--sample 2001 predictions.jsonl out.html", 64, {"at most 2000"}},
        {"both_standard_input", "- out.html --compare -", 64, {"standard input"}},
    };
    for (const Refusal& refusal : refusals) {
        cases.push_back({.name = "visualize_" + refusal.name,
                         .command = "irene-visualize " + refusal.arguments,
                         .exit_code = refusal.exit_code,
                         .errors = refusal.errors});
    }
    return cases;
}
#endif

// ---- running a case ----

void check(const Case& c) {
    const TemporaryDirectory directory;
    const std::vector<std::string> arguments = split_arguments(c.command);
    const std::string& tool = arguments[0];
    make_fixtures(directory.path(), arguments);
    const auto before = snapshot(directory.path());
    const Result result =
        run({.arguments = arguments, .input = c.input, .directory = directory.path(), .output = c.output_to});

    EXPECT_EQ(result.signal, 0);
    EXPECT_EQ(result.exit_code, c.exit_code);
    if (c.exit_code != 0) {
        EXPECT_EQ(result.output, "");
    }
    if (!c.exact_output.empty()) {
        EXPECT_EQ(result.output, c.exact_output);
    }
    if (c.exit_code == 0 && c.output.empty() && c.exact_output.empty() && tool != "irene-crossvalidate") {
        EXPECT_EQ(result.output, "");
    }
    for (const std::string& part : c.output)
        EXPECT_NE(result.output.find(part), std::string::npos) << part << "\nin\n"
                                                               << result.output.substr(0, 4000);
    for (const std::string& part : c.errors)
        EXPECT_NE(result.errors.find(part), std::string::npos) << part << "\nin\n" << result.errors;

    Texts lines;
    std::istringstream in(result.errors);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    if (!result.errors.empty()) {
        EXPECT_EQ(result.errors.back(), '\n');
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool is_error = c.exit_code != 0 && i + 1 == lines.size();
        const bool named =
            is_error ? lines[i].starts_with(tool + ": error: ")
                     : lines[i].starts_with(tool + ": ") && !lines[i].starts_with(tool + ": error: ");
        EXPECT_TRUE(named) << lines[i];
        EXPECT_LT(lines[i].size(), 600U);
        EXPECT_TRUE(std::all_of(lines[i].begin(), lines[i].end(), [](char byte) {
            return static_cast<unsigned char>(byte) >= 0x20;
        })) << lines[i];
    }
    const int wanted = c.exit_code == 0 ? c.lines : c.lines_before_error + 1;
    if (wanted != kAnyNumber) {
        EXPECT_EQ(lines.size(), static_cast<std::size_t>(wanted)) << result.errors;
    }

    const auto after = snapshot(directory.path());
    std::set<std::string> created;
    for (const std::string& file : c.creates) {
        for (std::string path = file; !path.empty();
             path = std::filesystem::path(path).parent_path().string()) {
            created.insert(path);
        }
        EXPECT_TRUE(after.contains(file)) << file << " is absent";
    }
    for (const auto& [name, entry] : after) {
        EXPECT_TRUE(before.contains(name) || created.contains(name)) << name << " was left behind";
        if (before.contains(name) && !created.contains(name)) {
            EXPECT_EQ(before.at(name), entry) << name;
        }
    }
    for (const auto& [name, entry] : before) EXPECT_TRUE(after.contains(name)) << name << " is gone";
    for (const auto& [file, parts] : c.files) {
        const std::string content = read_file(directory / file);
        for (const std::string& part : parts)
            EXPECT_NE(content.find(part), std::string::npos) << part << "\nin " << file << "\n"
                                                             << content.substr(0, 2000);
    }
}

std::string name_of_case(const testing::TestParamInfo<Case>& info) { return info.param.name; }

class Table : public testing::TestWithParam<Case> {};
TEST_P(Table, Case) { check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(BadData, Table, testing::ValuesIn(bad_data_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Common, Table, testing::ValuesIn(common_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(LongLines, Table, testing::ValuesIn(long_line_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Training, Table, testing::ValuesIn(training_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Train, Table, testing::ValuesIn(train_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Predict, Table, testing::ValuesIn(predict_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Evaluate, Table, testing::ValuesIn(evaluate_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Extract, Table, testing::ValuesIn(extract_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Summarize, Table, testing::ValuesIn(summarize_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Crossvalidate, Table, testing::ValuesIn(crossvalidate_cases()), name_of_case);
#ifdef IRENE_HAS_VISUALIZE
INSTANTIATE_TEST_SUITE_P(Visualize, Table, testing::ValuesIn(visualize_cases()), name_of_case);
#endif

}  // namespace

}  // namespace irene::tests
