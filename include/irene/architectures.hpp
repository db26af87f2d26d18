// Trees from a Hugging Face config.json alone: nothing is downloaded, loaded or run.
//
// A tree holds what follows from the architecture: scopes, classes, parameters, and the work of a run by one
// of two conventions. Paper's is that of the IrEne datasets: one forward pass in float32,
//     flops   floating-point operations
//     bytes   bytes of the operands that are read and written; token ids have 8 bytes, numbers 4
// For bert, roberta, distilbert, gpt2 and openai-gpt these equal the datasets' to the integer. The other
// architectures follow the same convention; what was assumed for each stands in its file in
// src/architectures. The other convention counts the kernels that PyTorch runs, in the run's dtype, over all
// calls and GPUs:
//     flops     of products, dense ones and those of attention
//     bytes     of the operands; weights once a call, in the size they are stored in
//     launches  kernels
// A module counts its children and its own elementwise work, which has no node.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "irene/error.hpp"
#include "irene/run.hpp"
#include "irene/tree.hpp"

namespace irene {

class Transformer;

namespace architectures {  // of the library's own use
struct Blueprint;
struct Part;
/// The transformer's parts, whose counts are whole numbers. Throws Error as Transformer::tree() does.
Part parts_of(const Transformer& transformer, const Run& run);
/// The dtype of the weights of a run, which the config gives where the run doesn't.
Dtype dtype_of(const Transformer& transformer, const Run& run);
}  // namespace architectures

struct TransformerOptions {
    std::string model_name = {};  ///< empty: see load_transformers()
    std::string model_type = {};  ///< for configs that have none
    StopFlag stop = nullptr;
    /// Told of sizes that a config lacks, weights that are not float32, a name that is not the config's own.
    Warn warn = {};
    Counting counting = Counting::paper;  ///< what is warned of depends on it
};

/// A transformer of a known architecture, with its sizes.
class Transformer {
  public:
    /// From the text of a config.json. Sizes that it lacks take Hugging Face's default; fields that the tree
    /// does not depend on are ignored, and may be the NaN and Infinity that Python writes. `model_type` is
    /// for a config that has none. Throws Error (data) that names the field: not JSON, no or an unknown
    /// `model_type`, a wrong type, a size out of range, sizes that contradict each other, sizes in another
    /// tool's words, a class of another architecture, or a setting that is not counted, such as pruned heads
    /// or quantised weights. Throws Error (usage) where `model_type` is unknown or not the config's. `warn`
    /// is told of sizes that the config lacks, and of weights that are not float32.
    Transformer(std::string_view config, const std::string& source, std::string model_name,
                const std::string& model_type = {}, const Warn& warn = {},
                Counting counting = Counting::paper);

    const std::string& model_name() const noexcept { return model_name_; }

    /// The tree of a run, to be predicted. Its ids are MODEL/BATCH/LENGTH/POSITION, with KEY=VALUE before the
    /// position for each further key of the run that is not the default: the same whenever and wherever the
    /// tree is made. A generation has the modules `prefill` and, from the second token on, `decode` below its
    /// root. Throws Error: usage where a size is not from 1 to 2^26, or paper's counting is asked for more
    /// than a forward pass in float32; data where the model has fewer positions or writes no text, GPUs
    /// cannot share it, or a count does not fit 64 bits.
    Tree tree(const Run& run) const;
    /// One forward pass, as the paper counts.
    Tree tree(std::int64_t batch_size, std::int64_t seq_len) const {
        return tree({.batch_size = batch_size, .seq_len = seq_len});
    }

  private:
    friend architectures::Part architectures::parts_of(const Transformer&, const Run&);
    friend Dtype architectures::dtype_of(const Transformer&, const Run&);

    std::string model_name_;
    std::shared_ptr<const architectures::Blueprint> blueprint_;
};

/// Reads files such as config.json ("-" is standard input). Without a name in the options a model is called
/// by its config's `_name_or_path`, of a path that is not like ORGANISATION/NAME by its last component; where
/// there is none that says anything, by the file's name without extension, or its folder's if it is called
/// config.json. Where that is the name of two files, both are called by the file's, then by folder and
/// file's. Throws Error as the constructor does, and no_input.
std::vector<Transformer> load_transformers(std::span<const std::filesystem::path> paths,
                                           const TransformerOptions& options = {});

/// The same for one file.
Transformer load_transformer(const std::filesystem::path& path, const TransformerOptions& options = {});

/// The same for the text of a config, which `source` names in messages. Without a name in the options it is
/// called by its `_name_or_path`, or "model".
Transformer parse_transformer(std::string_view config, const std::string& source,
                              const TransformerOptions& options = {});

/// The values of `model_type` that are known, in alphabetical order.
std::vector<std::string_view> known_architectures();

/// What was measured of a whole run, and what tells it apart from others that were measured alike.
struct Measured {
    std::optional<double> joules = {};   ///< the root's `ground_truth_energy`
    std::optional<double> seconds = {};  ///< the root's `times_mean`
    std::string id = {};                 ///< stands in all ids
};

/// The tree as a line of a data file, in the schema of the datasets, without the line end and, but for what
/// `measured` has, without the measured fields: parse_tree() makes Transformer::tree() of it. Throws Error as
/// that does.
std::string to_json(const Transformer& transformer, const Run& run, const Measured& measured = {});

/// What the nodes of one scope count together, with all below them. Scopes that differ only by the number of
/// a layer are one: "root.encoder.*.output".
struct CountRow {
    std::string scope;
    std::int64_t num_nodes = 0;
    std::int64_t num_parameters = 0;  ///< those that layers share once
    std::int64_t flops = 0;
    std::int64_t bytes = 0;
    std::int64_t launches = 0;       ///< 0 as the paper counts
    std::vector<Dtype> dtypes = {};  ///< of the weights, each once; of a module the run's
};

/// A row for each scope of the transformer's tree, the root's first. Throws Error as Transformer::tree()
/// does.
std::vector<CountRow> count_rows(const Transformer& transformer, const Run& run);

/// What all trees of an extraction have in common.
struct ExtractOptions {
    Counting counting = Counting::paper;
    std::optional<Dtype> dtype = {};  ///< none: each config's
    AttentionKind attention = AttentionKind::eager;
    std::int64_t gpus = 1;
    std::vector<std::int64_t> new_tokens = {0};
    StopFlag stop = nullptr;
};

/// Extracts every transformer at every batch size, length and number of new tokens, in this order, to
/// `output` ("-" is standard output), one tree at a time, so that memory does not grow. Throws Error as
/// Transformer::tree() does, usage where two transformers have the same name or a size stands twice, and as
/// every output does; a regular file is then not created. Returns the number of trees.
std::size_t extract(std::span<const Transformer> transformers, std::span<const std::int64_t> batch_sizes,
                    std::span<const std::int64_t> seq_lens, const std::filesystem::path& output,
                    const ExtractOptions& options = {});

/// Takes the lines of trees, each without its line end.
using VisitLine = std::function<void(std::string&& line)>;

/// The same for a program: every tree goes to `visit`, as the line that extract() writes. Throws Error as it
/// does, and what `visit` throws.
std::size_t extract_lines(std::span<const Transformer> transformers,
                          std::span<const std::int64_t> batch_sizes, std::span<const std::int64_t> seq_lens,
                          const VisitLine& visit, const ExtractOptions& options = {});

/// Where the runs of a table find their configs, beside the table itself.
struct RunsOptions {
    std::vector<std::filesystem::path> config_folders =
        {};  ///< searched in this order, for NAME and NAME.json
    ExtractOptions defaults = {.counting = Counting::kernels};  ///< of columns that the table lacks
    Warn warn = {};  ///< told of columns that are not known, and of what the configs make doubtful
};

/// Extracts one tree for each row of a table of comma-separated values. Its columns are `config`,
/// `batch_size`, `seq_len` and any of `model_name`, `new_tokens`, `dtype`, `attention`, `gpus`, `joules`,
/// `seconds`; an empty cell is a column that the row lacks. A config is a path, from the table's folder, or a
/// name in the folders of the options. Ids hold the row's number, from 1: a row that stands twice was
/// measured twice. Throws Error as extract() does; data with line and column for a row that is wrong. Returns
/// the number of trees.
std::size_t extract_runs(const std::filesystem::path& table, const std::filesystem::path& output,
                         const RunsOptions& options);

/// The same for a program, as extract_lines() is.
std::size_t extract_run_lines(const std::filesystem::path& table, const VisitLine& visit,
                              const RunsOptions& options);

}  // namespace irene
