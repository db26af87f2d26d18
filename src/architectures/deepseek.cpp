// DeepSeek's second and third models, and Kimi K2, which is the third's shape: attention through a low rank,
// experts with shared ones from some layer on.
//
// Keys and values are expanded to all heads and cached so, as Hugging Face's classes do; servers may keep the
// low rank.
#include <utility>

#include "architectures/decoder.hpp"

namespace irene::architectures {

namespace {

struct DeepseekDefaults {
    std::int64_t vocabulary, hidden, feed_forward, layers, heads;
    std::int64_t experts, active, expert_width, shared, first_dense;
};

Decoder read(Fields& fields, const std::string& prefix, const DeepseekDefaults& defaults) {
    Decoder decoder;
    decoder.prefix = prefix;
    decoder.norm.instance_type = prefix + "RMSNorm";
    decoder.vocabulary = fields.size({"vocab_size"}, defaults.vocabulary);
    decoder.hidden = fields.size({"hidden_size"}, defaults.hidden);
    decoder.layers = fields.num_layers({"num_hidden_layers"}, defaults.layers);
    decoder.feed_forward = fields.size({"intermediate_size"}, defaults.feed_forward);
    Attention& attention = decoder.attention;
    const Count turned = fields.minor_size({"qk_rope_head_dim"}, 64);
    const Count plain = fields.minor_size({"qk_nope_head_dim"}, 128);
    attention.heads = {fields.size({"num_attention_heads"}, defaults.heads), plain + turned};
    attention.value_width = fields.minor_size({"v_head_dim"}, 128);
    attention.turned = turned;
    attention.turned_key_heads = 1;
    attention.scores = Scores::softmax_in_float32;
    // Said in configs, and of no consequence.
    (void)fields.optional_size({"head_dim"});
    (void)fields.optional_size({"num_key_value_heads"});
    const bool has_low_query = !fields.has("q_lora_rank") || !fields.config()["q_lora_rank"].is_null();
    if (has_low_query) decoder.low_rank.query = fields.minor_size({"q_lora_rank"}, 1536);
    decoder.low_rank.key_value = fields.minor_size({"kv_lora_rank"}, 512);
    const bool bias = fields.flag("attention_bias", false);
    using Kind = Projection::Kind;
    decoder.projections = {{"q_proj", Kind::query}};
    if (has_low_query) {
        decoder.projections = {{"q_a_proj", Kind::low_query, bias},
                               {"q_a_layernorm", Kind::low_query_norm},
                               {"q_b_proj", Kind::query_from_low}};
    }
    decoder.projections.push_back({"kv_a_proj_with_mqa", Kind::low_key_value, bias});
    decoder.projections.push_back({"kv_a_layernorm", Kind::low_key_value_norm});
    decoder.projections.push_back({"kv_b_proj", Kind::key_value_from_low});
    decoder.projections.push_back({"o_proj", Kind::output, bias});
    decoder.activation = fields.activation({"hidden_act"}, "silu");
    decoder.is_tied = fields.flag("tie_word_embeddings", false);

    Experts& experts = decoder.experts;
    experts.number = fields.size({"n_routed_experts", "num_routed_experts"}, defaults.experts);
    experts.active = fields.size({"num_experts_per_tok"}, defaults.active);
    if (experts.active > experts.number)
        fields.refuse("num_experts_per_tok",
                      "is more than the " + std::to_string(experts.number.value()) + " experts");
    experts.width = fields.size({"moe_intermediate_size"}, defaults.expert_width);
    experts.shared_width =
        fields.count({"n_shared_experts", "num_shared_experts"}, defaults.shared) * experts.width;
    experts.shared_name = "shared_experts";
    experts.router_is_last = true;
    experts.instance_type = prefix + (prefix == "DeepseekV2" ? "Moe" : "MoE");
    const Count first = fields.count({"first_k_dense_replace"}, defaults.first_dense);
    const Count step = fields.minor_size({"moe_layer_freq"}, 1);
    for (std::int64_t layer = 0; layer < decoder.layers.value(); ++layer)
        experts.in_layer.push_back(layer >= first.value() && layer % step.value() == 0);
    return decoder;
}

}  // namespace

Blueprint deepseek_v2(Fields& fields) {
    return blueprint(read(fields, "DeepseekV2", {102400, 4096, 11008, 32, 32, 64, 6, 1407, 2, 0}));
}

Blueprint deepseek_v3(Fields& fields) {
    return blueprint(read(fields, "DeepseekV3", {129280, 7168, 18432, 61, 128, 256, 8, 2048, 1, 3}));
}

}  // namespace irene::architectures
