#include "architectures/other_models.hpp"

#include <algorithm>
#include <string>

#include "base/lower.hpp"

namespace irene::architectures {

namespace {

struct Part {
    const char* name;
    const char* reason;
    std::string_view allowed = {};
};

constexpr const char* kQuantised = "quantised weights are not counted";
constexpr const char* kOneKeyHead = "attention whose heads share keys is not counted here";
constexpr const char* kAlibi = "attention with linear biases (ALiBi) is not counted";
constexpr const char* kGated = "only the architecture's own feed-forward is counted";
constexpr const char* kParallel = "halves of a layer that run side by side are not counted";
constexpr const char* kExperts = "experts are not counted";
constexpr const char* kLowRank = "attention through a low rank is not counted";
constexpr const char* kNormedHeads = "norms of queries and keys are not counted";
constexpr const char* kOtherAttention = "this kind of attention is not counted";
constexpr const char* kCross = "cross-attention is not counted";
constexpr const char* kAdapters = "adapters are not counted";
constexpr const char* kNotText = "only models of text alone are counted";
constexpr const char* kRotary = "only positions from a table are counted for this architecture";

// Fields of Hugging Face, and of models on its hub that keep the model_type of the one they come from.
constexpr std::array kParts{Part{"quantization_config", kQuantised},
                            Part{"quantization", kQuantised, "none"},
                            Part{"compression_config", kQuantised},
                            Part{"quantization_bit", kQuantised},
                            Part{"load_in_4bit", kQuantised},
                            Part{"load_in_8bit", kQuantised},
                            Part{"pruned_heads", "pruned heads are not counted"},
                            Part{"add_cross_attention", kCross},
                            Part{"encoder_width", kCross},
                            Part{"fusion_layer", kCross},
                            Part{"cross_attention_freq", kCross},
                            Part{"is_encoder_decoder", "a decoder behind an encoder is not counted"},
                            Part{"adapters", kAdapters},
                            Part{"lora_adaptations", kAdapters},
                            Part{"attention_head_type", kOneKeyHead, "multihead"},
                            Part{"multi_query", kOneKeyHead},
                            Part{"multi_query_attention", kOneKeyHead},
                            Part{"alibi", kAlibi},
                            Part{"use_alibi", kAlibi},
                            Part{"alibi_starting_size", kAlibi},
                            Part{"feed_forward_type", kGated, "original"},
                            Part{"use_glu_mlp", kGated},
                            Part{"gated_mlp", kGated},
                            Part{"parallel_attn", kParallel},
                            Part{"parallel_block", kParallel},
                            Part{"use_parallel_residual", kParallel},
                            Part{"num_experts", kExperts},
                            Part{"num_local_experts", kExperts},
                            Part{"n_routed_experts", kExperts},
                            Part{"moe_num_experts", kExperts},
                            Part{"num_experts_per_tok", kExperts},
                            Part{"moe_intermediate_size", kExperts},
                            Part{"kv_lora_rank", kLowRank},
                            Part{"q_lora_rank", kLowRank},
                            Part{"qk_norm", kNormedHeads},
                            Part{"use_qk_norm", kNormedHeads},
                            Part{"qk_layernorm", kNormedHeads},
                            Part{"attention_window", kOtherAttention},
                            Part{"relative_attention", kOtherAttention},
                            Part{"num_kv_shared_layers", kOtherAttention},
                            Part{"vision_config", kNotText},
                            Part{"audio_config", kNotText},
                            Part{"text_config", kNotText},
                            Part{"mm_vision_tower", kNotText},
                            Part{"vision_tower", kNotText}};

// The same, where the architecture has a table of positions.
constexpr std::array kPositionParts{
    Part{"position_embedding_type", "only absolute positions are counted", "absolute"},
    Part{"rope_theta", kRotary}, Part{"rotary_emb_fraction", kRotary}, Part{"rotary_dim", kRotary}};

// What Hugging Face, and Qwen on its hub, puts behind an architecture's prefix: its model, under some head.
constexpr std::array<std::string_view, 16> kHeads{"Model",
                                                  "Config",
                                                  "PreTrainedModel",
                                                  "LMHeadModel",
                                                  "DoubleHeadsModel",
                                                  "ForCausalLM",
                                                  "ForMaskedLM",
                                                  "ForPreTraining",
                                                  "ForNextSentencePrediction",
                                                  "ForSequenceClassification",
                                                  "ForTokenClassification",
                                                  "ForQuestionAnswering",
                                                  "ForMultipleChoice",
                                                  "ForTextEncoding",
                                                  "ForRewardModel",
                                                  "ForProcessRewardModel"};

/// Whether the class is the architecture's model, whatever its head. Capitals do not matter: the first Llamas
/// are LLaMAForCausalLM. Frameworks put a prefix of theirs before the name.
bool is_own_class(std::string_view name, const ClassPrefixes& prefixes) {
    const std::string wanted = base::lower(name);
    for (const std::string_view prefix : prefixes) {
        if (prefix.empty()) continue;
        for (const std::string_view framework : {"", "TF", "Flax", "FSDP"}) {
            for (const std::string_view head : kHeads) {
                if (wanted == base::lower(framework) + base::lower(prefix) + base::lower(head)) return true;
            }
        }
    }
    return false;
}

void check_class(const Fields& fields, const std::string& field, const base::Json& name,
                 std::string_view model_type, const ClassPrefixes& prefixes) {
    if (!name.is_string()) fields.refuse(field, "expected names of classes, found " + base::kind_of(name));
    const auto& text = name.get_ref<const std::string&>();
    const std::string class_name = text.substr(text.rfind('.') + 1);  // it may have a module before it
    if (!is_own_class(class_name, prefixes)) {
        fields.refuse(field, in_quotes(class_name) + " is no class of Hugging Face's " +
                                 in_quotes(model_type) +
                                 ", so that its tree may be another; take the field out if it is one "
                                 "with only a head of its own");
    }
}

void refuse_other_classes(const Fields& fields, std::string_view model_type, const ClassPrefixes& prefixes) {
    const base::Json& config = fields.config();
    const auto architectures = config.find("architectures");
    if (architectures != config.end() && architectures->is_array()) {
        for (const base::Json& name : *architectures)
            check_class(fields, "architectures", name, model_type, prefixes);
    } else if (architectures != config.end() && !architectures->is_null()) {
        check_class(fields, "architectures", *architectures, model_type, prefixes);
    }
    const auto code = config.find("auto_map");
    if (code == config.end() || !code->is_object()) return;
    for (const auto& [key, name] : code->items()) {
        // Tokenizers and processors are none of the tree's business.
        if (key == "AutoConfig" || key.starts_with("AutoModel"))
            check_class(fields, "auto_map." + key, name, model_type, prefixes);
    }
}

/// What each layer attends to. A window masks scores that were computed, so it counts as full attention.
void check_kinds_of_layers(const Fields& fields, Count layers) {
    const auto kinds = fields.config().find("layer_types");
    if (kinds == fields.config().end() || !kinds->is_array()) return;
    for (const base::Json& kind : *kinds) {
        if (kind != "full_attention" && kind != "sliding_attention") {
            fields.refuse("layer_types", "only 'full_attention' and 'sliding_attention' are counted, found " +
                                             base::kind_of(kind));
        }
    }
    if (kinds->size() != static_cast<std::size_t>(layers.value())) {
        fields.refuse("layer_types", "is for " + std::to_string(kinds->size()) +
                                         " layers, and the model has " + std::to_string(layers.value()));
    }
}

}  // namespace

void refuse_other_models(Fields& fields, std::string_view model_type, const ClassPrefixes& prefixes,
                         const Blueprint& blueprint) {
    refuse_other_classes(fields, model_type, prefixes);
    for (const Part& part : kParts) fields.refuse_if_set(part.name, part.reason, part.allowed);
    if (blueprint.positions) {
        for (const Part& part : kPositionParts) fields.refuse_if_set(part.name, part.reason, part.allowed);
    }
    check_kinds_of_layers(fields, blueprint.sizes.layers);
    refuse_other_words(fields, model_type, blueprint);
}

}  // namespace irene::architectures
