// Predicted trees to look at: one offline page, or the formats of flame graph tools and spreadsheets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "irene/dataset.hpp"
#include "irene/error.hpp"
#include "irene/run_keys.hpp"
#include "irene/tree.hpp"

namespace irene {

/// What irene-visualize writes.
enum class ViewFormat : unsigned char {
    html,        ///< one self-contained page
    speedscope,  ///< JSON for speedscope.app: a profile a run, in microjoules
    folded,      ///< "run;encoder;0;dense 1234": stacks of flame graph tools, in whole microjoules
    csv,         ///< a row a node, in joules
};

std::string_view name(ViewFormat format) noexcept;
/// "'html', 'speedscope', ...": as in a message.
std::string view_format_choices();
std::optional<ViewFormat> view_format_from_name(std::string_view spelling) noexcept;

/// Which runs to take: those that have, for each key with a condition, one of its values.
struct RunFilter {
    std::map<RunKey, std::vector<RunValue>> conditions = {};

    bool accepts(const Tree& tree) const;
};

/// Adds "model_name=gpt2,distilgpt2", "batch_size=8" or "seq_len=32,64" to a filter; of one key given twice,
/// the values of both count.
/// Throws Error (usage), and leaves the filter as it is, on another key or a value that is none.
void add_condition(RunFilter& filter, std::string_view condition);

/// Runs that a page can have: one of more would take browsers minutes to open and people longer to read.
inline constexpr std::size_t kMaxPageRuns = 2000;

struct VisualizeOptions {
    ViewFormat format = ViewFormat::html;
    std::filesystem::path compare = {};  ///< a second file of predictions, for the page; empty: none
    std::string title = {};              ///< of the page; empty: named after the file
    RunFilter only = {};
    std::optional<std::size_t> sample = {};  ///< of each file keep this many runs, evenly spaced; at least 1
    /// For the format `html`, which needs one: the page as it was built, with kPageTitle and then kPageData
    /// where title and data belong. irene-visualize has its own.
    std::string_view page_template = {};
    std::size_t max_line_bytes = kMaxLineBytes;
    StopFlag stop = nullptr;
};

/// Marks in the page's template, which title and data take the place of. They stand in the text of an
/// element each, so that what replaces them, once it is escaped, cannot become markup.
inline constexpr std::string_view kPageTitle = "@IRENE_TITLE@";
inline constexpr std::string_view kPageData = "@IRENE_DATA@";

struct VisualizeSummary {
    std::size_t num_runs = 0;
    std::size_t num_nodes = 0;
    /// Nodes that are predicted to spend less than their children together, by more than 1e-9 of the run's
    /// energy. Their self energy is negative, which stacks cannot show: `speedscope` and `folded` leave it
    /// out.
    std::size_t num_negative_self = 0;
    /// Stacks that the format `folded` leaves out, as they spend less than half a microjoule and it has whole
    /// microjoules, and their share of the energy of all stacks.
    std::size_t num_too_small = 0;
    double share_too_small = 0.0;
};

/// Reads predictions ("-": standard input) and writes them to `output` ("-": standard output) in the format
/// asked for. Ids need not be unique. A file without trees is one without stacks or rows: `folded` and `csv`
/// write it. Throws Error: data as read_dataset() does, for a node without predicted_energy or whose parts do
/// not add up to it, where no run is accepted, and for more than kMaxPageRuns runs on a page; usage where an
/// option does not fit the format, where the template has not each mark once, and where the output is one of
/// the inputs; no_input, cannot_create, cannot_write.
VisualizeSummary visualize_file(const std::filesystem::path& predictions, const std::filesystem::path& output,
                                const VisualizeOptions& options = {});

}  // namespace irene
