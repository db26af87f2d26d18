// A forest of predicted trees as text: the page's data, and the formats of other tools.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "irene/visualize.hpp"

#include "tasks/forest.hpp"

namespace irene::tasks {

/// Takes the text piece by piece.
using Sink = std::function<void(std::string_view)>;

/// The data of the page as one JSON document. No '<', '>' or '&' stands in it, nor a line separator that
/// JavaScript knows and JSON does not: whatever a name holds, it cannot end the element that the data stand
/// in. apps/visualize/web/src/data.ts reads it and describes its members.
std::string page_data(const Forest& forest, std::string_view title, const std::vector<std::string>& files);

/// `text` as text of an HTML document.
std::string escape_html(std::string_view text);

/// Stacks that a format has no number for.
struct LeftOut {
    std::size_t num_stacks = 0;
    double share = 0.0;  ///< of the energy of all stacks
};

/// One file of speedscope, folded stacks, or CSV with a header. Folded stacks have whole microjoules, so that
/// those below half of one are left out.
void write_speedscope(const Forest& forest, std::string_view title, const Sink& sink);
LeftOut write_folded(const Forest& forest, const Sink& sink);
void write_csv(const Forest& forest, const Sink& sink);

/// Nodes with a self energy below -1e-9 of their run's.
std::size_t count_negative_self(const Forest& forest);

}  // namespace irene::tasks
