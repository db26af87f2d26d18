#include "architectures/other_models.hpp"

#include <algorithm>
#include <string>

#include "base/lower.hpp"

namespace irene::architectures {

namespace {

/// A field that adds to a transformer what no tree of ours counts.
struct Uncounted {
    const char* name;
    const char* reason;
    std::string_view allowed = {};  ///< the one value that adds nothing
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

// Fields of Hugging Face's own models, and of models on its hub that were changed but kept their model_type.
constexpr std::array kUncounted{Uncounted{"quantization", kQuantised, "none"},
                                Uncounted{"compression_config", kQuantised},
                                Uncounted{"quantization_bit", kQuantised},
                                Uncounted{"load_in_4bit", kQuantised},
                                Uncounted{"load_in_8bit", kQuantised},
                                Uncounted{"pruned_heads", "pruned heads are not counted"},
                                Uncounted{"add_cross_attention", kCross},
                                Uncounted{"encoder_width", kCross},
                                Uncounted{"fusion_layer", kCross},
                                Uncounted{"cross_attention_freq", kCross},
                                Uncounted{"is_encoder_decoder", "a decoder behind an encoder is not counted"},
                                Uncounted{"adapters", kAdapters},
                                Uncounted{"lora_adaptations", kAdapters},
                                Uncounted{"attention_head_type", kOneKeyHead, "multihead"},
                                Uncounted{"multi_query", kOneKeyHead},
                                Uncounted{"multi_query_attention", kOneKeyHead},
                                Uncounted{"alibi", kAlibi},
                                Uncounted{"use_alibi", kAlibi},
                                Uncounted{"alibi_starting_size", kAlibi},
                                Uncounted{"feed_forward_type", kGated, "original"},
                                Uncounted{"use_glu_mlp", kGated},
                                Uncounted{"gated_mlp", kGated},
                                Uncounted{"parallel_attn", kParallel},
                                Uncounted{"parallel_block", kParallel},
                                Uncounted{"use_parallel_residual", kParallel},
                                Uncounted{"num_experts", kExperts},
                                Uncounted{"num_local_experts", kExperts},
                                Uncounted{"n_routed_experts", kExperts},
                                Uncounted{"moe_num_experts", kExperts},
                                Uncounted{"num_experts_per_tok", kExperts},
                                Uncounted{"moe_intermediate_size", kExperts},
                                Uncounted{"kv_lora_rank", kLowRank},
                                Uncounted{"q_lora_rank", kLowRank},
                                Uncounted{"qk_norm", kNormedHeads},
                                Uncounted{"use_qk_norm", kNormedHeads},
                                Uncounted{"qk_layernorm", kNormedHeads},
                                Uncounted{"attention_window", kOtherAttention},
                                Uncounted{"relative_attention", kOtherAttention},
                                Uncounted{"num_kv_shared_layers", kOtherAttention},
                                Uncounted{"vision_config", kNotText},
                                Uncounted{"audio_config", kNotText},
                                Uncounted{"text_config", kNotText},
                                Uncounted{"mm_vision_tower", kNotText},
                                Uncounted{"vision_tower", kNotText}};

// The same for architectures that look positions up in a table.
constexpr std::array kUncountedPositions{
    Uncounted{"position_embedding_type", "only absolute positions are counted", "absolute"},
    Uncounted{"rope_theta", kRotary}, Uncounted{"rotary_emb_fraction", kRotary},
    Uncounted{"rotary_dim", kRotary}};

// How names of classes end: an architecture's model alone, or with one of the heads of Hugging Face or of
// Qwen, whose cost is not counted.
constexpr std::array<std::string_view, 17> kHeads{"Model",
                                                  "Config",
                                                  "PreTrainedModel",
                                                  "LMHeadModel",
                                                  "DoubleHeadsModel",
                                                  "ForCausalLM",
                                                  "ForConditionalGeneration",
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

/// Whether the class is the architecture's model, with or without a head. Capitals are not compared, because
/// the first Llamas call themselves LLaMAForCausalLM. TensorFlow's classes begin with TF, and so on.
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

/// Checks what each layer attends to. Sliding windows only mask scores that were computed, so they count like
/// full attention; other kinds do not.
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
    // What the architecture reads, it counts.
    const auto refuse = [&fields](const Uncounted& part) {
        if (!fields.reads(part.name)) fields.refuse_if_set(part.name, part.reason, part.allowed);
    };
    for (const Uncounted& part : kUncounted) refuse(part);
    if (blueprint.positions) {
        for (const Uncounted& part : kUncountedPositions) refuse(part);
    }
    check_kinds_of_layers(fields, blueprint.sizes.layers);
    refuse_other_words(fields, model_type, blueprint);
}

}  // namespace irene::architectures
