#include "heap.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace irene::apps {

#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)

namespace {

std::byte* heap_end() noexcept { return static_cast<std::byte*>(::sbrk(0)); }

std::uintptr_t address(const void* pointer) noexcept { return reinterpret_cast<std::uintptr_t>(pointer); }

/// Whether malloc takes its memory from behind the program's data, as glibc's does. Other allocators, and
/// those of sanitizers, have theirs far away, and are left alone.
bool malloc_uses_this_heap() noexcept {
    constexpr std::uintptr_t kNear = std::uintptr_t{64} << 20;
    void* volatile chunk = std::malloc(1);  // volatile: else the compiler removes the call
    const bool near = address(heap_end()) - address(chunk) < kNear;
    std::free(chunk);
    return near;
}

}  // namespace

void prepare_heap() noexcept {
    rlimit addresses{};
    if (::getrlimit(RLIMIT_AS, &addresses) != 0 || addresses.rlim_cur != RLIM_INFINITY) return;
    const long pages = ::sysconf(_SC_PHYS_PAGES), page_bytes = ::sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page_bytes <= 0) return;
    if (!malloc_uses_this_heap()) return;
    ::mallopt(M_TRIM_THRESHOLD, -1);  // free memory is kept
    ::mallopt(M_MMAP_MAX, 0);         // large blocks come from the heap too
    ::mallopt(M_ARENA_MAX, 1);        // all threads share it

    // Move the heap's end to one small page before a boundary of large pages. malloc writes a header there
    // and at the end, and where one small page is in use, the system gives no large one. Only addresses are
    // taken here; memory comes with the first touch.
    constexpr std::size_t kLargePage = std::size_t{2} << 20;
    const auto page = static_cast<std::size_t>(page_bytes);
    const std::size_t past_boundary = (address(heap_end()) + page) % kLargePage;
    ::sbrk(static_cast<std::intptr_t>((kLargePage - past_boundary) % kLargePage));
    std::byte* const begin = heap_end();
    void* volatile grown = std::malloc(static_cast<std::size_t>(pages) / 4 * page);
    std::free(grown);
    (void)::madvise(begin, static_cast<std::size_t>(heap_end() - begin), MADV_HUGEPAGE);
}

#else

void prepare_heap() noexcept {}

#endif

}  // namespace irene::apps
