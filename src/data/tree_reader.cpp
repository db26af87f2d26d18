#include "data/tree_reader.hpp"

#include <array>
#include <bit>
#include <optional>
#include <utility>

#include "base/json.hpp"
#include "data/line_blocks.hpp"
#include "data/node_keys.hpp"
#include "data/repeated_amounts.hpp"
#include "data/strict_json.hpp"
#include "data/tree_checks.hpp"

namespace irene::data {

static_assert(kPadding >= RepeatedAmounts::kHashedBytes);

namespace {

constexpr auto kNodeKeyNames = names_of(kNodeKeys);

/// Keys of a line: those of the run, then the tree.
constexpr std::size_t kTreeKey = kRunKeys.size();
constexpr auto kLineKeyNames = [] {
    std::array<std::string_view, kRunKeys.size() + 1> names{};
    for (std::size_t i = 0; i != kRunKeys.size(); ++i) names[i] = kRunKeys[i].name;
    names[kTreeKey] = "frontend_tree";
    return names;
}();

constexpr std::uint32_t kAllOutputKeys = (1U << kNumOutputKeys) - 1;

}  // namespace

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
        std::uint32_t missing_outputs = kAllOutputKeys;
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
    void check_node(const OpenNode& node) const;
    void add_insertion(const OpenNode& node);

    [[gnu::always_inline]] inline std::string_view read_string(od::value& value, std::size_t node,
                                                               std::string_view field,
                                                               std::string_view expected = "a string");
    TreeAccess::TextRange read_text(od::value& value, std::size_t node, std::string_view field);
    double read_amount(od::value& value, std::size_t node, std::string_view field);
    void read_type(od::value& value, std::size_t node);
    void read_dtype(od::value& value, std::size_t node);
    void check_scopes(od::value& value, std::size_t node, std::string_view field);
    void check_level(od::value& value, std::size_t node, std::string_view field);
};

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

void TreeReader::State::check_scopes(od::value& value, std::size_t node, std::string_view field) {
    od::array scopes;
    simdjson::error_code error = value.get_array().get(scopes);
    if (error == simdjson::SUCCESS) {
        for (auto element : scopes) {
            std::string_view text;
            error = element.get_string().get(text);
            if (error != simdjson::SUCCESS) break;
        }
    }
    if (error != simdjson::SUCCESS) json.refuse_value(error, "a list of scopes", place(node, field));
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
            check_scopes(value, node, key.name);
            break;
        case Holds::children:
            read_children(open, value);
            break;
        case Holds::prediction:
            read_prediction(open, key, value);
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
    double energy = 0.0;
    if (const auto error = get_double(value, energy); error != simdjson::SUCCESS)
        json.refuse_value(error, "a finite number", place(node.number, key.name));
    constexpr std::array kEnergies{&Node::predicted_energy, &Node::predicted_low, &Node::predicted_high};
    static_assert(kEnergies.size() == kNumOutputKeys);
    nodes()[node.number].*kEnergies[key.which] = energy;
}

void TreeReader::State::check_node(const OpenNode& node) const {
    if (const KeySet missing = kRequiredKeys & ~node.seen; missing != 0)
        refuse("is missing", node.number, kNodeKeyNames[static_cast<std::size_t>(std::countr_zero(missing))]);
    if (const std::string wrong = wrong_type(out->tree, node.number); !wrong.empty())
        refuse(wrong, node.number, "type");
}

/// Notes where a node's missing predictions can be inserted: behind its last value. Only white space lies
/// between its closing brace and the next token, which is where the parser stands.
void TreeReader::State::add_insertion(const OpenNode& node) {
    const char* at = json.location();
    do {
        --at;
    } while (*at != '}');
    while (is_space(at[-1])) --at;
    const std::uint32_t position = json.position(at);
    out->splices.push_back(
        {position, position, static_cast<std::uint32_t>(node.number), node.missing_outputs});
}

void TreeReader::State::read_run_value(od::value& value, std::size_t key) {
    const RunKeyRow& row = kRunKeys[key];
    RunValue& run_value = TreeAccess::run(out->tree)[key];
    if (row.type == RunType::text) {
        std::string_view text;
        if (const auto error = value.get_string().get(text); error != simdjson::SUCCESS)
            json.refuse_value(error, "a string", place({}, row.name));
        std::get<std::string>(run_value) = text;
    } else {
        auto& count = std::get<std::int64_t>(run_value);
        if (const auto error = value.get_int64().get(count); error != simdjson::SUCCESS)
            json.refuse_value(error, expected_count(row), place({}, row.name));
    }
    if (const std::string wrong = wrong_run_value(row, run_value); !wrong.empty())
        refuse(wrong, std::nullopt, row.name);
}

void TreeReader::State::read_run() {
    od::object run = json.root("an object with a 'frontend_tree'");
    std::array<bool, kLineKeyNames.size()> seen{};
    std::size_t next = 0;
    for (auto member : run) {
        json.check(member.error());
        od::field&& field = std::move(member).value_unsafe();
        const char* raw_key = field.key().raw();
        const std::size_t key = json.find_key(field, kLineKeyNames, next);
        if (key == kUnknownKey) {
            json.skip(field.value(), 2);
            continue;
        }
        next = key + 1;
        if (std::exchange(seen[key], true)) refuse_twice(raw_key, std::nullopt, kLineKeyNames[key]);
        if (key != kTreeKey) {
            read_run_value(field.value(), key);
            continue;
        }
        od::object root;
        if (const auto error = field.value().get_object().get(root); error != simdjson::SUCCESS)
            json.refuse_value(error, "a node", place({}, kLineKeyNames[kTreeKey]));
        read_node(root, -1, 2);
    }
    json.end();
    for (std::size_t key = 0; key < kLineKeyNames.size(); ++key) {
        const bool is_required = key == kTreeKey || kRunKeys[key].fallback.empty();
        if (!seen[key] && is_required) refuse("is missing", std::nullopt, kLineKeyNames[key]);
    }
}

TreeReader::TreeReader(std::string source) : state_(std::make_unique<State>(std::move(source))) {}
TreeReader::~TreeReader() = default;

void TreeReader::read(std::string_view line, std::size_t number, TreeLine& out) {
    State& state = *state_;
    Tree& tree = out.tree;
    TreeAccess::start(tree, number);
    out.splices.clear();
    state.out = &out;
    state.amounts.clear();
    state.json.begin(line, number);
    state.read_run();
    const auto batch_size = static_cast<double>(tree.batch_size());
    const auto seq_len = static_cast<double>(tree.seq_len());
    for (Node& node : state.nodes()) set_run_features(node.features, batch_size, seq_len);
}

}  // namespace irene::data
