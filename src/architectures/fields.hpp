// The fields of a Hugging Face config.json, with Hugging Face's defaults.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "architectures/attention.hpp"
#include "architectures/blocks.hpp"
#include "base/json.hpp"

namespace irene::architectures {

/// The names that Hugging Face takes for one field, the usual one first.
using Names = std::initializer_list<const char*>;

/// Reads the fields of a config. A value that cannot be counted is refused: Error (data) with the field's
/// name.
class Fields {
  public:
    static constexpr std::int64_t kMaxSize = std::int64_t{1} << 26;
    static constexpr std::int64_t kMaxLayers = 10000;

    Fields(const base::Json& config, std::string source);

    /// A whole number from 1 to kMaxSize. Where the field is absent, `fallback`, which defaults_taken() then
    /// lists: the user is warned that another model's size may have been taken.
    Count size(Names names, std::int64_t fallback);
    /// The same, of at most kMaxLayers: every layer has nodes, so more would not fit in memory.
    Count num_layers(Names names, std::int64_t fallback);
    /// The same for a size that configs often leave out where it is the default: nobody is warned of it.
    Count minor_size(Names names, std::int64_t fallback);
    /// The same without a default: none where the field is absent or null.
    std::optional<Count> optional_size(Names names);
    /// A whole number from 0 to kMaxSize; `fallback` where the field is absent or null.
    Count count(Names names, std::int64_t fallback);
    bool flag(const char* name, bool fallback);
    /// A number from 0 to 1; `fallback` where the field is absent or null.
    double fraction(Names names, double fallback);
    /// By its name in Hugging Face. `gelu` is the one that the architecture's code takes for "gelu": the
    /// first GPT's is what others call "gelu_new".
    Activation activation(Names names, const char* fallback, std::string_view gelu = "gelu");
    /// A text; `fallback` where the field is absent.
    std::string text(const char* name, const char* fallback);
    /// The activation `wanted`, which the field `name` asks for.
    Activation activation_named(const char* name, const std::string& wanted) const;
    /// The one of that name, which is known.
    static Activation activation_of(std::string_view name);
    bool has(const char* name) const { return config_.contains(name); }

    /// As many heads as the field `number_names` says, which share `width`: they must divide it. `width_name`
    /// is the field that gave the width, for the message.
    Heads heads(Names number_names, std::int64_t fallback, Count width, const char* width_name);

    /// Refuses a config that sets the field, with `reason`, unless it sets it to `allowed`. A field that is
    /// null, false, 0 or "", or a list or an object of nothing else, is not set.
    void refuse_if_set(const char* name, const std::string& reason, std::string_view allowed = {});
    [[noreturn]] void refuse(const std::string& name, const std::string& message) const;

    const base::Json& config() const noexcept { return config_; }
    /// Whether the architecture reads a size of this name, whether or not the config has it.
    bool reads(std::string_view name) const;
    /// The sizes that the config lacks, by their usual name, with what was taken for them.
    const std::vector<std::pair<std::string, std::int64_t>>& defaults_taken() const noexcept {
        return defaults_taken_;
    }
    /// Whether the config has any size.
    bool has_sizes() const noexcept { return has_sizes_; }

    /// The field of the largest size: the first to look at where counts overflow.
    const std::string& largest_field() const noexcept { return largest_field_; }

  private:
    /// The name under which the config has the field, and its value; the usual name and null where it has
    /// none. Refuses a config that has it under two names with different values.
    std::pair<const char*, const base::Json*> find(Names names) const;
    std::optional<Count> whole_number(Names names, bool null_is_absent, std::int64_t min, std::int64_t max);
    Count or_default(std::optional<Count> given, Names names, std::int64_t fallback);

    const base::Json& config_;
    std::string source_;
    std::string largest_field_;
    Count largest_;
    bool has_sizes_ = false;
    std::vector<std::string_view> names_read_;
    std::vector<std::pair<std::string, std::int64_t>> defaults_taken_;
};

}  // namespace irene::architectures
