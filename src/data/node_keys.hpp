// The keys of a node in data files.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "data/features.hpp"
#include "data/splice.hpp"

namespace irene::data {

/// What the value of a key is.
enum class Holds : unsigned char {
    id,
    scope,
    parent_name,
    level,
    instance_type,
    type,
    feature,
    measured_energy,
    dtype,
    children,
    child_scopes,
    prediction,  ///< of energy or a part of it, in J, or of time, in s
    no_interval,
    outside_training,
    unseen_operation,
};

struct KeyRow {
    std::string_view name;
    Holds holds = Holds::id;
    std::size_t which = 0;  ///< the Feature, or the OutputKey
    bool is_required = false;
};

constexpr bool is_amount(Holds holds) { return holds == Holds::feature || holds == Holds::measured_energy; }

/// In the order in which data files have them: the reader expects each key behind the one before.
inline constexpr auto kNodeKeys = [] {
    constexpr std::array kBeforeFeatures{
        KeyRow{"id", Holds::id, 0, true},
        KeyRow{"scope", Holds::scope, 0, true},
        KeyRow{"parent_name", Holds::parent_name},
        KeyRow{"level", Holds::level},
        KeyRow{"instance_type", Holds::instance_type, 0, true},
        KeyRow{"type", Holds::type, 0, true},
    };
    constexpr std::array kBehindFeatures{
        KeyRow{"ground_truth_energy", Holds::measured_energy},
        KeyRow{"dtype", Holds::dtype},
        KeyRow{"child_nodes_obj", Holds::children, 0, true},
        KeyRow{"child_nodes", Holds::child_scopes},
        KeyRow{kOutputKeys[0], Holds::prediction, 0},
        KeyRow{kOutputKeys[1], Holds::prediction, 1},
        KeyRow{kOutputKeys[2], Holds::prediction, 2},
        KeyRow{kOutputKeys[3], Holds::prediction, 3},
        KeyRow{kOutputKeys[4], Holds::prediction, 4},
        KeyRow{kOutputKeys[5], Holds::prediction, 5},
        KeyRow{kOutputKeys[6], Holds::prediction, 6},
        KeyRow{kOutputKeys[7], Holds::no_interval, 7},
        KeyRow{kOutputKeys[8], Holds::outside_training, 8},
        KeyRow{kOutputKeys[9], Holds::unseen_operation, 9},
    };
    constexpr auto kOfNode = [](const FeatureRow& row) { return !row.of_run; };
    constexpr auto kNumFeatureKeys =
        static_cast<std::size_t>(std::count_if(kFeatures.begin(), kFeatures.end(), kOfNode));
    std::array<KeyRow, kBeforeFeatures.size() + kNumFeatureKeys + kBehindFeatures.size()> keys{};
    auto* next = std::copy(kBeforeFeatures.begin(), kBeforeFeatures.end(), keys.begin());
    for (const FeatureRow& row : kFeatures) {
        if (!row.of_run) *next++ = {row.name, Holds::feature, static_cast<std::size_t>(row.feature)};
    }
    std::copy(kBehindFeatures.begin(), kBehindFeatures.end(), next);
    return keys;
}();

/// Sets of keys, by their place in kNodeKeys.
using KeySet = std::uint64_t;
static_assert(kNodeKeys.size() <= 64, "a set of keys has a bit for each");

constexpr KeySet bit(std::size_t key) { return KeySet{1} << key; }

template <typename Is>
constexpr KeySet keys_that(const Is& is) {
    KeySet keys = 0;
    for (std::size_t key = 0; key < kNodeKeys.size(); ++key) {
        if (is(kNodeKeys[key])) keys |= bit(key);
    }
    return keys;
}

inline constexpr KeySet kAmountKeys = keys_that([](const KeyRow& key) { return is_amount(key.holds); });
inline constexpr KeySet kRequiredKeys = keys_that([](const KeyRow& key) { return key.is_required; });

/// The names in a table of keys.
template <typename Row, std::size_t N>
constexpr std::array<std::string_view, N> names_of(const std::array<Row, N>& table) {
    std::array<std::string_view, N> names{};
    for (std::size_t i = 0; i < N; ++i) names[i] = table[i].name;
    return names;
}

}  // namespace irene::data
