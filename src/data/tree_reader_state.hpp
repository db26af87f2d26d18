// What TreeReader works with: StrictJson's walk, over the keys of a line (line_reader.cpp) and of its nodes
// (tree_reader.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/node_keys.hpp"
#include "data/repeated_amounts.hpp"
#include "data/splice.hpp"
#include "data/strict_json.hpp"
#include "data/tree_access.hpp"
#include "data/tree_checks.hpp"
#include "data/tree_reader.hpp"

namespace irene::data {

inline constexpr std::uint32_t kAllNodeOutputs = (1U << kNumNodeOutputs) - 1;
inline constexpr std::size_t kUnmarked = std::numeric_limits<std::size_t>::max();

struct TreeReader::State {
    explicit State(std::string source) : json(std::move(source)) {}

    StrictJson json;
    TreeLine* out = nullptr;
    RepeatedAmounts amounts;  // of this line

    /// A node while its members are read.
    struct OpenNode {
        std::size_t number = 0;
        std::size_t depth = 0;
        KeySet seen = 0;
        std::uint32_t missing_outputs = kAllNodeOutputs;
        std::size_t marks = kUnmarked;        // its place in those of the line
        std::size_t next_key = 0;             // the one that is expected
        const char* amounts_begin = nullptr;  // of amounts that are being read, to be used again
        const char* copied_until = nullptr;   // end of amounts that stand in another node too
    };

    std::vector<Node>& nodes() const { return TreeAccess::nodes(out->tree); }
    Place place(std::optional<std::size_t> node, std::string_view field) const {
        return {.node = node ? describe(out->tree, *node) : std::string(), .field = std::string(field)};
    }
    [[noreturn]] void refuse(const std::string& message, std::optional<std::size_t> node,
                             std::string_view field) const {
        json.refuse(message, place(node, field));
    }
    [[noreturn]] void refuse_twice(const char* raw_key, std::optional<std::size_t> node,
                                   std::string_view key) const {
        Place where = place(node, key);
        where.byte = json.position(raw_key);  // of the quote before it, from 1
        json.refuse("stands twice", where);
    }

    // What is called for each member is put into its caller: as calls, they took 9 % of the instructions of a
    // tool that does little but read.
    void read_run();
    void read_run_value(od::value& value, std::size_t key);
    void read_node(od::object object, std::int32_t parent, std::size_t depth);
    [[gnu::always_inline]] inline bool copies_amounts(OpenNode& node, const char* raw_key) const;
    void keep_amounts(OpenNode& node, const char* raw_key);
    [[gnu::always_inline]] inline void read_member(OpenNode& open, const KeyRow& key, od::value& value);
    void read_children(const OpenNode& node, od::value& value);
    void read_prediction(OpenNode& node, const KeyRow& key, od::value& value);
    void read_mark(OpenNode& node, const KeyRow& key, od::value& value);
    void read_line_prediction(od::value& value);
    void check_node(const OpenNode& node) const;
    void add_insertion(const OpenNode& node);

    [[gnu::always_inline]] inline std::string_view read_string(od::value& value, std::size_t node,
                                                               std::string_view field,
                                                               std::string_view expected = "a string");
    TreeAccess::TextRange read_text(od::value& value, std::size_t node, std::string_view field);
    double read_amount(od::value& value, std::size_t node, std::string_view field);
    void read_type(od::value& value, std::size_t node);
    void read_dtype(od::value& value, std::size_t node);
    template <typename Use>
    void read_texts(od::value& value, std::size_t node, std::string_view field, std::string_view expected,
                    const Use& use);
    void check_level(od::value& value, std::size_t node, std::string_view field);
};

}  // namespace irene::data
