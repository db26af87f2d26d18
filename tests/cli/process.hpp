// Runs one of the tools as a process of its own and keeps everything that can be seen of it from outside.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace irene::tests {

/// Where the build puts a tool.
std::filesystem::path tool_path(const std::string& name);

/// What to run. The tool is looked up in the folder the build puts executables in; an absolute path is taken
/// as it is.
struct Command {
    std::vector<std::string> arguments = {};  ///< the tool's name first
    std::string input = {};                   ///< bytes on its standard input, which then ends
    std::vector<std::pair<std::string, std::string>> environment = {};  ///< added to ours
    std::filesystem::path directory = {};                               ///< to run in; empty: ours
    std::filesystem::path output = {};  ///< where its standard output goes; empty: it is captured
    bool unread = false;                ///< whether nobody reads its standard output: a pipe closed at once
    std::size_t stack_kib = 0;          ///< of each of its threads; 0: ours
};

/// What became of it.
struct Result {
    int exit_code = -1;  ///< -1 when a signal ended it
    int signal = 0;      ///< that ended it; 0 when it exited
    std::string output = {};
    std::string errors = {};
    double cpu_seconds = 0.0;           ///< user and system
    std::size_t peak_resident_mib = 0;  ///< includes what the caller had resident, so keep that small
    std::chrono::milliseconds wall = {};
};

/// A process under way, for tests that talk to it; run() is simpler. Its pipes are served by finish() only.
class Process {
  public:
    explicit Process(const Command& command);
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    /// Ends the process by SIGKILL where it is still under way.
    ~Process();

    /// Sends a signal.
    void signal(int number) const;
    /// Writes to its standard input, which stays open. Only for amounts that fit into a pipe.
    void write(std::string_view bytes) const;
    /// Waits until the process has blocked or ended: it is asleep at two looks in a row.
    void wait_until_idle() const;
    /// Feeds `input` and collects the output until the process ends; ends it by SIGKILL after `limit`.
    /// With `keep_input_open` the standard input stays an idle pipe.
    Result finish(std::chrono::milliseconds limit = std::chrono::seconds(60), bool keep_input_open = false);

  private:
    void close(int& descriptor);

    pid_t id_ = -1;
    std::string input_;
    int input_descriptor_ = -1;
    int output_descriptor_ = -1;
    int errors_descriptor_ = -1;
    std::chrono::steady_clock::time_point start_;
};

/// Runs the command to its end.
Result run(const Command& command);

/// Splits a line at spaces into arguments; '...' keeps spaces together and may be empty. Nothing else is
/// special.
std::vector<std::string> split_arguments(std::string_view line);

}  // namespace irene::tests
