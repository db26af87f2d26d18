// The building blocks of transformers. Each counts itself, by the conventions of the IrEne datasets.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "irene/tree.hpp"

#include "architectures/count.hpp"

namespace irene::architectures {

/// One forward pass: `batch` sequences of `length` tokens.
struct Run {
    Count batch;
    Count length;

    Count tokens() const { return batch * length; }
};

/// Floating-point operations, and bytes of operands read and written.
struct Work {
    Count flops;
    Count bytes;

    Work& operator+=(const Work& other) {
        flops += other.flops;
        bytes += other.bytes;
        return *this;
    }
    friend Work operator+(Work a, const Work& b) { return a += b; }
};

struct Node {
    std::string name;  // last part of the scope
    std::string instance_type;
    NodeType type = NodeType::ml;
    bool is_function = false;
    bool is_shared = false;
    Count parameters = 0;
    Work own;    // an inner node's elementwise work, which has no node; all the work of a leaf
    Work total;  // own and the children's
    std::vector<Node> children;
};

/// The nodes, in order: Node or std::vector<Node>, whose elements are taken.
template <typename... Parts>
std::vector<Node> nodes(Parts&&... parts) {
    std::vector<Node> all;
    const auto add = [&all](auto&& part) {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(part)>, Node>) {
            all.push_back(std::forward<decltype(part)>(part));
        } else {
            for (auto& node : part) all.push_back(std::move(node));
        }
    };
    (add(std::forward<Parts>(parts)), ...);
    return all;
}

/// An inner node with its children's parameters and work, and its own elementwise work.
Node module(std::string name, std::string instance_type, std::vector<Node> children, Work own = {});

/// The root.
Node model(std::string instance_type, std::vector<Node> children, Work own = {});

/// make_layer("0"), make_layer("1"), ...: lists of modules are no nodes, so a layer's number follows the
/// scope of the list's owner.
template <typename MakeLayer>
std::vector<Node> layers(Count number, const MakeLayer& make_layer) {
    std::vector<Node> all;
    for (std::int64_t i = 0; i < number.value(); ++i) all.push_back(make_layer(std::to_string(i)));
    return all;
}

/// `lookups` rows of a table [rows, width].
Node embedding(std::string name, Count lookups, Count rows, Count width,
               std::string instance_type = "Embedding");

/// A norm with mean and variance, over [tokens, width].
Node layer_norm(std::string name, Count tokens, Count width);

/// A norm by the root mean square, in four elementwise steps: square, mean, scale, weight.
Node rms_norm(std::string name, std::string instance_type, Count tokens, Count width);

/// [batch, length, in] -> [batch, length, out]: a product for each sequence, then one kernel for the bias.
Node linear(std::string name, const Run& run, Count in, Count out, bool bias = true);

/// [batch, in] -> [batch, out], one row for each sequence.
Node pooled_linear(std::string name, const Run& run, Count in, Count out);

/// The linear layer of the GPT models: one product over all tokens, with the bias.
Node conv1d(std::string name, const Run& run, Count in, Count out);

Node tanh(std::string name, Count elements);

/// Heads of an attention; each query head has keys of `width`.
struct Heads {
    Count number;
    Count width;

    Count scores(const Run& run) const { return number * run.tokens() * run.length; }
};

/// What every attention module ends with: scores, their softmax, the weighted sum of the values.
std::vector<Node> attention_core(const Run& run, const Heads& heads);

/// `passes` elementwise kernels, each reading and writing all elements.
Work elementwise(Count elements, Count passes = 1);

/// An activation function, which is own work of its module.
struct Activation {
    Count flops_per_element;
    Count bytes_per_element;

    Work over(Count elements) const { return {flops_per_element * elements, bytes_per_element * elements}; }
};

}  // namespace irene::architectures
