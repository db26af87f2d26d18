#include "models/additive/tree.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "irene/error.hpp"

#include "data/type_means.hpp"
#include "models/weighted/feature_rows.hpp"

namespace irene::models {

namespace {

/// Instance types that a predictor remembers before it starts anew: a file may hold any number of them.
constexpr std::size_t kMaxRemembered = 10000;

/// What tells measurements apart. Features beyond the level's belong to it, as they tell runs apart.
constexpr std::size_t kKeySize = kNumFeatures + 12;
using Key = std::array<double, kKeySize>;

Key key_of(const Node& node, const Measurement& m) {
    Key key{};
    std::copy(node.features.begin(), node.features.end(), key.begin());
    std::size_t next = kNumFeatures;
    const NodeTerms& terms = m.terms;
    for (const double value :
         {static_cast<double>(terms.type), static_cast<double>(terms.instance_type),
          static_cast<double>(m.signature), m.energy, m.children_energy, terms.own_flops, terms.own_bytes,
          terms.own_seconds, terms.own_joules, terms.own_cpu_seconds, terms.softmax_bytes, terms.qkv_bytes}) {
        key[next++] = value;
    }
    return key;
}

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

/// Element of a list sorted by `member` that has the name; null where there is none.
template <typename T>
const T* find_named(const std::vector<T>& list, std::string T::*member, const std::string& name) {
    const auto found = std::lower_bound(
        list.begin(), list.end(), name,
        [member](const T& element, const std::string& text) { return element.*member < text; });
    return found != list.end() && (*found).*member == name ? &*found : nullptr;
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

AdditiveData::AdditiveData(const Dataset& dataset, AdditiveLevel wanted) : data(dataset), level(wanted) {
    TreeTerms terms;
    DistinctRows distinct(kKeySize);
    std::vector<double> children_energy;
    std::map<std::vector<std::uint32_t>, std::uint32_t> numbers;  // of signatures
    for (const Tree& tree : data.trees) {
        terms.derive(tree, level, data.source, types);
        children_energy.assign(tree.nodes.size(), 0.0);
        for (std::size_t node = 1; node < tree.nodes.size(); ++node) {
            children_energy[static_cast<std::size_t>(tree.nodes[node].parent)] +=
                tree.nodes[node].measured_energy;
        }
        first_node.push_back(of_node.size());
        first_measurement.push_back(measurements.size());
        distinct.clear();
        for (std::size_t node = 0; node < tree.nodes.size(); ++node) {
            Measurement m;
            m.terms = terms.nodes()[node];
            if (level != AdditiveLevel::all) note_counts(tree, node, m.terms, counts);
            m.energy = tree.nodes[node].measured_energy;
            m.children_energy = children_energy[node];
            if (!m.terms.is_leaf) {
                const std::span<const std::uint32_t> signature = terms.signature(node, types);
                const auto [entry, is_new] = numbers.emplace(
                    std::vector<std::uint32_t>(signature.begin(), signature.end()), signatures.size());
                if (is_new) signatures.push_back(entry->first);
                m.signature = entry->second;
            }
            const std::uint32_t row = distinct.add(key_of(tree.nodes[node], m).data());
            const std::size_t index = first_measurement.back() + row;
            if (index == measurements.size()) measurements.push_back(m);
            measurements[index].multiplicity += 1.0;
            of_node.push_back(static_cast<std::uint32_t>(index));
        }
        differing_twins.push_back(
            have_differing_twins(std::span(measurements).subspan(first_measurement.back())) ? 1 : 0);
    }
    first_measurement.push_back(measurements.size());
}

AdditivePrices::AdditivePrices(const AdditiveModel& model) : model_(model) {
    leaf_terms_.reserve(model.leaves.size());
    std::size_t most = kMaxSelfTerms;
    for (const AdditiveLeaves& leaves : model.leaves) {
        leaf_terms_.emplace_back(model.level, leaves);
        most = std::max(most, leaf_terms_.back().size());
    }
    terms_.resize(most);
}

AdditivePrices::Regressor AdditivePrices::regressor_of(const std::string& group, const std::string& operation,
                                                       const std::string& range) const {
    Regressor regressor;
    if (const AdditiveLeaves* leaves = find_named(model_.leaves, &AdditiveLeaves::group, group)) {
        regressor.terms = &leaf_terms_[static_cast<std::size_t>(leaves - model_.leaves.data())];
        const AdditiveOperation* own = find_named(leaves->own, &AdditiveOperation::operation, operation);
        regressor.coefficients = own != nullptr ? &own->coefficients : &leaves->coefficients;
    }
    regressor.range = find_named(model_.leaf_ranges, &TrainingRange::name, range);
    return regressor;
}

const AdditivePrices::Known& AdditivePrices::known(std::uint32_t instance_type, const InstanceTypes& types) {
    if (instance_type >= known_.size()) known_.resize(types.size());
    std::optional<Known>& entry = known_[instance_type];
    if (entry) return *entry;
    entry.emplace();
    const std::string& name = types.name(instance_type);
    const std::string& group = types.name(types.group(instance_type));
    // At level all the operations of a group have regressors of their own, but one range.
    entry->leaf = regressor_of(model_.level == AdditiveLevel::all ? name : group, name, group);
    entry->counted = entry->leaf;
    if (model_.level != AdditiveLevel::all && group == kDenseGroup) {
        const std::string counted(kCountedGroup);
        entry->counted = regressor_of(counted, name, counted);
    }
    if (const AdditiveClass* fitted = find_named(model_.classes, &AdditiveClass::name, name)) {
        entry->class_coefficients = &fitted->coefficients;
    }
    entry->class_range = find_named(model_.class_ranges, &TrainingRange::name, name);
    return *entry;
}

double AdditivePrices::leaf_energy(const NodeTerms& leaf, const Regressor& regressor) {
    if (regressor.terms == nullptr) {
        fill_fallback_terms(model_.level, leaf, terms_.data());
    } else {
        regressor.terms->fill(leaf, terms_.data());
    }
    const std::vector<double>& coefficients =
        regressor.terms == nullptr ? model_.fallback : *regressor.coefficients;
    double energy = 0.0;
    for (std::size_t k = 0; k < coefficients.size(); ++k) energy += coefficients[k] * terms_[k];
    return energy;
}

double AdditivePrices::self_energy(const NodeTerms& node, const std::vector<double>& coefficients) {
    fill_self_terms(model_.level, node, terms_.data());
    double energy = 0.0;
    for (std::size_t k = 0; k < coefficients.size(); ++k) energy += coefficients[k] * terms_[k];
    return energy;
}

const std::vector<double>& AdditivePrices::coefficients_of_twins(double ratio,
                                                                 std::span<const std::uint32_t> signature,
                                                                 const InstanceTypes& types) {
    names_.clear();
    for (const std::uint32_t group : signature) {
        names_.push_back(group == TreeTerms::kInner ? std::string(kInnerChild) : types.name(group));
    }
    std::sort(names_.begin(), names_.end());
    mean_.assign(model_.self.size(), 0.0);
    double count = 0.0;
    for (const AdditiveClass& fitted : model_.classes) {
        for (const AdditiveTwin& twin : fitted.twins) {
            if (!are_twins(ratio, twin.ratio) || twin.signature != names_) continue;
            for (std::size_t k = 0; k < mean_.size(); ++k) mean_[k] += fitted.coefficients[k];
            count += 1.0;
        }
    }
    if (count == 0.0) return model_.self;
    for (double& coefficient : mean_) coefficient /= count;
    return mean_;
}

void note_counts(const Tree& tree, std::size_t node, const NodeTerms& leaf, ContradictingCounts& counts) {
    if (leaf.is_dense) ++counts.num_dense;
    if (leaf.counts_cause == CountsCause::none) return;
    ++counts.num_dense;
    ++counts.by_cause[static_cast<std::size_t>(leaf.counts_cause)];
    if (counts.first && tree.line >= counts.first->line) return;
    const FeatureValues& features = tree.nodes[node].features;
    counts.first = {.line = tree.line,
                    .node = node,
                    .scope = std::string(tree.scope(node)),
                    .num_parameters = features[static_cast<std::size_t>(Feature::num_parameters)],
                    .flops = features[static_cast<std::size_t>(Feature::flops)],
                    .mem_bytes = features[static_cast<std::size_t>(Feature::mem_bytes)]};
}

void add_up(const Tree& tree, std::span<double> energies, std::vector<double>& sums) {
    // Children stand behind their parents, so from the back a node's children are complete before it is met.
    sums.assign(energies.size(), 0.0);
    for (std::size_t node = energies.size(); node-- > 0;) {
        if (!tree.is_leaf(node)) {
            const double least = -(1.0 - kMinKept) * sums[node];
            energies[node] = sums[node] + std::max(energies[node], least);
        }
        if (node > 0) sums[static_cast<std::size_t>(tree.nodes[node].parent)] += energies[node];
    }
}

AdditiveModel AdditiveTrainer::fit_coefficients(std::span<const std::size_t> trees, bool is_final) {
    if (trees.empty()) throw Error(ErrorKind::data, "no tree to fit to", {.file = data_.data.source});
    for (const std::size_t tree : trees) require_measured_energies(data_.data.trees[tree], data_.data.source);
    const AdditiveLevel level = data_.level;
    AdditiveModel model;
    model.level = level;
    model.num_trees = trees.size();
    leaves_.clear();
    inner_.clear();
    bool twins_differ = false;
    for (const std::size_t tree : trees) {
        for (const Measurement& row : data_.measurements_of(tree)) {
            (row.terms.is_leaf ? leaves_ : inner_).push_back(&row);
        }
        model.num_nodes += data_.data.trees[tree].nodes.size();
        twins_differ = twins_differ || data_.differing_twins[tree] != 0;
    }
    model.num_measurements = leaves_.size() + inner_.size();

    std::map<std::string, std::vector<const Measurement*>> groups;
    for (const Measurement* leaf : leaves_) {
        const std::uint32_t type = leaf->terms.instance_type;
        groups[data_.types.name(level == AdditiveLevel::all ? type : data_.types.group(type))].push_back(
            leaf);
    }
    // The fallback comes first: at level all it is the law to which the groups are pulled.
    std::vector<const Measurement*> rows;
    for (const auto& [group, members] : groups) rows.insert(rows.end(), members.begin(), members.end());
    if (level == AdditiveLevel::all) rows.insert(rows.end(), inner_.begin(), inner_.end());
    const std::size_t num_terms = fallback_terms(level).size();
    std::array<double, kMaxSelfTerms> terms{};
    system_.resize(rows.size(), num_terms);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        fill_fallback_terms(level, rows[i]->terms, terms.data());
        for (std::size_t k = 0; k < num_terms; ++k) system_.column(k)[i] = terms[k] / rows[i]->energy;
        system_.weights()[i] = rows[i]->weight();
    }
    if (level != AdditiveLevel::all) {
        std::size_t row = 0;
        for (const auto& [group, members] : groups) {
            for (std::size_t i = 0; i < members.size(); ++i) {
                system_.weights()[row++] = 1.0 / static_cast<double>(members.size());
            }
        }
    }
    std::fill(system_.ridge().begin(), system_.ridge().end(), kLinearRidge);
    const std::span<const double> fallback = system_.solve(numerics::Sign::nonnegative);
    model.fallback.assign(fallback.begin(), fallback.end());

    const std::vector<double> prior = level == AdditiveLevel::all ? model.fallback : std::vector<double>();
    for (const auto& [group, members] : groups) {
        const auto fit_to = [&](const std::string& name, Measurements part) {
            model.leaves.push_back(fit_leaves(level, name, twins_differ, part, data_.types, prior, system_));
        };
        if (level == AdditiveLevel::all || group != kDenseGroup) {
            fit_to(group, members);
            continue;
        }
        // Shapes price dense products where the counts have them, flops and bytes wherever they have not.
        rows.clear();
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

void AdditiveTrainer::add_ranges(AdditiveModel& model) const {
    std::map<std::string, TrainingRange> ranges;
    for (const Measurement* row : leaves_) {
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
    for (const Measurement* row : inner_) {
        extend(model.inner_range, row->terms, data_.level);
        if (data_.level != AdditiveLevel::all) {
            extend(ranges[data_.types.name(row->terms.instance_type)], row->terms, data_.level);
        }
    }
    model.class_ranges = in_order(ranges);
}

const std::vector<double>& AdditiveTrainer::predict(AdditivePrices& prices, std::size_t tree) {
    const std::span<const Measurement> measurements = data_.measurements_of(tree);
    prices_.resize(measurements.size());
    for (std::size_t i = 0; i < measurements.size(); ++i) {
        const Measurement& row = measurements[i];
        const AdditivePrices::Known& known = prices.known(row.terms.instance_type, data_.types);
        prices_[i] = row.terms.is_leaf ? prices.leaf_energy(row.terms, known.of(row.terms))
                                       : prices.self_energy(row.terms, known, data_.types, [&] {
                                             return std::span(data_.signatures[row.signature]);
                                         });
    }
    const Tree& nodes = data_.data.trees[tree];
    energies_.resize(nodes.nodes.size());
    for (std::size_t node = 0; node < energies_.size(); ++node) {
        energies_[node] =
            prices_[data_.of_node[data_.first_node[tree] + node] - data_.first_measurement[tree]];
    }
    add_up(nodes, energies_, sums_);
    return energies_;
}

void AdditiveTrainer::add_training_error(std::span<const std::size_t> trees, AdditiveModel& model) {
    data::TypeMeans errors;
    AdditivePrices prices(model);
    for (const std::size_t tree : trees) {
        const std::vector<double>& energies = predict(prices, tree);
        for (std::size_t node = 0; node < energies.size(); ++node) {
            const Node& truth = data_.data.trees[tree].nodes[node];
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
    add_ranges(model);
    add_training_error(trees, model);
    return model;
}

AdditiveModel fit_additive(const Dataset& data, std::span<const std::size_t> trees, AdditiveLevel level) {
    const AdditiveData prepared(data, level);
    return AdditiveTrainer(prepared).fit(trees);
}

AdditiveIntervals conformal_widths(const Dataset& data, std::span<const std::size_t> trees,
                                   AdditiveLevel level) {
    const AdditiveData prepared(data, level);
    return AdditiveTrainer(prepared).conformal_widths(trees);
}

AdditivePredictor::AdditivePredictor(AdditiveModel model) : model_(std::move(model)) {
    prices_.emplace(model_);
}

void AdditivePredictor::note_range(const Tree& tree, std::size_t node, const TrainingRange& range) {
    constexpr double kSlack = 1.01;
    const auto values = ranged_quantities(terms_.nodes()[node], model_.level);
    bool is_outside = false;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const ValueRange& seen = range.values[i];
        if (!(values[i] > 0.0) || seen.is_empty()) continue;
        if (values[i] <= kSlack * seen.greatest && kSlack * values[i] >= seen.least) continue;
        is_outside = true;
        const double overshoot = std::max(values[i] / seen.greatest, seen.least / values[i]);
        const auto quantity = static_cast<RangedQuantity>(i);
        note(notices_,
             {.quantity = name(quantity),
              .meaning = meaning(quantity),
              .value = values[i],
              .least = seen.least,
              .greatest = seen.greatest,
              .overshoot = overshoot,
              .line = tree.line,
              .node = node},
             tree.scope(node));
    }
    if (is_outside) ++notices_.num_out_of_range;
}

const std::vector<double>& AdditivePredictor::predict(const Tree& tree, const std::string& source) {
    if (types_.size() > kMaxRemembered) {
        types_ = InstanceTypes();
        prices_.emplace(model_);
    }
    terms_.derive(tree, model_.level, source, types_);
    energies_.resize(tree.nodes.size());
    for (std::size_t node = 0; node < energies_.size(); ++node) {
        const NodeTerms& terms = terms_.nodes()[node];
        const AdditivePrices::Known& known = prices_->known(terms.instance_type, types_);
        const TrainingRange* range = nullptr;
        if (terms.is_leaf) {
            if (model_.level != AdditiveLevel::all) note_counts(tree, node, terms, notices_.counts);
            const AdditivePrices::Regressor& regressor = known.of(terms);
            energies_[node] = prices_->leaf_energy(terms, regressor);
            range = regressor.range;
            if (known.leaf.terms == nullptr && known.counted.terms == nullptr)
                notices_.unseen_operations.insert(types_.name(terms.instance_type));
        } else {
            energies_[node] =
                prices_->self_energy(terms, known, types_, [&] { return terms_.signature(node, types_); });
            range = known.class_range != nullptr ? known.class_range : &model_.inner_range;
        }
        if (range != nullptr) note_range(tree, node, *range);
    }
    notices_.num_nodes += energies_.size();
    add_up(tree, energies_, sums_);
    for (std::size_t node = 0; node < energies_.size(); ++node) {
        if (std::isfinite(energies_[node])) continue;
        throw Error(ErrorKind::data,
                    "the prediction is not a finite number; the features lie far outside training",
                    {.file = source, .line = tree.line, .node = std::string(tree.scope(node))});
    }
    return energies_;
}

}  // namespace irene::models
