#include "data/splice.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/numbers.hpp"

namespace irene::data {

namespace {

/// Numbers of a line as they were spelled before: identical layers cost the same, to the bit.
class Spellings {
  public:
    void append(std::string& out, double value) {
        const auto bits = std::bit_cast<std::uint64_t>(value);
        Spelling& known = table_[(bits * 0x9E3779B97F4A7C15ULL) >> 56];
        if (known.size == 0 || known.bits != bits) {
            const std::size_t begin = out.size();
            base::append_number(out, value);
            known.bits = bits;
            known.size = out.copy(known.text.data(), known.text.size(), begin);
        } else {
            out.append(known.text.data(), known.size);
        }
    }

  private:
    struct Spelling {
        std::uint64_t bits = 0;
        std::size_t size = 0;
        std::array<char, 32> text;  // the longest double has 24
    };
    std::array<Spelling, 256> table_;
};

}  // namespace

void splice(std::string_view line, const std::vector<Splice>& splices, const OutputColumns& columns,
            std::string& out) {
    constexpr std::array<std::string_view, kNumOutputKeys> kInsertions{
        ", \"predicted_energy\": ", ", \"predicted_energy_low\": ", ", \"predicted_energy_high\": "};
    Spellings spellings;
    std::size_t copied = 0;
    for (const Splice& place : splices) {
        for (std::size_t key = 0; key < kNumOutputKeys; ++key) {
            if ((place.keys >> key & 1U) == 0 || columns[key] == nullptr) continue;
            out += line.substr(copied, place.begin - copied);
            copied = place.end;
            if (place.begin == place.end) out += kInsertions[key];
            spellings.append(out, (*columns[key])[place.node]);
        }
    }
    out += line.substr(copied);
}

}  // namespace irene::data
