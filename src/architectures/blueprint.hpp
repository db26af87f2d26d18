// What an architecture's file gives: how to build its tree for a run.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "architectures/blocks.hpp"
#include "architectures/fields.hpp"

namespace irene::architectures {

/// The sizes of a tree, to compare with what a config says of them in other words.
struct Sizes {
    Count vocabulary, hidden, embedding, layers, heads, key_value_heads, head_width, feed_forward;
};

struct Blueprint {
    std::function<Node(const Run&)> build;
    Sizes sizes = {};
    /// Tokens that the model has positions for, and the field that says so; none where positions are
    /// computed.
    std::optional<Count> positions = std::nullopt;
    std::string positions_field = {};
    /// Where counts overflow: the largest size of the config.
    std::string largest_field = {};
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
