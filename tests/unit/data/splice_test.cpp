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
#include "small_trees.hpp"

namespace irene::tests {
namespace {

std::string spliced(const std::string& line, const std::vector<double>& joules) {
    data::TreeReader reader("t.jsonl");
    data::TreeLine read;
    const std::string padded = line + std::string(data::kPadding, '\0');
    reader.read(std::string_view(padded).substr(0, line.size()), 1, read);
    std::vector<std::uint32_t> keys_of_node(read.tree.nodes.size(), 0);
    std::size_t behind = 0;
    for (const Splice& splice : read.splices) {
        EXPECT_EQ(keys_of_node[splice.node] & splice.keys, 0U) << "a key has two places";
        keys_of_node[splice.node] |= splice.keys;
        EXPECT_LE(behind, splice.begin);
        EXPECT_LE(splice.begin, splice.end);
        behind = splice.end;
    }
    for (const std::uint32_t keys : keys_of_node) EXPECT_EQ(keys, (1U << kNumOutputKeys) - 1);
    std::string out = "before ";
    data::splice(line, read.splices, {&joules, nullptr, nullptr}, out);
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
        ASSERT_EQ(line.tree.nodes.size(), kNumbersPerTree + 1);
        for (std::size_t i = 0; i < kNumbersPerTree; ++i) {
            ASSERT_EQ(std::bit_cast<std::uint64_t>(line.tree.nodes[i + 1].predicted_energy),
                      std::bit_cast<std::uint64_t>(values[i]))
                << base::format(values[i], 17);
        }
    }
}

TEST(Splice, IntervalsGoInBehindOrReplaceWhatIsThere) {
    const std::string node =
        R"({"id": "a", "scope": "root", "instance_type": "M", "type": "model", "predicted_energy_high": 7, )"
        R"("child_nodes_obj": [{"id": "b", "scope": "root.b", "instance_type": "Linear", "type": "ml", )"
        R"("child_nodes_obj": []}]})";
    const std::string line =
        R"({"model_name": "m", "batch_size": 1, "seq_len": 1, "frontend_tree": )" + node + "}";
    data::TreeReader reader("t.jsonl");
    data::TreeLine read;
    const std::string padded = line + std::string(data::kPadding, '\0');
    reader.read(std::string_view(padded).substr(0, line.size()), 1, read);
    const std::vector<double> energy{2.0, 1.0}, low{1.5, 0.5}, high{2.5, 1.5};
    std::string out;
    data::splice(line, read.splices, {&energy, &low, &high}, out);
    EXPECT_EQ(
        out,
        R"({"model_name": "m", "batch_size": 1, "seq_len": 1, "frontend_tree": {"id": "a", "scope": "root", )"
        R"("instance_type": "M", "type": "model", "predicted_energy_high": 2.5, "child_nodes_obj": [{"id": "b", )"
        R"("scope": "root.b", "instance_type": "Linear", "type": "ml", "child_nodes_obj": [], "predicted_energy": 1.0, )"
        R"("predicted_energy_low": 0.5, "predicted_energy_high": 1.5}], "predicted_energy": 2.0, )"
        R"("predicted_energy_low": 1.5}})");
    out.clear();
    data::splice(line, read.splices, {nullptr, nullptr, nullptr}, out);
    EXPECT_EQ(out, line);
}

}  // namespace
}  // namespace irene::tests
