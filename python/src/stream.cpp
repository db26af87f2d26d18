// Runs as they are predicted. Threads of the library read and predict; Python takes run after run, from a
// queue that holds a few, so that memory does not grow with the input. No thread but Python's own runs
// Python: lines that Python gives are pushed by it, whenever it waits for runs and the library for lines.
#include "stream.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>
#include <unistd.h>

#include "irene/model.hpp"
#include "irene/tasks.hpp"

#include "ending.hpp"
#include "runs.hpp"
#include "work.hpp"

namespace py = pybind11;

namespace irene::python {

namespace {

constexpr std::size_t kMaxRuns = 256;                       // that wait for Python
constexpr std::size_t kMaxRunBytes = std::size_t{8} << 20;  // of their lines, or a single one of more
constexpr std::size_t kMaxGivenBytes = std::size_t{1} << 20;
constexpr std::chrono::milliseconds kBetweenSignals{50};

/// What next() found.
enum class Next : unsigned char { run, wants_lines, end };

class Stream {
  public:
    Stream(const Model& model, std::optional<std::filesystem::path> input, PredictOptions options)
        : model_(model), input_(std::move(input)), options_(std::move(options)), owner_(::getpid()) {
        options_.stop = &stop_;
        options_.warn = [this](const std::string& warning) {
            const std::lock_guard lock(mutex_);
            warnings_.push_back(warning);
        };
        thread_ = std::thread([this] { predict(); });
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { close(); }

    /// Whether this is the process that the thread is in. A process that was forked off has a copy of
    /// everything but the thread.
    bool is_here() const noexcept { return ::getpid() == owner_; }

    /// Ends the work, and waits for that. May be called again.
    void close() noexcept {
        if (!is_here()) return;
        stop_ = true;
        {
            const std::lock_guard lock(mutex_);
            has_ended_input_ = true;
        }
        changed_.notify_all();
        const std::lock_guard lock(joining_);
        if (thread_.joinable()) thread_.join();
    }

    /// Gives lines, with a line end between two.
    void push(std::string&& lines) {
        const std::lock_guard lock(mutex_);
        given_bytes_ += lines.size();
        given_.push_back(std::move(lines));
        changed_.notify_all();
    }
    void end_input() {
        const std::lock_guard lock(mutex_);
        has_ended_input_ = true;
        changed_.notify_all();
    }

    /// Waits until there is something, for a while. None: nothing yet. A run is taken under the same lock, as
    /// several threads may ask.
    std::optional<Next> wait(std::optional<PredictedRun>& run) {
        std::unique_lock lock(mutex_);
        std::optional<Next> next;
        changed_.wait_for(lock, kBetweenSignals, [&] { return (next = state()).has_value(); });
        if (next == Next::run) {
            run = std::move(runs_.front());
            runs_.pop_front();
            run_bytes_ -= run->line.size();
            changed_.notify_all();
        }
        return next;
    }

    std::vector<std::string> take_warnings() {
        const std::lock_guard lock(mutex_);
        return std::exchange(warnings_, {});
    }

    /// Of the end, for the first that asks: throws what ended it, and tells what else is to be said. None for
    /// all others, and where the work was given up before.
    std::optional<PredictSummary> finish() {
        if (is_told_.exchange(true)) return std::nullopt;
        close();
        if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
        return summary_;
    }

    /// close() for one who wants to hear of no error.
    void give_up() noexcept {
        is_told_ = true;
        close();
    }

  private:
    /// With the lock.
    std::optional<Next> state() const {
        if (!runs_.empty()) return Next::run;
        if (is_done_) return Next::end;
        if (!input_ && !has_ended_input_ && given_bytes_ < kMaxGivenBytes) return Next::wants_lines;
        return std::nullopt;
    }

    void predict() noexcept {
        try {
            const auto visit = [this](PredictedRun&& run) { hand_on(std::move(run)); };
            summary_ = input_ ? predict_runs(model_, *input_, visit, options_)
                              : predict_runs(
                                    model_, [this](std::string& lines) { return give(lines); }, "input",
                                    visit, options_);
        } catch (...) {
            thrown_ = std::current_exception();
        }
        const std::lock_guard lock(mutex_);
        is_done_ = true;
        changed_.notify_all();
    }

    void hand_on(PredictedRun&& run) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] {
            return stop_ || runs_.empty() || (runs_.size() < kMaxRuns && run_bytes_ < kMaxRunBytes);
        });
        if (stop_) throw Error(ErrorKind::interrupted, "interrupted");
        run_bytes_ += run.line.size();
        runs_.push_back(std::move(run));
        changed_.notify_all();
    }

    bool give(std::string& lines) {
        std::unique_lock lock(mutex_);
        const auto has_some = [this] { return stop_ || !given_.empty() || has_ended_input_; };
        if (!changed_.wait_for(lock, kBetweenSignals, has_some)) return true;  // nothing yet
        if (given_.empty()) return false;
        lines = std::move(given_.front());
        given_.pop_front();
        given_bytes_ -= lines.size();
        changed_.notify_all();
        return true;
    }

    Model model_;
    std::optional<std::filesystem::path> input_;  // none: lines are pushed
    PredictOptions options_;
    pid_t owner_;
    std::atomic<bool> stop_{false};
    std::atomic<bool> is_told_{false};  // how it ended

    std::mutex mutex_;  // of all that follows, but for what the thread leaves behind
    std::condition_variable changed_;
    std::deque<std::string> given_;
    std::size_t given_bytes_ = 0;
    bool has_ended_input_ = false;
    std::deque<PredictedRun> runs_;
    std::size_t run_bytes_ = 0;
    std::vector<std::string> warnings_;
    bool is_done_ = false;

    // Of the thread; read when it has ended.
    PredictSummary summary_;
    std::exception_ptr thrown_;
    std::mutex joining_;
    std::thread thread_;
};

/// Streams whose threads may be at work. They are ended before the interpreter ends, as it does not delete
/// what modules hold.
class LiveStreams {
  public:
    void add(const std::shared_ptr<Stream>& stream) {
        const std::lock_guard lock(mutex_);
        std::erase_if(streams_, [](const std::weak_ptr<Stream>& known) { return known.expired(); });
        streams_.push_back(stream);
    }
    void close_all() {
        const std::lock_guard lock(mutex_);
        for (const std::weak_ptr<Stream>& known : streams_) {
            if (const auto stream = known.lock()) stream->close();
        }
    }

  private:
    std::mutex mutex_;
    std::vector<std::weak_ptr<Stream>> streams_;
};

LiveStreams& live_streams() {
    static auto* streams = new LiveStreams;  // never deleted: threads may outlive all that is
    return *streams;
}

/// What Python's iterator holds.
class PythonStream {
  public:
    PythonStream(const Model& model, std::optional<std::filesystem::path> input,
                 std::optional<double> interval, unsigned threads, bool skip_bad_lines, bool plain,
                 std::size_t max_line_bytes) {
        if (interval) (void)Predictor(model, interval);  // refuses what the model cannot give
        hold_at_the_end();
        stream_ = std::make_shared<Stream>(model, std::move(input),
                                           PredictOptions{.threads = threads,
                                                          .skip_bad_lines = skip_bad_lines,
                                                          .interval = interval,
                                                          .plain = plain,
                                                          .max_line_bytes = max_line_bytes});
        live_streams().add(stream_);
    }
    PythonStream(const PythonStream&) = delete;
    PythonStream& operator=(const PythonStream&) = delete;
    ~PythonStream() {
        // What other threads wait for cannot be destroyed where they are not.
        if (!stream_->is_here()) {
            leak(std::move(stream_));
            return;
        }
        without_lock([this] { stream_.reset(); });
    }

    void push(std::string lines) { stream_->push(std::move(lines)); }
    void end_input() { stream_->end_input(); }
    void close() {
        without_lock([this] { stream_->give_up(); });
    }

    /// The next run as a Line; None where lines are wanted, False at the end, when finish() is to be called.
    py::object next() {
        if (!stream_->is_here())
            throw Error(ErrorKind::usage,
                        "the prediction goes on in the process that began it, not in this one");
        while (true) {
            std::optional<PredictedRun> run;
            const std::optional<Next> found = without_lock([&] { return stream_->wait(run); });
            raise_warnings(stream_->take_warnings());
            if (PyErr_CheckSignals() != 0) {
                py::error_already_set signalled;
                close();
                throw py::error_already_set(std::move(signalled));
            }
            if (!found) continue;
            switch (*found) {
                case Next::run:
                    return py::cast(std::make_unique<Line>(std::move(*run)));
                case Next::wants_lines:
                    return py::none();
                case Next::end:
                    return py::bool_(false);
            }
        }
    }

    /// Throws what ended the prediction; else raises its warnings, and returns how many runs there were and
    /// how many lines were left out. None where that was told already, or the prediction was closed.
    py::object finish() {
        const std::optional<PredictSummary> summary = without_lock([this] { return stream_->finish(); });
        if (!summary) return py::none();
        raise_warnings(stream_->take_warnings());
        raise_warnings(to_words(summary->notices));
        return py::make_tuple(summary->num_trees, summary->num_bad_lines);
    }

  private:
    static void leak(std::shared_ptr<Stream>&& stream) noexcept {
        (void)new (std::nothrow) std::shared_ptr<Stream>(std::move(stream));
    }

    std::shared_ptr<Stream> stream_;
};

}  // namespace

void add_stream(py::module_& module) {
    py::class_<PythonStream>(module, "Stream")
        .def(py::init<const Model&, std::optional<std::filesystem::path>, std::optional<double>, unsigned,
                      bool, bool, std::size_t>())
        .def("push", &PythonStream::push)
        .def("end_input", &PythonStream::end_input)
        .def("next", &PythonStream::next)
        .def("finish", &PythonStream::finish)
        .def("close", &PythonStream::close);
    at_the_end([] { live_streams().close_all(); });
}

}  // namespace irene::python
