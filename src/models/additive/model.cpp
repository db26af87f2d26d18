#include "models/additive/model.hpp"

#include <algorithm>

#include "base/name_table.hpp"
#include "models/additive/features.hpp"

namespace irene::models {

namespace {

constexpr base::NameTable<AdditiveLevel, kNumAdditiveLevels> kLevelNames{{
    {AdditiveLevel::specs, "specs"},
    {AdditiveLevel::timing, "timing"},
    {AdditiveLevel::all, "all"},
}};

constexpr base::NameTable<RangedQuantity, kNumRangedQuantities> kRangedNames{{
    {RangedQuantity::batch_size, "batch_size"},
    {RangedQuantity::seq_len, "seq_len"},
    {RangedQuantity::rows, "rows"},
    {RangedQuantity::smaller_size, "smaller_size"},
    {RangedQuantity::greater_size, "greater_size"},
    {RangedQuantity::flops, "flops"},
    {RangedQuantity::bytes, "bytes"},
    {RangedQuantity::own_bytes, "own_bytes"},
    {RangedQuantity::softmax_bytes, "softmax_bytes"},
    {RangedQuantity::qkv_bytes, "qkv_bytes"},
    {RangedQuantity::seconds, "seconds"},
    {RangedQuantity::joules, "joules"},
}};

constexpr base::NameTable<RangedQuantity, kNumRangedQuantities> kMeanings{{
    {RangedQuantity::batch_size, "sequences at once"},
    {RangedQuantity::seq_len, "tokens of a sequence"},
    {RangedQuantity::rows, "rows of a dense product, batch x length as a rule"},
    {RangedQuantity::smaller_size, "the smaller of a dense product's inputs and outputs"},
    {RangedQuantity::greater_size, "the greater of a dense product's inputs and outputs"},
    {RangedQuantity::flops, "floating-point operations of one call"},
    {RangedQuantity::bytes, "bytes that one call reads and writes"},
    {RangedQuantity::own_bytes, "bytes of a module's own work, beyond its operations"},
    {RangedQuantity::softmax_bytes, "bytes of a module's softmax"},
    {RangedQuantity::qkv_bytes, "bytes of an attention's queries, keys and values"},
    {RangedQuantity::seconds, "measured time"},
    {RangedQuantity::joules, "measured energy of the GPU"},
}};

constexpr base::NameTable<KindOfWork, kNumKindsOfWork> kKindNames{{
    {KindOfWork::dense, "dense"},
    {KindOfWork::product, "product"},
    {KindOfWork::softmax, "softmax"},
    {KindOfWork::other, "other"},
    {KindOfWork::self, "self"},
}};

constexpr base::NameTable<KindOfWork, kNumKindsOfWork> kKindMeanings{{
    {KindOfWork::dense, "dense products"},
    {KindOfWork::product, "attention's products"},
    {KindOfWork::softmax, "softmax"},
    {KindOfWork::other, "other operations"},
    {KindOfWork::self, "modules' own work"},
}};

// A level's features stand in front of the next level's.
constexpr std::array kFeatures{Feature::num_parameters, Feature::flops, Feature::mem_bytes,
                               Feature::times_mean,     Feature::cpu,   Feature::gpu_energy_mean};

// Terms of the levels specs and timing: the last is that of timing.
constexpr std::array<AdditiveTerm, 6> kDenseTerms{{{"call", "J"},
                                                   {"rows x inner size x outer size", "J"},
                                                   {"rows x outer size", "J"},
                                                   {"rows x inner size", "J"},
                                                   {"parameters", "J"},
                                                   {"seconds", "W"}}};
constexpr std::array<AdditiveTerm, 5> kRowTerms{
    {{"call", "J"},
     {"bytes", "J/byte"},
     {"flops", "J/flop"},
     {"bytes / seq_len x sqrt(min(seq_len / shortest, 1))", "J token/byte"},
     {"seconds", "W"}}};
constexpr std::array<AdditiveTerm, 4> kPlainTerms{
    {{"call", "J"}, {"bytes", "J/byte"}, {"flops", "J/flop"}, {"seconds", "W"}}};
// Level all. The law of the fallback stands in front.
constexpr std::array<AdditiveTerm, 6> kLawTerms{{{"joules", "J/J"},
                                                 {"seconds", "W"},
                                                 {"seconds x cpu %", "W/%"},
                                                 {"call", "J"},
                                                 {"bytes", "J/byte"},
                                                 {"flops", "J/flop"}}};
constexpr std::size_t kNumLawTerms = 3;

constexpr std::array<AdditiveTerm, 4> kSpecsSelfTerms{{{"own bytes, without attention", "J/byte"},
                                                       {"launches", "J/launch"},
                                                       {"softmax bytes", "J/byte"},
                                                       {"qkv bytes", "J/byte"}}};
constexpr std::array<AdditiveTerm, 4> kTimingSelfTerms{
    {{"own seconds", "W"}, {"launches", "J/launch"}, {"softmax bytes", "J/byte"}, {"qkv bytes", "J/byte"}}};
constexpr std::array<AdditiveTerm, 6> kAllSelfTerms{{{"own joules", "J/J"},
                                                     {"own seconds", "W"},
                                                     {"own seconds x cpu %", "W/%"},
                                                     {"joules", "J/J"},
                                                     {"seconds", "W"},
                                                     {"launches", "J/launch"}}};

/// The terms without, or with, the last.
template <std::size_t N>
std::span<const AdditiveTerm> up_to_timing(const std::array<AdditiveTerm, N>& terms, AdditiveLevel level) {
    return std::span(terms).first(level == AdditiveLevel::timing ? N : N - 1);
}

/// Ramps over so many knots, with a head.
std::size_t num_ramps(std::size_t num_knots, bool has_head) {
    if (num_knots < 2) return 0;
    return num_knots - (has_head ? 0 : 1);
}

}  // namespace

std::string_view name(AdditiveLevel level) noexcept { return base::name_in(kLevelNames, level); }
std::optional<AdditiveLevel> additive_level_from_name(std::string_view spelling) noexcept {
    return base::find_in(kLevelNames, spelling);
}

AdditiveLevel level_of(const Config& config) noexcept {
    const auto has = [&sets = config.feature_sets](FeatureSet set) {
        return std::find(sets.begin(), sets.end(), set) != sets.end();
    };
    if (has(FeatureSet::resource_utilization)) return AdditiveLevel::all;
    return has(FeatureSet::timing) ? AdditiveLevel::timing : AdditiveLevel::specs;
}

std::string_view name(RangedQuantity quantity) noexcept { return base::name_in(kRangedNames, quantity); }

std::string_view meaning(RangedQuantity quantity) noexcept { return base::name_in(kMeanings, quantity); }

std::string_view name(KindOfWork kind) noexcept { return base::name_in(kKindNames, kind); }

std::string_view meaning(KindOfWork kind) noexcept { return base::name_in(kKindMeanings, kind); }

std::span<const Feature> required_features(AdditiveLevel level) noexcept {
    constexpr std::array<std::size_t, kNumAdditiveLevels> kCounts{3, 4, 6};
    return std::span(kFeatures).first(kCounts[static_cast<std::size_t>(level)]);
}

std::span<const AdditiveTerm> leaf_terms(AdditiveLevel level, std::string_view group) noexcept {
    if (level == AdditiveLevel::all) return kLawTerms;
    switch (models::kind_of_operation(group)) {
        case models::OperationKind::dense:
            return up_to_timing(kDenseTerms, level);
        case models::OperationKind::product:
        case models::OperationKind::softmax:
            return up_to_timing(kRowTerms, level);
        default:
            return up_to_timing(kPlainTerms, level);
    }
}

std::size_t num_ramps(AdditiveLevel level, const AdditiveLeaves& leaves) noexcept {
    if (level == AdditiveLevel::all) return 0;
    const std::size_t with_head = num_ramps(leaves.knots.size(), true);
    const std::size_t by_length = num_ramps(leaves.length_knots.size(), false);
    switch (models::kind_of_operation(leaves.group)) {
        case models::OperationKind::dense:
            return 2 * with_head;
        case models::OperationKind::product:
            return by_length;
        case models::OperationKind::softmax:
            return by_length + with_head;
        default:
            return with_head;
    }
}

std::span<const AdditiveTerm> fallback_terms(AdditiveLevel level) noexcept {
    if (level == AdditiveLevel::all) return std::span(kLawTerms).first(kNumLawTerms);
    return up_to_timing(kPlainTerms, level);
}

std::span<const AdditiveTerm> self_terms(AdditiveLevel level) noexcept {
    switch (level) {
        case AdditiveLevel::specs:
            return kSpecsSelfTerms;
        case AdditiveLevel::timing:
            return kTimingSelfTerms;
        default:
            return kAllSelfTerms;
    }
}

}  // namespace irene::models
