// Reading trees from JSONL, one tree a line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "irene/error.hpp"
#include "irene/tree.hpp"

namespace irene {

namespace data {
struct LinePlaces;  // of the library alone
}

/// Trees of a file, or trees made by hand, with the lines they were read from.
struct Dataset {
    std::string source = {};  ///< the file's path, or "standard input"; for messages
    std::vector<Tree> trees = {};

    /// The line of each tree, which crossvalidate() writes predictions into; none where
    /// ReadOptions::keep_text is off.
    std::vector<std::string> lines = {};
    /// Spares crossvalidate() to read the lines again; it may be left empty.
    std::shared_ptr<const std::vector<data::LinePlaces>> places = {};

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
    std::size_t max_line_bytes = kMaxLineBytes;  ///< a longer line is refused
    StopFlag stop = nullptr;
};

/// Reads every tree of `path` ("-": standard input) in one pass. Lines of white space are skipped.
/// Throws Error: no_input where the file cannot be read; data, with line, node and field, on malformed or
/// truncated JSON, a missing, repeated or mistyped field, a number out of range, an unknown `type`, a leaf
/// that is not `ml`, an inner node that is, an id that occurs twice in the file, and on a file without trees.
Dataset read_dataset(const std::filesystem::path& path, const ReadOptions& options = {});

/// Reads one tree from one line of JSON. `source` and `line` name it in messages. Throws Error (data).
Tree parse_tree(std::string_view json, const std::string& source = "input", std::size_t line = 1);

}  // namespace irene
