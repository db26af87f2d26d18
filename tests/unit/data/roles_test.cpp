#include "data/roles.hpp"

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "irene/tree.hpp"

namespace irene::tests {
namespace {

using data::NodesOf;
using data::RoleRow;

std::vector<std::string> words(std::string_view text) {
    std::istringstream stream{std::string(text)};
    std::vector<std::string> list;
    for (std::string word; stream >> word;) list.push_back(word);
    return list;
}

TEST(Roles, EverySpellingStandsOnceAndLeadsToOneRole) {
    std::set<std::string_view> roles;
    for (const RoleRow& row : data::kRoles) roles.insert(row.role);
    std::map<std::string, std::vector<NodesOf>> names;
    std::set<std::string> classes;
    for (const RoleRow& row : data::kRoles) {
        for (const std::string& name : words(row.names)) {
            // The same for modules and for operations would be two names; for all of them it is one.
            std::vector<NodesOf>& others = names[name];
            for (const NodesOf other : others)
                EXPECT_TRUE(other != row.nodes && other != NodesOf::all && row.nodes != NodesOf::all) << name;
            others.push_back(row.nodes);
            const std::size_t slash = name.find('/');
            if (slash != std::string::npos) {
                EXPECT_TRUE(roles.contains(name.substr(0, slash))) << name;
            }
        }
        for (const std::string& end : words(row.classes)) EXPECT_TRUE(classes.insert(end).second) << end;
    }
    EXPECT_EQ(data::role_name(data::kNoRole), "");
}

TEST(Roles, PartsAndFusionsAreOfRolesThatAre) {
    std::set<std::string> roles;
    for (const RoleRow& row : data::kRoles) roles.insert(std::string(row.role));
    for (const std::string& role : roles) {
        const std::size_t dot = role.find('.');
        const std::string whole = dot == std::string::npos ? "" : role.substr(0, dot + 1);
        if (dot != std::string::npos) {
            EXPECT_TRUE(roles.contains(role.substr(0, dot))) << role;
        }
        std::istringstream parts(role.substr(whole.size()));
        for (std::string part; std::getline(parts, part, '+');)
            EXPECT_TRUE(roles.contains(whole + part)) << role;
    }
}

/// "scope class": a tree of a model in which each node lies in that whose scope begins its own.
std::map<std::string, std::string> roles_in(const std::vector<std::string>& nodes) {
    TreeBuilder builder("model", 1, 8);
    std::vector<std::string> open;
    const auto has_children = [&nodes](std::size_t i, const std::string& scope) {
        return i + 1 < nodes.size() && nodes[i + 1].starts_with(scope + ".");
    };
    const auto start = [&](const std::string& scope, const std::string& instance_type, NodeType type) {
        builder.start_node({.type = type, .instance_type = instance_type, .scope = scope, .id = scope});
        open.push_back(scope);
    };
    start("root", "SomeModel", NodeType::model);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const std::size_t blank = nodes[i].find(' ');
        const std::string scope = nodes[i].substr(0, blank);
        for (; !scope.starts_with(open.back() + "."); open.pop_back()) builder.end_node();
        start(scope, nodes[i].substr(blank + 1), has_children(i, scope) ? NodeType::module : NodeType::ml);
    }
    for (; !open.empty(); open.pop_back()) builder.end_node();
    const Tree tree = builder.finish();
    const std::vector<data::Role> roles = data::roles_of(tree);
    std::map<std::string, std::string> found;
    for (std::size_t node = 0; node < roles.size(); ++node)
        found[std::string(tree.scope(node))] = data::role_name(roles[node]);
    return found;
}

using ByScope = std::map<std::string, std::string>;

TEST(Roles, OneNameMeansWhatItsPlaceSays) {
    EXPECT_EQ(
        roles_in(
            {"root.encoder BertEncoder", "root.encoder.0 BertLayer", "root.encoder.0.attention BertAttention",
             "root.encoder.0.attention.self BertSelfAttention", "root.encoder.0.attention.self.query Linear",
             "root.encoder.0.attention.output BertSelfOutput", "root.encoder.0.attention.output.dense Linear",
             "root.encoder.0.attention.output.LayerNorm LayerNorm",
             "root.encoder.0.intermediate BertIntermediate", "root.encoder.0.intermediate.dense Linear",
             "root.encoder.0.output BertOutput", "root.encoder.0.output.dense Linear",
             "root.pooler BertPooler", "root.pooler.dense Linear"}),
        (ByScope{{"root", "model"},
                 {"root.encoder", "encoder"},
                 {"root.encoder.0", "layer"},
                 {"root.encoder.0.attention", "attention"},
                 {"root.encoder.0.attention.self", "attention"},
                 {"root.encoder.0.attention.self.query", "attention.query"},
                 {"root.encoder.0.attention.output", "attention"},
                 {"root.encoder.0.attention.output.dense", "attention.output"},
                 {"root.encoder.0.attention.output.LayerNorm", "norm"},
                 {"root.encoder.0.intermediate", "mlp"},
                 {"root.encoder.0.intermediate.dense", "mlp.up"},
                 {"root.encoder.0.output", "mlp"},
                 {"root.encoder.0.output.dense", "mlp.down"},
                 {"root.pooler", "pooler"},
                 {"root.pooler.dense", "linear"}}));
    const auto gpt = roles_in({"root.3 Block", "root.3.attn Attention", "root.3.attn.c_attn Conv1D",
                               "root.3.attn.c_proj Conv1D", "root.3.crossattention Attention",
                               "root.3.crossattention.c_attn Conv1D", "root.3.crossattention.c_proj Conv1D",
                               "root.3.mlp MLP", "root.3.mlp.c_proj Conv1D", "root.3.c_proj Conv1D"});
    EXPECT_EQ(gpt.at("root.3"), "layer");
    EXPECT_EQ(gpt.at("root.3.attn.c_attn"), "attention.query+key+value");
    EXPECT_EQ(gpt.at("root.3.attn.c_proj"), "attention.output");
    EXPECT_EQ(gpt.at("root.3.crossattention"), "attention.cross");
    EXPECT_EQ(gpt.at("root.3.crossattention.c_attn"), "attention.key+value");
    EXPECT_EQ(gpt.at("root.3.crossattention.c_proj"), "attention.output");
    EXPECT_EQ(gpt.at("root.3.mlp.c_proj"), "mlp.down");
    EXPECT_EQ(gpt.at("root.3.c_proj"), "linear");  // of what, nothing tells
    // Albert's ffn is an operation, DistilBERT's a module.
    EXPECT_EQ(roles_in({"root.0 AlbertLayer", "root.0.ffn Linear"}).at("root.0.ffn"), "mlp.up");
    EXPECT_EQ(
        roles_in({"root.0 TransformerBlock", "root.0.ffn FFN", "root.0.ffn.lin1 Linear"}).at("root.0.ffn"),
        "mlp");
    // T5's parts of a layer are called by numbers, as layers are.
    const auto t5 =
        roles_in({"root.decoder T5Stack", "root.decoder.7 T5Block", "root.decoder.7.1 T5LayerCrossAttention",
                  "root.decoder.7.1.EncDecAttention T5Attention", "root.decoder.7.1.EncDecAttention.o Linear",
                  "root.decoder.7.2 T5LayerFF", "root.decoder.7.2.layer_norm T5LayerNorm"});
    EXPECT_EQ(t5.at("root.decoder.7"), "layer");
    EXPECT_EQ(t5.at("root.decoder.7.1"), "attention.cross");
    EXPECT_EQ(t5.at("root.decoder.7.1.EncDecAttention.o"), "attention.output");
    EXPECT_EQ(t5.at("root.decoder.7.2"), "mlp");
}

TEST(Roles, AFamilysNameInFrontOfAClassTellsNothing) {
    for (const char* norm : {"LayerNorm", "LlamaRMSNorm", "T5LayerNorm", "layernorm", "CohereLayerNorm"})
        EXPECT_EQ(roles_in({std::string("root.x ") + norm}).at("root.x"), "norm") << norm;
    for (const char* linear : {"Linear", "Conv1D", "conv1d", "GroupedLinear"})
        EXPECT_EQ(roles_in({std::string("root.x ") + linear}).at("root.x"), "linear") << linear;
    EXPECT_EQ(roles_in({"root.x OPTLearnedPositionalEmbedding"}).at("root.x"), "embeddings.position");
    EXPECT_EQ(roles_in({"root.x LlamaRotaryEmbedding"}).at("root.x"), "rotary_embedding");
    EXPECT_EQ(roles_in({"root.x MixtralSparseMoeBlock", "root.x.y Linear"}).at("root.x"), "mlp");
    EXPECT_EQ(roles_in({"root.x NewGELUActivation"}).at("root.x"), "activation");
}

TEST(Roles, WhatIsNotKnownHasNone) {
    for (const char* none : {"MambaMixer", "Bilinear", "BatchNorm1d", "log_softmax", "LinearAttentionState"})
        EXPECT_EQ(roles_in({std::string("root.x ") + none}).at("root.x"), "") << none;
    // Names that mean nothing where they stand.
    EXPECT_EQ(roles_in({"root.gate Custom"}).at("root.gate"), "");
    EXPECT_EQ(roles_in({"root.output Custom", "root.output.dense Linear"}).at("root.output"), "");
}

}  // namespace
}  // namespace irene::tests
