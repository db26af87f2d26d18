#include "data/tree_reader.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/dataset.hpp"

#include "base/files.hpp"
#include "base/json.hpp"
#include "data/line_blocks.hpp"
#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

std::string refused(const std::string& line) {
    return refusal(ErrorKind::data, [&] { parse_tree(line, "t.jsonl", 7); });
}

/// `run` with the raw text `value` at `pointer`, whether that is JSON or not.
std::string with_value(Json run, const std::string& pointer, const std::string& value) {
    run[Json::json_pointer(pointer)] = "@HERE@";
    std::string text = run.dump();
    const std::string mark = "\"@HERE@\"";
    return text.replace(text.find(mark), mark.size(), value);
}

std::string without(Json run, const std::string& parent, const std::string& key) {
    run[Json::json_pointer(parent)].erase(key);
    return run.dump();
}

double feature(const Tree& tree, std::size_t node, Feature feature) {
    return tree.nodes()[node].features[static_cast<std::size_t>(feature)];
}

const std::string kRoot = "/frontend_tree";
const std::string kLeaf = "/frontend_tree/child_nodes_obj/0/child_nodes_obj/1";  // the layernorm

TEST(TreeReader, ReadsPredictionsAndTheirIntervals) {
    Json run = small_run("t");
    Json& root = run["frontend_tree"];
    root["predicted_energy"] = 4.5;
    root["predicted_energy_low"] = 4.25;
    root["predicted_energy_high"] = 5.125;
    root["child_nodes_obj"][0]["predicted_energy_high"] = 2.0;
    const Tree tree = parse_tree(run.dump());
    EXPECT_EQ(tree.nodes()[0].predicted_energy, 4.5);
    EXPECT_EQ(tree.nodes()[0].predicted_low, 4.25);
    EXPECT_EQ(tree.nodes()[0].predicted_high, 5.125);
    EXPECT_TRUE(is_absent(tree.nodes()[1].predicted_energy));
    EXPECT_TRUE(is_absent(tree.nodes()[1].predicted_low));
    EXPECT_EQ(tree.nodes()[1].predicted_high, 2.0);
    EXPECT_TRUE(is_absent(tree.nodes()[2].predicted_low));
    EXPECT_TRUE(is_absent(tree.nodes()[2].predicted_high));
}

TEST(TreeReader, ReadsATree) {
    const Tree tree = parse_tree(small_line("t", "bert", 8, 32), "t.jsonl", 7);
    EXPECT_EQ(tree.model_name(), "bert");
    EXPECT_EQ(tree.batch_size(), 8);
    EXPECT_EQ(tree.seq_len(), 32);
    EXPECT_EQ(tree.line(), 7U);
    struct Expected {
        const char* id;
        const char* instance_type;
        NodeType type;
        int parent;
        double energy;
        std::size_t variant;
    };
    const std::vector<Expected> expected{
        {"t/root", "Model", NodeType::model, -1, 5.0, 8},
        {"t/embeddings", "Embeddings", NodeType::module, 0, 1.5, 3},
        {"t/embedding", "Embedding", NodeType::ml, 1, 0.5, 1},
        {"t/layernorm", "LayerNorm", NodeType::ml, 1, 0.75, 2},
        {"t/layer", "Layer", NodeType::module, 0, 3.0, 7},
        {"t/attention", "Attention", NodeType::module, 4, 1.25, 5},
        {"t/linear", "Linear", NodeType::ml, 5, 1.0, 4},  // "ml-np" in the file
        {"t/dense", "Linear", NodeType::ml, 4, 2.0, 6},
    };
    ASSERT_EQ(tree.nodes().size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        SCOPED_TRACE(expected[i].id);
        EXPECT_EQ(tree.id(i), expected[i].id);
        EXPECT_EQ(tree.scope(i), std::string("scope.") + expected[i].id);
        EXPECT_EQ(tree.instance_type(i), expected[i].instance_type);
        EXPECT_EQ(tree.nodes()[i].type, expected[i].type);
        EXPECT_EQ(tree.nodes()[i].parent, expected[i].parent);
        EXPECT_EQ(tree.nodes()[i].measured_energy, expected[i].energy);
        EXPECT_TRUE(is_absent(tree.nodes()[i].predicted_energy));
        EXPECT_EQ(tree.is_leaf(i), expected[i].type == NodeType::ml);
        for (std::size_t f = 0; f < kNodeFeatures.size(); ++f) {
            EXPECT_EQ(feature(tree, i, *feature_from_name(kNodeFeatures[f])),
                      feature_value(expected[i].variant, f))
                << kNodeFeatures[f];
        }
        EXPECT_EQ(feature(tree, i, Feature::batch_size), 8.0);
        EXPECT_EQ(feature(tree, i, Feature::seq_len), 32.0);
        EXPECT_EQ(feature(tree, i, Feature::input_size), 256.0);
    }
}

/// Whatever differs in spelling only must read as the same tree.
void expect_same(const std::string& line) {
    const Tree tree = parse_tree(line), plain = parse_tree(small_line("t"));
    EXPECT_EQ(tree.model_name(), plain.model_name());
    ASSERT_EQ(tree.nodes().size(), plain.nodes().size());
    for (std::size_t i = 0; i < tree.nodes().size(); ++i) {
        EXPECT_EQ(tree.id(i), plain.id(i));
        EXPECT_EQ(tree.scope(i), plain.scope(i));
        EXPECT_EQ(tree.instance_type(i), plain.instance_type(i));
        EXPECT_EQ(tree.nodes()[i].type, plain.nodes()[i].type);
        EXPECT_EQ(tree.nodes()[i].parent, plain.nodes()[i].parent);
        for (std::size_t f = 0; f < kNumFeatures; ++f) {
            const double read = tree.nodes()[i].features[f], expected = plain.nodes()[i].features[f];
            EXPECT_TRUE(read == expected || (is_absent(read) && is_absent(expected))) << read;
        }
        EXPECT_EQ(tree.nodes()[i].measured_energy, plain.nodes()[i].measured_energy);
    }
}

Json reversed(const Json& json) {
    if (json.is_object()) {
        Json result = Json::object();
        std::vector<std::string> keys;
        for (const auto& [key, value] : json.items()) keys.push_back(key);
        for (auto key = keys.rbegin(); key != keys.rend(); ++key) result[*key] = reversed(json[*key]);
        return result;
    }
    if (json.is_array()) {
        Json result = Json::array();
        for (const Json& element : json) result.push_back(reversed(element));
        return result;
    }
    return json;
}

TEST(TreeReader, OrderAndSpellingOfKeysDoNotMatter) {
    const Json run = small_run("t");
    {
        SCOPED_TRACE("keys in reverse order");
        expect_same(reversed(run).dump());
    }
    {
        SCOPED_TRACE("keys sorted");
        expect_same(nlohmann::json::parse(run.dump()).dump());
    }
    {
        SCOPED_TRACE("indented");
        expect_same(run.dump(3));
    }
    {
        SCOPED_TRACE("white space around, CRLF");
        expect_same(" \t" + run.dump() + " \r");
    }
    for (const auto& [key, escaped] : {std::pair("\"id\"", R"("\u0069d")"),
                                       {"\"scope\"", R"("sc\u006Fpe")"},
                                       {"\"cpu\"", R"("\u0063\u0070\u0075")"},
                                       {"\"child_nodes_obj\"", R"("child\u005fnodes_obj")"},
                                       {"\"batch_size\"", R"("batch\u005Fsize")"},
                                       {"\"frontend_tree\"", R"("frontend\u005Ftree")"}}) {
        SCOPED_TRACE(escaped);
        std::string text = run.dump();
        for (std::size_t at = 0; (at = text.find(key, at)) != std::string::npos;) {
            text.replace(at, std::string(key).size(), escaped);
        }
        expect_same(text);
    }
}

TEST(TreeReader, UnknownFieldsOfEveryKindArePassedOver) {
    for (const char* value :
         {"null", "true", "false", "0", "-1.5e-7", "\"text\"", "\"\\n\\u00e9\\\\\\\"\"", "[]", "{}",
          "[1,[2,{\"a\":[]}]]", "{\"id\":1,\"id\":2,\"child_nodes_obj\":\"x\"}",
          "[null,true,\"x\",{\"type\":3}]", "1e308"}) {
        for (const std::string place : {"/extra", "/frontend_tree/extra", "/frontend_tree/id2"}) {
            SCOPED_TRACE(place + ": " + value);
            expect_same(with_value(small_run("t"), place, value));
        }
        SCOPED_TRACE(std::string("inside a leaf: ") + value);
        expect_same(with_value(small_run("t"), kLeaf + "/extra", value));
    }
    // A known key that begins like another one, and keys longer than the padding.
    expect_same(with_value(small_run("t"), kRoot + "/cpu_", "null"));
    expect_same(with_value(small_run("t"), kRoot + "/" + std::string(300, 'k'), "[]"));
    expect_same(with_value(small_run("t"), kRoot + "/", "1"));
}

TEST(TreeReader, KeepsUnicode) {
    Json run = small_run("t");
    run["model_name"] = "Schön-€-🙂";
    run["frontend_tree"]["id"] = "id \" \\ / \t é";
    const Tree plain = parse_tree(run.dump());
    EXPECT_EQ(plain.model_name(), "Schön-€-🙂");
    EXPECT_EQ(plain.id(0), "id \" \\ / \t é");
    const Tree escaped = parse_tree(run.dump(-1, ' ', true));
    EXPECT_EQ(escaped.model_name(), plain.model_name());
    EXPECT_EQ(escaped.id(0), plain.id(0));
}

TEST(TreeReader, OptionalFieldsMayBeMissing) {
    for (const std::string& place : {kRoot, kLeaf}) {
        for (const char* key : kNodeFeatures) {
            SCOPED_TRACE(place + "/" + key);
            const Tree tree = parse_tree(without(small_run("t"), place, key));
            EXPECT_TRUE(is_absent(feature(tree, place == kRoot ? 0 : 3, *feature_from_name(key))));
            EXPECT_FALSE(is_absent(feature(tree, 1, *feature_from_name(key))));
        }
        for (const char* key : {"ground_truth_energy", "parent_name", "level", "child_nodes"}) {
            SCOPED_TRACE(place + "/" + key);
            EXPECT_NO_THROW(parse_tree(without(small_run("t"), place, key)));
        }
    }
    EXPECT_TRUE(is_absent(
        parse_tree(without(small_run("t"), kLeaf, "ground_truth_energy")).nodes()[3].measured_energy));
}

TEST(TreeReader, MissingFieldsAreNamed) {
    for (const char* key : {"model_name", "batch_size", "seq_len", "frontend_tree"}) {
        SCOPED_TRACE(key);
        Json run = small_run("t");
        run.erase(key);
        const std::string what = refused(run.dump());
        expect_contains(what, "t.jsonl:7: ");
        expect_contains(what, std::string("field '") + key + "': is missing");
    }
    for (const char* key : {"id", "scope", "instance_type", "type", "child_nodes_obj"}) {
        for (const std::string& place : {kRoot, kLeaf}) {
            SCOPED_TRACE(place + "/" + key);
            const std::string what = refused(without(small_run("t"), place, key));
            expect_contains(what, "t.jsonl:7: node '");
            expect_contains(what, std::string("field '") + key + "': is missing");
            const bool scoped = std::string(key) != "scope";
            if (place == kLeaf)
                expect_contains(what, scoped ? "scope.t/layernorm" : "a child of scope.t/embeddings");
        }
    }
}

TEST(TreeReader, WrongValuesAreRefusedWithTheirField) {
    struct Case {
        std::string pointer, value, part;
    };
    std::vector<Case> cases;
    for (const std::string pointer : {"/batch_size", "/seq_len"}) {
        for (const char* value : {"0", "-1", "8.5", "8.0", "\"8\"", "true", "null", "[8]", "{}", "67108865",
                                  "9223372036854775808", "1e3", "NaN"}) {
            cases.push_back({pointer, value, "whole number"});
        }
    }
    for (const char* value : {"1", "null", "true", "[]", "{}"})
        cases.push_back({"/model_name", value, "a string"});
    cases.push_back({"/model_name", "\"\"", "not empty"});
    for (const char* value : {"1", "null", "[]", "\"x\""}) cases.push_back({kRoot, value, "a node"});
    for (const std::string& node : {kRoot, kLeaf}) {
        for (const char* key : {"/id", "/scope", "/instance_type"}) {
            for (const char* value : {"1", "null", "false", "[]", "{}"})
                cases.push_back({node + key, value, "a string"});
            cases.push_back({node + key, "\"\"", "not empty"});
        }
        for (const char* value : {"1", "null", "[\"a\"]"})
            cases.push_back({node + "/parent_name", value, "a string"});
        for (const char* value : {"-1", "1.5", "\"0\"", "null"})
            cases.push_back({node + "/level", value, "whole number"});
        for (const char* value : {"1", "null", "\"\"", "\"ML\"", "\"ml \"", "\"layer\"", "[]"}) {
            cases.push_back({node + "/type", value, "'ml', 'ml-np', 'module' or 'model'"});
        }
        for (const char* value : {"1", "null", "{}", "\"\"", "[1]", "[null]", "[[]]"}) {
            cases.push_back({node + "/child_nodes", value, "a list of scopes"});
            cases.push_back({node + "/child_nodes_obj", value, "a list of nodes"});
        }
        for (const char* key : {"ground_truth_energy", "cpu", "num_parameters", "gpu_energy_mean"}) {
            const std::string pointer = node + "/" + key;
            for (const char* value : {"\"1\"", "null", "true", "[]", "{}", "NaN", "Infinity", "-Infinity",
                                      "nan", "inf", "1e400", "-1e400"}) {
                cases.push_back({pointer, value, "finite number"});
            }
            for (const char* value : {"-1", "-1e-300", "-5e-324"})
                cases.push_back({pointer, value, "not negative"});
        }
        for (const char* value : {"\"1\"", "null", "true", "NaN", "1e400"}) {
            cases.push_back({node + "/predicted_energy", value, "finite number"});
        }
    }
    for (const Case& c : cases) {
        SCOPED_TRACE(c.pointer + ": " + c.value);
        const std::string what = refused(with_value(small_run("t"), c.pointer, c.value));
        expect_contains(what, "t.jsonl:7");
        expect_contains(what, "field '" + c.pointer.substr(c.pointer.rfind('/') + 1) + "'");
        expect_contains(what, c.part);
        // The id stands in front of the scope.
        if (c.pointer.starts_with(kLeaf)) {
            const bool scoped = c.pointer != kLeaf + "/scope" && c.pointer != kLeaf + "/id";
            expect_contains(what, scoped ? "scope.t/layernorm" : "a child of scope.t/embeddings");
        }
    }
}

TEST(TreeReader, NumbersAtTheEdgeAreAccepted) {
    for (const auto& [text, value] : {std::pair("0", 0.0),
                                      {"-0.0", 0.0},
                                      {"5e-324", 5e-324},
                                      {"1.7976931348623157e308", 1.7976931348623157e308},
                                      {"1e-400", 0.0},
                                      {"123456789012345678901234567890", 123456789012345678901234567890.0},
                                      {"1.00000000000000005551115123125782", 1.0},
                                      {"1E+2", 100.0}}) {
        SCOPED_TRACE(text);
        const Tree tree = parse_tree(with_value(small_run("t"), kRoot + "/cpu", text));
        EXPECT_EQ(feature(tree, 0, Feature::cpu), value);
    }
    EXPECT_EQ(parse_tree(with_value(small_run("t"), kRoot + "/predicted_energy", "-3.5"))
                  .nodes()[0]
                  .predicted_energy,
              -3.5);
    EXPECT_EQ(parse_tree(with_value(small_run("t"), "/batch_size", "67108864")).batch_size(), 67108864);
}

TEST(TreeReader, NulIsRefusedWhereverItStands) {
    const std::string line = with_value(small_run("t"), kRoot + "/cpu", "1.5");
    for (std::size_t at = 0; at <= line.size(); ++at) {
        std::string with_nul = line;
        with_nul.insert(at, 1, '\0');
        ASSERT_NE(refused(with_nul).find("byte " + std::to_string(at + 1) + ": malformed JSON: NUL"),
                  std::string::npos)
            << refused(with_nul);
    }
}

TEST(TreeReader, LongExponentsAreRead) {
    for (const auto& [text, value] : {std::pair("0e1000000000000000000", 0.0),
                                      {"0.0E+12345678901234567890123", 0.0},
                                      {"1e-1000000000000000000", 0.0},
                                      {"25e-00000000000000000000001", 2.5}}) {
        SCOPED_TRACE(text);
        EXPECT_EQ(feature(parse_tree(with_value(small_run("t"), kRoot + "/cpu", text)), 0, Feature::cpu),
                  value);
        EXPECT_NO_THROW(parse_tree(with_value(small_run("t"), kRoot + "/unknown", text)));
    }
    for (const char* text : {"1e1000000000000000000", "0e1000000000000000000x", "0e1000000000000000000.5",
                             "00e1000000000000000000"}) {
        SCOPED_TRACE(text);
        for (const char* key : {"/cpu", "/unknown"}) {
            EXPECT_THROW(parse_tree(with_value(small_run("t"), kRoot + key, text)), Error);
        }
    }
}

TEST(TreeReader, DigitsBeyondNineteenAreRead) {
    // A 64-bit integer holds nineteen digits: beyond them the parser must not let it overflow.
    for (const auto& [text, value] :
         {std::pair("0.1000000000000000055511151231257827", 0.1),
          {"0.50000000000000000000000001", 0.5},
          {"-0.50000000000000000000000001", -0.5},
          {"0.48043382538974650630953", 0.48043382538974650630953},
          {"0.0000000000000000000000048043382538974650630953", 0.48043382538974650630953e-23},
          {"0.48043382538974650630953e2", 48.043382538974650630953},
          {"1.48043382538974650630953", 1.48043382538974650630953},
          {"480433825389746506309.53", 480433825389746506309.53}}) {
        SCOPED_TRACE(text);
        EXPECT_EQ(parse_tree(with_value(small_run("t"), kRoot + "/predicted_energy", text))
                      .nodes()[0]
                      .predicted_energy,
                  value);
        if (value < 0.0) continue;
        EXPECT_EQ(feature(parse_tree(with_value(small_run("t"), kRoot + "/cpu", text)), 0, Feature::cpu),
                  value);
        EXPECT_EQ(parse_tree(with_value(small_run("t"), kRoot + "/ground_truth_energy", text))
                      .nodes()[0]
                      .measured_energy,
                  value);
    }
}

TEST(TreeReader, TypesMustFitThePlaceInTheTree) {
    const std::string module = kRoot + "/child_nodes_obj/0";
    struct Case {
        std::string pointer, value, part;
    };
    const std::vector<Case> cases{
        {kLeaf + "/type", "\"module\"", "a leaf must be"},
        {kLeaf + "/type", "\"model\"", "a leaf must be"},
        {module + "/type", "\"ml\"", "an inner node must be"},
        {module + "/type", "\"ml-np\"", "an inner node must be"},
        {module + "/type", "\"model\"", "the root, and nothing else"},
        {kRoot + "/type", "\"module\"", "the root, and nothing else"},
        {kRoot + "/type", "\"ml\"", "an inner node must be"},
        {module + "/child_nodes_obj", "[]", "a leaf must be"},
        {kRoot + "/child_nodes_obj", "[]", "a leaf must be"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.pointer + ": " + c.value);
        const std::string what = refused(with_value(small_run("t"), c.pointer, c.value));
        expect_contains(what, c.part);
        expect_contains(what, "field 'type'");
    }
    // A lone root that is an operation.
    refused(make_run("m", 1, 1, make_node("ml", "x", "Linear", 1.0, 0)).dump());
}

/// Two leaves under the root, whose amounts are `first` and `second`: members, as text.
std::string pair_line(const std::string& first, const std::string& second) {
    const auto leaf = [](const std::string& id, const std::string& amounts) {
        return R"({"id":")" + id + R"(","scope":"s","instance_type":"Linear","type":"ml",)" + amounts +
               R"(,"child_nodes_obj":[]})";
    };
    return R"({"model_name":"m","batch_size":1,"seq_len":1,"frontend_tree":{"id":"r","scope":"r",)"
           R"("instance_type":"M","type":"model","child_nodes_obj":[)" +
           leaf("a", first) + "," + leaf("b", second) + "]}}";
}

TEST(TreeReader, AmountsOfEqualLayersAreReadAsTheyStand) {
    const std::string amounts =
        R"("num_parameters":590592,"flops":3.5,"mem_bytes":12.25,"cpu":8.5,"mem":10.0,"gpu":71.0,"gpu_mem":12.0,)"
        R"("gpu_clk":1898,"gpu_mem_clk":3802.0,"times_mean":1.25e-3,"gpu_energy_mean":0.0625,)"
        R"("ground_truth_energy":0.75)";
    const Tree equal = parse_tree(pair_line(amounts, amounts));
    for (std::size_t f = 0; f <= static_cast<std::size_t>(Feature::gpu_energy_mean); ++f)
        EXPECT_EQ(equal.nodes()[2].features[f], equal.nodes()[1].features[f]);
    EXPECT_EQ(equal.nodes()[2].measured_energy, 0.75);
    EXPECT_EQ(feature(equal, 2, Feature::times_mean), 1.25e-3);

    // One digit more or less, anywhere: what the second leaf has is what it would have by itself.
    const auto read_alone = [](const std::string& line, Tree& tree) {
        try {
            tree = parse_tree(line, "t.jsonl", 7);
            return std::string();
        } catch (const Error& error) {
            return std::string(error.what());
        }
    };
    const Tree plain = parse_tree(small_line("t"));
    std::size_t num_read = 0;
    for (std::size_t at = 0; at < amounts.size(); ++at) {
        for (const std::string change : {"", "0", "7", "\"", ",", "}", " "}) {
            SCOPED_TRACE("byte " + std::to_string(at) + " becomes '" + change + "'");
            std::string changed = amounts;
            changed.replace(at, 1, change);
            Tree beside = plain, alone = plain;
            // An amount of its own keeps the first leaf's out of sight.
            const std::string refused_beside = read_alone(pair_line(amounts, changed), beside);
            const std::string refused_alone = read_alone(pair_line(R"("mem":1)", changed), alone);
            EXPECT_EQ(refused_beside.empty(), refused_alone.empty()) << refused_beside << refused_alone;
            if (!refused_beside.empty() || !refused_alone.empty()) continue;
            ++num_read;
            for (std::size_t f = 0; f < kNumFeatures; ++f) {
                const double value = alone.nodes()[2].features[f];
                EXPECT_EQ(is_absent(beside.nodes()[2].features[f]), is_absent(value));
                if (is_absent(value)) continue;
                EXPECT_EQ(beside.nodes()[2].features[f], value);
            }
            EXPECT_EQ(is_absent(beside.nodes()[2].measured_energy),
                      is_absent(alone.nodes()[2].measured_energy));
        }
    }
    EXPECT_GT(num_read, 200U);

    // What stands twice is refused behind equal amounts too, and where an unknown member parts them.
    expect_contains(refused(pair_line(amounts, amounts + R"(,"x":[],"gpu":71.0)")),
                    "field 'gpu': stands twice");
    expect_contains(refused(pair_line(amounts, amounts + R"(,"gpu":71.0)")), "field 'gpu': stands twice");
    const std::string parted = R"("cpu":1,"x":[[1]],"mem":2)";
    const Tree both = parse_tree(pair_line(parted, parted));
    EXPECT_EQ(feature(both, 2, Feature::cpu), 1.0);
    EXPECT_EQ(feature(both, 2, Feature::mem), 2.0);
    // Nesting that one node may have is too deep in a node that lies deeper.
    const std::string deep =
        R"("cpu":1,"x":)" + std::string(252, '[') + std::string(252, ']') + R"(,"mem":2)";
    EXPECT_NO_THROW(parse_tree(pair_line(deep, deep)));
    std::string deeper = pair_line(deep, "@HERE@");
    const std::string inner = pair_line("\"cpu\":1", deep);
    const std::size_t begin = inner.find("{\"id\":\"b\""), end = inner.rfind("]}}");
    const std::size_t at = deeper.find("{\"id\":\"b\"");
    deeper.replace(at, deeper.rfind("]}}") - at,
                   R"({"id":"c","scope":"s","instance_type":"M","type":"module","child_nodes_obj":[)" +
                       inner.substr(begin, end - begin) + "]}");
    expect_contains(refused(deeper), "nested deeper than 256");
    // Keys that are spelled otherwise are the same keys.
    const std::string escaped = R"("\u0063pu":3,"mem":4)";
    EXPECT_EQ(feature(parse_tree(pair_line(escaped, escaped)), 2, Feature::cpu), 3.0);
    // Nothing is left of the line before, in whose place the next one stands.
    std::string other = amounts;
    other.replace(other.size() - 4, 4, "0.25");
    std::string buffer = pair_line(amounts, amounts);
    const std::string next = pair_line(other, other);
    ASSERT_EQ(buffer.size(), next.size());
    buffer.resize(next.size() + data::kPadding);
    data::TreeReader reader("t.jsonl");
    data::TreeLine read;
    reader.read(std::string_view(buffer).substr(0, next.size()), 1, read);
    EXPECT_EQ(read.tree.nodes()[2].measured_energy, 0.75);
    std::copy(next.begin(), next.end(), buffer.begin());
    reader.read(std::string_view(buffer).substr(0, next.size()), 2, read);
    EXPECT_EQ(read.tree.nodes()[1].measured_energy, 0.25);
    EXPECT_EQ(read.tree.nodes()[2].measured_energy, 0.25);
}

TEST(TreeReader, RepeatedKeysAreRefused) {
    const std::string line = small_line("t");
    for (const char* key :
         {"id", "scope", "instance_type", "type", "cpu", "ground_truth_energy", "child_nodes"}) {
        SCOPED_TRACE(key);
        std::string twice = line;
        // Into the root node, behind its own.
        const std::string value = std::string(key) == "child_nodes" ? "[]"
                                  : std::string(key) == "cpu" || std::string(key) == "ground_truth_energy"
                                      ? "1"
                                      : "\"ml\"";
        twice.insert(twice.size() - 2, std::string(",\"") + key + "\":" + value);
        expect_contains(refused(twice), std::string("field '") + key + "': stands twice");
    }
    std::string twice = line;
    twice.insert(twice.size() - 2, R"(,"\u0069d":"x")");
    expect_contains(refused(twice), "field 'id': stands twice");
    expect_contains(refused(twice), "byte " + std::to_string(line.size()));
    twice = line;
    twice.insert(twice.size() - 1, ",\"seq_len\":32");
    expect_contains(refused(twice), "field 'seq_len': stands twice");
    expect_contains(refused(twice), "byte " + std::to_string(line.size() + 1));
    twice = line;
    twice.insert(twice.size() - 2, ",\"predicted_energy\":1,\"predicted_energy\":1");
    expect_contains(refused(twice), "field 'predicted_energy': stands twice");
}

TEST(TreeReader, CutOffAnywhereIsRefused) {
    Json run = small_run("t");
    run["frontend_tree"]["extra"] = {nullptr, true, "é\"", {{"k", 1.5}}};
    run["frontend_tree"]["predicted_energy"] = 1.25;
    run["behind"] = {1, "x"};
    for (const std::string& line : {run.dump(), run.dump(1)}) {
        ASSERT_NO_THROW(parse_tree(line));
        for (std::size_t size = 0; size < line.size(); ++size) {
            SCOPED_TRACE(testing::Message() << "cut after " << size << " bytes");
            refused(line.substr(0, size));
            if (HasFailure()) return;
        }
    }
}

TEST(TreeReader, CutOffWithTheRestBehindIsRefusedAsWell) {
    // In a file the bytes behind a line are those of the next one: here they are just what would be missing.
    const std::string line = small_line("t");
    const std::string padded = line + std::string(data::kPadding, ' ');
    data::TreeReader reader("t.jsonl");
    data::TreeLine out;
    for (std::size_t size = 0; size < line.size(); ++size) {
        SCOPED_TRACE(testing::Message() << "cut after " << size << " bytes");
        refusal(ErrorKind::data, [&] { reader.read(std::string_view(padded).substr(0, size), 1, out); });
        if (HasFailure()) return;
    }
    // And a reader is as good as new after all those refusals.
    reader.read(std::string_view(padded).substr(0, line.size()), 2, out);
    EXPECT_EQ(out.tree.nodes().size(), kSmallRunNodes);
    EXPECT_EQ(out.tree.line(), 2U);
    EXPECT_EQ(out.splices.size(), kSmallRunNodes + 1);  // of nodes, and of the line
}

TEST(TreeReader, MalformedLinesAreRefused) {
    const std::string line = small_line("t");
    const auto replaced = [&line](const std::string& what, const std::string& by) {
        std::string text = line;
        const std::size_t at = text.find(what);
        EXPECT_NE(at, std::string::npos) << what;
        return text.replace(at, what.size(), by);
    };
    struct Case {
        const char* what;
        std::string line;
    };
    const std::vector<Case> cases{
        {"empty", ""},
        {"white space", " \t"},
        {"a list", "[]"},
        {"a string", "\"x\""},
        {"a number", "1"},
        {"null", "null"},
        {"an empty object", "{}"},
        {"a list around", "[" + line + "]"},
        {"a brace behind", line + "}"},
        {"a bracket behind", line + "]"},
        {"a comma behind", line + ","},
        {"a word behind", line + " x"},
        {"a number behind", line + " 1"},
        {"a second tree", line + line},
        {"a second tree after a space", line + " " + line},
        {"no colon", replaced("\"model_name\":", "\"model_name\" ")},
        {"no comma", replaced("\"bert\",", "\"bert\" ")},
        {"two commas", replaced("\"bert\",", "\"bert\",,")},
        {"a comma at the end", replaced("}}", "},}")},
        {"a comma at the end of a list", replaced("]}", ",]}")},
        {"the wrong closer", replaced("]}", "}}")},
        {"quotes missing", replaced("\"model_name\"", "model_name")},
        {"single quotes", replaced("\"model_name\"", "'model_name'")},
        {"a leading zero", replaced("\"level\":0", "\"level\":00")},
        {"a plus", replaced("\"level\":0", "\"level\":+0")},
        {"a point without digits", replaced("\"ground_truth_energy\":5.0", "\"ground_truth_energy\":5.")},
        {"a point first", replaced("\"ground_truth_energy\":5.0", "\"ground_truth_energy\":.5")},
        {"hexadecimal", replaced("\"ground_truth_energy\":5.0", "\"ground_truth_energy\":0x5")},
        {"an exponent without digits", replaced("\"ground_truth_energy\":5.0", "\"ground_truth_energy\":5e")},
        {"a number with letters", replaced("\"ground_truth_energy\":5.0", "\"ground_truth_energy\":5x")},
        {"a comment", replaced("{", "{/**/")},
        {"a misspelt null", replaced("{", "{\"extra\":nul,")},
        {"null and more", replaced("{", "{\"extra\":nullx,")},
        {"true and more", replaced("{", "{\"extra\":truex,")},
        {"a bad number in an unknown field", replaced("{", "{\"extra\":[01],")},
        {"1e400 in an unknown field", replaced("{", "{\"extra\":1e400,")},
        {"NaN in an unknown field", replaced("{", "{\"extra\":NaN,")},
        {"a bad escape in an unknown field", replaced("{", "{\"extra\":\"\\x\",")},
        {"a bad escape in an unknown key", replaced("{", "{\"\\x\":1,")},
        {"a bad escape in a key inside an unknown field", replaced("{", "{\"extra\":[{\"\\x\":1}],")},
        {"a bad escape in a value", replaced("\"bert\"", "\"be\\qrt\"")},
        {"a lone high surrogate", replaced("\"bert\"", "\"\\ud800\"")},
        {"a lone low surrogate", replaced("\"bert\"", "\"\\udc00\"")},
        {"a broken surrogate pair", replaced("\"bert\"", "\"\\ud83d\\u0041\"")},
        {"a lone surrogate in an unknown field", replaced("{", "{\"extra\":\"\\ud800\",")},
        {"a lone surrogate in an unknown key", replaced("{", "{\"\\ud800\":1,")},
        {"a lone surrogate in a scope", replaced("\"scope.t/root\"", "\"\\ud800\"")},
        {"a lone surrogate in a list of scopes",
         replaced("\"child_nodes\":[]", "\"child_nodes\":[\"\\ud800\"]")},
        {"a lone surrogate in parent_name", replaced("\"parent_name\":\"\"", "\"parent_name\":\"\\udfff\"")},
        {"invalid UTF-8", replaced("\"bert\"", "\"\xFF\"")},
        {"UTF-8 cut short", replaced("\"bert\"", "\"\xE2\x82\"")},
        {"overlong UTF-8", replaced("\"bert\"", "\"\xC0\xAF\"")},
        {"a surrogate in UTF-8", replaced("\"bert\"", "\"\xED\xA0\x80\"")},
        {"invalid UTF-8 in an unknown field", replaced("{", "{\"extra\":\"\x80\",")},
        {"a control character in a string", replaced("\"bert\"", "\"be\x01rt\"")},
        {"a tab in a string", replaced("\"bert\"", "\"be\trt\"")},
        {"NUL in a string", replaced("\"bert\"", std::string("\"be\0rt\"", 7))},
        {"NUL between tokens", replaced("{", std::string("{\0", 2))},
        {"NUL behind", line + std::string(1, '\0')},
        {"NUL in front", std::string(1, '\0') + line},
        {"a byte-order mark in front", "\xEF\xBB\xBF" + line},
        {"a byte-order mark inside", replaced("{", "{\xEF\xBB\xBF")},
        {"a byte-order mark behind", line + "\xEF\xBB\xBF"},
        {"a no-break space", replaced("{", "{\xC2\xA0")},
        {"a form feed", replaced("{", "{\f")},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.what);
        expect_contains(refused(c.line), "t.jsonl:7");
    }
}

TEST(TreeReader, NestingHasALimit) {
    // The run is the first level and an unknown field of it the second.
    const auto lists = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    const auto objects = [](std::size_t depth) {
        std::string text;
        for (std::size_t i = 1; i < depth; ++i) text += "{\"a\":";
        return text + "{}" + std::string(depth - 1, '}');
    };
    for (const auto& make : {std::function<std::string(std::size_t)>(lists), {objects}}) {
        EXPECT_NO_THROW(parse_tree(with_value(small_run("t"), "/extra", make(base::kMaxDepth - 1))));
        expect_contains(refused(with_value(small_run("t"), "/extra", make(base::kMaxDepth))),
                        "nested deeper");
        expect_contains(refused(with_value(small_run("t"), "/extra", make(900))), "nested deeper");
        refused(with_value(small_run("t"), "/extra", make(100000)));
        EXPECT_NO_THROW(parse_tree(with_value(small_run("t"), kRoot + "/extra", make(base::kMaxDepth - 2))));
        expect_contains(refused(with_value(small_run("t"), kRoot + "/extra", make(base::kMaxDepth - 1))),
                        "nested deeper");
    }
    // Nodes take two levels each: an object in a list.
    const auto chain = [](std::size_t num_nodes) {
        Json node = make_node("ml", "leaf", "Linear", 1.0, 0);
        for (std::size_t i = 0; i + 2 < num_nodes; ++i) {
            node = make_node("module", "m" + std::to_string(i), "Layer", 1.0, 0, {node});
        }
        return make_run("m", 1, 1, make_node("model", "root", "Model", 1.0, 0, {node})).dump();
    };
    EXPECT_EQ(parse_tree(chain(base::kMaxDepth / 2)).nodes().size(), base::kMaxDepth / 2);
    expect_contains(refused(chain(base::kMaxDepth / 2 + 1)), "nested deeper");
    // Brackets without end must not overflow the stack either.
    refused(std::string(1000000, '['));
    refused("{\"frontend_tree\":" + std::string(1000000, '['));
}

TEST(TreeReader, MessagesStayOnOneLine) {
    Json run = small_run("t");
    run["frontend_tree"]["child_nodes_obj"][0]["scope"] = "a\nb\x1b[31m" + std::string(10000, 'x');
    run["frontend_tree"]["child_nodes_obj"][0]["type"] = "c\nd" + std::string(10000, 'y');
    const std::string what = refused(run.dump());
    EXPECT_LT(what.size(), 500U);
    expect_contains(what, "a\\x0ab");
    expect_contains(what, "c\\x0ad");
}

}  // namespace
}  // namespace irene::tests
