#include "tasks/baselines.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <optional>

#include "data/type_means.hpp"
#include "models/kernels/law.hpp"
#include "numerics/nonnegative_least_squares.hpp"

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

bool counts_kernels(const Config& config) {
    return std::find(config.feature_sets.begin(), config.feature_sets.end(), FeatureSet::kernel_counts) !=
           config.feature_sets.end();
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

/// Work and measured joules of the nodes of a run, by node.
struct RunWork {
    std::vector<models::KernelWork> below;  // with all below it
    std::vector<double> roofline_seconds;   // likewise
};

/// A kernel takes as long as its flops or its bytes do, whichever is longer: seconds of all GPUs of the run
/// together, as joules are those of all. Without a datasheet there is a GPU of 250 flops a byte, 16 in
/// float32, as those of 2020 to 2024 roughly are; how fast it is makes no difference, as the times are
/// scaled.
double roofline_seconds(const models::KernelWork& own, const std::optional<Device>& device) {
    constexpr double kNarrowFlopsPerByte = 250.0, kFloat32FlopsPerByte = 16.0;
    const double bandwidth = device ? device->bytes_per_second : 1.0;
    const double narrow = device ? device->peak_as_measured(Dtype::bfloat16) : kNarrowFlopsPerByte;
    const double float32 = device ? device->peak_as_measured(Dtype::float32) : kFloat32FlopsPerByte;
    return std::max(own.narrow_flops / narrow + own.float32_flops / float32, own.bytes / bandwidth);
}

RunWork work_of(const Tree& tree, const std::string& source, const std::optional<Device>& device) {
    const models::KernelTree kernels = models::kernel_tree(tree, source, device);
    RunWork work{.below = kernels.own, .roofline_seconds = {}};
    for (const models::KernelWork& own : kernels.own)
        work.roofline_seconds.push_back(roofline_seconds(own, device));
    for (std::size_t node = work.below.size(); node-- > 1;) {
        const auto parent = static_cast<std::size_t>(tree.nodes()[node].parent);
        work.below[parent].add(work.below[node]);
        work.roofline_seconds[parent] += work.roofline_seconds[node];
    }
    return work;
}

/// What a rule multiplies by its coefficients.
using Terms = std::vector<double>;

/// Errors of sums of coefficients x terms, with the coefficients, none negative, of least squared relative
/// error over the training trees.
Percentages fitted_terms_error(const Fold& fold, const Dataset& dataset,
                               const std::function<std::vector<Terms>(const Tree&)>& terms_of) {
    std::vector<Terms> rows;  // each over the measured energy
    for (const std::size_t number : fold.training) {
        const Tree& tree = dataset.trees[number];
        const std::vector<Terms> terms = terms_of(tree);
        for (std::size_t node = 0; node < terms.size(); ++node) {
            const double energy = tree.nodes()[node].measured_energy;
            if (is_absent(energy)) continue;
            rows.push_back(terms[node]);
            for (double& term : rows.back()) term /= energy;
        }
    }
    constexpr double kRidge = 1e-9;  // for uniqueness only
    numerics::NonnegativeLeastSquares system;
    system.resize(rows.size(), rows.front().size());
    std::fill(system.ridge().begin(), system.ridge().end(), kRidge);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (std::size_t k = 0; k < rows[row].size(); ++k) system.column(k)[row] = rows[row][k];
    }
    const std::span<const double> solution = system.solve(numerics::Sign::nonnegative);
    const std::vector<double> coefficients(solution.begin(), solution.end());
    data::TypeMeans means;
    for (const std::size_t number : fold.held_out) {
        const Tree& tree = dataset.trees[number];
        std::vector<double> joules;
        for (const Terms& terms : terms_of(tree))
            joules.push_back(std::inner_product(terms.begin(), terms.end(), coefficients.begin(), 0.0));
        means.add_errors(tree, joules);
    }
    return means.means();
}

/// Of runs whose kernels are counted.
std::vector<Percentages> kernel_rule_errors(const Fold& fold, const Dataset& dataset,
                                            const std::optional<Device>& device) {
    const auto by_node = [&](const Tree& tree, const auto& terms_of_node) {
        const RunWork work = work_of(tree, dataset.source, device);
        std::vector<Terms> terms;
        for (std::size_t node = 0; node < work.below.size(); ++node)
            terms.push_back(terms_of_node(work, node));
        return terms;
    };
    const auto roofline = [&](const Tree& tree) {
        return by_node(
            tree, [](const RunWork& work, std::size_t node) { return Terms{work.roofline_seconds[node]}; });
    };
    const auto sums = [&](const Tree& tree) {
        return by_node(tree, [](const RunWork& work, std::size_t node) {
            const models::KernelWork& below = work.below[node];
            return Terms{below.float32_flops, below.narrow_flops, below.bytes, below.launches};
        });
    };
    return {fitted_terms_error(fold, dataset, roofline), fitted_terms_error(fold, dataset, sums)};
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
    if (counts_kernels(config)) {
        rules.emplace_back("scale x roofline seconds");
        rules.emplace_back("flops + bytes + launches");
    }
    return rules;
}

std::vector<Percentages> baseline_errors(const Fold& fold, const Dataset& data, const Config& config,
                                         const std::vector<std::vector<double>>& joules) {
    std::vector<Percentages> errors{sum_of_leaves_error(fold, data, joules)};
    for (const Feature feature : baseline_features(config))
        errors.push_back(scaled_feature_error(fold, data, feature));
    if (counts_kernels(config)) {
        for (const Percentages& of_rule : kernel_rule_errors(fold, data, config.device))
            errors.push_back(of_rule);
    }
    return errors;
}

}  // namespace irene::tasks
