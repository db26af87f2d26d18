// How the module calls the library: without Python's lock, on a thread of its own, so that Ctrl-C is heard;
// its errors become irene.Error, and its warnings irene.Warning.
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <pybind11/pybind11.h>

#include "irene/error.hpp"

namespace irene::python {

/// Collects what the library warns of. For one thread at a time, as the library calls it.
struct Warnings {
    std::vector<std::string> told = {};
    Warn warn = [this](const std::string& warning) { told.push_back(warning); };

    Warnings() = default;
    Warnings(const Warnings&) = delete;
    Warnings& operator=(const Warnings&) = delete;
};

/// Makes irene.Error of irene::Error for all functions of the module.
void register_errors();

/// The Python exception that an irene::Error is.
pybind11::object exception_of(const Error& error);

/// Raises the warnings in the caller of the package. Needs Python's lock; throws error_already_set where
/// warnings are errors.
void raise_warnings(const std::vector<std::string>& warnings);

/// Runs `work` on a thread of its own, and waits for it without Python's lock. Where a signal raises an
/// exception, such as KeyboardInterrupt, `stop` is put up, and the exception is thrown once `work` has ended.
/// Called with the lock.
void run_without_lock(std::atomic<bool>& stop, const std::function<void()>& work);

/// Calls work(stop, warn), which uses the library alone, and returns what it returns. Warnings are raised
/// once it is done.
template <typename Work>
auto call(const Work& work) {
    using Result = std::invoke_result_t<const Work&, StopFlag, const Warn&>;
    std::atomic<bool> stop{false};
    Warnings warnings;
    if constexpr (std::is_void_v<Result>) {
        run_without_lock(stop, [&] { work(&stop, warnings.warn); });
        raise_warnings(warnings.told);
    } else {
        std::optional<Result> result;
        run_without_lock(stop, [&] { result.emplace(work(&stop, warnings.warn)); });
        raise_warnings(warnings.told);
        return std::move(*result);
    }
}

}  // namespace irene::python
