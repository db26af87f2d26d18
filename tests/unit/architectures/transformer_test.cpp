// Configs that are read, and configs that are refused.
#include <bit>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "irene/architectures.hpp"
#include "irene/dataset.hpp"

#include "architectures/blueprint.hpp"
#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

using architectures::Part;
using Json = nlohmann::json;

Transformer read(const Json& config) { return Transformer(config.dump(), "config.json", "m"); }

/// The root of the transformer's parts.
Part parts_of(const Json& config, std::int64_t batch_size = 2, std::int64_t seq_len = 8) {
    return architectures::parts_of(read(config), {batch_size, seq_len});
}

/// The first part of the scope; null where there is none.
const Part* find(const Part& part, const std::string& scope, const std::string& own_scope = "root") {
    if (own_scope == scope) return &part;
    for (const Part& child : part.children) {
        if (const Part* found = find(child, scope, own_scope + "." + child.name)) return found;
    }
    return nullptr;
}

Part part_at(const Part& root, const std::string& scope) {
    const Part* const found = find(root, scope);
    if (found == nullptr) ADD_FAILURE() << "no part " << scope;
    return found == nullptr ? root : *found;
}

bool has_part(const Part& root, const std::string& scope) { return find(root, scope) != nullptr; }

std::string why(const Json& config) {
    return refusal(ErrorKind::data, [&] { (void)parts_of(config); });
}

// ---- counts ----

void expect_counts_of_children(const Part& part) {
    architectures::Work total = part.own;
    architectures::Count parameters = part.own_parameters;
    for (const Part& child : part.children) {
        expect_counts_of_children(child);
        total += child.total;
        if (!child.is_shared) parameters += child.parameters;
    }
    EXPECT_EQ(part.total.flops.value(), total.flops.value()) << part.name;
    EXPECT_EQ(part.total.bytes.value(), total.bytes.value()) << part.name;
    if (part.type == NodeType::ml) {
        EXPECT_TRUE(part.children.empty()) << part.name;
    } else {
        EXPECT_EQ(part.parameters.value(), parameters.value()) << part.name;
    }
}

TEST(Transformer, EveryPartCountsItsChildrenAndItsOwnWork) {
    for (const std::string_view type : known_architectures()) {
        SCOPED_TRACE(type);
        expect_counts_of_children(parts_of({{"model_type", type}}));
    }
}

bool same_bits(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

void expect_equal(const Tree& a, const Tree& b) {
    EXPECT_EQ(a.model_name(), b.model_name());
    EXPECT_EQ(a.batch_size(), b.batch_size());
    EXPECT_EQ(a.seq_len(), b.seq_len());
    ASSERT_EQ(a.nodes().size(), b.nodes().size());
    for (std::size_t i = 0; i < a.nodes().size(); ++i) {
        SCOPED_TRACE(b.scope(i));
        EXPECT_EQ(a.id(i), b.id(i));
        EXPECT_EQ(a.scope(i), b.scope(i));
        EXPECT_EQ(a.instance_type(i), b.instance_type(i));
        EXPECT_EQ(a.nodes()[i].parent, b.nodes()[i].parent);
        EXPECT_EQ(a.nodes()[i].type, b.nodes()[i].type);
        for (std::size_t feature = 0; feature < kNumFeatures; ++feature) {
            EXPECT_TRUE(same_bits(a.nodes()[i].features[feature], b.nodes()[i].features[feature]))
                << name(static_cast<Feature>(feature));
        }
        for (const auto energy : {&Node::measured_energy, &Node::predicted_energy, &Node::predicted_low,
                                  &Node::predicted_high, &Node::predicted_seconds}) {
            EXPECT_TRUE(is_absent(a.nodes()[i].*energy));
            EXPECT_TRUE(is_absent(b.nodes()[i].*energy));
        }
        if (testing::Test::HasFailure()) return;
    }
}

TEST(Transformer, ATreeIsWhatTheReaderMakesOfItsLine) {
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs/models")) {
        const Transformer transformer = load_transformer(entry.path());
        for (const auto& [batch_size, seq_len] : {std::pair{1, 1}, {3, 7}, {24, 128}, {4099, 509}}) {
            SCOPED_TRACE(testing::Message() << entry.path() << " " << batch_size << " " << seq_len);
            const Tree read = parse_tree(to_json(transformer, {batch_size, seq_len}));
            expect_equal(transformer.tree(batch_size, seq_len), read);
            EXPECT_EQ(read.id(1), transformer.model_name() + "/" + std::to_string(batch_size) + "/" +
                                      std::to_string(seq_len) + "/1");
            if (HasFailure()) return;
        }
    }
}

TEST(Transformer, ATreeHasTheCountsOfItsParts) {
    const Part root = parts_of({{"model_type", "gpt2"}}, 3, 7);
    const Tree tree = read({{"model_type", "gpt2"}}).tree(3, 7);
    const auto feature = [&](std::size_t node, Feature which) {
        return tree.nodes()[node].features[static_cast<std::size_t>(which)];
    };
    EXPECT_EQ(feature(0, Feature::num_parameters), static_cast<double>(root.parameters.value()));
    EXPECT_EQ(feature(0, Feature::flops), static_cast<double>(root.total.flops.value()) / 1e6);
    EXPECT_EQ(feature(0, Feature::mem_bytes), static_cast<double>(root.total.bytes.value()) / 1048576.0);
    EXPECT_EQ(feature(0, Feature::batch_size), 3.0);
    EXPECT_EQ(feature(0, Feature::seq_len), 7.0);
    EXPECT_EQ(feature(0, Feature::input_size), 21.0);
    EXPECT_TRUE(is_absent(feature(0, Feature::times_mean)));
    EXPECT_EQ(tree.scope(1), "root.wte");
    EXPECT_EQ(feature(1, Feature::num_parameters), 50257.0 * 768.0);
}

TEST(Transformer, ANameIsEscaped) {
    const Transformer model(R"({"model_type": "bert"})", "config.json", "a\"b\\c\n");
    const std::string line = to_json(model, {1, 1});
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(parse_tree(line, "x").model_name(), "a\"b\\c\n");
    EXPECT_EQ(parse_tree(line, "x").id(3), "a\"b\\c\n/1/1/3");
    expect_equal(model.tree(1, 1), parse_tree(line));
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
    const std::int64_t layer = part_at(parts_of(one), "root.encoder.0").parameters.value();
    EXPECT_EQ(parts_of(two).parameters.value(), parts_of(one).parameters.value() + layer);
    EXPECT_EQ(parts_of(inner).parameters.value(), parts_of(one).parameters.value() + layer);
    EXPECT_EQ(parts_of(two).total.flops.value(), parts_of(one).total.flops.value());
    EXPECT_FALSE(part_at(parts_of(two), "root.encoder.0").is_shared);
    EXPECT_TRUE(part_at(parts_of(two), "root.encoder.2").is_shared);
    EXPECT_FALSE(part_at(parts_of(two), "root.encoder.3").is_shared);
    EXPECT_TRUE(part_at(parts_of(two), "root.encoder.5").is_shared);
    // In a table too.
    for (const CountRow& row : count_rows(read(two), {2, 8})) {
        if (row.scope == "root.encoder.*") {
            EXPECT_EQ(row.num_parameters, 2 * layer);
            EXPECT_EQ(row.num_nodes, 6);
        }
        if (row.scope == "root.encoder.*.*.ffn") {  // within a layer that is shared
            EXPECT_EQ(row.num_parameters, 2 * (64 * 256 + 256));
            EXPECT_EQ(row.num_nodes, 6);
        }
    }
}

TEST(Transformer, RmsNormAndGroupedHeads) {
    const Part tree = parts_of({{"model_type", "llama"},
                                {"hidden_size", 64},
                                {"num_hidden_layers", 1},
                                {"num_attention_heads", 8},
                                {"num_key_value_heads", 2},
                                {"intermediate_size", 96}},
                               2, 8);
    const Part norm = part_at(tree, "root.norm");
    EXPECT_EQ(norm.instance_type, "LlamaRMSNorm");
    EXPECT_EQ(norm.parameters.value(), 64);
    EXPECT_EQ(norm.total.flops.value(), 4 * 2 * 8 * 64);
    EXPECT_EQ(norm.total.bytes.value(), 28 * 2 * 8 * 64);
    EXPECT_EQ(part_at(tree, "root.0.self_attn.q_proj").parameters.value(), 64 * 64);
    EXPECT_EQ(part_at(tree, "root.0.self_attn.k_proj").parameters.value(), 64 * 16);
    EXPECT_EQ(part_at(tree, "root.0.self_attn.v_proj").total.flops.value(), 2 * 16 * 64 * 16);
    EXPECT_EQ(part_at(tree, "root.0.self_attn.matmul").total.flops.value(), 2 * 2 * 8 * 8 * 64);
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
        const Part changed_tree = parts_of(changed);
        const Part plain_tree = parts_of(plain);
        const Part after = part_at(changed_tree, row.scope);
        const auto counts = [](const Part node) {
            return std::vector<std::int64_t>{node.parameters.value(), node.total.flops.value(),
                                             node.total.bytes.value()};
        };
        if (!has_part(plain_tree, row.scope)) continue;  // a part that the default lacks
        EXPECT_NE(counts(after), counts(part_at(plain_tree, row.scope)))
            << row.model_type << " " << row.field;
    }
}

TEST(Fields, AbsentParts) {
    EXPECT_FALSE(
        has_part(parts_of({{"model_type", "electra"}, {"embedding_size", 256}}), "root.embeddings_project"));
    EXPECT_TRUE(has_part(parts_of({{"model_type", "electra"}}), "root.embeddings_project"));
    EXPECT_FALSE(has_part(parts_of({{"model_type", "electra"}}), "root.pooler"));
    EXPECT_TRUE(has_part(parts_of({{"model_type", "opt"}}), "root.decoder.final_layer_norm"));
    EXPECT_FALSE(has_part(parts_of({{"model_type", "opt"}, {"do_layer_norm_before", false}}),
                          "root.decoder.final_layer_norm"));
    EXPECT_FALSE(has_part(parts_of({{"model_type", "opt"}, {"_remove_final_layer_norm", true}}),
                          "root.decoder.final_layer_norm"));
    EXPECT_TRUE(
        has_part(parts_of({{"model_type", "opt"}, {"word_embed_proj_dim", 64}}), "root.decoder.project_in"));
}

TEST(Fields, NullStandsForTheDefaultWhereHuggingFaceAllowsIt) {
    EXPECT_EQ(parts_of({{"model_type", "gpt2"}, {"n_inner", nullptr}}).total.flops.value(),
              parts_of({{"model_type", "gpt2"}}).total.flops.value());
    EXPECT_EQ(parts_of({{"model_type", "llama"}, {"num_key_value_heads", nullptr}}).total.flops.value(),
              parts_of({{"model_type", "llama"}}).total.flops.value());
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
        {{{"model_type", "whisper"}},
         {"'model_type'", "'whisper'", "known are albert, bart, ", "xlm-roberta"}},
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
    EXPECT_EQ(parts_of(config).parameters.value(), 109'482'240);
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
