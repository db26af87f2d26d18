// Writes predictions into the line that a tree was read from and keeps its other bytes as they are: spelling
// of numbers, order of keys, and keys that the toolkit does not know.
//
// A key that is there gets its new value in its place. One that is to be written and is not there goes in
// behind the node's last value; `prediction`, which is of the line, in front of `frontend_tree`. One that is
// there and has no value any more, as where a node was outside the training of another model, is taken out as
// it went in: of a node with the comma before it, `prediction` with that behind it; where there is none, with
// the other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "irene/tree.hpp"

namespace irene::data {

/// Keys that predictions add: to nodes, and the last to the line.
enum class OutputKey : unsigned char {
    predicted_energy,
    predicted_energy_low,
    predicted_energy_high,
    predicted_arithmetic_energy,
    predicted_memory_energy,
    predicted_static_energy,
    predicted_seconds,
    no_interval,
    outside_training,
    unseen_operation,
    prediction,
};

inline constexpr std::array<std::string_view, 11> kOutputKeys{"predicted_energy",
                                                              "predicted_energy_low",
                                                              "predicted_energy_high",
                                                              "predicted_arithmetic_energy",
                                                              "predicted_memory_energy",
                                                              "predicted_static_energy",
                                                              "predicted_seconds",
                                                              "no_interval",
                                                              "outside_training",
                                                              "unseen_operation",
                                                              "prediction"};
/// Of nodes: all but the last.
inline constexpr std::size_t kNumNodeOutputs = kOutputKeys.size() - 1;

constexpr std::uint32_t bit(OutputKey key) { return 1U << static_cast<unsigned>(key); }

/// A place in a line where predictions belong: bytes [begin, end) are the present value of a key, or, where
/// begin == end, all the keys that the node lacks can be inserted.
struct Splice {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t node = 0;  ///< 0 for the line's key
    /// Which keys belong here, as bit() has them.
    std::uint32_t keys = 1;
};

/// What is told of a node beside numbers. Most nodes have nothing of it.
struct NodeMarks {
    std::size_t node = 0;
    std::string no_interval = {};                    ///< why it has none; empty: nothing is told
    std::vector<std::string> outside_training = {};  ///< which quantities are
    bool unseen_operation = false;
};

/// The marks of a node; null where it has none. `all` is in node order.
const NodeMarks* marks_of(std::span<const NodeMarks> all, std::size_t node);

/// What is to stand in a line. Whatever has no value here is taken out of it.
struct Outputs {
    const std::vector<double>& joules;  ///< of every node
    /// Ends of the intervals of every node, absent() where it has none; null: no node has one.
    const std::vector<double>* low = nullptr;
    const std::vector<double>* high = nullptr;
    /// What the joules of every node are spent on; null: no node has it.
    const std::vector<EnergyParts>* parts = nullptr;
    /// Of every node, absent() where it has none; null: no node has any.
    const std::vector<double>* seconds = nullptr;
    std::span<const NodeMarks> marks = {};  ///< in node order
    std::string_view prediction = {};       ///< a JSON object; empty: none
};

/// Appends `line` with the outputs in their places; `splices` in order of position.
void splice(std::string_view line, const std::vector<Splice>& splices, const Outputs& outputs,
            std::string& out);

}  // namespace irene::data
