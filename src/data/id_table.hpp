// Node ids of a whole file: which of them are taken, and by what.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/hash.hpp"

namespace irene::data {

/// Open-addressing table of ids, numbered from 0 in the order they are entered. It keeps views: the ids must
/// outlive it.
class IdTable {
  public:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;

    explicit IdTable(std::size_t expected) {
        std::size_t size = 16;
        while (size < 2 * expected) size *= 2;
        slots_.resize(size);
        ids_.reserve(expected);
    }

    /// Enters `id` under the next number; returns kNone, or the number of an equal id that was there before.
    std::uint32_t insert(std::string_view id) {
        const std::uint64_t hash = base::hash_of(id);
        Slot& slot = slots_[find_slot(id, hash)];
        if (slot.number != kNone) return slot.number;
        slot = {tag(hash), static_cast<std::uint32_t>(ids_.size())};
        ids_.push_back(id);
        return kNone;
    }

    /// The number of `id`, or kNone.
    std::uint32_t find(std::string_view id) const { return slots_[find_slot(id, base::hash_of(id))].number; }

  private:
    /// Half of an id's hash and its number. Slots are small, so that the table stays in the processor's
    /// cache: the id itself, which lies elsewhere, is looked at only where the halves agree.
    struct Slot {
        std::uint32_t tag = 0;
        std::uint32_t number = kNone;
    };

    static std::uint32_t tag(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

    std::size_t find_slot(std::string_view id, std::uint64_t hash) const {
        const std::size_t mask = slots_.size() - 1;
        std::size_t i = static_cast<std::size_t>(hash) & mask;
        while (slots_[i].number != kNone && (slots_[i].tag != tag(hash) || ids_[slots_[i].number] != id)) {
            i = (i + 1) & mask;
        }
        return i;
    }

    std::vector<Slot> slots_;
    std::vector<std::string_view> ids_;
};

}  // namespace irene::data
