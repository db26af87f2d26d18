// Node ids of a whole file: which of them are taken, and by what.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

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
        const std::uint64_t hashed = hash(id);
        Slot& slot = slots_[find_slot(id, hashed)];
        if (slot.number != kNone) return slot.number;
        slot = {tag(hashed), static_cast<std::uint32_t>(ids_.size())};
        ids_.push_back(id);
        return kNone;
    }

    /// The number of `id`, or kNone.
    std::uint32_t find(std::string_view id) const { return slots_[find_slot(id, hash(id))].number; }

  private:
    static std::uint64_t hash(std::string_view id) {
        std::uint64_t hash = id.size();
        const auto mix = [&hash](std::uint64_t word) {
            hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
            hash ^= hash >> 29;
        };
        for (; id.size() >= 8; id.remove_prefix(8)) {
            std::uint64_t word = 0;
            std::memcpy(&word, id.data(), 8);
            mix(word);
        }
        std::uint64_t rest = 0;
        std::memcpy(&rest, id.data(), id.size());
        mix(rest);
        return hash;
    }

    /// Slots are small, so that the table stays in the processor's cache: the id itself is looked at only
    /// where half of its hash agrees.
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
