// Trees from configs.
#include "extract.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "irene/architectures.hpp"
#include "irene/error.hpp"
#include "irene/shipped.hpp"

#include "arguments.hpp"
#include "work.hpp"

namespace py = pybind11;

namespace irene::python {

namespace {

using Sizes = std::vector<std::int64_t>;

/// A config: the path of a file, or the text of one that a program has.
struct ConfigSource {
    bool is_path = true;
    std::string text;    ///< or the path
    std::string called;  ///< in messages, where it is a text
};

/// What extract() and extract_runs() have in common, as it is given.
struct Asked {
    Sizes new_tokens;
    std::optional<std::string> dtype;
    std::string attention;
    std::int64_t gpus = 1;
    std::optional<std::string> counting;
};

void refuse_sizes(const Sizes& sizes, const char* argument, std::int64_t least) {
    constexpr std::int64_t kGreatest = std::int64_t{1} << 26;
    if (sizes.empty()) refuse(std::string(argument) + ": expected a whole number or a list of them");
    for (const std::int64_t size : sizes) {
        if (size < least || size > kGreatest)
            refuse(std::string(argument) + ": expected whole numbers from " + std::to_string(least) + " to " +
                   std::to_string(kGreatest) + ", found " + std::to_string(size));
    }
}

/// As irene-extract takes its options: kernels are counted where something is asked for that the paper's
/// counting does not know.
ExtractOptions options_of(const Asked& asked, const std::vector<std::string>& of_kernels, bool wants_kernels,
                          StopFlag stop) {
    ExtractOptions options{.attention = known(attention_from_name(asked.attention), "attention",
                                              asked.attention, "'eager' or 'flash'"),
                           .gpus = asked.gpus,
                           .new_tokens = asked.new_tokens,
                           .stop = stop};
    refuse_sizes(asked.new_tokens, "new_tokens", 0);
    constexpr std::int64_t kMaxGpus = 1024;
    if (asked.gpus < 1 || asked.gpus > kMaxGpus)
        refuse("gpus: expected a whole number from 1 to 1024, found " + std::to_string(asked.gpus));
    if (asked.dtype)
        options.dtype = known(dtype_from_name(*asked.dtype), "dtype", *asked.dtype,
                              "float32, float16, bfloat16, float8, int8, int4 or mxfp4");
    options.counting = wants_kernels || !of_kernels.empty() ? Counting::kernels : Counting::paper;
    if (!asked.counting) return options;
    options.counting =
        known(counting_from_name(*asked.counting), "counting", *asked.counting, "'paper' or 'kernels'");
    if (options.counting == Counting::paper && !of_kernels.empty())
        refuse(of_kernels.front() +
               " goes with counting='kernels': the paper counts one forward pass in float32");
    return options;
}

std::vector<Transformer> transformers_of(const std::vector<ConfigSource>& configs,
                                         const TransformerOptions& options, const ShippedFolders& shipped) {
    if (configs.empty()) refuse("a config is needed");
    if (configs.size() > 1 && !options.model_name.empty()) refuse("model_name goes with a single config");
    std::vector<std::filesystem::path> files;
    files.reserve(configs.size());
    for (const ConfigSource& config : configs) {
        if (config.is_path) files.push_back(config_file(config.text, shipped));
    }
    // The names of files are chosen together.
    std::vector<Transformer> of_files = load_transformers(files, options);
    std::vector<Transformer> all;
    all.reserve(configs.size());
    std::size_t next_file = 0;
    for (const ConfigSource& config : configs) {
        all.push_back(config.is_path ? std::move(of_files[next_file++])
                                     : parse_transformer(config.text, config.called, options));
    }
    return all;
}

py::list lines_of(const std::vector<std::string>& lines) {
    py::list list;
    for (const std::string& line : lines) list.append(py::str(line));
    return list;
}

}  // namespace

void add_extraction(py::module_& module) {
    using Config = std::tuple<bool, std::string, std::string>;
    module.def("extract", [](const std::vector<Config>& given, const Sizes& batch_sizes,
                             const Sizes& seq_lens, const Sizes& new_tokens,
                             const std::optional<std::string>& dtype, const std::string& attention,
                             std::int64_t gpus, const std::optional<std::string>& counting,
                             const std::vector<std::string>& of_kernels, const std::string& model_name,
                             const std::string& model_type, const ShippedFolders& shipped) {
        return lines_of(call([&](StopFlag stop, const Warn& warn) {
            std::vector<ConfigSource> configs;
            configs.reserve(given.size());
            for (const auto& [is_path, text, called] : given) configs.push_back({is_path, text, called});
            refuse_sizes(batch_sizes, "batch_size", 1);
            refuse_sizes(seq_lens, "seq_len", 1);
            const ExtractOptions options =
                options_of({new_tokens, dtype, attention, gpus, counting}, of_kernels, false, stop);
            const std::vector<Transformer> transformers = transformers_of(configs,
                                                                          {.model_name = model_name,
                                                                           .model_type = model_type,
                                                                           .stop = stop,
                                                                           .warn = warn,
                                                                           .counting = options.counting},
                                                                          shipped);
            std::vector<std::string> lines;
            extract_lines(
                transformers, batch_sizes, seq_lens,
                [&lines](std::string&& line) { lines.push_back(std::move(line)); }, options);
            return lines;
        }));
    });
    module.def(
        "extract_runs",
        [](const std::filesystem::path& table, const std::vector<std::filesystem::path>& config_folders,
           std::int64_t new_tokens, const std::optional<std::string>& dtype, const std::string& attention,
           std::int64_t gpus, const std::optional<std::string>& counting,
           const std::vector<std::string>& of_kernels, const ShippedFolders& shipped) {
            return lines_of(call([&](StopFlag stop, const Warn& warn) {
                RunsOptions options{.config_folders = config_folders,
                                    .defaults = options_of({{new_tokens}, dtype, attention, gpus, counting},
                                                           of_kernels, true, stop),
                                    .warn = warn};
                if (const auto folder = folder_of_configs(shipped)) options.config_folders.push_back(*folder);
                std::vector<std::string> lines;
                extract_run_lines(
                    table, [&lines](std::string&& line) { lines.push_back(std::move(line)); }, options);
                return lines;
            }));
        });
    module.def("known_architectures", [] {
        std::vector<std::string> names;
        for (const std::string_view name : known_architectures()) names.emplace_back(name);
        return names;
    });
}

}  // namespace irene::python
