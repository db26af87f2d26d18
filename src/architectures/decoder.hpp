// Decoders of the shape that most language models of today have: embeddings, layers of an attention and a
// feed-forward (or experts) with norms around them, a last norm. What differs between families is data:
// names, kinds, sizes.
//
// Names, classes and order are those of the modules in Hugging Face's classes.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

struct NormKind {
    std::string instance_type;
    bool is_rms = true;                            ///< else by mean and variance
    RmsWeight weight = RmsWeight::as_activations;  ///< of rms
    bool has_weight = true;
    bool has_bias = true;   ///< where it is not rms
    bool in_steps = false;  ///< where it is not rms: written out in float32
};

/// A child of the attention.
struct Projection {
    enum class Kind : unsigned char {
        query,
        key,
        value,
        fused,
        output,
        query_norm,  ///< of each head
        key_norm,
        whole_query_norm,  ///< over all heads
        whole_key_norm,
        // Through a low rank, which every GPU computes whole; see LowRank.
        low_query,
        low_query_norm,
        query_from_low,
        low_key_value,  ///< with the part of the keys that is turned, which all heads share
        low_key_value_norm,
        key_value_from_low,
    };
    std::string name;
    Kind kind;
    bool bias = false;
};

/// The ranks that queries, and keys with values, go through.
struct LowRank {
    Count query, key_value;
};

/// A child of the feed-forward.
struct FeedForward {
    enum class Kind : unsigned char { gate, up, gate_and_up, down };
    std::string name;
    Kind kind;
    bool bias = false;
};

/// A child of a layer.
struct LayerPart {
    enum class Kind : unsigned char { attention, feed_forward, norm };
    std::string name;
    Kind kind;
};

/// Of a layer that sends each token to some of many feed-forwards.
struct Experts {
    Count number = 0;  ///< 0: the decoder has none
    Count active;      ///< of a token
    Count width;
    std::string router = "gate";
    std::string instance_type;     ///< of the module that has router and experts
    std::string module_name = {};  ///< empty: as the feed-forward
    bool has_bias = false;         ///< of router and experts
    Count router_extra = 0;        ///< further parameters of the router
    Count shared_width = 0;        ///< of an expert for all tokens; 0: none
    std::string shared_name = "shared_expert";
    bool has_shared_gate = false;
    bool router_is_last = false;      ///< among the children: behind the experts
    std::vector<bool> in_layer = {};  ///< empty: in all
};

struct Decoder {
    std::string prefix;  ///< of the classes
    std::string root = "Model", attention_class = "Attention", feed_forward_class = "MLP",
                layer_class = "DecoderLayer";
    Count vocabulary, hidden, layers, feed_forward;
    Attention attention;
    Activation activation;
    NormKind norm;
    std::string embeddings = "embed_tokens", last_norm = "norm";
    std::optional<std::string> embeddings_norm = {};
    std::optional<std::pair<std::string, Count>> positions = {};  ///< a table of them, and its rows
    std::vector<LayerPart> layer = {{"self_attn", LayerPart::Kind::attention},
                                    {"mlp", LayerPart::Kind::feed_forward},
                                    {"input_layernorm", LayerPart::Kind::norm},
                                    {"post_attention_layernorm", LayerPart::Kind::norm}};
    std::vector<Projection> projections = {{"q_proj", Projection::Kind::query},
                                           {"k_proj", Projection::Kind::key},
                                           {"v_proj", Projection::Kind::value},
                                           {"o_proj", Projection::Kind::output}};
    std::vector<FeedForward> products = {{"gate_proj", FeedForward::Kind::gate},
                                         {"up_proj", FeedForward::Kind::up},
                                         {"down_proj", FeedForward::Kind::down}};
    Experts experts = {};
    std::vector<Count> windows = {};  ///< of each layer, 0: none; empty: the attention's
    LowRank low_rank = {};
    Count sinks = 0;  ///< further parameters of an attention
    bool scales_embeddings = false;
    bool scales_residuals = false;  ///< what each half of a layer adds
    bool is_tied = false;
    bool head_bias = false;

    void set_bias(bool query_key_value, bool output, bool feed_forward);
};

/// What a family has where its config says nothing; none: as many key-value heads as heads.
struct DecoderDefaults {
    std::int64_t vocabulary, feed_forward;
    std::optional<std::int64_t> key_value_heads;
    std::int64_t hidden = 4096, layers = 32, heads = 32;
    std::optional<std::int64_t> head_width = {};
    const char* activation_field = "hidden_act";
    const char* activation = "silu";
    bool is_tied = false;
};

/// Reads a decoder whose fields have the names of Llama's, with RMSNorm and rotary positions.
Decoder read_decoder(Fields& fields, const std::string& prefix, const DecoderDefaults& defaults);

/// Whether these biases exist is fixed in Hugging Face's class, which reads no such field: refuses a config
/// that says otherwise.
void refuse_other_bias(const Fields& fields, std::initializer_list<const char*> names, bool has_bias);

/// Sets the window of each layer from `layer_types` or, where the config has none, from is_sliding(layer).
void set_windows(Fields& fields, Decoder& decoder, Count window,
                 const std::function<bool(std::size_t)>& is_sliding);

/// The window of Qwen's: of the layers from the one that `max_window_layers` says, where it is switched on.
void set_window_of_last_layers(Fields& fields, Decoder& decoder, std::int64_t first);

/// How much of each head rotary positions turn: a fraction, whose field has the first of the names or
/// another.
void set_partial_rotary(Fields& fields, Decoder& decoder, double fallback,
                        Names names = {"partial_rotary_factor"});

/// Whether the products that split by rows are followed by all_reduce().
enum class Reduce : unsigned char { here, later };

/// The feed-forward of a layer, of a width of its own.
Part feed_forward(const Decoder& decoder, const Pass& pass, std::string name, std::string instance_type,
                  Count width, Reduce reduce = Reduce::here);

Part tree(const Decoder& decoder, const Pass& pass);

Blueprint blueprint(Decoder decoder);

}  // namespace irene::architectures
