// The nodes of a forest one by one, as the formats of irene-visualize write them.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "irene/run_keys.hpp"

#include "data/run_keys.hpp"
#include "tasks/forest.hpp"

namespace irene::tasks {

/// Calls visit(subtree, name, scope, depth) for every node of a run, parents first; `leave` after a node's
/// children. The reader bounds the depth.
struct Walk {
    const Forest& forest;
    std::function<void(const Subtree&, std::string_view name, std::string_view scope, std::size_t depth,
                       const Subtree* parent)>
        visit;
    std::function<void()> leave = [] {};

    void over(const Run& run) const {
        const std::string& scope = forest.strings[run.scope];
        node(forest.subtrees[run.root], scope, scope, 0, nullptr);
    }

  private:
    void node(const Subtree& subtree, std::string_view name, const std::string& scope, std::size_t depth,
              const Subtree* parent) const {
        visit(subtree, name, scope, depth, parent);
        const Shape& shape = forest.shape_of(subtree);
        for (std::size_t i = 0; i < subtree.children.size(); ++i) {
            const Shape::Child& child = shape.children[i];
            node(forest.subtrees[subtree.children[i]], forest.strings[child.name],
                 forest.child_scope(scope, child), depth + 1, &subtree);
        }
        leave();
    }
};

inline std::string key_text(const Run& run, RunKey key) {
    return data::to_text(run.keys[static_cast<std::size_t>(key)]);
}

}  // namespace irene::tasks
