// The fields of a Hugging Face config.json, with Hugging Face's defaults.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "architectures/blocks.hpp"
#include "base/json.hpp"

namespace irene::architectures {

/// Names of one field: its own and those that Hugging Face takes for it.
using Names = std::initializer_list<const char*>;

/// Reads fields, and refuses with Error (data) and the field's name what cannot be counted.
class Fields {
  public:
    static constexpr std::int64_t kMaxSize = std::int64_t{1} << 26;
    static constexpr std::int64_t kMaxLayers = 10000;

    Fields(const base::Json& config, std::string source);

    /// A whole number from 1 to kMaxSize; `fallback` where the field is absent, which is then noted.
    Count size(Names names, std::int64_t fallback);
    /// The same from 1 to kMaxLayers: every layer is a part of the tree.
    Count num_layers(Names names, std::int64_t fallback);
    /// A whole number from 1 to kMaxSize that configs leave out without harm: its default is not noted.
    Count minor_size(Names names, std::int64_t fallback);
    /// None where the field is absent or null.
    std::optional<Count> optional_size(Names names);
    /// A whole number from 0 to kMaxSize.
    Count count(Names names, std::int64_t fallback);
    bool flag(const char* name, bool fallback);
    /// `gelu` is what the architecture means by "gelu".
    Activation activation(Names names, const char* fallback, std::string_view gelu = "gelu");
    bool has(const char* name) const { return config_.contains(name); }

    /// The heads of `number_names`, which must divide the `width` that the field `width_name` gives.
    Heads heads(Names number_names, std::int64_t fallback, Count width, const char* width_name);

    /// Refuses a config whose field is set and not to `allowed`. Null, false, 0, "" and lists and objects
    /// that hold nothing else set nothing.
    void refuse_if_set(const char* name, const std::string& reason, std::string_view allowed = {});
    [[noreturn]] void refuse(const std::string& name, const std::string& message) const;

    const base::Json& config() const noexcept { return config_; }
    /// Whether a size was asked for by this name, given or not.
    bool reads(std::string_view name) const;
    /// The sizes that the config lacks, by their own name, and what was taken for them.
    const std::vector<std::pair<std::string, std::int64_t>>& defaults_taken() const noexcept {
        return defaults_taken_;
    }
    /// Whether any size was given.
    bool has_sizes() const noexcept { return has_sizes_; }

    /// The largest size that was read: what to look at where counts overflow.
    const std::string& largest_field() const noexcept { return largest_field_; }

  private:
    /// The field's name in the config and its value; null where it is absent. Names that disagree are
    /// refused.
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
