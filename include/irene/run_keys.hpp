// What tells the runs of a data file apart: keys beside the tree, such as the model's name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace irene {

/// Keys of a run. The table in src/data/run_keys.hpp has their types and what they may be. Keys that the
/// library only carries, groups and filters by need no enumerator: run_keys() and run_key_from_name() have
/// them all.
enum class RunKey : unsigned char {
    model_name,
    batch_size,
    seq_len,
    counting,
    dtype,
    attention,
    new_tokens,
    gpus
};

/// The value of a key: text or a count, always the same for one key.
using RunValue = std::variant<std::string, std::int64_t>;

/// The key's name in data files; empty for a value of the enum that is no key.
std::string_view name(RunKey key) noexcept;
std::optional<RunKey> run_key_from_name(std::string_view spelling) noexcept;

/// All keys, in the order in which tables have them.
std::vector<RunKey> run_keys();

/// "model_name, batch_size or seq_len", each with `suffix` behind it: for messages and help.
std::string run_keys_in_words(std::string_view suffix = "");

}  // namespace irene
