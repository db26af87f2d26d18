#include "process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace irene::tests {

namespace {

struct Pipe {
    int read_end = -1;
    int write_end = -1;

    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        read_end = ends[0];
        write_end = ends[1];
    }
};

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

/// The environment of this process, and `more` in place of what has its name.
std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& more) {
    std::vector<std::string> all;
    for (char** variable = environ; *variable != nullptr; ++variable) all.emplace_back(*variable);
    for (const auto& addition : more) {
        const std::string beginning = addition.first + "=";
        std::erase_if(all, [&](const std::string& variable) { return variable.starts_with(beginning); });
        all.push_back(beginning + addition.second);
    }
    return all;
}

/// Null at the end, as exec(3) wants them.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

void check(int error, const std::string& what) {
    if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

/// What posix_spawn() is told of a process to start.
struct Spawning {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;

    Spawning() {
        check(::posix_spawn_file_actions_init(&files), "no process");
        check(::posix_spawnattr_init(&attributes), "no process");
    }
    Spawning(const Spawning&) = delete;
    Spawning& operator=(const Spawning&) = delete;
    ~Spawning() {
        ::posix_spawnattr_destroy(&attributes);
        ::posix_spawn_file_actions_destroy(&files);
    }
};

/// What processes started meanwhile may use of their stack; 0 leaves it as it is.
class StackLimit {
  public:
    explicit StackLimit(std::size_t kib) {
        if (kib == 0) return;
        ::getrlimit(RLIMIT_STACK, &before_.emplace());
        const rlimit little{.rlim_cur = kib * 1024, .rlim_max = before_->rlim_max};
        if (::setrlimit(RLIMIT_STACK, &little) != 0) throw std::runtime_error("no limit of the stack");
    }
    StackLimit(const StackLimit&) = delete;
    StackLimit& operator=(const StackLimit&) = delete;
    ~StackLimit() {
        if (before_) ::setrlimit(RLIMIT_STACK, &*before_);
    }

  private:
    std::optional<rlimit> before_;
};

/// Appends what is there to `text`; closes the descriptor and sets it to -1 at the end of the file.
void drain(int& descriptor, std::string& text) {
    std::array<char, 65536> buffer{};
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count > 0) {
        text.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
        ::close(descriptor);
        descriptor = -1;
    }
}

}  // namespace

std::filesystem::path tool_path(const std::string& name) {
    return std::filesystem::path(IRENE_TOOL_DIRECTORY) / name;
}

Process::Process(const Command& command) : input_(command.input), start_(std::chrono::steady_clock::now()) {
    // A tool may end before it has read its input; that is not to end the tests.
    std::signal(SIGPIPE, SIG_IGN);

    const std::string program = tool_path(command.arguments.at(0)).string();
    std::vector<std::string> arguments = command.arguments;
    std::vector<std::string> environment = environment_with(command.environment);
    Pipe input, output, errors;
    if (command.unread) close(output.read_end);
    // Not fork(): copying the page tables of a process under a sanitizer takes longer than most tools run.
    Spawning spawning;
    posix_spawn_file_actions_t* files = &spawning.files;
    check(::posix_spawn_file_actions_adddup2(files, input.read_end, STDIN_FILENO), program);
    check(command.output.empty()
              ? ::posix_spawn_file_actions_adddup2(files, output.write_end, STDOUT_FILENO)
              : ::posix_spawn_file_actions_addopen(files, STDOUT_FILENO, command.output.c_str(), O_WRONLY, 0),
          program);
    check(::posix_spawn_file_actions_adddup2(files, errors.write_end, STDERR_FILENO), program);
    if (!command.directory.empty()) {
        check(::posix_spawn_file_actions_addchdir_np(files, command.directory.c_str()), program);
    }
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&spawning.attributes, &signals);
    for (const int number : {SIGPIPE, SIGINT, SIGTERM}) ::sigaddset(&signals, number);
    ::posix_spawnattr_setsigdefault(&spawning.attributes, &signals);
    ::posix_spawnattr_setflags(&spawning.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    // Its peak of memory begins with ours, which is to be what we hold now.
    std::ofstream("/proc/self/clear_refs") << 5;
    {
        const StackLimit limit(command.stack_kib);
        check(::posix_spawn(&id_, program.c_str(), files, &spawning.attributes, pointers_to(arguments).data(),
                            pointers_to(environment).data()),
              program);
    }
    ::close(input.read_end);
    ::close(output.write_end);
    ::close(errors.write_end);
    input_descriptor_ = input.write_end;
    output_descriptor_ = output.read_end;
    errors_descriptor_ = errors.read_end;
    for (const int descriptor : {input_descriptor_, output_descriptor_, errors_descriptor_}) {
        if (descriptor >= 0) ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    }
}

Process::~Process() {
    if (id_ > 0) {
        ::kill(id_, SIGKILL);
        ::waitpid(id_, nullptr, 0);
    }
    close(input_descriptor_);
    close(output_descriptor_);
    close(errors_descriptor_);
}

void Process::close(int& descriptor) {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
}

void Process::signal(int number) const { ::kill(id_, number); }

void Process::write(std::string_view bytes) const {
    if (::write(input_descriptor_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
        throw std::runtime_error("more than a pipe holds");
    }
}

void Process::wait_until_idle() const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    std::string last_time;
    int quiet_looks = 0;
    while (quiet_looks < 3 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        // proc(5): state is the field behind the name; user and system time are the 12th and 13th from it on.
        std::ifstream file("/proc/" + std::to_string(id_) + "/stat");
        std::string stat((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        const std::size_t behind_name = stat.rfind(')');
        if (behind_name == std::string::npos || behind_name + 2 >= stat.size()) return;
        const char state = stat[behind_name + 2];
        if (state == 'Z' || state == 'X') return;
        std::size_t begin = behind_name + 2;
        for (int field = 0; field < 11; ++field) begin = stat.find(' ', begin) + 1;
        const std::string time = stat.substr(begin, stat.find(' ', stat.find(' ', begin) + 1) - begin);
        quiet_looks = state == 'S' && time == last_time ? quiet_looks + 1 : 0;
        last_time = time;
    }
}

Result Process::finish(std::chrono::milliseconds limit, bool keep_input_open) {
    Result result;
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::string_view unwritten = input_;
    while (output_descriptor_ >= 0 || errors_descriptor_ >= 0) {
        if (unwritten.empty() && !keep_input_open) close(input_descriptor_);
        // poll() passes over negative descriptors.
        std::array<pollfd, 3> polled{pollfd{output_descriptor_, POLLIN, 0},
                                     pollfd{errors_descriptor_, POLLIN, 0},
                                     pollfd{unwritten.empty() ? -1 : input_descriptor_, POLLOUT, 0}};
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            ::kill(id_, SIGKILL);
            break;
        }
        if (::poll(polled.data(), polled.size(), static_cast<int>(left.count())) <= 0) continue;
        if (polled[0].revents != 0) drain(output_descriptor_, result.output);
        if (polled[1].revents != 0) drain(errors_descriptor_, result.errors);
        if (polled[2].revents != 0) {
            const ssize_t count = ::write(input_descriptor_, unwritten.data(), unwritten.size());
            if (count >= 0) {
                unwritten.remove_prefix(static_cast<std::size_t>(count));
            } else if (errno != EINTR && errno != EAGAIN) {
                unwritten = {};  // it reads no more
            }
        }
    }
    int status = 0;
    rusage used{};
    while (::wait4(id_, &status, 0, &used) < 0 && errno == EINTR) {
    }
    id_ = -1;
    if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    result.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
    result.peak_resident_mib = static_cast<std::size_t>(used.ru_maxrss) / 1024;
    result.wall =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start_);
    return result;
}

Result run(const Command& command) { return Process(command).finish(); }

std::vector<std::string> split_arguments(std::string_view line) {
    std::vector<std::string> arguments;
    bool inside = false;  // an argument
    bool quoted = false;
    for (const char c : line) {
        if (c == '\'') {
            quoted = !quoted;
            if (!inside) arguments.emplace_back();
            inside = true;
        } else if (c == ' ' && !quoted) {
            inside = false;
        } else {
            if (!inside) arguments.emplace_back();
            inside = true;
            arguments.back() += c;
        }
    }
    return arguments;
}

}  // namespace irene::tests
