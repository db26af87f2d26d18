#include "architectures/read_config.hpp"

#include <array>

#include "irene/architectures.hpp"
#include "irene/error.hpp"

#include "architectures/other_models.hpp"
#include "base/tell.hpp"
#include "data/config_kinds.hpp"

namespace irene {

namespace architectures {

namespace {

struct Architecture {
    std::string_view model_type;
    Blueprint (*read)(Fields&);
    ClassPrefixes classes;
};

constexpr ClassPrefixes kRobertas{"Roberta", "XLMRoberta", "Camembert"};

// In alphabetical order. A new architecture: its file, and its line here.
constexpr auto kArchitectures = std::to_array<Architecture>({{"albert", albert, {"Albert"}},
                                                             {"bert", bert, {"Bert"}},
                                                             {"camembert", camembert, kRobertas},
                                                             {"distilbert", distilbert, {"DistilBert"}},
                                                             {"electra", electra, {"Electra"}},
                                                             {"gpt2", gpt2, {"GPT2"}},
                                                             {"gpt_neo", gpt_neo, {"GPTNeo"}},
                                                             {"llama", llama, {"Llama"}},
                                                             {"mistral", mistral, {"Mistral"}},
                                                             {"openai-gpt", openai_gpt, {"OpenAIGPT"}},
                                                             {"opt", opt, {"OPT"}},
                                                             {"qwen2", qwen2, {"Qwen2"}},
                                                             {"roberta", roberta, kRobertas},
                                                             {"xlm-roberta", xlm_roberta, kRobertas}});

const Architecture* find_architecture(const std::string& model_type) {
    for (const Architecture& architecture : kArchitectures) {
        if (architecture.model_type == model_type) return &architecture;
    }
    return nullptr;
}

std::string known_types() {
    std::string known;
    for (const Architecture& architecture : kArchitectures)
        known += (known.empty() ? "" : ", ") + std::string(architecture.model_type);
    return known;
}

/// The config's architecture, or `asked` where the config does not say.
const Architecture& architecture_of(const Fields& fields, const std::string& source,
                                    const std::string& asked) {
    if (!asked.empty() && find_architecture(asked) == nullptr) {
        throw Error(ErrorKind::usage,
                    "unknown model_type " + in_quotes(asked) + "; known are " + known_types());
    }
    const base::Json& config = fields.config();
    const auto type = config.find("model_type");
    if (type == config.end() || type->is_null() || *type == base::Json(std::string())) {
        if (!asked.empty()) return *find_architecture(asked);
        if (config.empty())
            throw Error(ErrorKind::data, "is empty: expected a transformer's config.json", {.file = source});
        if (data::is_training_config(config)) {
            throw Error(ErrorKind::data,
                        "is a training config, for --config of irene-train and irene-crossvalidate; "
                        "irene-extract takes a transformer's config.json",
                        {.file = source});
        }
        fields.refuse("model_type",
                      "is missing; if you know it, give it as --model_type; known are " + known_types());
    }
    if (!type->is_string()) fields.refuse("model_type", "expected a string, found " + base::kind_of(*type));
    const auto wanted = type->get<std::string>();
    if (!asked.empty() && asked != wanted) {
        throw Error(ErrorKind::usage,
                    "is " + in_quotes(wanted) + ", and " + in_quotes(asked) + " is asked for",
                    {.file = source, .field = "model_type"});
    }
    const Architecture* const found = find_architecture(wanted);
    if (found == nullptr) {
        fields.refuse("model_type",
                      "unknown architecture " + in_quotes(wanted) + "; known are " + known_types());
    }
    return *found;
}

void warn_of_defaults(const Fields& fields, const std::string& prefix, std::string_view model_type,
                      const Warn& warn) {
    if (fields.defaults_taken().empty()) return;
    std::string sizes;
    for (const auto& [name, value] : fields.defaults_taken())
        sizes += (sizes.empty() ? "" : ", ") + name + " " + std::to_string(value);
    base::tell(warn, prefix + (fields.has_sizes() ? "some sizes are missing" : "no size is given") +
                         "; Hugging Face's defaults for " + in_quotes(model_type) + " are taken: " + sizes);
}

void warn_of_weights(const base::Json& config, const std::string& prefix, const Warn& warn) {
    for (const char* name : {"dtype", "torch_dtype"}) {
        const auto field = config.find(name);
        if (field == config.end() || field->is_null() || *field == "float32" || *field == "torch.float32" ||
            *field == "auto")
            continue;
        const std::string found =
            field->is_string() ? in_quotes(field->get<std::string>()) : base::kind_of(*field);
        std::string warning = prefix;
        warning.append("'").append(name).append("' is ").append(found);
        base::tell(warn, warning.append("; flops and bytes are counted in float32"));
        return;
    }
}

}  // namespace

base::Json parse_hugging_face_config(std::string_view text, const std::string& source) {
    base::Json config = base::parse_document(text, ErrorKind::data, source, base::NonFinite::accept);
    if (!config.is_object()) {
        throw Error(ErrorKind::data, "expected an object, found " + base::kind_of(config), {.file = source});
    }
    return config;
}

Blueprint read_config(std::string_view text, const std::string& source, const std::string& model_type,
                      const Warn& warn) {
    const base::Json config = parse_hugging_face_config(text, source);
    Fields fields(config, source);
    const Architecture& architecture = architecture_of(fields, source, model_type);
    Blueprint blueprint = architecture.read(fields);
    refuse_other_models(fields, architecture.model_type, architecture.classes, blueprint);
    blueprint.source = source;
    blueprint.largest_field = fields.largest_field();
    warn_of_defaults(fields, source + ": ", architecture.model_type, warn);
    warn_of_weights(config, source + ": ", warn);
    return blueprint;
}

}  // namespace architectures

std::vector<std::string_view> known_architectures() {
    std::vector<std::string_view> names;
    names.reserve(architectures::kArchitectures.size());
    for (const architectures::Architecture& architecture : architectures::kArchitectures)
        names.push_back(architecture.model_type);
    return names;
}

}  // namespace irene
