// Refuses sizes under the names that other tools have for them: Meta's params.json, Megatron, litgpt,
// llama.cpp, fairseq, Keras and Hugging Face's other architectures.
#include <algorithm>
#include <string>
#include <vector>

#include "architectures/other_models.hpp"
#include "base/lower.hpp"

namespace irene::architectures {

namespace {

/// A size, with all names that it is known by.
struct Concept {
    /// Null for positions: a config may well mention a number of tokens that is not the model's.
    Count Sizes::*size;
    std::vector<std::string_view> names;
    std::vector<std::string_view> factors = {};  ///< names of numbers from which other tools compute the size
};

const std::vector<Concept>& concepts() {
    static const std::vector<Concept> all{
        {&Sizes::vocabulary, {"vocab_size", "n_vocab", "vocabulary_size", "padded_vocab_size"}},
        {&Sizes::hidden,
         {"hidden_size", "n_embd", "dim", "d_model", "n_embed", "embed_dim", "emb_dim", "embedding_dim",
          "model_dim", "embedding_length", "encoder_embed_dim", "decoder_embed_dim"}},
        {&Sizes::embedding, {"embedding_size", "word_embed_proj_dim"}},
        {&Sizes::layers,
         {"num_hidden_layers", "n_layer", "n_layers", "num_layers", "num_blocks", "block_count", "depth",
          "layers", "encoder_layers", "decoder_layers"}},
        {&Sizes::heads,
         {"num_attention_heads", "n_head", "n_heads", "num_heads", "heads", "head_count", "attention_heads",
          "num_query_heads", "encoder_attention_heads", "decoder_attention_heads"}},
        {&Sizes::key_value_heads,
         {"num_key_value_heads", "n_kv_heads", "n_kv_head", "num_kv_heads", "kv_heads", "n_head_kv",
          "head_count_kv", "num_query_groups", "n_query_groups", "multi_query_group_num"}},
        {&Sizes::head_width,
         {"head_dim", "d_head", "dim_head", "d_kv", "head_size", "kv_channels", "attention_head_size",
          "attention_head_dim"}},
        {&Sizes::feed_forward,
         {"intermediate_size",
          "n_inner",
          "ffn_dim",
          "hidden_dim",
          "ffn_hidden_size",
          "d_ff",
          "d_inner",
          "ff_dim",
          "mlp_dim",
          "inner_dim",
          "intermediate_dim",
          "mlp_hidden_size",
          "dim_feedforward",
          "feed_forward_dim",
          "feed_forward_size",
          "feed_forward_length",
          "encoder_ffn_dim",
          "decoder_ffn_dim",
          "encoder_ffn_embed_dim",
          "decoder_ffn_embed_dim"},
         {"multiple_of", "ffn_dim_multiplier", "mlp_ratio", "expansion_ratio"}},
        {nullptr,
         {"max_position_embeddings", "n_positions", "n_ctx", "seq_length", "max_seq_len", "max_seq_length",
          "max_sequence_length", "max_target_positions", "block_size", "context_length"}}};
    return all;
}

/// The name as it is compared: in lower case, without '_' and '-', and without what stands before a dot, as
/// in llama.cpp's "llama.block_count".
std::string plain(std::string_view name) {
    std::string result;
    for (const char c : name.substr(name.rfind('.') + 1)) {
        if (c != '_' && c != '-') result += base::lower(c);
    }
    return result;
}

bool has(const std::vector<std::string_view>& names, const std::string& wanted) {
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return plain(name) == wanted; });
}

/// Whether the value may be meant as a size: a number but 0, or a string of digits.
bool is_size(const base::Json& value) {
    if (value.is_number()) return value != 0;
    if (!value.is_string()) return false;
    const auto& text = value.get_ref<const std::string&>();
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

/// Refuses `key`, which gives the size `wanted` under a name that the architecture does not read, unless it
/// agrees with what was read.
void check(const Fields& fields, std::string_view model_type, const Blueprint& blueprint,
           const Concept& wanted, const std::string& key, const base::Json& value) {
    const base::Json& config = fields.config();
    std::string own, given;
    for (const std::string_view name : wanted.names) {
        if (!fields.reads(name)) continue;
        const auto field = config.find(std::string(name));
        if (field != config.end() && !field->is_null()) given = name;
        if (own.empty() || name == blueprint.positions_field) own = name;
    }
    const std::string type = "model_type " + in_quotes(model_type);
    bool is_lacking = false;
    for (const auto& [name, value_taken] : fields.defaults_taken()) {
        if (std::find(wanted.names.begin(), wanted.names.end(), name) == wanted.names.end()) continue;
        is_lacking = true;
        own = name;
    }
    const bool is_factor = has(wanted.factors, plain(key));
    if (is_lacking || (is_factor && !own.empty() && given.empty())) {
        fields.refuse(key, "is how another tool says " + in_quotes(own) + ", which " + type +
                               " reads and this config lacks");
    }
    if (is_factor || wanted.size == nullptr || !value.is_number()) return;
    const Count used = blueprint.sizes.*wanted.size;
    if (value == used.value()) return;
    if (!given.empty()) {
        fields.refuse(key, "is " + base::kind_of(value) + ", which contradicts " + in_quotes(given) + ", " +
                               std::to_string(used.value()));
    }
    fields.refuse(key, "is " + base::kind_of(value) + ", which " + type + " does not read: it takes " +
                           std::to_string(used.value()));
}

}  // namespace

void refuse_other_words(const Fields& fields, std::string_view model_type, const Blueprint& blueprint) {
    for (const auto& [key, value] : fields.config().items()) {
        if (fields.reads(key) || !is_size(value)) continue;
        const std::string name = plain(key);
        for (const Concept& wanted : concepts()) {
            if (has(wanted.names, name) || has(wanted.factors, name))
                check(fields, model_type, blueprint, wanted, key, value);
        }
    }
}

}  // namespace irene::architectures
