// MPNet: BERT without types of tokens, with scores that get a bias by distance from one table for all layers.
// Positions are computed from the tokens, as RoBERTa's.
#include <utility>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

namespace {

struct MpNet {
    Count vocabulary, positions, hidden, layers, feed_forward, buckets;
    Heads heads;
    Activation activation;
};

Part layer(const MpNet& mpnet, const Pass& pass, std::string name) {
    const Count hidden = mpnet.hidden;
    check_split(pass, "feed-forward numbers", mpnet.feed_forward);
    const auto norm = [&] { return layer_norm("LayerNorm", pass, pass.tokens(), hidden); };
    Part attention = module(
        "attention", "MPNetAttention",
        parts(attention_module("attn", "MPNetSelfAttention", pass, {.heads = mpnet.heads, .on_scores = 3},
                               parts(linear("q", pass, hidden, hidden, kColumns),
                                     linear("k", pass, hidden, hidden, kColumns),
                                     linear("v", pass, hidden, hidden, kColumns),
                                     linear("o", pass, hidden, hidden, kRows), all_reduce(pass, hidden))),
              norm()),
        add(pass, hidden));
    return module(std::move(name), "MPNetLayer",
                  parts(std::move(attention),
                        module("intermediate", "MPNetIntermediate",
                               parts(linear("dense", pass, hidden, mpnet.feed_forward, kColumns)),
                               mpnet.activation.over(pass, mpnet.feed_forward)),
                        module("output", "MPNetOutput",
                               parts(linear("dense", pass, mpnet.feed_forward, hidden, kRows),
                                     all_reduce(pass, hidden), norm()),
                               add(pass, hidden))));
}

Part tree(const MpNet& mpnet, const Pass& pass) {
    const Count tokens = pass.tokens();
    const Count hidden = mpnet.hidden;
    return model(
        "MPNetModel",
        parts(module("embeddings", "MPNetEmbeddings",
                     parts(embedding("word_embeddings", pass, tokens, mpnet.vocabulary, hidden),
                           embedding("position_embeddings", pass, tokens, mpnet.positions, hidden),
                           layer_norm("LayerNorm", pass, tokens, hidden)),
                     add(pass, hidden)),
              module("encoder", "MPNetEncoder",
                     parts(layers(mpnet.layers,
                                  [&](std::string name) { return layer(mpnet, pass, std::move(name)); }),
                           embedding("relative_attention_bias", pass, pass.length * pass.length,
                                     mpnet.buckets, mpnet.heads.number))),
              module("pooler", "MPNetPooler",
                     parts(pooled_linear("dense", pass, hidden, hidden),
                           tanh("activation", pass, pass.batch * hidden)))));
}

}  // namespace

Blueprint mpnet(Fields& fields) {
    MpNet mpnet;
    mpnet.vocabulary = fields.size({"vocab_size"}, 30527);
    mpnet.positions = fields.size({"max_position_embeddings"}, 512);
    mpnet.hidden = fields.size({"hidden_size"}, 768);
    mpnet.layers = fields.num_layers({"num_hidden_layers"}, 12);
    mpnet.feed_forward = fields.size({"intermediate_size"}, 3072);
    mpnet.heads = fields.heads({"num_attention_heads"}, 12, mpnet.hidden, "hidden_size");
    mpnet.buckets = fields.minor_size({"relative_attention_num_buckets"}, 32);
    mpnet.activation = fields.activation({"hidden_act"}, "gelu");
    // The padding token's id is 1, whatever the config says, and the first position is behind it.
    const std::int64_t usable = mpnet.positions.value() - 2;
    if (usable < 1) fields.refuse("max_position_embeddings", "leaves no position behind that of padding");
    return {.build = [mpnet](const Pass& pass) { return tree(mpnet, pass); },
            .sizes = sizes_of(mpnet),
            .positions = usable,
            .positions_field = "max_position_embeddings"};
}

}  // namespace irene::architectures
