// A transformer's tree as a line of a data file.
#include <array>
#include <charconv>
#include <utility>

#include "irene/architectures.hpp"

#include "architectures/phases.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "data/run_keys.hpp"

namespace irene {

namespace {

using architectures::Part;

void append_count(std::string& out, std::int64_t count) {
    std::array<char, 24> text{};
    out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), count).ptr);
}

/// Writes the nodes of a tree. Scopes and instance types are our own words, which need no escapes.
class NodeWriter {
  public:
    /// `id` is the beginning of every id, and of a JSON string.
    NodeWriter(std::string id, Counting counting, const Measured& measured, std::string& out)
        : id_(std::move(id)), counting_(counting), measured_(measured), out_(out) {}

    /// Appends the node and all below it. `parent_scope` is empty for the root.
    // Recursion is safe: the trees of blueprints are a few nodes deep.
    void write(const Part& part, const std::string& parent_scope, int level) {
        const std::string scope = level == 0 ? part.name : below(parent_scope, part);
        out_ += R"({"id": )" + id_;
        append_count(out_, num_written_++);
        add(R"(", "scope": ")", scope);
        add(R"(", "parent_name": ")", parent_scope);
        out_ += R"(", "level": )";
        append_count(out_, level);
        add(R"(, "instance_type": ")", part.instance_type);
        add(R"(", "type": ")", part.is_function ? "ml-np" : name(part.type));
        out_ += R"(", "num_parameters": )";
        append_count(out_, part.parameters.value());
        out_ += R"(, "flops": )";
        base::append_number(out_, part.total.mega_flops());
        out_ += R"(, "mem_bytes": )";
        base::append_number(out_, part.total.mebibytes());
        if (level == 0) add_measured(R"(, "times_mean": )", measured_.seconds);
        if (part.calls != 1) {
            out_ += R"(, "calls": )";
            append_count(out_, part.calls.value());
        }
        if (counting_ == Counting::kernels) {
            out_ += R"(, "launches": )";
            append_count(out_, part.total.launches.value());
        }
        if (level == 0) add_measured(R"(, "ground_truth_energy": )", measured_.joules);
        if (part.dtype) (add(R"(, "dtype": ")", name(*part.dtype)), out_ += '"');
        out_ += R"(, "child_nodes_obj": [)";
        const char* separator = "";
        for (const Part& child : part.children) {
            out_ += separator;
            write(child, scope, level + 1);
            separator = ", ";
        }
        out_ += R"(], "child_nodes": [)";
        separator = "";
        for (const Part& child : part.children) {
            ((out_ += separator) += '"') += below(scope, child);
            out_ += '"';
            separator = ", ";
        }
        out_ += "]}";
    }

  private:
    static std::string below(const std::string& scope, const Part& part) { return scope + "." + part.name; }
    void add(std::string_view key, std::string_view value) { (out_ += key) += value; }
    void add_measured(std::string_view key, const std::optional<double>& value) {
        if (value) base::append_number(out_ += key, *value);
    }

    std::string id_;
    Counting counting_;
    const Measured& measured_;
    std::string& out_;
    std::int64_t num_written_ = 0;
};

}  // namespace

std::string to_json(const Transformer& transformer, const Run& run, const Measured& measured) {
    const Part root = architectures::parts_of(transformer, run);
    const std::vector<RunValue> values = architectures::values_of(transformer, run);
    std::string line = "{";
    for (std::size_t key = 0; key < values.size(); ++key) {
        const bool is_further = key > static_cast<std::size_t>(RunKey::seq_len);
        if (is_further && run.counting == Counting::paper) continue;
        (line += '"') += data::kRunKeys[key].name;
        line += R"(": )";
        if (const auto* text = std::get_if<std::string>(&values[key])) {
            line += base::Json(*text).dump();
        } else {
            append_count(line, std::get<std::int64_t>(values[key]));
        }
        line += ", ";
    }
    line += R"("frontend_tree": )";
    const std::string id = base::Json(architectures::id_of(values, measured.id)).dump();
    NodeWriter(id.substr(0, id.size() - 1), run.counting, measured, line).write(root, "", 0);
    line += '}';
    return line;
}

}  // namespace irene
