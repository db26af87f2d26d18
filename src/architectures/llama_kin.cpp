// Decoders whose fields are named as Llama's, and which differ in norms and feed-forward: OLMo 2, StableLM,
// StarCoder2, Cohere, Granite.
#include <utility>

#include "architectures/decoder.hpp"

namespace irene::architectures {

// Norms behind attention and feed-forward, and over all queries and all keys.
Blueprint olmo2(Fields& fields) {
    Decoder decoder = read_decoder(fields, "Olmo2", {50304, 11008, std::nullopt});
    const bool bias = fields.flag("attention_bias", false);
    decoder.set_bias(bias, bias, false);
    decoder.norm.weight = RmsWeight::in_float32;
    decoder.projections.push_back({"q_norm", Projection::Kind::whole_query_norm});
    decoder.projections.push_back({"k_norm", Projection::Kind::whole_key_norm});
    decoder.layer[2].name = "post_attention_layernorm";
    decoder.layer[3].name = "post_feedforward_layernorm";
    return blueprint(std::move(decoder));
}

Blueprint stablelm(Fields& fields) {
    Decoder decoder =
        read_decoder(fields, "StableLm",
                     {.vocabulary = 50304, .feed_forward = 6912, .key_value_heads = 32, .hidden = 2560});
    set_partial_rotary(fields, decoder, 0.25);
    decoder.set_bias(fields.flag("use_qkv_bias", false), false, false);
    decoder.norm = {.instance_type = "LayerNorm", .is_rms = false};
    if (fields.flag("use_parallel_residual", false)) decoder.layer.pop_back();
    return blueprint(std::move(decoder));
}

Blueprint starcoder2(Fields& fields) {
    Decoder decoder = read_decoder(fields, "Starcoder2",
                                   {.vocabulary = 49152,
                                    .feed_forward = 12288,
                                    .key_value_heads = 2,
                                    .hidden = 3072,
                                    .layers = 30,
                                    .heads = 24,
                                    .activation = "gelu_pytorch_tanh",
                                    .is_tied = true});
    decoder.norm = {.instance_type = "LayerNorm", .is_rms = false};
    decoder.products = {{"c_fc", FeedForward::Kind::up}, {"c_proj", FeedForward::Kind::down}};
    const bool bias = fields.flag("use_bias", true);
    decoder.set_bias(bias, bias, bias);
    if (const std::optional<Count> window = fields.optional_size({"sliding_window"}))
        set_windows(fields, decoder, *window, [](std::size_t) { return true; });
    return blueprint(std::move(decoder));
}

// Both halves of a layer read the same norm, which has no bias.
Blueprint cohere(Fields& fields) {
    Decoder decoder = read_decoder(fields, "Cohere",
                                   {.vocabulary = 256000,
                                    .feed_forward = 22528,
                                    .key_value_heads = std::nullopt,
                                    .hidden = 8192,
                                    .layers = 40,
                                    .heads = 64,
                                    .is_tied = true});
    const bool bias = fields.flag("attention_bias", false);
    decoder.set_bias(bias, bias, false);
    decoder.norm = {.instance_type = "CohereLayerNorm", .is_rms = false, .has_bias = false, .in_steps = true};
    decoder.layer.pop_back();
    return blueprint(std::move(decoder));
}

// Llama with a factor on the embeddings and on what each half of a layer adds.
Blueprint granite(Fields& fields) {
    Decoder decoder = read_decoder(fields, "Granite", {32000, 11008, std::nullopt});
    const bool bias = fields.flag("attention_bias", false);
    decoder.set_bias(bias, bias, fields.flag("mlp_bias", false));
    decoder.scales_embeddings = true;
    decoder.scales_residuals = true;
    return blueprint(std::move(decoder));
}

}  // namespace irene::architectures
