// Reading trees from JSONL, one tree a line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "irene/error.hpp"
#include "irene/tree.hpp"

namespace irene {

/// Keys that predictions add to a node.
enum class OutputKey : unsigned char { predicted_energy, predicted_energy_low, predicted_energy_high };

inline constexpr std::size_t kNumOutputKeys = 3;

/// A place in a line where predictions belong: bytes [begin, end) are the present value of a key, or, where
/// begin == end, all the keys that the node lacks can be inserted.
struct Splice {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t node = 0;
    /// Bit set: bit i is set for OutputKey i.
    std::uint32_t keys = 1;
};

/// Trees of a file with the bytes they were read from.
struct Dataset {
    std::string source;  ///< the file's path, or "standard input"; for messages
    std::vector<Tree> trees;

    /// The line of each tree, and where its predictions belong. Empty unless ReadOptions::keep_text.
    std::vector<std::string> lines;
    std::vector<std::vector<Splice>> splices;

    std::size_t num_nodes() const;
};

/// Bytes that a line may have unless the caller says otherwise: memory is bounded by a few of the longest
/// line. Limits below kMinLineBytes count as that.
inline constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMinLineBytes = std::size_t{1} << 18;

struct ReadOptions {
    unsigned threads = 1;    ///< at least 1; the result does not depend on it
    bool keep_text = false;  ///< keep the lines, so that predictions can be spliced into them
    std::size_t max_line_bytes = kMaxLineBytes;  ///< a longer line is refused
    StopFlag stop = nullptr;
};

/// Reads every tree of `path` ("-": standard input) in one pass. Lines of white space are skipped.
/// Throws Error: no_input where the file cannot be read; data, with line, node and field, on malformed or
/// truncated JSON, a missing, repeated or mistyped field, a number out of range, an unknown `type`, a leaf
/// that is not `ml`, an inner node that is, an id that occurs twice in the file, and on a file without trees.
Dataset read_dataset(const std::filesystem::path& path, const ReadOptions& options = {});

/// Reads one tree from one line of JSON. `place` names the line in messages. Throws Error (data).
Tree parse_tree(std::string_view json, const std::string& source = "input", std::size_t line = 1);

}  // namespace irene
