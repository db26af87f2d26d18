#include "data/tree_reader.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <utility>

#include "base/json.hpp"
#include "data/line_blocks.hpp"
#include "data/tree_reader_state.hpp"

namespace irene::data {

static_assert(kPadding >= RepeatedAmounts::kHashedBytes);

namespace {

constexpr auto kNodeKeyNames = names_of(kNodeKeys);

}  // namespace

std::string_view TreeReader::State::read_string(od::value& value, std::size_t node, std::string_view field,
                                                std::string_view expected) {
    std::string_view text;
    if (const auto error = value.get_string().get(text); error != simdjson::SUCCESS)
        json.refuse_value(error, expected, place(node, field));
    return text;
}

TreeAccess::TextRange TreeReader::State::read_text(od::value& value, std::size_t node,
                                                   std::string_view field) {
    const std::string_view text = read_string(value, node, field);
    if (const char* wrong = wrong_text(text); wrong != nullptr) refuse(wrong, node, field);
    return TreeAccess::store(out->tree, text);
}

double TreeReader::State::read_amount(od::value& value, std::size_t node, std::string_view field) {
    double number = 0.0;
    if (const auto error = get_double(value, number); error != simdjson::SUCCESS)
        json.refuse_value(error, "a finite number", place(node, field));
    if (const char* wrong = wrong_amount(number); wrong != nullptr) refuse(wrong, node, field);
    return number;
}

void TreeReader::State::read_type(od::value& value, std::size_t node) {
    const std::string_view text = read_string(value, node, "type", kNodeTypeChoices);
    const std::optional<NodeType> type = text == "ml-np" ? NodeType::ml : node_type_from_name(text);
    if (!type)
        refuse(std::string("expected ") + kNodeTypeChoices + ", found " + in_quotes(text), node, "type");
    nodes()[node].type = *type;
}

void TreeReader::State::read_dtype(od::value& value, std::size_t node) {
    static const std::string choices = base::choices(kDtypes);
    const std::string_view text = read_string(value, node, "dtype", choices);
    const std::optional<Dtype> dtype = dtype_from_name(text);
    if (!dtype) refuse("expected " + choices + ", found " + in_quotes(text), node, "dtype");
    nodes()[node].dtype = dtype;
}

template <typename Use>
void TreeReader::State::read_texts(od::value& value, std::size_t node, std::string_view field,
                                   std::string_view expected, const Use& use) {
    od::array texts;
    simdjson::error_code error = value.get_array().get(texts);
    if (error == simdjson::SUCCESS) {
        for (auto element : texts) {
            std::string_view text;
            error = element.get_string().get(text);
            if (error != simdjson::SUCCESS) break;
            use(text);
        }
    }
    if (error != simdjson::SUCCESS) json.refuse_value(error, expected, place(node, field));
}

void TreeReader::State::check_level(od::value& value, std::size_t node, std::string_view field) {
    std::int64_t level = 0;
    if (const auto error = value.get_int64().get(level); error != simdjson::SUCCESS)
        json.refuse_value(error, "a whole number", place(node, field));
    if (level < 0) refuse("expected a whole number that is not negative", node, field);
}

void TreeReader::State::read_node(od::object object, std::int32_t parent, std::size_t depth) {
    if (depth > base::kMaxDepth) json.refuse_depth();
    OpenNode node{.number = nodes().size(), .depth = depth, .copied_until = json.line().data()};
    nodes().emplace_back().parent = parent;
    for (auto member : object) {
        json.check(member.error());
        // Used where it stands: copying it out, just written in other widths, would stall each member.
        od::field&& field = std::move(member).value_unsafe();
        const char* raw_key = field.key().raw();  // gone once the key is unescaped
        if (raw_key < node.copied_until) continue;
        const std::size_t key = json.find_key(field, kNodeKeyNames, node.next_key);
        const bool is_amount = key != kUnknownKey && (kAmountKeys & bit(key)) != 0;
        if (is_amount && (node.seen & kAmountKeys) == 0) {
            if (copies_amounts(node, raw_key)) continue;
        } else if (!is_amount && node.amounts_begin != nullptr) {
            keep_amounts(node, raw_key);
        }
        if (key == kUnknownKey) {
            json.skip(field.value(), depth + 1);
            continue;
        }
        node.next_key = key + 1;
        if ((node.seen & bit(key)) != 0) refuse_twice(raw_key, node.number, kNodeKeyNames[key]);
        node.seen |= bit(key);
        read_member(node, kNodeKeys[key], field.value());
    }
    check_node(node);
    if (node.missing_outputs != 0) add_insertion(node);
}

/// Where a node's amounts begin: whether they stand in an earlier node too, byte for byte. Its values are
/// then copied, and the members are to be passed over.
bool TreeReader::State::copies_amounts(OpenNode& node, const char* raw_key) const {
    const std::string_view line = json.line();
    const auto* run = amounts.find(raw_key, line.data() + line.size());
    if (run == nullptr) {
        node.amounts_begin = raw_key;
        return false;
    }
    Node& read = nodes()[node.number];
    read.features = run->features;
    read.measured_energy = run->measured_energy;
    node.seen |= run->keys;
    node.copied_until = raw_key + run->size;
    node.next_key = static_cast<std::size_t>(std::bit_width(run->keys));
    return true;
}

/// Where a node's amounts end, at the next key: keeps them for the nodes behind.
void TreeReader::State::keep_amounts(OpenNode& node, const char* raw_key) {
    const Node& read = nodes()[node.number];
    amounts.add({node.amounts_begin, static_cast<std::size_t>(raw_key - node.amounts_begin),
                 node.seen & kAmountKeys, read.features, read.measured_energy});
    node.amounts_begin = nullptr;
}

void TreeReader::State::read_member(OpenNode& open, const KeyRow& key, od::value& value) {
    const std::size_t node = open.number;
    switch (key.holds) {
        case Holds::feature:
            nodes()[node].features[key.which] = read_amount(value, node, key.name);
            break;
        case Holds::measured_energy:
            nodes()[node].measured_energy = read_amount(value, node, key.name);
            break;
        case Holds::dtype:
            read_dtype(value, node);
            break;
        case Holds::id:
            TreeAccess::id(nodes()[node]) = read_text(value, node, key.name);
            break;
        case Holds::scope:
            TreeAccess::scope(nodes()[node]) = read_text(value, node, key.name);
            break;
        case Holds::instance_type:
            TreeAccess::instance_type(nodes()[node]) = read_text(value, node, key.name);
            break;
        case Holds::parent_name:
            (void)read_string(value, node, key.name);
            break;
        case Holds::level:
            check_level(value, node, key.name);
            break;
        case Holds::type:
            read_type(value, node);
            break;
        case Holds::child_scopes:
            read_texts(value, node, key.name, "a list of scopes", [](std::string_view) {});
            break;
        case Holds::children:
            read_children(open, value);
            break;
        case Holds::prediction:
            read_prediction(open, key, value);
            break;
        case Holds::no_interval:
        case Holds::outside_training:
        case Holds::unseen_operation:
            read_mark(open, key, value);
            break;
    }
}

void TreeReader::State::read_children(const OpenNode& node, od::value& value) {
    const auto refuse_children = [&](simdjson::error_code error) {
        json.refuse_value(error, "a list of nodes", place(node.number, "child_nodes_obj"));
    };
    od::array children;
    if (const auto error = value.get_array().get(children); error != simdjson::SUCCESS)
        refuse_children(error);
    for (auto element : children) {
        od::object child;
        if (const auto error = element.get_object().get(child); error != simdjson::SUCCESS)
            refuse_children(error);
        read_node(child, static_cast<std::int32_t>(node.number), node.depth + 2);
    }
}

/// Takes a prediction, and notes its place as one to write another into.
void TreeReader::State::read_prediction(OpenNode& node, const KeyRow& key, od::value& value) {
    std::string_view token = value.raw_json_token();
    while (!token.empty() && is_space(token.back())) token.remove_suffix(1);
    const std::uint32_t begin = json.position(token.data());
    out->splices.push_back({begin, begin + static_cast<std::uint32_t>(token.size()),
                            static_cast<std::uint32_t>(node.number), 1U << key.which});
    node.missing_outputs &= ~(1U << key.which);
    double number = 0.0;
    if (const auto error = get_double(value, number); error != simdjson::SUCCESS)
        json.refuse_value(error, "a finite number", place(node.number, key.name));
    if (key.which >= static_cast<std::size_t>(OutputKey::predicted_arithmetic_energy)) {
        if (const char* wrong = wrong_amount(number); wrong != nullptr) refuse(wrong, node.number, key.name);
    }
    Node& read = nodes()[node.number];
    const std::array places{&read.predicted_energy,
                            &read.predicted_low,
                            &read.predicted_high,
                            &read.predicted_parts.arithmetic_joules,
                            &read.predicted_parts.memory_joules,
                            &read.predicted_parts.static_joules,
                            &read.predicted_seconds};
    *places[key.which] = number;
}

/// Takes what was told of a node beside its energy, and notes its place likewise.
void TreeReader::State::read_mark(OpenNode& node, const KeyRow& key, od::value& value) {
    const std::uint32_t begin = json.position(value.raw_json_token().data());
    if (node.marks == kUnmarked) {
        node.marks = out->marks.size();
        out->marks.push_back({.node = node.number});
    }
    NodeMarks& marks = out->marks[node.marks];
    if (key.holds == Holds::no_interval) {
        marks.no_interval = read_string(value, node.number, key.name);
    } else if (key.holds == Holds::outside_training) {
        read_texts(value, node.number, key.name, "a list of names",
                   [&marks](std::string_view text) { marks.outside_training.emplace_back(text); });
    } else if (const auto error = value.get_bool().get(marks.unseen_operation); error != simdjson::SUCCESS) {
        json.refuse_value(error, "true or false", place(node.number, key.name));
    }
    out->splices.push_back(
        {begin, json.end_of_value(), static_cast<std::uint32_t>(node.number), 1U << key.which});
    node.missing_outputs &= ~(1U << key.which);
}

void TreeReader::State::check_node(const OpenNode& node) const {
    if (const KeySet missing = kRequiredKeys & ~node.seen; missing != 0)
        refuse("is missing", node.number, kNodeKeyNames[static_cast<std::size_t>(std::countr_zero(missing))]);
    if (const std::string wrong = wrong_type(out->tree, node.number); !wrong.empty())
        refuse(wrong, node.number, "type");
}

/// Notes where a node's missing predictions can be inserted: behind its last value.
void TreeReader::State::add_insertion(const OpenNode& node) {
    const char* at = json.line().data() + json.end_of_value() - 1;  // its closing brace
    while (is_space(at[-1])) --at;
    const std::uint32_t position = json.position(at);
    out->splices.push_back(
        {position, position, static_cast<std::uint32_t>(node.number), node.missing_outputs});
}

TreeReader::TreeReader(std::string source) : state_(std::make_unique<State>(std::move(source))) {}
TreeReader::~TreeReader() = default;

void TreeReader::read(std::string_view line, std::size_t number, TreeLine& out) {
    State& state = *state_;
    Tree& tree = out.tree;
    TreeAccess::start(tree, number);
    out.splices.clear();
    out.marks.clear();
    out.prediction = {};
    state.out = &out;
    state.amounts.clear();
    state.json.begin(line, number);
    state.read_run();
    const auto batch_size = static_cast<double>(tree.batch_size());
    const auto seq_len = static_cast<double>(tree.seq_len());
    // A node whose marks stand behind its children comes behind them.
    std::sort(out.marks.begin(), out.marks.end(),
              [](const NodeMarks& a, const NodeMarks& b) { return a.node < b.node; });
    for (Node& node : state.nodes()) set_run_features(node.features, batch_size, seq_len);
}

}  // namespace irene::data
