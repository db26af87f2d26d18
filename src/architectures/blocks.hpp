// The building blocks of transformers. Each counts its own parameters and work, by the convention of the
// pass: that of the IrEne datasets, or the kernels that run.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "irene/tree.hpp"

#include "architectures/pass.hpp"

namespace irene::architectures {

/// How a scheme of quantised weights may call a product.
enum class Converts : unsigned char {
    never,    ///< it has no weights that schemes convert: embeddings, norms, heads, routers
    dense,    ///< a dense product
    experts,  ///< the products of all experts
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
    Count own_parameters = 0;  ///< of a module, which no part below it has
    Work own;                  ///< all of an operation; of a module its elementwise work, which has no node
    std::vector<Part> children = {};
    double weights_read =
        0.0;  ///< weights that a call reads, whose bytes count_all() adds; 0 where `own` has them
    Converts converts = Converts::never;
    Count calls = 1;                  ///< how often it runs
    std::optional<Dtype> dtype = {};  ///< of an operation, where it is not the run's; set by count_all()
    Work total = {};                  ///< its own and its children's; set by count_all()
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

/// A module with its children, and with elementwise work of its own.
Part module(std::string name, std::string instance_type, std::vector<Part> children, const Work& own = {});

/// The root: the whole transformer.
Part model(std::string instance_type, std::vector<Part> children, const Work& own = {});

/// make_layer("0"), make_layer("1"), ... In the datasets a list of modules is no node of its own: its layers
/// are children of the module that has the list, and their names are their numbers.
template <typename MakeLayer>
std::vector<Part> layers(Count number, const MakeLayer& make_layer) {
    std::vector<Part> all;
    for (std::int64_t i = 0; i < number.value(); ++i) all.push_back(make_layer(std::to_string(i)));
    return all;
}

/// Reads `lookups` rows of a table [rows, width].
Part embedding(std::string name, const Pass& pass, Count lookups, Count rows, Count width,
               std::string instance_type = "Embedding");

/// How the GPUs share what a block does.
enum class Split : unsigned char {
    whole,    ///< each does all of it
    columns,  ///< each has a part of the outputs
    rows,     ///< each has a part of the inputs, and a sum of the outputs that all_reduce() adds up
};

/// A norm by mean and variance, over [rows, width].
Part layer_norm(std::string name, const Pass& pass, Count rows, Count width, Split split = Split::whole,
                bool bias = true);

/// The same without a bias, written out in float32.
Part layer_norm_in_steps(std::string name, const Pass& pass, Count rows, Count width);

/// In which numbers the weight of a norm is multiplied.
enum class RmsWeight : unsigned char {
    as_activations,
    in_float32,           ///< before the cast back
    one_more_in_float32,  ///< so is 1 + the weight
};

/// A norm by the root mean square: in float32 square, mean, scale; then the weight.
struct RmsNorm {
    std::string name, instance_type;
    Count rows, width;
    Split split = Split::whole;
    RmsWeight weight = RmsWeight::as_activations;
};
Part rms_norm(RmsNorm norm, const Pass& pass);

/// A dense product of `in` with `out` numbers a row.
struct Dense {
    bool bias = true;
    Split split = Split::whole;
    /// Outputs that all GPUs together compute, where some compute the same ones; 0: `out`.
    Count computed = 0;
    Converts converts = Converts::dense;
};

inline constexpr Dense kColumns{.split = Split::columns};
inline constexpr Dense kRows{.split = Split::rows};

/// [batch, length, in] -> [batch, length, out]. The datasets count a product for each sequence, so that the
/// weights are read once a sequence, and one elementwise kernel for the bias.
Part linear(std::string name, const Pass& pass, Count in, Count out, const Dense& dense = {});

/// [batch, in] -> [batch, out]: one product, of a row for each sequence. Its bias is part of the product.
Part pooled_linear(std::string name, const Pass& pass, Count in, Count out, const Dense& dense = {});

/// The linear layer of the GPT models: one product over all tokens. Its bias is part of the product.
Part conv1d(std::string name, const Pass& pass, Count in, Count out, Split split = Split::whole);

/// The sum over GPUs of what a product split by rows leaves on each, [tokens, width]: nothing for one GPU.
std::vector<Part> all_reduce(const Pass& pass, Count width);

Part tanh(std::string name, const Pass& pass, Count elements);

/// `times` sums of two inputs [tokens, width], such as what a layer adds to its input.
Work add(const Pass& pass, Count width, Count times = 1);

/// `kernels` over [rows, width] numbers of activations, `bytes` in bytes of a number.
Work kernels(const Pass& pass, Count elements, Count bytes, Count launches = 1, Split split = Split::columns);

/// What an activation function costs. It has no node: it is own work of the module that calls it.
struct Activation {
    Count flops_per_element;
    Count bytes_per_element;
    // As kernels:
    Count launches;
    Count numbers_per_element;  ///< read and written

    /// Over [tokens, width].
    Work over(const Pass& pass, Count width) const;
    /// The same where its result is a factor of another input: one more kernel.
    Work gating(const Pass& pass, Count width) const;
};

/// Which weights are quantised, and how all others are stored.
struct Weights {
    Dtype dtype = Dtype::float32;         ///< the run's
    Dtype others = Dtype::float32;        ///< of what is not quantised; the same where nothing is
    Converts converts = Converts::dense;  ///< `experts`: theirs alone
    std::vector<std::string> kept = {};   ///< parts of scopes that stay as they are
};

/// Sums up what every part counts with all below it, in a run of such weights: the last step.
void count_all(Part& root, const Weights& weights);

/// Bytes of so many weights, to the nearest.
Count bytes_of(double weights, Dtype dtype);

}  // namespace irene::architectures
