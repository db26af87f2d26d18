// Files of lines and of trees, read by several threads: block after block, or whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <mutex>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "irene/error.hpp"

#include "base/parallel.hpp"
#include "data/line_blocks.hpp"
#include "data/tree_reader.hpp"

namespace irene::data {

/// What one of several workers does with a file: it takes block after block, as others do, and calls
/// work(const LineBlock&), until there is none left or something went wrong. What is thrown is kept in
/// `errors`, by place in the file, so that the first error of the file is told whoever meets it: what `work`
/// throws under the number of its block, what reading throws behind all blocks, as those before it were read.
template <typename Work>
void for_each_block(LineBlocks& blocks, base::OrderedErrors& errors, const Work& work) {
    LineBlock block;
    while (!errors.any()) {
        bool any_left = false;
        errors.guard(base::OrderedErrors::kBehindAll, [&] { any_left = blocks.next(block); });
        if (!any_left) return;
        errors.guard(block.sequence, [&] { work(block); });
    }
    blocks.give_up();  // another worker may be waiting for a line that does not come
}

/// Calls make(const TreeLine& read, std::string_view line) for each line that holds a tree and returns what
/// it returned, in the order of the file. Several threads call it at once; it must copy what it keeps of its
/// arguments, whose memory the next line takes. Throws Error (no_input, interrupted, data; data also where
/// there is no tree, unless there may be none).
template <typename Make>
auto read_trees(LineBlocks& blocks, unsigned threads, const Make& make, bool may_be_empty = false) {
    using Made = std::invoke_result_t<const Make&, const TreeLine&, std::string_view>;
    struct Block {
        std::size_t sequence = 0;
        std::vector<Made> made;
    };
    std::vector<Block> read;
    base::OrderedErrors errors;
    std::mutex mutex;
    base::run_workers(threads, [&](unsigned) {
        TreeReader reader(blocks.name());
        TreeLine tree;
        for_each_block(blocks, errors, [&](const LineBlock& lines) {
            Block block{.sequence = lines.sequence, .made = {}};
            for_each_line(lines, [&](std::string_view line, std::size_t number, std::size_t) {
                reader.read(line, number, tree);
                block.made.push_back(make(tree, line));
            });
            const std::lock_guard lock(mutex);
            read.push_back(std::move(block));
        });
    });
    errors.rethrow_first();

    std::sort(read.begin(), read.end(),
              [](const Block& a, const Block& b) { return a.sequence < b.sequence; });
    std::vector<Made> all;
    for (Block& block : read) {
        all.insert(all.end(), std::make_move_iterator(block.made.begin()),
                   std::make_move_iterator(block.made.end()));
    }
    if (all.empty() && !may_be_empty) throw Error(ErrorKind::data, "holds no tree", {.file = blocks.name()});
    return all;
}

}  // namespace irene::data
