// GPT-2 (and DistilGPT-2) and the first GPT.
#include <utility>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

namespace {

struct Gpt {
    Count vocabulary, positions, hidden, layers, feed_forward;
    Heads heads;
    Activation activation;
};

Part attention(const Gpt& gpt, const Pass& pass, const Attention& attention) {
    return attention_module(
        "attn", "Attention", pass, attention,
        parts(conv1d("c_attn", pass, gpt.hidden, 3 * gpt.hidden, Split::columns),
              conv1d("c_proj", pass, gpt.hidden, gpt.hidden, Split::rows), all_reduce(pass, gpt.hidden)));
}

Part feed_forward(const Gpt& gpt, const Pass& pass) {
    return module("mlp", "MLP",
                  parts(conv1d("c_fc", pass, gpt.hidden, gpt.feed_forward, Split::columns),
                        conv1d("c_proj", pass, gpt.feed_forward, gpt.hidden, Split::rows),
                        all_reduce(pass, gpt.hidden)),
                  gpt.activation.over(pass, gpt.feed_forward));
}

Count scores(const Gpt& gpt, const Pass& pass) { return gpt.heads.number * pass.attended().pairs; }

// A norm before each half of a block, and one after the last block.
Part gpt2_tree(const Gpt& gpt, const Pass& pass) {
    const Count tokens = pass.tokens();
    const Attention scaled_and_masked{
        .heads = gpt.heads, .fills = 2, .paper = elementwise(scores(gpt, pass)) + Work{2, 40}};
    const auto block = [&](std::string name) {
        return module(
            std::move(name), "Block",
            parts(layer_norm("ln_1", pass, tokens, gpt.hidden), attention(gpt, pass, scaled_and_masked),
                  layer_norm("ln_2", pass, tokens, gpt.hidden), feed_forward(gpt, pass)),
            add(pass, gpt.hidden, 2));
    };
    return model("GPT2Model",
                 parts(embedding("wte", pass, tokens, gpt.vocabulary, gpt.hidden),
                       embedding("wpe", pass, pass.positions(), gpt.positions, gpt.hidden),
                       layers(gpt.layers, block), layer_norm("ln_f", pass, tokens, gpt.hidden)),
                 add(pass, gpt.hidden) + paper_only(pass, {1, 16}));
}

// A norm after each half of a block, and the causal mask applied by arithmetic.
Part first_gpt_tree(const Gpt& gpt, const Pass& pass) {
    const Count tokens = pass.tokens();
    const Count compared = scores(gpt, pass);
    const Count mask = pass.length * pass.length;
    // A scale, then the mask by a product and a sum.
    const Attention scaled_and_masked{
        .heads = gpt.heads,
        .on_scores = 3,
        .paper = Work{3 * compared + 2 * mask + 1, 28 * compared + 24 * mask + 24}};
    const auto block = [&](std::string name) {
        return module(
            std::move(name), "Block",
            parts(attention(gpt, pass, scaled_and_masked), layer_norm("ln_1", pass, tokens, gpt.hidden),
                  feed_forward(gpt, pass), layer_norm("ln_2", pass, tokens, gpt.hidden)),
            add(pass, gpt.hidden, 2));
    };
    return model("OpenAIGPTModel",
                 parts(embedding("tokens_embed", pass, tokens, gpt.vocabulary, gpt.hidden),
                       embedding("positions_embed", pass, pass.positions(), gpt.positions, gpt.hidden),
                       layers(gpt.layers, block)),
                 add(pass, gpt.hidden, 2));
}

Gpt read(Fields& fields, std::int64_t vocabulary, std::int64_t positions) {
    Gpt gpt;
    gpt.vocabulary = fields.size({"vocab_size"}, vocabulary);
    gpt.positions = fields.size({"n_positions", "max_position_embeddings"}, positions);
    gpt.hidden = fields.size({"n_embd", "hidden_size"}, 768);
    gpt.layers = fields.num_layers({"n_layer", "num_hidden_layers"}, 12);
    gpt.heads = fields.heads({"n_head", "num_attention_heads"}, 12, gpt.hidden, "n_embd");
    gpt.feed_forward = 4 * gpt.hidden;
    return gpt;
}

}  // namespace

Blueprint gpt2(Fields& fields) {
    // Each of these settings changes how often, or in which kernel, the scores are scaled.
    fields.refuse_if_set("scale_attn_by_inverse_layer_idx", "scaling by the layer's number is not counted");
    fields.refuse_if_set("reorder_and_upcast_attn", "scaling within the product is not counted");
    if (!fields.flag("scale_attn_weights", true))
        fields.refuse("scale_attn_weights", "attention without scaling is not counted");
    Gpt gpt = read(fields, 50257, 1024);
    gpt.feed_forward = fields.optional_size({"n_inner"}).value_or(gpt.feed_forward);
    gpt.activation = fields.activation({"activation_function"}, "gelu_new");
    return {.build = [gpt](const Pass& pass) { return gpt2_tree(gpt, pass); },
            .sizes = sizes_of(gpt),
            .head = Head{gpt.hidden, gpt.vocabulary},
            .positions = gpt.positions,
            .positions_field = "n_positions"};
}

Blueprint openai_gpt(Fields& fields) {
    Gpt gpt = read(fields, 40478, 512);
    gpt.activation = fields.activation({"afn"}, "gelu", "gelu_new");
    return {.build = [gpt](const Pass& pass) { return first_gpt_tree(gpt, pass); },
            .sizes = sizes_of(gpt),
            .head = Head{gpt.hidden, gpt.vocabulary},
            .positions = gpt.positions,
            .positions_field = "n_positions"};
}

}  // namespace irene::architectures
