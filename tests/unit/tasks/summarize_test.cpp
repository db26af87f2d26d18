#include "irene/summarize.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

using Keys = std::vector<SummaryKey>;

/// root{0{a, b}, 1{a, b}}: the root's energy is `root`, a layer's 5, of which a has 2 and b 1.
Json run_of(const std::string& id, const std::string& model, int batch_size, int seq_len, double root) {
    const auto layer = [&](const std::string& number) {
        const auto leaf = [&](const std::string& name, const std::string& type, double joules) {
            Json node = make_node("ml", id + number + name, type, 1.0, 1);
            node["scope"] = "root." + number + "." + name;
            node["predicted_energy"] = joules;
            return node;
        };
        Json node = make_node("module", id + number, "Layer", 2.0, 2,
                              {leaf("a", "Linear", 2.0), leaf("b", "LayerNorm", 1.0)});
        node["scope"] = "root." + number;
        node["predicted_energy"] = 5.0;
        return node;
    };
    Json node = make_node("model", id, "Model", 20.0, 3, {layer("0"), layer("1")});
    node["scope"] = "root";
    node["predicted_energy"] = root;
    return make_run(model, batch_size, seq_len, node);
}

class Summarize : public testing::Test {
  protected:
    void SetUp() override {
        write_file(path(), join_lines({run_of("p", "small", 2, 10, 12.0).dump(),
                                       run_of("q", "small", 4, 10, 16.0).dump(),
                                       run_of("r", "large", 2, 20, 40.0).dump()}));
    }
    std::filesystem::path path() const { return directory_ / "predictions.jsonl"; }
    Table table(const SummaryOptions& options) const { return summarize(path(), options); }
    std::string csv(const SummaryOptions& options) const { return to_text(table(options), TableFormat::csv); }

  private:
    TemporaryDirectory directory_;
};

TEST_F(Summarize, ByRun) {
    EXPECT_EQ(csv({}),
              "model_name,batch_size,seq_len,trees,J/tree,J/sample,J/token\n"
              "large,2,20,1,40.0,20.0,1.0\n"
              "small,4,10,1,16.0,4.0,0.4\n"
              "small,2,10,1,12.0,6.0,0.6\n");
    // Means by tree, by sequence and by token; keys in their own order, however they are asked for.
    EXPECT_EQ(table({.by = {RunKey::seq_len, RunKey::model_name}}).columns,
              (std::vector<std::string>{"model_name", "seq_len", "trees", "J/tree", "J/sample", "J/token"}));
    const Table by_model = table({.by = {RunKey::model_name}});
    EXPECT_EQ(std::get<std::int64_t>(by_model.rows[1][1]), 2);
    EXPECT_DOUBLE_EQ(std::get<double>(by_model.rows[1][2]), 14.0);
    EXPECT_DOUBLE_EQ(std::get<double>(by_model.rows[1][3]), 28.0 / 6.0);
    EXPECT_DOUBLE_EQ(std::get<double>(by_model.rows[1][4]), 28.0 / 60.0);
}

TEST_F(Summarize, ByScopeWithLayersFolded) {
    EXPECT_EQ(csv({.by = {RunKey::model_name, NodeKey::scope}, .top = 3}),
              "model_name,scope,nodes/tree,J/tree,self J/tree,self %\n"
              "large,root,1.0,40.0,30.0,75.0\n"
              "large,root.*,2.0,10.0,4.0,10.0\n"
              "large,root.*.a,2.0,4.0,4.0,10.0\n");
    const Table each = table({.by = {NodeKey::scope}, .fold_layers = false});
    EXPECT_EQ(each.rows.size(), 7U);
}

TEST_F(Summarize, SelfEnergiesAddUpToTheRoots) {
    const Table by_type = table({.by = {NodeKey::instance_type}});
    ASSERT_EQ(by_type.rows.size(), 4U);
    double sum = 0.0;
    double share = 0.0;
    for (const std::vector<Cell>& row : by_type.rows) {
        sum += std::get<double>(row[3]);
        share += std::get<double>(row[4]);
    }
    EXPECT_DOUBLE_EQ(sum, (12.0 + 16.0 + 40.0) / 3.0);
    EXPECT_DOUBLE_EQ(share, 100.0);
}

TEST_F(Summarize, ModulesInModulesOfTheirRowAddNothingToIt) {
    // root{0{a, b}, 1{0{a, b}}}: the inner layer's 5 J lie in the outer's 7.
    Json run = run_of("p", "nested", 2, 10, 15.0);
    Json& layers = run["frontend_tree"]["child_nodes_obj"];
    Json inner = layers[1];
    layers[1]["id"] = "outer";
    layers[1]["predicted_energy"] = 7.0;
    layers[1]["child_nodes_obj"] = Json::array({inner});
    write_file(path(), join_lines({run.dump(), run_of("q", "flat", 2, 10, 11.0).dump()}));
    EXPECT_EQ(csv({.by = {RunKey::model_name, NodeKey::type}}),
              "model_name,type,nodes/tree,J/tree,self J/tree,self %\n"
              "flat,ml,4.0,6.0,6.0,54.54545454545455\n"
              "nested,ml,4.0,6.0,6.0,40.0\n"
              "nested,module,3.0,12.0,6.0,40.0\n"
              "flat,module,2.0,10.0,4.0,36.36363636363637\n"
              "nested,model,1.0,15.0,3.0,20.0\n"
              "flat,model,1.0,11.0,1.0,9.090909090909092\n");
    const Table by_class = table({.by = {RunKey::model_name, NodeKey::instance_type}, .top = 1});
    EXPECT_EQ(std::get<std::string>(by_class.rows[0][1]), "Layer");
    EXPECT_EQ(std::get<double>(by_class.rows[0][3]), 12.0);
}

TEST_F(Summarize, RolesAreOneForAllFamiliesAndLoseNothing) {
    // As Llama's: root{0{a, b}, 1{a, b}} by other names, and a class that has no role.
    Json run = run_of("p", "llama", 2, 10, 12.0);
    for (Json& layer : run["frontend_tree"]["child_nodes_obj"]) {
        layer["instance_type"] = "LlamaDecoderLayer";
        layer["child_nodes_obj"][0]["instance_type"] = "MambaMixer";
        layer["child_nodes_obj"][1]["instance_type"] = "LlamaRMSNorm";
    }
    write_file(path(), join_lines({run.dump(), run_of("q", "gpt", 2, 10, 16.0).dump()}));
    EXPECT_EQ(csv({.by = {RunKey::model_name, NodeKey::role}}),
              "model_name,role,nodes/tree,J/tree,self J/tree,self %\n"
              "gpt,model,1.0,16.0,6.0,37.5\n"
              "gpt,layer,2.0,10.0,4.0,25.0\n"
              "gpt,linear,2.0,4.0,4.0,25.0\n"
              "llama,MambaMixer,2.0,4.0,4.0,33.333333333333336\n"
              "llama,layer,2.0,10.0,4.0,33.333333333333336\n"
              "gpt,norm,2.0,2.0,2.0,12.5\n"
              "llama,model,1.0,12.0,2.0,16.666666666666668\n"
              "llama,norm,2.0,2.0,2.0,16.666666666666668\n");
    EXPECT_EQ(table({.by = {NodeKey::role, NodeKey::type}}).columns[1], "role");
}

/// run_of() as a generation of `new_tokens` by two calls: root.prefill, in place of a layer, and root.decode.
Json generation_of(const std::string& id, int new_tokens, double prefill, double decode) {
    Json run = run_of(id, "gen", 2, 10, 12.0);
    run["new_tokens"] = new_tokens;
    Json& root = run["frontend_tree"];
    const auto rename = [](Json& node, const std::string& scope, double seconds) {
        node["scope"] = scope;
        node["predicted_seconds"] = seconds;
        for (Json& leaf : node["child_nodes_obj"]) leaf["scope"] = scope + ".x";
    };
    rename(root["child_nodes_obj"][0], "root.prefill", prefill);
    rename(root["child_nodes_obj"][1], "root.decode", decode);
    root["predicted_seconds"] = prefill + decode;
    return run;
}

TEST_F(Summarize, LatencyPowerAndTokensASecondWhereRunsHaveSeconds) {
    Json forward = run_of("f", "forward", 4, 10, 16.0);
    forward["frontend_tree"]["predicted_seconds"] = 0.5;
    write_file(path(),
               join_lines({forward.dump(), run_of("n", "none", 2, 20, 40.0).dump(),
                           generation_of("p", 6, 1.0, 2.0).dump(), generation_of("q", 6, 1.0, 4.0).dump()}));
    // 40 tokens in half a second; 24 new ones in 3 + 5; 12 J in 4 s each.
    EXPECT_EQ(
        to_text(table({.by = {RunKey::model_name}}), TableFormat::text),
        "model_name  trees  J/tree  J/sample  J/token  J/new token  s/tree   W  new tokens/s  tokens/s\n"
        "none            1      40        20        1            -       -   -             -         -\n"
        "forward         1      16         4      0.4            -     0.5  32             -        80\n"
        "gen             2      12         6      0.6            1       4   3             3         -\n"
        "\n"
        "s/tree: seconds of the run, or of a call in it, as predicted: its latency\n"
        "W: joules by second, of all GPUs of the run together\n"
        "new tokens/s: tokens generated by second of the run, its prefill included, of all its sequences\n"
        "tokens/s: tokens of all sequences by second, of forward passes\n");
    EXPECT_EQ(csv({.by = {RunKey::model_name}, .unit = EnergyUnit::millijoule, .top = 1}),
              "model_name,trees,mJ/tree,mJ/sample,mJ/token,mJ/new token,s/tree,W,new tokens/s,tokens/s\n"
              "none,1,40000.0,20000.0,1000.0,,,,,\n");
    // Calls have theirs; what lies in them has none. A row some of whose runs have none has no value.
    write_file(path(),
               join_lines({generation_of("p", 6, 1.0, 2.0).dump(), generation_of("q", 6, 1.0, 4.0).dump()}));
    EXPECT_EQ(csv({.by = {NodeKey::phase}}),
              "phase,nodes/tree,J/tree,self J/tree,self %,s/tree,W\n"
              "decode,3.0,5.0,5.0,41.666666666666664,3.0,1.6666666666666667\n"
              "prefill,3.0,5.0,5.0,41.666666666666664,1.0,5.0\n"
              "generation,1.0,12.0,2.0,16.666666666666668,4.0,3.0\n");
    EXPECT_EQ(table({.by = {NodeKey::instance_type}}).columns.back(), "W");
    const Table leaves = table({.by = {NodeKey::type}});
    EXPECT_EQ(leaves.rows[0][0], Cell(std::string("ml")));
    EXPECT_EQ(leaves.rows[0].back(), Cell());
    write_file(path(),
               join_lines({generation_of("p", 6, 1.0, 2.0).dump(), run_of("q", "gen", 2, 10, 12.0).dump()}));
    EXPECT_EQ(table({.by = {RunKey::model_name}}).columns.back(), "J/new token");
    // Runs of both kinds in a row: neither rate is one of theirs.
    forward["model_name"] = "gen";
    write_file(path(), join_lines({generation_of("p", 6, 1.0, 2.0).dump(), forward.dump()}));
    EXPECT_EQ(table({.by = {RunKey::model_name}}).columns.back(), "W");
    // A run of no time has no rate.
    forward["frontend_tree"]["predicted_seconds"] = 0.0;
    write_file(path(), forward.dump());
    EXPECT_EQ(table({.by = {RunKey::model_name}}).columns.back(), "s/tree");
}

/// The parts of a node's energy: of its own work `arithmetic` and `memory`, and all else static.
void add_parts(Json& node, double arithmetic, double memory) {
    for (Json& child : node["child_nodes_obj"]) {
        add_parts(child, child["instance_type"] == "Linear" ? 1.0 : 0.0, 0.25);
        arithmetic += child["predicted_arithmetic_energy"].get<double>();
        memory += child["predicted_memory_energy"].get<double>();
    }
    node["predicted_arithmetic_energy"] = arithmetic;
    node["predicted_memory_energy"] = memory;
    node["predicted_static_energy"] = node["predicted_energy"].get<double>() - arithmetic - memory;
}

TEST_F(Summarize, PartsOfEnergyAddUpToIt) {
    Json small = run_of("p", "small", 2, 10, 12.0), wide = run_of("q", "small", 2, 10, 16.0);
    add_parts(small["frontend_tree"], 0.0, 0.5);
    add_parts(wide["frontend_tree"], 2.0, 0.5);
    const Json none = run_of("n", "none", 2, 20, 40.0);
    write_file(path(), join_lines({small.dump(), wide.dump(), none.dump()}));
    // Arithmetic: 1 in each of two products, and 2 in one of two roots. Memory: a quarter in each of six
    // nodes.
    EXPECT_EQ(csv({.by = {RunKey::model_name}}),
              "model_name,trees,J/tree,J/sample,J/token,arithmetic J/tree,memory J/tree,static J/tree\n"
              "none,1,40.0,20.0,1.0,,,\n"
              "small,2,14.0,7.0,0.7,3.0,2.0,9.0\n");
    EXPECT_EQ(csv({.by = {RunKey::model_name}, .unit = EnergyUnit::millijoule, .top = 1}),
              "model_name,trees,mJ/tree,mJ/sample,mJ/token,"
              "arithmetic mJ/tree,memory mJ/tree,static mJ/tree\nnone,1,40000.0,20000.0,1000.0,,,\n");
    // A row some of whose trees have none has no parts: none of them are left.
    EXPECT_EQ(table({.by = {RunKey::batch_size}}).columns.back(), "J/token");
    write_file(path(), join_lines({small.dump(), wide.dump()}));
    EXPECT_EQ(csv({.by = {NodeKey::instance_type}}),
              "instance_type,nodes/tree,J/tree,self J/tree,self %,"
              "self arithmetic J/tree,self memory J/tree,self static J/tree\n"
              "Layer,2.0,10.0,4.0,28.571428571428573,0.0,0.5,3.5\n"
              "Linear,2.0,4.0,4.0,28.571428571428573,2.0,0.5,1.5\n"
              "Model,1.0,14.0,4.0,28.571428571428573,1.0,0.5,2.5\n"
              "LayerNorm,2.0,2.0,2.0,14.285714285714286,0.0,0.5,1.5\n");
    const Table rows = table({.by = {RunKey::model_name}});
    ASSERT_EQ(rows.notes.size(), 3U);
    EXPECT_EQ(rows.notes[2],
              "static J/tree: the rest, whatever is computed: watts by seconds, and what serving takes");
    // In JSON by the columns' names.
    const Json json = Json::parse(to_text(rows, TableFormat::json));
    EXPECT_NE(json.dump().find("\"static J/tree\":9.0"), std::string::npos) << json.dump();
    // No meter tells them.
    EXPECT_EQ(csv({.by = {RunKey::model_name}, .measured = true}).find("static"), std::string::npos);
}

TEST_F(Summarize, RefusesPartsThatAreNotThoseOfTheEnergy) {
    Json run = run_of("p", "small", 2, 10, 12.0);
    add_parts(run["frontend_tree"], 0.0, 0.5);
    run["frontend_tree"]["child_nodes_obj"][1]["predicted_energy"] = 5.5;
    write_file(path(), run.dump());
    EXPECT_NE(refusal(ErrorKind::data, [&] { table({}); })
                  .find("predictions.jsonl:1: node 'root.1': field 'predicted_energy': is 5.5 J, but its "
                        "arithmetic, memory and static parts add up to 5 J; predict it again"),
              std::string::npos);
    run["frontend_tree"]["child_nodes_obj"][1]["predicted_energy"] = 5.0;
    run["frontend_tree"]["child_nodes_obj"][1].erase("predicted_static_energy");
    write_file(path(), run.dump());
    EXPECT_NE(refusal(ErrorKind::data, [&] { table({}); }).find("not all"), std::string::npos);
}

TEST_F(Summarize, MeasuredRunsHaveTheirTimes) {
    Json run = run_of("p", "small", 2, 10, 12.0);
    run["frontend_tree"]["times_mean"] = 0.5;
    run["frontend_tree"]["predicted_seconds"] = 7.0;
    write_file(path(), run.dump());
    EXPECT_EQ(
        csv({.by = {RunKey::model_name}, .measured = true}),
        "model_name,trees,J/tree,J/sample,J/token,s/tree,W,tokens/s\nsmall,1,20.0,10.0,1.0,0.5,40.0,40.0\n");
    run["frontend_tree"].erase("times_mean");
    write_file(path(), run.dump());
    EXPECT_EQ(table({.measured = true}).columns.back(), "J/token");
}

TEST_F(Summarize, IntervalsOfSingleNodes) {
    const auto with_intervals = [](const std::string& id, const std::string& model, int batch_size,
                                   double root) {
        Json run = run_of(id, model, batch_size, 10, root);
        const auto widen = [](Json& node, const auto& next) -> void {
            node["predicted_energy_low"] = node["predicted_energy"].get<double>() / 2.0;
            node["predicted_energy_high"] = node["predicted_energy"].get<double>() * 2.0;
            for (Json& child : node["child_nodes_obj"]) next(child, next);
        };
        widen(run["frontend_tree"], widen);
        return run;
    };
    write_file(path(), join_lines({with_intervals("p", "small", 2, 12.0).dump(),
                                   with_intervals("q", "small", 4, 16.0).dump(),
                                   with_intervals("r", "large", 2, 40.0).dump()}));
    EXPECT_EQ(csv({.unit = EnergyUnit::millijoule}),
              "model_name,batch_size,seq_len,trees,mJ/tree,mJ/sample,mJ/token,low mJ/tree,high mJ/tree\n"
              "large,2,10,1,40000.0,20000.0,2000.0,20000.0,80000.0\n"
              "small,4,10,1,16000.0,4000.0,400.0,8000.0,32000.0\n"
              "small,2,10,1,12000.0,6000.0,600.0,6000.0,24000.0\n");
    // What stands for several trees or nodes has none.
    const Table by_model = table({.by = {RunKey::model_name}});
    EXPECT_EQ(to_text(by_model, TableFormat::text),
              "model_name  trees  J/tree  J/sample   J/token  low J/tree  high J/tree\n"
              "large           1      40        20         2          20           80\n"
              "small           2      14   4.66667  0.466667           -            -\n");
    EXPECT_EQ(to_text(by_model, TableFormat::csv).substr(0, 79),
              "model_name,trees,J/tree,J/sample,J/token,low J/tree,high J/tree\n"
              "large,1,40.0,20");
    EXPECT_TRUE(to_text(by_model, TableFormat::csv).ends_with(",,\n"));
    EXPECT_TRUE(Json::parse(to_text(by_model, TableFormat::json))[1]["high J/tree"].is_null());
    EXPECT_EQ(csv({.by = {RunKey::model_name, NodeKey::scope}, .top = 3}),
              "model_name,scope,nodes/tree,J/tree,self J/tree,self %,low J/tree,high J/tree\n"
              "large,root,1.0,40.0,30.0,75.0,20.0,80.0\n"
              "large,root.*,2.0,10.0,4.0,10.0,,\n"
              "large,root.*.a,2.0,4.0,4.0,10.0,,\n");
    EXPECT_EQ(table({.by = {NodeKey::scope}}).columns.back(), "self %");
    EXPECT_EQ(csv({.measured = true}).find("low"), std::string::npos);
    // A file of which some trees have intervals.
    write_file(path(), join_lines({with_intervals("p", "small", 2, 12.0).dump(),
                                   run_of("q", "large", 2, 10, 16.0).dump()}));
    EXPECT_EQ(csv({.by = {RunKey::model_name}}),
              "model_name,trees,J/tree,J/sample,J/token,low J/tree,high J/tree\n"
              "large,1,16.0,8.0,0.8,,\n"
              "small,1,12.0,6.0,0.6,6.0,24.0\n");
}

TEST_F(Summarize, RowsSayWhatPartOfThemLiesBeyondTraining) {
    // Of 12 J the layers 0 and 1 spend 2 themselves, their leaves 2 and 1.
    Json run = run_of("p", "small", 2, 10, 12.0);
    Json& layers = run["frontend_tree"]["child_nodes_obj"];
    layers[0]["child_nodes_obj"][0]["outside_training"] = {"rows", "flops"};
    layers[1]["outside_training"] = {"rows"};
    layers[1]["child_nodes_obj"][1]["unseen_operation"] = true;
    layers[1]["child_nodes_obj"][0]["unseen_operation"] = false;  // says nothing
    write_file(path(), join_lines({run.dump(), run_of("q", "other", 2, 10, 16.0).dump()}));
    const Table by_model = table({.by = {RunKey::model_name}});
    EXPECT_EQ(
        to_text(by_model, TableFormat::text),
        "model_name  trees  J/tree  J/sample  J/token  outside %  unseen %\n"
        "other           1      16         8      0.8          -         -\n"
        "small           1      12         6      0.6    33.3333   8.33333\n"
        "\n"
        "outside %: the part of the energy that nodes outside the range of training spend; expect larger "
        "errors there\n"
        "unseen %: the part that operations not seen in training spend; their prices are those of all "
        "operations\n");
    EXPECT_EQ(csv({.by = {RunKey::model_name, NodeKey::scope}, .fold_layers = false}),
              "model_name,scope,nodes/tree,J/tree,self J/tree,self %,outside %,unseen %\n"
              "other,root,1.0,16.0,6.0,37.5,,\n"
              "other,root.0,1.0,5.0,2.0,12.5,,\n"
              "other,root.0.a,1.0,2.0,2.0,12.5,,\n"
              "other,root.1,1.0,5.0,2.0,12.5,,\n"
              "other,root.1.a,1.0,2.0,2.0,12.5,,\n"
              "small,root,1.0,12.0,2.0,16.666666666666668,33.33333333333333,8.333333333333332\n"
              "small,root.0,1.0,5.0,2.0,16.666666666666668,40.0,\n"
              "small,root.0.a,1.0,2.0,2.0,16.666666666666668,100.0,\n"
              "small,root.1,1.0,5.0,2.0,16.666666666666668,40.0,20.0\n"
              "small,root.1.a,1.0,2.0,2.0,16.666666666666668,,\n"
              "other,root.0.b,1.0,1.0,1.0,6.25,,\n"
              "other,root.1.b,1.0,1.0,1.0,6.25,,\n"
              "small,root.0.b,1.0,1.0,1.0,8.333333333333334,,\n"
              "small,root.1.b,1.0,1.0,1.0,8.333333333333334,,100.0\n");
    for (const std::string& note : table({.by = {RunKey::model_name}, .measured = true}).notes)
        EXPECT_TRUE(note.starts_with("s/tree") || note.starts_with("W:") || note.starts_with("tokens/s"));
    // Corrections count by their size: the root takes back 4 of what its layers spend.
    run["frontend_tree"]["predicted_energy"] = 6.0;
    run["frontend_tree"]["outside_training"] = {"rows"};
    write_file(path(), run.dump());
    EXPECT_EQ(csv({.by = {NodeKey::type}, .top = 1}),
              "type,nodes/tree,J/tree,self J/tree,self %,outside %,unseen %\n"
              "ml,4.0,6.0,6.0,100.0,33.33333333333333,16.666666666666664\n");
    EXPECT_DOUBLE_EQ(std::get<double>(table({.by = {RunKey::model_name}}).rows[0][5]), 100.0 * 8.0 / 14.0);
}

TEST_F(Summarize, NotesSayWhoPredictedAndWhyThereIsNoInterval) {
    Json run = run_of("p", "small", 2, 10, 12.0);
    run["prediction"] = {{"model", "a\x1b"},
                         {"training_strategy", "additive"},
                         {"feature_sets", {"model_specs", "timing"}},
                         {"device", "D\n1"},
                         {"irene_version", "0.1.0"},
                         {"interval", 0.9},
                         {"outside_training", 3}};
    run["frontend_tree"]["no_interval"] = "far outside";
    Json other = run_of("q", "other", 2, 10, 16.0);
    other["prediction"] = {{"model", 7}, {"training_strategy", "end2end"}};
    write_file(path(), join_lines({run.dump(), other.dump(), run_of("r", "none", 2, 10, 16.0).dump()}));
    const Table rows = table({});
    EXPECT_EQ(rows.notes, (std::vector<std::string>{
                              "no interval: far outside",
                              "predicted by model 'a\\x1b', strategy additive on model_specs and timing, "
                              "device 'D\\x0a1', intervals of 90 %",
                              "predicted by strategy end2end"}));
    EXPECT_TRUE(
        to_text(rows, TableFormat::text)
            .ends_with("\n\nno interval: far outside\n" + rows.notes[1] + "\n" + rows.notes[2] + "\n"));
    EXPECT_EQ(to_text(rows, TableFormat::csv).find("predicted by"), std::string::npos);
    EXPECT_EQ(to_text(rows, TableFormat::json).find("predicted by"), std::string::npos);
    // Many are counted.
    std::vector<std::string> lines;
    for (int i = 0; i < 7; ++i) {
        other["prediction"]["model"] = "m" + std::to_string(i);
        lines.push_back(other.dump());
    }
    write_file(path(), join_lines(lines));
    const std::vector<std::string> notes = table({}).notes;
    ASSERT_EQ(notes.size(), 4U);
    EXPECT_EQ(notes[0], "predicted by model 'm0', strategy end2end");
    EXPECT_EQ(notes[3], "predicted by 4 others");
}

TEST_F(Summarize, AShareOf0JoulesIsNoNumber) {
    Json run = run_of("p", "small", 2, 10, 0.0);
    for (Json& layer : run["frontend_tree"]["child_nodes_obj"]) {
        layer["predicted_energy"] = 0.0;
        for (Json& leaf : layer["child_nodes_obj"]) leaf["predicted_energy"] = 0.0;
    }
    write_file(path(), run.dump());
    EXPECT_EQ(csv({.by = {NodeKey::type}}),
              "type,nodes/tree,J/tree,self J/tree,self %\n"
              "ml,4.0,0.0,0.0,\nmodel,1.0,0.0,0.0,\nmodule,2.0,0.0,0.0,\n");
}

TEST_F(Summarize, SumsBeyondADoubleAreRefused) {
    write_file(path(), join_lines({run_of("p", "small", 2, 10, 1.7e308).dump(),
                                   run_of("q", "small", 2, 10, 1.7e308).dump()}));
    for (const SummaryKey key : {SummaryKey(RunKey::model_name), SummaryKey(NodeKey::scope)}) {
        expect_contains(refusal(ErrorKind::data, [&] { (void)table({.by = {key}}); }),
                        "add up to more than a number can hold");
    }
    // In a unit too small for it a number is none.
    write_file(path(), run_of("p", "small", 2, 10, 1.7e308).dump());
    EXPECT_EQ(csv({.by = {RunKey::model_name}, .unit = EnergyUnit::millijoule}),
              "model_name,trees,mJ/tree,mJ/sample,mJ/token\nsmall,1,,,\n");
}

TEST_F(Summarize, Units) {
    const auto energy = [&](EnergyUnit unit) {
        return std::get<double>(table({.by = {RunKey::model_name}, .unit = unit}).rows[0][2]);
    };
    EXPECT_DOUBLE_EQ(energy(EnergyUnit::millijoule), 40000.0);
    EXPECT_DOUBLE_EQ(energy(EnergyUnit::watt_hour), 40.0 / 3600.0);
    EXPECT_DOUBLE_EQ(energy(EnergyUnit::kilowatt_hour), 40.0 / 3600000.0);
    EXPECT_EQ(table({.unit = EnergyUnit::watt_hour}).columns[4], "Wh/tree");
}

TEST_F(Summarize, MeasuredEnergies) {
    const Table measured = table({.by = {RunKey::model_name}, .measured = true});
    EXPECT_DOUBLE_EQ(std::get<double>(measured.rows[0][2]), 20.0);
}

/// root{prefill{a}, decode{a}}, of 10, 4 and 5 J, leaves of 3 J.
std::string generation(const std::string& id, const std::string& dtype) {
    const auto phase = [&](const std::string& phase_name, double joules) {
        Json leaf = make_node("ml", id + phase_name + "a", "Linear", 1.0, 1);
        leaf["scope"] = "root." + phase_name + ".a";
        leaf["predicted_energy"] = 3.0;
        Json node = make_node("module", id + phase_name, "Phase", 1.0, 2, {leaf});
        node["scope"] = "root." + phase_name;
        node["predicted_energy"] = joules;
        return node;
    };
    Json node = make_node("model", id, "Model", 1.0, 3, {phase("prefill", 4.0), phase("decode", 5.0)});
    node["scope"] = "root";
    node["predicted_energy"] = 10.0;
    Json run = make_run("m", 2, 10, node);
    run["dtype"] = dtype;
    run["new_tokens"] = 5;
    return run.dump();
}

TEST_F(Summarize, GenerationsByPhaseAndNewToken) {
    write_file(path(), join_lines({generation("g", "float16")}));
    EXPECT_EQ(csv({.by = {NodeKey::phase}}),
              "phase,nodes/tree,J/tree,self J/tree,self %\n"
              "decode,2.0,5.0,5.0,50.0\n"
              "prefill,2.0,4.0,4.0,40.0\n"
              "generation,1.0,10.0,1.0,10.0\n");
    // What tells runs apart has a column; what none sets has none.
    EXPECT_EQ(csv({}),
              "model_name,batch_size,seq_len,dtype,new_tokens,trees,J/tree,J/sample,J/token,J/new token\n"
              "m,2,10,float16,5,1,10.0,5.0,0.5,1.0\n");
    write_file(path(), join_lines({generation("g", "float16"), generation("h", "int4"),
                                   run_of("p", "small", 2, 10, 12.0).dump()}));
    EXPECT_EQ(csv({}),
              "model_name,batch_size,seq_len,dtype,new_tokens,trees,J/tree,J/sample,J/token,J/new token\n"
              "small,2,10,float32,0,1,12.0,6.0,0.6,\n"
              "m,2,10,float16,5,1,10.0,5.0,0.5,1.0\n"
              "m,2,10,int4,5,1,10.0,5.0,0.5,1.0\n");
    const Table by_phase = table({.by = {RunKey::model_name, NodeKey::phase}});
    EXPECT_EQ(std::get<std::string>(by_phase.rows[0][1]), "forward");
}

TEST_F(Summarize, Refusals) {
    expect_contains(refusal(ErrorKind::usage,
                            [&] {
                                (void)table({.by = {NodeKey::type, NodeKey::type}});
                            }),
                    "'type' stands twice");
    Json run = run_of("p", "small", 2, 10, 12.0);
    run["frontend_tree"]["child_nodes_obj"][1].erase("predicted_energy");
    write_file(path(), run.dump());
    const std::string message = refusal(ErrorKind::data, [&] { (void)table({}); });
    for (const char* part : {":1", "'root.1'", "'predicted_energy'", "irene-predict"})
        expect_contains(message, part);
}

TEST_F(Summarize, NothingHasNoRows) {
    for (const char* nothing : {"", "\n", "  \r\n\t\n"}) {
        write_file(path(), nothing);
        EXPECT_EQ(csv({}), "model_name,batch_size,seq_len,trees,J/tree,J/sample,J/token\n");
        EXPECT_EQ(csv({.by = {NodeKey::scope}}), "scope,nodes/tree,J/tree,self J/tree,self %\n");
    }
}

TEST(Tables, ColumnsCountTheTerminalsCells) {
    const Table table{.columns = {"name", "J"},
                      .rows = {{std::string("模型甲乙丙"), 1.0},
                               {std::string("abcde"), 2.0},
                               {std::string("e\u0301te\u0301"), 3.0},
                               {std::string("\x1b[2J\u202e\n"), 4.0}}};
    EXPECT_EQ(to_text(table, TableFormat::text),
              "name               J\n"
              "模型甲乙丙         1\n"
              "abcde              2\n"
              "e\u0301te\u0301                3\n"
              "\\x1b[2J\\u202e\\x0a  4\n");
    // Files keep the names as they are.
    EXPECT_NE(to_text(table, TableFormat::csv).find("\"\x1b[2J\u202e\n\",4.0\n"), std::string::npos);
    EXPECT_EQ(Json::parse(to_text(table, TableFormat::json))[3]["name"], "\x1b[2J\u202e\n");
}

TEST(Tables, ThreeFormats) {
    const Table table{.columns = {"name", "count", "joules"},
                      .rows = {{std::string("a, \"b\""), std::int64_t{3}, 0.1},
                               {std::string("c"), std::int64_t{12}, 1234567.0}}};
    EXPECT_EQ(to_text(table, TableFormat::text),
              "name    count       joules\n"
              "a, \"b\"      3          0.1\n"
              "c          12  1.23457e+06\n");
    EXPECT_EQ(to_text(table, TableFormat::csv),
              "name,count,joules\n\"a, \"\"b\"\"\",3,0.1\nc,12,1234567.0\n");
    const Json json = Json::parse(to_text(table, TableFormat::json));
    EXPECT_EQ(json[0]["name"], "a, \"b\"");
    EXPECT_EQ(json[1]["count"], 12);
    EXPECT_EQ(json[1]["joules"], 1234567.0);
    for (const TableFormat format : {TableFormat::text, TableFormat::csv, TableFormat::json})
        EXPECT_EQ(table_format_from_name(name(format)), format);
}

}  // namespace
}  // namespace irene::tests
