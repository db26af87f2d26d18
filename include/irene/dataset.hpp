// Reading trees from JSONL, one tree a line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "irene/error.hpp"
#include "irene/tree.hpp"

namespace irene {

namespace data {
struct Lines;  // of the library alone
}

/// Trees of a file, or trees made by hand.
struct Dataset {
    std::string source = {};  ///< the file's path, or "standard input"; for messages
    std::vector<Tree> trees = {};

    /// The lines of the file, which crossvalidate() writes predictions into; none where
    /// ReadOptions::keep_text is off. Trees may be left out or put in another order.
    std::shared_ptr<const data::Lines> lines = {};

    std::size_t num_nodes() const;
};

/// The longest line that is read, in bytes, unless the caller says otherwise. Readers hold a few lines at a
/// time, so that this bounds their memory. A limit below kMinLineBytes counts as that.
inline constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMinLineBytes = std::size_t{1} << 18;

struct ReadOptions {
    unsigned threads = 1;  ///< at least 1; the result does not depend on it
    /// Keep the lines: crossvalidate() needs them, train() does not, and they take as much memory as the
    /// file.
    bool keep_text = true;
    bool may_be_empty = false;                   ///< a file without trees is no error
    std::size_t max_line_bytes = kMaxLineBytes;  ///< a longer line is refused
    StopFlag stop = nullptr;
};

/// Reads every tree of `path` ("-": standard input) in one pass. Lines of white space are skipped.
/// Throws Error: no_input where the file cannot be read; data, with line, node and field, on malformed or
/// truncated JSON, a missing, repeated or mistyped field, a number out of range, an unknown `type`, a leaf
/// that is not `ml`, an inner node that is, an id that occurs twice in the file, and, unless it
/// may be empty, on a file without trees.
Dataset read_dataset(const std::filesystem::path& path, const ReadOptions& options = {});

/// Gives the lines of a program that has no file of them: puts one or more whole lines into its argument,
/// which is empty, with a line end between two; none where it has to be asked again, which is when to look
/// whether to stop. Returns false where no more will come. It is called by one thread at a time, not always
/// the same. What it throws ends the reading, behind all lines that it gave.
using NextLines = std::function<bool(std::string& lines)>;

/// Reads every tree of lines that a program gives, as those of a file. Messages call them `source`.
Dataset read_dataset(const NextLines& next, const std::string& source, const ReadOptions& options = {});

/// Reads one tree from one line of JSON. `source` and `line` name it in messages. Throws Error (data).
Tree parse_tree(std::string_view json, const std::string& source = "input", std::size_t line = 1);

}  // namespace irene
