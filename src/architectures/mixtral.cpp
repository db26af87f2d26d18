// Decoders with experts: Mixtral, Qwen's and OpenAI's gpt-oss.
#include <utility>

#include "architectures/decoder.hpp"

namespace irene::architectures {

namespace {

/// Reads which layers of Qwen's have experts; all others have a feed-forward of the decoder's.
void set_expert_layers(Fields& fields, Decoder& decoder) {
    const Count step = fields.minor_size({"decoder_sparse_step"}, 1);
    const auto layers = static_cast<std::size_t>(decoder.layers.value());
    decoder.experts.in_layer.assign(layers, false);
    for (std::size_t layer = 0; layer < layers; ++layer)
        decoder.experts.in_layer[layer] = (layer + 1) % static_cast<std::size_t>(step.value()) == 0;
    const auto dense = fields.config().find("mlp_only_layers");
    if (dense == fields.config().end() || dense->is_null()) return;
    if (!dense->is_array())
        fields.refuse("mlp_only_layers",
                      "expected a list of numbers of layers, found " + base::kind_of(*dense));
    for (const base::Json& layer : *dense) {
        if (!layer.is_number_unsigned())
            fields.refuse("mlp_only_layers", "expected numbers of layers, found " + base::kind_of(layer));
        if (layer < layers) decoder.experts.in_layer[layer.get<std::size_t>()] = false;
    }
}

Experts read_experts(Fields& fields, Names number_names, std::int64_t number, std::int64_t active,
                     Names active_names = {"num_experts_per_tok"}) {
    Experts experts;
    experts.number = fields.size(number_names, number);
    experts.active = fields.size(active_names, active);
    if (experts.active > experts.number) {
        fields.refuse(*active_names.begin(),
                      "is more than the " + std::to_string(experts.number.value()) + " experts");
    }
    return experts;
}

}  // namespace

Blueprint mixtral(Fields& fields) {
    Decoder decoder = read_decoder(fields, "Mixtral", {32000, 14336, 8});
    decoder.experts = read_experts(fields, {"num_local_experts"}, 8, 2);
    decoder.experts.width = decoder.feed_forward;
    decoder.experts.instance_type = "MixtralSparseMoeBlock";
    decoder.layer[1].name = "block_sparse_moe";
    if (const std::optional<Count> window = fields.optional_size({"sliding_window"}))
        set_windows(fields, decoder, *window, [](std::size_t) { return true; });
    return blueprint(std::move(decoder));
}

Blueprint qwen2_moe(Fields& fields) {
    Decoder decoder = read_decoder(fields, "Qwen2Moe",
                                   {.vocabulary = 151936,
                                    .feed_forward = 5632,
                                    .key_value_heads = 16,
                                    .hidden = 2048,
                                    .layers = 24,
                                    .heads = 16});
    decoder.set_bias(fields.flag("qkv_bias", true), false, false);
    decoder.experts = read_experts(fields, {"num_experts"}, 60, 4);
    decoder.experts.width = fields.size({"moe_intermediate_size"}, 1408);
    decoder.experts.shared_width = fields.size({"shared_expert_intermediate_size"}, 5632);
    decoder.experts.has_shared_gate = true;
    decoder.experts.instance_type = "Qwen2MoeSparseMoeBlock";
    set_expert_layers(fields, decoder);
    set_window_of_last_layers(fields, decoder, 28);
    return blueprint(std::move(decoder));
}

Blueprint qwen3_moe(Fields& fields) {
    Decoder decoder = read_decoder(fields, "Qwen3Moe",
                                   {.vocabulary = 151936,
                                    .feed_forward = 6144,
                                    .key_value_heads = 4,
                                    .hidden = 2048,
                                    .layers = 24,
                                    .heads = 32});
    const bool bias = fields.flag("attention_bias", false);
    decoder.set_bias(bias, bias, false);
    decoder.projections.push_back({"q_norm", Projection::Kind::query_norm});
    decoder.projections.push_back({"k_norm", Projection::Kind::key_norm});
    decoder.experts = read_experts(fields, {"num_experts"}, 128, 8);
    decoder.experts.width = fields.size({"moe_intermediate_size"}, 768);
    decoder.experts.instance_type = "Qwen3MoeSparseMoeBlock";
    set_expert_layers(fields, decoder);
    set_window_of_last_layers(fields, decoder, 28);
    return blueprint(std::move(decoder));
}

Blueprint gpt_oss(Fields& fields) {
    Decoder decoder = read_decoder(fields, "GptOss",
                                   {.vocabulary = 201088,
                                    .feed_forward = 2880,
                                    .key_value_heads = 8,
                                    .hidden = 2880,
                                    .layers = 36,
                                    .heads = 64,
                                    .head_width = 64});
    const bool bias = fields.flag("attention_bias", true);
    decoder.set_bias(bias, bias, false);
    // Each head has a score of its own that is no token's.
    decoder.sinks = decoder.attention.heads.number;
    decoder.experts =
        read_experts(fields, {"num_local_experts"}, 128, 4, {"num_experts_per_tok", "experts_per_token"});
    decoder.experts.width = decoder.feed_forward;
    decoder.experts.router = "router";
    decoder.experts.has_bias = true;
    decoder.experts.instance_type = "GptOssMLP";
    set_windows(fields, decoder, fields.optional_size({"sliding_window"}).value_or(128),
                [](std::size_t layer) { return layer % 2 == 0; });
    return blueprint(std::move(decoder));
}

}  // namespace irene::architectures
