// GPT-Neo: GPT-2's shape with separate projections.
//
// Its local attention masks scores that it has computed, so it counts as global attention does. Own work is
// taken to be GPT-2's.
#include <utility>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

namespace {

struct GptNeo {
    Count vocabulary, positions, hidden, layers, feed_forward;
    Heads heads;
    Activation activation;
};

Node block(const GptNeo& gpt, const Run& run, std::string name) {
    const Count tokens = run.tokens();
    const Count hidden = gpt.hidden;
    Node attention = module(
        "attention", "GPTNeoSelfAttention",
        nodes(linear("k_proj", run, hidden, hidden, false), linear("v_proj", run, hidden, hidden, false),
              linear("q_proj", run, hidden, hidden, false), linear("out_proj", run, hidden, hidden),
              attention_core(run, gpt.heads)),
        elementwise(gpt.heads.scores(run)));
    return module(std::move(name), "GPTNeoBlock",
                  nodes(layer_norm("ln_1", tokens, hidden),
                        module("attn", "GPTNeoAttention", nodes(std::move(attention))),
                        layer_norm("ln_2", tokens, hidden),
                        module("mlp", "GPTNeoMLP",
                               nodes(linear("c_fc", run, hidden, gpt.feed_forward),
                                     linear("c_proj", run, gpt.feed_forward, hidden)),
                               gpt.activation.over(tokens * gpt.feed_forward))),
                  elementwise(tokens * hidden, 2));
}

Node tree(const GptNeo& gpt, const Run& run) {
    const Count tokens = run.tokens();
    return model("GPTNeoModel",
                 nodes(embedding("wte", tokens, gpt.vocabulary, gpt.hidden),
                       embedding("wpe", run.length, gpt.positions, gpt.hidden),
                       layers(gpt.layers, [&](std::string name) { return block(gpt, run, std::move(name)); }),
                       layer_norm("ln_f", tokens, gpt.hidden)),
                 elementwise(tokens * gpt.hidden) + Work{1, 16});
}

}  // namespace

Blueprint gpt_neo(Fields& fields) {
    GptNeo gpt;
    gpt.vocabulary = fields.size({"vocab_size"}, 50257);
    gpt.positions = fields.size({"max_position_embeddings"}, 2048);
    gpt.hidden = fields.size({"hidden_size"}, 2048);
    gpt.layers = fields.num_layers({"num_layers", "num_hidden_layers"}, 24);
    gpt.feed_forward = fields.optional_size({"intermediate_size"}).value_or(4 * gpt.hidden);
    gpt.heads = fields.heads({"num_heads", "num_attention_heads"}, 16, gpt.hidden, "hidden_size");
    gpt.activation = fields.activation({"activation_function"}, "gelu_new");
    return {.build = [gpt](const Run& run) { return tree(gpt, run); },
            .positions = gpt.positions,
            .positions_field = "max_position_embeddings"};
}

}  // namespace irene::architectures
