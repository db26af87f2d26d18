#include "models/additive/trainer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "irene/error.hpp"

#include "data/type_means.hpp"
#include "models/additive/partly.hpp"

namespace irene::models {

namespace {

bool all_finite(const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

void check_coefficients(const AdditiveModel& model, const std::string& source) {
    bool finite = all_finite(model.fallback) && all_finite(model.self);
    for (const AdditiveLeaves& leaves : model.leaves) {
        finite = finite && all_finite(leaves.coefficients);
        for (const AdditiveOperation& own : leaves.own) finite = finite && all_finite(own.coefficients);
    }
    for (const AdditiveClass& fitted : model.classes) finite = finite && all_finite(fitted.coefficients);
    if (!finite) {
        throw Error(ErrorKind::data, "features or energies are too large or too small to be fitted to",
                    {.file = source});
    }
}

void extend(ValueRange& range, double value) {
    if (!(value > 0.0)) return;
    range.least = range.is_empty() ? value : std::min(range.least, value);
    range.greatest = std::max(range.greatest, value);
}

void extend(TrainingRange& range, const NodeTerms& node, AdditiveLevel level) {
    const auto values = ranged_quantities(node, level);
    for (std::size_t i = 0; i < values.size(); ++i) extend(range.values[i], values[i]);
}

std::vector<TrainingRange> in_order(std::map<std::string, TrainingRange>& ranges) {
    std::vector<TrainingRange> sorted;
    for (auto& [name, range] : ranges) {
        range.name = name;
        sorted.push_back(std::move(range));
    }
    return sorted;
}

}  // namespace

AdditiveTrainer::Groups AdditiveTrainer::gather(std::span<const std::size_t> trees) {
    leaves_.clear();
    inner_.clear();
    for (const std::size_t tree : trees) {
        for (const Measurement& row : data_.measurements_of(tree))
            (row.terms.is_leaf ? leaves_ : inner_).push_back(&row);
    }
    Groups groups;
    for (const Measurement* leaf : leaves_) {
        const std::uint32_t type = leaf->terms.instance_type;
        groups[data_.types.name(data_.level == AdditiveLevel::all ? type : data_.types.group(type))]
            .push_back(leaf);
    }
    return groups;
}

std::vector<double> AdditiveTrainer::fit_fallback(const Groups& groups, const std::string& left_out) {
    std::vector<const Measurement*> rows;
    for (const auto& [group, members] : groups) {
        if (group != left_out) rows.insert(rows.end(), members.begin(), members.end());
    }
    if (data_.level == AdditiveLevel::all) rows.insert(rows.end(), inner_.begin(), inner_.end());
    const std::size_t num_terms = fallback_terms(data_.level).size();
    std::array<double, kMaxSelfTerms> terms{};
    system_.resize(rows.size(), num_terms);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        fill_fallback_terms(data_.level, rows[i]->terms, terms.data());
        for (std::size_t k = 0; k < num_terms; ++k) system_.column(k)[i] = terms[k] / rows[i]->energy;
        system_.weights()[i] = rows[i]->weight();
    }
    if (data_.level != AdditiveLevel::all) {
        std::size_t row = 0;
        for (const auto& [group, members] : groups) {
            if (group == left_out) continue;
            for (std::size_t i = 0; i < members.size(); ++i)
                system_.weights()[row++] = 1.0 / static_cast<double>(members.size());
        }
    }
    std::fill(system_.ridge().begin(), system_.ridge().end(), kLinearRidge);
    const std::span<const double> fallback = system_.solve(numerics::Sign::nonnegative);
    return {fallback.begin(), fallback.end()};
}

AdditiveModel AdditiveTrainer::fit_coefficients(std::span<const std::size_t> trees, bool is_final) {
    if (trees.empty()) throw Error(ErrorKind::data, "no tree to fit to", {.file = data_.data.source});
    const AdditiveLevel level = data_.level;
    AdditiveModel model;
    model.level = level;
    model.num_trees = trees.size();
    if (std::any_of(trees.begin(), trees.end(),
                    [this](std::size_t tree) { return data_.is_partly_measured[tree] != 0; })) {
        for (const std::size_t tree : trees) model.num_nodes += data_.data.trees[tree].nodes().size();
        fit_to_partly_measured(data_, trees, system_, model);
        check_coefficients(model, data_.data.source);
        return model;
    }
    const Groups groups = gather(trees);
    bool mirrors_differ = false;
    for (const std::size_t tree : trees) {
        model.num_nodes += data_.data.trees[tree].nodes().size();
        mirrors_differ = mirrors_differ || data_.differing_mirrors[tree] != 0;
    }
    model.num_measurements = leaves_.size() + inner_.size();
    // The fallback comes first: at level all it is the law to which the groups are pulled.
    model.fallback = fit_fallback(groups, {});

    LeafBond bond;
    if (level == AdditiveLevel::all) bond = {.prior = model.fallback, .ridge = kLawRidge};
    for (const auto& [group, members] : groups) {
        const auto fit_to = [&](const std::string& name, Measurements part) {
            model.leaves.push_back(fit_leaves(level, name, mirrors_differ, part, data_.types, bond, system_));
        };
        if (level == AdditiveLevel::all || group != kDenseGroup) {
            fit_to(group, members);
            continue;
        }
        // Shapes price dense products where the counts have them, flops and bytes wherever they have not.
        std::vector<const Measurement*> rows;
        for (const Measurement* leaf : members) {
            if (leaf->terms.is_dense) rows.push_back(leaf);
        }
        if (!rows.empty()) fit_to(group, rows);
        if (is_final || data_.counts.num_nodes() > 0) fit_to(std::string(kCountedGroup), members);
    }
    fit_self(inner_, leaves_, data_.types, data_.signatures, system_, model);
    check_coefficients(model, data_.data.source);
    return model;
}

void AdditiveTrainer::add_ranges(std::span<const std::size_t> trees, AdditiveModel& model) const {
    std::vector<const Measurement*> leaves, inner;
    for (const std::size_t tree : trees) {
        for (const Measurement& row : data_.measurements_of(tree))
            (row.terms.is_leaf ? leaves : inner).push_back(&row);
    }
    std::map<std::string, TrainingRange> ranges;
    for (const Measurement* row : leaves) {
        const bool by_counts = row->terms.counts_cause != CountsCause::none;
        const std::uint32_t group = data_.types.group(row->terms.instance_type);
        if (!by_counts || data_.level == AdditiveLevel::all) {
            extend(ranges[data_.types.name(group)], row->terms, data_.level);
        }
        if (data_.types.kind(group) == OperationKind::dense && data_.level != AdditiveLevel::all) {
            NodeTerms counted = row->terms;
            counted.is_dense = false;
            extend(ranges[std::string(kCountedGroup)], counted, data_.level);
        }
    }
    model.leaf_ranges = in_order(ranges);
    ranges.clear();
    for (const Measurement* row : inner) {
        extend(model.inner_range, row->terms, data_.level);
        if (data_.level != AdditiveLevel::all) {
            extend(ranges[data_.types.name(row->terms.instance_type)], row->terms, data_.level);
        }
    }
    model.class_ranges = in_order(ranges);
}

std::vector<double> AdditiveTrainer::predict(AdditivePrices& prices, std::size_t tree,
                                             std::vector<char>& is_unseen) const {
    const std::span<const Measurement> measurements = data_.measurements_of(tree);
    std::vector<double> costs(measurements.size());
    std::vector<char> unseen(measurements.size());
    for (std::size_t i = 0; i < measurements.size(); ++i) {
        const Measurement& row = measurements[i];
        const AdditivePrices::Known& known = prices.known(row.terms.instance_type, data_.types);
        if (row.terms.is_leaf) {
            costs[i] = prices.leaf_energy(row.terms, known.of(row.terms));
            unseen[i] = known.has_operation() ? 0 : 1;
            continue;
        }
        const AdditivePrices::SelfPrice price = prices.self_price(
            row.terms, known, data_.types, [&] { return std::span(data_.signatures[row.signature]); });
        costs[i] = prices.self_energy(row.terms, price);
        unseen[i] = price.is_known ? 0 : 1;
    }
    const Tree& nodes = data_.data.trees[tree];
    std::vector<double> energies(nodes.nodes().size());
    is_unseen.resize(energies.size());
    for (std::size_t node = 0; node < energies.size(); ++node) {
        const std::size_t row = data_.of_node[data_.first_node[tree] + node] - data_.first_measurement[tree];
        energies[node] = costs[row];
        is_unseen[node] = unseen[row];
    }
    add_up(nodes, energies);
    return energies;
}

void AdditiveTrainer::add_training_error(std::span<const std::size_t> trees, AdditiveModel& model) {
    data::TypeMeans errors;
    AdditivePrices prices(model);
    std::vector<char> is_unseen;
    for (const std::size_t tree : trees) {
        const std::vector<double> energies = predict(prices, tree, is_unseen);
        for (std::size_t node = 0; node < energies.size(); ++node) {
            const Node& truth = data_.data.trees[tree].nodes()[node];
            if (is_absent(truth.measured_energy)) continue;
            errors.add(truth.type, std::fabs(energies[node] - truth.measured_energy) / truth.measured_energy);
        }
    }
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
        const auto which = static_cast<NodeType>(type);
        if (errors.count(which) == 0) continue;
        model.training_error[type] = 100.0 * errors.sum(which) / static_cast<double>(errors.count(which));
    }
}

AdditiveModel AdditiveTrainer::fit(std::span<const std::size_t> trees) {
    AdditiveModel model = fit_coefficients(trees, true);
    add_ranges(trees, model);
    add_training_error(trees, model);
    return model;
}

}  // namespace irene::models
