// DeBERTa, second version: BERT whose scores have parts for where tokens stand to each other.
//
// A table of distances goes through the projections of queries and keys in every layer. Its keys are compared
// with all queries, and its queries with all keys; what stands at the tokens' distance is gathered and added
// to the scores.
#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "architectures/blueprint.hpp"

namespace irene::architectures {

namespace {

struct Deberta {
    Count vocabulary, positions, types, embedding, hidden, layers, feed_forward;
    Count distances = 0;  ///< rows of the table; 0: scores have no such parts
    Heads heads;
    Activation activation;
    bool looks_up_positions = true, norms_distances = false;
    bool has_own_projections = false;  ///< of distances
    bool compares_keys = false, compares_queries = false;
};

Part embeddings(const Deberta& deberta, const Pass& pass) {
    const Count tokens = pass.tokens();
    std::vector<Part> children =
        parts(embedding("word_embeddings", pass, tokens, deberta.vocabulary, deberta.embedding));
    Count sums = 0;
    if (deberta.looks_up_positions) {
        children.push_back(
            embedding("position_embeddings", pass, pass.positions(), deberta.positions, deberta.embedding));
        sums += 1;
    }
    if (deberta.types > 0) {
        children.push_back(
            embedding("token_type_embeddings", pass, tokens, deberta.types, deberta.embedding));
        sums += 1;
    }
    if (deberta.embedding != deberta.hidden)
        children.push_back(linear("embed_proj", pass, deberta.embedding, deberta.hidden, {.bias = false}));
    children.push_back(layer_norm("LayerNorm", pass, tokens, deberta.hidden));
    return module("embeddings", "DebertaV2Embeddings", std::move(children),
                  add(pass, deberta.embedding, sums));
}

Part self_attention(const Deberta& deberta, const Pass& pass) {
    const Count hidden = deberta.hidden;
    std::vector<Part> children = parts(linear("query_proj", pass, hidden, hidden, kColumns),
                                       linear("key_proj", pass, hidden, hidden, kColumns),
                                       linear("value_proj", pass, hidden, hidden, kColumns));
    Pass distances = pass;
    distances.batch = 1;
    distances.length = deberta.distances;
    Count parts_of_scores = 0;
    for (const auto& [is_compared, own, shared] :
         {std::tuple{deberta.compares_keys, "pos_key_proj", "key_of_distances"},
          {deberta.compares_queries, "pos_query_proj", "query_of_distances"}}) {
        if (!is_compared) continue;
        Part projection =
            linear(deberta.has_own_projections ? own : shared, distances, hidden, hidden, kColumns);
        if (!deberta.has_own_projections) projection.is_shared = true;
        children.push_back(std::move(projection));
        children.push_back(compare_distances(pass, deberta.heads, deberta.distances));
        parts_of_scores += 1;
    }
    // A scale and a mask; a scale, a gather and a sum for each part.
    return attention_module("self", "DisentangledSelfAttention", pass,
                            {.heads = deberta.heads, .on_scores = 2 + 3 * parts_of_scores},
                            std::move(children));
}

Part layer(const Deberta& deberta, const Pass& pass, std::string name) {
    const Count hidden = deberta.hidden;
    check_split(pass, "feed-forward numbers", deberta.feed_forward);
    const auto norm = [&] { return layer_norm("LayerNorm", pass, pass.tokens(), hidden); };
    return module(std::move(name), "DebertaV2Layer",
                  parts(module("attention", "DebertaV2Attention",
                               parts(self_attention(deberta, pass),
                                     module("output", "DebertaV2SelfOutput",
                                            parts(linear("dense", pass, hidden, hidden, kRows),
                                                  all_reduce(pass, hidden), norm()),
                                            add(pass, hidden)))),
                        module("intermediate", "DebertaV2Intermediate",
                               parts(linear("dense", pass, hidden, deberta.feed_forward, kColumns)),
                               deberta.activation.over(pass, deberta.feed_forward)),
                        module("output", "DebertaV2Output",
                               parts(linear("dense", pass, deberta.feed_forward, hidden, kRows),
                                     all_reduce(pass, hidden), norm()),
                               add(pass, hidden))));
}

Part tree(const Deberta& deberta, const Pass& pass) {
    std::vector<Part> children =
        layers(deberta.layers, [&](std::string name) { return layer(deberta, pass, std::move(name)); });
    if (deberta.distances > 0) {
        children.push_back(
            embedding("rel_embeddings", pass, deberta.distances, deberta.distances, deberta.hidden));
        if (deberta.norms_distances)
            children.push_back(layer_norm("LayerNorm", pass, deberta.distances, deberta.hidden));
    }
    return model("DebertaV2Model", parts(embeddings(deberta, pass),
                                         module("encoder", "DebertaV2Encoder", std::move(children))));
}

/// "c2p" and "p2c", in a list or a text between bars.
bool has_kind(const Fields& fields, const std::string& kind) {
    const auto kinds = fields.config().find("pos_att_type");
    if (kinds == fields.config().end() || kinds->is_null()) return false;
    if (kinds->is_string())
        return ("|" + kinds->get<std::string>() + "|").find("|" + kind + "|") != std::string::npos;
    if (!kinds->is_array()) fields.refuse("pos_att_type", "expected a list, found " + base::kind_of(*kinds));
    return std::find(kinds->begin(), kinds->end(), kind) != kinds->end();
}

}  // namespace

Blueprint deberta_v2(Fields& fields) {
    Deberta deberta;
    deberta.vocabulary = fields.size({"vocab_size"}, 128100);
    deberta.positions = fields.size({"max_position_embeddings"}, 512);
    deberta.types = fields.count({"type_vocab_size"}, 0);
    deberta.hidden = fields.size({"hidden_size"}, 1536);
    deberta.embedding = fields.optional_size({"embedding_size"}).value_or(deberta.hidden);
    deberta.layers = fields.num_layers({"num_hidden_layers"}, 24);
    deberta.feed_forward = fields.size({"intermediate_size"}, 6144);
    deberta.heads = fields.heads({"num_attention_heads"}, 24, deberta.hidden, "hidden_size");
    deberta.activation = fields.activation({"hidden_act"}, "gelu");
    deberta.looks_up_positions = fields.flag("position_biased_input", true);
    if (fields.count({"conv_kernel_size"}, 0) > 0)
        fields.refuse("conv_kernel_size", "convolutions are not counted");
    if (fields.flag("relative_attention", false)) {
        // Of -1 and absent sizes, the class takes the next.
        const auto size = [&fields](const char* name) {
            const auto field = fields.config().find(name);
            return field != fields.config().end() && field->is_number_integer() && *field > 0
                       ? fields.optional_size({name})
                       : std::optional<Count>();
        };
        const Count most = size("max_relative_positions").value_or(deberta.positions);
        deberta.distances = 2 * size("position_buckets").value_or(most);
        deberta.norms_distances = fields.text("norm_rel_ebd", "none") == "layer_norm";
        deberta.has_own_projections = !fields.flag("share_att_key", false);
        deberta.compares_keys = has_kind(fields, "c2p");
        deberta.compares_queries = has_kind(fields, "p2c");
    }
    return {.build = [deberta](const Pass& pass) { return tree(deberta, pass); },
            .sizes = sizes_of(deberta, deberta.embedding),
            .positions = deberta.positions,
            .positions_field = "max_position_embeddings"};
}

}  // namespace irene::architectures
