// Phi and Phi-3.
#include <utility>

#include "architectures/decoder.hpp"

namespace irene::architectures {

// Both halves of a layer read the same norm.
Blueprint phi(Fields& fields) {
    Decoder decoder = read_decoder(fields, "Phi",
                                   {.vocabulary = 51200,
                                    .feed_forward = 8192,
                                    .key_value_heads = std::nullopt,
                                    .hidden = 2048,
                                    .layers = 24,
                                    .heads = 32,
                                    .activation = "gelu_new"});
    set_partial_rotary(fields, decoder, 0.5);
    decoder.norm = {.instance_type = "LayerNorm", .is_rms = false};
    decoder.layer.pop_back();
    decoder.projections.back().name = "dense";
    decoder.products = {{"fc1", FeedForward::Kind::up}, {"fc2", FeedForward::Kind::down}};
    decoder.set_bias(true, true, true);
    decoder.last_norm = "final_layernorm";
    decoder.head_bias = true;
    return blueprint(std::move(decoder));
}

Blueprint phi3(Fields& fields) {
    Decoder decoder = read_decoder(
        fields, "Phi3",
        {.vocabulary = 32064, .feed_forward = 8192, .key_value_heads = std::nullopt, .hidden = 3072});
    set_partial_rotary(fields, decoder, 1.0);
    decoder.projections = {{"o_proj", Projection::Kind::output}, {"qkv_proj", Projection::Kind::fused}};
    decoder.products = {{"gate_up_proj", FeedForward::Kind::gate_and_up},
                        {"down_proj", FeedForward::Kind::down}};
    if (const std::optional<Count> window = fields.optional_size({"sliding_window"}))
        set_windows(fields, decoder, *window, [](std::size_t) { return true; });
    return blueprint(std::move(decoder));
}

}  // namespace irene::architectures
