#include "fixtures.hpp"

#include <set>
#include <sstream>
#include <stdexcept>

#include "process.hpp"
#include "snapshot.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {

namespace {

namespace fs = std::filesystem;

std::string first_component(const std::string& path) { return path.substr(0, path.find('/')); }

/// What stands in braces.
std::set<std::string> named_in(const std::string& command) {
    std::set<std::string> names;
    for (std::size_t at = command.find('{'); at != std::string::npos; at = command.find('{', at + 1))
        names.insert(command.substr(at + 1, command.find('}', at) - at - 1));
    return names;
}

/// A fixture and all below it; false where there is none of this name.
bool make_fixture(const fs::path& directory, const std::string& name, const Fixtures& fixtures) {
    bool found = false;
    for (const auto& [path, fixture] : fixtures) {
        if (first_component(path) != name) continue;
        found = true;
        const fs::path whole = directory / path;
        fs::create_directories(whole.parent_path());
        switch (fixture.kind) {
            case Fixture::Kind::file:
                write_file(whole, fixture.content);
                break;
            case Fixture::Kind::directory:
                fs::create_directories(whole);
                break;
            case Fixture::Kind::link:
                if (!fs::exists(directory / fixture.content))
                    make_fixture(directory, fixture.content, fixtures);
                fs::create_symlink(fixture.content, whole);
                break;
            case Fixture::Kind::hard_link:
                if (!fs::exists(directory / fixture.content))
                    make_fixture(directory, fixture.content, fixtures);
                fs::create_hard_link(directory / fixture.content, whole);
                break;
        }
    }
    return found;
}

Fixtures make_data() {
    Fixtures all;
    const auto file = [&all](const std::string& name, const std::string& content) {
        all[name].content = content;
    };
    const std::string data = to_jsonl(make_trees());
    file("data.jsonl", data);
    file("-", data);
    file("old.jsonl", "what was here before\n");
    file("file.txt", "a file\n");
    all["occupied"].kind = Fixture::Kind::directory;
    file("empty.jsonl", "");
    file("blank.jsonl", "\n  \t\r\n\n");
    file("byte_order_mark.jsonl", "\xEF\xBB\xBF" + data);
    file("alpha.jsonl", line_of_data(1) + "\n" + line_of_data(2) + "\n");
    file("id_twice.jsonl", with_line_2([](Json& tree) { norm_of(tree)["id"] = "alpha-2-16-0"; }));
    file("no_gpu_clk.jsonl", with_line_2([](Json& tree) { norm_of(tree).erase("gpu_clk"); }));
    file("no_cpu_inside.jsonl", with_line_2([](Json& tree) { block_of(tree).erase("cpu"); }));
    file("no_energy.jsonl", with_line_2([](Json& tree) { block_of(tree).erase("ground_truth_energy"); }));
    file("zero_energy.jsonl", with_line_2([](Json& tree) { norm_of(tree)["ground_truth_energy"] = 0.0; }));
    file("no_energies.jsonl", with_all([](Json& tree) {
             for_each_node(root_of(tree), [](Json& node) { node.erase("ground_truth_energy"); });
         }));
    file("new_operation.jsonl", with_line_2([](Json& tree) { norm_of(tree)["instance_type"] = "Conv1D"; }));
    file("two_bad_lines.jsonl",
         line_of_data(1) + "\n{\"model_name\": 1}\n" + line_of_data(3) + "\noops\n" + line_of_data(4));
    const std::string predictions = make_predictions();
    file("predictions.jsonl", predictions);
    // Lines in another order: nodes are joined by id.
    std::istringstream in(predictions);
    std::string reversed;
    for (std::string line; std::getline(in, line);) reversed = line + "\n" + reversed;
    file("reversed.jsonl", reversed);
    return all;
}

void add_configs(Fixtures& all) {
    const auto file = [&all](const std::string& name, const std::string& content) {
        all[name].content = content;
    };
    file("specs.json", R"({"feature_sets": ["model_specs"]})");
    file("none.json", R"({"training_strategy": "none"})");
    file("additive.json", R"({"training_strategy": "additive", "feature_sets": ["model_specs"]})");
    file("groups.json", R"({"one": ["alpha", "unused"], "two": ["beta"]})");
    // A transformer's.
    file("tiny.json", R"({"model_type": "bert", "vocab_size": 50, "hidden_size": 8, "num_hidden_layers": 2, )"
                      R"("num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 64})");
    // Of no use to anybody.
    file("malformed.json", R"({"tanh_scalar": 10,})");
    file("trailing.json", "{} {}");
    file("list.json", "[]");
    file("empty.json", "");
}

}  // namespace

std::string without_braces(const std::string& command) {
    std::string plain;
    for (const char c : command) {
        if (c != '{' && c != '}') plain += c;
    }
    return plain;
}

void make_fixtures(const fs::path& directory, const std::string& command, const Fixtures& own) {
    for (const std::string& name : named_in(command)) {
        if (!make_fixture(directory, name, own) && !make_fixture(directory, name, common_fixtures()))
            throw std::runtime_error("no fixture is called " + name);
    }
}

void add_made_by(const std::string& command, Fixtures& fixtures) {
    const TemporaryDirectory directory;
    for (const std::string& name : named_in(command)) {
        if (!make_fixture(directory.path(), name, fixtures))
            throw std::runtime_error("no fixture is called " + name);
    }
    const auto before = snapshot(directory.path());
    const Result result =
        run({.arguments = split_arguments(without_braces(command)), .directory = directory.path()});
    EXPECT_EQ(result.exit_code, 0) << command << "\n" << result.errors;
    const std::string file = "file: ";
    for (const auto& [path, entry] : snapshot(directory.path())) {
        if (!before.contains(path) && entry.starts_with(file))
            fixtures[path].content = entry.substr(file.size());
    }
}

const Fixtures& common_fixtures() {
    static const Fixtures fixtures = [] {
        Fixtures all = make_data();
        add_configs(all);
        add_made_by("irene-train -q {data.jsonl} model", all);
        return all;
    }();
    return fixtures;
}

TrainedModel trained_model() {
    return {common_fixtures().at("model/config.json").content,
            common_fixtures().at("model/model.json").content};
}

std::string with_line_2(const std::function<void(Json&)>& change) {
    std::vector<Json> trees = make_trees();
    change(trees[1]);
    return to_jsonl(trees);
}

std::string with_all(const std::function<void(Json&)>& change) {
    std::vector<Json> trees = make_trees();
    for (Json& tree : trees) change(tree);
    return to_jsonl(trees);
}

std::string with_raw(const std::string& key, const std::string& raw) {
    return replace_once(with_line_2([&](Json& tree) { norm_of(tree)[key] = "@"; }), "\"@\"", raw);
}

std::string line_of_data(std::size_t number) { return make_trees()[number - 1].dump(); }

std::string make_predictions() {
    return with_all([](Json& tree) {
        for_each_node(root_of(tree), [](Json& node) {
            const double factor = node["type"] == "module" ? 1.2 : node["type"] == "model" ? 1.0 : 0.9;
            node["predicted_energy"] = factor * node["ground_truth_energy"].get<double>();
        });
    });
}

std::string replace_once(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

}  // namespace irene::tests
