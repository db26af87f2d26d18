#include "architectures/blocks.hpp"

#include <algorithm>
#include <cmath>

namespace irene::architectures {

namespace {

constexpr Count kTokenId = 8;  // bytes

Part leaf(std::string name, std::string instance_type, Count parameters, const Work& work) {
    return {.name = std::move(name),
            .instance_type = std::move(instance_type),
            .parameters = parameters,
            .own = work};
}

/// A product as the paper counts it.
Work product(Count rows, Count in, Count out) {
    return {2 * rows * in * out, kFloat * (rows * in + in * out + rows * out)};
}

/// How often the GPUs together do what is split so.
Count copies(const Pass& pass, bool is_whole) { return is_whole ? pass.gpus : Count(1); }

Part dense_product(Part node, const Pass& pass, Count rows, Count in, Count out, const Dense& dense) {
    node.converts = dense.converts;
    if (pass.is_paper()) return node;
    const Count computed = dense.computed > 0 ? dense.computed : out;
    const Count times = copies(pass, dense.split == Split::whole);
    const Count inputs = copies(pass, dense.split != Split::rows) * rows * in;
    const Count outputs = copies(pass, dense.split != Split::columns) * rows * computed;
    node.own = {2 * times * rows * in * computed, pass.number_bytes * (inputs + outputs),
                pass.gpus * pass.calls};
    node.weights_read = static_cast<double>((times * in * computed).value());
    return node;
}

}  // namespace

Part module(std::string name, std::string instance_type, std::vector<Part> children, const Work& own) {
    return {.name = std::move(name),
            .instance_type = std::move(instance_type),
            .type = NodeType::module,
            .own = own,
            .children = std::move(children)};
}

Part model(std::string instance_type, std::vector<Part> children, const Work& own) {
    Part root = module("root", std::move(instance_type), std::move(children), own);
    root.type = NodeType::model;
    return root;
}

Part embedding(std::string name, const Pass& pass, Count lookups, Count rows, Count width,
               std::string instance_type) {
    // The paper counts what is read or what is written; a gather does both.
    const Work paper{0, lookups * (kTokenId + kFloat * width)};
    const Work gather{0, pass.gpus * lookups * (kTokenId + 2 * pass.number_bytes * width),
                      pass.gpus * pass.calls};
    return leaf(std::move(name), std::move(instance_type), rows * width, either(pass, paper, gather));
}

Part layer_norm(std::string name, const Pass& pass, Count rows, Count width, Split split, bool bias) {
    const Count elements = rows * width;
    return leaf(std::move(name), "LayerNorm", (bias ? 2 : 1) * width,
                either(pass, {8 * elements, 4 * kFloat * elements}, kernels(pass, elements, 2, 1, split)));
}

Part layer_norm_in_steps(std::string name, const Pass& pass, Count rows, Count width) {
    Part node = layer_norm(std::move(name), pass, rows, width, Split::whole, false);
    if (pass.is_paper()) return node;
    // Two means, two differences, a square, the root's and the weight's factor, and casts.
    const bool is_half = pass.number_bytes != kFloat;
    const Count bytes = 12 * kFloat + (is_half ? 2 * (kFloat + pass.number_bytes) : Count(0));
    const Count launches = is_half ? 12 : 9;
    node.own = {0, pass.gpus * (rows * width * bytes + rows * 4 * kFloat), pass.gpus * pass.calls * launches};
    return node;
}

Part rms_norm(RmsNorm norm, const Pass& pass) {
    const Count elements = norm.rows * norm.width;
    // The mean writes next to nothing; the others read and write.
    const Work paper = elementwise(elements, 3) + Work{elements, kFloat * elements};
    // Square, mean and scale, with an epsilon and a root for each row; the weight; casts there and back.
    const bool is_wide = norm.weight != RmsWeight::as_activations;
    const Count last = is_wide ? kFloat : pass.number_bytes;
    Count bytes = 5 * kFloat + 2 * last;
    Count launches = norm.weight == RmsWeight::one_more_in_float32 ? 7 : 6;
    if (pass.number_bytes != kFloat) {
        bytes += 2 * (kFloat + pass.number_bytes);
        launches += norm.weight == RmsWeight::one_more_in_float32 ? 3 : 2;
    }
    const Count times = copies(pass, norm.split == Split::whole);
    const Work own{0, times * (elements * bytes + norm.rows * 4 * kFloat), pass.gpus * pass.calls * launches};
    return leaf(std::move(norm.name), std::move(norm.instance_type), norm.width, either(pass, paper, own));
}

Part linear(std::string name, const Pass& pass, Count in, Count out, const Dense& dense) {
    const Work one = product(pass.length, in, out);
    Work paper{pass.batch * one.flops, pass.batch * one.bytes};
    if (dense.bias) paper += elementwise(pass.tokens() * out);
    return dense_product(leaf(std::move(name), "Linear", in * out + (dense.bias ? out : 0), paper), pass,
                         pass.tokens(), in, out, dense);
}

Part pooled_linear(std::string name, const Pass& pass, Count in, Count out, const Dense& dense) {
    return dense_product(
        leaf(std::move(name), "Linear", in * out + (dense.bias ? out : 0), product(pass.batch, in, out)),
        pass, pass.sequences(), in, out, dense);
}

Part conv1d(std::string name, const Pass& pass, Count in, Count out, Split split) {
    return dense_product(leaf(std::move(name), "Conv1D", in * out + out, product(pass.tokens(), in, out)),
                         pass, pass.tokens(), in, out, {.split = split});
}

std::vector<Part> all_reduce(const Pass& pass, Count width) {
    if (pass.gpus <= 1) return {};
    // In a ring each GPU sends two of the others' shares: twice the numbers, but for its own share.
    const Count moved = 2 * Count(pass.gpus.value() - 1) * pass.tokens() * width;
    Part node = leaf("all_reduce", "all_reduce", 0, {0, pass.number_bytes * moved, pass.gpus * pass.calls});
    node.is_function = true;
    return parts(std::move(node));
}

Part tanh(std::string name, const Pass& pass, Count elements) {
    return leaf(std::move(name), "Tanh", 0,
                either(pass, {4 * elements, kFloat * elements}, kernels(pass, elements, 2, 1, Split::whole)));
}

Work kernels(const Pass& pass, Count elements, Count bytes, Count launches, Split split) {
    return {0, copies(pass, split == Split::whole) * elements * bytes * pass.number_bytes,
            pass.gpus * pass.calls * launches};
}

Work add(const Pass& pass, Count width, Count times) {
    const Count elements = pass.tokens() * width;
    return either(pass, elementwise(elements, times),
                  kernels(pass, elements, 3 * times, times, Split::whole));
}

Work Activation::over(const Pass& pass, Count width) const {
    const Count elements = pass.tokens() * width;
    return either(pass, {flops_per_element * elements, bytes_per_element * elements},
                  kernels(pass, elements, numbers_per_element, launches));
}

Work Activation::gating(const Pass& pass, Count width) const {
    const Count elements = pass.tokens() * width;
    return over(pass, width) + either(pass, elementwise(elements), kernels(pass, elements, 3));
}

Count bytes_of(double weights, Dtype dtype) {
    // In 32nds of a byte; mxfp4 has a scale of a byte for 32 weights of 4 bits.
    double size = 0;
    switch (dtype) {
        case Dtype::float32:
            size = 128;
            break;
        case Dtype::float16:
        case Dtype::bfloat16:
            size = 64;
            break;
        case Dtype::float8:
        case Dtype::int8:
            size = 32;
            break;
        case Dtype::int4:
            size = 16;
            break;
        case Dtype::mxfp4:
            size = 17;
            break;
    }
    const double bytes = std::floor(weights * size / 32 + 0.5);
    if (!(bytes < 0x1p63)) throw CountOverflow{};
    return static_cast<std::int64_t>(bytes);
}

namespace {

/// Whether `words` stand in the scope, one behind the other: "mlp.down_proj" in "root.0.mlp.down_proj".
bool stands_in(const std::string& scope, const std::string& words) {
    return ("." + scope + ".").find("." + words + ".") != std::string::npos;
}

bool is_converted(const Part& part, const std::string& scope, const Weights& weights) {
    if (part.converts == Converts::never) return false;
    if (weights.converts == Converts::experts && part.converts != Converts::experts) return false;
    return std::none_of(weights.kept.begin(), weights.kept.end(),
                        [&scope](const std::string& kept) { return stands_in(scope, kept); });
}

// Recursion is safe: the trees of blueprints are a few nodes deep.
void count(Part& part, const std::string& scope, const Weights& weights) {
    if (part.type == NodeType::ml) {
        const Dtype dtype = is_converted(part, scope, weights) ? weights.dtype : weights.others;
        if (part.weights_read > 0) part.own.bytes += part.calls * bytes_of(part.weights_read, dtype);
        if (dtype != weights.dtype) part.dtype = dtype;
    }
    part.total = part.own;
    part.parameters += part.own_parameters;
    for (Part& child : part.children) {
        child.calls = child.calls * part.calls;
        count(child, scope + "." + child.name, weights);
        part.total += child.total;
        if (!child.is_shared) part.parameters += child.parameters;
    }
}

}  // namespace

void count_all(Part& root, const Weights& weights) { count(root, root.name, weights); }

}  // namespace irene::architectures
