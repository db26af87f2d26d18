// The hash of the library's own tables, which live in memory: it may change from one version to the next.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace irene::base {

/// Takes a word into a hash. Both halves of the result depend on all that was taken in; the upper one is the
/// better.
constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
    return hash ^ hash >> 32;
}

inline std::uint64_t hash_of(std::string_view bytes) {
    std::uint64_t hash = bytes.size();
    std::uint64_t word = 0;
    for (; bytes.size() >= sizeof word; bytes.remove_prefix(sizeof word)) {
        std::memcpy(&word, bytes.data(), sizeof word);
        hash = mix(hash, word);
    }
    word = 0;
    std::memcpy(&word, bytes.data(), bytes.size());
    return mix(hash, word);
}

}  // namespace irene::base
