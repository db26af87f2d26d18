#include <algorithm>
#include <map>
#include <utility>

#include <simdjson.h>

#include "irene/architectures.hpp"
#include "irene/error.hpp"
#include "irene/tree.hpp"

#include "architectures/blueprint.hpp"
#include "architectures/phases.hpp"
#include "architectures/read_config.hpp"
#include "data/scopes.hpp"

namespace irene {

Transformer::Transformer(std::string_view config, const std::string& source, std::string model_name,
                         const std::string& model_type, const Warn& warn, Counting counting)
    : model_name_(std::move(model_name)) {
    if (model_name_.empty()) throw Error(ErrorKind::usage, "the model has an empty name", {.file = source});
    if (!simdjson::validate_utf8(model_name_))
        throw Error(ErrorKind::usage, "the model's name is not UTF-8", {.file = source});
    blueprint_ = std::make_shared<const architectures::Blueprint>(
        architectures::read_config(config, source, model_type, warn, counting));
}

architectures::Part architectures::parts_of(const Transformer& transformer, const Run& run) {
    return parts_of(*transformer.blueprint_, run);
}

Dtype architectures::dtype_of(const Transformer& transformer, const Run& run) {
    const Blueprint& blueprint = *transformer.blueprint_;
    return run.counting == Counting::paper ? Dtype::float32
                                           : weights_of(blueprint.stored, run.dtype, blueprint.source).dtype;
}

namespace {

// Recursion over parts is safe: the trees of blueprints are a few nodes deep.

/// Adds the nodes of a tree.
class NodeAdder {
  public:
    /// `id` is the beginning of every id.
    NodeAdder(std::string id, Counting counting, TreeBuilder& builder)
        : id_(std::move(id)), counting_(counting), builder_(builder) {}

    /// Adds the part and all below it.
    void add(const architectures::Part& part, const std::string& scope) {
        NewNode node{.type = part.type, .instance_type = part.instance_type, .scope = scope};
        const auto set = [&node](Feature feature, double value) {
            node.features[static_cast<std::size_t>(feature)] = value;
        };
        set(Feature::num_parameters, static_cast<double>(part.parameters.value()));
        set(Feature::flops, part.total.mega_flops());
        set(Feature::mem_bytes, part.total.mebibytes());
        if (part.calls != 1) set(Feature::calls, static_cast<double>(part.calls.value()));
        if (counting_ == Counting::kernels)
            set(Feature::launches, static_cast<double>(part.total.launches.value()));
        node.dtype = part.dtype;
        const std::string id = id_ + std::to_string(num_added_++);
        node.id = id;
        builder_.start_node(node);
        for (const architectures::Part& child : part.children) add(child, scope + "." + child.name);
        builder_.end_node();
    }

  private:
    std::string id_;
    Counting counting_;
    TreeBuilder& builder_;
    std::size_t num_added_ = 0;
};

/// Adds parts to the rows of their scopes.
class CountTable {
  public:
    explicit CountTable(Dtype dtype) : dtype_(dtype) {}

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
        row.launches += part.total.launches.value();
        const Dtype dtype = part.dtype.value_or(dtype_);
        if (std::find(row.dtypes.begin(), row.dtypes.end(), dtype) == row.dtypes.end())
            row.dtypes.push_back(dtype);
        for (const architectures::Part& child : part.children)
            add(child, scope + "." + child.name, is_shared);
    }

    std::vector<CountRow> rows;

  private:
    Dtype dtype_;
    std::map<std::string, std::size_t> row_of_;
};

}  // namespace

Tree Transformer::tree(const Run& run) const {
    const architectures::Part root = architectures::parts_of(*this, run);
    TreeBuilder builder(model_name_, run.batch_size, run.seq_len);
    const std::vector<RunValue> values = architectures::values_of(*this, run);
    for (const RunKey key : run_keys()) {
        if (key > RunKey::seq_len) builder.set(key, values[static_cast<std::size_t>(key)]);
    }
    NodeAdder(architectures::id_of(values, {}), run.counting, builder).add(root, root.name);
    return builder.finish();
}

std::vector<CountRow> count_rows(const Transformer& transformer, const Run& run) {
    CountTable table(architectures::dtype_of(transformer, run));
    table.add(architectures::parts_of(transformer, run), "root", false);
    return std::move(table.rows);
}

}  // namespace irene
