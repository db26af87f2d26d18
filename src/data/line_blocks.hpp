// Files of lines, cut into blocks of whole lines that several threads may take.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "irene/dataset.hpp"
#include "irene/error.hpp"

#include "base/files.hpp"

namespace irene::data {

/// Bytes behind a line that must be readable, whatever they hold: the JSON parser reads whole vectors of
/// bytes and looks at those of the line alone.
inline constexpr std::size_t kPadding = 64;

/// A run of whole lines; its buffer is kPadding bytes longer than `size` and can be used again.
struct LineBlock {
    std::vector<char> buffer;
    std::size_t size = 0;   ///< bytes in use
    std::size_t start = 0;  ///< where the first line begins: behind a leading byte-order mark of the file
    std::size_t first_line = 1;  ///< its number in the file
    std::size_t sequence = 0;    ///< number of the block in the file, from 0

    std::string_view text() const noexcept { return {buffer.data(), size}; }
};

/// Cuts a file into blocks of whole lines, of about kBlockBytes each. Safe to use from several threads.
class LineBlocks {
  public:
    static constexpr std::size_t kBlockBytes = kMinLineBytes;

    /// Of a file ("-": standard input).
    explicit LineBlocks(const std::filesystem::path& path, StopFlag stop = nullptr,
                        std::size_t max_line_bytes = kMaxLineBytes);
    /// Of lines that a program gives, which messages call `source`.
    LineBlocks(NextLines next, const std::string& source, StopFlag stop = nullptr,
               std::size_t max_line_bytes = kMaxLineBytes);

    /// Fills `block`; false at the end of the file. A line longer than a block makes that block longer.
    /// Throws Error: no_input; interrupted, also after give_up(); data for a line of more than
    /// `max_line_bytes`, or than kBlockBytes where that is more.
    bool next(LineBlock& block);
    const std::string& name() const noexcept { return input_->name(); }
    /// Ends next() on every thread, even where it waits for a pipe's writer.
    void give_up() noexcept { given_up_ = true; }

  private:
    std::mutex mutex_;
    std::unique_ptr<base::ByteSource> input_;
    std::size_t max_line_bytes_;
    std::vector<char> rest_;  // the begun line behind the last block
    std::size_t next_line_ = 1;
    std::size_t next_sequence_ = 0;
    bool at_end_ = false;
    std::atomic<bool> given_up_{false};
};

/// Calls visit(line, number, offset) for each line of a block that holds more than white space, without its
/// line end; `offset` is where it begins in the block.
template <typename Visit>
void for_each_line(const LineBlock& block, const Visit& visit) {
    const std::string_view text = block.text();
    std::size_t number = block.first_line;
    for (std::size_t begin = block.start; begin < text.size(); ++number) {
        std::size_t end = text.find('\n', begin);
        if (end == std::string_view::npos) end = text.size();
        const std::string_view line = text.substr(begin, end - begin);
        if (line.find_first_not_of(" \t\r") != std::string_view::npos) visit(line, number, begin);
        begin = end + 1;
    }
}

}  // namespace irene::data
