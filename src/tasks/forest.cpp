#include "tasks/forest.hpp"

#include <bit>
#include <type_traits>
#include <utility>

#include "irene/error.hpp"

#include "data/run_keys.hpp"
#include "data/tree_checks.hpp"
#include "tasks/prediction_words.hpp"

namespace irene::tasks {

namespace {

/// Appends the bytes of numbers: equal keys mean equal values, bit by bit.
template <typename T>
void append_bytes(std::string& key, T value) {
    static_assert(std::is_integral_v<T>);
    for (std::size_t i = 0; i < sizeof(T); ++i) key += static_cast<char>(value >> (8 * i) & 0xFFU);
}

/// Enters `value` under `key` unless an equal one is there; its position either way.
template <typename T>
std::uint32_t enter(std::unordered_map<std::string, std::uint32_t>& ids, std::vector<T>& values,
                    const std::string& key, std::type_identity_t<T> value) {
    const auto [place, is_new] = ids.try_emplace(key, static_cast<std::uint32_t>(values.size()));
    if (is_new) values.push_back(std::move(value));
    return place->second;
}

/// What `scope` adds to `parent`'s; empty where it is no extension.
std::string_view extension(std::string_view scope, std::string_view parent) {
    if (scope.size() <= parent.size() + 1 || !scope.starts_with(parent) || scope[parent.size()] != '.')
        return {};
    return scope.substr(parent.size() + 1);
}

std::vector<RunValue> keys_of(const Tree& tree) {
    std::vector<RunValue> values;
    for (const RunKey key : run_keys()) values.push_back(tree.run(key));
    return values;
}

}  // namespace

double Forest::self_energy(const Subtree& subtree) const {
    double children = 0.0;
    for (const std::uint32_t child : subtree.children) children += subtrees[child].predicted;
    return subtree.predicted - children;
}

std::string Forest::child_scope(std::string_view scope, const Shape::Child& child) const {
    if (child.whole_scope) return strings[child.name];
    std::string whole(scope);
    whole += '.';
    return whole += strings[child.name];
}

std::uint32_t ForestBuilder::intern(std::string_view text) {
    const std::string key(text);
    return enter(string_ids_, forest_.strings, key, std::string(text));
}

std::uint32_t ForestBuilder::enter_marks(const std::vector<data::NodeMarks>& marks, std::size_t node) {
    const data::NodeMarks* found = data::marks_of(marks, node);
    data::NodeMarks entered = found != nullptr ? *found : data::NodeMarks{};
    entered.node = 0;
    // Each text with its size before it, so that two lists differ where one could be cut like the other.
    std::string key(entered.unseen_operation ? "1" : "0");
    append_bytes(key, entered.no_interval.size());
    key += entered.no_interval;
    for (const std::string& quantity : entered.outside_training) {
        append_bytes(key, quantity.size());
        key += quantity;
    }
    return enter(marks_ids_, forest_.marks, key, std::move(entered));
}

std::uint32_t ForestBuilder::enter_work(const FeatureValues& features) {
    std::array<double, kWork.size()> work{};
    std::string key;
    for (std::size_t i = 0; i < kWork.size(); ++i) {
        work[i] = features[static_cast<std::size_t>(kWork[i])];
        append_bytes(key, std::bit_cast<std::uint64_t>(work[i]));
    }
    return enter(work_ids_, forest_.works, key, work);
}

void ForestBuilder::add(const data::TreeLine& line, std::uint32_t file, const std::string& source) {
    const Tree& tree = line.tree;
    (void)enter_marks({}, 0);  // the first: of nodes that have none
    constexpr std::uint32_t kNone = 0xFFFFFFFF;
    const std::size_t count = tree.nodes().size();
    std::vector<std::uint32_t> first_child(count, kNone), next_sibling(count, kNone), subtrees(count, kNone);
    for (std::size_t node = 0; node < count; ++node) {
        const bool is_missing = is_absent(tree.nodes()[node].predicted_energy);
        const std::string wrong =
            is_missing ? "is missing; run irene-predict first" : data::wrong_parts(tree.nodes()[node]);
        if (wrong.empty()) continue;
        throw Error(ErrorKind::data, wrong,
                    {.file = source,
                     .line = tree.line(),
                     .node = std::string(tree.scope(node)),
                     .field = "predicted_energy"});
    }
    const std::vector<data::Role> roles = data::roles_of(tree);
    std::string key;
    // Children stand behind their parent, so from the back each child is entered before it is needed.
    for (std::size_t node = count; node-- > 0;) {
        const Node& read = tree.nodes()[node];
        Shape shape{.instance_type = intern(tree.instance_type(node)), .type = read.type, .children = {}};
        Subtree subtree{.shape = 0,
                        .marks = line.marks.empty() ? 0 : enter_marks(line.marks, node),
                        .work = enter_work(read.features),
                        .predicted = read.predicted_energy,
                        .measured = read.measured_energy,
                        .low = read.predicted_low,
                        .high = read.predicted_high,
                        .seconds = read.predicted_seconds,
                        .parts = read.predicted_parts,
                        .children = {}};
        key.clear();
        append_bytes(key, shape.instance_type);
        append_bytes(key, static_cast<std::uint8_t>(shape.type));
        for (std::uint32_t child = first_child[node]; child != kNone; child = next_sibling[child]) {
            const std::string_view added = extension(tree.scope(child), tree.scope(node));
            const bool whole = added.empty();
            shape.children.push_back({.name = intern(whole ? tree.scope(child) : added),
                                      .whole_scope = whole,
                                      .shape = forest_.subtrees[subtrees[child]].shape,
                                      .role = roles[child]});
            subtree.children.push_back(subtrees[child]);
            append_bytes(key, shape.children.back().name);
            append_bytes(key, static_cast<std::uint8_t>(whole));
            append_bytes(key, shape.children.back().shape);
            append_bytes(key, shape.children.back().role);
        }
        subtree.shape = enter(shape_ids_, forest_.shapes, key, std::move(shape));
        key.clear();
        append_bytes(key, subtree.shape);
        append_bytes(key, subtree.marks);
        append_bytes(key, subtree.work);
        for (const double number :
             {subtree.predicted, subtree.measured, subtree.low, subtree.high, subtree.seconds,
              subtree.parts.arithmetic_joules, subtree.parts.memory_joules, subtree.parts.static_joules}) {
            append_bytes(key, std::bit_cast<std::uint64_t>(number));
        }
        for (const std::uint32_t child : subtree.children) append_bytes(key, child);
        subtrees[node] = enter(subtree_ids_, forest_.subtrees, key, std::move(subtree));
        if (read.parent >= 0) {
            const auto parent = static_cast<std::size_t>(read.parent);
            next_sibling[node] = first_child[parent];
            first_child[parent] = static_cast<std::uint32_t>(node);
        }
    }
    std::vector<RunValue> keys = keys_of(tree);
    const std::uint32_t model = intern(data::label_of(data::kRunKeys, keys));
    forest_.runs.push_back({.model = model,
                            .scope = intern(tree.scope(0)),
                            .root = subtrees[0],
                            .file = file,
                            .prediction = intern(prediction_in_words(line.prediction)),
                            .device = intern(device_of_prediction(line.prediction)),
                            .level = level_of_prediction(line.prediction),
                            .keys = std::move(keys),
                            .num_nodes = count});
}

Forest ForestBuilder::take(const std::vector<Run>& runs) const {
    // Whatever is pointed to stands before what points to it: one walk from the back marks all that is
    // needed.
    std::vector<char> keep_subtree(forest_.subtrees.size()), keep_shape(forest_.shapes.size()),
        keep_string(forest_.strings.size()), keep_marks(forest_.marks.size()),
        keep_work(forest_.works.size());
    for (const Run& run : runs) {
        keep_subtree[run.root] = 1;
        for (const std::uint32_t text : {run.model, run.scope, run.prediction, run.device})
            keep_string[text] = 1;
    }
    for (std::size_t i = keep_subtree.size(); i-- > 0;) {
        if (keep_subtree[i] == 0) continue;
        keep_shape[forest_.subtrees[i].shape] = keep_marks[forest_.subtrees[i].marks] = 1;
        keep_work[forest_.subtrees[i].work] = 1;
        for (const std::uint32_t child : forest_.subtrees[i].children) keep_subtree[child] = 1;
    }
    for (std::size_t i = keep_shape.size(); i-- > 0;) {
        if (keep_shape[i] == 0) continue;
        keep_string[forest_.shapes[i].instance_type] = 1;
        for (const Shape::Child& child : forest_.shapes[i].children) {
            keep_shape[child.shape] = keep_string[child.name] = 1;
        }
    }
    if (!keep_marks.empty()) keep_marks[0] = 1;
    Forest taken;
    const auto compact = [](const std::vector<char>& keep, const auto& from, auto& to) {
        std::vector<std::uint32_t> places(keep.size());
        for (std::size_t i = 0; i < keep.size(); ++i) {
            if (keep[i] == 0) continue;
            places[i] = static_cast<std::uint32_t>(to.size());
            to.push_back(from[i]);
        }
        return places;
    };
    const std::vector<std::uint32_t> strings = compact(keep_string, forest_.strings, taken.strings);
    const std::vector<std::uint32_t> shapes = compact(keep_shape, forest_.shapes, taken.shapes);
    const std::vector<std::uint32_t> subtrees = compact(keep_subtree, forest_.subtrees, taken.subtrees);
    const std::vector<std::uint32_t> marks = compact(keep_marks, forest_.marks, taken.marks);
    const std::vector<std::uint32_t> works = compact(keep_work, forest_.works, taken.works);
    for (Shape& shape : taken.shapes) {
        shape.instance_type = strings[shape.instance_type];
        for (Shape::Child& child : shape.children) {
            child.name = strings[child.name];
            child.shape = shapes[child.shape];
        }
    }
    for (Subtree& subtree : taken.subtrees) {
        subtree.shape = shapes[subtree.shape];
        subtree.marks = marks[subtree.marks];
        subtree.work = works[subtree.work];
        for (std::uint32_t& child : subtree.children) child = subtrees[child];
    }
    taken.runs = runs;
    for (Run& run : taken.runs) {
        run.model = strings[run.model];
        run.scope = strings[run.scope];
        run.root = subtrees[run.root];
        run.prediction = strings[run.prediction];
        run.device = strings[run.device];
    }
    return taken;
}

}  // namespace irene::tasks
