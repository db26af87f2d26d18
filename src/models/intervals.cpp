#include "models/intervals.hpp"

#include <algorithm>
#include <cmath>

#include "base/numbers.hpp"
#include "data/run_keys.hpp"
#include "numerics/elementary.hpp"
#include "numerics/logarithm.hpp"
#include "numerics/student.hpp"

namespace irene::models {

namespace {

/// Probabilities between 0 and 1 in steps of 1 %; two more follow.
constexpr std::size_t kNumPercents = 99;
/// Cumulated weights are compared up to rounding.
constexpr double kRounding = 1e-12;
/// Intervals reach so many times the spread between models.
constexpr double kGreatestBound = 3.0;

/// Where a size lies farther beyond the range of training than 16 times, nothing is known: ln(16).
constexpr double kGreatestDistance = 2.772588722239781;
/// An interval that reaches farther than a factor of 10 to either side says nothing: ln(10).
constexpr double kGreatestWidth = 2.302585092994046;
/// Directions that are distances from a range stand first.
constexpr auto kNumRanges = static_cast<std::size_t>(Direction::unseen_operation);

constexpr std::array<DirectionRow, kNumDirections> kDirections{{
    {"batch_size", "batches, by the factor e beyond training's", 0.05},
    {"seq_len", "lengths, by the factor e beyond training's", 0.05},
    {"new_tokens", "new tokens, by the factor e beyond training's", 0.05},
    {"gpus", "GPUs, by the factor e beyond training's", 0.1},
    {"sizes", "sizes of dense products, by the factor e beyond training's", 0.05},
    {"operations", "operations of a tree or module, by the factor e beyond training's", 0.02},
    {"unseen_operation", "operations that training has not seen, as a share of the energy", 0.5},
    {"unseen_class", "classes of modules unlike any in training, each where it stands", 0.03},
    {"unseen_dense_name", "dense products by a name that training has not, as a share of the energy", 0.05},
}};

/// Distance as it counts for the width. Batches and lengths bend the curves: their errors grow faster the
/// farther away.
double reach(std::size_t direction, double distance) {
    constexpr double kBend = 0.25;
    return direction < kNumCountDirections ? distance * (1.0 + kBend * distance) : distance;
}

bool is_count(Direction direction) { return static_cast<std::size_t>(direction) < kNumCountDirections; }

/// Whether a run lies outside in another of its counts than `direction`.
bool is_far_otherwise(const Distances& distances, Direction direction) {
    for (std::size_t i = 0; i < kNumCountDirections; ++i) {
        if (static_cast<Direction>(i) != direction && distances[i] > 0.0) return true;
    }
    return false;
}

std::vector<double> quantiles(std::vector<std::pair<double, double>>& values) {
    std::sort(values.begin(), values.end());
    const auto n = static_cast<double>(values.size());
    std::vector<double> cumulated;
    double sum = 0.0;
    for (const auto& [value, weight] : values) {
        sum += weight;
        cumulated.push_back(sum);
    }
    std::vector<double> quantiles;
    for (std::size_t i = 0; i < kNumIntervalProbabilities && !values.empty(); ++i) {
        // The correction of split conformal prediction for a finite sample.
        const double share = std::min(1.0, interval_probability(i) * (n + 1.0) / n);
        const auto found =
            std::lower_bound(cumulated.begin(), cumulated.end(), share * sum * (1.0 - kRounding));
        const auto index = static_cast<std::size_t>(found - cumulated.begin());
        quantiles.push_back(values[std::min(index, values.size() - 1)].first);
    }
    return quantiles;
}

}  // namespace

const DirectionRow& row(Direction direction) noexcept {
    return kDirections[static_cast<std::size_t>(direction)];
}

void SeenRange::extend(double value) noexcept {
    if (!(value > 0.0)) return;
    least = is_empty() ? value : std::min(least, value);
    greatest = std::max(greatest, value);
}

void SeenRange::extend(const SeenRange& other) noexcept {
    extend(other.least);
    extend(other.greatest);
}

double SeenRange::distance(double value) const noexcept {
    if (is_empty() || !(value > 0.0)) return 0.0;
    if (value > greatest) return numerics::logarithm(value / greatest);
    return value < least ? numerics::logarithm(least / value) : 0.0;
}

void Support::OfKey::add(const RunValue& value) {
    if (const auto* count = std::get_if<std::int64_t>(&value)) {
        counts.extend(static_cast<double>(*count));
        has_zero = has_zero || *count == 0;
    } else {
        words.insert(std::get<std::string>(value));
    }
}

void Support::add_run(const Tree& tree) {
    runs.resize(data::kRunKeys.size());
    for (std::size_t key = 0; key < runs.size(); ++key) {
        if (!data::kRunKeys[key].is_carried) runs[key].add(tree.run(static_cast<RunKey>(key)));
    }
}

void Support::add(const Support& other) {
    runs.resize(data::kRunKeys.size());
    for (std::size_t key = 0; key < other.runs.size(); ++key) {
        runs[key].has_zero = runs[key].has_zero || other.runs[key].has_zero;
        runs[key].counts.extend(other.runs[key].counts);
        runs[key].words.insert(other.runs[key].words.begin(), other.runs[key].words.end());
    }
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) operations[type].extend(other.operations[type]);
    smaller_size.extend(other.smaller_size);
    greater_size.extend(other.greater_size);
    dense_names.insert(other.dense_names.begin(), other.dense_names.end());
}

Distances run_distances(const Support& support, const Tree& tree) noexcept {
    Distances distances{};
    for (const auto& [key, direction] : kCountDirections) {
        distances[static_cast<std::size_t>(direction)] =
            support.runs[static_cast<std::size_t>(key)].counts.distance(
                static_cast<double>(std::get<std::int64_t>(tree.run(key))));
    }
    return distances;
}

std::optional<RunKey> unlike_key(const Support& support, const Tree& tree) {
    for (std::size_t key = 0; key < support.runs.size(); ++key) {
        if (data::kRunKeys[key].is_carried) continue;
        const Support::OfKey& seen = support.runs[key];
        const RunValue& value = tree.run(static_cast<RunKey>(key));
        if (const auto* count = std::get_if<std::int64_t>(&value)) {
            const bool is_known = *count == 0 ? seen.has_zero : !seen.counts.is_empty();
            if (!is_known) return static_cast<RunKey>(key);
        } else if (!seen.words.empty() && !seen.words.contains(std::get<std::string>(value))) {
            return static_cast<RunKey>(key);
        }
    }
    return std::nullopt;
}

std::string why_unlike(const Support& support, const Tree& tree) {
    const std::optional<RunKey> key = unlike_key(support, tree);
    if (!key) return {};
    const RunValue& value = tree.run(*key);
    const std::string words = data::to_text(value);
    return "training saw no run with " + std::string(name(*key)) + " " +
           (std::holds_alternative<std::string>(value) ? in_quotes(words) : words);
}

double interval_probability(std::size_t index) noexcept {
    if (index < kNumPercents) return static_cast<double>(index + 1) / 100.0;
    return index == kNumPercents ? 0.995 : 1.0;
}

double log_ratio_of(double predicted, double measured) noexcept {
    constexpr double kGreatest = 20.0;
    return std::clamp(numerics::logarithm(predicted / measured), -kGreatest, kGreatest);
}

void count_leaves(const Tree& tree, std::vector<double>& num_leaves) {
    num_leaves.assign(tree.nodes().size(), 0.0);
    for (std::size_t node = num_leaves.size(); node-- > 0;) {
        if (tree.is_leaf(node)) num_leaves[node] = 1.0;
        if (node > 0) num_leaves[static_cast<std::size_t>(tree.nodes()[node].parent)] += num_leaves[node];
    }
}

void learn_spread(const std::vector<std::vector<HeldOutError>>& by_model, Intervals& intervals) {
    intervals.num_models = by_model.size();
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
        std::vector<std::pair<double, double>> deviations;
        double squares = 0.0, num_models = 0.0;
        for (const std::vector<HeldOutError>& errors : by_model) {
            double sum = 0.0, weights = 0.0;
            for (const HeldOutError& error : errors) {
                if (static_cast<std::size_t>(error.type) != type) continue;
                sum += error.weight * error.log_ratio;
                weights += error.weight;
            }
            if (weights == 0.0) continue;
            const double mean = sum / weights;
            squares += mean * mean;
            num_models += 1.0;
            for (const HeldOutError& error : errors) {
                if (static_cast<std::size_t>(error.type) == type)
                    deviations.emplace_back(std::fabs(error.log_ratio - mean), error.weight);
            }
        }
        Spread& spread = intervals.spread[type];
        spread.num_measurements = deviations.size();
        spread.between = num_models > 0.0 ? std::sqrt(squares / num_models) : 0.0;
        spread.within = quantiles(deviations);
    }
}

void MeanSquaresSum::add(const HeldOutError& error) {
    const auto type = static_cast<std::size_t>(error.type);
    sums_[type] += error.weight * error.log_ratio * error.log_ratio;
    weights_[type] += error.weight;
}

MeanSquares MeanSquaresSum::means() const {
    MeanSquares means{};
    for (std::size_t type = 0; type < kNumNodeTypes; ++type)
        means[type] = weights_[type] > 0.0 ? sums_[type] / weights_[type] : 0.0;
    return means;
}

void GrowthLearner::add(Direction direction, NodeType type, double gain, double distance) {
    if (!(distance > 0.0)) return;
    Sum& sum = sums_[static_cast<std::size_t>(type)][static_cast<std::size_t>(direction)];
    const double reached = reach(static_cast<std::size_t>(direction), distance);
    sum.gains += gain / (reached * reached);
    sum.count += 1.0;
}

void GrowthLearner::add(const std::vector<HeldOut>& held_out, Direction direction, const MeanSquares& usual) {
    MeanSquares gains{}, distances{}, weights{};
    for (const auto& [error, along] : held_out) {
        const double distance = along[static_cast<std::size_t>(direction)];
        if (distance == 0.0 || (is_count(direction) && is_far_otherwise(along, direction))) continue;
        const auto type = static_cast<std::size_t>(error.type);
        gains[type] += error.weight * (error.log_ratio * error.log_ratio - usual[type]);
        distances[type] += error.weight * distance * distance;
        weights[type] += error.weight;
    }
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
        if (weights[type] == 0.0) continue;
        add(direction, static_cast<NodeType>(type), gains[type] / weights[type],
            std::sqrt(distances[type] / weights[type]));
    }
}

void GrowthLearner::finish(Intervals& intervals) const {
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
        for (std::size_t direction = 0; direction < kNumDirections; ++direction) {
            const Sum& sum = sums_[type][direction];
            const double usual = kDirections[direction].usual_growth;
            intervals.spread[type].growth[direction] =
                std::sqrt((usual * usual + std::max(0.0, sum.gains)) / (1.0 + sum.count));
        }
    }
}

double greatest_probability(std::size_t num_models) noexcept {
    return num_models < 2 ? 0.0 : numerics::student_share(kGreatestBound, num_models - 1);
}

IntervalRule::IntervalRule(const Intervals& intervals, double probability)
    : intervals_(&intervals), bound_(numerics::student_bound(probability, intervals.num_models - 1)) {
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
        const Spread& spread = intervals.spread[type];
        double within = 0.0;
        for (std::size_t i = spread.within.size(); i-- > 0;) {
            if (probability <= interval_probability(i)) within = spread.within[i];
        }
        at_hand_[type] = bound_ * bound_ * spread.between * spread.between + within * within;
    }
}

std::optional<double> IntervalRule::half_width(NodeType type, const NodeDistances& node) const noexcept {
    const Distances& distances = node.distances;
    const Spread& spread = intervals_->spread[static_cast<std::size_t>(type)];
    if (spread.within.empty()) return std::nullopt;
    double grown = node.carried;
    double of_run = 0.0;
    for (std::size_t i = 0; i < kNumDirections; ++i) {
        if (distances[i] == 0.0) continue;
        if (i < kNumRanges && distances[i] > kGreatestDistance) return std::nullopt;
        const double part = spread.growth[i] * reach(i, distances[i]);
        if (i < kNumCountDirections)
            of_run += part;
        else
            grown += part * part;
    }
    grown += of_run * of_run;
    const double width = std::sqrt(at_hand_[static_cast<std::size_t>(type)] + bound_ * bound_ * grown);
    return width > kGreatestWidth ? std::nullopt : std::optional(width);
}

std::string IntervalRule::why_none(NodeType type, const Distances& distances) const {
    if (intervals_->spread[static_cast<std::size_t>(type)].within.empty())
        return "training measured no node of type " + in_quotes(name(type));
    for (std::size_t i = 0; i < kNumRanges; ++i) {
        if (distances[i] <= kGreatestDistance) continue;
        return std::string(kDirections[i].name) + " lies " +
               base::format(numerics::exponential(distances[i]), 3) +
               " times beyond the range of training; intervals reach to 16 times";
    }
    return "it would span more than a factor of 10 to either side";
}

}  // namespace irene::models
