#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

#include <simdjson.h>

#include "irene/architectures.hpp"
#include "irene/error.hpp"

#include "architectures/blueprint.hpp"
#include "architectures/read_config.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "data/scopes.hpp"

namespace irene {

namespace {

/// The node and all below it, appended in preorder.
void flatten(const architectures::Node& node, std::int32_t parent, const std::string& scope, bool is_shared,
             std::vector<CountedNode>& out) {
    const auto index = static_cast<std::int32_t>(out.size());
    is_shared = is_shared || node.is_shared;
    out.push_back({.parent = parent,
                   .type = node.type,
                   .is_function = node.is_function,
                   .is_shared = is_shared,
                   .scope = scope,
                   .instance_type = node.instance_type,
                   .num_parameters = node.parameters.value(),
                   .flops = node.total.flops.value(),
                   .bytes = node.total.bytes.value(),
                   .own_flops = node.own.flops.value(),
                   .own_bytes = node.own.bytes.value()});
    for (const architectures::Node& child : node.children)
        flatten(child, index, scope + "." + child.name, is_shared, out);
}

void append_count(std::string& out, std::int64_t count) {
    std::array<char, 24> text{};
    out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), count).ptr);
}

/// Writes a tree as JSON. Scopes and instance types are our own words; only the model's name needs escapes.
class TreeWriter {
  public:
    TreeWriter(const CountedTree& tree, std::string& out) : tree_(tree), ends_(tree.nodes.size()), out_(out) {
        for (std::size_t node = tree.nodes.size(); node-- > 0;) {
            ends_[node] = std::max(ends_[node], node + 1);
            if (node == 0) break;
            std::size_t& end = ends_[static_cast<std::size_t>(tree.nodes[node].parent)];
            end = std::max(end, ends_[node]);
        }
        model_name_ = base::Json(tree.model_name).dump();
        id_ = model_name_.substr(0, model_name_.size() - 1) + '/' + std::to_string(tree.batch_size) + '/' +
              std::to_string(tree.seq_len) + '/';
    }

    void write() {
        out_ += R"({"model_name": )" + model_name_ + R"(, "batch_size": )";
        append_count(out_, tree_.batch_size);
        out_ += R"(, "seq_len": )";
        append_count(out_, tree_.seq_len);
        out_ += R"(, "frontend_tree": )";
        write_node(0, 0);
        out_ += '}';
    }

  private:
    // Recursion is safe: the trees of blueprints are a few nodes deep.
    void write_node(std::size_t index, int level) {
        constexpr double kFlopsUnit = 1e6;
        constexpr double kBytesUnit = 1 << 20;
        const CountedNode& node = tree_.nodes[index];
        out_ += R"({"id": )" + id_;
        append_count(out_, static_cast<std::int64_t>(index));
        add(R"(", "scope": ")", node.scope);
        add(R"(", "parent_name": ")",
            index == 0 ? "" : tree_.nodes[static_cast<std::size_t>(node.parent)].scope);
        out_ += R"(", "level": )";
        append_count(out_, level);
        add(R"(, "instance_type": ")", node.instance_type);
        add(R"(", "type": ")", node.is_function ? "ml-np" : name(node.type));
        out_ += R"(", "num_parameters": )";
        append_count(out_, node.num_parameters);
        out_ += R"(, "flops": )";
        base::append_number(out_, static_cast<double>(node.flops) / kFlopsUnit);
        out_ += R"(, "mem_bytes": )";
        base::append_number(out_, static_cast<double>(node.bytes) / kBytesUnit);
        out_ += R"(, "child_nodes_obj": [)";
        for_each_child(index, [&](std::size_t child) { write_node(child, level + 1); });
        out_ += R"(], "child_nodes": [)";
        for_each_child(index, [&](std::size_t child) {
            add("\"", tree_.nodes[child].scope);
            out_ += '"';
        });
        out_ += "]}";
    }

    void add(std::string_view key, std::string_view value) { (out_ += key) += value; }

    template <typename Visit>
    void for_each_child(std::size_t index, const Visit& visit) {
        for (std::size_t child = index + 1; child < ends_[index]; child = ends_[child]) {
            if (child > index + 1) out_ += ", ";
            visit(child);
        }
    }

    const CountedTree& tree_;
    std::vector<std::size_t> ends_;  // behind the last node below each
    std::string& out_;
    std::string model_name_, id_;  // as JSON; the id lacks its end
};

}  // namespace

Transformer::Transformer(std::string_view config, const std::string& source, std::string model_name,
                         const std::string& model_type, const Warn& warn)
    : model_name_(std::move(model_name)), source_(source) {
    if (model_name_.empty()) throw Error(ErrorKind::usage, "the model has an empty name", {.file = source});
    if (!simdjson::validate_utf8(model_name_))
        throw Error(ErrorKind::usage, "the model's name is not UTF-8", {.file = source});
    blueprint_ = std::make_shared<const architectures::Blueprint>(
        architectures::read_config(config, source, model_type, warn));
}

CountedTree Transformer::tree(std::int64_t batch_size, std::int64_t seq_len) const {
    if (blueprint_->positions && seq_len > blueprint_->positions->value()) {
        throw Error(ErrorKind::data,
                    "a length of " + std::to_string(seq_len) + " tokens is more than the model's " +
                        std::to_string(blueprint_->positions->value()) + " positions",
                    {.file = source_, .field = blueprint_->positions_field});
    }
    CountedTree tree{.model_name = model_name_, .batch_size = batch_size, .seq_len = seq_len, .nodes = {}};
    try {
        flatten(blueprint_->build({batch_size, seq_len}), -1, "root", false, tree.nodes);
    } catch (const architectures::CountOverflow&) {
        throw Error(ErrorKind::data,
                    "at batch size " + std::to_string(batch_size) + " and length " + std::to_string(seq_len) +
                        " a count does not fit 64 bits; this is the largest of the sizes",
                    {.file = source_, .field = blueprint_->largest_field});
    }
    return tree;
}

void append_json(const CountedTree& tree, std::string& out) { TreeWriter(tree, out).write(); }

std::vector<CountRow> count_rows(const CountedTree& tree) {
    std::vector<CountRow> rows;
    std::map<std::string, std::size_t> row_of;
    for (const CountedNode& node : tree.nodes) {
        const std::string scope = data::fold_layers(node.scope);
        const auto [entry, is_new] = row_of.emplace(scope, rows.size());
        if (is_new) rows.push_back({.scope = scope});
        CountRow& row = rows[entry->second];
        ++row.num_nodes;
        if (!node.is_shared) row.num_parameters += node.num_parameters;
        row.flops += node.flops;
        row.bytes += node.bytes;
    }
    return rows;
}

}  // namespace irene
