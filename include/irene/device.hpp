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

    bool operator==(const Device&) const = default;
};

/// Reads a datasheet, a JSON object; docs/formats.md has its keys. `source` names the document in messages.
/// Throws Error (usage) on malformed JSON, an unknown, missing or repeated key, a wrong type, and a figure
/// that is not above 0.
Device parse_device(std::string_view json, const std::string& source);

/// parse_device of a file. Throws Error (no_input) where it cannot be read.
Device load_device(const std::filesystem::path& path, StopFlag stop = nullptr);

/// The datasheet as a JSON document, ready to be read back equal.
std::string to_json(const Device& device);

}  // namespace irene
