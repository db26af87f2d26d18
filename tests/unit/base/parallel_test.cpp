#include "base/parallel.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace irene::base {
namespace {

template <typename Work>
std::string thrown_by(const Work& work) {
    try {
        work();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "nothing";
}

TEST(OrderedErrors, ThrowsTheLowestNumberOn) {
    const auto first_of = [](const std::vector<int>& numbers) {
        OrderedErrors errors;
        for (const int number : numbers) {
            errors.guard(static_cast<std::size_t>(number),
                         [number] { throw std::runtime_error(std::to_string(number)); });
        }
        EXPECT_EQ(errors.any(), !numbers.empty());
        return thrown_by([&] { errors.rethrow_first(); });
    };
    EXPECT_EQ(first_of({}), "nothing");
    EXPECT_EQ(first_of({5}), "5");
    EXPECT_EQ(first_of({5, 3, 9}), "3");
    EXPECT_EQ(first_of({0, 3}), "0");
    EXPECT_EQ(first_of({9, 8, 0}), "0");
}

TEST(OrderedErrors, WorkThatSucceedsLeavesNone) {
    OrderedErrors errors;
    int calls = 0;
    errors.guard(0, [&] { ++calls; });
    EXPECT_EQ(calls, 1);
    EXPECT_FALSE(errors.any());
    EXPECT_NO_THROW(errors.rethrow_first());
}

TEST(RunWorkers, CallsEachOnceOnItsOwnThread) {
    for (const unsigned threads : {0U, 1U, 2U, 5U}) {
        SCOPED_TRACE(threads);
        std::mutex mutex;
        std::multiset<unsigned> calls;
        std::set<std::thread::id> ids;
        std::atomic<unsigned> arrived{0};
        run_workers(threads, [&](unsigned i) {
            ++arrived;
            while (arrived < threads) std::this_thread::yield();  // all at once, so no id is used twice
            const std::lock_guard lock(mutex);
            calls.insert(i);
            ids.insert(std::this_thread::get_id());
        });
        const unsigned expected = threads == 0 ? 1 : threads;
        EXPECT_EQ(calls.size(), expected);
        EXPECT_EQ(ids.size(), expected);
        for (unsigned i = 0; i < expected; ++i) EXPECT_EQ(calls.count(i), 1U) << i;
        EXPECT_TRUE(ids.contains(std::this_thread::get_id()));
    }
}

TEST(RunWorkers, ThrowsOnceAllHaveEnded) {
    std::atomic<int> ended{0};
    const auto run = [&] {
        run_workers(4, [&](unsigned i) {
            if (i % 2 == 1) throw std::runtime_error(std::to_string(i));
            ++ended;
        });
    };
    EXPECT_EQ(thrown_by(run), "1");
    EXPECT_EQ(ended, 2);
}

TEST(ParallelFor, DoesEveryPieceOnce) {
    for (const unsigned threads : {1U, 2U, 7U}) {
        for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
            SCOPED_TRACE(testing::Message() << count << " on " << threads);
            std::vector<std::atomic<int>> calls(count);
            parallel_for(count, threads, [&](std::size_t i) { ++calls[i]; });
            for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(calls[i], 1) << i;
        }
    }
}

TEST(ParallelFor, ThrowsWhatWorkInOrderWouldHaveMet) {
    for (const unsigned threads : {1U, 2U, 4U}) {
        for (int round = 0; round < 50; ++round) {
            const auto run = [&] {
                parallel_for(200, threads, [](std::size_t i) {
                    if (i % 10 == 7) throw std::runtime_error(std::to_string(i));
                });
            };
            ASSERT_EQ(thrown_by(run), "7") << threads;
        }
    }
}

// Sanitizers reserve more memory than any limit leaves.
#if !defined(IRENE_ADDRESS_SANITIZER) && !defined(IRENE_THREAD_SANITIZER)
TEST(ParallelFor, WorkIsDoneWhereTheMachineGivesFewerThreads) {
    const auto with_little_memory = [] {
        // Stacks of 2,000 threads do not fit.
        const rlimit limit{std::uint64_t{1} << 30, std::uint64_t{1} << 30};
        if (::setrlimit(RLIMIT_AS, &limit) != 0) ::_exit(1);
        std::atomic<std::size_t> sum{0};
        parallel_for(2000, 2000, [&](std::size_t i) { sum += i; });
        ::_exit(sum == 1999 * 2000 / 2 ? 0 : 2);
    };
    EXPECT_EXIT(with_little_memory(), testing::ExitedWithCode(0), "");
}
#endif

}  // namespace
}  // namespace irene::base
