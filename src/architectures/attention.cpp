#include "architectures/attention.hpp"

namespace irene::architectures {

namespace {

Part function(const std::string& name, const Work& work) {
    Part node{.name = name, .instance_type = name, .own = work};
    node.is_function = true;
    return node;
}

/// Numbers in the operands of an attention, over all its calls, sequences and heads.
struct Operands {
    Count scores, queries, keys, values, result;
    Count keys_kept, values_kept;  ///< at the heads that the keys and values have

    Operands(const Pass& pass, const Attention& attention) {
        const Pass::Attended seen =
            attention.across ? pass.attended_across(*attention.across) : pass.attended(attention.window);
        const Count heads = attention.heads.number;
        const Count width = attention.heads.width;
        const Count value_width = attention.value_width > 0 ? attention.value_width : width;
        scores = heads * seen.pairs;
        queries = heads * pass.tokens() * width;
        result = heads * pass.tokens() * value_width;
        keys = heads * seen.keys * width;
        values = heads * seen.keys * value_width;
        keys_kept = attention.key_heads(pass) * seen.keys * width;
        values_kept = attention.key_heads(pass) * seen.keys * value_width;
    }
};

bool is_grouped(const Attention& attention) {
    return attention.key_value_heads > 0 && attention.key_value_heads != attention.heads.number;
}

Count turned_key_heads(const Pass& pass, const Attention& attention) {
    return attention.turned_key_heads > 0 ? attention.turned_key_heads : attention.key_heads(pass);
}

Work paper_own(const Pass& pass, const Attention& attention) {
    if (attention.paper) return *attention.paper;
    const Operands of(pass, attention);
    const Count heads = attention.heads.number;
    Work own = elementwise(of.scores, attention.on_scores) + elementwise(of.queries, attention.on_queries) +
               elementwise(pass.tokens() * attention.turned * (heads + turned_key_heads(pass, attention)), 4);
    // Keys and values are copied to the heads of their group.
    if (is_grouped(attention)) own.bytes += elementwise(of.result, 2).bytes;
    return own;
}

/// Kernels beside the products and the softmax.
Work eager_own(const Pass& pass, const Attention& attention) {
    const Operands of(pass, attention);
    const Count number = pass.number_bytes;
    const bool is_half = number != kFloat;
    const Count score_bytes = is_half && attention.scores == Scores::in_float32 ? kFloat : number;
    Work own = kernels(pass, of.queries, 2 * attention.on_queries, attention.on_queries);
    own += Work{0, of.scores * 2 * score_bytes * attention.on_scores,
                pass.gpus * pass.calls * attention.on_scores};
    own += kernels(pass, pass.gpus * pass.calls, attention.fills, attention.fills);
    if (attention.turned > 0) {
        // x cos + turned(x) sin: two products, a sum, and the turned copy in two kernels.
        const Count key_heads = turned_key_heads(pass, attention);
        const Count new_keys = key_heads * pass.tokens() * attention.heads.width;
        const Count part = pass.tokens() * attention.turned;
        own += kernels(pass, part * attention.heads.number, 10, 5) + kernels(pass, part * key_heads, 10, 5);
        if (attention.turned != attention.heads.width)  // what was turned is put together with the rest
            own += kernels(pass, of.queries + new_keys, 2, 2);
    }
    const Count casts = attention.scores == Scores::in_float32           ? of.queries + of.keys_kept
                        : attention.scores == Scores::softmax_in_float32 ? of.scores
                                                                         : Count(0);
    if (is_half && attention.scores != Scores::as_activations) {
        const Count there = attention.scores == Scores::in_float32 ? 2 : 1;
        own += Work{0, casts * (number + kFloat), pass.gpus * pass.calls * there};
        own += Work{0, of.scores * (number + kFloat), pass.gpus * pass.calls};
    }
    const bool has_batch = pass.batch > 1;
    if (has_batch) own += kernels(pass, of.queries, 2);
    if (is_grouped(attention)) {
        own += kernels(pass, of.keys_kept + of.keys, 1) + kernels(pass, of.values_kept + of.values, 1);
    } else if (has_batch) {
        own += kernels(pass, of.keys, 2) + kernels(pass, of.values, 2);
    }
    return own + kernels(pass, of.result, 2);  // the heads are merged
}

Attended eager(const Pass& pass, const Attention& attention) {
    const Operands of(pass, attention);
    const Count value_width = attention.value_width > 0 ? attention.value_width : attention.heads.width;
    const Count number = pass.number_bytes;
    const Count launches = pass.is_paper() ? Count(0) : pass.gpus * pass.calls;
    const bool is_float = attention.scores == Scores::in_float32;
    const Count first = is_float ? kFloat : number;
    const Count softmax = attention.scores == Scores::as_activations ? number : kFloat;
    return {.nodes = parts(function("matmul", {2 * of.scores * attention.heads.width,
                                               first * (of.queries + of.keys + of.scores), launches}),
                           function("softmax", either(pass, {5 * of.scores, 3 * kFloat * of.scores},
                                                      {0, 2 * softmax * of.scores, launches})),
                           function("matmul", {2 * of.scores * value_width,
                                               number * (of.scores + of.values + of.result), launches})),
            .own = pass.is_paper() ? paper_own(pass, attention) : eager_own(pass, attention)};
}

Attended flash(const Pass& pass, const Attention& attention) {
    const Operands of(pass, attention);
    const Count value_width = attention.value_width > 0 ? attention.value_width : attention.heads.width;
    return {.nodes = parts(function("flash_attention", {2 * of.scores * (attention.heads.width + value_width),
                                                        pass.number_bytes * (of.queries + of.keys_kept +
                                                                             of.values_kept + of.result),
                                                        pass.gpus * pass.calls})),
            .own = {}};
}

}  // namespace

Count Attention::key_heads(const Pass& pass) const {
    const Count number = key_value_heads > 0 ? key_value_heads : heads.number;
    return number < pass.gpus ? pass.gpus : number;
}

void check_split(const Pass& pass, const char* what, Count number) {
    if (number.value() % pass.gpus.value() != 0) throw CannotSplit{what, number};
}

Attended attend(const Pass& pass, const Attention& attention) {
    check_split(pass, "heads", attention.heads.number);
    const Count keys = attention.key_value_heads;
    if (keys > 0 && keys >= pass.gpus) check_split(pass, "key-value heads", keys);
    if (keys > 0 && keys < pass.gpus && pass.gpus.value() % keys.value() != 0)
        throw CannotSplit{"key-value heads", keys};
    return pass.is_flash() ? flash(pass, attention) : eager(pass, attention);
}

Part compare_distances(const Pass& pass, const Heads& heads, Count distances) {
    const Count scores = heads.number * pass.tokens() * distances;
    const Count operands = heads.number * (pass.tokens() + distances) * heads.width;
    return function("matmul", {2 * scores * heads.width, pass.number_bytes * (operands + scores),
                               pass.is_paper() ? Count(0) : pass.gpus * pass.calls});
}

Part attention_module(std::string name, std::string instance_type, const Pass& pass,
                      const Attention& attention, std::vector<Part> projections) {
    Attended attended = attend(pass, attention);
    return module(std::move(name), std::move(instance_type),
                  parts(std::move(projections), std::move(attended.nodes)), attended.own);
}

Part key_value_linear(std::string name, const Pass& pass, Count in, const Attention& attention, bool bias) {
    const Count heads = attention.key_value_heads > 0 ? attention.key_value_heads : attention.heads.number;
    return linear(std::move(name), pass, in, heads * attention.heads.width,
                  {.bias = bias,
                   .split = Split::columns,
                   .computed = attention.key_heads(pass) * attention.heads.width});
}

}  // namespace irene::architectures
