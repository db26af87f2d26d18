#include "data/splice.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/files.hpp"
#include "base/numbers.hpp"
#include "data/line_blocks.hpp"
#include "data/tree_reader.hpp"
#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

std::string spliced(const std::string& line, const std::vector<double>& joules) {
    data::TreeReader reader("t.jsonl");
    data::TreeLine read;
    const std::string padded = line + std::string(data::kPadding, '\0');
    reader.read(std::string_view(padded).substr(0, line.size()), 1, read);
    std::vector<std::uint32_t> keys_of_node(read.tree.nodes().size(), 0);
    std::size_t behind = 0;
    for (const data::Splice& splice : read.splices) {
        EXPECT_LE(behind, splice.begin);
        EXPECT_LE(splice.begin, splice.end);
        behind = splice.end;
        if (splice.keys == data::bit(data::OutputKey::prediction)) continue;
        EXPECT_EQ(keys_of_node[splice.node] & splice.keys, 0U) << "a key has two places";
        keys_of_node[splice.node] |= splice.keys;
    }
    for (const std::uint32_t keys : keys_of_node) EXPECT_EQ(keys, (1U << data::kNumNodeOutputs) - 1);
    std::string out = "before ";
    data::splice(line, read.splices, {.joules = joules}, out);
    EXPECT_TRUE(out.starts_with("before "));  // it appends
    return out.substr(7);
}

const std::vector<double> kJoules{1.5, 0.1, 1e-7, 123456789.0, 1e300, -2.25, 1.0 / 3.0, 0.0};

/// Sets predicted_energy of every node in preorder; a key that is there keeps its place.
void set_predictions(Json& node, std::size_t& next) {
    node["predicted_energy"] = kJoules.at(next++);
    for (Json& child : node["child_nodes_obj"]) set_predictions(child, next);
}

Json with_predictions(Json run) {
    std::size_t next = 0;
    set_predictions(run["frontend_tree"], next);
    return run;
}

std::vector<std::string> spellings() {
    const Json run = small_run("t");
    std::vector<std::string> lines{run.dump(), run.dump(2), "  " + run.dump() + " \r"};
    // Predictions that are there already: all, some, in front of the children, and between other keys.
    lines.push_back(with_predictions(run).dump());
    Json some = run;
    some["frontend_tree"]["child_nodes_obj"][1]["predicted_energy"] = 7;
    some["frontend_tree"]["child_nodes_obj"][1]["behind"] = {{"x", "}"}, {"y", "]"}};
    lines.push_back(some.dump());
    lines.push_back(some.dump(4));
    Json front = run;
    Json root{{"predicted_energy", 0.5e-3}};
    root.update(front["frontend_tree"]);
    front["frontend_tree"] = root;
    front["after"] = "predicted_energy";
    lines.push_back(front.dump());
    // Text that looks like structure.
    Json nasty = run;
    nasty["frontend_tree"]["child_nodes_obj"][0]["extra"] = "}]}, \"predicted_energy\": 1 \\\" é";
    nasty["frontend_tree"]["scope"] = "a } b";
    lines.push_back(nasty.dump());
    return lines;
}

TEST(Splice, EqualsTheInputPlusTheKey) {
    for (const std::string& line : spellings()) {
        SCOPED_TRACE(line.substr(0, 300));
        EXPECT_EQ(Json::parse(spliced(line, kJoules)), with_predictions(Json::parse(line)));
    }
}

TEST(Splice, KeepsEveryOtherByte) {
    const std::regex added(R"re(, "predicted_energy": [-+.e0-9]+)re");
    const Json run = small_run("t");
    for (std::string line : {run.dump(), run.dump(2), "\t" + run.dump() + "\t\r"}) {
        // Spellings that a parser and printer would not keep.
        const auto respell = [&line](const std::string& from, const std::string& to) {
            line.replace(line.find(from), from.size(), to);
        };
        respell("5.0", "5.00000E+0");
        respell("bert", "b\\u0065rt");
        respell("0.5", "0.50000000000000000000000001");
        SCOPED_TRACE(line);
        const std::string out = spliced(line, kJoules);
        EXPECT_NE(out, line);
        EXPECT_EQ(std::regex_replace(out, added, ""), line);
    }
}

TEST(Splice, ReplacesAnExistingValueInPlace) {
    const std::regex value(R"re(("predicted_energy"\s*:\s*)[-+.eE0-9]+)re");
    for (const char* spelling : {"1", "-0.0", "1.25e-17", "123456789012345678901234567890"}) {
        SCOPED_TRACE(spelling);
        std::string line = std::regex_replace(with_predictions(small_run("t")).dump(1), value,
                                              std::string("$01") + spelling);
        const std::string out = spliced(line, kJoules);
        EXPECT_EQ(std::regex_replace(out, value, "$1X"), std::regex_replace(line, value, "$1X"));
        EXPECT_EQ(Json::parse(out), with_predictions(Json::parse(line)));
        EXPECT_EQ(spliced(out, kJoules), out);  // and again
    }
}

TEST(Splice, AKeyThatIsEscapedIsReplacedToo) {
    Json run = small_run("t");
    run["frontend_tree"]["predicted_energy"] = 7.5;
    std::string line = run.dump();
    line.replace(line.find("predicted_energy"), 9, "pr\\u0065dicted");
    const Json out = Json::parse(spliced(line, kJoules));
    EXPECT_EQ(out["frontend_tree"]["predicted_energy"], kJoules[0]);
}

TEST(AppendNumber, TheTreeReaderReadsBackEqual) {
    constexpr std::size_t kNumbers = 1000000, kNumbersPerTree = 2000;
    std::mt19937_64 random(2);
    const std::string head =
        R"({"model_name":"m","batch_size":1,"seq_len":1,"frontend_tree":{"id":"r","scope":"r",)"
        R"("instance_type":"M","type":"model","child_nodes_obj":[)";
    data::TreeReader reader("t.jsonl");
    data::TreeLine line;
    for (std::size_t count = 0; count < kNumbers; count += kNumbersPerTree) {
        std::vector<double> values;
        std::string text = head;
        while (values.size() < kNumbersPerTree) {
            const auto value = std::bit_cast<double>(static_cast<std::uint64_t>(random()));
            if (!std::isfinite(value)) continue;
            text += values.empty() ? "" : ",";
            text +=
                R"({"id":"a","scope":"a","instance_type":"L","type":"ml","child_nodes_obj":[],"predicted_energy":)";
            base::append_number(text, value);
            text += '}';
            values.push_back(value);
        }
        text += "]}}";
        const std::size_t size = text.size();
        text.resize(size + data::kPadding);
        reader.read(std::string_view(text).substr(0, size), 1, line);
        ASSERT_EQ(line.tree.nodes().size(), kNumbersPerTree + 1);
        for (std::size_t i = 0; i < kNumbersPerTree; ++i) {
            ASSERT_EQ(std::bit_cast<std::uint64_t>(line.tree.nodes()[i + 1].predicted_energy),
                      std::bit_cast<std::uint64_t>(values[i]))
                << base::format(values[i], 17);
        }
    }
}

/// A line, read, with what is to be written into it.
class LineToSplice {
  public:
    explicit LineToSplice(const std::string& line) : padded_(line + std::string(data::kPadding, '\0')) {
        read_.reader.read(text(), 1, read_.line);
    }
    std::string_view text() const {
        return std::string_view(padded_).substr(0, padded_.size() - data::kPadding);
    }
    const data::TreeLine& line() const { return read_.line; }
    std::string with(const data::Outputs& outputs) const {
        std::string out;
        data::splice(text(), read_.line.splices, outputs, out);
        return out;
    }

  private:
    struct {
        data::TreeReader reader{"t.jsonl"};
        data::TreeLine line;
    } read_;
    std::string padded_;
};

/// A model with one leaf, each with more members as `root` and `leaf` spell them; {} stands for those that
/// every node has.
std::string two_nodes(std::string root, std::string leaf, const std::string& before = "",
                      const std::string& behind = "") {
    const auto fill = [](std::string& node, const std::string& members) {
        node.replace(node.find("{}"), 2, members);
    };
    fill(leaf,
         R"("id": "b", "scope": "root.b", "instance_type": "Linear", "type": "ml", "child_nodes_obj": [])");
    fill(root, R"("id": "a", "scope": "root", "instance_type": "M", "type": "model", "child_nodes_obj": [{)" +
                   leaf + "}]");
    return "{" + before + R"("model_name": "m", "batch_size": 1, "seq_len": 1, "frontend_tree": {)" + root +
           "}" + behind + "}";
}

const std::vector<double> kTwo{2.0, 1.0};

TEST(Splice, IntervalsGoInBehindOrReplaceWhatIsThere) {
    const LineToSplice line(two_nodes(R"("predicted_energy_high": 7, {})", "{}"));
    const std::vector<double> low{1.5, 0.5}, high{2.5, 1.5};
    EXPECT_EQ(
        line.with({.joules = kTwo, .low = &low, .high = &high}),
        two_nodes(
            R"("predicted_energy_high": 2.5, {}, "predicted_energy": 2.0, "predicted_energy_low": 1.5)",
            R"({}, "predicted_energy": 1.0, "predicted_energy_low": 0.5, "predicted_energy_high": 1.5)"));
    // A node that has none gets none, and loses the one it had.
    const std::vector<double> no_low{absent(), 0.5}, no_high{absent(), 1.5};
    EXPECT_EQ(
        line.with({.joules = kTwo, .low = &no_low, .high = &no_high}),
        two_nodes(
            R"({}, "predicted_energy": 2.0)",
            R"({}, "predicted_energy": 1.0, "predicted_energy_low": 0.5, "predicted_energy_high": 1.5)"));
}

TEST(Splice, PartsGoInBehindReplaceOrAreTakenOut) {
    const LineToSplice line(
        two_nodes(R"("predicted_memory_energy": 7, {})",
                  R"({}, "predicted_static_energy": 8, "predicted_arithmetic_energy": 9)"));
    const std::vector<EnergyParts> parts{{0.5, 0.25, 1.25}, {}};
    const std::string leaf = R"({}, "predicted_energy": 1.0)";
    const std::string out = line.with({.joules = kTwo, .parts = &parts});
    EXPECT_EQ(out, two_nodes(R"("predicted_memory_energy": 0.25, {}, "predicted_energy": 2.0, )"
                             R"("predicted_arithmetic_energy": 0.5, "predicted_static_energy": 1.25)",
                             leaf));
    const LineToSplice again(out);
    EXPECT_EQ(again.with({.joules = kTwo, .parts = &parts}), out);
    EXPECT_EQ(again.line().tree.nodes()[0].predicted_parts, parts[0]);
    EXPECT_TRUE(is_absent(again.line().tree.nodes()[1].predicted_parts.static_joules));
    EXPECT_EQ(again.with({.joules = kTwo}), two_nodes(R"({}, "predicted_energy": 2.0)", leaf));
    EXPECT_EQ(again.with({.joules = kTwo}), line.with({.joules = kTwo}));
}

TEST(Splice, SecondsGoInBehindReplaceOrAreTakenOut) {
    const LineToSplice line(two_nodes("{}", R"({}, "predicted_seconds": 7)"));
    const std::vector<double> seconds{0.25, absent()};
    const std::string leaf = R"({}, "predicted_energy": 1.0)";
    const std::string out = line.with({.joules = kTwo, .seconds = &seconds});
    EXPECT_EQ(out, two_nodes(R"({}, "predicted_energy": 2.0, "predicted_seconds": 0.25)", leaf));
    const LineToSplice again(out);
    EXPECT_EQ(again.with({.joules = kTwo, .seconds = &seconds}), out);
    EXPECT_EQ(again.line().tree.nodes()[0].predicted_seconds, 0.25);
    EXPECT_TRUE(is_absent(again.line().tree.nodes()[1].predicted_seconds));
    const std::vector<double> other{0.5, 0.125};
    EXPECT_EQ(again.with({.joules = kTwo, .seconds = &other}),
              two_nodes(R"({}, "predicted_energy": 2.0, "predicted_seconds": 0.5)",
                        R"({}, "predicted_energy": 1.0, "predicted_seconds": 0.125)"));
    EXPECT_EQ(again.with({.joules = kTwo}), two_nodes(R"({}, "predicted_energy": 2.0)", leaf));
}

TEST(Splice, MarksAndThePredictionGoInReplaceAndStay) {
    const std::vector<data::NodeMarks> marks{
        {.node = 0, .no_interval = "far \"off\"", .outside_training = {"rows", "flops"}},
        {.node = 1, .unseen_operation = true}};
    const data::Outputs outputs{.joules = kTwo, .marks = marks, .prediction = R"({"model": "x"})"};
    const std::string out = LineToSplice(two_nodes("{}", "{}")).with(outputs);
    std::string expected = two_nodes(
        R"({}, "predicted_energy": 2.0, "no_interval": "far \"off\"", "outside_training": ["rows", "flops"])",
        R"({}, "predicted_energy": 1.0, "unseen_operation": true)");
    expected.insert(expected.find("\"frontend_tree\""), R"("prediction": {"model": "x"}, )");
    EXPECT_EQ(out, expected);
    const LineToSplice again(out);
    EXPECT_EQ(again.with(outputs), out);
    EXPECT_EQ(again.line().prediction, R"({"model": "x"})");
    ASSERT_EQ(again.line().marks.size(), 2U);
    EXPECT_EQ(again.line().marks[0].no_interval, "far \"off\"");
    EXPECT_EQ(again.line().marks[0].outside_training, (std::vector<std::string>{"rows", "flops"}));
    EXPECT_FALSE(again.line().marks[0].unseen_operation);
    EXPECT_TRUE(again.line().marks[1].unseen_operation);
    EXPECT_EQ(again.with({.joules = kTwo}),
              two_nodes(R"({}, "predicted_energy": 2.0)", R"({}, "predicted_energy": 1.0)"));
}

TEST(Splice, MarksThatDoNotHoldAnyMoreAreTakenOutWhereverTheyStand) {
    const std::string clean = two_nodes(R"({}, "predicted_energy": 2.0)", R"({}, "predicted_energy": 1.0)");
    const std::string all =
        R"("outside_training" : [ "rows" ], "unseen_operation": false, "no_interval":"x")";
    for (const std::string& line : {
             two_nodes("{}, " + all, "{}, " + all),  // the last
             two_nodes(all + ", {}", all + ", {}"),  // the first
             two_nodes(R"("unseen_operation": true , {})", R"({} , "outside_training":[])"),
             two_nodes(R"("no_interval": "}],", {}, "unseen_operation": true)",
                       R"("\u006eo_interval": "", {}, "outs\u0069de_training": ["a", "\"]"])"),
             two_nodes("{}", "{}", R"("prediction": {"a": {"b": "}"}}, )"),
             two_nodes("{}", "{}", "", R"(, "prediction" : {} )"),
             two_nodes("{}, " + all, all + ", {}", "", R"(, "prediction" : {"a": [1, {}]})"),
         }) {
        const std::string out = LineToSplice(line).with({.joules = kTwo});
        EXPECT_EQ(Json::parse(out), Json::parse(clean)) << line << "\n" << out;
        EXPECT_EQ(LineToSplice(out).with({.joules = kTwo}), out) << line;
    }
    // Between others, the comma before goes, and no other byte.
    EXPECT_EQ(
        LineToSplice(two_nodes(R"("x": 1, "unseen_operation": true,  {}, "predicted_energy": 2)",
                               R"({}, "predicted_energy": 1 , "no_interval": "y" })"
                               R"(, {"id": "c", "scope": "root.c", "instance_type": "L", "type": "ml", )"
                               R"("child_nodes_obj": [], "predicted_energy": 1)"))
            .with({.joules = {5.0, 6.0, 7.0}}),
        two_nodes(R"("x": 1,  {}, "predicted_energy": 5.0)",
                  R"({}, "predicted_energy": 6.0  })"
                  R"(, {"id": "c", "scope": "root.c", "instance_type": "L", "type": "ml", )"
                  R"("child_nodes_obj": [], "predicted_energy": 7.0)"));
}

TEST(Splice, OfMarksThatStandInFrontSomeStay) {
    const std::string line =
        two_nodes(R"("no_interval": "x", "outside_training": ["a"], "unseen_operation": true, {})", "{}");
    const auto with = [&line](const data::NodeMarks& marks) {
        const std::vector<data::NodeMarks> all{marks};
        return LineToSplice(line).with({.joules = kTwo, .marks = all});
    };
    const std::string energies = R"({}, "predicted_energy": 2.0)", leaf = R"({}, "predicted_energy": 1.0)";
    EXPECT_EQ(with({.node = 0, .no_interval = "y"}), two_nodes(R"("no_interval": "y", )" + energies, leaf));
    EXPECT_EQ(with({.node = 0, .outside_training = {"b"}}),
              two_nodes(R"("outside_training": ["b"], )" + energies, leaf));
    EXPECT_EQ(with({.node = 0, .unseen_operation = true}),
              two_nodes(R"("unseen_operation": true, )" + energies, leaf));
    EXPECT_EQ(with({.node = 1, .unseen_operation = true}),
              two_nodes(energies, leaf + R"(, "unseen_operation": true)"));
}

TEST(Splice, APredictionThatStandsBehindTheTreeKeepsItsPlace) {
    const std::string out = LineToSplice(two_nodes("{}", "{}", "", R"(, "prediction": {"a": 1})"))
                                .with({.joules = kTwo, .prediction = R"({"b": 2})"});
    EXPECT_EQ(out, two_nodes(R"({}, "predicted_energy": 2.0)", R"({}, "predicted_energy": 1.0)", "",
                             R"(, "prediction": {"b": 2})"));
}

TEST(Splice, WhatAnEarlierPredictionSaidIsChecked) {
    const auto refused = [](const std::string& line) {
        return refusal(ErrorKind::data, [&] { (void)parse_tree(line, "t.jsonl"); });
    };
    const auto of_leaf = [&](const std::string& member) { return refused(two_nodes("{}", "{}, " + member)); };
    for (const std::string list : {"\"rows\"", "{}", "null", "[1]", "[\"a\", null]", "true"}) {
        expect_contains(of_leaf("\"outside_training\": " + list),
                        "node 'root.b': field 'outside_training': expected a list of names");
    }
    for (const std::string flag : {"1", "\"true\"", "null", "[]"}) {
        expect_contains(of_leaf("\"unseen_operation\": " + flag),
                        "node 'root.b': field 'unseen_operation': expected true or false");
    }
    for (const std::string reason : {"1", "false", "null", "[\"a\"]"}) {
        expect_contains(of_leaf("\"no_interval\": " + reason),
                        "node 'root.b': field 'no_interval': expected a string");
    }
    for (const std::string number : {"\"1\"", "null", "[]", "1e400", "NaN"}) {
        expect_contains(of_leaf("\"predicted_seconds\": " + number),
                        "node 'root.b': field 'predicted_seconds': expected a finite number");
    }
    expect_contains(of_leaf("\"predicted_seconds\": -5e-324"),
                    "node 'root.b': field 'predicted_seconds': expected a number that is not negative");
    for (const std::string part : {"arithmetic", "memory", "static"}) {
        const std::string key = "predicted_" + part + "_energy";
        expect_contains(of_leaf("\"" + key + "\": null"),
                        "node 'root.b': field '" + key + "': expected a finite number");
        expect_contains(of_leaf("\"" + key + "\": -1"),
                        "node 'root.b': field '" + key + "': expected a number that is not negative");
        expect_contains(of_leaf("\"" + key + "\": 1, \"" + key + "\": 1"), "stands twice");
    }
    expect_contains(of_leaf(R"("no_interval": "a", "no_interval": "b")"), "stands twice");
    for (const std::string value : {"1", "[]", "null", "\"x\""}) {
        expect_contains(refused(two_nodes("{}", "{}", "\"prediction\": " + value + ", ")),
                        "t.jsonl:1: field 'prediction': expected an object");
    }
    expect_contains(refused(two_nodes("{}", "{}", R"("prediction": {"a": }, )")), "malformed JSON");
    expect_contains(refused(two_nodes("{}", "{}", R"("prediction": {}, )", R"(, "prediction": {})")),
                    "field 'prediction': stands twice");
}

}  // namespace
}  // namespace irene::tests
