#include "command_line.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <CLI/CLI.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "irene/error.hpp"
#include "irene/shipped.hpp"
#include "irene/tasks.hpp"
#include "irene/version.hpp"

#include "commit.hpp"
#include "config_arguments.hpp"
#include "heap.hpp"

namespace irene::apps {

namespace {

// Global, as signal handlers write them.
std::atomic<bool> stop_requested{false};
std::atomic<int> stop_signal{0};

void request_stop(int signal) {
    stop_signal = signal;
    stop_requested = true;
}

void install_signal_handlers() {
    struct sigaction action {};
    action.sa_handler = request_stop;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    // Without the signal, write() tells that the reader has gone, and temporary files are removed.
    std::signal(SIGPIPE, SIG_IGN);
}

[[noreturn]] void end_by_broken_pipe() {
    std::signal(SIGPIPE, SIG_DFL);
    std::raise(SIGPIPE);
    std::_Exit(kCannotWrite);
}

int exit_code(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::usage:
            return kUsage;
        case ErrorKind::data:
            return kBadData;
        case ErrorKind::no_input:
            return kNoInput;
        case ErrorKind::cannot_create:
            return kCannotCreate;
        case ErrorKind::cannot_write:
        case ErrorKind::broken_pipe:
            return kCannotWrite;
        case ErrorKind::interrupted:
            return 128 + stop_signal;
    }
    return kBug;
}

std::string first_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

/// The message of a log line, made fit for a terminal: it may quote a name, a path or an argument.
class PrintableMessage : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
        const std::string text = printable({message.payload.data(), message.payload.size()});
        out.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<PrintableMessage>();
    }
};

/// Words go to standard error, as "irene-train: warning: ...", a line each.
std::shared_ptr<spdlog::logger> make_logger(const std::string& tool) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<PrintableMessage>('*').set_pattern("%n: %l: %*");
    auto logger = spdlog::stderr_logger_st(tool);
    logger->set_formatter(std::move(formatter));
    return logger;
}

/// Where IRENE_KERNELS names kernels that this machine does not have.
void warn_of_kernels() {
    if (absent_kernel().empty()) return;
    std::string known;
    for (const std::string_view name : kernel_names())
        known += (known.empty() ? "" : ", ") + std::string(name);
    Tool::warn(fmt::format("IRENE_KERNELS: {} is none of this machine's kernels, which are {}; {} is in use",
                           in_quotes(absent_kernel()), known, kernel_in_use()));
}

/// What --version prints.
std::string version_text(const std::string& tool) {
    std::string text = tool + " " + std::string(version());
    if (!commit().empty()) text += " (" + std::string(commit()) + ")";
    text += "\nkernels:";
    for (const std::string_view name : kernel_names()) text += " " + std::string(name);
    return text + "; in use: " + std::string(kernel_in_use());
}

}  // namespace

Tool::Tool(const std::string& name, const std::string& description, std::vector<std::string> examples)
    : app_(std::make_unique<CLI::App>(description, name)),
      name_(name),
      examples_(std::move(examples)),
      threads_(std::clamp(std::thread::hardware_concurrency(), 1U, 1024U)),
      seed_(kDefaultSeed) {
    app_->set_version_flag("--version", version_text(name),
                           "Print the version, the commit and the kernels, and exit");
    app_->set_help_flag("-h,--help", "Print this help and exit");
    app_->add_flag("-q,--quiet", quiet_, "Say nothing on stderr but errors");
    app_->add_flag("-v,--verbose", verbose_, "Say more on stderr");
    // For the build, which installs what they print; users have --help.
    app_->add_option_function<std::string>("--generate", [this](const std::string& what) { generate(what); })
        ->check(CLI::IsMember({"man", "bash", "zsh", "fish"}))
        ->group("");
    std::string footer = "Examples:";
    for (const std::string& example : examples_) footer += "\n  " + example;
    app_->footer(footer);
}

Tool::~Tool() = default;

std::vector<std::filesystem::path> Tool::inputs(std::vector<std::filesystem::path> others) const {
    if (app_->count("--config") > 0) others.emplace_back(config_path_);
    if (is_device_file(device_)) others.emplace_back(device_);
    return others;
}

std::optional<Device> Tool::device() const {
    if (app_->count("--device") == 0) return std::nullopt;
    return device_argument(device_, stop_flag());
}

Config Tool::load_config() const {
    Config config;
    if (app_->count("--config") > 0)
        config = irene::load_config(config_path_, stop_flag(), warn, device_folders());
    if (app_->count("--device") == 0) return config;
    config.device = device();
    try {
        config.validate();
    } catch (const Error& error) {
        throw error.in_file("--device");
    }
    return config;
}

Model Tool::load_model(const std::filesystem::path& directory) { return irene::load_model(directory, warn); }

void Tool::warn(const std::string& warning) { spdlog::warn("{}", warning); }
void Tool::inform(const std::string& words) { spdlog::info("{}", words); }
void Tool::refuse(const std::string& error) { spdlog::error("{}", error); }
void Tool::debug(const std::string& words) { spdlog::debug("{}", words); }

const std::atomic<bool>* Tool::stop_flag() noexcept { return &stop_requested; }

ToolDescription Tool::description() const {
    ToolDescription tool{
        .name = name_, .summary = app_->get_description(), .examples = examples_, .arguments = {}};
    for (const CLI::Option* option : app_->get_options()) {
        if (option->get_group().empty()) continue;  // not in --help either
        Argument& argument = tool.arguments.emplace_back();
        for (const std::string& name : option->get_snames()) argument.flags.push_back("-" + name);
        for (const std::string& name : option->get_lnames()) argument.flags.push_back("--" + name);
        if (argument.flags.empty()) argument.name = option->get_name(true);
        if (const auto value = values_.find(option); value != values_.end()) argument.value = value->second;
        argument.help = option->get_description();
        argument.is_required = option->get_required();
        argument.repeats = option->get_items_expected_max() > 1;
    }
    return tool;
}

void Tool::generate(const std::string& what) const {
    const ToolDescription tool = description();
    print(what == "man"    ? man_page(tool)
          : what == "bash" ? bash_completion(tool)
          : what == "zsh"  ? zsh_completion(tool)
                           : fish_completion(tool));
    throw CLI::Success();
}

std::vector<std::string> Tool::option_names() const {
    std::vector<std::string> names;
    for (const CLI::Option* option : app_->get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

void Tool::parse(int argc, char** argv) {
    const std::vector<std::string> known = option_names();
    const auto is_known = [&known](const std::string& name) {
        return std::find(known.begin(), known.end(), name) != known.end();
    };
    std::vector<std::string> arguments;
    bool options_may_follow = true;
    for (int i = 1; i < argc; ++i) {
        std::string& argument = arguments.emplace_back(argv[i]);
        options_may_follow = options_may_follow && argument != "--";
        if (!options_may_follow || !argument.starts_with("--")) continue;
        // Options are spelled with '_', as the keys of the data files are; '-' in its place will do.
        std::string name = argument.substr(0, argument.find('='));
        std::replace(name.begin() + 2, name.end(), '-', '_');
        if (is_known(name)) argument.replace(0, name.size(), name);
    }
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    app_->parse(std::move(arguments));
}

std::string Tool::what_is_wrong(const CLI::ParseError& error) const {
    // The value of an unknown option is taken for an argument, and may be one too many. The mistake is the
    // option.
    for (const std::string& argument : app_->remaining()) {
        if (!argument.starts_with("--") || argument == "--") continue;
        const std::string name = argument.substr(0, argument.find('='));
        const std::optional<std::string> meant = near_miss(name, option_names());
        return in_quotes(name) + " was not expected" + (meant ? "; did you mean " + *meant + "?" : "");
    }
    return first_line(error.what());
}

int Tool::fail(const std::string& message, int code) const {
    spdlog::error("{}", message);
    return code;
}

int Tool::run(int argc, char** argv, const std::function<int()>& body) {
    prepare_heap();
    const auto logger = make_logger(name_);
    spdlog::set_default_logger(logger);
    try {
        try {
            parse(argc, argv);
        } catch (const CLI::CallForHelp&) {
            print(app_->help());
            return kDone;
        } catch (const CLI::CallForVersion& version) {
            print(std::string(version.what()) + "\n");
            warn_of_kernels();
            return kDone;
        } catch (const CLI::Success&) {
            return kDone;
        } catch (const CLI::ParseError& error) {
            return fail(what_is_wrong(error) + "; see " + name_ + " --help", kUsage);
        }
        if (quiet_) {
            logger->set_level(spdlog::level::err);
        } else if (verbose_) {
            logger->set_level(spdlog::level::debug);
        }
        warn_of_kernels();
        install_signal_handlers();
        return body();
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::broken_pipe) end_by_broken_pipe();
        return fail(error.what(), exit_code(error.kind()));
    } catch (const std::bad_alloc&) {
        return fail("out of memory", kBug);
    } catch (const std::exception& error) {
        return fail(std::string("a bug; please report it: ") + error.what(), kBug);
    }
}

std::string input_name(const std::string& path) { return path == "-" ? "standard input" : in_quotes(path); }

void print(const std::string& text) {
    const Place place{.file = "standard output"};
    for (std::string_view rest = text; !rest.empty();) {
        // A write that waits for its reader returns after a signal, with less or with EINTR.
        if (stop_requested) throw Error(ErrorKind::interrupted, "interrupted");
        const ssize_t count = ::write(STDOUT_FILENO, rest.data(), rest.size());
        if (count >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EPIPE) {
            throw Error(ErrorKind::broken_pipe, "the reader has gone", place);
        } else if (errno != EINTR) {
            throw Error(ErrorKind::cannot_write,
                        "cannot be written: " + std::generic_category().message(errno), place);
        }
    }
}

}  // namespace irene::apps
