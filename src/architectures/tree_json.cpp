// A transformer's tree as a line of a data file.
#include <array>
#include <charconv>
#include <utility>

#include "irene/architectures.hpp"

#include "architectures/blueprint.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"

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
    NodeWriter(std::string id, std::string& out) : id_(std::move(id)), out_(out) {}

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

    std::string id_;
    std::string& out_;
    std::int64_t num_written_ = 0;
};

}  // namespace

std::string to_json(const Transformer& transformer, std::int64_t batch_size, std::int64_t seq_len) {
    const Part root = architectures::parts_of(transformer, batch_size, seq_len);
    const std::string model_name = base::Json(transformer.model_name()).dump();
    std::string line = R"({"model_name": )" + model_name + R"(, "batch_size": )";
    append_count(line, batch_size);
    line += R"(, "seq_len": )";
    append_count(line, seq_len);
    line += R"(, "frontend_tree": )";
    NodeWriter(model_name.substr(0, model_name.size() - 1) + '/' + std::to_string(batch_size) + '/' +
                   std::to_string(seq_len) + '/',
               line)
        .write(root, "", 0);
    line += '}';
    return line;
}

}  // namespace irene
