#include "irene/dataset.hpp"

#include <optional>
#include <utility>

#include "data/line_blocks.hpp"
#include "data/lines.hpp"
#include "data/node_ids.hpp"
#include "data/read_trees.hpp"

namespace irene {

std::size_t Dataset::num_nodes() const {
    std::size_t count = 0;
    for (const Tree& tree : trees) count += tree.nodes().size();
    return count;
}

namespace {

Dataset read_blocks(data::LineBlocks& blocks, const ReadOptions& options) {
    struct Read {
        Tree tree;
        std::optional<data::Line> line;
    };
    std::vector<Read> read = data::read_trees(
        blocks, options.threads,
        [&](const data::TreeLine& tree, std::string_view line) {
            Read one{tree.tree, std::nullopt};
            if (options.keep_text) one.line.emplace(tree, line);
            return one;
        },
        options.may_be_empty);
    Dataset dataset;
    dataset.source = blocks.name();
    data::Lines lines;
    for (Read& one : read) {
        dataset.trees.push_back(std::move(one.tree));
        if (one.line) lines.all.push_back(std::move(*one.line));
    }
    if (options.keep_text) dataset.lines = std::make_shared<const data::Lines>(std::move(lines));
    (void)data::index_ids(dataset.trees, dataset.source);
    return dataset;
}

}  // namespace

Dataset read_dataset(const std::filesystem::path& path, const ReadOptions& options) {
    data::LineBlocks blocks(path, options.stop, options.max_line_bytes);
    return read_blocks(blocks, options);
}

Dataset read_dataset(const NextLines& next, const std::string& source, const ReadOptions& options) {
    data::LineBlocks blocks(next, source, options.stop, options.max_line_bytes);
    return read_blocks(blocks, options);
}

Tree parse_tree(std::string_view json, const std::string& source, std::size_t line) {
    std::string padded(json);
    padded.resize(json.size() + data::kPadding);
    data::TreeReader reader(source);
    data::TreeLine read;
    reader.read(std::string_view(padded).substr(0, json.size()), line, read);
    return std::move(read.tree);
}

}  // namespace irene
