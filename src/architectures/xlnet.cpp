// XLNet, as it reads a text: BERT whose scores have a part for where tokens stand to each other.
//
// Distances, twice as many as tokens, go through a projection of their own in every layer; the queries are
// compared with them too, and what stands at the tokens' distance is added to the scores. The projections
// have no modules in Hugging Face's class, and are nodes here all the same.
#include <string>
#include <utility>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

namespace {

struct XlNet {
    Count vocabulary, hidden, layers, feed_forward;
    Heads heads;
    Activation activation;
};

Part norm(const XlNet& xlnet, const Pass& pass) {
    return layer_norm("layer_norm", pass, pass.tokens(), xlnet.hidden);
}

Part attention(const XlNet& xlnet, const Pass& pass) {
    const Count width = xlnet.heads.number * xlnet.heads.width;
    const Dense columns{.bias = false, .split = Split::columns};
    Pass distances = pass;
    distances.batch = 1;
    distances.length = 2 * pass.length;
    Part part = attention_module(
        "rel_attn", "XLNetRelativeAttention", pass,
        // Biases of queries, twice; a shift, a sum, a scale and a mask of scores.
        {.heads = xlnet.heads, .on_queries = 2, .on_scores = 4},
        parts(linear("q", pass, xlnet.hidden, width, columns),
              linear("k", pass, xlnet.hidden, width, columns),
              linear("v", pass, xlnet.hidden, width, columns),
              linear("o", pass, width, xlnet.hidden, {.bias = false, .split = Split::rows}),
              all_reduce(pass, xlnet.hidden), linear("r", distances, xlnet.hidden, width, columns),
              compare_distances(pass, xlnet.heads, distances.length), norm(xlnet, pass)));
    part.own_parameters = 5 * width;  // three biases of heads, two of segments
    part.own += add(pass, xlnet.hidden);
    return part;
}

Part layer(const XlNet& xlnet, const Pass& pass, std::string name) {
    check_split(pass, "feed-forward numbers", xlnet.feed_forward);
    return module(std::move(name), "XLNetLayer",
                  parts(attention(xlnet, pass),
                        module("ff", "XLNetFeedForward",
                               parts(norm(xlnet, pass),
                                     linear("layer_1", pass, xlnet.hidden, xlnet.feed_forward, kColumns),
                                     linear("layer_2", pass, xlnet.feed_forward, xlnet.hidden, kRows),
                                     all_reduce(pass, xlnet.hidden)),
                               xlnet.activation.over(pass, xlnet.feed_forward) + add(pass, xlnet.hidden))));
}

Part tree(const XlNet& xlnet, const Pass& pass) {
    Part root = model(
        "XLNetModel",
        parts(embedding("word_embedding", pass, pass.tokens(), xlnet.vocabulary, xlnet.hidden),
              layers(xlnet.layers, [&](std::string name) { return layer(xlnet, pass, std::move(name)); })));
    root.own_parameters = xlnet.hidden;  // of a masked token
    return root;
}

}  // namespace

Blueprint xlnet(Fields& fields) {
    XlNet xlnet;
    xlnet.vocabulary = fields.size({"vocab_size"}, 32000);
    xlnet.hidden = fields.size({"d_model", "hidden_size"}, 1024);
    xlnet.layers = fields.num_layers({"n_layer", "num_hidden_layers"}, 24);
    xlnet.heads = fields.heads({"n_head", "num_attention_heads"}, 16, xlnet.hidden, "d_model");
    (void)fields.optional_size({"d_head"});  // which the class refuses unless it is that
    xlnet.feed_forward = fields.size({"d_inner"}, 4096);
    xlnet.activation = fields.activation({"ff_activation"}, "gelu");
    return {.build = [xlnet](const Pass& pass) { return tree(xlnet, pass); }, .sizes = sizes_of(xlnet)};
}

}  // namespace irene::architectures
