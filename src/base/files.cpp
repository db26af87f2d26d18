#include "base/files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace irene::base {

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void cannot_create(const std::filesystem::path& output, int error) {
    throw Error(ErrorKind::cannot_create, "cannot be created: " + reason(error), {.file = output.string()});
}

/// Flushes a directory, so that a renamed file is still there after a loss of power. Returns errno, or 0,
/// also where the file system has no such operation.
int sync_directory(const std::filesystem::path& directory) {
    const int descriptor =
        ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return errno == EACCES ? 0 : errno;  // a directory may be writable and not readable
    const int error = ::fsync(descriptor) == 0 || errno == EINVAL || errno == ENOSYS ? 0 : errno;
    ::close(descriptor);
    return error;
}

}  // namespace

std::string display_name(const std::filesystem::path& input) {
    return input == "-" ? "standard input" : input.string();
}

bool is_there(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

void check(StopFlag stop) {
    if (stop != nullptr && stop->load(std::memory_order_relaxed))
        throw Error(ErrorKind::interrupted, "interrupted");
}

InputFile::InputFile(const std::filesystem::path& path, StopFlag stop)
    : ByteSource(display_name(path)), stop_(stop) {
    if (path.empty()) throw Error(ErrorKind::no_input, "an input has an empty name");
    if (path == "-") {
        descriptor_ = STDIN_FILENO;
    } else {
        // open() of a named pipe waits for a writer, for ever and deaf to the stop flag. So it does not wait,
        // and wait() does, with breaks.
        std::error_code ignored;
        const bool is_pipe = std::filesystem::is_fifo(path, ignored);
        do {
            check(stop_);
            descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | (is_pipe ? O_NONBLOCK : 0));
        } while (descriptor_ < 0 && errno == EINTR);
    }
    struct stat status {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) {
        throw Error(ErrorKind::no_input, "cannot be read: " + reason(errno), {.file = name()});
    }
    waits_ = !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

bool InputFile::wait() const {
    // read() of a pipe or a terminal may wait for ever, also after a signal, which another thread may have
    // got. So the wait is cut into short ones, and the caller looks at the stop flag between them.
    constexpr int kMilliseconds = 100;
    pollfd poll_for{.fd = descriptor_, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&poll_for, 1, kMilliseconds);
    return ready > 0 || (ready < 0 && errno != EINTR);  // read() tells what other error there is
}

InputFile::~InputFile() {
    if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
}

std::size_t InputFile::read(char* out, std::size_t size, StopFlag given_up) {
    while (true) {
        check(stop_);
        check(given_up);
        if (waits_ && !wait()) continue;
        const ssize_t count = ::read(descriptor_, out, size);
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR && errno != EAGAIN)  // of a pipe, where another reader was faster
            throw Error(ErrorKind::no_input, "cannot be read: " + reason(errno), {.file = name()});
    }
}

std::string read_document(const std::filesystem::path& path, ErrorKind too_large, StopFlag stop,
                          std::size_t max_bytes) {
    InputFile input(path, stop);
    std::string content;
    std::size_t size = 0;
    while (true) {
        content.resize(std::max(size + 4096, size * 2));
        const std::size_t count = input.read(content.data() + size, content.size() - size);
        if (count == 0) break;
        size += count;
        if (size > max_bytes) {
            throw Error(too_large, "larger than " + std::to_string(max_bytes >> 20) + " MiB",
                        {.file = input.name()});
        }
    }
    content.resize(size);
    return content;
}

OutputTarget find_target(const std::filesystem::path& output) {
    if (output == "-") return {.path = output, .in_place = true};
    if (output.empty()) throw Error(ErrorKind::cannot_create, "an output has an empty name");
    OutputTarget target{.path = output, .in_place = false};
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(target.path, error);
    if (std::filesystem::is_directory(status)) cannot_create(output, EISDIR);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        target.in_place = true;
        return target;
    }
    // Follow links by hand: the last one may point to a file that does not exist yet. Links of /proc, to
    // which those of /dev lead, stand for open descriptors, not for names.
    for (int links = 0; std::filesystem::is_symlink(target.path, error); ++links) {
        target.in_place = target.path.string().starts_with("/proc/");
        if (target.in_place) break;
        if (links == 40) cannot_create(output, ELOOP);
        const std::filesystem::path next = std::filesystem::read_symlink(target.path, error);
        if (error) cannot_create(output, error.value());
        target.path = target.path.parent_path() / next;
    }
    return target;
}

OutputFile::OutputFile(const std::filesystem::path& path) {
    const OutputTarget target = find_target(path);
    target_ = target.path;
    if (path == "-") {
        name_ = "standard output";
        descriptor_ = STDOUT_FILENO;
        owned_ = false;
        return;
    }
    name_ = path.string();
    if (target.in_place) {
        descriptor_ = ::open(target_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
        if (descriptor_ < 0) refuse(errno);
        return;
    }
    struct stat existing {};
    const bool exists = ::stat(target_.c_str(), &existing) == 0;
    if (!exists && errno == ENAMETOOLONG) refuse(errno);  // else it would be seen once all is written
    const bool replaces = exists && S_ISREG(existing.st_mode);
    if (replaces && ::access(target_.c_str(), W_OK) != 0) refuse(errno);
    // Not made from the output's name, which may be as long as the file system allows.
    const std::string stem =
        (target_.parent_path() / (".irene-" + std::to_string(::getpid()) + "-")).string();
    for (int attempt = 0; descriptor_ < 0; ++attempt) {
        temporary_ = stem + std::to_string(attempt);
        descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor_ >= 0) break;
        const int failure = errno;
        temporary_.clear();
        if (failure != EEXIST && failure != EINTR) refuse(failure);
    }
    if (replaces) (void)::fchmod(descriptor_, existing.st_mode & 07777);
}

void OutputFile::refuse(int error) const { cannot_create(name_, error); }

OutputFile::~OutputFile() {
    if (owned_ && descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::fail(int error) const {
    if (error == EPIPE) throw Error(ErrorKind::broken_pipe, "the reader has gone", {.file = name_});
    throw Error(ErrorKind::cannot_write, "cannot be written: " + reason(error), {.file = name_});
}

void OutputFile::write(std::string_view bytes) {
    written_ += bytes.size();
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            fail(errno);
        }
    }
    if (!temporary_.empty()) begin_writing();
}

void OutputFile::begin_writing() {
    // Windows end where pages of up to 2 MiB do: one shared by two windows would be written twice.
    constexpr std::uint64_t kWindowBytes = std::uint64_t{2} << 20;
    if (written_ - begun_ < kWindowBytes) return;
    const std::uint64_t end = written_ - written_ % kWindowBytes;
#ifdef __linux__
    // Where this fails, commit() writes all, and tells what is wrong with the device.
    (void)::sync_file_range(descriptor_, static_cast<std::int64_t>(begun_),
                            static_cast<std::int64_t>(end - begun_), SYNC_FILE_RANGE_WRITE);
#endif
    begun_ = end;
}

void OutputFile::commit() {
    if (temporary_.empty()) return;
    if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != ENOSYS) fail(errno);
    if (::close(std::exchange(descriptor_, -1)) != 0) fail(errno);
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
    temporary_.clear();
    if (const int error = sync_directory(target_.parent_path()); error != 0) fail(error);
}

void write_document(const std::filesystem::path& path, std::string_view content) {
    OutputFile file(path);
    file.write(content);
    file.commit();
}

void make_directories(const std::filesystem::path& path) {
    if (path.empty()) throw Error(ErrorKind::cannot_create, "a directory has an empty name");
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) {
        throw Error(ErrorKind::cannot_create, "directory cannot be made: " + error.message(),
                    {.file = path.string()});
    }
    if (!std::filesystem::is_directory(path, error)) {
        throw Error(ErrorKind::cannot_create, "is not a directory", {.file = path.string()});
    }
}

}  // namespace irene::base
