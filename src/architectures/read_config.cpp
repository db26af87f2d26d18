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
    const char* text_field =
        nullptr;  ///< of a model of more than text: where its config has that of the text
};

constexpr ClassPrefixes kRobertas{"Roberta", "XLMRoberta", "Camembert"};

// In alphabetical order. A new architecture: its file, and its line here.
constexpr auto kArchitectures = std::to_array<Architecture>({
    {"albert", albert, {"Albert"}},
    {"bart", bart, {"Bart"}},
    {"bert", bert, {"Bert"}},
    {"bloom", bloom, {"Bloom"}},
    {"camembert", camembert, kRobertas},
    {"cohere", cohere, {"Cohere"}},
    {"deberta-v2", deberta_v2, {"DebertaV2"}},
    {"deepseek_v2", deepseek_v2, {"DeepseekV2"}},
    {"deepseek_v3", deepseek_v3, {"DeepseekV3"}},
    {"distilbert", distilbert, {"DistilBert"}},
    {"electra", electra, {"Electra"}},
    {"falcon", falcon, {"Falcon"}},
    {"gemma", gemma, {"Gemma"}},
    {"gemma2", gemma2, {"Gemma2"}},
    {"gemma3", gemma3, {"Gemma3"}, "text_config"},
    {"gemma3_text", gemma3, {"Gemma3"}},
    {"gpt2", gpt2, {"GPT2"}},
    {"gpt_bigcode", gpt_bigcode, {"GPTBigCode"}},
    {"gpt_neo", gpt_neo, {"GPTNeo"}},
    {"gpt_neox", gpt_neox, {"GPTNeoX"}},
    {"gpt_oss", gpt_oss, {"GptOss"}},
    {"gptj", gptj, {"GPTJ"}},
    {"granite", granite, {"Granite"}},
    {"kimi_k2", deepseek_v3, {"DeepseekV3", "KimiK2"}},
    {"llama", llama, {"Llama"}},
    {"m2m_100", m2m_100, {"M2M100"}},
    {"marian", marian, {"Marian", "MarianMT"}},
    {"mbart", mbart, {"MBart"}},
    {"mistral", mistral, {"Mistral"}},
    {"mixtral", mixtral, {"Mixtral"}},
    {"modernbert", modernbert, {"ModernBert"}},
    {"mpnet", mpnet, {"MPNet"}},
    {"mpt", mpt, {"Mpt", "MPT"}},
    {"mt5", mt5, {"MT5"}},
    {"olmo2", olmo2, {"Olmo2"}},
    {"openai-gpt", openai_gpt, {"OpenAIGPT"}},
    {"opt", opt, {"OPT"}},
    {"phi", phi, {"Phi"}},
    {"phi3", phi3, {"Phi3"}},
    {"qwen2", qwen2, {"Qwen2"}},
    {"qwen2_moe", qwen2_moe, {"Qwen2Moe"}},
    {"qwen3", qwen3, {"Qwen3"}},
    {"qwen3_moe", qwen3_moe, {"Qwen3Moe"}},
    {"roberta", roberta, kRobertas},
    {"stablelm", stablelm, {"StableLm"}},
    {"starcoder2", starcoder2, {"Starcoder2"}},
    {"t5", t5, {"T5"}},
    {"xlm-roberta", xlm_roberta, kRobertas},
    {"xlnet", xlnet, {"XLNet"}},
});

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

/// The config of the text, in a config of more than that, which has what both have in common.
base::Json text_config(const base::Json& config, const std::string& source, const char* text_field,
                       const Warn& warn) {
    const auto text = config.find(text_field);
    if (text == config.end()) return config;
    if (!text->is_object()) {
        throw Error(ErrorKind::data, "expected an object, found " + base::kind_of(*text),
                    {.file = source, .field = text_field});
    }
    base::Json own = *text;
    for (const char* common : {"torch_dtype", "dtype", "quantization_config"}) {
        if (const auto field = config.find(common); field != config.end() && !own.contains(common))
            own[common] = *field;
    }
    base::tell(warn,
               source + ": only the model of the text is counted, which is in " + in_quotes(text_field));
    return own;
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

/// The paper counts all weights in float32.
void warn_of_weights(const Stored& stored, const std::string& prefix, const Warn& warn) {
    constexpr const char* kCounted = "; flops and bytes are counted in float32";
    if (stored.quantised) {
        base::tell(warn,
                   prefix + "weights are quantised, " + std::string(name(*stored.quantised)) + kCounted);
        return;
    }
    if (stored.dtype_field.empty() || stored.dtype == Dtype::float32) return;
    base::tell(warn, prefix + "'" + stored.dtype_field + "' is " + stored.found_dtype + kCounted);
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
                      const Warn& warn, Counting counting) {
    base::Json config = parse_hugging_face_config(text, source);
    const Architecture& architecture = architecture_of(Fields(config, source), source, model_type);
    if (architecture.text_field != nullptr)
        config = text_config(config, source, architecture.text_field, warn);
    Fields fields(config, source);
    Blueprint blueprint = architecture.read(fields);
    blueprint.stored = read_stored(fields);
    refuse_other_models(fields, architecture.model_type, architecture.classes, blueprint);
    blueprint.source = source;
    blueprint.largest_field = fields.largest_field();
    warn_of_defaults(fields, source + ": ", architecture.model_type, warn);
    if (counting == Counting::paper) warn_of_weights(blueprint.stored, source + ": ", warn);
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
