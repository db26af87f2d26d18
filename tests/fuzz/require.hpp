// What a fuzz target demands.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace irene::fuzz {

/// Ends the process, which the fuzzer reports with the input, where a demand does not hold.
inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

}  // namespace irene::fuzz
