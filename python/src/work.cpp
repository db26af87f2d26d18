#include "work.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "ending.hpp"

namespace py = pybind11;

namespace irene::python {

namespace {

const char* name_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::usage:
            return "usage";
        case ErrorKind::data:
            return "data";
        case ErrorKind::no_input:
            return "no_input";
        case ErrorKind::cannot_create:
            return "cannot_create";
        case ErrorKind::cannot_write:
            return "cannot_write";
        case ErrorKind::broken_pipe:
            return "broken_pipe";
        case ErrorKind::interrupted:
            return "interrupted";
    }
    return "unknown";
}

/// Texts come from files, whose bytes may be anything.
py::object text_or_none(const std::string& text) {
    if (text.empty()) return py::none();
    return py::reinterpret_steal<py::object>(
        PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

py::object count_or_none(std::size_t count) { return count == 0 ? py::object(py::none()) : py::int_(count); }

}  // namespace

py::object exception_of(const Error& error) {
    const Place& place = error.place();
    return py::module_::import("irene._errors")
        .attr("Error")(text_or_none(error.what()), name_of(error.kind()), text_or_none(place.file),
                       count_or_none(place.line), count_or_none(place.byte), text_or_none(place.node),
                       text_or_none(place.field));
}

void register_errors() {
    py::register_exception_translator([](std::exception_ptr thrown) {
        try {
            if (thrown) std::rethrow_exception(thrown);
        } catch (const Error& error) {
            const py::object exception = exception_of(error);
            PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
        }
    });
}

void raise_warnings(const std::vector<std::string>& warnings) {
    if (warnings.empty()) return;
    const py::object warn = py::module_::import("irene._errors").attr("warn");
    for (const std::string& warning : warnings) warn(text_or_none(warning));
}

void run_without_lock(std::atomic<bool>& stop, const std::function<void()>& work) {
    constexpr std::chrono::milliseconds kBetweenSignals{50};
    hold_at_the_end();
    std::mutex mutex;
    std::condition_variable changed;
    bool is_done = false;
    std::exception_ptr thrown;
    const auto guarded = [&] {
        try {
            work();
        } catch (...) {
            thrown = std::current_exception();
        }
        remove_work(stop);
        const std::lock_guard lock(mutex);
        is_done = true;
        changed.notify_all();
    };
    std::optional<py::error_already_set> signalled;
    add_work(stop);
    std::thread worker;
    try {
        worker = std::thread(guarded);
    } catch (...) {
        remove_work(stop);
        throw;
    }
    const auto has_ended = [&] {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, kBetweenSignals, [&] { return is_done; });
    };
    while (!without_lock(has_ended)) {
        if (stop || PyErr_CheckSignals() == 0) continue;
        signalled.emplace();
        stop = true;
    }
    worker.join();
    if (signalled) throw py::error_already_set(std::move(*signalled));
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace irene::python
