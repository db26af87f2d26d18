#include "data/lines.hpp"

#include <algorithm>

#include "irene/error.hpp"

#include "base/hash.hpp"
#include "data/tree_access.hpp"

namespace irene::data {

namespace {

std::uint64_t hash_of(const Tree& tree) {
    return base::mix(base::hash_of(TreeAccess::text(tree)), tree.nodes().size());
}

}  // namespace

Line::Line(const TreeLine& read, std::string_view line)
    : number(read.tree.line()), tree_hash(hash_of(read.tree)), text(line), places(read.splices) {}

const Line& line_of(const Dataset& dataset, const Tree& tree) {
    const auto refuse = [&](const std::string& message) {
        throw Error(ErrorKind::usage, message, {.file = dataset.source, .line = tree.line()});
    };
    if (dataset.lines == nullptr) {
        refuse(
            "cross-validation writes predictions into the lines that trees were read from, and the dataset "
            "has none; "
            "read_dataset() keeps them where ReadOptions::keep_text is on");
    }
    const std::vector<Line>& lines = dataset.lines->all;
    const auto line =
        std::lower_bound(lines.begin(), lines.end(), tree.line(),
                         [](const Line& one, std::size_t number) { return one.number < number; });
    if (line == lines.end() || line->number != tree.line() || line->tree_hash != hash_of(tree))
        refuse("the dataset does not have the line that this tree was read from");
    return *line;
}

}  // namespace irene::data
