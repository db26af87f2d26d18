// ALBERT: an encoder whose layers share their weights.
//
// A group of layers is applied several times, and stands in the tree each time; its parameters are counted
// the first time. Nobody measured its own work, so BERT's is taken: the attention scales and masks its scores
// and adds its input, the layer activates and adds.
#include <utility>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

namespace {

struct Albert {
    Count vocabulary, positions, types, embedding, hidden, layers, groups, layers_of_group, feed_forward;
    Heads heads;
    Activation activation;
};

Part layer(const Albert& albert, const Pass& pass, std::string name) {
    const Count hidden = albert.hidden;
    Part attention = attention_module(
        "attention", "AlbertAttention", pass, {.heads = albert.heads},
        parts(linear("query", pass, hidden, hidden, kColumns), linear("key", pass, hidden, hidden, kColumns),
              linear("value", pass, hidden, hidden, kColumns), linear("dense", pass, hidden, hidden, kRows),
              all_reduce(pass, hidden), layer_norm("LayerNorm", pass, pass.tokens(), hidden)));
    attention.own += add(pass, hidden);
    return module(
        std::move(name), "AlbertLayer",
        parts(layer_norm("full_layer_layer_norm", pass, pass.tokens(), hidden), std::move(attention),
              linear("ffn", pass, hidden, albert.feed_forward, kColumns),
              linear("ffn_output", pass, albert.feed_forward, hidden, kRows), all_reduce(pass, hidden)),
        albert.activation.over(pass, albert.feed_forward) + add(pass, hidden));
}

Part tree(const Albert& albert, const Pass& pass) {
    const Count tokens = pass.tokens();
    Part embeddings = module(
        "embeddings", "AlbertEmbeddings",
        parts(embedding("word_embeddings", pass, tokens, albert.vocabulary, albert.embedding),
              embedding("position_embeddings", pass, pass.positions(), albert.positions, albert.embedding),
              embedding("token_type_embeddings", pass, tokens, albert.types, albert.embedding),
              layer_norm("LayerNorm", pass, tokens, albert.embedding)),
        add(pass, albert.embedding, 2));

    std::vector<Part> groups = layers(albert.layers, [&](std::string name) {
        return module(std::move(name), "AlbertLayerGroup",
                      layers(albert.layers_of_group,
                             [&](std::string inner) { return layer(albert, pass, std::move(inner)); }));
    });
    const auto group_of = [&albert](std::size_t i) {  // as the transformers library spreads them
        return static_cast<std::int64_t>(i) * albert.groups.value() / albert.layers.value();
    };
    for (std::size_t i = 1; i < groups.size(); ++i) groups[i].is_shared = group_of(i) == group_of(i - 1);

    const Work mask{2 * tokens, 24 * tokens};
    return model(
        "AlbertModel",
        parts(std::move(embeddings),
              module("encoder", "AlbertTransformer",
                     parts(linear("embedding_hidden_mapping_in", pass, albert.embedding, albert.hidden),
                           std::move(groups))),
              pooled_linear("pooler", pass, albert.hidden, albert.hidden),
              tanh("pooler_activation", pass, pass.batch * albert.hidden)),
        paper_only(pass, mask));
}

}  // namespace

Blueprint albert(Fields& fields) {
    Albert albert;
    albert.vocabulary = fields.size({"vocab_size"}, 30000);
    albert.positions = fields.size({"max_position_embeddings"}, 512);
    albert.types = fields.minor_size({"type_vocab_size"}, 2);
    albert.embedding = fields.size({"embedding_size"}, 128);
    albert.hidden = fields.size({"hidden_size"}, 4096);
    albert.layers = fields.num_layers({"num_hidden_layers"}, 12);
    albert.groups = fields.minor_size({"num_hidden_groups"}, 1);
    albert.layers_of_group = fields.minor_size({"inner_group_num"}, 1);
    albert.feed_forward = fields.size({"intermediate_size"}, 16384);
    albert.heads = fields.heads({"num_attention_heads"}, 64, albert.hidden, "hidden_size");
    albert.activation = fields.activation({"hidden_act"}, "gelu_new");
    if (albert.groups > albert.layers) {
        fields.refuse("num_hidden_groups",
                      "is more than the 'num_hidden_layers' of " + std::to_string(albert.layers.value()));
    }
    if (albert.layers * albert.layers_of_group > Fields::kMaxLayers) {
        fields.refuse("inner_group_num", "times 'num_hidden_layers' is more than the " +
                                             std::to_string(Fields::kMaxLayers) + " layers that are counted");
    }
    return {.build = [albert](const Pass& pass) { return tree(albert, pass); },
            .sizes = sizes_of(albert, albert.embedding),
            .positions = albert.positions,
            .positions_field = "max_position_embeddings"};
}

}  // namespace irene::architectures
