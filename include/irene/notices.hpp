// What predictions and training met that their user should know of, counted for one warning a file.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace irene {

/// A node outside the range of training.
struct OutOfRange {
    std::string_view quantity = {};  ///< e.g. "rows", or the name of a feature
    std::string_view meaning = {};   ///< the same in plain words
    double value = 0.0;
    double least = 0.0;     ///< training saw values from here ...
    double greatest = 0.0;  ///< ... to here
    /// value / greatest or least / value, whichever is above 1; where signs forbid a ratio, 1 + the distance
    /// from the range in units of its greater end.
    double overshoot = 0.0;
    std::size_t line = 0;  ///< of the tree
    std::size_t node = 0;  ///< in the tree
    std::string scope = {};
};

/// Why num_parameters, flops and mem_bytes of a dense product contradict each other.
enum class CountsCause : unsigned char {
    none,            ///< they do not
    no_parameters,   ///< num_parameters is 0: frozen weights were left out
    flops_in_giga,   ///< flops are counted in 10^9 instead of 10^6
    flops_in_units,  ///< flops are counted one by one
    multiply_adds,   ///< a multiplication with its addition is counted as one operation
    bytes_in_units,  ///< mem_bytes are counted one by one instead of in MiB
    bytes_in_mega,   ///< mem_bytes are counted in 10^6 bytes instead of MiB
    half_precision,  ///< mem_bytes are those of numbers of two bytes
    unknown,
};
inline constexpr std::size_t kNumCountsCauses = 9;

/// Dense products (Linear, Conv1D, Dense) that have no shape i -> o over n rows with their counts. Strategy
/// `additive` prices them by flops and bytes alone; the paper's strategies do not mind.
struct ContradictingCounts {
    struct Example {
        std::size_t line = 0, node = 0;  ///< the first in the file
        std::string scope = {};
        double num_parameters = 0.0;
        double flops = 0.0;      ///< 10^6
        double mem_bytes = 0.0;  ///< MiB
    };
    std::size_t num_dense = 0;                             ///< dense products met
    std::array<std::size_t, kNumCountsCauses> by_cause{};  ///< those that contradict, by CountsCause
    std::optional<Example> first;

    std::size_t num_nodes() const noexcept;  ///< that contradict
};

/// Counted over all predictions since the last clear.
struct PredictionNotices {
    std::set<std::string> unseen_operations;  ///< in lower case; strategy `additive` prices them all the same
    std::size_t num_nodes = 0;                ///< predicted
    std::size_t num_out_of_range =
        0;  ///< outside a range by more than 1 %, or by anything where it is a point
    std::optional<OutOfRange> worst;    ///< the greatest overshoot; of equal ones the first in the file
    std::set<std::string> unlike_runs;  ///< in words, why training tells nothing of some runs
    ContradictingCounts counts;
};

/// Adds the notices of another part of the same file; the order of the parts does not matter.
void add(PredictionNotices& to, const PredictionNotices& from);
void add(ContradictingCounts& to, const ContradictingCounts& from);

/// One sentence for the user; empty where nothing contradicts.
std::string to_words(const ContradictingCounts& counts);
/// One sentence for each kind of notice that there is.
std::vector<std::string> to_words(const PredictionNotices& notices);

}  // namespace irene
