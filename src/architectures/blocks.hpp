// The building blocks of transformers. Each counts its own parameters and work, by the conventions of the
// IrEne datasets.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "irene/tree.hpp"

#include "architectures/count.hpp"

namespace irene::architectures {

/// One forward pass: `batch` sequences of `length` tokens.
struct Pass {
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

    // In the units of data files: 10^6 operations, and MiB.
    double mega_flops() const { return static_cast<double>(flops.value()) / 1e6; }
    double mebibytes() const { return static_cast<double>(bytes.value()) / (1 << 20); }
};

/// A transformer, one of its modules or one of its operations, with all that is below it: a node of the tree
/// to be, whose counts are whole numbers.
struct Part {
    std::string name;  ///< last part of the scope
    std::string instance_type;
    NodeType type = NodeType::ml;
    bool is_function = false;  ///< an operation that its module calls, such as softmax; `ml-np` in files
    bool is_shared = false;    ///< its parameters are those of an earlier part, and counted there
    Count parameters = 0;      ///< of the part and all below it, shared ones once
    Work own;                  ///< all of an operation; of a module its elementwise work, which has no node
    Work total;                ///< its own and its children's
    std::vector<Part> children;
};

/// A list of children, in order. Each argument is one Part, or a std::vector<Part> whose elements are moved
/// in.
template <typename... Items>
std::vector<Part> parts(Items&&... items) {
    std::vector<Part> all;
    const auto add = [&all](auto&& item) {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(item)>, Part>) {
            all.push_back(std::forward<decltype(item)>(item));
        } else {
            for (Part& part : item) all.push_back(std::move(part));
        }
    };
    (add(std::forward<Items>(items)), ...);
    return all;
}

/// A module with its children, whose parameters and work it counts, and with elementwise work of its own.
Part module(std::string name, std::string instance_type, std::vector<Part> children, Work own = {});

/// The root: the whole transformer.
Part model(std::string instance_type, std::vector<Part> children, Work own = {});

/// make_layer("0"), make_layer("1"), ... In the datasets a list of modules is no node of its own: its layers
/// are children of the module that has the list, and their names are their numbers.
template <typename MakeLayer>
std::vector<Part> layers(Count number, const MakeLayer& make_layer) {
    std::vector<Part> all;
    for (std::int64_t i = 0; i < number.value(); ++i) all.push_back(make_layer(std::to_string(i)));
    return all;
}

/// Reads `lookups` rows of a table [rows, width].
Part embedding(std::string name, Count lookups, Count rows, Count width,
               std::string instance_type = "Embedding");

/// A norm by mean and variance, over [tokens, width].
Part layer_norm(std::string name, Count tokens, Count width);

/// A norm by the root mean square, in four elementwise steps: square, mean, scale, weight.
Part rms_norm(std::string name, std::string instance_type, Count tokens, Count width);

/// [batch, length, in] -> [batch, length, out]. The datasets count a product for each sequence, so that the
/// weights are read once a sequence, and one elementwise kernel for the bias.
Part linear(std::string name, const Pass& pass, Count in, Count out, bool bias = true);

/// [batch, in] -> [batch, out]: one product, of a row for each sequence. Its bias is part of the product.
Part pooled_linear(std::string name, const Pass& pass, Count in, Count out);

/// The linear layer of the GPT models: one product over all tokens. Its bias is part of the product.
Part conv1d(std::string name, const Pass& pass, Count in, Count out);

Part tanh(std::string name, Count elements);

/// The query heads of an attention.
struct Heads {
    Count number;
    Count width;  ///< of the queries, keys and values that one head compares

    /// Numbers in the scores: each head compares each token with all tokens of its sequence.
    Count scores(const Pass& pass) const { return number * pass.tokens() * pass.length; }
};

/// What every attention module ends with: scores, their softmax, the weighted sum of the values.
std::vector<Part> attention_core(const Pass& pass, const Heads& heads);

/// `kernels` elementwise kernels, each of which reads all elements and writes as many.
Work elementwise(Count elements, Count kernels = 1);

/// What an activation function costs. It has no node: it is own work of the module that calls it.
struct Activation {
    Count flops_per_element;
    Count bytes_per_element;

    Work over(Count elements) const { return {flops_per_element * elements, bytes_per_element * elements}; }
};

}  // namespace irene::architectures
