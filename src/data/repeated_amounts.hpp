// The amounts of a node that stand, byte for byte, in another node of the same line: identical layers repeat
// each other's features and energies, nine nodes in ten of a measured transformer. What was read once is
// copied.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "irene/features.hpp"

namespace irene::data {

class RepeatedAmounts {
  public:
    /// Members of a node, one behind the other, that hold features or its measured energy.
    struct Run {
        const char* begin = nullptr;  ///< of the first key, behind its quote
        std::size_t size = 0;         ///< up to the next key, behind its quote
        std::uint32_t keys = 0;       ///< bit set of the reader's keys
        FeatureValues features{};
        double measured_energy = 0.0;
    };

    /// Bytes that must be readable from where find() and add() look.
    static constexpr std::size_t kHashedBytes = 48;

    void clear() {
        for (Run& run : runs_) run.begin = nullptr;
    }

    /// A run whose bytes stand at `begin` too, all of them before `end`; null where none is known. It is
    /// valid until the next add().
    const Run* find(const char* begin, const char* end) const {
        const Run& run = runs_[slot_of(begin)];
        const bool equal = run.begin != nullptr && run.size <= static_cast<std::size_t>(end - begin) &&
                           std::memcmp(run.begin, begin, run.size) == 0;
        return equal ? &run : nullptr;
    }

    /// Takes the place of a run that begins alike. The bytes must stay where they are until clear().
    void add(const Run& run) { runs_[slot_of(run.begin)] = run; }

  private:
    static constexpr std::size_t kSlots = 256;

    static std::size_t slot_of(const char* begin) {
        std::uint64_t hash = 0;
        for (std::size_t i = 0; i < kHashedBytes; i += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, begin + i, 8);
            hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
        }
        return hash >> 56;
    }

    std::array<Run, kSlots> runs_;  // those of no line have no begin
};

}  // namespace irene::data
