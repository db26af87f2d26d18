// What an architecture's file makes of a config: the tree of any forward pass.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "architectures/attention.hpp"
#include "architectures/blocks.hpp"
#include "architectures/fields.hpp"
#include "architectures/weights.hpp"

namespace irene::architectures {

/// The sizes that were read, to compare with what a config says of them under names that were not.
struct Sizes {
    Count vocabulary, hidden, embedding, layers, heads, key_value_heads, head_width, feed_forward;
};

/// The sizes of an architecture without grouped heads; `embedding` is the width of its table, 0 that of its
/// states.
template <typename Architecture>
Sizes sizes_of(const Architecture& of, Count embedding = 0) {
    return {.vocabulary = of.vocabulary,
            .hidden = of.hidden,
            .embedding = embedding > 0 ? embedding : of.hidden,
            .layers = of.layers,
            .heads = of.heads.number,
            .key_value_heads = of.heads.number,
            .head_width = of.heads.width,
            .feed_forward = of.feed_forward};
}

/// The product that makes scores of words from the states of a token: that of a language model.
struct Head {
    Count width, vocabulary;
    bool is_tied = true;  ///< its weights are those of the embeddings
    bool bias = false;
};

struct Blueprint {
    /// All that runs in a pass, but for the head. Throws CountOverflow and CannotSplit.
    std::function<Part(const Pass&)> build;
    Sizes sizes = {};
    /// None where the architecture writes no text.
    std::optional<Head> head = std::nullopt;
    bool has_encoder = false;  ///< beside a decoder, which reads it and begins with a token of its own
    /// Tokens that the model has positions for, and the field that says so; none where positions are
    /// computed.
    std::optional<Count> positions = std::nullopt;
    std::string positions_field = {};
    // Set by read_config(), for messages.
    std::string source = {};         ///< the config's file
    std::string largest_field = {};  ///< the field of the largest size, which is told where counts overflow
    Stored stored = {};
};

// One function an architecture, in the file of its family.
Blueprint albert(Fields& fields);
Blueprint bart(Fields& fields);
Blueprint bert(Fields& fields);
Blueprint bloom(Fields& fields);
Blueprint camembert(Fields& fields);
Blueprint cohere(Fields& fields);
Blueprint deberta_v2(Fields& fields);
Blueprint deepseek_v2(Fields& fields);
Blueprint deepseek_v3(Fields& fields);
Blueprint distilbert(Fields& fields);
Blueprint electra(Fields& fields);
Blueprint falcon(Fields& fields);
Blueprint gemma(Fields& fields);
Blueprint gemma2(Fields& fields);
Blueprint gemma3(Fields& fields);
Blueprint gpt2(Fields& fields);
Blueprint gpt_bigcode(Fields& fields);
Blueprint gpt_neo(Fields& fields);
Blueprint gpt_neox(Fields& fields);
Blueprint gpt_oss(Fields& fields);
Blueprint gptj(Fields& fields);
Blueprint granite(Fields& fields);
Blueprint llama(Fields& fields);
Blueprint m2m_100(Fields& fields);
Blueprint marian(Fields& fields);
Blueprint mbart(Fields& fields);
Blueprint mistral(Fields& fields);
Blueprint mixtral(Fields& fields);
Blueprint modernbert(Fields& fields);
Blueprint mpnet(Fields& fields);
Blueprint mpt(Fields& fields);
Blueprint mt5(Fields& fields);
Blueprint olmo2(Fields& fields);
Blueprint openai_gpt(Fields& fields);
Blueprint opt(Fields& fields);
Blueprint phi(Fields& fields);
Blueprint phi3(Fields& fields);
Blueprint qwen2(Fields& fields);
Blueprint qwen2_moe(Fields& fields);
Blueprint qwen3(Fields& fields);
Blueprint qwen3_moe(Fields& fields);
Blueprint roberta(Fields& fields);
Blueprint stablelm(Fields& fields);
Blueprint starcoder2(Fields& fields);
Blueprint t5(Fields& fields);
Blueprint xlm_roberta(Fields& fields);
Blueprint xlnet(Fields& fields);

}  // namespace irene::architectures
