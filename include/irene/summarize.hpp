// Where the energy goes: predictions summed by run, by scope or by operation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "irene/dataset.hpp"
#include "irene/error.hpp"
#include "irene/run_keys.hpp"
#include "irene/table.hpp"

namespace irene {

/// Keys of a node that a summary can have rows for. The phase of a node is `prefill` or `decode` where it
/// lies in that of a generation, `generation` at its root, and `forward` where nothing is generated.
enum class NodeKey : unsigned char { scope, instance_type, type, phase };

/// What rows of a summary are told apart by. In a table, keys of the run stand before those of the node.
using SummaryKey = std::variant<RunKey, NodeKey>;

/// The key's name in the data files.
std::string_view name(SummaryKey key) noexcept;
std::optional<SummaryKey> summary_key_from_name(std::string_view spelling) noexcept;
/// The names of all, in their order in a table.
std::vector<std::string> summary_key_names();

enum class EnergyUnit : unsigned char { joule, millijoule, watt_hour, kilowatt_hour };

/// "J", "mJ", "Wh", "kWh".
std::string_view name(EnergyUnit unit) noexcept;
std::optional<EnergyUnit> energy_unit_from_name(std::string_view spelling) noexcept;

struct SummaryOptions {
    /// Empty: model_name, batch_size and seq_len, with those further keys of runs that some tree sets.
    std::vector<SummaryKey> by = {};
    EnergyUnit unit = EnergyUnit::joule;
    std::size_t top = 0;      ///< rows that are kept, the costliest; 0 for all
    bool measured = false;    ///< sums the measured energies instead of the predicted ones
    bool fold_layers = true;  ///< scopes that differ only by a layer's number are one, "root.encoder.*"
    std::size_t max_line_bytes = kMaxLineBytes;
    StopFlag stop = nullptr;
};

/// Sums a file of trees ("-" is standard input), which is read line by line, so that memory grows with the
/// rows alone. Energies are means over the trees that have the row's run keys.
///
/// By keys of the run alone, the costliest tree first, after the keys and with E in the unit:
///     trees, E/tree, E/sample, E/token       energy by tree, by sequence of the batch, and by token of all
///                                            its sequences (its prompts, where text is generated)
///     E/new token                            by token that is generated; left out where no run has any
/// With a key of the node, the greatest self energy first, after the keys:
///     nodes/tree             nodes of the row, by tree
///     E/tree                 their energy with all below them; where one lies in another, each joule once
///     self E/tree            their energy without that of their children; adds up to the roots'
///     self %                 that as a share of the roots' energy
/// Predicted energies with intervals, at last:
///     low E/tree             of rows of a single tree, or of a single node of it; others have no value, as
///     high E/tree            the interval of a sum or a mean does not follow from those of its parts. Left
///                            out where no row has one.
/// Predicted energies some of which come from beyond training, at last; left out where no row has any:
///     outside %              the part of E that nodes outside the range of training spend without their
///                            children, where a row has such nodes in it
///     unseen %               likewise, of operations that training did not see
/// The table's notes explain them, tell why rows have no interval, and say what the lines' `prediction` does:
/// which model predicted.
///
/// The self energy of a leaf is its energy. That of an inner node is its own work in an additive model; in
/// the paper's weighted trees it is what the weights correct, and may be negative.
///
/// A file without trees gives a table without rows. Throws Error: usage where `by` names a key
/// twice, or an enumerator is none; data for a malformed file, a node without the energy that is asked for,
/// or sums beyond a double; no_input.
Table summarize(const std::filesystem::path& predictions, const SummaryOptions& options);

}  // namespace irene
