// Files as the toolkit needs them: whole small documents, and outputs that are whole or absent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "irene/error.hpp"

namespace irene::base {

/// How a path is called in messages: "-" is "standard input".
std::string display_name(const std::filesystem::path& input);

/// Whether there is anything at a path, as far as can be told.
bool is_there(const std::filesystem::path& path);

/// Where bytes come from, in their order.
class ByteSource {
  public:
    /// `name` is what messages call it.
    explicit ByteSource(std::string name) : name_(std::move(name)) {}
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;

    /// Reads up to `size` bytes; 0 at the end. Throws Error (interrupted, also where `given_up` is up; what
    /// reading throws).
    virtual std::size_t read(char* out, std::size_t size, StopFlag given_up) = 0;
    const std::string& name() const noexcept { return name_; }

  private:
    std::string name_;
};

/// An open file descriptor for reading; closes it unless it is standard input.
class InputFile : public ByteSource {
  public:
    /// Throws Error (no_input).
    explicit InputFile(const std::filesystem::path& path, StopFlag stop = nullptr);
    ~InputFile() override;

    /// Throws Error (no_input), and as every source does.
    std::size_t read(char* out, std::size_t size, StopFlag given_up = nullptr) override;

  private:
    bool wait() const;

    int descriptor_ = -1;
    bool waits_ = false;  // a read may have to wait for a writer: a pipe, a terminal, a device
    StopFlag stop_ = nullptr;
};

/// The whole content of a small file. Throws Error: no_input where it cannot be read; `too_large` kind where
/// it holds more than `max_bytes`.
std::string read_document(const std::filesystem::path& path, ErrorKind too_large, StopFlag stop = nullptr,
                          std::size_t max_bytes = std::size_t{64} << 20);

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
/// A process ended by SIGKILL leaves its temporary file, ".irene-PID-NUMBER", behind, which may be removed. A
/// file without a name (O_TMPFILE) would vanish with the process, but cannot be moved over an old file.
class OutputFile {
  public:
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

    /// Tells the device to begin with what was written, as commit() has to wait for all of it.
    void begin_writing();

    std::string name_;
    std::filesystem::path target_;
    std::string temporary_;  // empty when written directly
    int descriptor_ = -1;
    bool owned_ = true;
    // Bytes from the beginning of the file: those written, and of these what the device was told to write.
    std::uint64_t written_ = 0, begun_ = 0;
};

/// Writes a whole document through an OutputFile.
void write_document(const std::filesystem::path& path, std::string_view content);

/// Makes a directory and its parents. Throws Error (cannot_create).
void make_directories(const std::filesystem::path& path);

/// Throws Error (interrupted) where the flag is up.
void check(StopFlag stop);

}  // namespace irene::base
