// Hugging Face configs: what is accepted gives a tree that the reader takes, with the same counts.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "irene/architectures.hpp"
#include "irene/dataset.hpp"
#include "irene/error.hpp"

#include "require.hpp"

namespace {

/// Counts a run, whose line the reader must take. Whatever cannot be counted must be bad data.
void count(const irene::Transformer& transformer, const irene::Run& run) {
    std::vector<irene::CountRow> rows;
    try {
        rows = irene::count_rows(transformer, run);
    } catch (const irene::Error& error) {
        irene::fuzz::require(error.kind() == irene::ErrorKind::data, "a bad config is bad data");
        return;
    }
    std::int64_t num_nodes = 0;
    for (const irene::CountRow& row : rows) {
        num_nodes += row.num_nodes;
        irene::fuzz::require(row.num_parameters >= 0 && row.flops >= 0 && row.bytes >= 0 && row.launches >= 0,
                             "counts are not negative");
    }
    if (num_nodes > 20000) return;  // right, but slow
    const irene::Tree tree = irene::parse_tree(irene::to_json(transformer, run));
    irene::fuzz::require(static_cast<std::int64_t>(tree.nodes().size()) == num_nodes,
                         "the reader finds every node");
    irene::fuzz::require(transformer.tree(run).nodes().size() == tree.nodes().size(),
                         "the tree is the one that is read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    std::optional<irene::Transformer> transformer;
    try {
        transformer.emplace(text, "input", "model");
    } catch (const irene::Error& error) {
        irene::fuzz::require(error.kind() == irene::ErrorKind::data, "a bad config is bad data");
        return 0;
    }
    count(*transformer, {.batch_size = 2, .seq_len = 16});
    count(*transformer, {.batch_size = 2, .seq_len = 16, .counting = irene::Counting::kernels});
    count(*transformer, {.batch_size = 2,
                         .seq_len = 16,
                         .counting = irene::Counting::kernels,
                         .new_tokens = 5,
                         .dtype = irene::Dtype::int4,
                         .attention = irene::AttentionKind::flash,
                         .gpus = 2});
    return 0;
}
