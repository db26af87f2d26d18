// Folds, and the epochs within them, allocate nothing: an executable of its own, as it replaces operator new.
#include <atomic>
#include <cstdlib>
#include <new>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "irene/dataset.hpp"
#include "irene/tasks.hpp"

#include "tasks/training.hpp"

namespace {

std::atomic<std::size_t> num_allocations{0};

void* allocate(std::size_t size) {
    ++num_allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace irene::tests {
namespace {

TEST(Allocations, AFoldAllocatesNothingOnceItsMemoryIsThere) {
    const Dataset data = read_dataset(std::string(IRENE_SOURCE_DIRECTORY) + "/datasets/simulated.jsonl");
    const Config config;
    const tasks::TrainingData training(data, config);
    tasks::ModelTrainer trainer(training);
    std::vector<std::size_t> all(data.trees.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    const std::vector<std::size_t> without_first(all.begin() + 4, all.end());
    const numerics::LinearLayer initial = numerics::InitialWeights(kDefaultSeed).draw(training.num_inputs());

    const std::size_t before_first = num_allocations;
    (void)trainer.fit(all, initial, nullptr, nullptr);
    EXPECT_GT(num_allocations - before_first, 0U) << "the counter does not count";

    const std::size_t before_second = num_allocations;
    (void)trainer.fit(without_first, initial, nullptr, nullptr);
    EXPECT_EQ(num_allocations - before_second, 0U);
}

}  // namespace
}  // namespace irene::tests
