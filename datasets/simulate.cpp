// Writes datasets/simulated.jsonl: SIMULATED energy measurements of six transformers, in the schema of the
// IrEne datasets. Nothing here was measured; the file lets the tools be tried and tested offline.
//
//     simulate [OUTPUT]        OUTPUT is a file; absent or "-" means standard output
//
// What is exact: the trees, and the work counted for each node (flops, mem_bytes, num_parameters).
// What is simulated: everything an instrument would read, by this law.
//
//     kernel: f flops, B bytes   busy   = max(f / peak, B / bandwidth)
//                                time   = launch + busy
//                                energy = idle power * time + f * joules per flop + B * joules per byte
//     leaf                       one kernel
//     inner node                 its children, one kernel for its own elementwise work, a host overhead
//     GPU energy                 GPU idle power * time + a fixed share of the flop and byte energy
//     gpu, gpu_mem               busy time and memory time, % of time
//     gpu_clk                    idle clock + (full clock - idle clock) * gpu / 100
//     cpu, mem, gpu_mem_clk      constants
//
// A measurement is the law times noise: one factor shared by a row's time and energies (a slow run is slow
// and costly at once), and one small factor for each reading. Nodes of a tree with the same class, flops and
// bytes share one measurement, as in the originals, where each distinct operation of a run was measured once.
//
// The bytes do not depend on the machine: the generator is std::mt19937_64, whose output the standard fixes,
// the noise uses only + - * /, and readings are rounded to a fixed step. Compile with -ffp-contract=off.

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace {

using Count = std::int64_t;
using Json = nlohmann::ordered_json;

// ---------------------------------------------------------------------------------------------------------
// The trees

// Work as the datasets count it: floating-point operations, and bytes of operands read and written.
struct Work {
    Count flops = 0;
    Count bytes = 0;

    Work& operator+=(const Work& other) {
        flops += other.flops;
        bytes += other.bytes;
        return *this;
    }
    friend Work operator+(Work left, const Work& right) { return left += right; }
};

struct Node {
    std::string name;           // last part of the scope
    std::string instance_type;  // Python class, or the function's name
    std::string type;           // model, module, ml, or ml-np (a function called by its module)
    Count parameters = 0;
    Work own;    // an inner node's elementwise work, which has no node; all the work of a leaf
    Work total;  // own and the children's
    std::vector<Node> children;
};

struct Sizes {
    Count vocabulary;
    Count positions;
    Count layers;
    Count hidden = 768;
    Count feed_forward = 3072;
    Count heads = 12;
};

// One run: its input is `batch` sequences of `length` tokens.
struct Run {
    Count batch;
    Count length;

    Count tokens() const { return batch * length; }
};

constexpr Count float_bytes = 4;
constexpr Count token_bytes = 8;  // token ids are 64-bit integers

Node leaf(std::string name, std::string instance_type, Count parameters, Work work, std::string type = "ml") {
    return {std::move(name), std::move(instance_type), std::move(type), parameters, work, work, {}};
}

Node module(std::string name, std::string instance_type, std::vector<Node> children, Work own = {},
            std::string type = "module") {
    Node node{std::move(name), std::move(instance_type), std::move(type), 0, own, own, std::move(children)};
    for (const Node& child : node.children) {
        node.parameters += child.parameters;
        node.total += child.total;
    }
    return node;
}

Node model(std::string instance_type, std::vector<Node> children, Work own = {}) {
    return module("root", std::move(instance_type), std::move(children), own, "model");
}

// `lookups` rows of a table [rows, width].
Node embedding(std::string name, Count lookups, Count rows, Count width) {
    return leaf(std::move(name), "Embedding", rows * width,
                {0, lookups * (token_bytes + float_bytes * width)});
}

Node norm(std::string name, const Run& run, Count width) {
    const Count elements = run.tokens() * width;
    return leaf(std::move(name), "LayerNorm", 2 * width, {8 * elements, 4 * float_bytes * elements});
}

// A product [rows, in] x [in, out] with the bias added in the same kernel.
Work fused_product(Count rows, Count in, Count out) {
    return {2 * rows * in * out, float_bytes * (rows * in + in * out + rows * out)};
}

// On [batch, length, in]: one product for each sequence, which reads the weights again, then a kernel for the
// bias.
Node linear(std::string name, const Run& run, Count in, Count out) {
    const Work product = fused_product(run.length, in, out);
    const Count outputs = run.tokens() * out;
    const Work work{run.batch * product.flops + outputs,
                    run.batch * product.bytes + 2 * float_bytes * outputs};
    return leaf(std::move(name), "Linear", in * out + out, work);
}

// On [batch, in], one row for each sequence.
Node pooled_linear(std::string name, const Run& run, Count in, Count out) {
    return leaf(std::move(name), "Linear", in * out + out, fused_product(run.batch, in, out));
}

// The GPT models' linear layer: one product over all tokens.
Node conv1d(std::string name, const Run& run, Count in, Count out) {
    return leaf(std::move(name), "Conv1D", in * out + out, fused_product(run.tokens(), in, out));
}

Node activation(std::string name, std::string instance_type, Count elements) {
    return leaf(std::move(name), std::move(instance_type), 0, {4 * elements, float_bytes * elements});
}

Count attention_scores(const Run& run, const Sizes& sizes) { return sizes.heads * run.tokens() * run.length; }

// Every attention module ends with these three: scores, their softmax, the weighted sum of the values.
std::vector<Node> with_attention_core(std::vector<Node> children, const Run& run, const Sizes& sizes) {
    const Count scores = attention_scores(run, sizes);
    const Count head_width = sizes.hidden / sizes.heads;
    const Count operand = sizes.heads * run.tokens() * head_width;
    const Node matmul =
        leaf("matmul", "matmul", 0, {2 * scores * head_width, float_bytes * (2 * operand + scores)}, "ml-np");
    children.push_back(matmul);
    children.push_back(leaf("softmax", "softmax", 0, {5 * scores, 3 * float_bytes * scores}, "ml-np"));
    children.push_back(matmul);
    return children;
}

// `passes` elementwise kernels over the same number of elements, each reading and writing all of them.
Work elementwise(Count elements, Count passes = 1) {
    return {passes * elements, passes * 2 * float_bytes * elements};
}

Work exact_gelu(Count elements) { return {6 * elements, 2 * float_bytes * elements}; }

// The approximation by tanh, written out as eight elementwise steps.
Work tanh_gelu(Count elements) { return {11 * elements, 19 * float_bytes * elements}; }

// Layers named 0, 1, ...: module lists are not nodes, so the index follows the parent's scope.
template <typename MakeLayer>
void append_layers(std::vector<Node>& nodes, Count layers, MakeLayer make_layer) {
    for (Count i = 0; i < layers; ++i) nodes.push_back(make_layer(std::to_string(i)));
}

// BERT and RoBERTa differ in their embeddings and in the prefix of the class names.
Node bert_family(const std::string& prefix, const Sizes& sizes, const Run& run, Node embeddings) {
    const Count states = run.tokens() * sizes.hidden;
    const auto layer = [&](std::string name) {
        Node self = module("self", prefix + "SelfAttention",
                           with_attention_core({linear("query", run, sizes.hidden, sizes.hidden),
                                                linear("key", run, sizes.hidden, sizes.hidden),
                                                linear("value", run, sizes.hidden, sizes.hidden)},
                                               run, sizes),
                           elementwise(attention_scores(run, sizes), 2));
        Node self_output =
            module("output", prefix + "SelfOutput",
                   {linear("dense", run, sizes.hidden, sizes.hidden), norm("LayerNorm", run, sizes.hidden)},
                   elementwise(states));
        Node intermediate = module("intermediate", prefix + "Intermediate",
                                   {linear("dense", run, sizes.hidden, sizes.feed_forward)},
                                   exact_gelu(run.tokens() * sizes.feed_forward));
        Node output = module(
            "output", prefix + "Output",
            {linear("dense", run, sizes.feed_forward, sizes.hidden), norm("LayerNorm", run, sizes.hidden)},
            elementwise(states));
        return module(std::move(name), prefix + "Layer",
                      {module("attention", prefix + "Attention", {std::move(self), std::move(self_output)}),
                       std::move(intermediate), std::move(output)});
    };
    std::vector<Node> layers;
    append_layers(layers, sizes.layers, layer);
    const Work mask{2 * run.tokens(), 24 * run.tokens()};
    return model(prefix + "Model",
                 {std::move(embeddings), module("encoder", prefix + "Encoder", std::move(layers)),
                  module("pooler", prefix + "Pooler",
                         {pooled_linear("dense", run, sizes.hidden, sizes.hidden),
                          activation("activation", "Tanh", run.batch * sizes.hidden)})},
                 mask);
}

Node bert(const Sizes& sizes, const Run& run) {
    return bert_family("Bert", sizes, run,
                       module("embeddings", "BertEmbeddings",
                              {embedding("word_embeddings", run.tokens(), sizes.vocabulary, sizes.hidden),
                               embedding("position_embeddings", run.length, sizes.positions, sizes.hidden),
                               embedding("token_type_embeddings", run.tokens(), 2, sizes.hidden),
                               norm("LayerNorm", run, sizes.hidden)},
                              elementwise(run.tokens() * sizes.hidden, 2)));
}

Node roberta(const Sizes& sizes, const Run& run) {
    // Positions are computed from the token ids, so they are looked up for each token.
    const Work position_ids{2 * run.tokens(), 28 * run.tokens()};
    return bert_family("Roberta", sizes, run,
                       module("embeddings", "RobertaEmbeddings",
                              {embedding("word_embeddings", run.tokens(), sizes.vocabulary, sizes.hidden),
                               embedding("position_embeddings", run.tokens(), sizes.positions, sizes.hidden),
                               embedding("token_type_embeddings", run.tokens(), 1, sizes.hidden),
                               norm("LayerNorm", run, sizes.hidden)},
                              elementwise(run.tokens() * sizes.hidden, 2) + position_ids));
}

Node distilbert(const Sizes& sizes, const Run& run) {
    const Count states = run.tokens() * sizes.hidden;
    const auto layer = [&](std::string name) {
        Node attention = module("attention", "MultiHeadSelfAttention",
                                with_attention_core({linear("q_lin", run, sizes.hidden, sizes.hidden),
                                                     linear("k_lin", run, sizes.hidden, sizes.hidden),
                                                     linear("v_lin", run, sizes.hidden, sizes.hidden),
                                                     linear("out_lin", run, sizes.hidden, sizes.hidden)},
                                                    run, sizes),
                                elementwise(states));
        Node ffn = module("ffn", "FFN",
                          {linear("lin1", run, sizes.hidden, sizes.feed_forward),
                           linear("lin2", run, sizes.feed_forward, sizes.hidden)},
                          exact_gelu(run.tokens() * sizes.feed_forward));
        return module(std::move(name), "TransformerBlock",
                      {std::move(attention), norm("sa_layer_norm", run, sizes.hidden), std::move(ffn),
                       norm("output_layer_norm", run, sizes.hidden)},
                      elementwise(states, 2));
    };
    std::vector<Node> layers;
    append_layers(layers, sizes.layers, layer);
    return model("DistilBertModel",
                 {module("embeddings", "Embeddings",
                         {embedding("word_embeddings", run.tokens(), sizes.vocabulary, sizes.hidden),
                          embedding("position_embeddings", run.tokens(), sizes.positions, sizes.hidden),
                          norm("LayerNorm", run, sizes.hidden)},
                         elementwise(states)),
                  module("transformer", "Transformer", std::move(layers))});
}

Node gpt_attention(const Sizes& sizes, const Run& run, Work own) {
    return module("attn", "Attention",
                  with_attention_core({conv1d("c_attn", run, sizes.hidden, 3 * sizes.hidden),
                                       conv1d("c_proj", run, sizes.hidden, sizes.hidden)},
                                      run, sizes),
                  own);
}

Node gpt_mlp(const Sizes& sizes, const Run& run) {
    return module("mlp", "MLP",
                  {conv1d("c_fc", run, sizes.hidden, sizes.feed_forward),
                   conv1d("c_proj", run, sizes.feed_forward, sizes.hidden)},
                  tanh_gelu(run.tokens() * sizes.feed_forward));
}

// GPT-2 and DistilGPT-2: a norm before each half of a block, and one after the last block.
Node gpt2(const Sizes& sizes, const Run& run) {
    const Count states = run.tokens() * sizes.hidden;
    const Work attention_own = elementwise(attention_scores(run, sizes)) + Work{2, 40};
    const auto layer = [&](std::string name) {
        return module(std::move(name), "Block",
                      {norm("ln_1", run, sizes.hidden), gpt_attention(sizes, run, attention_own),
                       norm("ln_2", run, sizes.hidden), gpt_mlp(sizes, run)},
                      elementwise(states, 2));
    };
    std::vector<Node> children{embedding("wte", run.tokens(), sizes.vocabulary, sizes.hidden),
                               embedding("wpe", run.length, sizes.positions, sizes.hidden)};
    append_layers(children, sizes.layers, layer);
    children.push_back(norm("ln_f", run, sizes.hidden));
    return model("GPT2Model", std::move(children), elementwise(states) + Work{1, 16});
}

// The first GPT: a norm after each half of a block, and the causal mask applied by arithmetic.
Node openai_gpt(const Sizes& sizes, const Run& run) {
    const Count states = run.tokens() * sizes.hidden;
    const Count scores = attention_scores(run, sizes);
    const Count mask = run.length * run.length;
    const Work attention_own{3 * scores + 2 * mask + 1, 28 * scores + 24 * mask + 24};
    const auto layer = [&](std::string name) {
        return module(std::move(name), "Block",
                      {gpt_attention(sizes, run, attention_own), norm("ln_1", run, sizes.hidden),
                       gpt_mlp(sizes, run), norm("ln_2", run, sizes.hidden)},
                      elementwise(states, 2));
    };
    std::vector<Node> children{embedding("tokens_embed", run.tokens(), sizes.vocabulary, sizes.hidden),
                               embedding("positions_embed", run.length, sizes.positions, sizes.hidden)};
    append_layers(children, sizes.layers, layer);
    return model("OpenAIGPTModel", std::move(children), elementwise(states, 2));
}

// ---------------------------------------------------------------------------------------------------------
// The simulated device

constexpr double peak_flops = 5e12;         // floating-point operations per second
constexpr double bandwidth = 300e9;         // bytes per second
constexpr double launch_seconds = 15e-6;    // from the host's call to the kernel's start
constexpr double host_seconds = 10e-6;      // Python's and the framework's share of one module
constexpr double idle_watts = 150;          // whole machine
constexpr double gpu_idle_watts = 60;       // part of idle_watts
constexpr double joules_per_flop = 32e-12;  // on top of the idle power
constexpr double joules_per_byte = 150e-12;
constexpr double gpu_share = 0.8;  // of the flop and byte energy; supply and host take the rest
constexpr double cpu_percent = 8.5;
constexpr double host_memory_percent = 10;
constexpr double idle_clock_mhz = 1600;
constexpr double full_clock_mhz = 1900;
constexpr double memory_clock_mhz = 4000;

constexpr std::uint64_t noise_seed = 20210801;
constexpr double run_noise = 0.01;       // standard deviation, shared by a row's time and energies
constexpr double reading_noise = 0.002;  // standard deviation, of each reading alone

// What a node takes before noise.
struct Cost {
    double seconds = 0;
    double busy_seconds = 0;
    double memory_seconds = 0;
    double joules = 0;
    double gpu_joules = 0;

    Cost& operator+=(const Cost& other) {
        seconds += other.seconds;
        busy_seconds += other.busy_seconds;
        memory_seconds += other.memory_seconds;
        joules += other.joules;
        gpu_joules += other.gpu_joules;
        return *this;
    }
};

Cost idle_cost(double seconds) { return {seconds, 0, 0, idle_watts * seconds, gpu_idle_watts * seconds}; }

Cost kernel_cost(const Work& work) {
    const double flops = static_cast<double>(work.flops);
    const double bytes = static_cast<double>(work.bytes);
    const double memory_seconds = bytes / bandwidth;
    const double busy_seconds = std::max(flops / peak_flops, memory_seconds);
    const double work_joules = flops * joules_per_flop + bytes * joules_per_byte;
    Cost cost = idle_cost(launch_seconds + busy_seconds);
    cost += {0, busy_seconds, memory_seconds, work_joules, gpu_share * work_joules};
    return cost;
}

Cost cost_of(const Node& node) {
    if (node.children.empty()) return kernel_cost(node.own);
    Cost cost = idle_cost(host_seconds);
    if (node.own.bytes > 0) cost += kernel_cost(node.own);
    for (const Node& child : node.children) cost += cost_of(child);
    return cost;
}

// Readings, in the units of the dataset.
struct Measurement {
    double cpu, mem, gpu, gpu_mem, gpu_clk, gpu_mem_clk;
    double seconds, gpu_joules, joules;
};

double rounded(double value, double steps_per_unit) {
    return static_cast<double>(static_cast<Count>(value * steps_per_unit + 0.5)) / steps_per_unit;
}

class Instruments {
  public:
    explicit Instruments(std::uint64_t seed) : random_(seed) {}

    Measurement read(const Cost& cost) {
        const double gpu_percent = 100 * cost.busy_seconds / cost.seconds;
        const double memory_percent = 100 * cost.memory_seconds / cost.seconds;
        const double clock = idle_clock_mhz + (full_clock_mhz - idle_clock_mhz) * gpu_percent / 100;
        const double slowness = factor(run_noise);
        // One declaration a line, because the order of the draws is part of the file's definition.
        Measurement m{};
        m.cpu = rounded(cpu_percent * factor(reading_noise), percent_steps);
        m.mem = rounded(host_memory_percent * factor(reading_noise), percent_steps);
        m.gpu = rounded(std::min(100.0, gpu_percent * factor(reading_noise)), percent_steps);
        m.gpu_mem = rounded(std::min(100.0, memory_percent * factor(reading_noise)), percent_steps);
        m.gpu_clk = rounded(clock * factor(reading_noise), clock_steps);
        m.gpu_mem_clk = memory_clock_mhz;
        m.seconds = rounded(cost.seconds * slowness * factor(reading_noise), second_steps);
        m.gpu_joules = rounded(cost.gpu_joules * slowness * factor(reading_noise), joule_steps);
        m.joules = rounded(cost.joules * slowness * factor(reading_noise), joule_steps);
        return m;
    }

  private:
    static constexpr double percent_steps = 1e4;
    static constexpr double clock_steps = 1e1;
    static constexpr double second_steps = 1e10;
    static constexpr double joule_steps = 1e8;

    // 1 + deviation * z; z is the sum of twelve uniforms minus 6: mean 0, variance 1, within 6. The uniforms
    // are added as 48-bit integers, so that the sum is exact.
    double factor(double deviation) {
        std::uint64_t sum = 0;
        for (int i = 0; i < 12; ++i) sum += random_() >> 16;
        const double z = static_cast<double>(sum) / static_cast<double>(std::uint64_t{1} << 48) - 6;
        return 1 + deviation * z;
    }

    std::mt19937_64 random_;
};

// ---------------------------------------------------------------------------------------------------------
// The file

struct Hash128 {
    std::uint64_t high, low;
};

// FNV-1a of 128 bits. Its prime is 2^88 + 0x13B; standard C++ has no 128-bit integer to multiply with.
Hash128 fnv1a(std::string_view text) {
    constexpr std::uint64_t small_part = 0x13B;
    constexpr std::uint64_t low_half = 0xFFFFFFFF;
    Hash128 hash{0x6C62272E07BB0142, 0x62B821756295C58D};
    for (const char c : text) {
        hash.low ^= static_cast<unsigned char>(c);
        const std::uint64_t first = (hash.low & low_half) * small_part;
        const std::uint64_t second = (hash.low >> 32) * small_part + (first >> 32);
        hash.high = hash.high * small_part + (second >> 32) + (hash.low << 24);
        hash.low = (second << 32) | (first & low_half);
    }
    return hash;
}

std::string hex(const Hash128& hash) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint64_t part : {hash.high, hash.low})
        for (int shift = 60; shift >= 0; shift -= 4) text += digits[(part >> shift) & 15];
    return text;
}

class TreeWriter {
  public:
    // `run_name` tells one tree of the file from another; ids and noise follow from it alone, so that adding
    // a tree leaves the others as they are.
    explicit TreeWriter(std::string run_name)
        : run_name_(std::move(run_name)), instruments_(noise_seed ^ fnv1a(run_name_).low) {}

    Json document(const Node& root) { return document(root, root.name, "", 0); }

  private:
    // The dataset's units. Multiplied back, the counts are integers again.
    static constexpr double flops_unit = 1e6;
    static constexpr double bytes_unit = 1 << 20;

    // Recursion is safe: the trees are ours and at most six deep.
    Json document(const Node& node, const std::string& scope, const std::string& parent, int level) {
        const Measurement m = measure(node);
        Json json;
        json["id"] = hex(fnv1a(std::to_string(position_++) + "/" + run_name_));
        json["scope"] = scope;
        json["parent_name"] = parent;
        json["level"] = level;
        json["instance_type"] = node.instance_type;
        json["type"] = node.type;
        json["num_parameters"] = node.parameters;
        json["flops"] = static_cast<double>(node.total.flops) / flops_unit;
        json["mem_bytes"] = static_cast<double>(node.total.bytes) / bytes_unit;
        json["cpu"] = m.cpu;
        json["mem"] = m.mem;
        json["gpu"] = m.gpu;
        json["gpu_mem"] = m.gpu_mem;
        json["gpu_clk"] = m.gpu_clk;
        json["gpu_mem_clk"] = m.gpu_mem_clk;
        json["times_mean"] = m.seconds;
        json["gpu_energy_mean"] = m.gpu_joules;
        json["ground_truth_energy"] = m.joules;
        Json children = Json::array();
        Json scopes = Json::array();
        for (const Node& child : node.children) {
            const std::string child_scope = scope + "." + child.name;
            children.push_back(document(child, child_scope, scope, level + 1));
            scopes.push_back(child_scope);
        }
        json["child_nodes_obj"] = std::move(children);
        json["child_nodes"] = std::move(scopes);
        return json;
    }

    Measurement measure(const Node& node) {
        const auto key = std::make_tuple(node.instance_type, node.total.flops, node.total.bytes);
        const auto known = measurements_.find(key);
        if (known != measurements_.end()) return known->second;
        return measurements_.emplace(key, instruments_.read(cost_of(node))).first->second;
    }

    std::string run_name_;
    Instruments instruments_;
    Count position_ = 0;
    std::map<std::tuple<std::string, Count, Count>, Measurement> measurements_;
};

// The originals have a space after each comma and colon, which dump() cannot write.
void print(std::ostream& out, const Json& json) {
    if (!json.is_structured()) {
        out << json.dump();
        return;
    }
    const bool is_object = json.is_object();
    out << (is_object ? '{' : '[');
    const char* separator = "";
    for (const auto& item : json.items()) {
        out << separator;
        if (is_object) out << Json(item.key()).dump() << ": ";
        print(out, item.value());
        separator = ", ";
    }
    out << (is_object ? '}' : ']');
}

struct Architecture {
    std::string_view model_name;
    Node (*build)(const Sizes&, const Run&);
    Sizes sizes;
};

std::string dataset() {
    const std::array<Architecture, 6> architectures{{
        {"bert-base-uncased", bert, {30522, 512, 12}},
        {"roberta-base", roberta, {50265, 514, 12}},
        {"distilbert-base-uncased", distilbert, {30522, 512, 6}},
        {"gpt2", gpt2, {50257, 1024, 12}},
        {"distilgpt2", gpt2, {50257, 1024, 6}},
        {"openai-gpt", openai_gpt, {40478, 512, 12}},
    }};
    const std::array<Run, 4> runs{{{8, 32}, {8, 128}, {24, 32}, {24, 128}}};

    std::ostringstream out;
    for (const Architecture& architecture : architectures) {
        for (const Run& run : runs) {
            const std::string model_name(architecture.model_name);
            TreeWriter writer(model_name + "/" + std::to_string(run.batch) + "/" +
                              std::to_string(run.length));
            Json line;
            line["model_name"] = model_name;
            line["batch_size"] = run.batch;
            line["seq_len"] = run.length;
            line["frontend_tree"] = writer.document(architecture.build(architecture.sizes, run));
            print(out, line);
            out << '\n';
        }
    }
    return out.str();
}

// ---------------------------------------------------------------------------------------------------------
// The program

enum ExitCode { done = 0, bad_usage = 64, internal_error = 70, cannot_create = 73, cannot_write = 74 };

int fail(ExitCode code, const std::string& message) {
    std::cerr << "simulate: " << message << '\n';
    return code;
}

bool write_all(std::ostream& out, const std::string& text) {
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.flush();
    return out.good();
}

// A regular file is whole or absent: written beside its place, then renamed. A device is written directly.
int write_file(const std::string& path, const std::string& text) {
    namespace fs = std::filesystem;
    std::error_code error;
    const bool direct = fs::exists(path, error) && !fs::is_regular_file(path, error);
    const std::string beside = direct ? path : path + ".part";
    std::ofstream out(beside, std::ios::binary);
    if (!out) return fail(cannot_create, path + ": cannot create the file");
    const bool written = write_all(out, text);
    out.close();
    if (!written || !out) {
        if (!direct) fs::remove(beside, error);
        return fail(cannot_write, path + ": cannot write the file");
    }
    if (direct) return done;
    fs::rename(beside, path, error);
    if (!error) return done;
    const std::string reason = error.message();
    fs::remove(beside, error);
    return fail(cannot_create, path + ": " + reason);
}

int run_program(const std::vector<std::string>& arguments) {
    const std::string usage =
        "usage: simulate [OUTPUT]  (writes the simulated dataset; - is standard output)";
    if (arguments.size() > 1) return fail(bad_usage, usage);
    const std::string output = arguments.empty() ? "-" : arguments.front();
    if (output == "-h" || output == "--help") {
        return write_all(std::cout, usage + "\n") ? done
                                                  : fail(cannot_write, "cannot write to standard output");
    }
    if (output == "-") {
        return write_all(std::cout, dataset()) ? done : fail(cannot_write, "cannot write to standard output");
    }
    if (output.empty() || output.front() == '-') return fail(bad_usage, usage);
    return write_file(output, dataset());
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run_program(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
    } catch (const std::exception& error) {
        return fail(internal_error, error.what());
    }
}
