#include "irene/dataset.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "irene/error.hpp"

#include "data/files.hpp"
#include "data/node_ids.hpp"
#include "data/parallel.hpp"
#include "data/tree_reader.hpp"

namespace irene {

namespace {

/// What one block of lines gave.
struct BlockTrees {
    std::size_t sequence = 0;
    std::vector<Tree> trees;
    std::vector<std::string> lines;
    std::vector<std::vector<Splice>> splices;
};

BlockTrees read_block(const data::LineBlock& block, data::TreeReader& reader, bool keep_text) {
    BlockTrees read;
    read.sequence = block.sequence;
    data::TreeLine line;
    data::for_each_line(block, [&](std::string_view text, std::size_t number, std::size_t) {
        reader.read(text, number, line);
        read.trees.push_back(line.tree);
        if (keep_text) {
            read.lines.emplace_back(text);
            read.splices.push_back(line.splices);
        }
    });
    return read;
}

template <typename T>
void append(std::vector<T>& to, std::vector<T>& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

[[noreturn]] void refuse_repeated_id(const std::string& source, const Tree& tree, std::size_t node,
                                     std::size_t other_line) {
    throw Error(ErrorKind::data,
                in_quotes(tree.id(node)) + " is also the id of " +
                    (other_line == tree.line ? "another node in line " : "a node in line ") +
                    std::to_string(other_line),
                {.file = source, .line = tree.line, .node = std::string(tree.scope(node)), .field = "id"});
}

}  // namespace

std::size_t Dataset::num_nodes() const {
    std::size_t count = 0;
    for (const Tree& tree : trees) count += tree.nodes.size();
    return count;
}

namespace data {

IdTable index_ids(const Dataset& dataset) {
    IdTable ids(dataset.num_nodes());
    std::uint32_t first_node = 0;
    std::vector<std::uint32_t> first_nodes;  // of each tree
    for (const Tree& tree : dataset.trees) {
        first_nodes.push_back(first_node);
        for (std::size_t node = 0; node < tree.nodes.size(); ++node) {
            const std::uint32_t other =
                ids.insert(tree.id(node), first_node + static_cast<std::uint32_t>(node));
            if (other == IdTable::kNone) continue;
            const auto owner =
                std::upper_bound(first_nodes.begin(), first_nodes.end(), other) - first_nodes.begin() - 1;
            refuse_repeated_id(dataset.source, tree, node,
                               dataset.trees[static_cast<std::size_t>(owner)].line);
        }
        first_node += static_cast<std::uint32_t>(tree.nodes.size());
    }
    return ids;
}

void refuse_repeated_ids(const Tree& tree, const std::string& source) {
    IdTable ids(tree.nodes.size());
    for (std::size_t node = 0; node < tree.nodes.size(); ++node) {
        const std::uint32_t other = ids.insert(tree.id(node), static_cast<std::uint32_t>(node));
        if (other != IdTable::kNone) refuse_repeated_id(source, tree, node, tree.line);
    }
}

Dataset read_trees(const std::filesystem::path& path, const ReadOptions& options) {
    LineBlocks blocks(path, options.stop, options.max_line_bytes);
    std::vector<BlockTrees> read;
    OrderedErrors errors;
    std::mutex mutex;
    run_workers(options.threads, [&](unsigned) {
        TreeReader reader(blocks.name());
        LineBlock block;
        while (!errors.any() && blocks.next(block)) {
            errors.guard(block.sequence, [&] {
                BlockTrees trees = read_block(block, reader, options.keep_text);
                const std::lock_guard lock(mutex);
                read.push_back(std::move(trees));
            });
        }
    });
    errors.rethrow_first();

    std::sort(read.begin(), read.end(),
              [](const BlockTrees& a, const BlockTrees& b) { return a.sequence < b.sequence; });
    Dataset dataset;
    dataset.source = blocks.name();
    for (BlockTrees& block : read) {
        append(dataset.trees, block.trees);
        append(dataset.lines, block.lines);
        append(dataset.splices, block.splices);
    }
    if (dataset.trees.empty()) throw Error(ErrorKind::data, "holds no tree", {.file = dataset.source});
    return dataset;
}

}  // namespace data

Dataset read_dataset(const std::filesystem::path& path, const ReadOptions& options) {
    Dataset dataset = data::read_trees(path, options);
    (void)data::index_ids(dataset);
    return dataset;
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
