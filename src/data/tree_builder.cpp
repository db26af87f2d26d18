#include <utility>

#include "irene/error.hpp"
#include "irene/tree.hpp"

#include "base/json.hpp"
#include "data/id_table.hpp"
#include "data/run_keys.hpp"
#include "data/tree_access.hpp"
#include "data/tree_checks.hpp"

namespace irene {

namespace {

/// Refuses what is wrong with a part of the tree; null is nothing.
void refuse_wrong(const char* wrong, const std::string& node, std::string_view field) {
    if (wrong != nullptr) throw Error(ErrorKind::data, wrong, {.node = node, .field = std::string(field)});
}

void check_features(const FeatureValues& given, const FeatureValues& of_run, const std::string& node) {
    for (std::size_t i = 0; i < kNumFeatures; ++i) {
        if (is_absent(given[i])) continue;
        const std::string_view field = name(static_cast<Feature>(i));
        refuse_wrong(data::wrong_amount(given[i]), node, field);
        if (!is_absent(of_run[i]) && given[i] != of_run[i])
            refuse_wrong("differs from that of the tree", node, field);
    }
}

void check_costs(const NewNode& given, const std::string& node) {
    if (!is_absent(given.measured_energy))
        refuse_wrong(data::wrong_amount(given.measured_energy), node, "ground_truth_energy");
    for (const auto& [energy, field] : {std::pair{given.predicted_energy, "predicted_energy"},
                                        {given.predicted_low, "predicted_energy_low"},
                                        {given.predicted_high, "predicted_energy_high"}}) {
        if (!is_absent(energy)) refuse_wrong(data::wrong_number(energy), node, field);
    }
    const EnergyParts& parts = given.predicted_parts;
    for (const auto& [amount, field] : {std::pair{parts.arithmetic_joules, "predicted_arithmetic_energy"},
                                        {parts.memory_joules, "predicted_memory_energy"},
                                        {parts.static_joules, "predicted_static_energy"},
                                        {given.predicted_seconds, "predicted_seconds"}}) {
        if (!is_absent(amount)) refuse_wrong(data::wrong_amount(amount), node, field);
    }
}

}  // namespace

TreeBuilder::TreeBuilder(std::string_view model_name, std::int64_t batch_size, std::int64_t seq_len,
                         std::size_t line)
    : tree_(data::TreeAccess::empty()) {
    set(RunKey::model_name, std::string(model_name));
    set(RunKey::batch_size, batch_size);
    set(RunKey::seq_len, seq_len);
    data::TreeAccess::line(tree_) = line;
}

void TreeBuilder::set(RunKey key, const RunValue& value) {
    const auto index = static_cast<std::size_t>(key);
    if (index >= data::kRunKeys.size()) refuse_wrong("a run has no such key", {}, {});
    const std::string wrong = data::wrong_run_value(data::kRunKeys[index], value);
    if (!wrong.empty()) refuse_wrong(wrong.c_str(), {}, name(key));
    if (!tree_.nodes().empty()) refuse_wrong("is set behind the first node", {}, name(key));
    data::TreeAccess::run(tree_)[index] = value;
}

std::size_t TreeBuilder::start_node(const NewNode& node) {
    const bool is_root = open_.empty();
    std::string place(node.scope);
    if (place.empty()) place = is_root ? "root" : "a child of " + data::describe(tree_, open_.back());
    if (is_root && !tree_.nodes().empty()) refuse_wrong("a tree has one root; this is another", place, {});
    // As deep as the reader takes a tree: each node adds the levels of an object and of its list.
    if (2 * open_.size() + 2 > base::kMaxDepth)
        refuse_wrong(("nested deeper than " + std::to_string(base::kMaxDepth)).c_str(), {}, {});
    refuse_wrong(data::wrong_text(node.id), place, "id");
    refuse_wrong(data::wrong_text(node.scope), place, "scope");
    refuse_wrong(data::wrong_text(node.instance_type), place, "instance_type");
    FeatureValues of_run = no_features();
    data::set_run_features(of_run, static_cast<double>(tree_.batch_size()),
                           static_cast<double>(tree_.seq_len()));
    check_features(node.features, of_run, place);
    check_costs(node, place);
    const std::size_t more = node.id.size() + node.scope.size() + node.instance_type.size();
    if (more > data::kMaxTextBytes || data::TreeAccess::text(tree_).size() > data::kMaxTextBytes - more)
        refuse_wrong("the texts of the tree are longer than a line may be", place, {});

    Node added;
    added.parent = is_root ? -1 : static_cast<std::int32_t>(open_.back());
    added.type = node.type;
    added.features = node.features;
    data::set_run_features(added.features, static_cast<double>(tree_.batch_size()),
                           static_cast<double>(tree_.seq_len()));
    added.measured_energy = node.measured_energy;
    added.predicted_energy = node.predicted_energy;
    added.predicted_low = node.predicted_low;
    added.predicted_high = node.predicted_high;
    added.predicted_parts = node.predicted_parts;
    added.predicted_seconds = node.predicted_seconds;
    added.dtype = node.dtype;
    data::TreeAccess::id(added) = data::TreeAccess::store(tree_, node.id);
    data::TreeAccess::scope(added) = data::TreeAccess::store(tree_, node.scope);
    data::TreeAccess::instance_type(added) = data::TreeAccess::store(tree_, node.instance_type);
    open_.push_back(tree_.nodes().size());
    data::TreeAccess::nodes(tree_).push_back(added);
    return open_.back();
}

void TreeBuilder::end_node() {
    if (open_.empty()) throw Error(ErrorKind::data, "a node is ended, but none has been started");
    const std::size_t node = open_.back();
    const std::string wrong = data::wrong_type(tree_, node);
    if (!wrong.empty()) refuse_wrong(wrong.c_str(), data::describe(tree_, node), "type");
    open_.pop_back();
}

Tree TreeBuilder::finish() {
    if (tree_.nodes().empty()) refuse_wrong("a tree needs a root", {}, {});
    if (!open_.empty()) refuse_wrong("has not ended", data::describe(tree_, open_.back()), {});
    data::IdTable ids(tree_.nodes().size());
    for (std::size_t node = 0; node < tree_.nodes().size(); ++node) {
        if (ids.insert(tree_.id(node)) == data::IdTable::kNone) continue;
        refuse_wrong((in_quotes(tree_.id(node)) + " is also the id of another node").c_str(),
                     data::describe(tree_, node), "id");
    }
    Tree finished = tree_;
    data::TreeAccess::nodes(tree_).clear();
    data::TreeAccess::text(tree_).clear();
    return finished;
}

}  // namespace irene
