// Llama and its kin: RMSNorm, gated feed-forward, rotary positions, grouped key and value heads.
//
// Own work, as the paper would count it: the attention turns queries and keys (a rotated copy, two products,
// a sum), copies the keys and values of a group to each of its query heads, scales and masks its scores; the
// feed-forward activates and multiplies; a layer adds twice; the model computes the sines and cosines.
// Positions are computed, not looked up, so any length can be counted.
#include <utility>

#include "architectures/decoder.hpp"

namespace irene::architectures {

namespace {

/// The window of Mistral's: of all layers, where the config says one.
void set_sliding_window(Fields& fields, Decoder& decoder, std::optional<std::int64_t> fallback) {
    std::optional<Count> window = fields.optional_size({"sliding_window"});
    if (!window && !fields.has("sliding_window") && fallback) window = *fallback;
    if (window) set_windows(fields, decoder, *window, [](std::size_t) { return true; });
}

}  // namespace

Blueprint llama(Fields& fields) {
    Decoder decoder = read_decoder(fields, "Llama", {32000, 11008, std::nullopt});
    const bool bias = fields.flag("attention_bias", false);
    decoder.set_bias(bias, bias, fields.flag("mlp_bias", false));
    refuse_other_bias(fields, {"qkv_bias", "bias"}, bias);
    return blueprint(std::move(decoder));
}

Blueprint mistral(Fields& fields) {
    refuse_other_bias(fields, {"attention_bias", "qkv_bias", "mlp_bias", "bias"}, false);
    Decoder decoder = read_decoder(fields, "Mistral", {32000, 14336, 8});
    set_sliding_window(fields, decoder, 4096);
    return blueprint(std::move(decoder));
}

Blueprint qwen2(Fields& fields) {
    Decoder decoder = read_decoder(fields, "Qwen2", {151936, 22016, 32});
    decoder.set_bias(true, false, false);
    refuse_other_bias(fields, {"attention_bias", "qkv_bias"}, true);
    refuse_other_bias(fields, {"mlp_bias"}, false);
    set_window_of_last_layers(fields, decoder, 28);
    return blueprint(std::move(decoder));
}

Blueprint qwen3(Fields& fields) {
    Decoder decoder =
        read_decoder(fields, "Qwen3",
                     {.vocabulary = 151936, .feed_forward = 22016, .key_value_heads = 32, .head_width = 128});
    const bool bias = fields.flag("attention_bias", false);
    decoder.set_bias(bias, bias, false);
    decoder.projections.push_back({"q_norm", Projection::Kind::query_norm});
    decoder.projections.push_back({"k_norm", Projection::Kind::key_norm});
    set_window_of_last_layers(fields, decoder, 28);
    return blueprint(std::move(decoder));
}

}  // namespace irene::architectures
