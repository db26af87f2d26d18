// Features and energies that were read before in the same line. Layers of a transformer are alike, so that
// nine nodes in ten of a measured one repeat those of another byte for byte: comparing bytes and copying what
// was read costs a fraction of reading numbers again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "irene/features.hpp"

#include "base/hash.hpp"

namespace irene::data {

class RepeatedAmounts {
  public:
    /// Members of a node, one behind the other, that hold features or its measured energy.
    struct Run {
        const char* begin = nullptr;  ///< of the first key, behind its quote
        std::size_t size = 0;         ///< up to the next key, behind its quote
        std::uint64_t keys = 0;       ///< bit set of the reader's keys
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
        constexpr int kBitsOfSlot = 8;
        return base::hash_of({begin, kHashedBytes}) >> (64 - kBitsOfSlot);
    }

    std::array<Run, kSlots> runs_;  // an empty slot has no begin
};

}  // namespace irene::data
