#include "data/splice.hpp"

#include <array>
#include <cstddef>

#include "base/numbers.hpp"

namespace irene::data {

void splice(std::string_view line, const std::vector<Splice>& splices, const OutputColumns& columns,
            std::string& out) {
    constexpr std::array<std::string_view, kNumOutputKeys> kInsertions{
        ", \"predicted_energy\": ", ", \"predicted_energy_low\": ", ", \"predicted_energy_high\": "};
    std::size_t copied = 0;
    for (const Splice& place : splices) {
        for (std::size_t key = 0; key < kNumOutputKeys; ++key) {
            if ((place.keys >> key & 1U) == 0 || columns[key] == nullptr) continue;
            out += line.substr(copied, place.begin - copied);
            copied = place.end;
            if (place.begin == place.end) out += kInsertions[key];
            base::append_number(out, (*columns[key])[place.node]);
        }
    }
    out += line.substr(copied);
}

}  // namespace irene::data
