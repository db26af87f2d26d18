#include "architectures/blocks.hpp"

namespace irene::architectures {

namespace {

constexpr Count kNumber = 4;   // bytes of a float
constexpr Count kTokenId = 8;  // bytes

Node leaf(std::string name, std::string instance_type, Count parameters, Work work) {
    return {.name = std::move(name),
            .instance_type = std::move(instance_type),
            .parameters = parameters,
            .own = work,
            .total = work,
            .children = {}};
}

Node function(const std::string& name, Work work) {
    Node node = leaf(name, name, 0, work);
    node.is_function = true;
    return node;
}

Work product(Count rows, Count in, Count out) {
    return {2 * rows * in * out, kNumber * (rows * in + in * out + rows * out)};
}

}  // namespace

Node module(std::string name, std::string instance_type, std::vector<Node> children, Work own) {
    Node node{.name = std::move(name),
              .instance_type = std::move(instance_type),
              .type = NodeType::module,
              .own = own,
              .total = own,
              .children = std::move(children)};
    for (const Node& child : node.children) {
        if (!child.is_shared) node.parameters += child.parameters;
        node.total += child.total;
    }
    return node;
}

Node model(std::string instance_type, std::vector<Node> children, Work own) {
    Node root = module("root", std::move(instance_type), std::move(children), own);
    root.type = NodeType::model;
    return root;
}

Node embedding(std::string name, Count lookups, Count rows, Count width, std::string instance_type) {
    return leaf(std::move(name), std::move(instance_type), rows * width,
                {0, lookups * (kTokenId + kNumber * width)});
}

Node layer_norm(std::string name, Count tokens, Count width) {
    const Count elements = tokens * width;
    return leaf(std::move(name), "LayerNorm", 2 * width, {8 * elements, 4 * kNumber * elements});
}

Node rms_norm(std::string name, std::string instance_type, Count tokens, Count width) {
    const Count elements = tokens * width;
    // The mean writes next to nothing; the others read and write.
    const Work mean{elements, kNumber * elements};
    return leaf(std::move(name), std::move(instance_type), width, elementwise(elements, 3) + mean);
}

Node linear(std::string name, const Run& run, Count in, Count out, bool bias) {
    const Work one = product(run.length, in, out);
    Work work{run.batch * one.flops, run.batch * one.bytes};
    if (bias) work += elementwise(run.tokens() * out);
    return leaf(std::move(name), "Linear", in * out + (bias ? out : 0), work);
}

Node pooled_linear(std::string name, const Run& run, Count in, Count out) {
    return leaf(std::move(name), "Linear", in * out + out, product(run.batch, in, out));
}

Node conv1d(std::string name, const Run& run, Count in, Count out) {
    return leaf(std::move(name), "Conv1D", in * out + out, product(run.tokens(), in, out));
}

Node tanh(std::string name, Count elements) {
    return leaf(std::move(name), "Tanh", 0, {4 * elements, kNumber * elements});
}

std::vector<Node> attention_core(const Run& run, const Heads& heads) {
    const Count scores = heads.scores(run);
    const Count operand = heads.number * run.tokens() * heads.width;
    const Node matmul = function("matmul", {2 * scores * heads.width, kNumber * (2 * operand + scores)});
    return nodes(matmul, function("softmax", {5 * scores, 3 * kNumber * scores}), matmul);
}

Work elementwise(Count elements, Count passes) {
    return {passes * elements, passes * 2 * kNumber * elements};
}

}  // namespace irene::architectures
