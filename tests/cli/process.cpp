#include "process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <fcntl.h>
#include <poll.h>
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

    // Everything that allocates happens before fork().
    const std::string program = tool_path(command.arguments.at(0)).string();
    std::vector<char*> arguments;
    for (const std::string& argument : command.arguments)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    const Pipe input, output, errors;
    id_ = ::fork();
    if (id_ < 0) throw std::runtime_error("no process");
    if (id_ == 0) {
        for (const int number : {SIGPIPE, SIGINT, SIGTERM}) std::signal(number, SIG_DFL);
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        const int target =
            command.output.empty() ? output.write_end : ::open(command.output.c_str(), O_WRONLY | O_CLOEXEC);
        if (::dup2(input.read_end, STDIN_FILENO) < 0 || ::dup2(target, STDOUT_FILENO) < 0 ||
            ::dup2(errors.write_end, STDERR_FILENO) < 0 ||
            (!command.directory.empty() && ::chdir(command.directory.c_str()) != 0)) {
            ::_exit(126);
        }
        if (command.stack_kib > 0) {
            const rlimit stack{.rlim_cur = command.stack_kib * 1024, .rlim_max = command.stack_kib * 1024};
            if (::setrlimit(RLIMIT_STACK, &stack) != 0) ::_exit(126);
        }
        for (const auto& [name, value] : command.environment) ::setenv(name.c_str(), value.c_str(), 1);
        ::execv(program.c_str(), arguments.data());
        ::_exit(127);
    }
    ::close(input.read_end);
    ::close(output.write_end);
    ::close(errors.write_end);
    input_descriptor_ = input.write_end;
    output_descriptor_ = output.read_end;
    errors_descriptor_ = errors.read_end;
    for (const int descriptor : {input_descriptor_, output_descriptor_, errors_descriptor_}) {
        ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
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

void Process::close_output() { close(output_descriptor_); }

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
