#include "architectures/weights.hpp"

#include <algorithm>

#include "irene/error.hpp"

#include "data/run_names.hpp"

namespace irene::architectures {

namespace {

using base::Json;

constexpr const char* kScheme = "quantization_config";

bool is_full(Dtype dtype) {
    return dtype == Dtype::float32 || dtype == Dtype::float16 || dtype == Dtype::bfloat16;
}

[[noreturn]] void refuse_scheme(const Fields& fields, const std::string& found) {
    fields.refuse(kScheme, "these quantised weights are not counted: " + found +
                               "; known are fp8, fbgemm_fp8, gptq, awq, bitsandbytes and mxfp4");
}

/// The modules that a list names, without what only says where in Hugging Face's classes they stand.
void add_kept(const Json& names, std::vector<std::string>& kept) {
    if (!names.is_array()) return;
    for (const Json& name : names) {
        if (!name.is_string()) continue;
        std::string text = name.get<std::string>();
        for (const char* above : {"model.", "layers.", "transformer.", "h."}) {
            if (text.starts_with(above)) text.erase(0, std::string_view(above).size());
        }
        if (!text.empty()) kept.push_back(text);
    }
}

Dtype bits_of(const Fields& fields, const Json& scheme, const std::string& method) {
    const auto bits = scheme.find("bits");
    if (bits == scheme.end() || *bits == 4) return Dtype::int4;
    if (*bits == 8) return Dtype::int8;
    refuse_scheme(fields, method + " of " + base::kind_of(*bits) + " bits");
}

void read_scheme(const Fields& fields, const Json& scheme, Stored& stored) {
    if (!scheme.is_object()) fields.refuse(kScheme, "expected an object, found " + base::kind_of(scheme));
    const auto is_on = [&scheme](const char* name) {
        const auto field = scheme.find(name);
        return field != scheme.end() && *field == true;
    };
    const auto given = scheme.find("quant_method");
    std::string method = given != scheme.end() && given->is_string() ? given->get<std::string>() : "";
    if (method.empty() && (is_on("load_in_4bit") || is_on("load_in_8bit"))) method = "bitsandbytes";
    if (method == "fp8" || method == "fbgemm_fp8") {
        stored.quantised = Dtype::float8;
    } else if (method == "gptq" || method == "awq") {
        stored.quantised = bits_of(fields, scheme, method);
    } else if (method == "bitsandbytes") {
        if (!is_on("load_in_4bit") && !is_on("load_in_8bit"))
            refuse_scheme(fields, "bitsandbytes of no bits");
        stored.quantised = is_on("load_in_4bit") ? Dtype::int4 : Dtype::int8;
    } else if (method == "mxfp4") {
        stored.quantised = Dtype::mxfp4;
        stored.converts = Converts::experts;
    } else {
        refuse_scheme(fields, given == scheme.end() ? "no 'quant_method'" : base::kind_of(*given));
    }
    for (const char* name : {"modules_to_not_convert", "llm_int8_skip_modules", "ignored_layers"}) {
        if (const auto names = scheme.find(name); names != scheme.end()) add_kept(*names, stored.kept);
    }
}

}  // namespace

Stored read_stored(Fields& fields) {
    Stored stored;
    const Json& config = fields.config();
    for (const char* name : {"dtype", "torch_dtype"}) {
        const auto field = config.find(name);
        if (field == config.end() || field->is_null() || *field == "auto") continue;
        std::string found = field->is_string() ? field->get<std::string>() : std::string();
        if (found.starts_with("torch.")) found.erase(0, 6);
        stored.dtype = dtype_from_name(found);
        stored.dtype_field = name;
        if (stored.dtype && !is_full(*stored.dtype)) stored.dtype.reset();
        stored.found_dtype =
            field->is_string() ? in_quotes(field->get<std::string>()) : base::kind_of(*field);
        break;
    }
    const auto scheme = config.find(kScheme);
    if (scheme != config.end() && !scheme->is_null() && *scheme != Json::object())
        read_scheme(fields, *scheme, stored);
    return stored;
}

Weights weights_of(const Stored& stored, std::optional<Dtype> dtype, const std::string& source) {
    if (dtype && is_full(*dtype)) return {.dtype = *dtype, .others = *dtype};
    if (!dtype) dtype = stored.quantised;
    if (!dtype) {
        if (!stored.dtype && !stored.found_dtype.empty()) {
            throw Error(ErrorKind::data,
                        "expected " + base::choices(data::kDtypes) + ", found " + stored.found_dtype +
                            "; another can be asked for, as --dtype",
                        {.file = source, .field = stored.dtype_field});
        }
        const Dtype own = stored.dtype.value_or(Dtype::float32);
        return {.dtype = own, .others = own};
    }
    // What is not converted has 2 bytes.
    const Dtype others = stored.dtype == Dtype::float16 ? Dtype::float16 : Dtype::bfloat16;
    Weights weights{.dtype = *dtype, .others = others};
    if (stored.quantised) {
        weights.converts = stored.converts;
        weights.kept = stored.kept;
    }
    return weights;
}

}  // namespace irene::architectures
