// The one exception type of the library.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace irene {

/// A flag the caller may raise from another thread or a signal handler; the library then throws
/// Error (interrupted) at its next convenience. May be null.
using StopFlag = const std::atomic<bool>*;

/// Told what the user should know of work that is done all the same, a line each, once it is done; of lines
/// that are left out, while they are. May be empty: then nobody is told. Never called by two threads at once.
using Warn = std::function<void(const std::string& warning)>;

/// What went wrong, as the caller has to react to it. The command-line tools turn each into an exit code.
enum class ErrorKind {
    usage,          ///< an option or a config asks for something that cannot be honoured (64)
    data,           ///< a data or model file is malformed or does not fit (65)
    no_input,       ///< an input does not exist or cannot be read (66)
    cannot_create,  ///< an output cannot be created (73)
    cannot_write,   ///< writing an output failed (74)
    broken_pipe,    ///< the reader of our output has gone
    interrupted,    ///< the caller asked to stop
};

/// Where in the input it went wrong; members left empty are not mentioned.
struct Place {
    std::string file = {};   ///< path, or "standard input"
    std::size_t line = 0;    ///< from 1; 0: not known
    std::size_t byte = 0;    ///< position in the line from 1; 0: not known
    std::string node = {};   ///< scope of the node
    std::string field = {};  ///< key in the document
};

/// A refusal. what() is one printable line: "FILE:LINE: node 'SCOPE': field 'KEY': MESSAGE".
/// The line is printable(), and over-long names from the input are cut, so that it stays one line.
class Error : public std::runtime_error {
  public:
    Error(ErrorKind kind, const std::string& message, Place place = {});

    ErrorKind kind() const noexcept { return kind_; }
    const Place& place() const noexcept { return place_; }

    /// The same refusal, with the same place, as another kind: what is wrong may mean something else to the
    /// caller's caller.
    Error as(ErrorKind kind) const { return {kind, message_, place_}; }
    /// The same refusal in a file that its thrower did not know.
    Error in_file(const std::string& file) const;

  private:
    ErrorKind kind_;
    std::string message_;  // what() without the place
    Place place_;
};

/// `text` made fit for a terminal: control characters (C0, DEL, C1), format characters such as those that
/// turn the direction of writing, line and paragraph separators and what Unicode has not assigned are
/// escaped, as in \x1b and \u202e, and bytes that are not UTF-8 as in \xff. Printable text stays as it is.
std::string printable(std::string_view text);

/// `text` made printable, cut after 120 bytes, in single quotes.
std::string in_quotes(std::string_view text);

/// The one of `candidates` that `text` is a slip of: a letter or two are wrong, '-' stands for '_', or one is
/// the beginning of the other. For "did you mean"; none where none is near.
std::optional<std::string> near_miss(std::string_view text, const std::vector<std::string>& candidates);

}  // namespace irene
