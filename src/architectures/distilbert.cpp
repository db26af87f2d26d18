// DistilBERT.
#include <utility>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

namespace {

struct DistilBert {
    Count vocabulary, positions, hidden, layers, feed_forward;
    Heads heads;
    Activation activation;
};

Part layer(const DistilBert& bert, const Pass& pass, std::string name) {
    const Count hidden = bert.hidden;
    // The datasets count the scale of the queries, and not the mask of the scores.
    const Attention attention{
        .heads = bert.heads, .on_queries = 1, .on_scores = 1, .paper = elementwise(pass.tokens() * hidden)};
    return module(
        std::move(name), "TransformerBlock",
        parts(
            attention_module("attention", "MultiHeadSelfAttention", pass, attention,
                             parts(linear("q_lin", pass, hidden, hidden, kColumns),
                                   linear("k_lin", pass, hidden, hidden, kColumns),
                                   linear("v_lin", pass, hidden, hidden, kColumns),
                                   linear("out_lin", pass, hidden, hidden, kRows), all_reduce(pass, hidden))),
            layer_norm("sa_layer_norm", pass, pass.tokens(), hidden),
            module("ffn", "FFN",
                   parts(linear("lin1", pass, hidden, bert.feed_forward, kColumns),
                         linear("lin2", pass, bert.feed_forward, hidden, kRows), all_reduce(pass, hidden)),
                   bert.activation.over(pass, bert.feed_forward)),
            layer_norm("output_layer_norm", pass, pass.tokens(), hidden)),
        add(pass, hidden, 2));
}

Part tree(const DistilBert& bert, const Pass& pass) {
    const Count tokens = pass.tokens();
    return model(
        "DistilBertModel",
        parts(module("embeddings", "Embeddings",
                     // Positions are expanded to the batch before they are looked up.
                     parts(embedding("word_embeddings", pass, tokens, bert.vocabulary, bert.hidden),
                           embedding("position_embeddings", pass, tokens, bert.positions, bert.hidden),
                           layer_norm("LayerNorm", pass, tokens, bert.hidden)),
                     add(pass, bert.hidden)),
              module("transformer", "Transformer", layers(bert.layers, [&](std::string name) {
                         return layer(bert, pass, std::move(name));
                     }))));
}

}  // namespace

Blueprint distilbert(Fields& fields) {
    DistilBert bert;
    bert.vocabulary = fields.size({"vocab_size"}, 30522);
    bert.positions = fields.size({"max_position_embeddings"}, 512);
    bert.hidden = fields.size({"dim", "hidden_size"}, 768);
    bert.layers = fields.num_layers({"n_layers", "num_hidden_layers"}, 6);
    bert.feed_forward = fields.size({"hidden_dim"}, 3072);
    bert.heads = fields.heads({"n_heads", "num_attention_heads"}, 12, bert.hidden, "dim");
    bert.activation = fields.activation({"activation"}, "gelu");
    return {.build = [bert](const Pass& pass) { return tree(bert, pass); },
            .sizes = sizes_of(bert),
            .positions = bert.positions,
            .positions_field = "max_position_embeddings"};
}

}  // namespace irene::architectures
