// Configs that ask for another model than their model_type, or say its sizes in other words; and what is said
// of those that are taken.
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "irene/architectures.hpp"

#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

using Json = nlohmann::json;

/// A config with all its sizes.
Json complete(const std::string& model_type) {
    if (model_type == "gpt2" || model_type == "openai-gpt")
        return {{"model_type", model_type},
                {"vocab_size", 50},
                {"n_positions", 64},
                {"n_embd", 24},
                {"n_layer", 2},
                {"n_head", 2}};
    if (model_type == "gpt_neo")
        return {{"model_type", "gpt_neo"}, {"vocab_size", 50}, {"max_position_embeddings", 64},
                {"hidden_size", 24},       {"num_layers", 2},  {"num_heads", 2}};
    return {{"model_type", model_type}, {"vocab_size", 50},        {"max_position_embeddings", 64},
            {"hidden_size", 24},        {"num_hidden_layers", 2},  {"num_attention_heads", 2},
            {"num_key_value_heads", 2}, {"intermediate_size", 32}, {"ffn_dim", 32}};
}

Json with(const std::string& model_type, const std::string& field, const Json& value) {
    Json config = complete(model_type);
    config[field] = value;
    return config;
}

Transformer read(const Json& config, const std::string& model_type = {}) {
    return Transformer(config.dump(), "config.json", "m", model_type);
}

std::vector<std::string> warnings_of(const Json& config) {
    std::vector<std::string> warnings;
    (void)Transformer(config.dump(), "config.json", "m", {}, into(warnings));
    return warnings;
}

std::string why(const Json& config) {
    return refusal(ErrorKind::data, [&] { read(config); });
}

struct Refused {
    Json config;
    std::vector<std::string> says;
};

TEST(OtherModels, AreRefusedByField) {
    const std::vector<Refused> table{
        // Classes.
        {with("gpt2", "architectures", {"GPT2LMHeadCustomModel"}),
         {"'architectures'", "'GPT2LMHeadCustomModel'", "'gpt2'"}},
        {with("llama", "architectures", {"LlamaForCausalLMEagle3"}), {"'LlamaForCausalLMEagle3'"}},
        {with("llama", "architectures", {"MistralForCausalLM"}), {"'architectures'", "'llama'"}},
        {with("bert", "architectures", "JinaBertModel"), {"'architectures'", "'JinaBertModel'"}},
        {with("bert", "architectures", {nullptr}), {"'architectures'", "names of classes", "null"}},
        {with("bert", "auto_map", {{"AutoModel", "org/code--modeling_bert.JinaBertModel"}}),
         {"'auto_map.AutoModel'", "'JinaBertModel'"}},
        {with("xlm-roberta", "auto_map", {{"AutoConfig", "a.XLMRobertaFlashConfig"}}),
         {"'auto_map.AutoConfig'", "'XLMRobertaFlashConfig'"}},
        // Parts.
        {with("gpt2", "attention_head_type", "multiquery"), {"'attention_head_type'", "share keys"}},
        {with("bert", "alibi_starting_size", 512), {"'alibi_starting_size'", "ALiBi"}},
        {with("bert", "feed_forward_type", "geglu"), {"'feed_forward_type'", "feed-forward"}},
        {with("roberta", "attention_window", {512, 512}), {"'attention_window'", "attention"}},
        {with("bert", "fusion_layer", 6), {"'fusion_layer'", "cross-attention"}},
        {with("llama", "num_local_experts", 8), {"'num_local_experts'", "experts"}},
        {with("llama", "vision_config", {{"hidden_size", 8}}), {"'vision_config'", "text alone"}},
        {with("gpt2", "position_embedding_type", "alibi"), {"'position_embedding_type'", "absolute"}},
        {with("bert", "rope_theta", 10000.0), {"'rope_theta'", "table"}},
        {with("distilbert", "adapters", {{"adapters", {{"a", "b"}}}}), {"'adapters'", "not counted"}},
        {with("gpt2", "scale_attn_weights", false), {"'scale_attn_weights'", "not counted"}},
        {with("gpt2", "scale_attn_by_inverse_layer_idx", true), {"'scale_attn_by_inverse_layer_idx'"}},
        {with("gpt2", "reorder_and_upcast_attn", true), {"'reorder_and_upcast_attn'"}},
        {with("mistral", "attention_bias", true), {"'attention_bias'", "never has these biases"}},
        {with("qwen2", "attention_bias", false), {"'attention_bias'", "always has these biases"}},
        {with("llama", "qkv_bias", true), {"'qkv_bias'"}},
        // Layers that are spoken of one by one.
        {with("gpt_neo", "attention_types", Json::parse(R"([[["global"], 3.5]])")),
         {"'attention_types'", "expected lists"}},
        {with("gpt_neo", "attention_types", "global"), {"'attention_types'", "expected lists"}},
        {with("gpt_neo", "attention_types", Json::parse(R"([[["global"], 3]])")),
         {"'attention_types'", "3 layers", "has 2"}},
        {with("gpt_neo", "attention_types", Json::parse(R"([[["global", "sparse"], 1]])")),
         {"'attention_types'", "the string 'sparse'"}},
        {with("gpt_neo", "attention_layers", {"global"}), {"'attention_layers'", "1 layers", "has 2"}},
        {with("qwen2", "layer_types", {"full_attention"}), {"'layer_types'", "1 layers", "has 2"}},
        {with("qwen2", "layer_types", {"full_attention", "linear_attention"}),
         {"'layer_types'", "the string 'linear_attention'"}},
        // Sizes that contradict.
        {with("llama", "n_layers", 3), {"'n_layers'", "is 3", "'num_hidden_layers', 2"}},
        {with("bert", "embedding_size", 12), {"'embedding_size'", "is 12", "takes 24"}},
        {with("bert", "num_key_value_heads", 1), {"'num_key_value_heads'", "is 1", "takes 2"}},
        {with("gpt2", "head_dim", 24), {"'head_dim'", "is 24", "takes 12"}},
        {with("openai-gpt", "n_inner", 24), {"'n_inner'", "is 24", "takes 96"}},
    };
    for (const Refused& row : table) {
        SCOPED_TRACE(row.config.dump());
        const std::string message = why(row.config);
        for (const std::string& part : row.says) expect_contains(message, part);
    }
}

TEST(OtherModels, QuantisedWeightsAreRefusedInEveryFamily) {
    for (const std::string_view type : known_architectures()) {
        for (const char* field : {"quantization_config", "quantization", "compression_config"}) {
            Json config{{"model_type", type}};
            config[field] = {{"bits", 4}};
            const std::string message = why(config);
            expect_contains(message, "'" + std::string(field) + "'");
            expect_contains(message, "quantised weights are not counted");
        }
    }
}

TEST(OtherModels, TheFamilysOwnAreTaken) {
    const std::vector<Json> table{
        with("llama", "architectures", {"LLaMAForCausalLM"}),
        with("llama", "architectures", {"FSDPLlamaForCausalLM"}),
        with("bert", "architectures", {"TFBertForPreTraining"}),
        with("roberta", "architectures", {"XLMRobertaForMaskedLM"}),
        with("gpt2", "architectures", {"GPT2DoubleHeadsModel"}),
        with("gpt2", "architectures", nullptr),
        with("qwen2", "auto_map",
             {{"AutoModel", "modeling_qwen.Qwen2Model"},
              {"AutoModelForCausalLM", "org/code--modeling_qwen.Qwen2ForCausalLM"},
              {"AutoTokenizer", {"tokens.OtherTokenizer", nullptr}}}),
        with("gpt2", "attention_head_type", "multihead"),
        with("gpt2", "scale_attn_weights", true),
        with("gpt_neo", "attention_types", Json::parse(R"([[["global", "local"], 1]])")),
        with("gpt_neo", "attention_layers", {"global", "local"}),
        with("qwen2", "layer_types", {"full_attention", "sliding_attention"}),
        with("llama", "quantization", {{"quant_algo", nullptr}}),
        with("llama", "quantization_config", nullptr),
        with("bert", "adapters", {{"adapters", Json::object()}, {"config_map", Json::object()}}),
        with("gpt2", "n_ctx", 128),
        with("llama", "max_sequence_length", 2048),
        with("bert", "head_size", 12),
        with("bert", "embedding_size", 24),
        with("llama", "qkv_bias", nullptr),
    };
    for (const Json& config : table) {
        SCOPED_TRACE(config.dump());
        Json plain = complete(config["model_type"]);
        EXPECT_EQ(count_rows(read(config), {1, 8})[0].num_parameters,
                  count_rows(read(plain), {1, 8})[0].num_parameters);
        EXPECT_TRUE(warnings_of(config).empty());
    }
}

TEST(OtherWords, AreRefusedWhereTheFamilysOwnAreMissing) {
    const std::vector<std::pair<Json, std::vector<std::string>>> table{
        {{{"model_type", "llama"}, {"dim", 4096}, {"n_layers", 32}},
         {"'dim'", "'hidden_size'", "model_type 'llama'"}},
        {{{"model_type", "llama"}, {"hidden_size", 64}, {"llama.block_count", 2}},
         {"'llama.block_count'", "'num_hidden_layers'"}},
        {{{"model_type", "bert"}, {"numLayers", 2}}, {"'numLayers'", "'num_hidden_layers'"}},
        {{{"model_type", "bert"}, {"n_heads", "12"}}, {"'n_heads'", "'num_attention_heads'"}},
        {{{"model_type", "llama"}, {"hidden_size", 64}, {"multiple_of", 256}},
         {"'multiple_of'", "'intermediate_size'"}},
        {{{"model_type", "gpt2"}, {"n_embd", 24}, {"block_size", 64}}, {"'block_size'", "'n_positions'"}},
        {{{"model_type", "gpt2"}, {"d_model", 768}}, {"'d_model'", "'n_embd'"}},
    };
    for (const auto& [config, says] : table) {
        SCOPED_TRACE(config.dump());
        const std::string message = why(config);
        for (const std::string& part : says) expect_contains(message, part);
    }
}

TEST(Warnings, SizesThatAreNotGivenAreSaid) {
    const std::vector<std::string> none = warnings_of({{"model_type", "llama"}});
    ASSERT_EQ(none.size(), 1U);
    expect_contains(none[0], "config.json: no size is given");
    expect_contains(none[0], "'llama'");
    expect_contains(none[0], "hidden_size 4096");
    expect_contains(none[0], "num_hidden_layers 32");

    Json config = complete("bert");
    config.erase("num_hidden_layers");
    const std::vector<std::string> one = warnings_of(config);
    ASSERT_EQ(one.size(), 1U);
    expect_contains(one[0], "some sizes are missing");
    expect_contains(one[0], "taken: num_hidden_layers 12");
}

TEST(Warnings, WeightsThatAreNotFloat32AreSaidOnce) {
    for (const char* same : {"float32", "torch.float32", "auto"})
        EXPECT_TRUE(warnings_of(with("bert", "torch_dtype", same)).empty()) << same;
    for (const char* field : {"torch_dtype", "dtype"}) {
        const std::vector<std::string> warnings = warnings_of(with("bert", field, "bfloat16"));
        ASSERT_EQ(warnings.size(), 1U);
        expect_contains(warnings[0],
                        "'" + std::string(field) + "' is 'bfloat16'; flops and bytes are counted in float32");
    }
    Json both = with("bert", "torch_dtype", "float16");
    both["dtype"] = "float16";
    EXPECT_EQ(warnings_of(both).size(), 1U);
}

TEST(ModelType, MayBeGivenForAConfigWithoutOne) {
    for (const Json& absent : {Json(), Json(""), Json::object()}) {
        Json config = complete("gpt2");
        config.erase("model_type");
        if (!absent.is_object()) config["model_type"] = absent;
        EXPECT_EQ(read(config, "gpt2").tree(1, 8).instance_type(0), "GPT2Model");
        expect_contains(why(config), "--model_type");
        expect_contains(why(config), "known are albert, bart");
    }
    EXPECT_NO_THROW(read(complete("gpt2"), "gpt2"));
    expect_contains(refusal(ErrorKind::usage, [] { read(complete("gpt2"), "bert"); }),
                    "'model_type': is 'gpt2', and 'bert' is asked for");
    expect_contains(refusal(ErrorKind::usage, [] { read(complete("gpt2"), "gpt3"); }), "'gpt3'");
}

TEST(NonFinite, IsTakenWhereItIsNotRead) {
    const std::string text =
        R"({"model_type": "gpt2", "a": NaN, "b": [Infinity, -Infinity], "c": "NaN \" Infinity", "n_layer": )";
    EXPECT_NO_THROW(Transformer(text + "1}", "c", "m"));
    const auto refused = [](const std::string& config) {
        return refusal(ErrorKind::data, [&] { Transformer(config, "c", "m"); });
    };
    expect_contains(refused(text + "NaN}"), "'n_layer': expected a whole number from 1 to 10000, found NaN");
    expect_contains(refused(text + "-Infinity}"), "found -Infinity");
    expect_contains(refused(R"({"a": Infinity, "b": x})"), "c:1, byte 22: malformed JSON");
    expect_contains(refused(R"({"a": nan})"), "malformed JSON");
    expect_contains(refused(R"({"a": NaN)"), "malformed JSON");
}

// ---- names ----

class Names : public testing::Test {
  protected:
    std::filesystem::path write(const std::string& path, const Json& name_or_path = {}) const {
        Json config = complete("gpt2");
        if (!name_or_path.is_null()) config["_name_or_path"] = name_or_path;
        std::filesystem::create_directories((directory_ / path).parent_path());
        write_file(directory_ / path, config.dump());
        return directory_ / path;
    }
    TemporaryDirectory directory_;
};

TEST_F(Names, OfPathsAreTheirLastComponent) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"gpt2", "gpt2"},
        {"org/gpt2", "org/gpt2"},
        {"/home/me/mine", "mine"},
        {"./mine", "mine"},
        {"~/mine/", "mine"},
        {"C:\\Users\\me\\mine", "mine"},
        {"C:/mine", "mine"},
        {"a/b/mine", "mine"},
        {"", "file"},
        {"./", "file"},
        {"/home/me/checkpoint-500", "file"},
        {"out/checkpoint-500", "file"},
        {"/home/me/model", "file"},
        {"/cache/snapshots/0123456789abcdef0123456789abcdef01234567", "file"},
    };
    for (const auto& [given, name] : table)
        EXPECT_EQ(load_transformer(write("file.json", given)).model_name(), name) << given;
    EXPECT_EQ(load_transformer(write("file.json", 5)).model_name(), "file");
    EXPECT_EQ(load_transformer(write("folder/config.json")).model_name(), "folder");
    EXPECT_EQ(load_transformer(write("file.json", "org/x"), {.model_name = "/a/b"}).model_name(), "/a/b");
}

TEST_F(Names, ThatTwoConfigsHaveAreToldApart) {
    const auto names = [](const std::vector<std::filesystem::path>& paths) {
        std::vector<std::string> all;
        for (const Transformer& transformer : load_transformers(paths))
            all.push_back(transformer.model_name());
        return all;
    };
    using Texts = std::vector<std::string>;
    const auto a = write("a/config.json", "bert"), b = write("b/config.json", "bert");
    const auto c = write("c.json", "other");
    EXPECT_EQ(names({a, b, c}), (Texts{"a", "b", "other"}));
    EXPECT_EQ(names({a, c}), (Texts{"bert", "other"}));
    EXPECT_EQ(names({write("x/one.json"), write("y/one.json")}), (Texts{"x/one", "y/one"}));
    EXPECT_EQ(names({write("x/one.json"), write("y/one.json", "z")}), (Texts{"one", "z"}));
    EXPECT_EQ(names({a, a}), (Texts{"bert", "bert"}));  // for extract() to refuse

    const std::vector<std::filesystem::path> both{a, b};
    std::vector<std::string> told;
    (void)load_transformers(both, {.warn = into(told)});
    ASSERT_EQ(told.size(), 2U);
    expect_contains(told[1], "b/config.json: is called 'b'");
    expect_contains(told[1], "'bert'");
}

}  // namespace
}  // namespace irene::tests
