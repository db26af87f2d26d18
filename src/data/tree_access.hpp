// Trees as those see them who fill them: the reader, which uses their memory again, and TreeBuilder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "irene/tree.hpp"

#include "data/run_keys.hpp"

namespace irene::data {

struct TreeAccess {
    using TextRange = Node::TextRange;

    /// A tree without nodes, to be filled.
    static Tree empty() {
        Tree tree;
        start(tree, 0);
        return tree;
    }

    /// Empties a tree, whose memory is used again. Keys that a file may lack get their defaults.
    static void start(Tree& tree, std::size_t line) {
        static const std::vector<RunValue> defaults = default_run();
        tree.run_.resize(kRunKeys.size());
        for (std::size_t key = 0; key < kRunKeys.size(); ++key) {
            if (tree.run_[key].index() != defaults[key].index() || !kRunKeys[key].fallback.empty())
                tree.run_[key] = defaults[key];
        }
        tree.line_ = line;
        tree.nodes_.clear();
        tree.text_.clear();
    }

    static std::vector<RunValue>& run(Tree& tree) { return tree.run_; }
    static std::size_t& line(Tree& tree) { return tree.line_; }
    static std::vector<Node>& nodes(Tree& tree) { return tree.nodes_; }
    static std::string& text(Tree& tree) { return tree.text_; }
    static const std::string& text(const Tree& tree) { return tree.text_; }

    static TextRange& id(Node& node) { return node.id_; }
    static TextRange& scope(Node& node) { return node.scope_; }
    static TextRange& instance_type(Node& node) { return node.instance_type_; }
    static TextRange id(const Node& node) { return node.id_; }
    static TextRange scope(const Node& node) { return node.scope_; }

    static TextRange store(Tree& tree, std::string_view text) {
        const TextRange range{static_cast<std::uint32_t>(tree.text_.size()),
                              static_cast<std::uint32_t>(text.size())};
        tree.text_ += text;
        return range;
    }
};

/// The features that every node has from its tree.
inline void set_run_features(FeatureValues& features, double batch_size, double seq_len) {
    features[static_cast<std::size_t>(Feature::batch_size)] = batch_size;
    features[static_cast<std::size_t>(Feature::seq_len)] = seq_len;
    features[static_cast<std::size_t>(Feature::input_size)] = batch_size * seq_len;
}

}  // namespace irene::data
