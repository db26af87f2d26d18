// Files as the toolkit needs them: whole small documents, blocks of lines, outputs that are whole or absent.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "irene/dataset.hpp"
#include "irene/error.hpp"

namespace irene::data {

/// How a path is called in messages: "-" is "standard input".
std::string display_name(const std::filesystem::path& input);

/// An open file descriptor for reading; closes it unless it is standard input.
class InputFile {
  public:
    /// Throws Error (no_input).
    explicit InputFile(const std::filesystem::path& path, StopFlag stop = nullptr);
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;
    ~InputFile();

    /// Reads up to `size` bytes; 0 at the end. Throws Error (no_input; interrupted, also where `given_up` is
    /// up).
    std::size_t read(char* out, std::size_t size, StopFlag given_up = nullptr);
    const std::string& name() const noexcept { return name_; }
    /// Whether a read may have to wait for a writer: a pipe, a terminal, a device.
    bool waits() const noexcept { return waits_; }

  private:
    bool wait() const;

    std::string name_;
    int descriptor_ = -1;
    bool waits_ = false;
    StopFlag stop_ = nullptr;
};

/// The whole content of a small file. Throws Error: no_input where it cannot be read; `too_large` kind where
/// it holds more than `max_bytes`.
std::string read_document(const std::filesystem::path& path, ErrorKind too_large, StopFlag stop = nullptr,
                          std::size_t max_bytes = std::size_t{64} << 20);

/// Bytes that the JSON parser may read, but not use, behind the end of a line.
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

    explicit LineBlocks(const std::filesystem::path& path, StopFlag stop = nullptr,
                        std::size_t max_line_bytes = kMaxLineBytes);

    /// Fills `block`; false at the end of the file. A line longer than a block makes that block longer.
    /// Throws Error: no_input; interrupted, also once given up; data for a line of more than
    /// `max_line_bytes`, where that is at least kBlockBytes.
    bool next(LineBlock& block);
    const std::string& name() const noexcept { return input_.name(); }
    bool waits() const noexcept { return input_.waits(); }
    /// Ends next() on every thread, even where it waits for a pipe's writer.
    void give_up() noexcept { given_up_ = true; }

  private:
    std::mutex mutex_;
    InputFile input_;
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

/// What the path of an output leads to.
struct OutputTarget {
    std::filesystem::path path;  ///< behind all links
    /// Whether it is written as it is: standard output ("-"), a device, a pipe, an open descriptor of /proc.
    /// Otherwise it is written beside its place and moved there.
    bool in_place = false;
};

/// Throws Error (cannot_create).
OutputTarget find_target(const std::filesystem::path& output);

/// An output that is whole or absent: bytes go to a temporary file beside `path`, which commit() moves into
/// place. Devices, pipes and standard output ("-") are written directly. A symbolic link is followed.
/// Of a file on disk that grows beyond kCachedBytes, written in pieces, the page cache keeps no more than a
/// few windows, so that an output of any size takes little memory of the machine either. A process ended by
/// SIGKILL leaves its temporary file, ".irene-PID-NUMBER", behind, which may be removed. A file without a
/// name (O_TMPFILE) would vanish with the process, but cannot be moved over an old file.
class OutputFile {
  public:
    /// A file of up to so many bytes is left in the page cache, where the next command finds it.
    static constexpr std::uint64_t kCachedBytes = std::uint64_t{256} << 20;
    static constexpr std::uint64_t kWindowBytes = std::uint64_t{2} << 20;

    /// Throws Error (cannot_create).
    explicit OutputFile(const std::filesystem::path& path);
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    /// Removes the temporary file unless commit() succeeded.
    ~OutputFile();

    /// Throws Error (cannot_write, broken_pipe).
    void write(std::string_view bytes);
    /// Flushes to the device, moves the file into place, and flushes its directory, so that it is still there
    /// after a loss of power. Throws Error (cannot_write); where the directory was refused, the file is
    /// there.
    void commit();

  private:
    [[noreturn]] void refuse(int error) const;
    [[noreturn]] void fail(int error) const;

    void write_behind();

    std::string name_;
    std::filesystem::path target_;
    std::string temporary_;  // empty when written directly
    int descriptor_ = -1;
    bool owned_ = true;
    bool writes_behind_ = false;
    // Bytes from the beginning of the file: those written, of these what the device has or is being given,
    // and of these what the page cache no longer holds.
    std::uint64_t written_ = 0, begun_ = 0, dropped_ = 0;
};

/// Writes a whole document through an OutputFile.
void write_document(const std::filesystem::path& path, std::string_view content);

/// Makes a directory and its parents. Throws Error (cannot_create).
void make_directories(const std::filesystem::path& path);

/// Throws Error (interrupted) where the flag is up.
void check(StopFlag stop);

}  // namespace irene::data
