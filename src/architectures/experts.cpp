#include "architectures/experts.hpp"

#include <utility>

namespace irene::architectures {

namespace {

/// in -> out for each token and each of its experts.
Part grouped_product(std::string name, const Pass& pass, const Experts& experts, Count in, Count out,
                     Split split) {
    const Count one = in * out + (experts.has_bias ? out : Count(0));
    Part node{.name = std::move(name),
              .instance_type = "GroupedLinear",
              .parameters = experts.number * one,
              .own = {}};
    node.converts = Converts::experts;
    const Count rows = experts.active * pass.tokens();
    if (pass.is_paper()) {
        // A product for each sequence, as of dense layers.
        const double reached = expected_distinct(experts.number, experts.active, pass.length);
        node.own = {
            2 * rows * in * out,
            Count(4) * rows * (in + out) +
                pass.batch * bytes_of(reached * static_cast<double>((in * out).value()), Dtype::float32)};
        return node;
    }
    const bool is_columns = split == Split::columns;
    const Count inputs = (is_columns ? pass.gpus : Count(1)) * rows * in;
    const Count outputs = (is_columns ? Count(1) : pass.gpus) * rows * out;
    node.own = {2 * rows * in * out, pass.number_bytes * (inputs + outputs), pass.gpus * pass.calls};
    node.weights_read = expected_distinct(experts.number, experts.active, pass.tokens_of_call()) *
                        static_cast<double>((in * out).value());
    return node;
}

}  // namespace

double expected_distinct(Count number, Count active, Count tokens) {
    const auto experts = static_cast<double>(number.value());
    double missed = 1.0;
    double power = 1.0 - static_cast<double>(active.value()) / experts;
    for (std::int64_t left = tokens.value(); left > 0; left /= 2) {
        if (left % 2 == 1) missed *= power;
        power *= power;
    }
    return experts * (1.0 - missed);
}

Part experts_of(const Decoder& decoder, const Pass& pass, const std::string& name) {
    const Experts& experts = decoder.experts;
    const Count tokens = pass.tokens();
    check_split(pass, "numbers of an expert", experts.width);
    Part router = linear(experts.router, pass, decoder.hidden, experts.number,
                         {.bias = experts.has_bias, .converts = Converts::never});
    router.parameters += experts.router_extra;
    std::vector<Part> products = parts(
        grouped_product("gate_up_proj", pass, experts, decoder.hidden, 2 * experts.width, Split::columns),
        grouped_product("down_proj", pass, experts, experts.width, decoder.hidden, Split::rows));
    // Each expert's result is weighted, and those of a token are added up.
    const Count results = experts.active * tokens * decoder.hidden;
    const Work combine = either(pass, elementwise(results, 2), kernels(pass, results, 4, 2, Split::whole));
    Part all = module("experts", decoder.prefix + "Experts", std::move(products),
                      decoder.activation.gating(pass, experts.active * experts.width) + combine);
    std::vector<Part> children = parts(std::move(router), std::move(all));
    if (experts.router_is_last) std::swap(children[0], children[1]);
    Work own;
    if (experts.shared_width > 0) {
        Part shared =
            feed_forward(decoder, pass, experts.shared_name, decoder.prefix + decoder.feed_forward_class,
                         experts.shared_width, Reduce::later);
        children.push_back(std::move(shared));
        own += add(pass, decoder.hidden);
        if (experts.has_shared_gate) {
            children.push_back(linear(experts.shared_name + "_gate", pass, decoder.hidden, 1,
                                      {.bias = false, .converts = Converts::never}));
            own += kernels(pass, tokens * decoder.hidden, 2, 1, Split::whole);
        }
    }
    // The router's softmax, the choice of the largest, their sum and division.
    const Count scores = tokens * experts.number;
    own += either(pass, elementwise(scores, 2), kernels(pass, scores, 4, 4, Split::whole));
    children = parts(std::move(children), all_reduce(pass, decoder.hidden));
    return module(experts.module_name.empty() ? name : experts.module_name, experts.instance_type,
                  std::move(children), own);
}

}  // namespace irene::architectures
