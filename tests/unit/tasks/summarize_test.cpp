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
    EXPECT_EQ(table({.by = {SummaryKey::seq_len, SummaryKey::model_name}}).columns,
              (std::vector<std::string>{"model_name", "seq_len", "trees", "J/tree", "J/sample", "J/token"}));
    const Table by_model = table({.by = {SummaryKey::model_name}});
    EXPECT_EQ(std::get<std::int64_t>(by_model.rows[1][1]), 2);
    EXPECT_DOUBLE_EQ(std::get<double>(by_model.rows[1][2]), 14.0);
    EXPECT_DOUBLE_EQ(std::get<double>(by_model.rows[1][3]), 28.0 / 6.0);
    EXPECT_DOUBLE_EQ(std::get<double>(by_model.rows[1][4]), 28.0 / 60.0);
}

TEST_F(Summarize, ByScopeWithLayersFolded) {
    EXPECT_EQ(csv({.by = {SummaryKey::model_name, SummaryKey::scope}, .top = 3}),
              "model_name,scope,nodes,J/tree,self J/tree,self %\n"
              "large,root,1.0,40.0,30.0,75.0\n"
              "large,root.*,2.0,10.0,4.0,10.0\n"
              "large,root.*.a,2.0,4.0,4.0,10.0\n");
    const Table each = table({.by = {SummaryKey::scope}, .fold_layers = false});
    EXPECT_EQ(each.rows.size(), 7U);
}

TEST_F(Summarize, SelfEnergiesAddUpToTheRoots) {
    const Table by_type = table({.by = {SummaryKey::instance_type}});
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

TEST_F(Summarize, Units) {
    const auto energy = [&](EnergyUnit unit) {
        return std::get<double>(table({.by = {SummaryKey::model_name}, .unit = unit}).rows[0][2]);
    };
    EXPECT_DOUBLE_EQ(energy(EnergyUnit::millijoule), 40000.0);
    EXPECT_DOUBLE_EQ(energy(EnergyUnit::watt_hour), 40.0 / 3600.0);
    EXPECT_DOUBLE_EQ(energy(EnergyUnit::kilowatt_hour), 40.0 / 3600000.0);
    EXPECT_EQ(table({.unit = EnergyUnit::watt_hour}).columns[4], "Wh/tree");
}

TEST_F(Summarize, MeasuredEnergies) {
    const Table measured = table({.by = {SummaryKey::model_name}, .measured = true});
    EXPECT_DOUBLE_EQ(std::get<double>(measured.rows[0][2]), 20.0);
}

TEST_F(Summarize, Refusals) {
    expect_contains(refusal(ErrorKind::usage, [&] { (void)table({.by = {}}); }), "needs a key");
    expect_contains(refusal(ErrorKind::usage,
                            [&] {
                                (void)table({.by = {SummaryKey::type, SummaryKey::type}});
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
        EXPECT_EQ(csv({.by = {SummaryKey::scope}}), "scope,nodes,J/tree,self J/tree,self %\n");
    }
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
