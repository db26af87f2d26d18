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
    if (digits.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void splice(std::string_view line, const std::vector<Splice>& splices, const std::vector<double>& joules,
            std::string& out) {
    std::size_t copied = 0;
    for (const Splice& place : splices) {
        out += line.substr(copied, place.begin - copied);
        if (place.begin == place.end) out += ", \"predicted_energy\": ";
        append_number(out, joules[place.node]);
        copied = place.end;
    }
    out += line.substr(copied);
}

}  // namespace irene::data
