#include "models/weighted/feature_ranges.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "models/notices.hpp"

namespace irene::models {

namespace {

constexpr double kSlack = 0.01;

double overshoot_of(double value, const FeatureRange& seen) {
    if (value > seen.greatest && seen.greatest > 0.0) return value / seen.greatest;
    if (value < seen.least && value > 0.0) return seen.least / value;
    const double distance = value > seen.greatest ? value - seen.greatest : seen.least - value;
    return 1.0 + distance / std::max({std::fabs(seen.least), std::fabs(seen.greatest), 1.0});
}

}  // namespace

std::vector<FeatureRange> ranges_of(std::span<const double> rows, std::span<const std::uint32_t> counts,
                                    std::size_t num_features) {
    std::vector<FeatureRange> ranges;
    for (std::size_t row = 0; row < counts.size(); ++row) {
        if (counts[row] == 0) continue;
        const std::span<const double> values = rows.subspan(row * num_features, num_features);
        if (ranges.empty()) {
            for (const double value : values) ranges.push_back({value, value});
            continue;
        }
        for (std::size_t f = 0; f < num_features; ++f) {
            ranges[f].least = std::min(ranges[f].least, values[f]);
            ranges[f].greatest = std::max(ranges[f].greatest, values[f]);
        }
    }
    return ranges;
}

bool note_range(const Tree& tree, std::size_t node, std::span<const Feature> features,
                std::span<const double> row, std::span<const FeatureRange> ranges, PredictionNotices& notices,
                std::vector<Extrapolation>& extrapolations) {
    std::vector<std::string_view> outside;
    for (std::size_t f = 0; f < ranges.size(); ++f) {
        const FeatureRange& seen = ranges[f];
        if (row[f] >= seen.least && row[f] <= seen.greatest) continue;
        const bool never_varied = seen.least == seen.greatest;
        const double slack =
            never_varied ? 0.0 : kSlack * std::max(std::fabs(seen.least), std::fabs(seen.greatest));
        if (row[f] >= seen.least - slack && row[f] <= seen.greatest + slack) continue;
        outside.push_back(name(features[f]));
        const double overshoot = overshoot_of(row[f], seen);
        note(tree, node,
             {.quantity = name(features[f]),
              .meaning = never_varied ? "which never varied in training" : "",
              .value = row[f],
              .least = seen.least,
              .greatest = seen.greatest,
              .overshoot = overshoot},
             notices);
    }
    if (outside.empty()) return true;
    ++notices.num_out_of_range;
    extrapolations.push_back({.node = node, .quantities = std::move(outside)});
    return false;
}

}  // namespace irene::models
