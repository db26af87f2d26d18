// Writes predictions into the line that a tree was read from and keeps its other bytes as they are: spelling
// of numbers, order of keys, and keys that the toolkit does not know.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace irene::data {

/// Keys that predictions add to a node.
enum class OutputKey : unsigned char { predicted_energy, predicted_energy_low, predicted_energy_high };

inline constexpr std::array<std::string_view, 3> kOutputKeys{"predicted_energy", "predicted_energy_low",
                                                             "predicted_energy_high"};
inline constexpr std::size_t kNumOutputKeys = kOutputKeys.size();

/// A place in a line where predictions belong: bytes [begin, end) are the present value of a key, or, where
/// begin == end, all the keys that the node lacks can be inserted.
struct Splice {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t node = 0;
    /// Which keys belong here: bit i stands for OutputKey i.
    std::uint32_t keys = 1;
};

/// Of each OutputKey the values to write, one for each node, in joules; null leaves the key as it is.
using OutputColumns = std::array<const std::vector<double>*, kNumOutputKeys>;

/// Appends `line` with the columns' values in their places; `splices` in order of position.
void splice(std::string_view line, const std::vector<Splice>& splices, const OutputColumns& columns,
            std::string& out);

}  // namespace irene::data
