#include <set>
#include <string>

#include "irene/architectures.hpp"

#include "base/files.hpp"

namespace irene {

namespace {

void refuse_repeated(std::span<const std::int64_t> sizes, const char* what) {
    std::set<std::int64_t> seen;
    for (const std::int64_t size : sizes) {
        if (!seen.insert(size).second)
            throw Error(ErrorKind::usage, std::string(what) + " " + std::to_string(size) + " stands twice");
    }
}

/// What no extraction can be asked for.
void refuse_repeated_runs(std::span<const Transformer> transformers,
                          std::span<const std::int64_t> batch_sizes, std::span<const std::int64_t> seq_lens,
                          const ExtractOptions& options) {
    std::set<std::string> names;
    for (const Transformer& transformer : transformers) {
        if (!names.insert(transformer.model_name()).second) {
            throw Error(ErrorKind::usage, "two models are called " + in_quotes(transformer.model_name()));
        }
    }
    refuse_repeated(batch_sizes, "batch size");
    refuse_repeated(seq_lens, "length");
    refuse_repeated(options.new_tokens, "number of new tokens");
}

}  // namespace

std::size_t extract_lines(std::span<const Transformer> transformers,
                          std::span<const std::int64_t> batch_sizes, std::span<const std::int64_t> seq_lens,
                          const VisitLine& visit, const ExtractOptions& options) {
    refuse_repeated_runs(transformers, batch_sizes, seq_lens, options);
    std::size_t num_trees = 0;
    for (const Transformer& transformer : transformers) {
        for (const std::int64_t batch_size : batch_sizes) {
            for (const std::int64_t seq_len : seq_lens) {
                for (const std::int64_t new_tokens : options.new_tokens) {
                    base::check(options.stop);
                    const Run run{.batch_size = batch_size,
                                  .seq_len = seq_len,
                                  .counting = options.counting,
                                  .new_tokens = new_tokens,
                                  .dtype = options.dtype,
                                  .attention = options.attention,
                                  .gpus = options.gpus};
                    visit(to_json(transformer, run));
                    ++num_trees;
                }
            }
        }
    }
    return num_trees;
}

std::size_t extract(std::span<const Transformer> transformers, std::span<const std::int64_t> batch_sizes,
                    std::span<const std::int64_t> seq_lens, const std::filesystem::path& output,
                    const ExtractOptions& options) {
    refuse_repeated_runs(transformers, batch_sizes, seq_lens, options);
    base::OutputFile file(output);
    const std::size_t num_trees = extract_lines(
        transformers, batch_sizes, seq_lens, [&file](std::string&& line) { file.write(line += '\n'); },
        options);
    file.commit();
    return num_trees;
}

}  // namespace irene
