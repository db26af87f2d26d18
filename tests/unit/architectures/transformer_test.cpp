// Configs that are read, and configs that are refused.
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "irene/architectures.hpp"
#include "irene/dataset.hpp"

#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

using Json = nlohmann::json;

Transformer read(const Json& config) { return Transformer(config.dump(), "config.json", "m"); }

CountedTree tree_of(const Json& config, std::int64_t batch_size = 2, std::int64_t seq_len = 8) {
    return read(config).tree(batch_size, seq_len);
}

/// The first node of the scope.
const CountedNode& node_at(const CountedTree& tree, const std::string& scope) {
    for (const CountedNode& node : tree.nodes) {
        if (node.scope == scope) return node;
    }
    ADD_FAILURE() << "no node " << scope;
    return tree.nodes[0];
}

bool has_node(const CountedTree& tree, const std::string& scope) {
    for (const CountedNode& node : tree.nodes) {
        if (node.scope == scope) return true;
    }
    return false;
}

std::string why(const Json& config) {
    return refusal(ErrorKind::data, [&] { (void)tree_of(config); });
}

// ---- counts ----

TEST(Transformer, EveryNodeCountsItsChildrenAndItsOwnWork) {
    for (const std::string_view type : known_architectures()) {
        const CountedTree tree = tree_of({{"model_type", type}});
        std::vector<std::int64_t> flops, bytes, parameters;
        for (const CountedNode& node : tree.nodes) {
            flops.push_back(node.own_flops);
            bytes.push_back(node.own_bytes);
            parameters.push_back(node.type == NodeType::ml ? node.num_parameters : 0);
        }
        for (std::size_t i = tree.nodes.size() - 1; i > 0; --i) {
            const auto parent = static_cast<std::size_t>(tree.nodes[i].parent);
            flops[parent] += flops[i];
            bytes[parent] += bytes[i];
            // Within a shared node all are shared, so that it counts as one that is not.
            const bool counts = !tree.nodes[i].is_shared || tree.nodes[parent].is_shared;
            if (counts) parameters[parent] += parameters[i];
        }
        for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
            EXPECT_EQ(tree.nodes[i].flops, flops[i]) << type << " " << tree.nodes[i].scope;
            EXPECT_EQ(tree.nodes[i].bytes, bytes[i]) << type << " " << tree.nodes[i].scope;
            EXPECT_EQ(tree.nodes[i].num_parameters, parameters[i]) << type << " " << tree.nodes[i].scope;
        }
    }
}

TEST(Transformer, LinesAreTreesThatTheReaderTakes) {
    for (const std::string_view type : known_architectures()) {
        const CountedTree counted = tree_of({{"model_type", type}});
        std::string line;
        append_json(counted, line);
        const Tree tree = parse_tree(line, std::string(type));
        ASSERT_EQ(tree.nodes().size(), counted.nodes.size());
        EXPECT_EQ(tree.model_name(), "m");
        for (std::size_t i = 0; i < tree.nodes().size(); ++i) {
            EXPECT_EQ(tree.id(i), "m/2/8/" + std::to_string(i));
            EXPECT_EQ(tree.scope(i), counted.nodes[i].scope);
            EXPECT_EQ(tree.nodes()[i].parent, counted.nodes[i].parent);
        }
    }
}

TEST(Transformer, ANameIsEscaped) {
    const Transformer model(R"({"model_type": "bert"})", "config.json", "a\"b\\c\n");
    std::string line;
    append_json(model.tree(1, 1), line);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(parse_tree(line, "x").model_name(), "a\"b\\c\n");
    EXPECT_EQ(parse_tree(line, "x").id(3), "a\"b\\c\n/1/1/3");
}

TEST(Transformer, SharedLayersAreCountedOnce) {
    const Json one{{"model_type", "albert"},
                   {"num_hidden_layers", 6},
                   {"hidden_size", 64},
                   {"num_attention_heads", 4},
                   {"intermediate_size", 256}};
    Json two = one;
    two["num_hidden_groups"] = 2;
    Json inner = one;
    inner["inner_group_num"] = 2;
    const std::int64_t layer = node_at(tree_of(one), "root.encoder.0").num_parameters;
    EXPECT_EQ(tree_of(two).nodes[0].num_parameters, tree_of(one).nodes[0].num_parameters + layer);
    EXPECT_EQ(tree_of(inner).nodes[0].num_parameters, tree_of(one).nodes[0].num_parameters + layer);
    EXPECT_EQ(tree_of(two).nodes[0].flops, tree_of(one).nodes[0].flops);
    EXPECT_FALSE(node_at(tree_of(two), "root.encoder.0").is_shared);
    EXPECT_TRUE(node_at(tree_of(two), "root.encoder.2.0.ffn").is_shared);
    EXPECT_FALSE(node_at(tree_of(two), "root.encoder.3").is_shared);
    EXPECT_TRUE(node_at(tree_of(two), "root.encoder.5").is_shared);
    // In a table too.
    for (const CountRow& row : count_rows(tree_of(two))) {
        if (row.scope == "root.encoder.*") {
            EXPECT_EQ(row.num_parameters, 2 * layer);
            EXPECT_EQ(row.num_nodes, 6);
        }
    }
}

TEST(Transformer, RmsNormAndGroupedHeads) {
    const CountedTree tree = tree_of({{"model_type", "llama"},
                                      {"hidden_size", 64},
                                      {"num_hidden_layers", 1},
                                      {"num_attention_heads", 8},
                                      {"num_key_value_heads", 2},
                                      {"intermediate_size", 96}},
                                     2, 8);
    const CountedNode& norm = node_at(tree, "root.norm");
    EXPECT_EQ(norm.instance_type, "LlamaRMSNorm");
    EXPECT_EQ(norm.num_parameters, 64);
    EXPECT_EQ(norm.flops, 4 * 2 * 8 * 64);
    EXPECT_EQ(norm.bytes, 28 * 2 * 8 * 64);
    EXPECT_EQ(node_at(tree, "root.0.self_attn.q_proj").num_parameters, 64 * 64);
    EXPECT_EQ(node_at(tree, "root.0.self_attn.k_proj").num_parameters, 64 * 16);
    EXPECT_EQ(node_at(tree, "root.0.self_attn.v_proj").flops, 2 * 16 * 64 * 16);
    EXPECT_EQ(node_at(tree, "root.0.self_attn.matmul").flops, 2 * 2 * 8 * 8 * 64);
}

// ---- fields ----

struct Honoured {
    std::string model_type, field;
    Json value;
    std::string scope;  ///< of a node that changes
};

TEST(Fields, EachChangesItsNode) {
    const std::vector<Honoured> table{
        {"bert", "vocab_size", 99, "root.embeddings.word_embeddings"},
        {"bert", "type_vocab_size", 5, "root.embeddings.token_type_embeddings"},
        {"bert", "max_position_embeddings", 64, "root.embeddings.position_embeddings"},
        {"bert", "hidden_size", 120, "root.pooler.dense"},
        {"bert", "intermediate_size", 100, "root.encoder.0.intermediate.dense"},
        {"bert", "num_attention_heads", 6, "root.encoder.0.attention.self.softmax"},
        {"bert", "num_hidden_layers", 3, "root.encoder"},
        {"bert", "hidden_act", "relu", "root.encoder.0.intermediate"},
        {"roberta", "max_position_embeddings", 64, "root.embeddings.position_embeddings"},
        {"electra", "embedding_size", 64, "root.embeddings_project"},
        {"albert", "embedding_size", 64, "root.encoder.embedding_hidden_mapping_in"},
        {"albert", "inner_group_num", 2, "root.encoder.0"},
        {"distilbert", "dim", 120, "root.transformer.0.attention.q_lin"},
        {"distilbert", "hidden_dim", 100, "root.transformer.0.ffn.lin1"},
        {"distilbert", "n_heads", 6, "root.transformer.0.attention.softmax"},
        {"distilbert", "n_layers", 2, "root.transformer"},
        {"distilbert", "activation", "relu", "root.transformer.0.ffn"},
        {"gpt2", "n_embd", 120, "root.wte"},
        {"gpt2", "hidden_size", 120, "root.wte"},
        {"gpt2", "n_positions", 64, "root.wpe"},
        {"gpt2", "n_inner", 100, "root.0.mlp.c_fc"},
        {"gpt2", "n_head", 6, "root.0.attn.softmax"},
        {"gpt2", "activation_function", "relu", "root.0.mlp"},
        {"openai-gpt", "afn", "relu", "root.0.mlp"},
        {"gpt_neo", "intermediate_size", 100, "root.0.mlp.c_fc"},
        {"gpt_neo", "num_heads", 8, "root.0.attn.attention.softmax"},
        {"opt", "ffn_dim", 100, "root.decoder.0.fc1"},
        {"opt", "word_embed_proj_dim", 64, "root.decoder.embed_tokens"},
        {"opt", "enable_bias", false, "root.decoder.0.fc1"},
        {"opt", "layer_norm_elementwise_affine", false, "root.decoder.final_layer_norm"},
        {"llama", "num_key_value_heads", 4, "root.0.self_attn.k_proj"},
        {"llama", "head_dim", 64, "root.0.self_attn.o_proj"},
        {"llama", "attention_bias", true, "root.0.self_attn.o_proj"},
        {"llama", "mlp_bias", true, "root.0.mlp.up_proj"},
        {"llama", "hidden_act", "gelu", "root.0.mlp"},
        {"mistral", "num_key_value_heads", 16, "root.0.self_attn.v_proj"},
        {"qwen2", "intermediate_size", 100, "root.0.mlp.gate_proj"},
    };
    for (const Honoured& row : table) {
        const Json plain{{"model_type", row.model_type}};
        Json changed = plain;
        changed[row.field] = row.value;
        const CountedTree changed_tree = tree_of(changed);
        const CountedTree plain_tree = tree_of(plain);
        const CountedNode& after = node_at(changed_tree, row.scope);
        const auto counts = [](const CountedNode& node) {
            return std::vector<std::int64_t>{node.num_parameters, node.flops, node.bytes};
        };
        if (!has_node(plain_tree, row.scope)) continue;  // a part that the default lacks
        EXPECT_NE(counts(after), counts(node_at(plain_tree, row.scope)))
            << row.model_type << " " << row.field;
    }
}

TEST(Fields, AbsentParts) {
    EXPECT_FALSE(
        has_node(tree_of({{"model_type", "electra"}, {"embedding_size", 256}}), "root.embeddings_project"));
    EXPECT_TRUE(has_node(tree_of({{"model_type", "electra"}}), "root.embeddings_project"));
    EXPECT_FALSE(has_node(tree_of({{"model_type", "electra"}}), "root.pooler"));
    EXPECT_TRUE(has_node(tree_of({{"model_type", "opt"}}), "root.decoder.final_layer_norm"));
    EXPECT_FALSE(has_node(tree_of({{"model_type", "opt"}, {"do_layer_norm_before", false}}),
                          "root.decoder.final_layer_norm"));
    EXPECT_FALSE(has_node(tree_of({{"model_type", "opt"}, {"_remove_final_layer_norm", true}}),
                          "root.decoder.final_layer_norm"));
    EXPECT_TRUE(
        has_node(tree_of({{"model_type", "opt"}, {"word_embed_proj_dim", 64}}), "root.decoder.project_in"));
}

TEST(Fields, NullStandsForTheDefaultWhereHuggingFaceAllowsIt) {
    EXPECT_EQ(tree_of({{"model_type", "gpt2"}, {"n_inner", nullptr}}).nodes[0].flops,
              tree_of({{"model_type", "gpt2"}}).nodes[0].flops);
    EXPECT_EQ(tree_of({{"model_type", "llama"}, {"num_key_value_heads", nullptr}}).nodes[0].flops,
              tree_of({{"model_type", "llama"}}).nodes[0].flops);
    expect_contains(why({{"model_type", "bert"}, {"hidden_size", nullptr}}), "found null");
}

struct Refused {
    Json config;
    std::vector<std::string> says;
};

TEST(Fields, WhatCannotBeCountedIsRefusedByName) {
    const auto with = [](const char* type, const char* field, const Json& value) {
        return Json{{"model_type", type}, {field, value}};
    };
    const std::vector<Refused> table{
        {{{"vocab_size", 5}}, {"'model_type'", "is missing"}},
        {{{"model_type", 5}}, {"'model_type'", "expected a string"}},
        {{{"model_type", "t5"}},
         {"'model_type'", "'t5'", "known are albert, bert, camembert", "xlm-roberta"}},
        {with("bert", "num_attention_heads", 7),
         {"'num_attention_heads'", "7 heads", "'hidden_size' of 768"}},
        {with("gpt2", "n_head", 7), {"'n_head'", "'n_embd' of 768"}},
        {with("llama", "num_key_value_heads", 5), {"'num_key_value_heads'", "'num_attention_heads' of 32"}},
        {with("llama", "num_key_value_heads", 64), {"'num_key_value_heads'", "do not divide"}},
        {with("bert", "hidden_size", -768), {"'hidden_size'", "found -768"}},
        {with("bert", "hidden_size", 0), {"'hidden_size'", "from 1 to 67108864"}},
        {with("bert", "hidden_size", 768.0), {"'hidden_size'", "found 768.0"}},
        {with("bert", "hidden_size", "768"), {"'hidden_size'", "found the string '768'"}},
        {with("bert", "hidden_size", true), {"'hidden_size'", "found true"}},
        {with("bert", "vocab_size", 1e18), {"'vocab_size'", "expected a whole number"}},
        {with("bert", "vocab_size", 18446744073709551615U), {"'vocab_size'", "expected a whole number"}},
        {with("bert", "num_hidden_layers", 10001), {"'num_hidden_layers'", "from 1 to 10000"}},
        {with("bert", "hidden_act", "softplus"), {"'hidden_act'", "'softplus'", "known are gelu"}},
        {with("bert", "hidden_act", 3), {"'hidden_act'", "the name of an activation"}},
        {with("bert", "pruned_heads", {{"1", {0, 2}}}), {"'pruned_heads'", "not counted"}},
        {with("bert", "add_cross_attention", true), {"'add_cross_attention'", "not counted"}},
        {with("bert", "position_embedding_type", "relative_key"), {"'position_embedding_type'", "absolute"}},
        {with("llama", "quantization_config", {{"bits", 4}}), {"'quantization_config'", "not counted"}},
        {with("llama", "mlp_bias", 1), {"'mlp_bias'", "expected true or false"}},
        {with("albert", "num_hidden_groups", 13), {"'num_hidden_groups'", "'num_hidden_layers' of 12"}},
        {with("albert", "inner_group_num", 1000), {"'inner_group_num'", "10000 layers"}},
        {with("roberta", "pad_token_id", 511), {"'max_position_embeddings'", "'pad_token_id'"}},
        {with("bert", "max_position_embeddings", 7),
         {"'max_position_embeddings'", "8 tokens", "7 positions"}},
        {with("roberta", "max_position_embeddings", 9), {"'max_position_embeddings'", "7 positions"}},
        {{{"model_type", "gpt2"}, {"n_embd", 768}, {"hidden_size", 1024}},
         {"'hidden_size'", "contradicts 'n_embd'"}},
        {Json::array(), {"expected an object, found a list"}},
    };
    for (const Refused& row : table) {
        const std::string message = why(row.config);
        expect_contains(message, "config.json");
        for (const std::string& part : row.says) expect_contains(message, part);
    }
}

TEST(Fields, SettingsOfNoConsequenceAreAccepted) {
    const Json config{{"model_type", "bert"},         {"pruned_heads", Json::object()},
                      {"add_cross_attention", false}, {"position_embedding_type", "absolute"},
                      {"torch_dtype", "float16"},     {"unheard_of", {{"a", 1}}}};
    EXPECT_EQ(tree_of(config).nodes[0].num_parameters, 109'482'240);
}

TEST(Transformer, CountsBeyond64BitsAreRefusedWithTheLargestSize) {
    const Transformer model = read({{"model_type", "llama"},
                                    {"hidden_size", 1 << 26},
                                    {"vocab_size", 1 << 25},
                                    {"num_attention_heads", 32}});
    const std::string message = refusal(ErrorKind::data, [&] { (void)model.tree(1 << 26, 1 << 26); });
    expect_contains(message, "'hidden_size'");
    expect_contains(message, "64 bits");
}

TEST(Transformer, ANameIsTextAndNotEmpty) {
    const std::string config = R"({"model_type": "bert"})";
    expect_contains(refusal(ErrorKind::usage, [&] { Transformer(config, "config.json", ""); }), "empty name");
    expect_contains(refusal(ErrorKind::usage, [&] { Transformer(config, "config.json", "\xff"); }), "UTF-8");
}

TEST(Transformer, NotJson) {
    const std::string message =
        refusal(ErrorKind::data, [] { Transformer("{\"model_type\": ", "config.json", "m"); });
    expect_contains(message, "config.json");
    expect_contains(message, "malformed JSON");
}

TEST(Transformer, AConfigCutOffAnywhereIsRefused) {
    for (const char* name : {"gpt2", "bert-base-uncased"}) {
        const std::string text = read_file(std::filesystem::path(IRENE_SOURCE_DIRECTORY) /
                                           ("configs/models/" + std::string(name) + ".json"));
        const std::size_t end = text.find_last_not_of(" \n") + 1;
        EXPECT_NO_THROW(Transformer(text.substr(0, end), "config.json", "m"));
        for (std::size_t size = 0; size < end; ++size) {
            SCOPED_TRACE(testing::Message() << name << " cut after " << size << " bytes");
            expect_contains(
                refusal(ErrorKind::data, [&] { Transformer(text.substr(0, size), "config.json", "m"); }),
                "config.json");
            if (HasFailure()) return;
        }
    }
}

}  // namespace
}  // namespace irene::tests
