// Prediction intervals of the additive tree: models and the ends of what training spans are held out in turn.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

#include "models/additive/distances.hpp"
#include "models/additive/trainer.hpp"

namespace irene::models {

namespace {

/// With so many values or more both ends of a key are held out at once, and those of other such keys with
/// them: enough is left to fit to.
constexpr std::size_t kLeastForBothEnds = 4;

}  // namespace

std::vector<std::vector<std::size_t>> AdditiveTrainer::models_of(std::span<const std::size_t> trees) const {
    std::vector<std::vector<std::size_t>> parts;  // in order of first appearance
    std::map<std::string_view, std::size_t> part_of_model;
    for (const std::size_t tree : trees) {
        const auto [entry, is_new] = part_of_model.emplace(data_.data.trees[tree].model_name(), parts.size());
        if (is_new) parts.emplace_back();
        parts[entry->second].push_back(tree);
    }
    return parts;
}

std::vector<HeldOut> AdditiveTrainer::hold_out(std::span<const std::size_t> trees,
                                               const std::vector<char>& is_left_out) {
    // In the order of the dataset, as a user who left the part out would train.
    std::vector<std::size_t> others;
    Support support;
    for (const std::size_t tree : trees) {
        if (is_left_out[tree] != 0) continue;
        others.push_back(tree);
        support.add(supports_[tree]);
    }
    std::sort(others.begin(), others.end());
    const AdditiveModel model = fit_coefficients(others, false);
    AdditivePrices prices(model);
    const KindCovariance not_carried{};
    DistanceMeter meter(support, not_carried);
    std::vector<NodeDistances> distances;
    std::vector<char> is_unseen;
    std::vector<const NodeTerms*> terms;
    std::vector<std::size_t> node_of;  // the first that shares a measurement
    std::vector<HeldOut> held_out;
    for (const std::size_t tree : trees) {
        if (is_left_out[tree] == 0) continue;
        const std::vector<double> energies = predict(prices, tree, is_unseen);
        const std::span<const Measurement> measurements = data_.measurements_of(tree);
        terms.resize(energies.size());
        node_of.resize(measurements.size());
        for (std::size_t node = energies.size(); node-- > 0;) {
            const std::size_t row = data_.of_node[data_.first_node[tree] + node];
            terms[node] = &data_.measurements[row].terms;
            node_of[row - data_.first_measurement[tree]] = node;
        }
        meter.measure(data_.data.trees[tree], terms, energies, is_unseen, data_.types, distances);
        for (std::size_t i = 0; i < measurements.size(); ++i) {
            const Measurement& truth = measurements[i];
            if (is_absent(truth.energy)) continue;
            held_out.push_back({{.type = truth.terms.type,
                                 .log_ratio = log_ratio_of(energies[node_of[i]], truth.energy),
                                 .weight = truth.weight()},
                                distances[node_of[i]].distances});
        }
    }
    return held_out;
}

/// Runs of models that training has, with batches, lengths, ... that it has not.
void AdditiveTrainer::learn_ends_of_runs(std::span<const std::size_t> trees, const MeanSquares& squares,
                                         GrowthLearner& growth) {
    std::vector<char> is_left_out(data_.data.trees.size()), has_both_ends_out(data_.data.trees.size());
    std::vector<Direction> with_both_ends;
    for (const auto& [key, direction] : kCountDirections) {
        const auto value = [this, key = key](std::size_t tree) {
            return static_cast<double>(std::get<std::int64_t>(data_.data.trees[tree].run(key)));
        };
        std::set<double> values;
        for (const std::size_t tree : trees) values.insert(value(tree));
        values.erase(0.0);  // another kind of run
        if (values.size() < 2) continue;
        if (values.size() >= kLeastForBothEnds) {
            with_both_ends.push_back(direction);
            for (const std::size_t tree : trees) {
                const bool is_end = value(tree) == *values.begin() || value(tree) == *values.rbegin();
                if (is_end) has_both_ends_out[tree] = 1;
            }
            continue;
        }
        for (const double end : {*values.rbegin(), *values.begin()}) {
            for (const std::size_t tree : trees) is_left_out[tree] = value(tree) == end ? 1 : 0;
            growth.add(hold_out(trees, is_left_out), direction, squares);
        }
    }
    if (std::all_of(trees.begin(), trees.end(),
                    [&](std::size_t tree) { return has_both_ends_out[tree] != 0; }))
        return;
    const std::vector<HeldOut> held_out = hold_out(trees, has_both_ends_out);
    for (const Direction direction : with_both_ends) growth.add(held_out, direction, squares);
}

/// Models that are wider or deeper than those of training. Of a single model there is one fit already.
void AdditiveTrainer::learn_ends_of_models(std::span<const std::size_t> trees, const MeanSquares& squares,
                                           GrowthLearner& growth) {
    std::vector<char> is_left_out(data_.data.trees.size());
    for (const Direction direction : {Direction::sizes, Direction::operations}) {
        const auto value = [this, direction](std::size_t tree) {
            const Support& of_tree = supports_[tree];
            return direction == Direction::sizes
                       ? of_tree.greater_size.greatest
                       : of_tree.operations[static_cast<std::size_t>(NodeType::model)].greatest;
        };
        std::map<double, std::set<std::string_view>> values;
        for (const std::size_t tree : trees) values[value(tree)].insert(data_.data.trees[tree].model_name());
        if (values.size() < 2) continue;
        for (const auto& [end, names] : {*values.rbegin(), *values.begin()}) {
            if (names.size() < 2) continue;
            for (const std::size_t tree : trees) is_left_out[tree] = value(tree) == end ? 1 : 0;
            growth.add(hold_out(trees, is_left_out), direction, squares);
        }
    }
}

/// Each kind of leaf, priced by what the others have in common.
void AdditiveTrainer::learn_operations(std::span<const std::size_t> trees, GrowthLearner& growth) {
    const Groups groups = gather(trees);
    if (groups.size() < 2) return;
    std::array<double, kMaxSelfTerms> terms{};
    for (const auto& [group, members] : groups) {
        const std::vector<double> prices = fit_fallback(groups, group);
        double squares = 0.0, weights = 0.0;
        for (const Measurement* leaf : members) {
            fill_fallback_terms(data_.level, leaf->terms, terms.data());
            double energy = 0.0;
            for (std::size_t k = 0; k < prices.size(); ++k) energy += prices[k] * terms[k];
            const double error = log_ratio_of(energy, leaf->energy);
            squares += leaf->weight() * error * error;
            weights += leaf->weight();
        }
        // The same errors go up the tree: into modules and models in proportion to their energy.
        for (std::size_t type = 0; type < kNumNodeTypes; ++type)
            growth.add(Direction::unseen_operation, static_cast<NodeType>(type), squares / weights, 1.0);
    }
}

/// Each class of modules that no other is like, priced by what all classes have in common.
void AdditiveTrainer::learn_classes(std::span<const std::size_t> trees, const AdditiveModel& model,
                                    GrowthLearner& growth) {
    if (model.classes.empty()) return;
    gather(trees);
    AdditivePrices prices(model);
    std::map<std::pair<std::uint32_t, NodeType>, std::pair<double, double>> gains;  // and weights
    std::map<std::pair<std::uint32_t, std::uint32_t>, bool> is_alone;  // classes with a list of children
    for (const Measurement* row : inner_) {
        const AdditivePrices::Known& known = prices.known(row->terms.instance_type, data_.types);
        const auto [entry, is_new] = is_alone.try_emplace({row->terms.instance_type, row->signature});
        if (is_new) {
            entry->second =
                prices.classes_like(row->terms.ratio(), data_.signatures[row->signature], data_.types)
                    .size() <= 1;
        }
        if (!entry->second) continue;
        const double measured = row->energy - row->children_energy;
        const double seen =
            (prices.self_energy(row->terms, {known.class_coefficients}) - measured) / row->energy;
        const double unseen = (prices.self_energy(row->terms, {&model.self}) - measured) / row->energy;
        auto& [gain, weight] = gains[{row->terms.instance_type, row->terms.type}];
        gain += row->weight() * (unseen * unseen - seen * seen);
        weight += row->weight();
    }
    for (const auto& [key, gain] : gains)
        growth.add(Direction::unseen_class, key.second, gain.first / gain.second, 1.0);
}

Intervals AdditiveTrainer::learn_intervals(std::span<const std::size_t> trees, const AdditiveModel& model) {
    supports_.assign(data_.data.trees.size(), {});
    Intervals intervals;
    std::vector<const NodeTerms*> terms;
    bool is_measured_everywhere = true;
    for (const std::size_t tree : trees) {
        const Tree& nodes = data_.data.trees[tree];
        terms.clear();
        for (std::size_t node = 0; node < nodes.nodes().size(); ++node)
            terms.push_back(&data_.measurements[data_.of_node[data_.first_node[tree] + node]].terms);
        add_to_support(nodes, terms, data_.types, supports_[tree]);
        intervals.support.add(supports_[tree]);
        is_measured_everywhere = is_measured_everywhere && data_.is_partly_measured[tree] == 0;
    }
    const std::vector<std::vector<std::size_t>> parts = models_of(trees);
    intervals.num_models = parts.size();
    if (parts.size() < 2) return intervals;

    std::vector<std::vector<HeldOutError>> errors;
    std::vector<std::vector<HeldOut>> by_model;
    MeanSquaresSum usual;
    std::vector<char> is_left_out(data_.data.trees.size());
    for (const std::vector<std::size_t>& part : parts) {
        for (const std::size_t tree : part) is_left_out[tree] = 1;
        by_model.push_back(hold_out(trees, is_left_out));
        for (const std::size_t tree : part) is_left_out[tree] = 0;
        errors.emplace_back();
        for (const HeldOut& held_out : by_model.back()) {
            errors.back().push_back(held_out.error);
            usual.add(held_out.error);
        }
    }
    learn_spread(errors, intervals);

    GrowthLearner growth;
    for (const std::vector<HeldOut>& held_out : by_model) {
        for (std::size_t direction = 0; direction < kNumDirections; ++direction)
            growth.add(held_out, static_cast<Direction>(direction), usual.means());
    }
    learn_ends_of_models(trees, usual.means(), growth);
    MeanSquaresSum trained;
    AdditivePrices prices(model);
    std::vector<char> is_unseen;
    for (const std::size_t tree : trees) {
        const std::vector<double> energies = predict(prices, tree, is_unseen);
        std::size_t next = data_.first_measurement[tree];  // the first node of each measurement stands for it
        for (std::size_t node = 0; node < energies.size(); ++node) {
            const std::size_t index = data_.of_node[data_.first_node[tree] + node];
            if (index != next) continue;
            ++next;
            const Measurement& row = data_.measurements[index];
            if (is_absent(row.energy)) continue;
            trained.add({row.terms.type, log_ratio_of(energies[node], row.energy), row.weight()});
        }
    }
    learn_ends_of_runs(trees, trained.means(), growth);
    if (is_measured_everywhere) {
        learn_operations(trees, growth);
        learn_classes(trees, model, growth);
    }
    growth.finish(intervals);
    return intervals;
}

}  // namespace irene::models
