#include "models/additive/prices.hpp"

#include <algorithm>

#include "models/additive/self.hpp"

namespace irene::models {

namespace {

/// Element of a list sorted by `member` that has the name; null where there is none.
template <typename T>
const T* find_named(const std::vector<T>& list, std::string T::*member, const std::string& name) {
    const auto found = std::lower_bound(
        list.begin(), list.end(), name,
        [member](const T& element, const std::string& text) { return element.*member < text; });
    return found != list.end() && (*found).*member == name ? &*found : nullptr;
}

}  // namespace

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

double AdditivePrices::self_energy(const NodeTerms& node, const SelfPrice& price) {
    const std::vector<double>& coefficients = *price.coefficients;
    fill_self_terms(model_.level, node, terms_.data());
    double energy = 0.0;
    for (std::size_t k = 0; k < coefficients.size(); ++k) energy += coefficients[k] * terms_[k];
    return energy;
}

std::vector<const AdditiveClass*> AdditivePrices::classes_like(double ratio,
                                                               std::span<const std::uint32_t> signature,
                                                               const InstanceTypes& types) {
    names_.clear();
    for (const std::uint32_t group : signature) {
        names_.push_back(group == TreeTerms::kInner ? std::string(kInnerChild) : types.name(group));
    }
    std::sort(names_.begin(), names_.end());
    std::vector<const AdditiveClass*> alike;
    for (const AdditiveClass& fitted : model_.classes) {
        for (const ChildList& twin : fitted.child_lists) {
            if (have_like_ratio(ratio, twin.ratio) && twin.signature == names_) alike.push_back(&fitted);
        }
    }
    return alike;
}

AdditivePrices::SelfPrice AdditivePrices::price_of_like(double ratio,
                                                        std::span<const std::uint32_t> signature,
                                                        const InstanceTypes& types) {
    const std::vector<const AdditiveClass*> alike = classes_like(ratio, signature, types);
    if (alike.empty()) return {&model_.self, false};
    mean_.assign(model_.self.size(), 0.0);
    for (const AdditiveClass* fitted : alike) {
        for (std::size_t k = 0; k < mean_.size(); ++k) mean_[k] += fitted->coefficients[k];
    }
    for (double& coefficient : mean_) coefficient /= static_cast<double>(alike.size());
    return {&mean_};
}

void add_up(const Tree& tree, std::span<double> energies) {
    // Children stand behind their parents, so from the back a node's children are complete before it is met.
    std::vector<double> sums(energies.size(), 0.0);
    for (std::size_t node = energies.size(); node-- > 0;) {
        if (!tree.is_leaf(node)) {
            const double least = -(1.0 - kMinKept) * sums[node];
            energies[node] = sums[node] + std::max(energies[node], least);
        }
        if (node > 0) sums[static_cast<std::size_t>(tree.nodes()[node].parent)] += energies[node];
    }
}

}  // namespace irene::models
