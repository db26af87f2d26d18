// T5 and mT5: an encoder, and a decoder that reads it.
//
// Norms are RMSNorm, nothing has a bias, and scores are not scaled but get a bias by distance, from a table
// that the first layer looks up for all. Encoder and decoder share the embeddings, one node here. The encoder
// runs over the prompt, once; the decoder, in a generation, begins with a token of its own. Its projections
// of the encoder's states run once too.
#include <string>
#include <utility>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

namespace {

struct T5 {
    std::string prefix;
    Count vocabulary, hidden, layers, decoder_layers, feed_forward, buckets;
    Heads heads;
    Activation activation;
    bool is_gated = false;
};

Part norm(const T5& t5, const Pass& pass, std::string name) {
    return rms_norm(
        {.name = std::move(name), .instance_type = "T5LayerNorm", .rows = pass.tokens(), .width = t5.hidden},
        pass);
}

/// `across` is the length of what is read, where that is not the own text.
Part attention(const T5& t5, const Pass& pass, std::string name, std::optional<Count> across,
               bool has_table) {
    const Count width = t5.heads.number * t5.heads.width;
    const Dense columns{.bias = false, .split = Split::columns};
    std::vector<Part> children = parts(linear("q", pass, t5.hidden, width, columns));
    const bool reads_keys = !across || !pass.is_decode();
    if (reads_keys) {
        Pass keys = pass;
        if (across) keys.length = *across;
        children.push_back(linear("k", keys, t5.hidden, width, columns));
        children.push_back(linear("v", keys, t5.hidden, width, columns));
    }
    children =
        parts(std::move(children), linear("o", pass, width, t5.hidden, {.bias = false, .split = Split::rows}),
              all_reduce(pass, t5.hidden));
    if (has_table) {
        const Count pairs = pass.attended().pairs.value() / pass.batch.value();
        children.push_back(embedding("relative_attention_bias", pass, pairs, t5.buckets, t5.heads.number));
    }
    return attention_module(
        std::move(name), "T5Attention", pass,
        {.heads = t5.heads, .across = across, .on_scores = 1, .scores = Scores::softmax_in_float32},
        std::move(children));
}

Part feed_forward(const T5& t5, const Pass& pass) {
    check_split(pass, "feed-forward numbers", t5.feed_forward);
    const Dense columns{.bias = false, .split = Split::columns};
    std::vector<Part> products;
    for (const char* name : {"wi_0", "wi_1"}) {
        if (t5.is_gated) products.push_back(linear(name, pass, t5.hidden, t5.feed_forward, columns));
    }
    if (!t5.is_gated) products.push_back(linear("wi", pass, t5.hidden, t5.feed_forward, columns));
    products = parts(std::move(products),
                     linear("wo", pass, t5.feed_forward, t5.hidden, {.bias = false, .split = Split::rows}),
                     all_reduce(pass, t5.hidden));
    return module("DenseReluDense", t5.is_gated ? "T5DenseGatedActDense" : "T5DenseActDense",
                  std::move(products),
                  t5.is_gated ? t5.activation.gating(pass, t5.feed_forward)
                              : t5.activation.over(pass, t5.feed_forward));
}

Part stack(const T5& t5, const Pass& pass, std::string name, Count num_layers, std::optional<Count> across) {
    bool is_first = true;
    const auto block = [&](std::string number) {
        const auto part = [&](std::string own, const char* instance_type, Part inner) {
            return module(std::move(own), instance_type,
                          parts(std::move(inner), norm(t5, pass, "layer_norm")), add(pass, t5.hidden));
        };
        std::vector<Part> children =
            parts(part("0", "T5LayerSelfAttention",
                       attention(t5, pass, "SelfAttention", {}, std::exchange(is_first, false))));
        if (across)
            children.push_back(
                part("1", "T5LayerCrossAttention", attention(t5, pass, "EncDecAttention", across, false)));
        children.push_back(part(across ? "2" : "1", "T5LayerFF", feed_forward(t5, pass)));
        return module(std::move(number), "T5Block", std::move(children));
    };
    return module(std::move(name), "T5Stack",
                  parts(layers(num_layers, block), norm(t5, pass, "final_layer_norm")));
}

Part tree(const T5& t5, const Pass& pass) {
    const Pass decoder = decoder_pass(pass);
    std::vector<Part> stacks;
    Count lookups = decoder.tokens();
    if (!pass.is_decode()) {
        lookups += pass.tokens();
        stacks.push_back(stack(t5, pass, "encoder", t5.layers, {}));
    }
    return model(t5.prefix + "Model",
                 parts(embedding("shared", pass, lookups, t5.vocabulary, t5.hidden), std::move(stacks),
                       stack(t5, decoder, "decoder", t5.decoder_layers, pass.prompt)));
}

struct T5Defaults {
    std::int64_t vocabulary, feed_forward, layers, heads;
    const char* feed_forward_kind;
    bool is_tied;
};

Blueprint read(Fields& fields, const std::string& prefix, const T5Defaults& defaults) {
    T5 t5;
    t5.prefix = prefix;
    t5.vocabulary = fields.size({"vocab_size"}, defaults.vocabulary);
    t5.hidden = fields.size({"d_model", "hidden_size"}, 512);
    t5.layers = fields.num_layers({"num_layers", "num_hidden_layers"}, defaults.layers);
    // As many as the encoder has, where nothing is said.
    t5.decoder_layers = fields.count({"num_decoder_layers"}, t5.layers.value());
    if (t5.decoder_layers < 1 || t5.decoder_layers > Fields::kMaxLayers)
        fields.refuse("num_decoder_layers",
                      "expected a whole number from 1 to " + std::to_string(Fields::kMaxLayers));
    t5.feed_forward = fields.size({"d_ff"}, defaults.feed_forward);
    t5.heads = {fields.size({"num_heads", "num_attention_heads"}, defaults.heads), fields.size({"d_kv"}, 64)};
    t5.buckets = fields.minor_size({"relative_attention_num_buckets"}, 32);
    (void)fields.flag("is_encoder_decoder", true);
    std::string kind = fields.text("feed_forward_proj", defaults.feed_forward_kind);
    constexpr std::string_view kGated = "gated-";
    t5.is_gated = kind.starts_with(kGated);
    if (t5.is_gated) kind.erase(0, kGated.size());
    if (kind == "gelu" && t5.is_gated) kind = "gelu_new";
    t5.activation = fields.activation_named("feed_forward_proj", kind);
    return {.build = [t5](const Pass& pass) { return tree(t5, pass); },
            .sizes = sizes_of(t5),
            .head = Head{t5.hidden, t5.vocabulary, fields.flag("tie_word_embeddings", defaults.is_tied)},
            .has_encoder = true};
}

}  // namespace

Blueprint t5(Fields& fields) { return read(fields, "T5", {32128, 2048, 6, 8, "relu", true}); }
Blueprint mt5(Fields& fields) { return read(fields, "MT5", {250112, 1024, 8, 6, "gated-gelu", false}); }

}  // namespace irene::architectures
