#include "ending.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include <pthread.h>
#include <unistd.h>

namespace py = pybind11;

namespace irene::python {

namespace {

struct Ending {
    std::atomic<bool> has_begun{false};
    std::thread::id thread;               // that ends the interpreter; written before has_begun
    std::atomic<int> num_taking_lock{0};  // threads that wait for Python's lock
    std::mutex mutex;                     // of works
    std::vector<std::atomic<bool>*> works;
};

Ending& ending() {
    static auto* known = new Ending;  // never deleted: threads may outlive all that is
    return *known;
}

bool is_held() {
    const Ending& known = ending();
    return known.has_begun && std::this_thread::get_id() != known.thread;
}

[[noreturn]] void wait_for_ever() {
    while (true) ::pause();
}

/// A process that was forked off has a copy of what other threads left, and none of the threads.
void care_for_forks() {
    ::pthread_atfork([] { ending().mutex.lock(); }, [] { ending().mutex.unlock(); },
                     [] {
                         ending().num_taking_lock = 0;
                         ending().works.clear();
                         ending().mutex.unlock();
                     });
}

template <typename Condition>
void wait_until(const Condition& condition) {
    constexpr std::chrono::milliseconds kBetween{1};
    constexpr std::chrono::seconds kAtMost{10};  // what does not hear of the stop is left
    const auto until = std::chrono::steady_clock::now() + kAtMost;
    while (!condition() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(kBetween);
}

/// Work is stopped, and is waited for: it would see what belongs to the library's code deleted.
void end_works() {
    Ending& known = ending();
    wait_until([&known] {
        const std::lock_guard lock(known.mutex);
        for (std::atomic<bool>* stop : known.works) *stop = true;
        return known.works.empty();
    });
}

void end(void (*close)()) {
    Ending& known = ending();
    known.thread = std::this_thread::get_id();
    known.has_begun = true;
    without_lock([close, &known] {
        close();
        end_works();
        // Who was before the end asks for the lock, and gets it while this thread has none.
        wait_until([&known] { return known.num_taking_lock == 0; });
    });
}

}  // namespace

PyThreadState* give_up_lock() { return PyEval_SaveThread(); }

void take_lock_back(PyThreadState* state) {
    Ending& known = ending();
    // First counted, then looked: either this thread sees the end, or the end sees this thread.
    ++known.num_taking_lock;
    if (is_held()) {
        --known.num_taking_lock;
        wait_for_ever();
    }
    PyEval_RestoreThread(state);
    --known.num_taking_lock;
}

void hold_at_the_end() {
    if (!is_held()) return;
    (void)give_up_lock();
    wait_for_ever();
}

void add_work(std::atomic<bool>& stop) {
    const std::lock_guard lock(ending().mutex);
    ending().works.push_back(&stop);
}

void remove_work(const std::atomic<bool>& stop) noexcept {
    const std::lock_guard lock(ending().mutex);
    std::erase(ending().works, &stop);
}

void at_the_end(void (*close)()) {
    static const bool cares_for_forks = (care_for_forks(), true);  // once, however often the module is begun
    (void)cares_for_forks;
    py::module_::import("atexit").attr("register")(py::cpp_function([close] { end(close); }));
}

}  // namespace irene::python
