// Python's lock is given up and taken back here, and what happens where the interpreter ends meanwhile: a
// thread that asks it for its lock then is ended by it, at any place, which destructors do not survive. So no
// thread asks any more.
#pragma once

#include <atomic>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <pybind11/pybind11.h>

namespace irene::python {

/// Waits for ever where the interpreter is ending, in all threads but the one that ends it. Called with
/// Python's lock.
void hold_at_the_end();

/// Gives up Python's lock, and takes it back, see hold_at_the_end().
PyThreadState* give_up_lock();
void take_lock_back(PyThreadState* state);

/// Calls `work`, which has nothing to do with Python, without Python's lock, and returns what it returns.
template <typename Work>
auto without_lock(const Work& work) {
    using Result = std::invoke_result_t<const Work&>;
    std::conditional_t<std::is_void_v<Result>, std::optional<bool>, std::optional<Result>> result;
    std::exception_ptr thrown;
    PyThreadState* const state = give_up_lock();
    try {
        if constexpr (std::is_void_v<Result>) {
            work();
        } else {
            result.emplace(work());
        }
    } catch (...) {
        thrown = std::current_exception();
    }
    take_lock_back(state);
    if (thrown) std::rethrow_exception(thrown);
    if constexpr (!std::is_void_v<Result>) return std::move(*result);
}

/// Work of the library that a thread is at: `stop` is put up where the interpreter ends, and the interpreter
/// waits until the work has been taken off the list.
void add_work(std::atomic<bool>& stop);
void remove_work(const std::atomic<bool>& stop) noexcept;

/// Has `close` called where the interpreter ends, without Python's lock, once no new work can begin.
void at_the_end(void (*close)());

}  // namespace irene::python
