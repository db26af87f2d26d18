// Writes datasets/simulated.jsonl: SIMULATED energy measurements of six transformers, in the schema of the
// IrEne datasets. Nothing here was measured; the file lets the tools be tried and tested offline.
//
//     simulate MODELS [weights-per-sequence]
//
// MODELS is the folder of the models' configs, configs/models; it writes to standard output. The second word
// gives an older sample, whose device read a dense product's weights once a sequence: another device, for
// tests that carry a model from one to another.
//
// What is exact: the trees, and the work counted for each node, which irene-extract's library gives.
// What is simulated: everything an instrument would read, by this law.
//
// The file counts a Linear's weights once a sequence, as the originals do. The device reads them once.
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
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "irene/architectures.hpp"

#include "architectures/blueprint.hpp"

namespace {

using Count = std::int64_t;
using irene::architectures::Part;
using Json = nlohmann::ordered_json;

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

/// Whether the device reads a dense product's weights once, or once a sequence.
enum class Weights : unsigned char { once, per_sequence };

/// One kernel for the part's own work; `kernel` is the same part as kernels count it, in float32.
Cost kernel_cost(const Part& part, const Part& kernel, Weights weights) {
    const auto flops = static_cast<double>(part.own.flops.value());
    const bool reads_once = weights == Weights::once && part.instance_type == "Linear";
    const auto bytes = static_cast<double>(reads_once ? kernel.total.bytes.value() : part.own.bytes.value());
    const double memory_seconds = bytes / bandwidth;
    const double busy_seconds = std::max(flops / peak_flops, memory_seconds);
    const double work_joules = flops * joules_per_flop + bytes * joules_per_byte;
    Cost cost = idle_cost(launch_seconds + busy_seconds);
    cost += {0, busy_seconds, memory_seconds, work_joules, gpu_share * work_joules};
    return cost;
}

/// What a part takes with all below it, appended to `costs` in front of those of its children.
Cost add_costs(const Part& part, const Part& kernel, Weights weights, std::vector<Cost>& costs) {
    const std::size_t index = costs.size();
    Cost cost;
    costs.push_back(cost);
    if (part.type == irene::NodeType::ml) {
        cost = kernel_cost(part, kernel, weights);
    } else {
        cost = idle_cost(host_seconds);
        if (part.own.bytes > 0) cost += kernel_cost(part, kernel, weights);
        // Children are added in order, since sums depend on it.
        for (std::size_t i = 0; i < part.children.size(); ++i)
            cost += add_costs(part.children[i], kernel.children.at(i), weights, costs);
    }
    costs[index] = cost;
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

// FNV-1a, its 128-bit form's lower half: noise follows from a run's name alone, so that adding a tree leaves
// the others as they are.
std::uint64_t seed_of(std::string_view run_name) {
    std::uint64_t hash = 0x62B821756295C58D;
    for (const char c : run_name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x13B;
    return noise_seed ^ hash;
}

/// Sets the readings of a node between its counts and its children, as in the originals, and of all below it.
class Measurer {
  public:
    /// `kernels` is the same run, as kernels are counted; `run_name` is MODEL/BATCH/LENGTH.
    Measurer(const Part& root, const Part& kernels, Weights weights, std::string_view run_name)
        : instruments_(seed_of(run_name)) {
        add_costs(root, kernels, weights, costs_);
    }

    // Recursion is safe: the trees are at most six deep.
    void measure(const Part& part, Json& node) {
        const Measurement m = reading_of(part, costs_[next_node_++]);
        Json children = std::move(node["child_nodes_obj"]);
        Json scopes = std::move(node["child_nodes"]);
        node.erase("child_nodes_obj");
        node.erase("child_nodes");
        node["cpu"] = m.cpu;
        node["mem"] = m.mem;
        node["gpu"] = m.gpu;
        node["gpu_mem"] = m.gpu_mem;
        node["gpu_clk"] = m.gpu_clk;
        node["gpu_mem_clk"] = m.gpu_mem_clk;
        node["times_mean"] = m.seconds;
        node["gpu_energy_mean"] = m.gpu_joules;
        node["ground_truth_energy"] = m.joules;
        for (std::size_t i = 0; i < children.size(); ++i) measure(part.children[i], children[i]);
        node["child_nodes_obj"] = std::move(children);
        node["child_nodes"] = std::move(scopes);
    }

  private:
    Measurement reading_of(const Part& part, const Cost& cost) {
        const auto key =
            std::make_tuple(part.instance_type, part.total.flops.value(), part.total.bytes.value());
        const auto known = measurements_.find(key);
        if (known != measurements_.end()) return known->second;
        return measurements_.emplace(key, instruments_.read(cost)).first->second;
    }

    std::vector<Cost> costs_;  // of the nodes, in their order
    Instruments instruments_;
    std::size_t next_node_ = 0;
    std::map<std::tuple<std::string, Count, Count>, Measurement> measurements_;
};

// The originals have a space after each comma and colon, which dump() cannot write.
void append(std::string& out, const Json& json) {
    if (!json.is_structured()) {
        out += json.dump();
        return;
    }
    const bool is_object = json.is_object();
    out += is_object ? '{' : '[';
    const char* separator = "";
    for (const auto& item : json.items()) {
        out += separator;
        if (is_object) out += Json(item.key()).dump() + ": ";
        append(out, item.value());
        separator = ", ";
    }
    out += is_object ? '}' : ']';
}

std::string dataset(const std::filesystem::path& models, Weights weights) {
    std::string out;
    for (const char* name : {"bert-base-uncased", "roberta-base", "distilbert-base-uncased", "gpt2",
                             "distilgpt2", "openai-gpt"}) {
        const irene::Transformer transformer =
            irene::load_transformer(models / (std::string(name) + ".json"));
        for (const auto& [batch_size, seq_len] : {std::pair{8, 32}, {8, 128}, {24, 32}, {24, 128}}) {
            const Part root =
                irene::architectures::parts_of(transformer, {.batch_size = batch_size, .seq_len = seq_len});
            const Part kernels =
                irene::architectures::parts_of(transformer, {.batch_size = batch_size,
                                                             .seq_len = seq_len,
                                                             .counting = irene::Counting::kernels,
                                                             .dtype = irene::Dtype::float32});
            Json run =
                Json::parse(irene::to_json(transformer, {.batch_size = batch_size, .seq_len = seq_len}));
            Measurer(
                root, kernels, weights,
                transformer.model_name() + "/" + std::to_string(batch_size) + "/" + std::to_string(seq_len))
                .measure(root, run["frontend_tree"]);
            append(out, run);
            out += '\n';
        }
    }
    return out;
}

/// What whole runs take without noise, as a table that irene-extract --runs reads: every model at these
/// batches and lengths, as far as it has positions.
std::string noise_free_runs(const std::filesystem::path& models) {
    std::set<std::filesystem::path> configs;
    for (const auto& entry : std::filesystem::directory_iterator(models)) configs.insert(entry.path());
    std::string out = "config,batch_size,seq_len,joules\n";
    for (const std::filesystem::path& config : configs) {
        const irene::Transformer transformer = irene::load_transformer(config);
        for (const int seq_len : {16, 256, 2048}) {
            for (const int batch_size : {1, 16}) {
                const irene::Run run{.batch_size = batch_size, .seq_len = seq_len};
                irene::Run kernels = run;
                kernels.counting = irene::Counting::kernels;
                kernels.dtype = irene::Dtype::float32;
                try {
                    std::vector<Cost> costs;
                    const Cost cost =
                        add_costs(irene::architectures::parts_of(transformer, run),
                                  irene::architectures::parts_of(transformer, kernels), Weights::once, costs);
                    out += config.stem().string() + ',' + std::to_string(batch_size) + ',' +
                           std::to_string(seq_len) + ',' + Json(cost.joules).dump() + '\n';
                } catch (const irene::Error& error) {
                    if (error.kind() != irene::ErrorKind::data) throw;  // it has no such position
                }
            }
        }
    }
    return out;
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string_view what = argc == 3 ? argv[2] : "";
    if (argc != 2 && what != "weights-per-sequence" && what != "noise-free") {
        std::fputs(
            "usage: simulate MODELS [weights-per-sequence|noise-free]\n"
            "Writes the simulated dataset to standard output; with noise-free a table of whole runs.\n",
            stderr);
        return 64;
    }
    const std::string text = what == "noise-free"
                                 ? noise_free_runs(argv[1])
                                 : dataset(argv[1], what.empty() ? Weights::once : Weights::per_sequence);
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return 0;
    std::fputs("simulate: standard output: cannot be written\n", stderr);
    return 74;
} catch (const std::exception& error) {
    std::fprintf(stderr, "simulate: %s\n", error.what());
    return 65;
}
