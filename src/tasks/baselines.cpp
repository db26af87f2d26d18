#include "tasks/baselines.hpp"

#include <cstddef>

#include "data/type_means.hpp"

namespace irene::tasks {

namespace {

/// The features that the config uses and that energy is in first approximation proportional to.
std::vector<Feature> baseline_features(const Config& config) {
    std::vector<Feature> features = features_of(config.feature_sets);
    std::erase_if(features, [](Feature feature) {
        return feature != Feature::flops && feature != Feature::times_mean &&
               feature != Feature::gpu_energy_mean;
    });
    return features;
}

/// Errors of c x feature, with the c of least squared relative error over the training trees.
Percentages scaled_feature_error(const Fold& fold, const Dataset& dataset, Feature feature) {
    const auto value_of = [feature](const Node& node) {
        return node.features[static_cast<std::size_t>(feature)];
    };
    double sum = 0.0;
    double sum_of_squares = 0.0;
    for (const std::size_t tree : fold.training) {
        for (const Node& node : dataset.trees[tree].nodes()) {
            if (is_absent(node.measured_energy)) continue;
            const double ratio = value_of(node) / node.measured_energy;
            sum += ratio;
            sum_of_squares += ratio * ratio;
        }
    }
    const double scale = sum_of_squares > 0.0 ? sum / sum_of_squares : 0.0;
    data::TypeMeans means;
    std::vector<double> joules;
    for (const std::size_t tree : fold.held_out) {
        joules.clear();
        for (const Node& node : dataset.trees[tree].nodes()) joules.push_back(scale * value_of(node));
        means.add_errors(dataset.trees[tree], joules);
    }
    return means.means();
}

/// Every inner node as the sum of the leaves below it.
std::vector<double> sums_of_leaves(const Tree& tree, const std::vector<double>& joules) {
    std::vector<double> sums(joules.size(), 0.0);
    for (std::size_t node = joules.size(); node-- > 0;) {
        if (tree.is_leaf(node)) sums[node] = joules[node];
        if (node > 0) sums[static_cast<std::size_t>(tree.nodes()[node].parent)] += sums[node];
    }
    return sums;
}

Percentages sum_of_leaves_error(const Fold& fold, const Dataset& dataset,
                                const std::vector<std::vector<double>>& joules) {
    data::TypeMeans means;
    for (std::size_t i = 0; i < fold.held_out.size(); ++i) {
        const Tree& tree = dataset.trees[fold.held_out[i]];
        means.add_errors(tree, sums_of_leaves(tree, joules[i]));
    }
    return means.means();
}

}  // namespace

std::vector<std::string> baseline_rules(const Config& config) {
    std::vector<std::string> rules{"sum of children"};
    for (const Feature feature : baseline_features(config))
        rules.push_back("scale x " + std::string(name(feature)));
    return rules;
}

std::vector<Percentages> baseline_errors(const Fold& fold, const Dataset& data, const Config& config,
                                         const std::vector<std::vector<double>>& joules) {
    std::vector<Percentages> errors{sum_of_leaves_error(fold, data, joules)};
    for (const Feature feature : baseline_features(config))
        errors.push_back(scaled_feature_error(fold, data, feature));
    return errors;
}

}  // namespace irene::tasks
