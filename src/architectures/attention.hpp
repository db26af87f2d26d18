// Attention, between its projections: the products of queries, keys and values, and the kernels around them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "architectures/blocks.hpp"

namespace irene::architectures {

/// The query heads of an attention.
struct Heads {
    Count number;
    Count width;  ///< of the queries, keys and values that one head compares
};

/// In which numbers scores are computed where activations have 2 bytes.
enum class Scores : unsigned char {
    as_activations,
    softmax_in_float32,  ///< the scores are cast before it, and back behind it
    in_float32,          ///< so are queries and keys; back behind the softmax
};

struct Attention {
    Heads heads;
    Count key_value_heads = 0;  ///< 0: as many as heads
    Count value_width = 0;      ///< 0: the heads' width
    Count window = 0;           ///< tokens that a token sees; 0: all
    std::optional<Count> across =
        {};                      ///< tokens of another sequence that are attended to, in place of the own
    Count turned = 0;            ///< numbers of each head that rotary positions turn
    Count turned_key_heads = 0;  ///< that are turned; 0: all key heads
    // Elementwise kernels of eager attention, each of which reads and writes all of them:
    Count on_queries = 0;  ///< such as a scale
    Count on_scores = 2;   ///< such as a scale and a mask
    Count fills = 0;       ///< kernels that make a scalar
    Scores scores = Scores::as_activations;
    /// The paper's own work, where the datasets count another than follows from the members above.
    std::optional<Work> paper = {};

    /// Key heads, of which each GPU keeps one at least.
    Count key_heads(const Pass& pass) const;
};

/// What is counted below or within an attention module.
struct Attended {
    std::vector<Part> nodes;  ///< product, softmax, product; or one fused operation
    Work own;
};

/// Throws CannotSplit where the GPUs cannot share the heads.
Attended attend(const Pass& pass, const Attention& attention);

/// The comparison of every token with so many distances, which have keys of their own: one product, whose
/// scores are gathered by the tokens that stand so far apart.
Part compare_distances(const Pass& pass, const Heads& heads, Count distances);

/// An attention module: its projections, norms and so on, and what lies between them.
Part attention_module(std::string name, std::string instance_type, const Pass& pass,
                      const Attention& attention, std::vector<Part> projections);

/// A projection to keys or values, of which GPUs beyond the heads compute copies.
Part key_value_linear(std::string name, const Pass& pass, Count in, const Attention& attention, bool bias);

/// Thrown where GPUs cannot share something; Transformer::tree() makes an Error of it.
struct CannotSplit {
    std::string what;
    Count number;
};

/// Throws CannotSplit unless the GPUs divide `number`.
void check_split(const Pass& pass, const char* what, Count number);

}  // namespace irene::architectures
