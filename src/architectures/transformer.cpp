#include <map>
#include <utility>

#include <simdjson.h>

#include "irene/architectures.hpp"
#include "irene/error.hpp"
#include "irene/tree.hpp"

#include "architectures/blueprint.hpp"
#include "architectures/read_config.hpp"
#include "data/scopes.hpp"

namespace irene {

Transformer::Transformer(std::string_view config, const std::string& source, std::string model_name,
                         const std::string& model_type, const Warn& warn)
    : model_name_(std::move(model_name)) {
    if (model_name_.empty()) throw Error(ErrorKind::usage, "the model has an empty name", {.file = source});
    if (!simdjson::validate_utf8(model_name_))
        throw Error(ErrorKind::usage, "the model's name is not UTF-8", {.file = source});
    blueprint_ = std::make_shared<const architectures::Blueprint>(
        architectures::read_config(config, source, model_type, warn));
}

architectures::Part architectures::parts_of(const Transformer& transformer, std::int64_t batch_size,
                                            std::int64_t seq_len) {
    const Blueprint& blueprint = *transformer.blueprint_;
    for (const auto& [size, what] : {std::pair{batch_size, "batch size"}, {seq_len, "length"}}) {
        if (size < 1 || size > Fields::kMaxSize) {
            throw Error(ErrorKind::usage, "expected a " + std::string(what) + " from 1 to " +
                                              std::to_string(Fields::kMaxSize) + ", found " +
                                              std::to_string(size));
        }
    }
    if (blueprint.positions && seq_len > blueprint.positions->value()) {
        throw Error(ErrorKind::data,
                    "a length of " + std::to_string(seq_len) + " tokens is more than the model's " +
                        std::to_string(blueprint.positions->value()) + " positions",
                    {.file = blueprint.source, .field = blueprint.positions_field});
    }
    try {
        return blueprint.build({batch_size, seq_len});
    } catch (const CountOverflow&) {
        throw Error(ErrorKind::data,
                    "at batch size " + std::to_string(batch_size) + " and length " + std::to_string(seq_len) +
                        " a count does not fit 64 bits; this is the largest of the sizes",
                    {.file = blueprint.source, .field = blueprint.largest_field});
    }
}

namespace {

// Recursion over parts is safe: the trees of blueprints are a few nodes deep.

/// Adds the nodes of a tree.
class NodeAdder {
  public:
    /// `id` is the beginning of every id.
    NodeAdder(std::string id, TreeBuilder& builder) : id_(std::move(id)), builder_(builder) {}

    /// Adds the part and all below it.
    void add(const architectures::Part& part, const std::string& scope) {
        NewNode node{.type = part.type, .instance_type = part.instance_type, .scope = scope};
        const auto set = [&node](Feature feature, double value) {
            node.features[static_cast<std::size_t>(feature)] = value;
        };
        set(Feature::num_parameters, static_cast<double>(part.parameters.value()));
        set(Feature::flops, part.total.mega_flops());
        set(Feature::mem_bytes, part.total.mebibytes());
        const std::string id = id_ + std::to_string(num_added_++);
        node.id = id;
        builder_.start_node(node);
        for (const architectures::Part& child : part.children) add(child, scope + "." + child.name);
        builder_.end_node();
    }

  private:
    std::string id_;
    TreeBuilder& builder_;
    std::size_t num_added_ = 0;
};

/// Adds parts to the rows of their scopes.
class CountTable {
  public:
    /// Adds the part and all below it.
    void add(const architectures::Part& part, const std::string& scope, bool is_shared) {
        is_shared = is_shared || part.is_shared;
        const std::string folded = data::fold_layers(scope);
        const auto [entry, is_new] = row_of_.emplace(folded, rows.size());
        if (is_new) rows.push_back({.scope = folded});
        CountRow& row = rows[entry->second];
        ++row.num_nodes;
        if (!is_shared) row.num_parameters += part.parameters.value();
        row.flops += part.total.flops.value();
        row.bytes += part.total.bytes.value();
        for (const architectures::Part& child : part.children)
            add(child, scope + "." + child.name, is_shared);
    }

    std::vector<CountRow> rows;

  private:
    std::map<std::string, std::size_t> row_of_;
};

}  // namespace

Tree Transformer::tree(std::int64_t batch_size, std::int64_t seq_len) const {
    const architectures::Part root = architectures::parts_of(*this, batch_size, seq_len);
    TreeBuilder builder(model_name_, batch_size, seq_len);
    NodeAdder(model_name_ + "/" + std::to_string(batch_size) + "/" + std::to_string(seq_len) + "/", builder)
        .add(root, root.name);
    return builder.finish();
}

std::vector<CountRow> count_rows(const Transformer& transformer, std::int64_t batch_size,
                                 std::int64_t seq_len) {
    CountTable table;
    table.add(architectures::parts_of(transformer, batch_size, seq_len), "root", false);
    return std::move(table.rows);
}

}  // namespace irene
