// One line of JSON to one tree: a strict walk over simdjson's on-demand parser that visits every value.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "irene/error.hpp"
#include "irene/tree.hpp"

#include "data/splice.hpp"
#include "data/tree_access.hpp"

namespace irene::data {

/// A tree, what its line tells of an earlier prediction beside energies, and where predictions belong in it.
struct TreeLine {
    Tree tree = TreeAccess::empty();
    std::vector<NodeMarks> marks;  ///< in node order
    std::string_view prediction;   ///< the line's JSON object of that name; empty where it has none
    std::vector<Splice> splices;   ///< in order of position
};

/// Reads line after line, using its memory again. For one thread at a time.
class TreeReader {
  public:
    /// `source` names the file in messages.
    explicit TreeReader(std::string source);
    ~TreeReader();
    TreeReader(const TreeReader&) = delete;
    TreeReader& operator=(const TreeReader&) = delete;

    /// Fills `out` from `line`, behind which kPadding more bytes must be readable. Throws Error (data).
    void read(std::string_view line, std::size_t number, TreeLine& out);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace irene::data
