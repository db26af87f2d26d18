// Node ids of a whole file: which of them are taken, and by what.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace irene::data {

/// Open-addressing table from ids to numbers. It keeps views: the ids must outlive it.
class IdTable {
  public:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;

    explicit IdTable(std::size_t expected) {
        std::size_t size = 16;
        while (size < 2 * expected) size *= 2;
        slots_.resize(size);
    }

    /// Enters `id` with `value`; returns kNone, or the value of an equal id that was there before.
    std::uint32_t insert(std::string_view id, std::uint32_t value) {
        Slot& slot = find_slot(id);
        if (slot.value != kNone) return slot.value;
        slot = {id, value};
        return kNone;
    }

    /// The value of `id`, or kNone.
    std::uint32_t find(std::string_view id) { return find_slot(id).value; }

  private:
    static std::size_t hash(std::string_view id) {
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
        return static_cast<std::size_t>(hash);
    }

    struct Slot {
        std::string_view id;
        std::uint32_t value = kNone;
    };

    Slot& find_slot(std::string_view id) {
        std::size_t i = hash(id) & (slots_.size() - 1);
        while (slots_[i].value != kNone && slots_[i].id != id) i = (i + 1) & (slots_.size() - 1);
        return slots_[i];
    }

    std::vector<Slot> slots_;
};

}  // namespace irene::data
