// BERT and the encoders built like it: RoBERTa, XLM-RoBERTa, CamemBERT, ELECTRA.
//
// XLM-RoBERTa and CamemBERT are RoBERTa but for the class of the root, as in the transformers library of the
// time when the datasets were measured. ELECTRA's embeddings may be narrower than its states, and it has no
// pooler. Nobody measured its own work, so BERT's is taken.
#include <utility>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

namespace {

struct Encoder {
    std::string root;    // its class
    std::string prefix;  // of the other classes
    Count vocabulary, positions, types, embedding, hidden, layers, feed_forward;
    Heads heads;
    Activation activation;
    // RoBERTa's positions depend on which tokens are padding, so they are computed and looked up for each
    // sequence; BERT's are looked up once for all.
    bool positions_from_tokens = false;
    bool has_pooler = true;
};

Part embeddings(const Encoder& encoder, const Pass& pass) {
    const Count tokens = pass.tokens();
    Work own = add(pass, encoder.embedding, 2);
    if (encoder.positions_from_tokens) own += paper_only(pass, {2 * tokens, 28 * tokens});
    return module("embeddings", encoder.prefix + "Embeddings",
                  parts(embedding("word_embeddings", pass, tokens, encoder.vocabulary, encoder.embedding),
                        embedding("position_embeddings", pass,
                                  encoder.positions_from_tokens ? tokens : pass.positions(),
                                  encoder.positions, encoder.embedding),
                        embedding("token_type_embeddings", pass, tokens, encoder.types, encoder.embedding),
                        layer_norm("LayerNorm", pass, tokens, encoder.embedding)),
                  own);
}

Part attention(const Encoder& encoder, const Pass& pass) {
    const Count hidden = encoder.hidden;
    return module(
        "attention", encoder.prefix + "Attention",
        parts(attention_module("self", encoder.prefix + "SelfAttention", pass, {.heads = encoder.heads},
                               parts(linear("query", pass, hidden, hidden, kColumns),
                                     linear("key", pass, hidden, hidden, kColumns),
                                     linear("value", pass, hidden, hidden, kColumns))),
              module("output", encoder.prefix + "SelfOutput",
                     parts(linear("dense", pass, hidden, hidden, kRows), all_reduce(pass, hidden),
                           layer_norm("LayerNorm", pass, pass.tokens(), hidden)),
                     add(pass, hidden))));
}

Part layer(const Encoder& encoder, const Pass& pass, std::string name) {
    const Count hidden = encoder.hidden;
    return module(
        std::move(name), encoder.prefix + "Layer",
        parts(attention(encoder, pass),
              module("intermediate", encoder.prefix + "Intermediate",
                     parts(linear("dense", pass, hidden, encoder.feed_forward, kColumns)),
                     encoder.activation.over(pass, encoder.feed_forward)),
              module("output", encoder.prefix + "Output",
                     parts(linear("dense", pass, encoder.feed_forward, hidden, kRows),
                           all_reduce(pass, hidden), layer_norm("LayerNorm", pass, pass.tokens(), hidden)),
                     add(pass, hidden))));
}

Part tree(const Encoder& encoder, const Pass& pass) {
    std::vector<Part> children = parts(embeddings(encoder, pass));
    if (encoder.embedding != encoder.hidden) {
        children.push_back(linear("embeddings_project", pass, encoder.embedding, encoder.hidden));
    }
    children.push_back(module(
        "encoder", encoder.prefix + "Encoder",
        layers(encoder.layers, [&](std::string name) { return layer(encoder, pass, std::move(name)); })));
    if (encoder.has_pooler) {
        children.push_back(module("pooler", encoder.prefix + "Pooler",
                                  parts(pooled_linear("dense", pass, encoder.hidden, encoder.hidden),
                                        tanh("activation", pass, pass.batch * encoder.hidden))));
    }
    const Work mask{2 * pass.tokens(), 24 * pass.tokens()};
    return model(encoder.root, std::move(children), paper_only(pass, mask));
}

struct EncoderDefaults {
    std::int64_t vocabulary = 30522, hidden = 768, layers = 12, heads = 12, feed_forward = 3072;
};

Encoder read_encoder(Fields& fields, const std::string& root, const std::string& prefix,
                     const EncoderDefaults& defaults) {
    Encoder encoder;
    encoder.root = root;
    encoder.prefix = prefix;
    encoder.vocabulary = fields.size({"vocab_size"}, defaults.vocabulary);
    encoder.positions = fields.size({"max_position_embeddings"}, 512);
    encoder.types = fields.minor_size({"type_vocab_size"}, 2);
    encoder.hidden = fields.size({"hidden_size"}, defaults.hidden);
    encoder.embedding = encoder.hidden;
    encoder.layers = fields.num_layers({"num_hidden_layers"}, defaults.layers);
    encoder.feed_forward = fields.size({"intermediate_size"}, defaults.feed_forward);
    encoder.heads = fields.heads({"num_attention_heads"}, defaults.heads, encoder.hidden, "hidden_size");
    encoder.activation = fields.activation({"hidden_act"}, "gelu");
    return encoder;
}

Blueprint blueprint(Encoder encoder, Count usable_positions) {
    const Sizes sizes = sizes_of(encoder, encoder.embedding);
    return {.build = [encoder = std::move(encoder)](const Pass& pass) { return tree(encoder, pass); },
            .sizes = sizes,
            .positions = usable_positions,
            .positions_field = "max_position_embeddings"};
}

Blueprint roberta_family(Fields& fields, const std::string& root, const EncoderDefaults& defaults) {
    Encoder encoder = read_encoder(fields, root, "Roberta", defaults);
    encoder.positions_from_tokens = true;
    // The first position is the padding token's id + 1; those up to it are never used.
    const Count padding = fields.count({"pad_token_id"}, 1);
    const std::int64_t usable = encoder.positions.value() - padding.value() - 1;
    if (usable < 1) {
        fields.refuse("max_position_embeddings", "leaves no position behind 'pad_token_id', which is " +
                                                     std::to_string(padding.value()));
    }
    return blueprint(std::move(encoder), usable);
}

}  // namespace

Blueprint bert(Fields& fields) {
    Encoder encoder = read_encoder(fields, "BertModel", "Bert", {});
    const Count positions = encoder.positions;
    return blueprint(std::move(encoder), positions);
}

Blueprint roberta(Fields& fields) { return roberta_family(fields, "RobertaModel", {.vocabulary = 50265}); }
Blueprint xlm_roberta(Fields& fields) { return roberta_family(fields, "XLMRobertaModel", {}); }
Blueprint camembert(Fields& fields) { return roberta_family(fields, "CamembertModel", {}); }

Blueprint electra(Fields& fields) {
    Encoder encoder =
        read_encoder(fields, "ElectraModel", "Electra", {.hidden = 256, .heads = 4, .feed_forward = 1024});
    encoder.embedding = fields.size({"embedding_size"}, 128);
    encoder.has_pooler = false;
    const Count positions = encoder.positions;
    return blueprint(std::move(encoder), positions);
}

}  // namespace irene::architectures
