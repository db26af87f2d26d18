#include "heap.hpp"

#include <cstddef>
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

/// Bytes by which the heap has grown for an allocation that is given back at once; 0 where it has not.
std::size_t grow(std::size_t bytes) noexcept {
    const auto* const before = static_cast<const std::byte*>(::sbrk(0));
    void* volatile chunk = std::malloc(bytes);  // volatile: or the compiler leaves both calls out
    std::free(chunk);
    return static_cast<std::size_t>(static_cast<const std::byte*>(::sbrk(0)) - before);
}

}  // namespace

void prepare_heap() noexcept {
    rlimit addresses{};
    if (::getrlimit(RLIMIT_AS, &addresses) != 0 || addresses.rlim_cur != RLIM_INFINITY) return;
    const long pages = ::sysconf(_SC_PHYS_PAGES), page_bytes = ::sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page_bytes <= 0) return;
    ::mallopt(M_TRIM_THRESHOLD, -1);  // what is free stays
    ::mallopt(M_MMAP_MAX, 0);         // in the one heap
    ::mallopt(M_ARENA_MAX, 1);        // of all threads
    void* const begin = ::sbrk(0);
    constexpr std::size_t kSmall = std::size_t{1} << 20;
    std::size_t grown = grow(kSmall);
    if (grown == 0) return;  // not glibc's malloc
    // Addresses alone: they take no memory before they are touched.
    grown += grow(static_cast<std::size_t>(pages) / 4 * static_cast<std::size_t>(page_bytes));
    (void)::madvise(begin, grown, MADV_HUGEPAGE);
}

#else

void prepare_heap() noexcept {}

#endif

}  // namespace irene::apps
