#include "architectures/decoder.hpp"

#include <utility>

#include "architectures/experts.hpp"

namespace irene::architectures {

namespace {

Part norm(const Decoder& decoder, const Pass& pass, std::string name, Count rows, Count width,
          Split split = Split::whole) {
    const NormKind& kind = decoder.norm;
    Part part;
    if (kind.is_rms) {
        part = rms_norm({.name = std::move(name),
                         .instance_type = kind.instance_type,
                         .rows = rows,
                         .width = width,
                         .split = split,
                         .weight = kind.weight},
                        pass);
    } else if (kind.in_steps) {
        part = layer_norm_in_steps(std::move(name), pass, rows, width);
        part.instance_type = kind.instance_type;
    } else {
        part = layer_norm(std::move(name), pass, rows, width, split, kind.has_bias);
        part.instance_type = kind.instance_type;
    }
    if (!kind.has_weight) part.parameters = 0;
    return part;
}

Count width_of_values(const Attention& attention) {
    return attention.value_width > 0 ? attention.value_width : attention.heads.width;
}

std::vector<Part> projection(const Decoder& decoder, const Pass& pass, const Projection& what) {
    const Attention& attention = decoder.attention;
    const Count queries = attention.heads.number * attention.heads.width;
    const Count key_heads =
        attention.key_value_heads > 0 ? attention.key_value_heads : attention.heads.number;
    const Count width = attention.heads.width;
    using Kind = Projection::Kind;
    switch (what.kind) {
        case Kind::query:
            return parts(linear(what.name, pass, decoder.hidden, queries,
                                {.bias = what.bias, .split = Split::columns}));
        case Kind::key:
        case Kind::value:
            return parts(key_value_linear(what.name, pass, decoder.hidden, attention, what.bias));
        case Kind::fused:
            return parts(linear(what.name, pass, decoder.hidden, queries + 2 * key_heads * width,
                                {.bias = what.bias,
                                 .split = Split::columns,
                                 .computed = queries + 2 * attention.key_heads(pass) * width}));
        case Kind::output:
            return parts(linear(what.name, pass, attention.heads.number * width_of_values(attention),
                                decoder.hidden, {.bias = what.bias, .split = Split::rows}),
                         all_reduce(pass, decoder.hidden));
        case Kind::query_norm:
            return parts(norm(decoder, pass, what.name, pass.tokens() * attention.heads.number, width,
                              Split::columns));
        case Kind::key_norm:
            return parts(norm(decoder, pass, what.name, pass.tokens() * attention.key_heads(pass), width,
                              Split::columns));
        case Kind::low_query:
            return parts(
                linear(what.name, pass, decoder.hidden, decoder.low_rank.query, {.bias = what.bias}));
        case Kind::low_query_norm:
            return parts(norm(decoder, pass, what.name, pass.tokens(), decoder.low_rank.query));
        case Kind::query_from_low:
            return parts(linear(what.name, pass, decoder.low_rank.query, queries,
                                {.bias = what.bias, .split = Split::columns}));
        case Kind::low_key_value:
            return parts(linear(what.name, pass, decoder.hidden,
                                decoder.low_rank.key_value + attention.turned, {.bias = what.bias}));
        case Kind::low_key_value_norm:
            return parts(norm(decoder, pass, what.name, pass.tokens(), decoder.low_rank.key_value));
        case Kind::key_value_from_low: {
            const Count plain = width.value() - attention.turned.value();
            return parts(linear(what.name, pass, decoder.low_rank.key_value,
                                attention.heads.number * (plain + width_of_values(attention)),
                                {.bias = what.bias, .split = Split::columns}));
        }
        case Kind::whole_query_norm:
            return parts(norm(decoder, pass, what.name, pass.tokens(), queries, Split::columns));
        case Kind::whole_key_norm:
            return parts(norm(decoder, pass, what.name, pass.tokens(), key_heads * width, Split::columns));
    }
    return {};
}

Part attention_of(const Decoder& decoder, const Pass& pass, std::string name, std::size_t layer) {
    std::vector<Part> projections;
    for (const Projection& what : decoder.projections)
        projections = parts(std::move(projections), projection(decoder, pass, what));
    Attention attention = decoder.attention;
    if (!decoder.windows.empty()) attention.window = decoder.windows[layer];
    Part part = attention_module(std::move(name), decoder.prefix + decoder.attention_class, pass, attention,
                                 std::move(projections));
    part.own_parameters = decoder.sinks;
    return part;
}

/// `times` products of [tokens, hidden] with a number.
Work scaled(const Pass& pass, const Decoder& decoder, Count times) {
    const Count elements = pass.tokens() * decoder.hidden;
    return either(pass, elementwise(elements, times),
                  kernels(pass, elements, 2 * times, times, Split::whole));
}

Part layer_of(const Decoder& decoder, const Pass& pass, std::string name, std::size_t number) {
    const bool has_experts =
        decoder.experts.number > 0 && (decoder.experts.in_layer.empty() || decoder.experts.in_layer[number]);
    std::vector<Part> children;
    for (const LayerPart& what : decoder.layer) {
        switch (what.kind) {
            case LayerPart::Kind::attention:
                children.push_back(attention_of(decoder, pass, what.name, number));
                break;
            case LayerPart::Kind::feed_forward:
                children.push_back(has_experts ? experts_of(decoder, pass, what.name)
                                               : feed_forward(decoder, pass, what.name,
                                                              decoder.prefix + decoder.feed_forward_class,
                                                              decoder.feed_forward));
                break;
            case LayerPart::Kind::norm:
                children.push_back(norm(decoder, pass, what.name, pass.tokens(), decoder.hidden));
                break;
        }
    }
    return module(std::move(name), decoder.prefix + decoder.layer_class, std::move(children),
                  add(pass, decoder.hidden, 2) + scaled(pass, decoder, decoder.scales_residuals ? 2 : 0));
}

}  // namespace

void Decoder::set_bias(bool query_key_value, bool output, bool feed_forward_bias) {
    for (Projection& projection : projections)
        projection.bias = projection.kind == Projection::Kind::output ? output : query_key_value;
    for (FeedForward& product : products) product.bias = feed_forward_bias;
}

Part feed_forward(const Decoder& decoder, const Pass& pass, std::string name, std::string instance_type,
                  Count width, Reduce reduce) {
    check_split(pass, "feed-forward numbers", width);
    std::vector<Part> children;
    bool is_gated = false;
    using Kind = FeedForward::Kind;
    for (const FeedForward& product : decoder.products) {
        const Dense columns{.bias = product.bias, .split = Split::columns};
        is_gated = is_gated || product.kind == Kind::gate || product.kind == Kind::gate_and_up;
        if (product.kind == Kind::down) {
            children.push_back(linear(product.name, pass, width, decoder.hidden,
                                      {.bias = product.bias, .split = Split::rows}));
            if (reduce == Reduce::here)
                children = parts(std::move(children), all_reduce(pass, decoder.hidden));
        } else {
            children.push_back(linear(product.name, pass, decoder.hidden,
                                      product.kind == Kind::gate_and_up ? 2 * width : width, columns));
        }
    }
    return module(std::move(name), std::move(instance_type), std::move(children),
                  is_gated ? decoder.activation.gating(pass, width) : decoder.activation.over(pass, width));
}

Decoder read_decoder(Fields& fields, const std::string& prefix, const DecoderDefaults& defaults) {
    Decoder decoder;
    decoder.prefix = prefix;
    decoder.norm.instance_type = prefix + "RMSNorm";
    decoder.vocabulary = fields.size({"vocab_size"}, defaults.vocabulary);
    decoder.hidden = fields.size({"hidden_size"}, defaults.hidden);
    decoder.layers = fields.num_layers({"num_hidden_layers"}, defaults.layers);
    decoder.feed_forward = fields.size({"intermediate_size"}, defaults.feed_forward);
    Attention& attention = decoder.attention;
    std::optional<Count> width = fields.optional_size({"head_dim"});
    if (!width && defaults.head_width) width = *defaults.head_width;
    attention.heads =
        width ? Heads{fields.size({"num_attention_heads"}, defaults.heads), *width}
              : fields.heads({"num_attention_heads"}, defaults.heads, decoder.hidden, "hidden_size");
    const Count heads = attention.heads.number;
    // Null means as many as heads; absent means the architecture's default.
    attention.key_value_heads = fields.has("num_key_value_heads") || !defaults.key_value_heads
                                    ? fields.optional_size({"num_key_value_heads"}).value_or(heads)
                                    : fields.size({"num_key_value_heads"}, *defaults.key_value_heads);
    if (heads.value() % attention.key_value_heads.value() != 0) {
        fields.refuse("num_key_value_heads", std::to_string(attention.key_value_heads.value()) +
                                                 " heads do not divide the 'num_attention_heads' of " +
                                                 std::to_string(heads.value()));
    }
    attention.turned = attention.heads.width;
    attention.scores = Scores::softmax_in_float32;
    decoder.activation = fields.activation({defaults.activation_field}, defaults.activation);
    decoder.is_tied = fields.flag("tie_word_embeddings", defaults.is_tied);
    return decoder;
}

void refuse_other_bias(const Fields& fields, std::initializer_list<const char*> names, bool has_bias) {
    for (const char* name : names) {
        const auto field = fields.config().find(name);
        if (field != fields.config().end() && field->is_boolean() && *field != has_bias)
            fields.refuse(name, has_bias ? "this architecture always has these biases"
                                         : "this architecture never has these biases");
    }
}

void set_windows(Fields& fields, Decoder& decoder, Count window,
                 const std::function<bool(std::size_t)>& is_sliding) {
    const auto kinds = fields.config().find("layer_types");
    const bool has_kinds = kinds != fields.config().end() && kinds->is_array();
    const auto layers = static_cast<std::size_t>(decoder.layers.value());
    decoder.windows.assign(layers, 0);
    if (has_kinds && kinds->size() != layers) return;  // refused elsewhere
    for (std::size_t layer = 0; layer < layers; ++layer) {
        if (has_kinds ? (*kinds)[layer] == "sliding_attention" : is_sliding(layer))
            decoder.windows[layer] = window;
    }
}

void set_window_of_last_layers(Fields& fields, Decoder& decoder, std::int64_t first) {
    const bool is_on = fields.flag("use_sliding_window", false);
    const Count window = fields.optional_size({"sliding_window"}).value_or(4096);
    const Count from = fields.count({"max_window_layers"}, first);
    if (!is_on) return;
    set_windows(fields, decoder, window,
                [&](std::size_t layer) { return layer >= static_cast<std::size_t>(from.value()); });
}

void set_partial_rotary(Fields& fields, Decoder& decoder, double fallback, Names names) {
    const double part = fields.fraction(names, fallback);
    const auto width = static_cast<double>(decoder.attention.heads.width.value());
    decoder.attention.turned = static_cast<std::int64_t>(part * width);
}

Part tree(const Decoder& decoder, const Pass& pass) {
    const Count tokens = pass.tokens();
    std::vector<Part> children =
        parts(embedding(decoder.embeddings, pass, tokens, decoder.vocabulary, decoder.hidden));
    Work own = scaled(pass, decoder, decoder.scales_embeddings ? 1 : 0);
    if (decoder.positions) {
        children.push_back(embedding(decoder.positions->first, pass, pass.positions(),
                                     decoder.positions->second, decoder.hidden));
        own += add(pass, decoder.hidden);
    }
    if (decoder.embeddings_norm)
        children.push_back(norm(decoder, pass, *decoder.embeddings_norm, tokens, decoder.hidden));
    std::size_t number = 0;
    children = parts(std::move(children), layers(decoder.layers, [&](std::string name) {
                         return layer_of(decoder, pass, std::move(name), number++);
                     }));
    children.push_back(norm(decoder, pass, decoder.last_norm, tokens, decoder.hidden));
    if (decoder.attention.turned > 0)  // its sines
        own += paper_only(pass, elementwise(pass.length * decoder.attention.heads.width, 3));
    return model(decoder.prefix + decoder.root, std::move(children), own);
}

Blueprint blueprint(Decoder decoder) {
    const Attention& attention = decoder.attention;
    const Sizes sizes{
        .vocabulary = decoder.vocabulary,
        .hidden = decoder.hidden,
        .embedding = decoder.hidden,
        .layers = decoder.layers,
        .heads = attention.heads.number,
        .key_value_heads = attention.key_value_heads > 0 ? attention.key_value_heads : attention.heads.number,
        .head_width = attention.heads.width,
        .feed_forward = decoder.feed_forward};
    const Head head{decoder.hidden, decoder.vocabulary, decoder.is_tied, decoder.head_bias};
    return {.build = [decoder = std::move(decoder)](const Pass& pass) { return tree(decoder, pass); },
            .sizes = sizes,
            .head = head};
}

}  // namespace irene::architectures
