// Decoders of the years between GPT-2 and Llama: GPT-NeoX, GPT-J, Falcon, BLOOM, GPTBigCode, MPT.
#include <utility>

#include "architectures/decoder.hpp"

namespace irene::architectures {

namespace {

using Part_ = LayerPart::Kind;

/// Norms by mean and variance, a plain feed-forward and biases everywhere, which is what most have.
Decoder plain_decoder(const std::string& prefix) {
    Decoder decoder;
    decoder.prefix = prefix;
    decoder.norm = {.instance_type = "LayerNorm", .is_rms = false};
    decoder.attention.scores = Scores::softmax_in_float32;
    decoder.projections = {{"query_key_value", Projection::Kind::fused, true},
                           {"dense", Projection::Kind::output, true}};
    decoder.products = {{"dense_h_to_4h", FeedForward::Kind::up, true},
                        {"dense_4h_to_h", FeedForward::Kind::down, true}};
    return decoder;
}

}  // namespace

Blueprint gpt_neox(Fields& fields) {
    Decoder decoder = plain_decoder("GPTNeoX");
    decoder.layer_class = "Layer";
    decoder.embeddings = "embed_in";
    decoder.last_norm = "final_layer_norm";
    decoder.vocabulary = fields.size({"vocab_size"}, 50432);
    decoder.hidden = fields.size({"hidden_size"}, 6144);
    decoder.layers = fields.num_layers({"num_hidden_layers"}, 44);
    decoder.feed_forward = fields.size({"intermediate_size"}, 24576);
    decoder.attention.heads = fields.heads({"num_attention_heads"}, 64, decoder.hidden, "hidden_size");
    decoder.activation = fields.activation({"hidden_act"}, "gelu");
    decoder.is_tied = fields.flag("tie_word_embeddings", false);
    set_partial_rotary(fields, decoder, 0.25, {"rotary_pct", "partial_rotary_factor"});
    const bool bias = fields.flag("attention_bias", true);
    decoder.set_bias(bias, bias, true);
    (void)fields.flag("use_parallel_residual", true);  // the same work in another order
    decoder.layer = {{"input_layernorm", Part_::norm},
                     {"post_attention_layernorm", Part_::norm},
                     {"attention", Part_::attention},
                     {"mlp", Part_::feed_forward}};
    return blueprint(std::move(decoder));
}

Blueprint gptj(Fields& fields) {
    Decoder decoder = plain_decoder("GPTJ");
    decoder.layer_class = "Block";
    decoder.embeddings = "wte";
    decoder.last_norm = "ln_f";
    decoder.vocabulary = fields.size({"vocab_size"}, 50400);
    const Count positions = fields.size({"n_positions", "max_position_embeddings"}, 2048);
    decoder.hidden = fields.size({"n_embd", "hidden_size"}, 4096);
    decoder.layers = fields.num_layers({"n_layer", "num_hidden_layers"}, 28);
    decoder.attention.heads = fields.heads({"n_head", "num_attention_heads"}, 16, decoder.hidden, "n_embd");
    decoder.feed_forward = fields.optional_size({"n_inner"}).value_or(4 * decoder.hidden);
    decoder.attention.turned = fields.optional_size({"rotary_dim"}).value_or(decoder.attention.heads.width);
    if (decoder.attention.turned > decoder.attention.heads.width)
        fields.refuse("rotary_dim",
                      "is more than the heads' " + std::to_string(decoder.attention.heads.width.value()));
    decoder.attention.scores = Scores::in_float32;
    decoder.activation = fields.activation({"activation_function"}, "gelu_new");
    decoder.is_tied = fields.flag("tie_word_embeddings", false);
    decoder.head_bias = true;
    decoder.projections = {{"k_proj", Projection::Kind::key},
                           {"v_proj", Projection::Kind::value},
                           {"q_proj", Projection::Kind::query},
                           {"out_proj", Projection::Kind::output}};
    decoder.products = {{"fc_in", FeedForward::Kind::up, true}, {"fc_out", FeedForward::Kind::down, true}};
    decoder.layer = {{"ln_1", Part_::norm}, {"attn", Part_::attention}, {"mlp", Part_::feed_forward}};
    Blueprint result = blueprint(std::move(decoder));
    result.positions = positions;
    result.positions_field = "n_positions";
    return result;
}

Blueprint falcon(Fields& fields) {
    Decoder decoder = plain_decoder("Falcon");
    decoder.embeddings = "word_embeddings";
    decoder.last_norm = "ln_f";
    decoder.vocabulary = fields.size({"vocab_size"}, 65024);
    decoder.hidden = fields.size({"hidden_size", "n_embed"}, 4544);
    decoder.layers = fields.num_layers({"num_hidden_layers", "n_layer"}, 32);
    Attention& attention = decoder.attention;
    attention.heads = fields.heads({"num_attention_heads", "n_head"}, 71, decoder.hidden, "hidden_size");
    decoder.feed_forward = fields.optional_size({"ffn_hidden_size"}).value_or(4 * decoder.hidden);
    const bool is_new = fields.flag("new_decoder_architecture", false);
    const bool is_multi_query = fields.flag("multi_query", true);
    const std::optional<Count> key_heads = fields.optional_size({"num_kv_heads", "n_head_kv"});
    attention.key_value_heads = is_new           ? key_heads.value_or(attention.heads.number)
                                : is_multi_query ? Count(1)
                                                 : attention.heads.number;
    if (attention.heads.number.value() % attention.key_value_heads.value() != 0)
        fields.refuse("num_kv_heads", "does not divide the heads");
    attention.turned = attention.heads.width;
    decoder.activation = fields.activation({"activation"}, "gelu");
    decoder.is_tied = fields.flag("tie_word_embeddings", true);
    const bool bias = fields.flag("bias", false);
    decoder.set_bias(bias, bias, bias);
    const bool is_parallel = fields.flag("parallel_attn", true);
    const Count norms = fields.optional_size({"num_ln_in_parallel_attn"}).value_or(is_new ? 2 : 1);
    decoder.layer = {{"self_attention", Part_::attention}, {"mlp", Part_::feed_forward}};
    if (is_new && norms == 2) {
        decoder.layer.push_back({"ln_attn", Part_::norm});
        decoder.layer.push_back({"ln_mlp", Part_::norm});
    } else {
        decoder.layer.push_back({"input_layernorm", Part_::norm});
        if (!is_parallel) decoder.layer.push_back({"post_attention_layernorm", Part_::norm});
    }
    return blueprint(std::move(decoder));
}

// The linear biases of its attention (ALiBi) are part of the first product; its GELU is written out.
Blueprint bloom(Fields& fields) {
    Decoder decoder = plain_decoder("Bloom");
    decoder.layer_class = "Block";
    decoder.embeddings = "word_embeddings";
    decoder.embeddings_norm = "word_embeddings_layernorm";
    decoder.last_norm = "ln_f";
    decoder.vocabulary = fields.size({"vocab_size"}, 250880);
    decoder.hidden = fields.size({"hidden_size", "n_embed"}, 64);
    decoder.layers = fields.num_layers({"n_layer", "num_hidden_layers"}, 2);
    decoder.attention.heads =
        fields.heads({"n_head", "num_attention_heads"}, 8, decoder.hidden, "hidden_size");
    decoder.feed_forward = 4 * decoder.hidden;
    decoder.attention.on_scores = 1;
    decoder.activation = Fields::activation_of("gelu_fast");
    decoder.is_tied = fields.flag("tie_word_embeddings", true);
    decoder.layer = {{"input_layernorm", Part_::norm},
                     {"self_attention", Part_::attention},
                     {"post_attention_layernorm", Part_::norm},
                     {"mlp", Part_::feed_forward}};
    return blueprint(std::move(decoder));
}

Blueprint gpt_bigcode(Fields& fields) {
    Decoder decoder = plain_decoder("GPTBigCode");
    decoder.layer_class = "Block";
    decoder.embeddings = "wte";
    decoder.last_norm = "ln_f";
    decoder.vocabulary = fields.size({"vocab_size"}, 50257);
    const Count positions = fields.size({"n_positions", "max_position_embeddings"}, 1024);
    decoder.positions = {"wpe", positions};
    decoder.hidden = fields.size({"n_embd", "hidden_size"}, 768);
    decoder.layers = fields.num_layers({"n_layer", "num_hidden_layers"}, 12);
    decoder.attention.heads = fields.heads({"n_head", "num_attention_heads"}, 12, decoder.hidden, "n_embd");
    if (fields.flag("multi_query", true)) decoder.attention.key_value_heads = 1;
    if (!fields.flag("attention_softmax_in_fp32", true)) decoder.attention.scores = Scores::as_activations;
    decoder.feed_forward = fields.optional_size({"n_inner"}).value_or(4 * decoder.hidden);
    decoder.activation = fields.activation({"activation_function"}, "gelu_pytorch_tanh");
    decoder.is_tied = fields.flag("tie_word_embeddings", true);
    decoder.projections = {{"c_attn", Projection::Kind::fused, true},
                           {"c_proj", Projection::Kind::output, true}};
    decoder.products = {{"c_fc", FeedForward::Kind::up, true}, {"c_proj", FeedForward::Kind::down, true}};
    decoder.layer = {{"ln_1", Part_::norm},
                     {"attn", Part_::attention},
                     {"ln_2", Part_::norm},
                     {"mlp", Part_::feed_forward}};
    Blueprint result = blueprint(std::move(decoder));
    result.positions = positions;
    result.positions_field = "n_positions";
    return result;
}

// Scores are scaled, biased (ALiBi) and masked.
Blueprint mpt(Fields& fields) {
    Decoder decoder = plain_decoder("Mpt");
    decoder.layer_class = "Block";
    decoder.embeddings = "wte";
    decoder.last_norm = "norm_f";
    decoder.norm.has_bias = false;
    decoder.vocabulary = fields.size({"vocab_size"}, 50368);
    decoder.hidden = fields.size({"d_model", "hidden_size"}, 2048);
    decoder.layers = fields.num_layers({"n_layers", "num_hidden_layers"}, 24);
    decoder.attention.heads = fields.heads({"n_heads", "num_attention_heads"}, 16, decoder.hidden, "d_model");
    decoder.attention.on_scores = 3;
    decoder.feed_forward = fields.minor_size({"expansion_ratio"}, 4) * decoder.hidden;
    decoder.activation = Fields::activation_of("gelu");
    decoder.is_tied = fields.flag("tie_word_embeddings", true);
    if (!fields.flag("no_bias", true)) fields.refuse("no_bias", "this architecture never has biases");
    decoder.projections = {{"Wqkv", Projection::Kind::fused}, {"out_proj", Projection::Kind::output}};
    decoder.products = {{"up_proj", FeedForward::Kind::up}, {"down_proj", FeedForward::Kind::down}};
    decoder.layer = {{"norm_1", Part_::norm},
                     {"attn", Part_::attention},
                     {"norm_2", Part_::norm},
                     {"ffn", Part_::feed_forward}};
    if (const auto attention = fields.config().find("attn_config");
        attention != fields.config().end() && attention->is_object()) {
        for (const char* name : {"qk_ln", "prefix_lm", "attn_uses_sequence_id"}) {
            const auto field = attention->find(name);
            if (field != attention->end() && *field == true)
                fields.refuse(std::string("attn_config.") + name, "this kind of attention is not counted");
        }
        const auto alibi = attention->find("alibi");
        if (alibi != attention->end() && *alibi == false)
            fields.refuse("attn_config.alibi", "attention without linear biases is not counted");
    }
    return blueprint(std::move(decoder));
}

}  // namespace irene::architectures
