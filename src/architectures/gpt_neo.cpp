// GPT-Neo: GPT-2's shape with separate projections.
//
// Its local attention computes all scores and masks some, so it counts like global attention. Nobody measured
// its own work, so GPT-2's is taken.
#include <utility>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

namespace {

struct GptNeo {
    Count vocabulary, positions, hidden, layers, feed_forward;
    Heads heads;
    Activation activation;
};

Part block(const GptNeo& gpt, const Pass& pass, std::string name) {
    const Count tokens = pass.tokens();
    const Count hidden = gpt.hidden;
    const Dense unbiased{.bias = false, .split = Split::columns};
    Part attention =
        attention_module("attention", "GPTNeoSelfAttention", pass,
                         {.heads = gpt.heads, .on_scores = 1, .scores = Scores::in_float32},
                         parts(linear("k_proj", pass, hidden, hidden, unbiased),
                               linear("v_proj", pass, hidden, hidden, unbiased),
                               linear("q_proj", pass, hidden, hidden, unbiased),
                               linear("out_proj", pass, hidden, hidden, kRows), all_reduce(pass, hidden)));
    return module(
        std::move(name), "GPTNeoBlock",
        parts(layer_norm("ln_1", pass, tokens, hidden),
              module("attn", "GPTNeoAttention", parts(std::move(attention))),
              layer_norm("ln_2", pass, tokens, hidden),
              module("mlp", "GPTNeoMLP",
                     parts(linear("c_fc", pass, hidden, gpt.feed_forward, kColumns),
                           linear("c_proj", pass, gpt.feed_forward, hidden, kRows), all_reduce(pass, hidden)),
                     gpt.activation.over(pass, gpt.feed_forward))),
        add(pass, hidden, 2));
}

Part tree(const GptNeo& gpt, const Pass& pass) {
    const Count tokens = pass.tokens();
    return model(
        "GPTNeoModel",
        parts(embedding("wte", pass, tokens, gpt.vocabulary, gpt.hidden),
              embedding("wpe", pass, pass.positions(), gpt.positions, gpt.hidden),
              layers(gpt.layers, [&](std::string name) { return block(gpt, pass, std::move(name)); }),
              layer_norm("ln_f", pass, tokens, gpt.hidden)),
        add(pass, gpt.hidden) + paper_only(pass, {1, 16}));
}

void check_kind(const Fields& fields, const char* name, const base::Json& kind) {
    if (!kind.is_string() || (kind != "global" && kind != "local"))
        fields.refuse(name, "expected 'global' or 'local' for each layer, found " + base::kind_of(kind));
}

void check_number(const Fields& fields, const char* name, std::size_t number, Count layers) {
    if (number != static_cast<std::size_t>(layers.value())) {
        fields.refuse(name, "is for " + std::to_string(number) + " layers, and the model has " +
                                std::to_string(layers.value()));
    }
}

/// Checks the two fields that say for each layer whether its attention is global or local. Both kinds count
/// alike; but a list for another number of layers is of another model.
void check_attention(const Fields& fields, Count layers) {
    const base::Json& config = fields.config();
    if (const auto each = config.find("attention_layers"); each != config.end() && each->is_array()) {
        for (const base::Json& kind : *each) check_kind(fields, "attention_layers", kind);
        check_number(fields, "attention_layers", each->size(), layers);
    }
    const auto groups = config.find("attention_types");  // [[["global", "local"], 12]]: 24 layers
    if (groups == config.end() || groups->is_null()) return;
    std::size_t number = 0;
    for (const base::Json& group : *groups) {
        if (!group.is_array() || group.size() != 2 || !group[0].is_array() ||
            !group[1].is_number_unsigned() || group[1] > Fields::kMaxLayers) {
            fields.refuse("attention_types",
                          "expected lists of kinds with a number of times, such as "
                          "[[[\"global\", \"local\"], 12]]");
        }
        for (const base::Json& kind : group[0]) check_kind(fields, "attention_types", kind);
        number += group[0].size() * group[1].get<std::size_t>();
    }
    check_number(fields, "attention_types", number, layers);
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
    check_attention(fields, gpt.layers);
    return {.build = [gpt](const Pass& pass) { return tree(gpt, pass); },
            .sizes = sizes_of(gpt),
            .head = Head{gpt.hidden, gpt.vocabulary, fields.flag("tie_word_embeddings", true)},
            .positions = gpt.positions,
            .positions_field = "max_position_embeddings"};
}

}  // namespace irene::architectures
