// What the parts of transformers do, whatever their families call them: one table for all that compares
// models.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "irene/tree.hpp"

namespace irene::data {

/// Whose names a row of the table reads.
enum class NodesOf : unsigned char { all, modules, operations };

/// A role, and what has it. Several rows may be of one role.
struct RoleRow {
    /// "attention.query" is a part of the attention; "a+b" does the work of "a" and "b" in one.
    std::string_view role;
    NodesOf nodes = NodesOf::all;
    /// Last parts of scopes, one blank between them, as their families spell them. "#" is any number.
    /// "attention/dense" is dense in what has the role attention or one of its parts, "mlp/output/dense" is
    /// dense in what is called output and has the role mlp: one name may mean something else elsewhere.
    std::string_view names;
    /// Ends of classes, where the name tells nothing: "RMSNorm" is the end of LlamaRMSNorm, as a family's
    /// name in front tells nothing. Whole classes may be spelled in any case; those that are written in
    /// lower case here are always whole.
    std::string_view classes;
};

/// A name goes by the longest of its spellings; a class by the longest end. What is ambiguous stays out:
/// a wrong role is worse than none.
inline constexpr std::array kRoles{
    RoleRow{"model", NodesOf::modules, "", "Model"},
    RoleRow{"prefill", NodesOf::modules, "prefill", "Prefill"},
    RoleRow{"decode", NodesOf::modules, "decode", "Decode"},
    RoleRow{"encoder", NodesOf::modules, "encoder", "Encoder Transformer"},
    RoleRow{"decoder", NodesOf::modules, "decoder", "Decoder"},
    RoleRow{"layers", NodesOf::modules, "layers layer h blocks block", "ModuleList"},
    RoleRow{"layer", NodesOf::modules, "model/# prefill/# decode/# encoder/# decoder/# layers/#",
            "Layer LayerGroup Block"},
    RoleRow{"embeddings", NodesOf::all, "embeddings", "Embeddings Embedding"},
    RoleRow{"embeddings.token", NodesOf::operations,
            "wte embed_tokens word_embeddings word_embedding tok_embeddings tokens_embed embed_in "
            "model/shared prefill/shared decode/shared",
            ""},
    RoleRow{"embeddings.position", NodesOf::operations,
            "wpe position_embeddings positions_embed embed_positions", "PositionalEmbedding"},
    RoleRow{"embeddings.token_type", NodesOf::operations, "token_type_embeddings", ""},
    RoleRow{"relative_position", NodesOf::operations, "rel_embeddings relative_attention_bias", ""},
    RoleRow{"attention", NodesOf::all, "attention attn self_attn self_attention SelfAttention rel_attn",
            "Attention"},
    RoleRow{"attention", NodesOf::modules, "attention/self attention/output", ""},
    RoleRow{"attention.cross", NodesOf::all,
            "encoder_attn EncDecAttention crossattention cross_attention cross_attn", "CrossAttention"},
    RoleRow{"attention.cross", NodesOf::modules, "attention.cross/self attention.cross/output", ""},
    RoleRow{"attention.query", NodesOf::operations,
            "q_proj attention/query q_lin query_proj attention/q attention.cross/q_attn", ""},
    RoleRow{"attention.key", NodesOf::operations, "k_proj attention/key k_lin key_proj attention/k", ""},
    RoleRow{"attention.value", NodesOf::operations, "v_proj attention/value v_lin value_proj attention/v",
            ""},
    RoleRow{"attention.query+key+value", NodesOf::operations, "c_attn qkv_proj query_key_value Wqkv", ""},
    RoleRow{"attention.key+value", NodesOf::operations, "attention.cross/c_attn", ""},
    RoleRow{"attention.output", NodesOf::operations,
            "o_proj out_lin attention/o attention/out_proj attention/c_proj attention/dense attention/Wo",
            ""},
    RoleRow{"matmul", NodesOf::operations, "", "matmul bmm baddbmm"},
    RoleRow{"softmax", NodesOf::operations, "", "softmax"},
    RoleRow{"matmul+softmax", NodesOf::operations, "", "flash_attention scaled_dot_product_attention"},
    RoleRow{"rotary_embedding", NodesOf::all, "rotary_emb", "RotaryEmbedding"},
    RoleRow{"mlp", NodesOf::all, "mlp ffn ff feed_forward DenseReluDense block_sparse_moe",
            "MLP FFN FeedForward LayerFF DenseActDense DenseGatedActDense Moe MoE MoeBlock"},
    RoleRow{"mlp", NodesOf::modules, "layer/intermediate layer/output", "Intermediate"},
    RoleRow{"mlp.up", NodesOf::operations,
            "up_proj c_fc layer/fc1 mlp/fc1 mlp/fc_in mlp/lin1 dense_h_to_4h mlp/wi mlp/wi_1 "
            "mlp/intermediate/dense mlp/layer_1 layer/ffn",
            ""},
    RoleRow{"mlp.gate", NodesOf::operations, "gate_proj mlp/wi_0", ""},
    RoleRow{"mlp.gate+up", NodesOf::operations, "gate_up_proj mlp/Wi", ""},
    RoleRow{"mlp.down", NodesOf::operations,
            "down_proj dense_4h_to_h layer/fc2 mlp/fc2 mlp/fc_out mlp/lin2 mlp/c_proj mlp/wo mlp/Wo "
            "mlp/output/dense mlp/layer_2 layer/ffn_output",
            ""},
    RoleRow{"mlp.router", NodesOf::operations, "mlp/gate mlp/router", ""},
    RoleRow{"mlp.experts", NodesOf::modules, "mlp/experts", "Experts"},
    RoleRow{"mlp.shared_experts", NodesOf::modules, "mlp/shared_expert mlp/shared_experts", ""},
    RoleRow{"norm", NodesOf::operations, "", "LayerNorm RMSNorm"},
    RoleRow{"activation", NodesOf::operations, "",
            "Tanh Sigmoid ReLU GELU SiLU Activation tanh sigmoid relu gelu silu"},
    RoleRow{"dropout", NodesOf::operations, "", "Dropout"},
    RoleRow{"add", NodesOf::operations, "", "add"},
    RoleRow{"pooler", NodesOf::all, "pooler", "Pooler"},
    RoleRow{"lm_head", NodesOf::all, "lm_head embed_out", ""},
    RoleRow{"linear", NodesOf::operations, "", "Linear Conv1D"},
};

/// A place in kRoles: of the first row of its role.
using Role = std::uint8_t;
inline constexpr Role kNoRole = 0xFF;
static_assert(kRoles.size() < kNoRole);

/// Empty for kNoRole.
constexpr std::string_view role_name(Role role) { return role < kRoles.size() ? kRoles[role].role : ""; }

/// What a class alone tells, of an operation or of a module.
Role role_of_class(std::string_view instance_type, bool is_operation);

/// The role of each node of a tree, or kNoRole.
std::vector<Role> roles_of(const Tree& tree);

}  // namespace irene::data
