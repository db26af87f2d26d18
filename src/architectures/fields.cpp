#include "architectures/fields.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "irene/error.hpp"

namespace irene::architectures {

namespace {

struct NamedActivation {
    std::string_view name;
    Activation activation;
};

// By their names in Hugging Face: the paper's operations and bytes of an element, then kernels with the
// numbers that they read and write. An activation that is one kernel reads and writes each element once: 8
// bytes. The others are written out there in steps, each of which is a kernel: gelu_new, for one, in eight.
// That tanh has four bytes is how the datasets count it.
constexpr std::array<NamedActivation, 11> kActivations{{{"gelu", {6, 8, 1, 2}},
                                                        {"gelu_python", {6, 40, 5, 11}},
                                                        {"gelu_new", {11, 76, 8, 18}},
                                                        {"gelu_fast", {11, 76, 9, 21}},
                                                        {"gelu_pytorch_tanh", {11, 8, 1, 2}},
                                                        {"quick_gelu", {6, 24, 3, 7}},
                                                        {"relu", {1, 8, 1, 2}},
                                                        {"silu", {5, 8, 1, 2}},
                                                        {"swish", {5, 8, 1, 2}},
                                                        {"sigmoid", {4, 8, 1, 2}},
                                                        {"tanh", {4, 4, 1, 2}}}};

bool is_set(const base::Json& value) {
    switch (value.type()) {
        case base::Json::value_t::null:
            return false;
        case base::Json::value_t::boolean:
            return value.get<bool>();
        case base::Json::value_t::string:
            return !value.get_ref<const std::string&>().empty();
        case base::Json::value_t::array:
        case base::Json::value_t::object:
            return std::any_of(value.begin(), value.end(), is_set);
        default:
            return value != 0;
    }
}

}  // namespace

Fields::Fields(const base::Json& config, std::string source) : config_(config), source_(std::move(source)) {}

void Fields::refuse(const std::string& name, const std::string& message) const {
    throw Error(ErrorKind::data, message, {.file = source_, .field = name});
}

std::pair<const char*, const base::Json*> Fields::find(Names names) const {
    std::pair<const char*, const base::Json*> found{*names.begin(), nullptr};
    for (const char* name : names) {
        const auto field = config_.find(name);
        if (field == config_.end()) continue;
        if (found.second != nullptr && *found.second != *field) {
            refuse(name, "contradicts " + in_quotes(found.first) + ", which is the same field");
        }
        found = {name, &*field};
    }
    return found;
}

std::optional<Count> Fields::whole_number(Names names, bool null_is_absent, std::int64_t min,
                                          std::int64_t max) {
    names_read_.insert(names_read_.end(), names.begin(), names.end());
    const auto [name, value] = find(names);
    if (value == nullptr || (null_is_absent && value->is_null())) return std::nullopt;
    std::int64_t number = -1;
    if (value->is_number_unsigned()) {
        const auto large = value->get<std::uint64_t>();
        if (large <= static_cast<std::uint64_t>(max)) number = static_cast<std::int64_t>(large);
    } else if (value->is_number_integer()) {
        number = value->get<std::int64_t>();
    }
    if (!value->is_number_integer() || number < min || number > max) {
        refuse(name, "expected a whole number from " + std::to_string(min) + " to " + std::to_string(max) +
                         ", found " + base::kind_of(*value));
    }
    if (Count(number) > largest_) {
        largest_ = number;
        largest_field_ = name;
    }
    return Count(number);
}

Count Fields::or_default(std::optional<Count> given, Names names, std::int64_t fallback) {
    if (given) {
        has_sizes_ = true;
    } else {
        defaults_taken_.emplace_back(*names.begin(), fallback);
    }
    return given.value_or(fallback);
}

Count Fields::size(Names names, std::int64_t fallback) {
    return or_default(whole_number(names, false, 1, kMaxSize), names, fallback);
}

Count Fields::num_layers(Names names, std::int64_t fallback) {
    return or_default(whole_number(names, false, 1, kMaxLayers), names, fallback);
}

Count Fields::minor_size(Names names, std::int64_t fallback) {
    return whole_number(names, false, 1, kMaxSize).value_or(fallback);
}

bool Fields::reads(std::string_view name) const {
    return std::find(names_read_.begin(), names_read_.end(), name) != names_read_.end();
}

std::optional<Count> Fields::optional_size(Names names) { return whole_number(names, true, 1, kMaxSize); }

Count Fields::count(Names names, std::int64_t fallback) {
    return whole_number(names, true, 0, kMaxSize).value_or(fallback);
}

double Fields::fraction(Names names, double fallback) {
    names_read_.insert(names_read_.end(), names.begin(), names.end());
    const auto [found, value] = find(names);
    if (value == nullptr || value->is_null()) return fallback;
    const double number = value->is_number() ? value->get<double>() : -1.0;
    if (!(number >= 0.0 && number <= 1.0))
        refuse(found, "expected a number from 0 to 1, found " + base::kind_of(*value));
    return number;
}

bool Fields::flag(const char* name, bool fallback) {
    names_read_.emplace_back(name);
    const auto [found, value] = find({name});
    if (value == nullptr) return fallback;
    if (!value->is_boolean()) refuse(found, "expected true or false, found " + base::kind_of(*value));
    return value->get<bool>();
}

Activation Fields::activation_of(std::string_view name) {
    for (const NamedActivation& candidate : kActivations) {
        if (candidate.name == name) return candidate.activation;
    }
    return kActivations[0].activation;
}

Activation Fields::activation(Names names, const char* fallback, std::string_view gelu) {
    const auto [name, value] = find(names);
    if (value != nullptr && !value->is_string()) {
        refuse(name, "expected the name of an activation, found " + base::kind_of(*value));
    }
    std::string wanted = value == nullptr ? fallback : value->get<std::string>();
    if (wanted == "gelu") wanted = gelu;
    return activation_named(name, wanted);
}

std::string Fields::text(const char* name, const char* fallback) {
    const auto [found, value] = find({name});
    if (value == nullptr) return fallback;
    if (!value->is_string()) refuse(found, "expected a string, found " + base::kind_of(*value));
    return value->get<std::string>();
}

Activation Fields::activation_named(const char* name, const std::string& wanted) const {
    std::string known;
    for (const NamedActivation& candidate : kActivations) {
        if (candidate.name == wanted) return candidate.activation;
        known += (known.empty() ? "" : ", ") + std::string(candidate.name);
    }
    refuse(name, "unknown activation " + in_quotes(wanted) + "; known are " + known);
}

Heads Fields::heads(Names number_names, std::int64_t fallback, Count width, const char* width_name) {
    const Count number = size(number_names, fallback);
    if (width.value() % number.value() != 0) {
        refuse(find(number_names).first, std::to_string(number.value()) + " heads do not divide the " +
                                             in_quotes(width_name) + " of " + std::to_string(width.value()));
    }
    return {number, width.value() / number.value()};
}

void Fields::refuse_if_set(const char* name, const std::string& reason, std::string_view allowed) {
    const auto [found, value] = find({name});
    const bool is_allowed =
        value == nullptr || !is_set(*value) || (value->is_string() && value->get<std::string>() == allowed);
    if (!is_allowed) refuse(found, reason);
}

}  // namespace irene::architectures
