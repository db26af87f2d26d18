// A GPU as its datasheet tells it: what nobody needs to measure.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "irene/error.hpp"
#include "irene/run.hpp"

namespace irene {

struct Device {
    std::string name;
    /// Dense peaks, without sparsity, at the clock that the datasheet means: bfloat16's is always there.
    std::vector<std::pair<Dtype, double>> flops_per_second;
    double bytes_per_second = 0.0;  ///< of its memory
    double watts = 0.0;             ///< the TDP
    /// Clock of the measurements and that of the peaks; both or none.
    std::optional<double> clock_mhz = {}, boost_clock_mhz = {};
    std::string source = {};  ///< where the figures stand; may be empty

    /// The datasheet's peak; bfloat16's where none is told.
    double peak(Dtype dtype) const noexcept;
    /// The peak at the clock of the measurements, which is what a second holds.
    double peak_as_measured(Dtype dtype) const noexcept;

    /// Throws Error (usage) naming the first figure that is missing or cannot be meant: one that is not above
    /// 0, or is so small or great that it must have another unit, such as 312 for 312e12 flops a second.
    void validate() const;

    bool operator==(const Device&) const = default;
};

/// Reads a datasheet, a JSON object; docs/formats.md has its keys. `source` names the document in messages.
/// Throws Error (usage) on malformed JSON, an unknown, missing or repeated key, a wrong type, and whatever
/// validate() refuses.
Device parse_device(std::string_view json, const std::string& source);

/// parse_device of a file. Throws Error (no_input) where it cannot be read.
Device load_device(const std::filesystem::path& path, StopFlag stop = nullptr);

/// The datasheet of that name: NAME.json of the first of `folders` that has one. Throws Error (usage) at
/// `place`, with the names that are near, where none has; as load_device().
Device find_device(const std::string& name, const std::vector<std::filesystem::path>& folders,
                   const Place& place = {}, StopFlag stop = nullptr);

/// The names of the datasheets in a folder, in alphabetical order; none where there is no such folder.
std::vector<std::string> device_names(const std::filesystem::path& folder);

/// The datasheet as a JSON document, ready to be read back equal.
std::string to_json(const Device& device);

}  // namespace irene
