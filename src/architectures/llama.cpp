// Llama, Mistral and Qwen2: RMSNorm, gated feed-forward, rotary positions, grouped key and value heads.
//
// Own work: the attention turns queries and keys (a rotated copy, two products, a sum), copies the keys and
// values of a group to each of its query heads, scales and masks its scores; the feed-forward activates and
// multiplies; a layer adds twice; the model computes the sines and cosines. A sliding window masks scores
// that were computed, so it counts like full attention. Positions are computed, not looked up, so any length
// can be counted.
#include <utility>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

namespace {

struct Decoder {
    std::string prefix;  // of the classes
    Count vocabulary, hidden, layers, feed_forward, key_value_heads;
    Heads heads;
    Activation activation;
    bool query_bias = false;  // of queries, keys and values
    bool output_bias = false;
    bool feed_forward_bias = false;
};

Part attention(const Decoder& decoder, const Pass& pass) {
    const Count queries = decoder.heads.number * decoder.heads.width;
    const Count keys = decoder.key_value_heads * decoder.heads.width;
    Work own = elementwise(pass.tokens() * (queries + keys), 4) + elementwise(decoder.heads.scores(pass), 2);
    if (keys != queries) own += {0, elementwise(pass.tokens() * queries, 2).bytes};
    return module("self_attn", decoder.prefix + "Attention",
                  parts(linear("q_proj", pass, decoder.hidden, queries, decoder.query_bias),
                        linear("k_proj", pass, decoder.hidden, keys, decoder.query_bias),
                        linear("v_proj", pass, decoder.hidden, keys, decoder.query_bias),
                        linear("o_proj", pass, queries, decoder.hidden, decoder.output_bias),
                        attention_core(pass, decoder.heads)),
                  own);
}

Part feed_forward(const Decoder& decoder, const Pass& pass) {
    const Count inner = pass.tokens() * decoder.feed_forward;
    return module(
        "mlp", decoder.prefix + "MLP",
        parts(linear("gate_proj", pass, decoder.hidden, decoder.feed_forward, decoder.feed_forward_bias),
              linear("up_proj", pass, decoder.hidden, decoder.feed_forward, decoder.feed_forward_bias),
              linear("down_proj", pass, decoder.feed_forward, decoder.hidden, decoder.feed_forward_bias)),
        decoder.activation.over(inner) + elementwise(inner));
}

Part norm(const Decoder& decoder, const Pass& pass, std::string name) {
    return rms_norm(std::move(name), decoder.prefix + "RMSNorm", pass.tokens(), decoder.hidden);
}

Part tree(const Decoder& decoder, const Pass& pass) {
    const auto layer = [&](std::string name) {
        return module(
            std::move(name), decoder.prefix + "DecoderLayer",
            parts(attention(decoder, pass), feed_forward(decoder, pass),
                  norm(decoder, pass, "input_layernorm"), norm(decoder, pass, "post_attention_layernorm")),
            elementwise(pass.tokens() * decoder.hidden, 2));
    };
    return model(decoder.prefix + "Model",
                 parts(embedding("embed_tokens", pass.tokens(), decoder.vocabulary, decoder.hidden),
                       layers(decoder.layers, layer), norm(decoder, pass, "norm")),
                 elementwise(pass.length * decoder.heads.width, 3));
}

struct DecoderDefaults {
    std::int64_t vocabulary, feed_forward;
    std::optional<std::int64_t> key_value_heads;  // as many as heads where there is none
};

Decoder read(Fields& fields, const std::string& prefix, const DecoderDefaults& defaults) {
    Decoder decoder;
    decoder.prefix = prefix;
    decoder.vocabulary = fields.size({"vocab_size"}, defaults.vocabulary);
    decoder.hidden = fields.size({"hidden_size"}, 4096);
    decoder.layers = fields.num_layers({"num_hidden_layers"}, 32);
    decoder.feed_forward = fields.size({"intermediate_size"}, defaults.feed_forward);
    if (const std::optional<Count> width = fields.optional_size({"head_dim"})) {
        decoder.heads = {fields.size({"num_attention_heads"}, 32), *width};
    } else {
        decoder.heads = fields.heads({"num_attention_heads"}, 32, decoder.hidden, "hidden_size");
    }
    const Count heads = decoder.heads.number;
    // Null means as many as heads; absent means the architecture's default.
    decoder.key_value_heads = fields.has("num_key_value_heads") || !defaults.key_value_heads
                                  ? fields.optional_size({"num_key_value_heads"}).value_or(heads)
                                  : fields.size({"num_key_value_heads"}, *defaults.key_value_heads);
    if (heads.value() % decoder.key_value_heads.value() != 0) {
        fields.refuse("num_key_value_heads", std::to_string(decoder.key_value_heads.value()) +
                                                 " heads do not divide the 'num_attention_heads' of " +
                                                 std::to_string(heads.value()));
    }
    decoder.activation = fields.activation({"hidden_act"}, "silu");
    return decoder;
}

/// Whether these biases exist is fixed in Hugging Face's class, which reads no such field: refuses a config
/// that says otherwise.
void refuse_other_bias(const Fields& fields, const char* name, bool has_bias) {
    const auto field = fields.config().find(name);
    if (field != fields.config().end() && field->is_boolean() && *field != has_bias)
        fields.refuse(name, has_bias ? "this architecture always has these biases"
                                     : "this architecture never has these biases");
}

Blueprint blueprint(Decoder decoder) {
    const Sizes sizes{.vocabulary = decoder.vocabulary,
                      .hidden = decoder.hidden,
                      .embedding = decoder.hidden,
                      .layers = decoder.layers,
                      .heads = decoder.heads.number,
                      .key_value_heads = decoder.key_value_heads,
                      .head_width = decoder.heads.width,
                      .feed_forward = decoder.feed_forward};
    return {.build = [decoder = std::move(decoder)](const Pass& pass) { return tree(decoder, pass); },
            .sizes = sizes};
}

}  // namespace

Blueprint llama(Fields& fields) {
    Decoder decoder = read(fields, "Llama", {32000, 11008, std::nullopt});
    decoder.query_bias = decoder.output_bias = fields.flag("attention_bias", false);
    decoder.feed_forward_bias = fields.flag("mlp_bias", false);
    refuse_other_bias(fields, "qkv_bias", decoder.query_bias);
    refuse_other_bias(fields, "bias", decoder.query_bias);
    return blueprint(std::move(decoder));
}

Blueprint mistral(Fields& fields) {
    for (const char* name : {"attention_bias", "qkv_bias", "mlp_bias", "bias"})
        refuse_other_bias(fields, name, false);
    return blueprint(read(fields, "Mistral", {32000, 14336, 8}));
}

Blueprint qwen2(Fields& fields) {
    Decoder decoder = read(fields, "Qwen2", {151936, 22016, 32});
    decoder.query_bias = true;
    for (const char* name : {"attention_bias", "qkv_bias"}) refuse_other_bias(fields, name, true);
    refuse_other_bias(fields, "mlp_bias", false);
    return blueprint(std::move(decoder));
}

}  // namespace irene::architectures
