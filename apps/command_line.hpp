// What the tools share: options read strictly, words on stderr, exit codes, signals.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <spdlog/fmt/fmt.h>  // the rest of spdlog, which takes 4 s to read, stays in command_line.cpp

#include "irene/config.hpp"
#include "irene/dataset.hpp"
#include "irene/model.hpp"
#include "irene/table.hpp"

#include "documentation.hpp"

namespace CLI {
class App;
class Option;
class ParseError;
}  // namespace CLI

namespace irene::apps {

/// Exit codes, those of sysexits.h where it has one.
enum ExitCode : int {
    kDone = 0,
    kUsage = 64,
    kBadData = 65,
    kNoInput = 66,
    kBug = 70,
    kCannotCreate = 73,
    kCannotWrite = 74,
};

/// A command-line tool: its options, its log, and the translation of what happens into an exit code.
class Tool {
  public:
    /// `examples` are commands, a line each.
    Tool(const std::string& name, const std::string& description, std::vector<std::string> examples);

    Tool(const Tool&) = delete;
    Tool& operator=(const Tool&) = delete;
    ~Tool();

    // An argument is known by its name, an option by its flags. What is read goes to a variable of the
    // caller's, which holds the default.
    void add_required(const std::string& name, const Value& value, const std::string& help,
                      std::string& store);
    /// Any value; its choices are examples.
    void add_text(const std::string& name, const Value& value, const std::string& help, std::string& store);
    void add_choice(const std::string& name, const Value& value, const std::string& help, std::string& store);
    /// An argument takes all words that are left; an option one word, each time that it is given.
    void add_list(const std::string& name, const Value& value, const std::string& help,
                  std::vector<std::string>& store);
    /// A list of the value's choices, with its separator between them.
    void add_choices(const std::string& name, const Value& value, const std::string& help,
                     std::vector<std::string>& store);
    void add_flag(const std::string& flags, const std::string& help, bool& value);
    /// The two options cannot be given together.
    void exclude(const std::string& name, const std::string& other);
    bool is_given(const std::string& name) const;

    /// A whole number within [min, max], in decimal digits and nothing else.
    void add_whole_number(const std::string& flags, std::uint64_t min, std::uint64_t max,
                          const std::string& help, std::function<void(std::uint64_t)> store);
    /// A number strictly between 0 and 1.
    void add_probability(const std::string& flags, const std::string& help,
                         std::function<void(double)> store);
    /// Whole numbers from `least` to 2^26 and ranges of them, FIRST:LAST or FIRST:LAST:STEP, separated by
    /// commas.
    void add_sizes(const std::string& flags, const std::string& help, std::vector<std::int64_t>& store,
                   std::int64_t least = 1);
    /// --format, and --json for short.
    void add_table_format();
    /// --threads; by default as many as the process may use.
    void add_threads(const std::string& help);
    /// --config, --config_filepath
    void add_config();
    /// --device, which replaces that of the config; see config_arguments.hpp
    void add_device(const std::string& help);
    /// --max_line_bytes
    void add_max_line_bytes();
    /// --seed, by default the reference's.
    void add_seed();

    /// That of --device, where it is given.
    std::optional<Device> device() const;
    TableFormat table_format() const noexcept { return table_format_; }
    unsigned threads() const noexcept { return threads_; }
    std::uint32_t seed() const noexcept { return seed_; }
    std::size_t max_line_bytes() const noexcept { return max_line_bytes_; }
    /// The files that are read: those given, and those of --config and --device where there are such.
    std::vector<std::filesystem::path> inputs(std::vector<std::filesystem::path> others) const;
    /// The config of --config, with its warnings logged, or the default one; with the device of --device.
    Config load_config() const;
    /// A trained model, with warnings of its file logged.
    static Model load_model(const std::filesystem::path& directory);

    /// Says what the user should be told, in a line on standard error: the one place where tools do.
    static void warn(const std::string& warning);
    static void inform(const std::string& words);
    static void refuse(const std::string& error);
    /// Where --verbose asks for it.
    static void debug(const std::string& words);

    /// Up once SIGINT or SIGTERM arrived.
    static const std::atomic<bool>* stop_flag() noexcept;
    bool quiet() const noexcept { return quiet_; }
    bool verbose() const noexcept { return verbose_; }

    /// Parses the command line and calls `body`, which returns an exit code.
    int run(int argc, char** argv, const std::function<int()>& body);

  private:
    /// Prints a manual page or a completion, and throws CLI::Success.
    void generate(const std::string& what) const;
    /// All options and arguments that help shows.
    ToolDescription description() const;
    CLI::Option* describe(CLI::Option* option, const Value& value);
    int fail(const std::string& message, int code) const;
    void parse(int argc, char** argv);
    std::vector<std::string> option_names() const;
    /// What cannot be parsed, with what may have been meant.
    std::string what_is_wrong(const CLI::ParseError& error) const;

    // CLI11 takes longer to compile than all else of a tool: only what implements this class includes it.
    std::unique_ptr<CLI::App> app_;
    std::map<const CLI::Option*, Value> values_;
    std::string name_;
    std::vector<std::string> examples_;
    unsigned threads_;
    std::uint32_t seed_;
    std::size_t max_line_bytes_ = kMaxLineBytes;
    std::string config_path_;
    std::string device_;  ///< as it is given
    TableFormat table_format_ = TableFormat::text;
    bool quiet_ = false;
    bool verbose_ = false;
};

/// How an input is called in messages.
std::string input_name(const std::string& path);

/// Writes a result to standard output. Throws Error (cannot_write, broken_pipe, interrupted).
void print(const std::string& text);

}  // namespace irene::apps
