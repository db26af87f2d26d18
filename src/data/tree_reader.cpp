#include "data/tree_reader.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include <simdjson.h>

#include "base/json.hpp"
#include "data/line_blocks.hpp"
#include "data/other_formats.hpp"
#include "data/repeated_amounts.hpp"
#include "data/tree_checks.hpp"

namespace irene::data {

namespace {

namespace od = simdjson::ondemand;

static_assert(kPadding >= simdjson::SIMDJSON_PADDING && kPadding >= RepeatedAmounts::kHashedBytes);

/// Keys of a node, in the order in which data files write them: the next key is nearly always the next of
/// these.
enum class NodeKey : unsigned char {
    id,
    scope,
    parent_name,
    level,
    instance_type,
    type,
    num_parameters,
    flops,
    mem_bytes,
    cpu,
    mem,
    gpu,
    gpu_mem,
    gpu_clk,
    gpu_mem_clk,
    times_mean,
    gpu_energy_mean,
    ground_truth_energy,
    child_nodes_obj,
    child_nodes,
    predicted_energy,
    predicted_energy_low,
    predicted_energy_high,
};

constexpr std::array<std::string_view, 23> kNodeKeys{"id",
                                                     "scope",
                                                     "parent_name",
                                                     "level",
                                                     "instance_type",
                                                     "type",
                                                     "num_parameters",
                                                     "flops",
                                                     "mem_bytes",
                                                     "cpu",
                                                     "mem",
                                                     "gpu",
                                                     "gpu_mem",
                                                     "gpu_clk",
                                                     "gpu_mem_clk",
                                                     "times_mean",
                                                     "gpu_energy_mean",
                                                     "ground_truth_energy",
                                                     "child_nodes_obj",
                                                     "child_nodes",
                                                     "predicted_energy",
                                                     "predicted_energy_low",
                                                     "predicted_energy_high"};

constexpr std::array<std::string_view, 4> kRunKeys{"model_name", "batch_size", "seq_len", "frontend_tree"};

/// The feature that a key holds; kNumFeatures for other keys.
constexpr std::array<std::size_t, kNodeKeys.size()> kFeatureOfKey = [] {
    std::array<std::size_t, kNodeKeys.size()> features{};
    features.fill(kNumFeatures);
    const auto set = [&features](NodeKey key, Feature feature) {
        features[static_cast<std::size_t>(key)] = static_cast<std::size_t>(feature);
    };
    set(NodeKey::num_parameters, Feature::num_parameters);
    set(NodeKey::flops, Feature::flops);
    set(NodeKey::mem_bytes, Feature::mem_bytes);
    set(NodeKey::cpu, Feature::cpu);
    set(NodeKey::mem, Feature::mem);
    set(NodeKey::gpu, Feature::gpu);
    set(NodeKey::gpu_mem, Feature::gpu_mem);
    set(NodeKey::gpu_clk, Feature::gpu_clk);
    set(NodeKey::gpu_mem_clk, Feature::gpu_mem_clk);
    set(NodeKey::times_mean, Feature::times_mean);
    set(NodeKey::gpu_energy_mean, Feature::gpu_energy_mean);
    return features;
}();

constexpr std::uint32_t bit(NodeKey key) { return 1U << static_cast<unsigned>(key); }

/// The keys that hold a feature or the measured energy.
constexpr std::uint32_t kAmountKeys = [] {
    std::uint32_t keys = bit(NodeKey::ground_truth_energy);
    for (std::size_t key = 0; key != kNodeKeys.size(); ++key) {
        if (kFeatureOfKey[key] < kNumFeatures) keys |= 1U << key;
    }
    return keys;
}();

constexpr std::size_t kUnknownKey = std::numeric_limits<std::size_t>::max();

bool key_is(const char* raw, std::string_view key) {
    return std::memcmp(raw, key.data(), key.size()) == 0 && raw[key.size()] == '"';
}

/// Position of the field's key in `keys`, looking at `hint` first. The padding behind the line makes it safe
/// to compare beyond the key's end.
template <std::size_t N>
std::size_t find_key(od::field& field, const std::array<std::string_view, N>& keys, std::size_t hint,
                     simdjson::error_code& error) {
    const char* raw = field.key().raw();
    if (hint < N && key_is(raw, keys[hint])) return hint;
    for (std::size_t i = 0; i < N; ++i) {
        if (key_is(raw, keys[i])) return i;
    }
    std::string_view unescaped;
    error = field.unescaped_key().get(unescaped);
    if (error != simdjson::SUCCESS) return kUnknownKey;
    for (std::size_t i = 0; i < N; ++i) {
        if (unescaped == keys[i]) return i;
    }
    return kUnknownKey;
}

/// Whether simdjson 3.0.1 may misread the number: one below 1 of more than 19 digits, of which it also counts
/// the zeros that lead, but too few of the others.
bool may_be_misread(std::string_view token) {
    constexpr std::size_t kSafeDigits = 19;
    const std::size_t first = token.find_first_not_of("-0.");
    return first != std::string_view::npos && token.size() - first > kSafeDigits;
}

/// value.get_double(), and right where simdjson 3.0.1 is not: it misreads some numbers, and refuses exponents
/// of more than 18 digits, as in 0e1000000000000000000.
simdjson::error_code get_double(od::value& value, double& number) {
    const std::string_view token = value.raw_json_token();  // with the white space behind the number
    const simdjson::error_code error = value.get_double().get(number);
    constexpr std::size_t kSafeSize = 20;
    if (token.size() <= kSafeSize) return error;
    if (error == simdjson::SUCCESS && may_be_misread(token)) {
        std::from_chars(token.data(), token.data() + token.size(), number);
    }
    if (error == simdjson::NUMBER_ERROR) {
        const base::Json parsed =
            base::Json::parse(token.begin(), token.end(), nullptr, /*allow_exceptions=*/false);
        if (!parsed.is_number()) return error;
        number = parsed.get<double>();
        return simdjson::SUCCESS;
    }
    return error;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

struct TreeReader::State {
    od::parser parser;
    std::string source;
    std::size_t line_number = 0;
    std::string_view line;
    od::document document;
    bool has_document = false;  // whether `document` is one of this line
    TreeLine* out = nullptr;
    RepeatedAmounts amounts;  // of this line

    [[noreturn]] void refuse(const std::string& message, std::optional<std::size_t> node = std::nullopt,
                             std::string_view field = {}, std::size_t byte = 0) const;
    [[noreturn]] void refuse_twice(const char* raw_key, std::optional<std::size_t> node,
                                   std::string_view key) const;
    [[noreturn]] void refuse_json(simdjson::error_code error);
    /// Says so where the first line is that of a file of another format.
    void refuse_other_format() const;
    void check(simdjson::error_code error) {
        if (error != simdjson::SUCCESS) refuse_json(error);
    }

    void read_run();
    void read_node(od::object object, std::int32_t parent, std::size_t depth);
    void skip(od::value& value, std::size_t depth);
    void check_node(std::size_t node, std::uint32_t seen) const;
    [[noreturn]] void refuse_value(simdjson::error_code error, std::string_view expected, std::size_t node,
                                   std::string_view field);

    TextRange read_text(od::value& value, std::size_t node, std::string_view field);
    double read_amount(od::value& value, std::size_t node, std::string_view field);
    void read_type(od::value& value, std::size_t node);
    void check_scopes(od::value& value, std::size_t node);
    std::int64_t read_size(od::value& value, std::string_view field);
    std::uint32_t position(const char* at) const { return static_cast<std::uint32_t>(at - line.data()); }
};

void TreeReader::State::refuse(const std::string& message, std::optional<std::size_t> node,
                               std::string_view field, std::size_t byte) const {
    throw Error(ErrorKind::data, message,
                {.file = source,
                 .line = line_number,
                 .byte = byte,
                 .node = node ? describe(out->tree, *node) : std::string(),
                 .field = std::string(field)});
}

void TreeReader::State::refuse_twice(const char* raw_key, std::optional<std::size_t> node,
                                     std::string_view key) const {
    refuse("stands twice", node, key, position(raw_key));  // that of the quote before it, from 1
}

void TreeReader::State::refuse_other_format() const {
    if (line_number != 1) return;
    const std::string what = other_format(line, source);
    if (!what.empty()) throw Error(ErrorKind::data, what, {.file = source, .line = line_number});
}

void TreeReader::State::refuse_json(simdjson::error_code error) {
    refuse_other_format();
    std::size_t byte = 0;
    const char* at = nullptr;
    if (has_document && document.current_location().get(at) == simdjson::SUCCESS && at >= line.data() &&
        at < line.data() + line.size()) {
        byte = position(at) + std::size_t{1};
    }
    std::string message;
    switch (error) {
        case simdjson::UTF8_ERROR:
            message = "malformed JSON: invalid UTF-8";
            byte = 0;
            break;
        case simdjson::UNCLOSED_STRING:
            message = "malformed JSON: a string does not end";
            byte = 0;
            break;
        case simdjson::UNESCAPED_CHARS:
            message = "malformed JSON: a control character in a string";
            byte = 0;
            break;
        case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
            message = "malformed JSON: cut off, or brackets that do not match";
            break;
        case simdjson::STRING_ERROR:
            message = "malformed JSON: a bad escape in a string";
            break;
        case simdjson::NUMBER_ERROR:
            message = "malformed JSON: a number that is none, or out of range";
            break;
        case simdjson::CAPACITY:
        case simdjson::MEMALLOC:
            message = "longer than a line may be";
            byte = 0;
            break;
        default:
            message = "malformed JSON";
            break;
    }
    if (byte == 0 && error != simdjson::CAPACITY && error != simdjson::MEMALLOC)
        byte = base::first_bad_byte(line);
    throw Error(ErrorKind::data, message, {.file = source, .line = line_number, .byte = byte});
}

void TreeReader::State::refuse_value(simdjson::error_code error, std::string_view expected, std::size_t node,
                                     std::string_view field) {
    if (error != simdjson::INCORRECT_TYPE && error != simdjson::NUMBER_ERROR &&
        error != simdjson::NUMBER_OUT_OF_RANGE) {
        refuse_json(error);
    }
    refuse("expected " + std::string(expected), node, field);
}

// Visits a value that is not used, so that malformed JSON is refused wherever it stands.
void TreeReader::State::skip(od::value& value, std::size_t depth) {
    if (depth > base::kMaxDepth) refuse("nested deeper than " + std::to_string(base::kMaxDepth));
    od::json_type type{};
    check(value.type().get(type));
    switch (type) {
        case od::json_type::array: {
            od::array array;
            check(value.get_array().get(array));
            for (auto element : array) {
                od::value inner;
                check(element.get(inner));
                skip(inner, depth + 1);
            }
            break;
        }
        case od::json_type::object: {
            od::object object;
            check(value.get_object().get(object));
            for (auto member : object) {
                check(member.error());
                od::field&& field = std::move(member).value_unsafe();
                std::string_view key;
                check(field.unescaped_key().get(key));
                skip(field.value(), depth + 1);
            }
            break;
        }
        case od::json_type::string: {
            std::string_view text;
            check(value.get_string().get(text));
            break;
        }
        case od::json_type::number: {
            double number = 0.0;
            check(get_double(value, number));
            break;
        }
        case od::json_type::boolean: {
            bool flag = false;
            check(value.get_bool().get(flag));
            break;
        }
        case od::json_type::null:
            bool null = false;
            check(value.is_null().get(null));
            if (!null) refuse_json(simdjson::TAPE_ERROR);
            break;
    }
}

TextRange TreeReader::State::read_text(od::value& value, std::size_t node, std::string_view field) {
    std::string_view text;
    if (const auto error = value.get_string().get(text); error != simdjson::SUCCESS) {
        refuse_value(error, "a string", node, field);
    }
    if (const char* wrong = wrong_text(text); wrong != nullptr) refuse(wrong, node, field);
    std::string& all = out->tree.text;
    const TextRange range{static_cast<std::uint32_t>(all.size()), static_cast<std::uint32_t>(text.size())};
    all.append(text);
    return range;
}

double TreeReader::State::read_amount(od::value& value, std::size_t node, std::string_view field) {
    double number = 0.0;
    if (const auto error = get_double(value, number); error != simdjson::SUCCESS) {
        refuse_value(error, "a finite number", node, field);
    }
    if (const char* wrong = wrong_amount(number); wrong != nullptr) refuse(wrong, node, field);
    return number;
}

void TreeReader::State::read_type(od::value& value, std::size_t node) {
    std::string_view text;
    if (const auto error = value.get_string().get(text); error != simdjson::SUCCESS) {
        refuse_value(error, kNodeTypeChoices, node, "type");
    }
    const std::optional<NodeType> type = text == "ml-np" ? NodeType::ml : node_type_from_name(text);
    if (!type)
        refuse(std::string("expected ") + kNodeTypeChoices + ", found " + in_quotes(text), node, "type");
    out->tree.nodes[node].type = *type;
}

void TreeReader::State::check_scopes(od::value& value, std::size_t node) {
    od::array scopes;
    if (const auto error = value.get_array().get(scopes); error != simdjson::SUCCESS) {
        refuse_value(error, "a list of scopes", node, "child_nodes");
    }
    for (auto element : scopes) {
        std::string_view text;
        if (const auto error = element.get_string().get(text); error != simdjson::SUCCESS) {
            refuse_value(error, "a list of scopes", node, "child_nodes");
        }
    }
}

std::int64_t TreeReader::State::read_size(od::value& value, std::string_view field) {
    std::int64_t size = 0;
    const auto error = value.get_int64().get(size);
    if (error != simdjson::SUCCESS && error != simdjson::INCORRECT_TYPE && error != simdjson::NUMBER_ERROR &&
        error != simdjson::NUMBER_OUT_OF_RANGE) {
        refuse_json(error);
    }
    // What is no whole number is refused in the words for one that is out of range.
    if (const char* wrong = wrong_count(error == simdjson::SUCCESS ? size : 0); wrong != nullptr)
        refuse(wrong, std::nullopt, field);
    return size;
}

void TreeReader::State::read_node(od::object object, std::int32_t parent, std::size_t depth) {
    if (depth > base::kMaxDepth) refuse("nested deeper than " + std::to_string(base::kMaxDepth));
    Tree& tree = out->tree;
    const std::size_t node = tree.nodes.size();
    {
        Node& added = tree.nodes.emplace_back();
        added.parent = parent;
        added.features.fill(absent());
        added.measured_energy = absent();
        added.predicted_energy = absent();
        added.predicted_low = absent();
        added.predicted_high = absent();
    }
    std::uint32_t seen = 0;
    std::uint32_t missing_keys = (1U << kNumOutputKeys) - 1;
    std::size_t next = 0;
    const char* amounts_begin = nullptr;     // of a run that is being read
    const char* copied_until = line.data();  // end of a run that stands in another node too
    for (auto member : object) {
        check(member.error());
        // Used where it stands: copying it out, just written in other widths, would stall each member.
        od::field&& field = std::move(member).value_unsafe();
        simdjson::error_code error = simdjson::SUCCESS;
        const char* raw_key = field.key().raw();  // gone once the key is unescaped
        if (raw_key < copied_until) continue;
        const std::size_t index = find_key(field, kNodeKeys, next, error);
        check(error);
        od::value& value = field.value();
        const bool is_amount = index != kUnknownKey && (kAmountKeys >> index & 1U) != 0;
        if (is_amount && (seen & kAmountKeys) == 0) {
            if (const auto* run = amounts.find(raw_key, line.data() + line.size()); run != nullptr) {
                tree.nodes[node].features = run->features;
                tree.nodes[node].measured_energy = run->measured_energy;
                seen |= run->keys;
                copied_until = raw_key + run->size;
                next = static_cast<std::size_t>(std::bit_width(run->keys));
                continue;
            }
            amounts_begin = raw_key;
        } else if (!is_amount && amounts_begin != nullptr) {
            const Node& read = tree.nodes[node];
            amounts.add({amounts_begin, static_cast<std::size_t>(raw_key - amounts_begin), seen & kAmountKeys,
                         read.features, read.measured_energy});
            amounts_begin = nullptr;
        }
        if (index == kUnknownKey) {
            skip(value, depth + 1);
            continue;
        }
        next = index + 1;
        const std::string_view key = kNodeKeys[index];
        if ((seen >> index & 1U) != 0) refuse_twice(raw_key, node, key);
        seen |= 1U << index;

        if (kFeatureOfKey[index] < kNumFeatures) {
            const double amount = read_amount(value, node, key);
            tree.nodes[node].features[kFeatureOfKey[index]] = amount;
            continue;
        }
        switch (static_cast<NodeKey>(index)) {
            case NodeKey::id:
                tree.nodes[node].id = read_text(value, node, key);
                break;
            case NodeKey::scope:
                tree.nodes[node].scope = read_text(value, node, key);
                break;
            case NodeKey::instance_type:
                tree.nodes[node].instance_type = read_text(value, node, key);
                break;
            case NodeKey::parent_name: {
                std::string_view text;
                if (const auto failed = value.get_string().get(text); failed != simdjson::SUCCESS) {
                    refuse_value(failed, "a string", node, key);
                }
                break;
            }
            case NodeKey::level: {
                std::int64_t level = 0;
                const auto failed = value.get_int64().get(level);
                if (failed != simdjson::SUCCESS) refuse_value(failed, "a whole number", node, key);
                if (level < 0) refuse("expected a whole number that is not negative", node, key);
                break;
            }
            case NodeKey::type:
                read_type(value, node);
                break;
            case NodeKey::ground_truth_energy:
                tree.nodes[node].measured_energy = read_amount(value, node, key);
                break;
            case NodeKey::child_nodes:
                check_scopes(value, node);
                break;
            case NodeKey::child_nodes_obj: {
                od::array children;
                if (const auto failed = value.get_array().get(children); failed != simdjson::SUCCESS) {
                    refuse_value(failed, "a list of nodes", node, key);
                }
                for (auto element : children) {
                    od::object child;
                    if (const auto failed = element.get_object().get(child); failed != simdjson::SUCCESS) {
                        refuse_value(failed, "a list of nodes", node, key);
                    }
                    read_node(child, static_cast<std::int32_t>(node), depth + 2);
                }
                break;
            }
            case NodeKey::predicted_energy:
            case NodeKey::predicted_energy_low:
            case NodeKey::predicted_energy_high: {
                const auto output =
                    static_cast<std::uint32_t>(index) - static_cast<std::uint32_t>(NodeKey::predicted_energy);
                std::string_view token = value.raw_json_token();
                while (!token.empty() && is_space(token.back())) token.remove_suffix(1);
                const std::uint32_t begin = position(token.data());
                out->splices.push_back({begin, begin + static_cast<std::uint32_t>(token.size()),
                                        static_cast<std::uint32_t>(node), 1U << output});
                missing_keys &= ~(1U << output);
                double energy = 0.0;
                if (const auto failed = get_double(value, energy); failed != simdjson::SUCCESS) {
                    refuse_value(failed, "a finite number", node, key);
                }
                Node& read = tree.nodes[node];
                (static_cast<NodeKey>(index) == NodeKey::predicted_energy       ? read.predicted_energy
                 : static_cast<NodeKey>(index) == NodeKey::predicted_energy_low ? read.predicted_low
                                                                                : read.predicted_high) =
                    energy;
                break;
            }
            default:
                break;
        }
    }
    check_node(node, seen);
    if (missing_keys != 0) {
        // Only white space lies between the closing brace and the next token, which is where the parser
        // stands; the key goes in behind the last value.
        const char* at = nullptr;
        check(document.current_location().get(at));
        do {
            --at;
        } while (*at != '}');
        while (is_space(at[-1])) --at;
        out->splices.push_back({position(at), position(at), static_cast<std::uint32_t>(node), missing_keys});
    }
}

void TreeReader::State::check_node(std::size_t node, std::uint32_t seen) const {
    for (const NodeKey key :
         {NodeKey::id, NodeKey::scope, NodeKey::instance_type, NodeKey::type, NodeKey::child_nodes_obj}) {
        if ((seen & bit(key)) == 0) {
            refuse("is missing", node, kNodeKeys[static_cast<std::size_t>(key)]);
        }
    }
    if (const std::string wrong = wrong_type(out->tree, node); !wrong.empty()) refuse(wrong, node, "type");
}

void TreeReader::State::read_run() {
    od::object run;
    if (const auto error = document.get_object().get(run); error != simdjson::SUCCESS) {
        if (line.starts_with("\xEF\xBB\xBF")) refuse("malformed JSON: a byte-order mark", {}, {}, 1);
        refuse_other_format();
        if (error == simdjson::INCORRECT_TYPE) refuse("expected an object with a 'frontend_tree'");
        refuse_json(error);
    }
    Tree& tree = out->tree;
    std::array<bool, kRunKeys.size()> seen{};
    std::size_t next = 0;
    for (auto member : run) {
        check(member.error());
        od::field&& field = std::move(member).value_unsafe();
        simdjson::error_code error = simdjson::SUCCESS;
        const char* raw_key = field.key().raw();
        const std::size_t index = find_key(field, kRunKeys, next, error);
        check(error);
        od::value& value = field.value();
        if (index == kUnknownKey) {
            skip(value, 2);
            continue;
        }
        next = index + 1;
        if (std::exchange(seen[index], true)) refuse_twice(raw_key, std::nullopt, kRunKeys[index]);
        switch (index) {
            case 0: {
                std::string_view text;
                if (const auto failed = value.get_string().get(text); failed != simdjson::SUCCESS) {
                    if (failed != simdjson::INCORRECT_TYPE) refuse_json(failed);
                    refuse("expected a string", std::nullopt, kRunKeys[index]);
                }
                if (const char* wrong = wrong_text(text); wrong != nullptr)
                    refuse(wrong, std::nullopt, kRunKeys[index]);
                tree.model_name = text;
                break;
            }
            case 1:
                tree.batch_size = read_size(value, kRunKeys[index]);
                break;
            case 2:
                tree.seq_len = read_size(value, kRunKeys[index]);
                break;
            default: {
                od::object root;
                if (const auto failed = value.get_object().get(root); failed != simdjson::SUCCESS) {
                    if (failed != simdjson::INCORRECT_TYPE) refuse_json(failed);
                    refuse("expected a node", std::nullopt, kRunKeys[index]);
                }
                read_node(root, -1, 2);
            }
        }
    }
    const char* behind = nullptr;
    if (document.current_location().get(behind) != simdjson::OUT_OF_BOUNDS)
        refuse("malformed JSON: more behind the end of the tree");
    for (std::size_t i = 0; i < kRunKeys.size(); ++i) {
        if (!seen[i]) refuse("is missing", std::nullopt, kRunKeys[i]);
    }
}

TreeReader::TreeReader(std::string source) : state_(std::make_unique<State>()) {
    state_->source = std::move(source);
}
TreeReader::~TreeReader() = default;

void TreeReader::read(std::string_view line, std::size_t number, TreeLine& out) {
    State& state = *state_;
    out.tree.nodes.clear();
    out.tree.text.clear();
    out.tree.line = number;
    out.splices.clear();
    state.line = line;
    state.line_number = number;
    state.out = &out;
    state.amounts.clear();
    state.has_document = false;
    if (line.size() > kMaxTextBytes) state.refuse_json(simdjson::CAPACITY);
    // The parser takes NUL for the end of a number, and what follows it for nothing.
    if (const std::size_t nul = line.find('\0'); nul != std::string_view::npos) {
        state.refuse_other_format();
        state.refuse("malformed JSON: NUL", {}, {}, nul + 1);
    }
    const auto error =
        state.parser.iterate(line.data(), line.size(), line.size() + kPadding).get(state.document);
    state.has_document = error == simdjson::SUCCESS;
    if (!state.has_document) state.refuse_json(error);
    state.read_run();

    Tree& tree = out.tree;
    const auto set = [](Node& node, Feature feature, double value) {
        node.features[static_cast<std::size_t>(feature)] = value;
    };
    for (Node& node : tree.nodes) {
        set(node, Feature::batch_size, static_cast<double>(tree.batch_size));
        set(node, Feature::seq_len, static_cast<double>(tree.seq_len));
        set(node, Feature::input_size, static_cast<double>(tree.batch_size * tree.seq_len));
    }
}

}  // namespace irene::data
