// What people see of names that try to steer their terminal, and of figures that do not exist: tables,
// messages, and the files that keep names as they are.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "process.hpp"
#include "small_data.hpp"
#include "temporary_directory.hpp"
#include "trained.hpp"

namespace irene::tests {

namespace {

/// Colours the text, sets the title, forges a line, and turns the rest of the line around.
const std::string kHostile =
    "\x1b[7m\x1b]0;x\x07\xC2\x9B"
    "31m\nirene-train: info: all is well\u202e\u2066\u2028";
const std::string kShown =
    "\\x1b[7m\\x1b]0;x\\x07\\x9b31m\\x0airene-train: info: all is well\\u202e\\u2066\\u2028";

/// The small data with hostile names wherever a name may stand.
std::vector<Json> hostile_trees() {
    std::vector<Json> trees = make_trees();
    for (Json& tree : trees) {
        if (tree["model_name"] == "alpha") tree["model_name"] = kHostile;
        for_each_node(root_of(tree), [](Json& node) {
            for (const char* key : {"scope", "instance_type", "parent_name"})
                node[key] = node[key].get<std::string>() + kHostile;
            for (Json& child : node["child_nodes"]) child = child.get<std::string>() + kHostile;
        });
    }
    return trees;
}

/// Nothing but line ends may steer the terminal.
void expect_printable(const std::string& text, const std::string& what) {
    for (const char c : text) {
        ASSERT_FALSE((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f) << what << "\n"
                                                                                       << text;
    }
    for (const std::string_view bytes : {"\xC2\x9B", "\u202e", "\u2066", "\u2028"})
        EXPECT_EQ(text.find(bytes), std::string::npos) << what << "\n" << text;
    EXPECT_EQ(text.find("\nirene-train: info: all is well"), std::string::npos) << what;
}

void expect_part(const std::string& text, const std::string& part, const std::string& what) {
    EXPECT_NE(text.find(part), std::string::npos) << what << " lacks " << part << "\n" << text;
}

TEST(Terminal, TablesShowNamesThatCannotSteerIt) {
    const TemporaryDirectory directory;
    write_file(directory / "data.jsonl", to_jsonl(hostile_trees()));
    write_file(directory / "additive.json", R"({"training_strategy": "additive"})");
    succeed(directory, "irene-train -q data.jsonl weighted");
    succeed(directory, "irene-train -q --config additive.json data.jsonl additive");
    succeed(directory, "irene-predict -q data.jsonl predictions.jsonl weighted");
    for (const std::string line :
         {"irene-summarize predictions.jsonl", "irene-summarize --by model_name,scope predictions.jsonl",
          "irene-summarize --by instance_type predictions.jsonl", "irene-explain weighted",
          "irene-explain additive", "irene-crossvalidate -q --config additive.json data.jsonl folds"}) {
        const Result result = succeed(directory, line);
        expect_printable(result.output, line);
        expect_part(result.output, kShown, line);
    }
}

TEST(Terminal, MessagesDoTheSame) {
    const TemporaryDirectory directory;
    std::vector<Json> trees = hostile_trees();
    write_file(directory / "data.jsonl", to_jsonl(trees));
    norm_of(trees[1]).erase("ground_truth_energy");
    write_file(directory / "gap.jsonl", to_jsonl(trees));
    for_each_node(root_of(trees[1]), [](Json& node) { node["instance_type"] = "New" + kHostile; });
    write_file(directory / "new.jsonl", to_jsonl(trees));
    succeed(directory, "irene-train -q data.jsonl model");
    const std::string file = "no\xC2\x9B\u202e\xFF.jsonl";
    for (const auto& [line, part] : std::vector<std::pair<std::string, std::string>>{
             {"irene-train gap.jsonl other", "'root.block.norm" + kShown.substr(0, 20)},
             {"irene-predict new.jsonl - model", "'New" + kShown.substr(0, 20)},
             {"irene-summarize " + file, "no\\x9b\\u202e\\xff.jsonl"},
             {"irene-summarize --top '\xC2\x9B\u202e' data.jsonl", "\\x9b\\u202e"},
             {"irene-summarize --unit '\xC2\x9B\u202e' data.jsonl", "\\x9b\\u202e"},
             {"irene-evaluate --\u202e data.jsonl data.jsonl", "--\\u202e"},
             {"irene-extract " + file, "no\\x9b\\u202e\\xff.jsonl"},
         }) {
        const Result result = run_in(directory, line);
        EXPECT_GE(result.exit_code, 64) << line;
        expect_printable(result.errors, line);
        expect_part(result.errors, part, line);
    }
}

TEST(Terminal, FilesKeepNamesAsTheyAre) {
    const TemporaryDirectory directory;
    std::vector<Json> trees = make_trees();
    const std::string formula = "=HYPERLINK(\"http://x\")";
    for (Json& tree : trees) tree["model_name"] = tree["model_name"] == "alpha" ? kHostile : formula;
    write_file(directory / "data.jsonl", to_jsonl(trees));
    const std::string csv =
        succeed(directory, "irene-summarize --measured --by model_name --format csv data.jsonl").output;
    expect_part(csv, "\n\"" + kHostile + "\",3,", "CSV");
    expect_part(csv, "\n\"=HYPERLINK(\"\"http://x\"\")\",3,", "CSV");
    const Json rows = Json::parse(
        succeed(directory, "irene-summarize --measured --by model_name --json data.jsonl").output);
    EXPECT_TRUE(rows[0]["model_name"] == kHostile || rows[1]["model_name"] == kHostile);
}

TEST(Terminal, ColumnsCountCells) {
    const TemporaryDirectory directory;
    std::vector<Json> trees = make_trees();
    trees.resize(3);
    trees[0]["model_name"] = "模型甲乙丙";
    trees[1]["model_name"] = "abcde";
    trees[2]["model_name"] = "e\u0301te\u0301";
    for (Json& tree : trees) {
        root_of(tree)["ground_truth_energy"] = 4.0;
        root_of(tree).erase("times_mean");
    }
    write_file(directory / "data.jsonl", to_jsonl(trees));
    EXPECT_EQ(succeed(directory, "irene-summarize --measured --by model_name data.jsonl").output,
              "model_name  trees  J/tree  J/sample  J/token\n"
              "abcde           1       4         1  0.03125\n"
              "e\u0301te\u0301             1       4         2  0.03125\n"
              "模型甲乙丙      1       4         2    0.125\n");
}

TEST(Figures, WhatHasNoScoreIsSaid) {
    const TemporaryDirectory directory;
    std::vector<Json> trees = make_trees();
    for (Json& tree : trees) {
        for_each_node(root_of(tree),
                      [](Json& node) { node["predicted_energy"] = node["ground_truth_energy"]; });
    }
    write_file(directory / "good.jsonl", to_jsonl(trees));
    root_of(trees[0])["predicted_energy"] = 1e308;
    root_of(trees[0])["ground_truth_energy"] = 1e-10;
    write_file(directory / "overflow.jsonl", to_jsonl(trees));
    for (Json& tree : trees)
        for_each_node(root_of(tree), [](Json& node) { node.erase("ground_truth_energy"); });
    write_file(directory / "predicted.jsonl", to_jsonl(trees));
    write_file(directory / "measured.jsonl", to_jsonl(make_trees()));

    const Result overflow = succeed(directory, "irene-evaluate --json overflow.jsonl overflow.jsonl");
    EXPECT_EQ(overflow.output,
              "{\n    \"ml\": 0.0,\n    \"module\": 0.0,\n    \"model\": null,\n    \"seconds\": null\n}\n");
    EXPECT_EQ(overflow.errors,
              "irene-evaluate: warning: the 6 nodes of type model could not be scored: their mean error is "
              "too large "
              "for a number\n");
    for (const std::string line :
         {"irene-evaluate predicted.jsonl measured.jsonl", "irene-evaluate predicted.jsonl good.jsonl",
          "irene-evaluate good.jsonl measured.jsonl",
          "irene-evaluate --strict measured.jsonl measured.jsonl"}) {
        const Result result = run_in(directory, line);
        EXPECT_EQ(result.exit_code, 65) << line;
        EXPECT_EQ(result.output, "") << line;
        expect_part(result.errors, "re gold and predictions swapped?", line);
    }
}

TEST(Figures, IntervalsAreSummarized) {
    const Trained trained;
    write_file(trained / "additive.json", R"({"training_strategy": "additive"})");
    succeed(*trained, "irene-train -q --config additive.json data.jsonl additive");
    succeed(*trained, "irene-predict -q --interval 0.5 data.jsonl predictions.jsonl additive");
    const Json rows = Json::parse(succeed(*trained, "irene-summarize --json predictions.jsonl").output);
    ASSERT_GT(rows.size(), 2U);
    for (const Json& row : rows) {
        EXPECT_EQ(row["trees"], 1);
        EXPECT_LT(row["low J/tree"].get<double>(), row["J/tree"].get<double>());
        EXPECT_GT(row["high J/tree"].get<double>(), row["J/tree"].get<double>());
    }
    const std::string means = succeed(*trained, "irene-summarize --by model_name predictions.jsonl").output;
    EXPECT_EQ(means.find("low J/tree"), std::string::npos) << means;
}

#ifdef IRENE_HAS_VISUALIZE
TEST(Figures, StacksTooSmallForTheirFormatAreCounted) {
    const TemporaryDirectory directory;
    Json tree = make_trees()[0];
    for_each_node(root_of(tree), [](Json& node) { node["predicted_energy"] = 0.0; });
    root_of(tree)["predicted_energy"] = 1.4e-6;
    root_of(tree)["child_nodes_obj"][1]["predicted_energy"] = 0.4e-6;
    write_file(directory / "small.jsonl", tree.dump() + "\n");
    const Result folded = succeed(directory, "irene-visualize --format folded small.jsonl -");
    EXPECT_EQ(folded.output, "alpha, batch size 2, length 16 1\n");
    EXPECT_EQ(folded.errors,
              "irene-visualize: warning: 1 stacks are left out, 28.6 % of the energy: each is below half a "
              "microjoule, "
              "and the format has whole microjoules; --format speedscope or csv shows them\n");
    EXPECT_EQ(succeed(directory, "irene-visualize --format speedscope small.jsonl -").errors, "");
}
#endif

}  // namespace

}  // namespace irene::tests
