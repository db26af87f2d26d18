#include "architectures/blocks.hpp"

namespace irene::architectures {

namespace {

constexpr Count kNumber = 4;   // bytes of a float
constexpr Count kTokenId = 8;  // bytes

Part leaf(std::string name, std::string instance_type, Count parameters, Work work) {
    return {.name = std::move(name),
            .instance_type = std::move(instance_type),
            .parameters = parameters,
            .own = work,
            .total = work,
            .children = {}};
}

Part function(const std::string& name, Work work) {
    Part node = leaf(name, name, 0, work);
    node.is_function = true;
    return node;
}

Work product(Count rows, Count in, Count out) {
    return {2 * rows * in * out, kNumber * (rows * in + in * out + rows * out)};
}

}  // namespace

Part module(std::string name, std::string instance_type, std::vector<Part> children, Work own) {
    Part node{.name = std::move(name),
              .instance_type = std::move(instance_type),
              .type = NodeType::module,
              .own = own,
              .total = own,
              .children = std::move(children)};
    for (const Part& child : node.children) {
        if (!child.is_shared) node.parameters += child.parameters;
        node.total += child.total;
    }
    return node;
}

Part model(std::string instance_type, std::vector<Part> children, Work own) {
    Part root = module("root", std::move(instance_type), std::move(children), own);
    root.type = NodeType::model;
    return root;
}

Part embedding(std::string name, Count lookups, Count rows, Count width, std::string instance_type) {
    return leaf(std::move(name), std::move(instance_type), rows * width,
                {0, lookups * (kTokenId + kNumber * width)});
}

Part layer_norm(std::string name, Count tokens, Count width) {
    const Count elements = tokens * width;
    return leaf(std::move(name), "LayerNorm", 2 * width, {8 * elements, 4 * kNumber * elements});
}

Part rms_norm(std::string name, std::string instance_type, Count tokens, Count width) {
    const Count elements = tokens * width;
    // The mean writes next to nothing; the others read and write.
    const Work mean{elements, kNumber * elements};
    return leaf(std::move(name), std::move(instance_type), width, elementwise(elements, 3) + mean);
}

Part linear(std::string name, const Pass& pass, Count in, Count out, bool bias) {
    const Work one = product(pass.length, in, out);
    Work work{pass.batch * one.flops, pass.batch * one.bytes};
    if (bias) work += elementwise(pass.tokens() * out);
    return leaf(std::move(name), "Linear", in * out + (bias ? out : 0), work);
}

Part pooled_linear(std::string name, const Pass& pass, Count in, Count out) {
    return leaf(std::move(name), "Linear", in * out + out, product(pass.batch, in, out));
}

Part conv1d(std::string name, const Pass& pass, Count in, Count out) {
    return leaf(std::move(name), "Conv1D", in * out + out, product(pass.tokens(), in, out));
}

Part tanh(std::string name, Count elements) {
    return leaf(std::move(name), "Tanh", 0, {4 * elements, kNumber * elements});
}

std::vector<Part> attention_core(const Pass& pass, const Heads& heads) {
    const Count scores = heads.scores(pass);
    const Count operand = heads.number * pass.tokens() * heads.width;
    const Part matmul = function("matmul", {2 * scores * heads.width, kNumber * (2 * operand + scores)});
    return parts(matmul, function("softmax", {5 * scores, 3 * kNumber * scores}), matmul);
}

Work elementwise(Count elements, Count kernels) {
    return {kernels * elements, kernels * 2 * kNumber * elements};
}

}  // namespace irene::architectures
