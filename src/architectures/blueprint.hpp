// What an architecture's file makes of a config: the tree of any forward pass.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "architectures/blocks.hpp"
#include "architectures/fields.hpp"

namespace irene::architectures {

/// The sizes that were read, to compare with what a config says of them under names that were not.
struct Sizes {
    Count vocabulary, hidden, embedding, layers, heads, key_value_heads, head_width, feed_forward;
};

struct Blueprint {
    /// Throws CountOverflow.
    std::function<Part(const Pass&)> build;
    Sizes sizes = {};
    /// Tokens that the model has positions for, and the field that says so; none where positions are
    /// computed.
    std::optional<Count> positions = std::nullopt;
    std::string positions_field = {};
    // Set by read_config(), for messages.
    std::string source = {};         ///< the config's file
    std::string largest_field = {};  ///< the field of the largest size, which is told where counts overflow
};

// One function an architecture, in the file of its family.
Blueprint albert(Fields& fields);
Blueprint bert(Fields& fields);
Blueprint camembert(Fields& fields);
Blueprint distilbert(Fields& fields);
Blueprint electra(Fields& fields);
Blueprint gpt2(Fields& fields);
Blueprint gpt_neo(Fields& fields);
Blueprint llama(Fields& fields);
Blueprint mistral(Fields& fields);
Blueprint openai_gpt(Fields& fields);
Blueprint opt(Fields& fields);
Blueprint qwen2(Fields& fields);
Blueprint roberta(Fields& fields);
Blueprint xlm_roberta(Fields& fields);

}  // namespace irene::architectures
