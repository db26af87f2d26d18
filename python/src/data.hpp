// Data as Python gives it: the path of a file, or lines.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "irene/dataset.hpp"

namespace irene::python {

using Data = std::variant<std::filesystem::path, std::vector<std::string>>;

/// As read_dataset() reads it. Messages call lines "input".
inline Dataset read(const Data& data, const ReadOptions& options) {
    if (const auto* path = std::get_if<std::filesystem::path>(&data)) return read_dataset(*path, options);
    const auto& lines = std::get<std::vector<std::string>>(data);
    std::size_t next = 0;
    return read_dataset(
        [&lines, &next](std::string& out) {
            if (next == lines.size()) return false;
            out = lines[next++];
            if (out.empty()) out = "\n";  // a line all the same
            return true;
        },
        "input", options);
}

/// The files among the data.
inline std::vector<std::filesystem::path> files_of(const Data& data) {
    if (const auto* path = std::get_if<std::filesystem::path>(&data)) return {*path};
    return {};
}

}  // namespace irene::python
