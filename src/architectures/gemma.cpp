// Gemma, of three generations: norms whose weight is one more than what is stored, wide heads, embeddings
// that are scaled; from the second on norms behind attention and feed-forward too, and windows.
#include <utility>

#include "architectures/decoder.hpp"

namespace irene::architectures {

namespace {

Decoder read(Fields& fields, const std::string& prefix, DecoderDefaults defaults) {
    defaults.head_width = 256;
    defaults.is_tied = true;
    defaults.activation_field = "hidden_activation";
    defaults.activation = "gelu_pytorch_tanh";
    Decoder decoder = read_decoder(fields, prefix, defaults);
    decoder.norm.weight = RmsWeight::one_more_in_float32;
    decoder.scales_embeddings = true;
    const bool bias = fields.flag("attention_bias", false);
    decoder.set_bias(bias, bias, false);
    return decoder;
}

void add_outer_norms(Decoder& decoder) {
    decoder.layer.push_back({"pre_feedforward_layernorm", LayerPart::Kind::norm});
    decoder.layer.push_back({"post_feedforward_layernorm", LayerPart::Kind::norm});
}

}  // namespace

Blueprint gemma(Fields& fields) {
    return blueprint(read(fields, "Gemma",
                          {.vocabulary = 256000,
                           .feed_forward = 24576,
                           .key_value_heads = 16,
                           .hidden = 3072,
                           .layers = 28,
                           .heads = 16}));
}

Blueprint gemma2(Fields& fields) {
    Decoder decoder = read(fields, "Gemma2",
                           {.vocabulary = 256000,
                            .feed_forward = 9216,
                            .key_value_heads = 4,
                            .hidden = 2304,
                            .layers = 26,
                            .heads = 8});
    add_outer_norms(decoder);
    // A cap on the scores: a quotient, a tanh, a product. It is on unless the config says null.
    const auto cap = fields.config().find("attn_logit_softcapping");
    if (cap == fields.config().end() || !cap->is_null()) decoder.attention.on_scores += 3;
    set_windows(fields, decoder, fields.optional_size({"sliding_window"}).value_or(4096),
                [](std::size_t layer) { return layer % 2 == 0; });
    return blueprint(std::move(decoder));
}

Blueprint gemma3(Fields& fields) {
    Decoder decoder = read(fields, "Gemma3",
                           {.vocabulary = 262208,
                            .feed_forward = 9216,
                            .key_value_heads = 4,
                            .hidden = 2304,
                            .layers = 26,
                            .heads = 8});
    decoder.root = "TextModel";
    add_outer_norms(decoder);
    decoder.projections.push_back({"q_norm", Projection::Kind::query_norm});
    decoder.projections.push_back({"k_norm", Projection::Kind::key_norm});
    const auto pattern = static_cast<std::size_t>(
        fields.minor_size({"sliding_window_pattern", "_sliding_window_pattern"}, 6).value());
    set_windows(fields, decoder, fields.optional_size({"sliding_window"}).value_or(4096),
                [pattern](std::size_t layer) { return (layer + 1) % pattern != 0; });
    return blueprint(std::move(decoder));
}

}  // namespace irene::architectures
