// What features were in training: kept by the paper's strategies, whose regressions are only as good as their
// range.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "irene/features.hpp"
#include "irene/model.hpp"
#include "irene/notices.hpp"
#include "irene/tree.hpp"

namespace irene::models {

/// What a feature was in training.
struct FeatureRange {
    double least = 0.0;
    double greatest = 0.0;
    bool operator==(const FeatureRange&) const = default;
};

/// The range of each feature over `rows`, which are row-major; those with counts[i] = 0 are left out. Some
/// count is above 0.
std::vector<FeatureRange> ranges_of(std::span<const double> rows, std::span<const std::uint32_t> counts,
                                    std::size_t num_features);

/// Whether the node is within; counts one whose features `row` lie outside `ranges`, and adds it to
/// `extrapolations`: by more than 1 % of the greater end, or by anything where a feature never varied, of
/// which training learned nothing. No ranges: nothing is known.
bool note_range(const Tree& tree, std::size_t node, std::span<const Feature> features,
                std::span<const double> row, std::span<const FeatureRange> ranges, PredictionNotices& notices,
                std::vector<Extrapolation>& extrapolations);

}  // namespace irene::models
