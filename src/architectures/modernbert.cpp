// ModernBERT: an encoder with rotary positions, a gated feed-forward, norms in front, and windows in two
// layers of three.
#include <string>
#include <utility>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

namespace {

struct ModernBert {
    Count vocabulary, hidden, layers, feed_forward, window, global_every;
    Heads heads;
    Activation activation;
    bool attention_bias = false, feed_forward_bias = false, norm_bias = false;
};

Part layer(const ModernBert& bert, const Pass& pass, std::string name, std::size_t number) {
    const Count hidden = bert.hidden;
    check_split(pass, "feed-forward numbers", bert.feed_forward);
    const auto norm = [&](const char* own) {
        return layer_norm(own, pass, pass.tokens(), hidden, Split::whole, bert.norm_bias);
    };
    const bool is_global = number % static_cast<std::size_t>(bert.global_every.value()) == 0;
    std::vector<Part> children;
    if (number > 0) children.push_back(norm("attn_norm"));  // the embeddings' is the first layer's
    children = parts(std::move(children),
                     attention_module("attn", "ModernBertAttention", pass,
                                      {.heads = bert.heads,
                                       .window = is_global ? Count(0) : bert.window,
                                       .turned = bert.heads.width,
                                       .scores = Scores::softmax_in_float32},
                                      parts(linear("Wqkv", pass, hidden, 3 * hidden,
                                                   {.bias = bert.attention_bias, .split = Split::columns}),
                                            linear("Wo", pass, hidden, hidden,
                                                   {.bias = bert.attention_bias, .split = Split::rows}),
                                            all_reduce(pass, hidden))),
                     norm("mlp_norm"),
                     module("mlp", "ModernBertMLP",
                            parts(linear("Wi", pass, hidden, 2 * bert.feed_forward,
                                         {.bias = bert.feed_forward_bias, .split = Split::columns}),
                                  linear("Wo", pass, bert.feed_forward, hidden,
                                         {.bias = bert.feed_forward_bias, .split = Split::rows}),
                                  all_reduce(pass, hidden)),
                            bert.activation.gating(pass, bert.feed_forward)));
    return module(std::move(name), "ModernBertEncoderLayer", std::move(children), add(pass, hidden, 2));
}

Part tree(const ModernBert& bert, const Pass& pass) {
    const Count tokens = pass.tokens();
    const auto norm = [&](const char* name) {
        return layer_norm(name, pass, tokens, bert.hidden, Split::whole, bert.norm_bias);
    };
    std::size_t number = 0;
    return model("ModernBertModel",
                 parts(module("embeddings", "ModernBertEmbeddings",
                              parts(embedding("tok_embeddings", pass, tokens, bert.vocabulary, bert.hidden),
                                    norm("norm"))),
                       layers(bert.layers,
                              [&](std::string name) { return layer(bert, pass, std::move(name), number++); }),
                       norm("final_norm")));
}

}  // namespace

Blueprint modernbert(Fields& fields) {
    ModernBert bert;
    bert.vocabulary = fields.size({"vocab_size"}, 50368);
    const Count positions = fields.size({"max_position_embeddings"}, 8192);
    bert.hidden = fields.size({"hidden_size"}, 768);
    bert.layers = fields.num_layers({"num_hidden_layers"}, 22);
    bert.feed_forward = fields.size({"intermediate_size"}, 1152);
    bert.heads = fields.heads({"num_attention_heads"}, 12, bert.hidden, "hidden_size");
    bert.activation = fields.activation({"hidden_activation"}, "gelu");
    bert.attention_bias = fields.flag("attention_bias", false);
    bert.feed_forward_bias = fields.flag("mlp_bias", false);
    bert.norm_bias = fields.flag("norm_bias", false);
    bert.global_every = fields.minor_size({"global_attn_every_n_layers"}, 3);
    bert.window = fields.minor_size({"local_attention"}, 128);
    return {.build = [bert](const Pass& pass) { return tree(bert, pass); },
            .sizes = sizes_of(bert),
            .positions = positions,
            .positions_field = "max_position_embeddings"};
}

}  // namespace irene::architectures
