#include "irene/visualize.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

constexpr std::string_view kTemplate = "<title>@IRENE_TITLE@</title><script>@IRENE_DATA@</script>";
const std::string kHostile = "</script><img src=x onerror=alert(1)>";

/// A small run with predictions: leaves as measured, inner nodes the sum of their children and 0.25 J.
void predict_sums(Json& node) {
    double energy = 0.25;
    for (Json& child : node["child_nodes_obj"]) {
        predict_sums(child);
        energy += child["predicted_energy"].get<double>();
    }
    node["predicted_energy"] = node["child_nodes_obj"].empty() ? node["ground_truth_energy"] : Json(energy);
}

/// As the tools write scopes: each begins with its parent's.
void set_scopes(Json& node, const std::string& scope) {
    node["scope"] = scope;
    for (Json& child : node["child_nodes_obj"]) {
        const std::string id = child["id"];
        set_scopes(child, scope + "." + id.substr(id.rfind('/') + 1));
    }
}

Json predicted_run(const std::string& prefix, const std::string& model_name = "bert", int batch_size = 8,
                   int seq_len = 32, std::size_t variant = 0) {
    Json run = small_run(prefix, model_name, batch_size, seq_len, variant);
    predict_sums(run["frontend_tree"]);
    set_scopes(run["frontend_tree"], "root");
    return run;
}

class Visualize : public testing::Test {
  protected:
    void write(const std::vector<Json>& runs, const std::string& name = "p.jsonl") {
        std::string text;
        for (const Json& run : runs) text += run.dump() + "\n";
        write_file(directory_ / name, text);
    }
    std::string made(VisualizeOptions options = {}) {
        if (options.page_template.empty()) options.page_template = kTemplate;
        summary_ = visualize_file(directory_ / "p.jsonl", directory_ / "out", options);
        return read_file(directory_ / "out");
    }
    std::string refused(ErrorKind kind, const VisualizeOptions& options = {}) {
        const std::string message = refusal(kind, [&] { made(options); });
        EXPECT_FALSE(std::filesystem::exists(directory_ / "out"));
        return message;
    }
    Json data(const VisualizeOptions& options = {}) {
        const std::string page = made(options);
        const std::size_t begin = page.find("<script>") + 8;
        return Json::parse(page.substr(begin, page.rfind("</script>") - begin));
    }

    const TemporaryDirectory directory_;
    VisualizeSummary summary_;
};

TEST_F(Visualize, EqualSubtreesAreStoredOnce) {
    write({predicted_run("a"), predicted_run("b"), predicted_run("c", "bert", 16, 32, 1)});
    const Json page = data();
    EXPECT_EQ(page["version"], 1);
    EXPECT_EQ(page["title"], "Energy of p.jsonl");
    EXPECT_EQ(page["files"], Json({"p.jsonl"}));
    EXPECT_EQ(page["runs"]["batch"], Json({8, 8, 16}));
    EXPECT_EQ(page["runs"]["length"], Json({32}));  // that of all behind it
    EXPECT_EQ(page["runs"]["level"], Json::parse("[null]"));
    const Json& roots = page["runs"]["root"];
    EXPECT_EQ(roots[0], roots[1]);  // the same numbers
    EXPECT_NE(roots[0], roots[2]);
    const Json& nodes = page["nodes"];
    EXPECT_EQ(nodes["shape"][roots[0].get<std::size_t>()], nodes["shape"][roots[2].get<std::size_t>()]);
    EXPECT_EQ(page["shapes"]["class"].size(), 7U);  // two of the eight nodes are leaves of class Linear
    EXPECT_EQ(nodes["shape"].size(), 2 * kSmallRunNodes);  // the third has other counts
    EXPECT_EQ(summary_.num_runs, 3U);
    EXPECT_EQ(summary_.num_nodes, 3 * kSmallRunNodes);
    EXPECT_EQ(summary_.num_negative_self, 0U);

    const std::size_t root = roots[0];
    EXPECT_EQ(nodes["predicted"][root], 0.5 + 0.75 + 1.0 + 2.0 + 4 * 0.25);
    EXPECT_EQ(nodes["measured"][root], 5.0);
    EXPECT_TRUE(nodes["low"].empty());
    const std::size_t shape = nodes["shape"][root];
    EXPECT_EQ(page["strings"][page["shapes"]["class"][shape].get<std::size_t>()], "Model");
    EXPECT_EQ(page["shapes"]["type"][shape], 2);
    EXPECT_EQ(page["shapes"]["size"][shape], 2);
    const Json& names = page["shapes"]["names"];
    EXPECT_EQ(page["strings"][names.back().get<std::size_t>()], "layer");  // the root's shape stands last
}

TEST_F(Visualize, ChildrenHaveTheirRoles) {
    Json run = predicted_run("a");
    Json& root = run["frontend_tree"];
    root["child_nodes_obj"][0]["scope"] = "elsewhere.mlp";
    root["child_nodes_obj"][1]["scope"] = root["scope"].get<std::string>() + ".x";
    root["child_nodes_obj"][1]["instance_type"] = "Mixer";
    write({run});
    const Json page = data();
    const Json& roles = page["shapes"]["roles"];
    ASSERT_EQ(roles.size(), page["shapes"]["names"].size());
    EXPECT_EQ(page["roles"][0], "");
    // The root's shape stands last.
    EXPECT_EQ(page["roles"][roles[roles.size() - 2].get<std::size_t>()], "mlp");
    EXPECT_EQ(roles.back(), 0);
    // Only those that some child or class has.
    const Json& kinds = page["shapes"]["kinds"];
    for (std::size_t role = 1; role < page["roles"].size(); ++role)
        EXPECT_TRUE(std::find(roles.begin(), roles.end(), role) != roles.end() ||
                    std::find(kinds.begin(), kinds.end(), role) != kinds.end())
            << page["roles"][role];
}

TEST_F(Visualize, EqualSubtreesThatDoOtherWorkInOtherPlacesAreNotOne) {
    std::vector<Json> runs;
    for (const std::string name : {"attn", "mlp"}) {
        Json& mixer = runs.emplace_back(
            predicted_run(name))["frontend_tree"]["child_nodes_obj"][1]["child_nodes_obj"][0];
        mixer["instance_type"] = "Mixer";
        mixer["scope"] = "root.layer." + name;
        mixer["child_nodes_obj"][0]["scope"] = "root.layer." + name + ".c_proj";
    }
    write(runs);
    const Json page = data();
    std::vector<std::string> roles;
    for (std::size_t i = 0; i < page["shapes"]["names"].size(); ++i) {
        const Json& name = page["strings"][page["shapes"]["names"][i].get<std::size_t>()];
        if (name == "c_proj") roles.push_back(page["roles"][page["shapes"]["roles"][i].get<std::size_t>()]);
    }
    EXPECT_EQ(roles, (std::vector<std::string>{"attention.output", "mlp.down"}));
    // What a class tells by itself.
    const Json& kinds = page["shapes"]["kinds"];
    ASSERT_EQ(kinds.size(), page["shapes"]["class"].size());
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        const Json& of = page["strings"][page["shapes"]["class"][i].get<std::size_t>()];
        const Json& kind = page["roles"][kinds[i].get<std::size_t>()];
        if (of == "Linear") {
            EXPECT_EQ(kind, "linear");
        }
        if (of == "Mixer") {
            EXPECT_EQ(kind, "");
        }
    }
}

TEST_F(Visualize, ScopesThatDoNotExtendTheirParentsAreKeptWhole) {
    Json run = predicted_run("a");
    run["frontend_tree"]["child_nodes_obj"][1]["scope"] = "elsewhere.layer";
    write({run});
    const Json page = data();
    const auto name = page["shapes"]["names"].back().get<std::int64_t>();
    ASSERT_LT(name, 0);
    EXPECT_EQ(page["strings"][static_cast<std::size_t>(-1 - name)], "elsewhere.layer");
}

TEST_F(Visualize, IntervalsAndGapsReachThePage) {
    Json run = predicted_run("a");
    run["frontend_tree"]["predicted_energy_low"] = 4.0;
    run["frontend_tree"]["predicted_energy_high"] = 6.5;
    run["frontend_tree"].erase("ground_truth_energy");
    write({run});
    const Json page = data();
    const std::size_t root = page["runs"]["root"][0];
    EXPECT_EQ(page["nodes"]["low"][root], 4.0);
    EXPECT_EQ(page["nodes"]["high"][root], 6.5);
    EXPECT_EQ(page["nodes"]["low"][0], nullptr);
    EXPECT_EQ(page["nodes"]["measured"][root], nullptr);
}

TEST_F(Visualize, SecondsReachPageAndCsvWhereThereAreAny) {
    Json run = predicted_run("a");
    write({run});
    EXPECT_TRUE(data()["nodes"]["seconds"].empty());
    EXPECT_EQ(made({.format = ViewFormat::csv}).find("seconds"), std::string::npos);
    Json timed = run;
    timed["frontend_tree"]["predicted_seconds"] = 0.125;
    write({run, timed});
    const Json page = data();
    const Json& roots = page["runs"]["root"];
    EXPECT_NE(roots[0], roots[1]);  // alike but for their time
    EXPECT_EQ(page["nodes"]["seconds"][roots[0].get<std::size_t>()], nullptr);
    EXPECT_EQ(page["nodes"]["seconds"][roots[1].get<std::size_t>()], 0.125);
    const std::string csv = made({.format = ViewFormat::csv});
    expect_contains(csv, ",predicted_energy_high,predicted_seconds,measured_energy,");
    expect_contains(csv, ",model,5.25,0.25,1.0,1.0,,,,5.0,5.0,");
    expect_contains(csv, ",model,5.25,0.25,1.0,1.0,,,0.125,5.0,5.0,");
}

TEST_F(Visualize, PartsOfEnergyReachPageAndCsvWhereThereAreAny) {
    const Json run = predicted_run("a");
    write({run});
    EXPECT_FALSE(data()["nodes"].contains("arithmetic"));
    EXPECT_FALSE(data()["nodes"].contains("memory"));
    EXPECT_EQ(made({.format = ViewFormat::csv}).find("arithmetic"), std::string::npos);
    const auto with_parts = [&run](double arithmetic) {
        Json parted = run;
        parted["frontend_tree"]["predicted_arithmetic_energy"] = arithmetic;
        parted["frontend_tree"]["predicted_memory_energy"] = 0.25;
        parted["frontend_tree"]["predicted_static_energy"] = 5.0 - arithmetic;
        return parted;
    };
    write({run, with_parts(1.5), with_parts(2.0)});
    const Json page = data();
    const Json& roots = page["runs"]["root"];
    EXPECT_NE(roots[0], roots[1]);  // alike but for what their energy is spent on
    EXPECT_NE(roots[1], roots[2]);
    const auto of_run = [&](const char* list, std::size_t place) {
        return page["nodes"][list][roots[place].get<std::size_t>()];
    };
    EXPECT_EQ(page["nodes"]["arithmetic"].size(), page["nodes"]["predicted"].size());
    EXPECT_EQ(of_run("arithmetic", 0), nullptr);
    EXPECT_EQ(of_run("arithmetic", 1), 1.5);
    EXPECT_EQ(of_run("arithmetic", 2), 2.0);
    EXPECT_EQ(of_run("memory", 2), 0.25);
    const std::string csv = made({.format = ViewFormat::csv});
    expect_contains(csv,
                    ",predicted_energy_high,predicted_arithmetic_energy,predicted_memory_energy,"
                    "predicted_static_energy,measured_energy,");
    expect_contains(csv, ",model,5.25,0.25,1.0,1.0,,,,,,5.0,5.0,");
    expect_contains(csv, ",model,5.25,0.25,1.0,1.0,,,1.5,0.25,3.5,5.0,5.0,");
}

TEST_F(Visualize, RefusesPartsThatAreNotThoseOfTheEnergy) {
    Json run = predicted_run("a");
    run["frontend_tree"]["predicted_arithmetic_energy"] = 1.0;
    write({run});
    expect_contains(refused(ErrorKind::data),
                    "p.jsonl:1: node 'root': field 'predicted_energy': has some of its "
                    "arithmetic, memory and static parts, not all");
    run["frontend_tree"]["predicted_memory_energy"] = 1.0;
    run["frontend_tree"]["predicted_static_energy"] = 3.0;
    write({run});
    expect_contains(refused(ErrorKind::data),
                    "field 'predicted_energy': is 5.25 J, but its arithmetic, memory and "
                    "static parts add up to 5 J; predict it again");
}

TEST_F(Visualize, ThePageKnowsTheDeviceOfAPrediction) {
    Json run = predicted_run("a");
    write({run});
    EXPECT_FALSE(data()["runs"].contains("device"));
    Json named = run;
    named["prediction"] = {{"model", "m"}, {"device", "H100-SXM"}};
    write({run, named});
    const Json page = data();
    const auto text = [&](const char* list, std::size_t place) {
        return page["strings"][page["runs"][list][place].get<std::size_t>()];
    };
    EXPECT_EQ(text("device", 0), "");
    EXPECT_EQ(text("device", 1), "H100-SXM");
    EXPECT_EQ(text("prediction", 1), "model 'm', device 'H100-SXM'");
}

TEST_F(Visualize, NamesNeverBecomeMarkup) {
    Json run = predicted_run("a", kHostile + "\xE2\x80\xA8 & '\"\\ @IRENE_DATA@");
    run["frontend_tree"]["instance_type"] = kHostile;
    run["frontend_tree"]["child_nodes_obj"][0]["scope"] = "root." + kHostile;
    write({run});
    const std::string page = made({.title = kHostile + " & \"@IRENE_DATA@\""});
    EXPECT_EQ(page.find("<img"), std::string::npos);
    EXPECT_EQ(page.find("</script>"), page.rfind("</script>"));
    expect_contains(page,
                    "<title>&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt; &amp; "
                    "&quot;@IRENE_DATA@&quot;</title>");
    expect_contains(page, "\\u003c/script\\u003e\\u003cimg src=x onerror=alert(1)\\u003e\\u2028 \\u0026");
    const Json read = data({.title = kHostile});
    EXPECT_EQ(read["title"], kHostile);
    EXPECT_NE(read["strings"].dump().find("onerror"), std::string::npos);
    const std::size_t name = read["runs"]["model"][0];
    EXPECT_EQ(read["strings"][name], kHostile + "\xE2\x80\xA8 & '\"\\ @IRENE_DATA@");
}

TEST_F(Visualize, TwoFilesAndATitle) {
    write({predicted_run("a")});
    write({predicted_run("b", "gpt2"), predicted_run("c")}, "other.jsonl");
    const Json page = data({.compare = directory_ / "other.jsonl", .title = "Two of them"});
    EXPECT_EQ(page["title"], "Two of them");
    EXPECT_EQ(page["files"], Json({"p.jsonl", "other.jsonl"}));
    EXPECT_EQ(page["runs"]["file"], Json({0, 1}));
    // Of equal names the whole paths are told.
    std::filesystem::create_directory(directory_ / "more");
    write({predicted_run("b")}, "more/p.jsonl");
    EXPECT_EQ(data({.compare = directory_ / "more/p.jsonl"})["files"],
              Json({(directory_ / "p.jsonl").string(), (directory_ / "more/p.jsonl").string()}));
    expect_contains(
        refusal(ErrorKind::usage,
                [&] { made({.format = ViewFormat::csv, .compare = directory_ / "other.jsonl"}); }),
        "'html', not 'csv'");
    expect_contains(
        refusal(ErrorKind::usage, [&] { visualize_file("-", directory_ / "out", {.compare = "-"}); }),
        "only one of the two");
}

TEST_F(Visualize, FiltersAndSamples) {
    std::vector<Json> runs;
    for (int i = 0; i < 10; ++i)
        runs.push_back(predicted_run("t" + std::to_string(i), i % 2 == 0 ? "a" : "b", 8 + i / 5, i + 1));
    write(runs);
    struct Choice {
        std::vector<std::string> conditions;
        std::optional<std::size_t> sample;
        std::vector<int> lengths;
    };
    const std::vector<Choice> choices{
        {{}, std::nullopt, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
        {{"model_name=a"}, std::nullopt, {1, 3, 5, 7, 9}},
        {{"model_name=a,b", "batch_size=9"}, std::nullopt, {6, 7, 8, 9, 10}},
        {{"model_name=a", "model_name=b", "batch_size=9", "seq_len=5,6,8,10,64"}, 2, {6, 10}},
        {{}, 1, {1}},
        {{}, 3, {1, 5, 10}},
        {{}, 4, {1, 4, 7, 10}},
        {{}, 10, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
        {{}, 2000, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
    };
    for (const Choice& choice : choices) {
        VisualizeOptions options{.sample = choice.sample};
        for (const std::string& condition : choice.conditions) add_condition(options.only, condition);
        EXPECT_EQ(data(options)["runs"]["length"], Json(choice.lengths));
    }
    // What was not chosen leaves nothing behind.
    VisualizeOptions only_b;
    add_condition(only_b.only, "model_name=b");
    const Json page = data(only_b);
    for (const Json& text : page["strings"]) EXPECT_NE(text, "a");
}

TEST_F(Visualize, RefusesConditions) {
    for (const char* condition : {"", "model_name", "model=a", "batch_size=", "batch_size=8,", "batch_size=0",
                                  "batch_size=8x", "seq_len=-1", "model_name=,a"}) {
        RunFilter filter;
        SCOPED_TRACE(condition);
        expect_contains(refusal(ErrorKind::usage, [&] { add_condition(filter, condition); }), "'");
    }
    write({predicted_run("a")});
    VisualizeOptions options;
    add_condition(options.only, "batch_size=9");
    expect_contains(refused(ErrorKind::data, options), "p.jsonl: no run is left");
    expect_contains(refused(ErrorKind::usage, {.sample = 0}), "sample of 0");
    expect_contains(refused(ErrorKind::usage, {.sample = kMaxPageRuns + 1}), "at most 2000");
}

TEST_F(Visualize, RefusesTreesWithoutPredictions) {
    Json run = predicted_run("b");
    run["frontend_tree"]["child_nodes_obj"][1]["child_nodes_obj"][0].erase("predicted_energy");
    write({predicted_run("a"), run});
    const std::string message = refused(ErrorKind::data);
    expect_contains(message, "p.jsonl:2: node 'root.layer.attention': field 'predicted_energy': is missing");
    expect_contains(message, "run irene-predict first");
}

TEST_F(Visualize, LinesAndRowsOfNothingAreNone) {
    write({});
    EXPECT_EQ(made({.format = ViewFormat::folded}), "");
    const std::string header = made({.format = ViewFormat::csv});
    EXPECT_EQ(header.find('\n'), header.size() - 1);
    EXPECT_EQ(summary_.num_runs, 0U);
    std::filesystem::remove(directory_ / "out");
    for (const ViewFormat format : {ViewFormat::html, ViewFormat::speedscope})
        expect_contains(refused(ErrorKind::data, {.format = format}), "holds no tree");
    write({predicted_run("a")});
    RunFilter none;
    none.conditions[RunKey::batch_size] = {std::int64_t{77}};
    expect_contains(refused(ErrorKind::data, {.format = ViewFormat::csv, .only = none}), "no run is left");
}

TEST_F(Visualize, RefusesToReplaceAnInput) {
    write({predicted_run("a")});
    write({predicted_run("b")}, "q.jsonl");
    const std::string before = read_file(directory_ / "q.jsonl");
    std::filesystem::create_hard_link(directory_ / "q.jsonl", directory_ / "linked");
    for (const char* output : {"q.jsonl", "linked"}) {
        expect_contains(refusal(ErrorKind::usage,
                                [&] {
                                    visualize_file(
                                        directory_ / "p.jsonl", directory_ / output,
                                        {.compare = directory_ / "q.jsonl", .page_template = kTemplate});
                                }),
                        "is also the input");
        EXPECT_EQ(read_file(directory_ / "q.jsonl"), before);
    }
}

TEST_F(Visualize, TooManyRunsAreRefusedUnlessSampled) {
    Json run = predicted_run("a");
    std::string text;
    for (int length = 1; length <= 10000; ++length) {
        run["seq_len"] = length;
        text += run.dump() + "\n";
    }
    write_file(directory_ / "p.jsonl", text);
    const std::string message = refused(ErrorKind::data);
    expect_contains(message, "more than 2000 runs");
    expect_contains(message, "--only");
    expect_contains(message, "--sample");
    const Json sampled = data({.sample = 200});
    EXPECT_EQ(sampled["runs"]["root"].size(), 200U);
    EXPECT_EQ(sampled["runs"]["length"].front(), 1);
    EXPECT_EQ(sampled["runs"]["length"].back(), 10000);
    EXPECT_NO_THROW(made({.format = ViewFormat::folded}));
    EXPECT_EQ(summary_.num_runs, 10000U);
}

TEST_F(Visualize, FoldedStacksHoldSelfEnergies) {
    Json run = predicted_run("a", "be;rt\n");
    write({run});
    const std::string stacks = made({.format = ViewFormat::folded});
    EXPECT_EQ(stacks,
              "be:rt , batch size 8, length 32 250000\n"
              "be:rt , batch size 8, length 32;embeddings 250000\n"
              "be:rt , batch size 8, length 32;embeddings;embedding 500000\n"
              "be:rt , batch size 8, length 32;embeddings;layernorm 750000\n"
              "be:rt , batch size 8, length 32;layer 250000\n"
              "be:rt , batch size 8, length 32;layer;attention 250000\n"
              "be:rt , batch size 8, length 32;layer;attention;linear 1000000\n"
              "be:rt , batch size 8, length 32;layer;dense 2000000\n");
}

TEST_F(Visualize, FoldedStacksBelowHalfAMicrojouleAreCounted) {
    Json run = predicted_run("a");
    write({run});
    (void)made({.format = ViewFormat::folded});
    EXPECT_EQ(summary_.num_too_small, 0U);
    EXPECT_EQ(summary_.share_too_small, 0.0);
    // 1 and 0.5 microjoules are shown, as one each; 0.4 is not, 0 is no stack, and 1e-22 is left of 1e-6.
    const auto scale = [](Json& node, const auto& next) -> void {
        node["predicted_energy"] = 0.0;
        for (Json& child : node["child_nodes_obj"]) next(child, next);
    };
    scale(run["frontend_tree"], scale);
    Json& root = run["frontend_tree"];
    Json& embeddings = root["child_nodes_obj"][0];
    root["predicted_energy"] = 1.9e-6;
    embeddings["predicted_energy"] = 1.4e-6;
    embeddings["child_nodes_obj"][0]["predicted_energy"] = 1.0e-6;
    embeddings["child_nodes_obj"][1]["predicted_energy"] = 0.4e-6;
    write({run});
    EXPECT_EQ(made({.format = ViewFormat::folded}),
              "bert, batch size 8, length 32 1\nbert, batch size 8, length 32;embeddings;embedding 1\n");
    EXPECT_EQ(summary_.num_too_small, 1U);
    EXPECT_NEAR(summary_.share_too_small, 0.4 / 1.9, 1e-12);
    // Nothing is left but the count.
    root["predicted_energy"] = embeddings["predicted_energy"] = 0.4e-6;
    embeddings["child_nodes_obj"][0]["predicted_energy"] = 0.0;
    write({run});
    EXPECT_EQ(made({.format = ViewFormat::folded}), "");
    EXPECT_EQ(summary_.num_too_small, 1U);
    EXPECT_EQ(summary_.share_too_small, 1.0);
}

TEST_F(Visualize, SpeedscopeHoldsAProfilePerRun) {
    write({predicted_run("a"), predicted_run("b", kHostile)});
    const Json file = Json::parse(made({.format = ViewFormat::speedscope}));
    EXPECT_EQ(file["$schema"], "https://www.speedscope.app/file-format-schema.json");
    EXPECT_EQ(file["shared"]["frames"].size(), kSmallRunNodes);
    EXPECT_EQ(file["shared"]["frames"][1]["name"], "embeddings (Embeddings)");
    ASSERT_EQ(file["profiles"].size(), 2U);
    for (const Json& profile : file["profiles"]) {
        EXPECT_EQ(profile["type"], "sampled");
        EXPECT_EQ(profile["samples"].size(), profile["weights"].size());
        double sum = 0.0;
        for (const Json& weight : profile["weights"]) sum += weight.get<double>();
        EXPECT_NEAR(sum, 5.25e6, 1e-3);
        EXPECT_NEAR(profile["endValue"].get<double>(), sum, 1e-3);
    }
    EXPECT_EQ(file["profiles"][0]["samples"][2], Json({0, 1, 2}));
}

TEST_F(Visualize, CsvHoldsEveryNode) {
    Json run = predicted_run("a", "a \"b\", c");
    run["frontend_tree"]["predicted_energy_low"] = 5.0;
    run["frontend_tree"]["predicted_energy_high"] = 5.5;
    write({run});
    const std::string csv = made({.format = ViewFormat::csv});
    std::istringstream in(csv);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    ASSERT_EQ(lines.size(), 1 + kSmallRunNodes);
    EXPECT_EQ(lines[1], "\"a \"\"b\"\", c\",8,32,root,0,Model,model,5.25,0.25,1.0,1.0,5.0,5.5,5.0,5.0,,,");
    EXPECT_EQ(lines[7], "\"a \"\"b\"\", c\",8,32,root.layer.attention.linear,3,Linear,ml,1.0,1.0,0.8," +
                            lines[7].substr(lines[7].find("0.19")));
}

TEST_F(Visualize, WhatIsEqualInOtherRunsIsStoredOnce) {
    Json run = predicted_run("b");
    run["frontend_tree"]["predicted_energy"] = 9.0;
    write({predicted_run("a"), run});
    EXPECT_EQ(data()["nodes"]["shape"].size(), kSmallRunNodes + 1);
}

TEST_F(Visualize, WhatNodesDoReachesThePage) {
    Json run = predicted_run("a");
    const std::function<void(Json&)> forget = [&forget](Json& node) {
        for (const char* key : {"num_parameters", "flops", "mem_bytes", "launches"}) node.erase(key);
        for (Json& child : node["child_nodes_obj"]) forget(child);
    };
    forget(run["frontend_tree"]);
    run["frontend_tree"]["flops"] = 1234567.891;
    run["frontend_tree"]["num_parameters"] = 0;
    write({run});
    const Json page = data();
    EXPECT_FALSE(page["works"].contains("launches"));
    const std::size_t root = page["runs"]["root"][0];
    const std::size_t work = page["nodes"]["work"][root];
    EXPECT_EQ(page["works"]["flops"][work], 1234600);
    EXPECT_EQ(page["works"]["num_parameters"][work], 0);
    EXPECT_EQ(page["works"]["flops"].size(), 2U);  // that of the root, and that of all others
    EXPECT_TRUE(page["works"]["flops"][1 - work].is_null());
}

TEST_F(Visualize, KeysThatTellRunsApartReachThePage) {
    Json run = predicted_run("a");
    run["dtype"] = "bfloat16";
    write({predicted_run("a"), run});
    EXPECT_EQ(data()["runs"]["keys"], Json::parse(R"({"model_name": {"values": ["bert"], "of": [0]},
                              "dtype": {"values": ["float32", "bfloat16"], "of": [0, 1]}})"));
}

TEST_F(Visualize, WhatIsToldOfNodesReachesPageAndCsv) {
    Json run = predicted_run("a");
    run["prediction"] = {{"model", "mine"}, {"interval", 0.5}};
    Json& layers = run["frontend_tree"]["child_nodes_obj"];
    layers[0]["outside_training"] = {"rows", "flops"};
    layers[0]["no_interval"] = "too far, \"beyond\"";
    layers[1]["unseen_operation"] = false;
    layers[1]["child_nodes_obj"][1]["unseen_operation"] = true;
    write({predicted_run("b"), run});
    const Json page = data();
    EXPECT_EQ(page["marks"], Json::parse(R"([{"outside": [], "unseen": false, "no_interval": ""},
        {"outside": [], "unseen": true, "no_interval": ""},
        {"outside": ["rows", "flops"], "unseen": false, "no_interval": "too far, \"beyond\""}])"));
    EXPECT_EQ(page["runs"]["level"], Json::parse("[null, 0.5]"));
    const Json& nodes = page["nodes"];
    ASSERT_EQ(nodes["marks"].size(), nodes["shape"].size());
    const auto of_root_child = [&](std::size_t run_number, std::size_t child) {
        const std::size_t root = page["runs"]["root"][run_number];
        std::size_t first = 0;
        for (std::size_t node = 0; node < root; ++node)
            first += page["shapes"]["size"][nodes["shape"][node].get<std::size_t>()].get<std::size_t>();
        return nodes["marks"][root - nodes["children"][first + child].get<std::size_t>()].get<int>();
    };
    EXPECT_EQ(of_root_child(0, 0), 0);
    EXPECT_EQ(of_root_child(1, 0), 2);
    EXPECT_EQ(of_root_child(1, 1), 0);
    const auto words = [&](std::size_t number) {
        return page["strings"][page["runs"]["prediction"][number].get<std::size_t>()];
    };
    EXPECT_EQ(words(0), "");
    EXPECT_EQ(words(1), "model 'mine', intervals of 50 %");
    const std::string csv = made({.format = ViewFormat::csv});
    expect_contains(csv, "percentage_error,outside_training,unseen_operation,no_interval\n");
    expect_contains(csv, ",rows flops,,\"too far, \"\"beyond\"\"\"\n");
    expect_contains(csv, ",,true,\n");
    // Of runs that are left out, nothing stays.
    write({run, predicted_run("b")});
    EXPECT_EQ(data({.sample = 1})["marks"].size(), 3U);
    write({predicted_run("b"), run});
    EXPECT_EQ(data({.sample = 1})["marks"].size(), 1U);
    EXPECT_TRUE(data({.sample = 1})["nodes"]["marks"].empty());
}

TEST_F(Visualize, WeightsCorrectionsAreCounted) {
    Json run = predicted_run("a");
    run["frontend_tree"]["predicted_energy"] = 3.0;  // its children add up to 5
    write({run});
    const std::string csv = made({.format = ViewFormat::csv});
    EXPECT_EQ(summary_.num_negative_self, 1U);
    expect_contains(csv, ",model,3.0,-2.0,1.0,");
}

TEST_F(Visualize, FormatsHaveNames) {
    for (const ViewFormat format :
         {ViewFormat::html, ViewFormat::speedscope, ViewFormat::folded, ViewFormat::csv}) {
        EXPECT_EQ(view_format_from_name(name(format)), format);
    }
    EXPECT_EQ(view_format_from_name("svg"), std::nullopt);
    EXPECT_EQ(view_format_choices(), "'html', 'speedscope', 'folded' or 'csv'");
}

}  // namespace
}  // namespace irene::tests
