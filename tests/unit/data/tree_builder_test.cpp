#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/dataset.hpp"
#include "irene/tree.hpp"

#include "base/json.hpp"
#include "refusal.hpp"

namespace irene::tests {
namespace {

const NewNode kModelNode{.type = NodeType::model, .instance_type = "Model", .scope = "root", .id = "1"};

NewNode linear(std::string_view id) {
    return {.type = NodeType::ml, .instance_type = "Linear", .scope = "root.dense", .id = id};
}

double feature_of(const Tree& tree, std::size_t node, Feature feature) {
    return tree.nodes()[node].features[static_cast<std::size_t>(feature)];
}

TEST(TreeBuilder, MakesTheTreeThatTheReaderReads) {
    TreeBuilder builder("bert", 8, 32);
    EXPECT_EQ(builder.start_node(kModelNode), 0U);
    NewNode dense = linear("2");
    dense.features[static_cast<std::size_t>(Feature::flops)] = 1.5;
    dense.measured_energy = 0.25;
    dense.predicted_energy = -0.5;
    dense.predicted_low = -1.0;
    dense.predicted_high = 0.0;
    dense.predicted_parts = {0.5, 0.0, 0.25};
    dense.predicted_seconds = 0.125;
    EXPECT_EQ(builder.start_node(dense), 1U);
    builder.end_node();
    EXPECT_EQ(builder.start_node(
                  {.type = NodeType::module, .instance_type = "Block", .scope = "root.block", .id = "3"}),
              2U);
    EXPECT_EQ(builder.start_node(linear("4")), 3U);
    builder.end_node();
    builder.end_node();
    builder.end_node();
    const Tree built = builder.finish();

    const Tree read = parse_tree(
        R"({"model_name": "bert", "batch_size": 8, "seq_len": 32, "frontend_tree":
        {"id": "1", "scope": "root", "instance_type": "Model", "type": "model", "child_nodes_obj": [
            {"id": "2", "scope": "root.dense", "instance_type": "Linear", "type": "ml", "flops": 1.5,
             "ground_truth_energy": 0.25, "predicted_energy": -0.5, "predicted_energy_low": -1.0,
             "predicted_energy_high": 0.0, "predicted_arithmetic_energy": 0.5, "predicted_memory_energy": 0,
             "predicted_static_energy": 0.25, "predicted_seconds": 0.125, "child_nodes_obj": []},
            {"id": "3", "scope": "root.block", "instance_type": "Block", "type": "module",
             "child_nodes_obj": [{"id": "4", "scope": "root.dense", "instance_type": "Linear", "type": "ml",
                                  "child_nodes_obj": []}]}]}})");
    EXPECT_EQ(built.model_name(), read.model_name());
    EXPECT_EQ(built.batch_size(), read.batch_size());
    EXPECT_EQ(built.seq_len(), read.seq_len());
    EXPECT_EQ(built.line(), 0U);
    ASSERT_EQ(built.nodes().size(), read.nodes().size());
    const auto expect_equal = [](double a, double b) {
        EXPECT_TRUE(a == b || (is_absent(a) && is_absent(b))) << a << " and " << b;
    };
    for (std::size_t i = 0; i < read.nodes().size(); ++i) {
        SCOPED_TRACE(i);
        EXPECT_EQ(built.id(i), read.id(i));
        EXPECT_EQ(built.scope(i), read.scope(i));
        EXPECT_EQ(built.instance_type(i), read.instance_type(i));
        EXPECT_EQ(built.nodes()[i].type, read.nodes()[i].type);
        EXPECT_EQ(built.nodes()[i].parent, read.nodes()[i].parent);
        for (std::size_t f = 0; f < kNumFeatures; ++f)
            expect_equal(built.nodes()[i].features[f], read.nodes()[i].features[f]);
        expect_equal(built.nodes()[i].measured_energy, read.nodes()[i].measured_energy);
        expect_equal(built.nodes()[i].predicted_energy, read.nodes()[i].predicted_energy);
        expect_equal(built.nodes()[i].predicted_low, read.nodes()[i].predicted_low);
        expect_equal(built.nodes()[i].predicted_high, read.nodes()[i].predicted_high);
        const EnergyParts &made = built.nodes()[i].predicted_parts, &found = read.nodes()[i].predicted_parts;
        expect_equal(made.arithmetic_joules, found.arithmetic_joules);
        expect_equal(made.memory_joules, found.memory_joules);
        expect_equal(made.static_joules, found.static_joules);
        expect_equal(built.nodes()[i].predicted_seconds, read.nodes()[i].predicted_seconds);
    }
    EXPECT_EQ(feature_of(built, 1, Feature::input_size), 256.0);

    // As new: another tree of the same run.
    builder.start_node(kModelNode);
    builder.start_node(linear("2"));
    builder.end_node();
    builder.end_node();
    const Tree second = builder.finish();
    EXPECT_EQ(second.nodes().size(), 2U);
    EXPECT_EQ(second.model_name(), "bert");
    EXPECT_TRUE(is_absent(feature_of(second, 1, Feature::flops)));
}

TEST(TreeBuilder, RefusesWhatTheReaderRefuses) {
    const std::int64_t most = std::int64_t{1} << 26;
    const auto with = [](NewNode node, auto change) {
        change(node);
        return node;
    };
    const auto below_root = [](const NewNode& node) {
        TreeBuilder builder("bert", 8, 32);
        builder.start_node(kModelNode);
        builder.start_node(node);
        builder.end_node();
        builder.end_node();
        (void)builder.finish();
    };
    const auto set = [](Feature feature, double value) {
        return [feature, value](NewNode& node) { node.features[static_cast<std::size_t>(feature)] = value; };
    };
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_NO_THROW(TreeBuilder("bert", most, most));
    EXPECT_NO_THROW(below_root(with(linear("2"), set(Feature::seq_len, 32.0))));
    struct Case {
        std::function<void()> work;
        std::string expected;
    };
    const std::vector<Case> cases{
        {[] { TreeBuilder("", 8, 32); }, "field 'model_name': expected a string that is not empty"},
        {[] { TreeBuilder("bert", 0, 32); },
         "field 'batch_size': expected a whole number from 1 to 67108864"},
        {[] { TreeBuilder("bert", 8, -1); }, "field 'seq_len': expected a whole number from 1 to 67108864"},
        {[&] { TreeBuilder("bert", 8, most + 1); },
         "field 'seq_len': expected a whole number from 1 to 67108864"},
        {[&] { below_root(with(linear(""), [](NewNode&) {})); },
         "node 'root.dense': field 'id': expected a string that is not empty"},
        {[&] { below_root(with(linear("2"), [](NewNode& n) { n.scope = {}; })); },
         "node 'a child of root': field 'scope': expected a string that is not empty"},
        {[&] { below_root(with(linear("2"), [](NewNode& n) { n.instance_type = {}; })); },
         "node 'root.dense': field 'instance_type': expected a string that is not empty"},
        {[&] { below_root(with(linear("2"), set(Feature::flops, -1.0))); },
         "node 'root.dense': field 'flops': expected a number that is not negative"},
        {[&] { below_root(with(linear("2"), set(Feature::flops, infinity))); },
         "node 'root.dense': field 'flops': expected a finite number"},
        {[&] { below_root(with(linear("2"), set(Feature::batch_size, 9.0))); },
         "node 'root.dense': field 'batch_size': differs from that of the tree"},
        {[&] { below_root(with(linear("2"), [](NewNode& n) { n.measured_energy = -1.0; })); },
         "node 'root.dense': field 'ground_truth_energy': expected a number that is not negative"},
        {[&] { below_root(with(linear("2"), [&](NewNode& n) { n.predicted_low = -infinity; })); },
         "node 'root.dense': field 'predicted_energy_low': expected a finite number"},
        {[&] { below_root(with(linear("2"), [](NewNode& n) { n.predicted_parts.static_joules = -1.0; })); },
         "node 'root.dense': field 'predicted_static_energy': expected a number that is not negative"},
        {[&] { below_root(with(linear("2"), [](NewNode& n) { n.predicted_parts.memory_joules = -1.0; })); },
         "node 'root.dense': field 'predicted_memory_energy': expected a number that is not negative"},
        {[&] {
             below_root(
                 with(linear("2"), [&](NewNode& n) { n.predicted_parts.arithmetic_joules = infinity; }));
         },
         "node 'root.dense': field 'predicted_arithmetic_energy': expected a finite number"},
        {[&] { below_root(with(linear("2"), [](NewNode& n) { n.predicted_seconds = -1.0; })); },
         "node 'root.dense': field 'predicted_seconds': expected a number that is not negative"},
        {[&] { below_root(with(linear("2"), [&](NewNode& n) { n.predicted_seconds = infinity; })); },
         "node 'root.dense': field 'predicted_seconds': expected a finite number"},
        {[&] { below_root(with(linear("2"), [](NewNode& n) { n.type = NodeType::module; })); },
         "node 'root.dense': field 'type': a leaf must be 'ml' or 'ml-np'; found 'module'"},
        {[&] { below_root(with(linear("2"), [](NewNode& n) { n.type = static_cast<NodeType>(3); })); },
         "node 'root.dense': field 'type': expected 'ml', 'ml-np', 'module' or 'model'"},
        {[&] { below_root(linear("1")); },
         "node 'root.dense': field 'id': '1' is also the id of another node"},
        {[] {
             TreeBuilder builder("bert", 8, 32);
             builder.start_node(linear("1"));
             builder.end_node();
         },
         "node 'root.dense': field 'type': the root, and nothing else, must be 'model'; found 'ml'"},
        {[] {
             TreeBuilder builder("bert", 8, 32);
             builder.start_node(linear("1"));
             builder.start_node(linear("2"));
             builder.end_node();
             builder.end_node();
         },
         "an inner node must be 'module', or 'model' at the root; found 'ml'"},
        {[] { TreeBuilder("bert", 8, 32).end_node(); }, "a node is ended, but none has been started"},
        {[] { (void)TreeBuilder("bert", 8, 32).finish(); }, "a tree needs a root"},
        {[] {
             TreeBuilder builder("bert", 8, 32);
             builder.start_node(kModelNode);
             (void)builder.finish();
         },
         "node 'root': has not ended"},
        {[] {
             TreeBuilder builder("bert", 8, 32);
             builder.start_node(kModelNode);
             builder.start_node(linear("2"));
             builder.end_node();
             builder.end_node();
             builder.start_node(linear("3"));
         },
         "node 'root.dense': a tree has one root; this is another"},
        {[] {
             TreeBuilder builder("bert", 8, 32);
             for (std::size_t i = 0; i <= base::kMaxDepth / 2; ++i) builder.start_node(kModelNode);
         },
         "nested deeper than 256"},
    };
    for (const Case& c : cases) {
        const std::string what = refusal(ErrorKind::data, c.work);
        EXPECT_NE(what.find(c.expected), std::string::npos) << what << "\nexpected: " << c.expected;
    }
}

TEST(TreeBuilder, LeavesOutWhatItRefused) {
    TreeBuilder builder("bert", 8, 32);
    builder.start_node(kModelNode);
    EXPECT_THROW(builder.start_node(linear("")), Error);
    EXPECT_THROW(builder.end_node(), Error);  // no leaf is a model
    builder.start_node(linear("2"));
    builder.end_node();
    builder.end_node();
    EXPECT_EQ(builder.finish().nodes().size(), 2U);
}

}  // namespace
}  // namespace irene::tests
