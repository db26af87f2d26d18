// The table of run keys: a key that is only carried, grouped and filtered by is a line here and nothing else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "irene/run_keys.hpp"

#include "data/run_names.hpp"

namespace irene::data {

enum class RunType : unsigned char { text, count };

struct RunKeyRow {
    std::string_view name;
    RunType type = RunType::text;
    /// Of a key that a file may lack: what it is then, as it would be given on a command line. A key without
    /// one is required.
    std::string_view fallback = {};
    std::int64_t least = 1;                          ///< of a count
    std::span<const std::string_view> choices = {};  ///< all that a text may be; empty: any
    /// Only kept, grouped and filtered by: models do not learn it, and no run is unlike training's by it.
    bool is_carried = false;
};

inline constexpr auto kCountingNames = spellings(kCountings);
inline constexpr auto kDtypeNames = spellings(kDtypes);
inline constexpr auto kAttentionNames = spellings(kAttentions);

/// By RunKey. Data files have them in this order, and it is the order of columns.
inline constexpr std::array kRunKeys{
    RunKeyRow{.name = "model_name", .is_carried = true},
    RunKeyRow{"batch_size", RunType::count},
    RunKeyRow{"seq_len", RunType::count},
    RunKeyRow{"counting", RunType::text, "paper", 1, kCountingNames},
    RunKeyRow{"dtype", RunType::text, "float32", 1, kDtypeNames},
    RunKeyRow{"attention", RunType::text, "eager", 1, kAttentionNames},
    RunKeyRow{"new_tokens", RunType::count, "0", 0},
    RunKeyRow{"gpus", RunType::count, "1"},
};

/// Greatest count. The product of two, such as the tokens of a run, is a whole number in a double too.
inline constexpr std::int64_t kMaxRunCount = std::int64_t{1} << 26;

/// What is wrong with a value; empty where nothing is.
std::string wrong_run_value(const RunKeyRow& key, const RunValue& value);

/// "a whole number from 1 to 67108864".
std::string expected_count(const RunKeyRow& key);

/// A value as it is given on a command line; none where it is no whole number from the least one.
std::optional<RunValue> parse_run_value(const RunKeyRow& key, std::string_view text);

/// The values of a run that says nothing: a required key has that of an empty text or 0.
std::vector<RunValue> default_run();

/// As it stands in a table.
std::string to_text(const RunValue& value);

/// A model's name with what else tells its runs apart, beside batch size and length, which pages show by
/// themselves: "gpt2 (dtype bfloat16)" for the values of a run by `table`. Defaults are left out.
std::string label_of(std::span<const RunKeyRow> table, const std::vector<RunValue>& run);

}  // namespace irene::data
