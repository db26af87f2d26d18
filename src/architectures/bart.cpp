// BART, mBART, Marian and M2M-100: an encoder, and a decoder that reads it, with biases and norms by mean and
// variance.
//
// They differ in positions (a learned table with two rows that are never used, or sines, which are parameters
// in Marian alone) and in norms before the first and behind the last layer. Own work: queries are scaled,
// scores masked. The embeddings are one node, `shared`.
#include <string>
#include <utility>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

namespace {

struct Stack {
    Count layers, feed_forward;
    Heads heads;
};

struct Bart {
    std::string prefix;
    Count vocabulary, hidden, positions;  // rows of the table; 0: sines that are no parameters
    Stack encoder, decoder;
    Activation activation;
    bool norms_embeddings = false, norms_end = false;
};

Part norm(const Bart& bart, const Pass& pass, std::string name) {
    return layer_norm(std::move(name), pass, pass.tokens(), bart.hidden);
}

/// `across` is the length of what is read, where that is not the own text.
Part attention(const Bart& bart, const Stack& stack, const Pass& pass, std::string name,
               std::optional<Count> across) {
    std::vector<Part> children;
    if (!across || !pass.is_decode()) {
        Pass keys = pass;
        if (across) keys.length = *across;
        children.push_back(linear("k_proj", keys, bart.hidden, bart.hidden, kColumns));
        children.push_back(linear("v_proj", keys, bart.hidden, bart.hidden, kColumns));
    }
    return attention_module(
        std::move(name), bart.prefix + "Attention", pass,
        {.heads = stack.heads, .across = across, .on_queries = 1, .on_scores = 1},
        parts(std::move(children), linear("q_proj", pass, bart.hidden, bart.hidden, kColumns),
              linear("out_proj", pass, bart.hidden, bart.hidden, kRows), all_reduce(pass, bart.hidden)));
}

Part layer(const Bart& bart, const Stack& stack, const Pass& pass, std::string name,
           std::optional<Count> across) {
    check_split(pass, "feed-forward numbers", stack.feed_forward);
    std::vector<Part> children =
        parts(attention(bart, stack, pass, "self_attn", {}), norm(bart, pass, "self_attn_layer_norm"));
    if (across) {
        children = parts(std::move(children), attention(bart, stack, pass, "encoder_attn", across),
                         norm(bart, pass, "encoder_attn_layer_norm"));
    }
    return module(std::move(name), bart.prefix + (across ? "DecoderLayer" : "EncoderLayer"),
                  parts(std::move(children), linear("fc1", pass, bart.hidden, stack.feed_forward, kColumns),
                        linear("fc2", pass, stack.feed_forward, bart.hidden, kRows),
                        all_reduce(pass, bart.hidden), norm(bart, pass, "final_layer_norm")),
                  bart.activation.over(pass, stack.feed_forward) + add(pass, bart.hidden, across ? 3 : 2));
}

Part stack_of(const Bart& bart, const Stack& stack, const Pass& pass, std::string name,
              std::optional<Count> across) {
    std::vector<Part> children;
    if (bart.positions > 0)
        children.push_back(embedding("embed_positions", pass, pass.positions(), bart.positions, bart.hidden));
    children = parts(std::move(children), layers(stack.layers, [&](std::string number) {
                         return layer(bart, stack, pass, std::move(number), across);
                     }));
    if (bart.norms_embeddings) children.push_back(norm(bart, pass, "layernorm_embedding"));
    if (bart.norms_end) children.push_back(norm(bart, pass, "layer_norm"));
    return module(std::move(name), bart.prefix + (across ? "Decoder" : "Encoder"), std::move(children),
                  add(pass, bart.hidden));
}

Part tree(const Bart& bart, const Pass& pass) {
    const Pass decoder = decoder_pass(pass);
    std::vector<Part> stacks;
    Count lookups = decoder.tokens();
    if (!pass.is_decode()) {
        lookups += pass.tokens();
        stacks.push_back(stack_of(bart, bart.encoder, pass, "encoder", {}));
    }
    return model(bart.prefix + "Model",
                 parts(embedding("shared", pass, lookups, bart.vocabulary, bart.hidden), std::move(stacks),
                       stack_of(bart, bart.decoder, decoder, "decoder", pass.prompt)));
}

struct BartDefaults {
    std::int64_t vocabulary, heads;
    const char* activation;
    Count unused_positions;  ///< rows of the table beyond the positions
    bool has_table, norms_embeddings, norms_end;
};

Blueprint read(Fields& fields, const std::string& prefix, const BartDefaults& defaults) {
    Bart bart;
    bart.prefix = prefix;
    bart.vocabulary = fields.size({"vocab_size"}, defaults.vocabulary);
    bart.hidden = fields.size({"d_model", "hidden_size"}, 1024);
    const Count positions = fields.size({"max_position_embeddings"}, 1024);
    if (defaults.has_table) bart.positions = positions + defaults.unused_positions;
    bart.encoder.layers = fields.num_layers({"encoder_layers"}, 12);
    bart.decoder.layers = fields.num_layers({"decoder_layers"}, 12);
    bart.encoder.feed_forward = fields.size({"encoder_ffn_dim"}, 4096);
    bart.decoder.feed_forward = fields.size({"decoder_ffn_dim"}, 4096);
    bart.encoder.heads = fields.heads({"encoder_attention_heads", "num_attention_heads"}, defaults.heads,
                                      bart.hidden, "d_model");
    bart.decoder.heads = fields.heads({"decoder_attention_heads"}, defaults.heads, bart.hidden, "d_model");
    bart.activation = fields.activation({"activation_function"}, defaults.activation);
    bart.norms_embeddings = defaults.norms_embeddings;
    bart.norms_end = defaults.norms_end;
    (void)fields.flag("is_encoder_decoder", true);
    return {.build = [bart](const Pass& pass) { return tree(bart, pass); },
            .sizes = {.vocabulary = bart.vocabulary,
                      .hidden = bart.hidden,
                      .embedding = bart.hidden,
                      .layers = bart.encoder.layers,
                      .heads = bart.encoder.heads.number,
                      .key_value_heads = bart.encoder.heads.number,
                      .head_width = bart.encoder.heads.width,
                      .feed_forward = bart.encoder.feed_forward},
            .head = Head{bart.hidden, bart.vocabulary, fields.flag("tie_word_embeddings", true)},
            .has_encoder = true,
            .positions = positions,
            .positions_field = "max_position_embeddings"};
}

}  // namespace

Blueprint bart(Fields& fields) { return read(fields, "Bart", {50265, 16, "gelu", 2, true, true, false}); }
Blueprint mbart(Fields& fields) { return read(fields, "MBart", {50265, 16, "gelu", 2, true, true, true}); }
Blueprint marian(Fields& fields) {
    return read(fields, "Marian", {58101, 16, "gelu", 0, true, false, false});
}
Blueprint m2m_100(Fields& fields) {
    return read(fields, "M2M100", {128112, 16, "relu", 0, false, false, true});
}

}  // namespace irene::architectures
