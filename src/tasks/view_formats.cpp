#include "tasks/view_formats.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>

#include "irene/version.hpp"

#include "base/numbers.hpp"
#include "data/run_keys.hpp"
#include "tasks/forest_walk.hpp"

namespace irene::tasks {

namespace {

constexpr double kMicro = 1e6;
/// Part of a run's energy. A smaller self energy may be rounding error.
constexpr double kNoticeable = 1e-9;

void append_json_string(std::string& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += '"';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const auto byte = static_cast<unsigned char>(c);
        // U+2028 and U+2029 end a line in JavaScript but not in JSON.
        if (text.substr(i).starts_with("\xE2\x80\xA8") || text.substr(i).starts_with("\xE2\x80\xA9")) {
            out += text[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
            i += 2;
        } else if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || c == '<' || c == '>' || c == '&' || c == '\'' || byte == 0x7F) {
            out += "\\u00";
            out += kHex[byte >> 4U];
            out += kHex[byte & 0xFU];
        } else {
            out += c;
        }
    }
    out += '"';
}

void append_integer(std::string& out, std::uint64_t value) { out += std::to_string(value); }

void append_energy(std::string& out, double value) {
    if (is_absent(value)) {
        out += "null";
    } else {
        base::append_number(out, value);
    }
}

/// "key":[...] with a comma in front unless it is the first member.
template <typename Values, typename Append>
void append_list(std::string& out, std::string_view key, const Values& values, const Append& append) {
    if (out.back() != '{') out += ',';
    append_json_string(out, key);
    out += ":[";
    const std::size_t begin = out.size();
    for (const auto& value : values) {
        if (out.size() > begin) out += ',';
        append(out, value);
    }
    out += ']';
}

/// ,"kinds":[...],"roles":[...]},"roles":[...]: what the classes of shapes tell and what the children of all
/// shapes do: places in the list behind the shapes, of the roles that there are; the first is none. Ends the
/// shapes.
void append_roles(std::string& out, const Forest& forest, const std::vector<Shape::Child>& children) {
    std::vector<std::string_view> names{""};
    std::map<data::Role, std::size_t> places{{data::kNoRole, 0}};
    const auto append = [&](std::string& text, data::Role role) {
        const auto [place, is_new] = places.try_emplace(role, names.size());
        if (is_new) names.push_back(data::role_name(role));
        append_integer(text, place->second);
    };
    append_list(out, "kinds", forest.shapes, [&](std::string& text, const Shape& shape) {
        append(text, data::role_of_class(forest.strings[shape.instance_type], shape.type == NodeType::ml));
    });
    append_list(out, "roles", children,
                [&append](std::string& text, const Shape::Child& child) { append(text, child.role); });
    out += '}';
    append_list(out, "roles", names, append_json_string);
}

/// A list of runs that says no last values twice: where it ends early, its last value holds for all runs
/// behind.
template <typename Append>
void append_short_list(std::string& out, std::string_view key, const std::vector<Run>& runs,
                       const Append& append) {
    std::vector<std::string> texts;
    for (const Run& run : runs) append(texts.emplace_back(), run);
    while (texts.size() > 1 && texts.back() == texts[texts.size() - 2]) texts.pop_back();
    append_list(out, key, texts, [](std::string& text, const std::string& value) { text += value; });
}

/// What is told of a node beside its energies, as an object.
void append_marks(std::string& out, const data::NodeMarks& marks) {
    out += '{';
    append_list(out, "outside", marks.outside_training, append_json_string);
    out += R"(,"unseen":)";
    out += marks.unseen_operation ? "true" : "false";
    out += R"(,"no_interval":)";
    append_json_string(out, marks.no_interval);
    out += '}';
}

/// "works":{...}: what nodes do, a list for each key that some node has, in a digit more than is shown.
void append_works(std::string& out, const std::vector<std::array<double, kWork.size()>>& works) {
    out += R"(,"works":{)";
    for (std::size_t i = 0; i < kWork.size(); ++i) {
        if (std::all_of(works.begin(), works.end(), [i](const auto& work) { return is_absent(work[i]); }))
            continue;
        append_list(out, name(kWork[i]), works, [i](std::string& text, const auto& work) {
            constexpr int kDigits = 5;
            text += is_absent(work[i]) ? "null" : base::format(work[i], kDigits);
        });
    }
    out += '}';
}

/// "predicted":[...], ...: energies of all nodes, and their seconds; an empty list where no run has any.
void append_energies(std::string& out, const Forest& forest) {
    for (const auto& [key, energy] : {std::pair{"predicted", &Subtree::predicted},
                                      {"measured", &Subtree::measured},
                                      {"low", &Subtree::low},
                                      {"high", &Subtree::high},
                                      {"seconds", &Subtree::seconds}}) {
        bool any = false;
        for (const Subtree& subtree : forest.subtrees) any = any || !is_absent(subtree.*energy);
        append_list(out, key, any ? forest.subtrees : std::vector<Subtree>{},
                    [member = energy](std::string& text, const Subtree& subtree) {
                        append_energy(text, subtree.*member);
                    });
    }
}

/// "arithmetic":[...],"memory":[...]: what energies are spent on, where some run tells it. Static is the
/// rest.
void append_parts(std::string& out, const Forest& forest) {
    for (const auto& [key, part] : {std::pair{"arithmetic", &EnergyParts::arithmetic_joules},
                                    {"memory", &EnergyParts::memory_joules}}) {
        const auto value = [member = part](const Subtree& subtree) { return subtree.parts.*member; };
        if (std::all_of(forest.subtrees.begin(), forest.subtrees.end(),
                        [&](const Subtree& subtree) { return is_absent(value(subtree)); }))
            continue;
        append_list(out, key, forest.subtrees,
                    [&](std::string& text, const Subtree& subtree) { append_energy(text, value(subtree)); });
    }
}

/// "keys":{...}: the model's name, and the other keys that some run has another value of than the usual one:
/// the values of each, and which of them each run has. Counts that every run has are lists of their own.
void append_keys(std::string& out, const std::vector<Run>& runs) {
    out += R"(,"keys":{)";
    for (const RunKey key : run_keys()) {
        if (key == RunKey::batch_size || key == RunKey::seq_len || key == RunKey::new_tokens) continue;
        std::map<std::string, std::size_t> places;
        std::vector<std::string> values;
        for (const Run& run : runs) {
            const auto [place, is_new] = places.try_emplace(key_text(run, key), values.size());
            if (is_new) values.push_back(place->first);
        }
        places.try_emplace(std::string(data::kRunKeys[static_cast<std::size_t>(key)].fallback), 0);
        if (places.size() == 1) continue;
        if (out.back() != '{') out += ',';
        append_json_string(out, name(key));
        out += ":{";
        append_list(out, "values", values, append_json_string);
        append_short_list(out, "of", runs, [&](std::string& text, const Run& run) {
            append_integer(text, places.at(key_text(run, key)));
        });
        out += '}';
    }
    out += '}';
}

std::string run_name(const Forest& forest, const Run& run) {
    return forest.strings[run.model] + ", batch size " + key_text(run, RunKey::batch_size) + ", length " +
           key_text(run, RunKey::seq_len);
}

/// A frame of a stack: the characters that separate frames and lines are replaced.
std::string as_frame(std::string_view name) {
    std::string frame(name);
    for (char& c : frame) {
        if (c == ';') c = ':';
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
    return frame;
}

}  // namespace

std::string page_data(const Forest& forest, std::string_view title, const std::vector<std::string>& files) {
    std::string out = "{";
    append_json_string(out, "version");
    out += ":1,\"title\":";
    append_json_string(out, title);
    append_list(out, "files", files, append_json_string);
    append_list(out, "strings", forest.strings, append_json_string);

    out += ",\"shapes\":{";
    append_list(out, "class", forest.shapes,
                [](std::string& text, const Shape& shape) { append_integer(text, shape.instance_type); });
    append_list(out, "type", forest.shapes, [](std::string& text, const Shape& shape) {
        append_integer(text, static_cast<std::uint64_t>(shape.type));
    });
    append_list(out, "size", forest.shapes,
                [](std::string& text, const Shape& shape) { append_integer(text, shape.children.size()); });
    std::vector<Shape::Child> names;
    for (const Shape& shape : forest.shapes)
        names.insert(names.end(), shape.children.begin(), shape.children.end());
    append_list(out, "names", names, [](std::string& text, const Shape::Child& child) {
        // -1 - name where the name is a whole scope.
        if (child.whole_scope) text += '-';
        append_integer(text, std::uint64_t{child.name} + (child.whole_scope ? 1 : 0));
    });
    append_roles(out, forest, names);

    out += ",\"nodes\":{";
    append_list(out, "shape", forest.subtrees,
                [](std::string& text, const Subtree& subtree) { append_integer(text, subtree.shape); });
    std::vector<std::uint32_t> children;
    for (std::size_t i = 0; i < forest.subtrees.size(); ++i) {
        // How far before its parent each stands: small numbers make half the text.
        for (const std::uint32_t child : forest.subtrees[i].children)
            children.push_back(static_cast<std::uint32_t>(i) - child);
    }
    append_list(out, "children", children, append_integer);
    append_energies(out, forest);
    append_parts(out, forest);
    const bool any_marks = forest.marks.size() > 1;
    append_list(out, "marks", any_marks ? forest.subtrees : std::vector<Subtree>{},
                [](std::string& text, const Subtree& subtree) { append_integer(text, subtree.marks); });
    append_list(out, "work", forest.subtrees,
                [](std::string& text, const Subtree& subtree) { append_integer(text, subtree.work); });
    out += '}';
    append_list(out, "marks", forest.marks, append_marks);
    append_works(out, forest.works);

    out += ",\"runs\":{";
    const auto runs = [&](std::string_view key, auto member) {
        append_short_list(out, key, forest.runs, [member](std::string& text, const Run& run) {
            append_integer(text, static_cast<std::uint64_t>(run.*member));
        });
    };
    runs("file", &Run::file);
    runs("model", &Run::model);
    runs("scope", &Run::scope);
    append_list(out, "root", forest.runs,
                [](std::string& text, const Run& run) { append_integer(text, run.root); });
    runs("prediction", &Run::prediction);
    if (std::any_of(forest.runs.begin(), forest.runs.end(),
                    [&](const Run& run) { return !forest.strings[run.device].empty(); }))
        runs("device", &Run::device);
    const auto counts = [&](std::string_view list, RunKey key) {
        append_short_list(out, list, forest.runs,
                          [key](std::string& text, const Run& run) { text += key_text(run, key); });
    };
    counts("batch", RunKey::batch_size);
    counts("length", RunKey::seq_len);
    counts("new_tokens", RunKey::new_tokens);
    append_short_list(out, "level", forest.runs,
                      [](std::string& text, const Run& run) { append_energy(text, run.level); });
    append_keys(out, forest.runs);
    return out += "}}";
}

std::string escape_html(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return out;
}

void write_speedscope(const Forest& forest, std::string_view title, const Sink& sink) {
    // A frame is a name with its class: the twelve layers' "dense" are one row of speedscope's tables.
    std::map<std::pair<std::string, std::uint32_t>, std::size_t> ids;
    std::string frames, profiles;
    for (const Run& run : forest.runs) {
        std::vector<std::size_t> stack;
        std::string samples, weights;
        double total = 0.0;
        const auto visit = [&](const Subtree& subtree, std::string_view name, std::string_view, std::size_t,
                               const Subtree*) {
            const std::uint32_t instance_type = forest.shape_of(subtree).instance_type;
            const auto [frame, is_new] = ids.try_emplace({std::string(name), instance_type}, ids.size());
            if (is_new) {
                if (!frames.empty()) frames += ',';
                frames += "{\"name\":";
                append_json_string(frames, std::string(name) + " (" + forest.strings[instance_type] + ")");
                frames += '}';
            }
            stack.push_back(frame->second);
            const double self = kMicro * forest.self_energy(subtree);
            if (!(self > 0.0)) return;
            samples += samples.empty() ? "[" : ",[";
            for (std::size_t i = 0; i < stack.size(); ++i) {
                if (i > 0) samples += ',';
                append_integer(samples, stack[i]);
            }
            samples += ']';
            if (!weights.empty()) weights += ',';
            base::append_number(weights, self);
            total += self;
        };
        Walk{forest, visit, [&stack] { stack.pop_back(); }}.over(run);
        if (!profiles.empty()) profiles += ',';
        profiles += R"({"type":"sampled","name":)";
        append_json_string(profiles, run_name(forest, run) + " (microjoules)");
        profiles += R"(,"unit":"none","startValue":0,"endValue":)";
        base::append_number(profiles, total);
        profiles += R"(,"samples":[)";
        profiles += samples;
        profiles += R"(],"weights":[)";
        profiles += weights;
        profiles += "]}";
    }
    std::string head = R"({"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":)";
    append_json_string(head, "irene-visualize " + std::string(version()));
    head += R"(,"name":)";
    append_json_string(head, title);
    head += R"(,"shared":{"frames":[)";
    head += frames;
    sink(head + R"(]},"profiles":[)");
    sink(profiles);
    sink("]}\n");
}

LeftOut write_folded(const Forest& forest, const Sink& sink) {
    LeftOut left_out;
    double lost = 0.0, whole = 0.0;
    for (const Run& run : forest.runs) {
        const double noticeable = kNoticeable * std::fabs(forest.subtrees[run.root].predicted);
        std::string lines;
        std::vector<std::string> stack;
        const auto visit = [&](const Subtree& subtree, std::string_view name, std::string_view,
                               std::size_t depth, const Subtree*) {
            stack.push_back(as_frame(depth == 0 ? run_name(forest, run) : std::string(name)));
            const double self = forest.self_energy(subtree);
            const double micro = std::round(kMicro * self);
            if (self > 0.0) whole += self;
            if (!(micro >= 1.0)) {
                if (self > noticeable) {
                    ++left_out.num_stacks;
                    lost += self;
                }
                return;
            }
            for (std::size_t i = 0; i < stack.size(); ++i) {
                if (i > 0) lines += ';';
                lines += stack[i];
            }
            lines += ' ' + base::format_fixed(micro, 0);
            lines += '\n';
        };
        Walk{forest, visit, [&stack] { stack.pop_back(); }}.over(run);
        sink(lines);
    }
    if (lost > 0.0) left_out.share = lost / whole;
    return left_out;
}

std::size_t count_negative_self(const Forest& forest) {
    std::size_t count = 0;
    for (const Run& run : forest.runs) {
        const double least = -kNoticeable * std::fabs(forest.subtrees[run.root].predicted);
        const auto visit = [&](const Subtree& subtree, std::string_view, std::string_view, std::size_t,
                               const Subtree*) {
            if (forest.self_energy(subtree) < least) ++count;
        };
        Walk{forest, visit}.over(run);
    }
    return count;
}

}  // namespace irene::tasks
