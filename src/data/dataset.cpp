#include "irene/dataset.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "irene/error.hpp"

#include "data/files.hpp"
#include "data/id_table.hpp"
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

void refuse_repeated_ids(const Dataset& data) {
    data::IdTable ids(data.num_nodes());
    std::uint32_t first_node_of_tree = 0;
    std::vector<std::uint32_t> first_nodes;
    for (const Tree& tree : data.trees) {
        first_nodes.push_back(first_node_of_tree);
        for (std::size_t node = 0; node < tree.nodes.size(); ++node) {
            const auto number = first_node_of_tree + static_cast<std::uint32_t>(node);
            const std::uint32_t other = ids.insert(tree.id(node), number);
            if (other == data::IdTable::kNone) continue;
            const auto owner =
                std::upper_bound(first_nodes.begin(), first_nodes.end(), other) - first_nodes.begin() - 1;
            throw Error(ErrorKind::data,
                        in_quotes(tree.id(node)) + " is also the id of a node in line " +
                            std::to_string(data.trees[static_cast<std::size_t>(owner)].line),
                        {.file = data.source,
                         .line = tree.line,
                         .node = std::string(tree.scope(node)),
                         .field = "id"});
        }
        first_node_of_tree += static_cast<std::uint32_t>(tree.nodes.size());
    }
}

}  // namespace

std::size_t Dataset::num_nodes() const {
    std::size_t count = 0;
    for (const Tree& tree : trees) count += tree.nodes.size();
    return count;
}

Dataset read_dataset(const std::filesystem::path& path, const ReadOptions& options) {
    data::LineBlocks blocks(path, options.stop);
    std::vector<BlockTrees> read;
    data::OrderedErrors errors;
    std::mutex mutex;
    data::run_workers(options.threads, [&](unsigned) {
        data::TreeReader reader(blocks.name());
        data::LineBlock block;
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
    Dataset data;
    data.source = blocks.name();
    for (BlockTrees& block : read) {
        append(data.trees, block.trees);
        append(data.lines, block.lines);
        append(data.splices, block.splices);
    }
    if (data.trees.empty()) throw Error(ErrorKind::data, "holds no tree", {.file = data.source});
    refuse_repeated_ids(data);
    return data;
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
