#include "data/splice.hpp"

#include <array>
#include <charconv>
#include <cstddef>

namespace irene::data {

void append_number(std::string& out, double value) {
    std::array<char, 32> text{};
    const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
    const std::string_view digits(text.data(), static_cast<std::size_t>(result.ptr - text.data()));
    out += digits;
    if (digits.find('.') == std::string_view::npos && digits.find('e') == std::string_view::npos) out += ".0";
}

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
            append_number(out, (*columns[key])[place.node]);
        }
    }
    out += line.substr(copied);
}

}  // namespace irene::data
