// Threads. The result does not depend on their number, and the error is the one that a single thread meets
// first.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace irene::base {

/// Exceptions of numbered pieces of work; keeps that of the lowest number, which work in order meets first.
class OrderedErrors {
  public:
    static constexpr std::size_t kBehindAll = std::numeric_limits<std::size_t>::max();

    bool any() const noexcept { return any_.load(std::memory_order_relaxed); }

    /// Whether a piece before this one failed.
    bool any_before(std::size_t number) const {
        if (!any()) return false;
        const std::lock_guard lock(mutex_);
        return number_ < number;
    }

    template <typename Work>
    void guard(std::size_t number, const Work& work) noexcept {
        try {
            work();
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!any() || number < number_) {
                error_ = std::current_exception();
                number_ = number;
            }
            any_ = true;
        }
    }

    void rethrow_first() const {
        if (error_) std::rethrow_exception(error_);
    }

  private:
    std::atomic<bool> any_{false};
    mutable std::mutex mutex_;
    std::exception_ptr error_;
    std::size_t number_ = 0;
};

/// Calls work(0) ... work(threads - 1), each on a thread of its own, the last on this one. Where the machine
/// gives fewer threads, the calls that would have been theirs are left out: the workers that there are must
/// take on all of the work. An exception that leaves `work` is thrown on once all have ended.
template <typename Work>
void run_workers(unsigned threads, const Work& work) {
    OrderedErrors errors;
    {
        std::vector<std::jthread> workers;
        for (unsigned i = 0; i + 1 < threads; ++i) {
            try {
                workers.emplace_back([&errors, &work, i] { errors.guard(i, [&] { work(i); }); });
            } catch (const std::system_error&) {
                break;
            }
        }
        const unsigned last = std::max(threads, 1U) - 1;
        errors.guard(last, [&] { work(last); });
    }
    errors.rethrow_first();
}

/// Calls work(i) for every i below `count`, on up to `threads` threads, in no fixed order.
template <typename Work>
void parallel_for(std::size_t count, unsigned threads, const Work& work) {
    OrderedErrors errors;
    std::atomic<std::size_t> next{0};
    run_workers(static_cast<unsigned>(std::min<std::size_t>(threads, count)), [&](unsigned) {
        for (std::size_t i = next++; i < count && !errors.any(); i = next++) {
            errors.guard(i, [&] { work(i); });
        }
    });
    errors.rethrow_first();
}

}  // namespace irene::base
