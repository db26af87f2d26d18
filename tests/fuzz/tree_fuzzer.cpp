// Lines of trees: the reader's verdict and values against a walk over nlohmann's document; and predictions
// put into a line leave everything else as it was.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "irene/error.hpp"
#include "irene/features.hpp"

#include "base/files.hpp"
#include "data/line_blocks.hpp"
#include "data/run_keys.hpp"
#include "data/splice.hpp"
#include "data/tree_reader.hpp"
#include "require.hpp"

namespace {

using Json = nlohmann::json;
using irene::Node;
using irene::NodeType;
using irene::Tree;

constexpr std::size_t kTooDeep = 100;  // beyond this the two may differ in how they count

/// The document; none where it is malformed. `repeats` where an object has a key twice, on which only the
/// reader knows what to do.
std::optional<Json> parse(std::string_view text, bool& repeats, bool& is_deep) {
    if (text.find('\0') != std::string_view::npos) return std::nullopt;  // which nlohmann takes for the end
    std::vector<std::set<std::string>> keys;
    const auto look = [&](int depth, Json::parse_event_t event, Json& parsed) {
        if (depth > static_cast<int>(kTooDeep)) is_deep = true;
        if (event == Json::parse_event_t::object_start) keys.emplace_back();
        if (event == Json::parse_event_t::object_end) keys.pop_back();
        if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second)
            repeats = true;
        return true;
    };
    try {
        return Json::parse(text.begin(), text.end(), look);
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

bool is_text(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() && !found->get_ref<const std::string&>().empty();
}

/// Whether a line has a key of the run as the schema wants it.
bool is_right(const Json& line, const irene::data::RunKeyRow& key) {
    const auto found = line.find(std::string(key.name));
    if (found == line.end()) return !key.fallback.empty();
    if (key.type == irene::data::RunType::count)
        return found->is_number_integer() && *found >= key.least && *found <= (1 << 26);
    if (!is_text(line, std::string(key.name).c_str())) return false;
    return key.choices.empty() ||
           std::find(key.choices.begin(), key.choices.end(), found->get<std::string>()) != key.choices.end();
}

using Nodes = std::vector<Node>;

/// Where a node keeps what a prediction has under a key that must not be negative; null for another key.
double* predicted_amount(Node& node, const std::string& key) {
    if (key == "predicted_arithmetic_energy") return &node.predicted_parts.arithmetic_joules;
    if (key == "predicted_memory_energy") return &node.predicted_parts.memory_joules;
    if (key == "predicted_static_energy") return &node.predicted_parts.static_joules;
    return key == "predicted_seconds" ? &node.predicted_seconds : nullptr;
}

/// What the schema says of a node, appended to `nodes` in preorder; false where it is refused.
bool read_node(const Json& json, std::int32_t parent, Nodes& nodes) {
    if (!json.is_object()) return false;
    for (const char* key : {"id", "scope", "instance_type", "type"}) {
        if (!is_text(json, key)) return false;
    }
    const auto index = static_cast<std::int32_t>(nodes.size());
    Node node;
    node.parent = parent;
    for (const auto& [key, value] : json.items()) {
        const auto feature = irene::feature_from_name(key);
        const bool is_feature = feature && *feature != irene::Feature::batch_size &&
                                *feature != irene::Feature::seq_len && *feature != irene::Feature::input_size;
        if (is_feature || key == "ground_truth_energy") {
            if (!value.is_number() || !(value.get<double>() >= 0.0)) return false;
            (is_feature ? node.features[static_cast<std::size_t>(*feature)] : node.measured_energy) =
                value.get<double>();
        } else if (key == "predicted_energy" || key == "predicted_energy_low" ||
                   key == "predicted_energy_high") {
            if (!value.is_number()) return false;
            if (key == "predicted_energy") node.predicted_energy = value.get<double>();
        } else if (double* amount = predicted_amount(node, key); amount != nullptr) {
            if (!value.is_number() || !(value.get<double>() >= 0.0)) return false;
            *amount = value.get<double>();
        } else if (key == "parent_name" || key == "no_interval") {
            if (!value.is_string()) return false;
        } else if (key == "dtype") {
            if (!value.is_string() || !irene::dtype_from_name(value.get<std::string>())) return false;
        } else if (key == "unseen_operation") {
            if (!value.is_boolean()) return false;
        } else if (key == "level") {
            if (!value.is_number_integer() || value < 0 || value > std::numeric_limits<std::int64_t>::max())
                return false;
        } else if (key == "child_nodes" || key == "outside_training") {
            if (!value.is_array()) return false;
            for (const Json& scope : value) {
                if (!scope.is_string()) return false;
            }
        }
    }
    const auto type = json["type"].get<std::string>();
    const auto known = type == "ml-np" ? NodeType::ml : irene::node_type_from_name(type);
    const auto children = json.find("child_nodes_obj");
    if (!known || children == json.end() || !children->is_array()) return false;
    node.type = *known;
    if (children->empty() != (node.type == NodeType::ml) || (parent < 0) != (node.type == NodeType::model))
        return false;
    nodes.push_back(node);
    for (const Json& child : *children) {
        if (!read_node(child, index, nodes)) return false;
    }
    return true;
}

std::optional<Nodes> expected_nodes(const Json& json) {
    if (!json.is_object()) return std::nullopt;
    for (const irene::data::RunKeyRow& key : irene::data::kRunKeys) {
        if (!is_right(json, key)) return std::nullopt;
    }
    if (json.contains("prediction") && !json["prediction"].is_object()) return std::nullopt;
    Nodes nodes;
    if (!json.contains("frontend_tree") || !read_node(json["frontend_tree"], -1, nodes)) return std::nullopt;
    return nodes;
}

bool same(double a, double b) { return a == b || (irene::is_absent(a) && irene::is_absent(b)); }

bool same(const irene::EnergyParts& a, const irene::EnergyParts& b) {
    return same(a.arithmetic_joules, b.arithmetic_joules) && same(a.memory_joules, b.memory_joules) &&
           same(a.static_joules, b.static_joules);
}

void compare(const Tree& read, const Nodes& expected) {
    using irene::fuzz::require;
    require(read.nodes().size() == expected.size(), "as many nodes");
    for (std::size_t i = 0; i < read.nodes().size(); ++i) {
        const Node& a = read.nodes()[i];
        const Node& b = expected[i];
        require(a.parent == b.parent && a.type == b.type, "the same shape");
        require(same(a.measured_energy, b.measured_energy) && same(a.predicted_energy, b.predicted_energy),
                "the same energies");
        require(same(a.predicted_parts, b.predicted_parts), "the same parts of energies");
        require(same(a.predicted_seconds, b.predicted_seconds), "the same seconds");
        for (std::size_t f = 0; f < irene::kNumFeatures; ++f) {
            require(irene::is_absent(b.features[f]) || same(a.features[f], b.features[f]),
                    "the same features");
        }
    }
}

/// Sets what a node is to have of `outputs`, and takes away what it is not to have any more; nodes in
/// preorder.
void set_outputs(Json& node, const irene::data::Outputs& outputs, std::size_t& next) {
    for (std::size_t key = 0; key < irene::data::kNumNodeOutputs; ++key)
        node.erase(std::string(irene::data::kOutputKeys[key]));
    node["predicted_energy"] = outputs.joules[next];
    if (outputs.low != nullptr && !irene::is_absent((*outputs.low)[next])) {
        node["predicted_energy_low"] = (*outputs.low)[next];
        node["predicted_energy_high"] = (*outputs.high)[next];
    }
    if (outputs.parts != nullptr) {
        const irene::EnergyParts& parts = (*outputs.parts)[next];
        for (const auto& [key, joules] : {std::pair{"predicted_arithmetic_energy", parts.arithmetic_joules},
                                          {"predicted_memory_energy", parts.memory_joules},
                                          {"predicted_static_energy", parts.static_joules}}) {
            if (!irene::is_absent(joules)) node[key] = joules;
        }
    }
    if (outputs.seconds != nullptr && !irene::is_absent((*outputs.seconds)[next]))
        node["predicted_seconds"] = (*outputs.seconds)[next];
    const auto* marks = irene::data::marks_of(outputs.marks, next);
    if (marks != nullptr) {
        if (!marks->no_interval.empty()) node["no_interval"] = marks->no_interval;
        if (!marks->outside_training.empty()) node["outside_training"] = marks->outside_training;
        if (marks->unseen_operation) node["unseen_operation"] = true;
    }
    ++next;
    for (Json& child : node["child_nodes_obj"]) set_outputs(child, outputs, next);
}

Json with_outputs(Json line, const irene::data::Outputs& outputs) {
    line.erase("prediction");
    if (!outputs.prediction.empty()) line["prediction"] = Json::parse(outputs.prediction);
    std::size_t next = 0;
    set_outputs(line["frontend_tree"], outputs, next);
    return line;
}

/// A line and what the reader made of it.
struct ReadLine {
    explicit ReadLine(const std::string& text)
        : size(text.size()), padded(text + std::string(irene::data::kPadding, '\0')) {
        irene::data::TreeReader("input").read(view(), 1, read);
    }
    std::string_view view() const { return std::string_view(padded).substr(0, size); }
    std::string with(const irene::data::Outputs& outputs) const {
        std::string out;
        irene::data::splice(view(), read.splices, outputs, out);
        return out;
    }

    std::size_t size;
    std::string padded;
    irene::data::TreeLine read;
};

/// Predictions with marks and plain ones, put into a line again and again.
void splice_and_check(const std::string& text, const Json& json, std::size_t num_nodes, std::size_t seed) {
    using irene::fuzz::require;
    std::vector<double> joules, low, high, seconds;
    std::vector<irene::EnergyParts> parts;
    std::vector<irene::data::NodeMarks> marks;
    for (std::size_t i = 0; i < num_nodes; ++i) {
        joules.push_back(0.1 + static_cast<double>(i));
        const std::size_t kind = (i + seed) % 16;  // every mark with and without every other
        low.push_back((kind & 8U) != 0 ? irene::absent() : 0.01 + static_cast<double>(i));
        high.push_back((kind & 8U) != 0 ? irene::absent() : 1.5 + static_cast<double>(i));
        seconds.push_back((i + seed) % 3 == 0 ? 0.25 + static_cast<double>(i) : irene::absent());
        parts.push_back({.memory_joules = 0.5 + static_cast<double>(i)});  // alone, and with all others
        if (i % 2 == seed % 2) parts.back().arithmetic_joules = parts.back().static_joules = 0.125;
        if (kind % 8 == 0) continue;
        marks.push_back({.node = i,
                         .no_interval = (kind & 1U) != 0 ? "a \"reason\", \xC3\xA9 }]" : "",
                         .outside_training = (kind & 2U) != 0 ? std::vector<std::string>{"rows", "[\\"}
                                                              : std::vector<std::string>(),
                         .unseen_operation = (kind & 4U) != 0});
    }
    const irene::data::Outputs full{.joules = joules,
                                    .low = &low,
                                    .high = &high,
                                    .parts = &parts,
                                    .seconds = &seconds,
                                    .marks = marks,
                                    .prediction = R"({"model": "}"})"};
    const irene::data::Outputs plain{.joules = joules};

    const ReadLine line(text);
    const std::string out = line.with(full);
    require(Json::parse(out) == with_outputs(json, full),
            "what is told on each node, and all else as it was");
    const ReadLine again(out);
    require(again.with(full) == out, "the same again is the same");
    require(again.read.prediction == full.prediction, "the prediction reads back");
    for (std::size_t i = 0; i < num_nodes; ++i) {
        const auto* read = irene::data::marks_of(again.read.marks, i);
        const auto* written = irene::data::marks_of(marks, i);
        require(written == nullptr || (read != nullptr && read->no_interval == written->no_interval &&
                                       read->outside_training == written->outside_training &&
                                       read->unseen_operation == written->unseen_operation),
                "marks read back");
        const Node& node = again.read.tree.nodes()[i];
        require(same(node.predicted_parts, parts[i]), "parts of energies read back");
        require(same(node.predicted_seconds, seconds[i]), "seconds read back");
    }
    const std::string bare = again.with(plain);
    require(Json::parse(bare) == with_outputs(json, plain), "a plain prediction has no marks");
    require(bare == line.with(plain), "and what was there before it makes no difference");
    require(ReadLine(bare).with(plain) == bare, "the same again is the same");
    require(ReadLine(bare).read.marks.empty() && ReadLine(bare).read.prediction.empty(), "nor reads any");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using irene::fuzz::require;
    std::string text(reinterpret_cast<const char*>(bytes), size);
    bool repeats = false;
    bool is_deep = false;
    const std::optional<Json> json = parse(text, repeats, is_deep);
    std::optional<Nodes> expected;
    if (json && !is_deep) expected = expected_nodes(*json);

    static irene::data::TreeReader reader("input");
    irene::data::TreeLine line;
    std::string padded = text + std::string(irene::data::kPadding, '\0');
    const std::string_view view = std::string_view(padded).substr(0, size);
    bool accepted = true;
    try {
        reader.read(view, 1, line);
    } catch (const irene::Error& error) {
        require(error.kind() == irene::ErrorKind::data, "a bad tree is bad data");
        accepted = false;
    }
    if (repeats || is_deep || text.starts_with("\xEF\xBB\xBF")) return 0;
    require(accepted == expected.has_value(), "the same verdict");
    if (!accepted) return 0;
    compare(line.tree, *expected);

    splice_and_check(text, *json, line.tree.nodes().size(), size);
    return 0;
}
