// Node ids of a whole file: which of them are taken, and by what.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
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
    struct Slot {
        std::string_view id;
        std::uint32_t value = kNone;
    };

    Slot& find_slot(std::string_view id) {
        std::size_t i = std::hash<std::string_view>{}(id) & (slots_.size() - 1);
        while (slots_[i].value != kNone && slots_[i].id != id) i = (i + 1) & (slots_.size() - 1);
        return slots_[i];
    }

    std::vector<Slot> slots_;
};

}  // namespace irene::data
