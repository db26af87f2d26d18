// OPT.
//
// Own work: the attention scales its queries and masks its scores; a layer activates and adds twice; the
// decoder adds the positions. Positions are numbered from 2, so the table has two rows that are never used.
#include <utility>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

namespace {

struct Opt {
    Count vocabulary, positions, embedding, hidden, layers, feed_forward;
    Heads heads;
    Activation activation;
    bool bias, has_final_norm, norms_have_weights;
};

Part norm(const Opt& opt, const Pass& pass, std::string name) {
    Part norm = layer_norm(std::move(name), pass, pass.tokens(), opt.hidden);
    if (!opt.norms_have_weights) norm.parameters = 0;
    return norm;
}

Part layer(const Opt& opt, const Pass& pass, std::string name) {
    const Count hidden = opt.hidden;
    const Dense columns{.bias = opt.bias, .split = Split::columns};
    const Dense rows{.bias = opt.bias, .split = Split::rows};
    const Attention attention{
        .heads = opt.heads, .on_queries = 1, .on_scores = 1, .scores = Scores::softmax_in_float32};
    return module(
        std::move(name), "OPTDecoderLayer",
        parts(
            attention_module("self_attn", "OPTAttention", pass, attention,
                             parts(linear("k_proj", pass, hidden, hidden, columns),
                                   linear("v_proj", pass, hidden, hidden, columns),
                                   linear("q_proj", pass, hidden, hidden, columns),
                                   linear("out_proj", pass, hidden, hidden, rows), all_reduce(pass, hidden))),
            norm(opt, pass, "self_attn_layer_norm"), linear("fc1", pass, hidden, opt.feed_forward, columns),
            linear("fc2", pass, opt.feed_forward, hidden, rows), all_reduce(pass, hidden),
            norm(opt, pass, "final_layer_norm")),
        opt.activation.over(pass, opt.feed_forward) + add(pass, hidden, 2));
}

Part tree(const Opt& opt, const Pass& pass) {
    const Count tokens = pass.tokens();
    constexpr Count kUnusedPositions = 2;
    std::vector<Part> children =
        parts(embedding("embed_tokens", pass, tokens, opt.vocabulary, opt.embedding),
              embedding("embed_positions", pass, tokens, opt.positions + kUnusedPositions, opt.hidden,
                        "OPTLearnedPositionalEmbedding"));
    if (opt.embedding != opt.hidden) {
        children.push_back(linear("project_out", pass, opt.hidden, opt.embedding, {.bias = false}));
        children.push_back(linear("project_in", pass, opt.embedding, opt.hidden, {.bias = false}));
    }
    if (opt.has_final_norm) children.push_back(norm(opt, pass, "final_layer_norm"));
    children = parts(std::move(children),
                     layers(opt.layers, [&](std::string name) { return layer(opt, pass, std::move(name)); }));
    return model("OPTModel",
                 parts(module("decoder", "OPTDecoder", std::move(children), add(pass, opt.hidden))));
}

}  // namespace

Blueprint opt(Fields& fields) {
    Opt opt;
    opt.vocabulary = fields.size({"vocab_size"}, 50272);
    opt.positions = fields.size({"max_position_embeddings"}, 2048);
    opt.hidden = fields.size({"hidden_size"}, 768);
    opt.embedding = fields.optional_size({"word_embed_proj_dim"}).value_or(opt.hidden);
    opt.layers = fields.num_layers({"num_hidden_layers"}, 12);
    opt.feed_forward = fields.size({"ffn_dim"}, 3072);
    opt.heads = fields.heads({"num_attention_heads"}, 12, opt.hidden, "hidden_size");
    opt.activation = fields.activation({"activation_function"}, "relu");
    opt.bias = fields.flag("enable_bias", true);
    opt.norms_have_weights = fields.flag("layer_norm_elementwise_affine", true);
    opt.has_final_norm =
        fields.flag("do_layer_norm_before", true) && !fields.flag("_remove_final_layer_norm", false);
    return {.build = [opt](const Pass& pass) { return tree(opt, pass); },
            .sizes = sizes_of(opt, opt.embedding),
            .head = Head{opt.embedding, opt.vocabulary, fields.flag("tie_word_embeddings", true)},
            .positions = opt.positions,
            .positions_field = "max_position_embeddings"};
}

}  // namespace irene::architectures
