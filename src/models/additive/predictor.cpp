#include "models/additive/predictor.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "irene/error.hpp"

#include "models/notices.hpp"

namespace irene::models {

namespace {

/// Instance types that a predictor remembers before it starts anew: a file may hold any number of them.
constexpr std::size_t kMaxRemembered = 10000;

}  // namespace

KindCovariance carried_by(const AdditiveModel& model) noexcept {
    KindCovariance sum{};
    for (const Calibration& calibration : model.calibrations) {
        for (std::size_t i = 0; i < kNumKindsOfWork; ++i) {
            for (std::size_t j = 0; j < kNumKindsOfWork; ++j) sum[i][j] += calibration.left_open[i][j];
        }
    }
    return sum;
}

void AdditivePredictor::note_range(const Tree& tree, std::size_t node, const TrainingRange& range,
                                   Extrapolation& found) {
    constexpr double kSlack = 1.01;
    const auto values = ranged_quantities(terms_.nodes()[node], model_.level);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const ValueRange& seen = range.values[i];
        if (!(values[i] > 0.0) || seen.is_empty()) continue;
        if (values[i] <= kSlack * seen.greatest && kSlack * values[i] >= seen.least) continue;
        const double overshoot = std::max(values[i] / seen.greatest, seen.least / values[i]);
        const auto quantity = static_cast<RangedQuantity>(i);
        found.quantities.push_back(name(quantity));
        note(tree, node,
             {.quantity = name(quantity),
              .meaning = meaning(quantity),
              .value = values[i],
              .least = seen.least,
              .greatest = seen.greatest,
              .overshoot = overshoot},
             notices_);
    }
    if (!found.quantities.empty()) ++notices_.num_out_of_range;
}

std::vector<double> AdditivePredictor::predict(const Tree& tree, const std::string& source,
                                               std::vector<NodeDistances>* distances) {
    if (types_.size() > kMaxRemembered) {
        types_ = InstanceTypes();
        prices_.emplace(model_);
        meter_.emplace(model_.intervals.support, carried_);
    }
    terms_.derive(tree, model_.level, source, types_);
    std::vector<double> energies(tree.nodes().size());
    is_unseen_.assign(energies.size(), 0);
    extrapolations_.clear();
    for (std::size_t node = 0; node < energies.size(); ++node) {
        const NodeTerms& terms = terms_.nodes()[node];
        const AdditivePrices::Known& known = prices_->known(terms.instance_type, types_);
        const TrainingRange* range = nullptr;
        Extrapolation found{.node = node};
        if (terms.is_leaf) {
            if (model_.level != AdditiveLevel::all) note_counts(tree, node, terms, notices_.counts);
            const AdditivePrices::Regressor& regressor = known.of(terms);
            energies[node] = prices_->leaf_energy(terms, regressor);
            range = regressor.range;
            is_unseen_[node] = known.has_operation() ? 0 : 1;
            if (!known.has_operation()) {
                notices_.unseen_operations.insert(types_.name(terms.instance_type));
                found.unseen_operation = true;
            }
        } else {
            const AdditivePrices::SelfPrice price =
                prices_->self_price(terms, known, types_, [&] { return terms_.signature(node, types_); });
            energies[node] = prices_->self_energy(terms, price);
            is_unseen_[node] = price.is_known ? 0 : 1;
            range = known.class_range != nullptr ? known.class_range : &model_.inner_range;
        }
        if (range != nullptr) note_range(tree, node, *range, found);
        if (found.unseen_operation || !found.quantities.empty()) extrapolations_.push_back(std::move(found));
    }
    notices_.num_nodes += energies.size();
    add_up(tree, energies);
    for (std::size_t node = 0; node < energies.size(); ++node) {
        if (std::isfinite(energies[node])) continue;
        throw Error(ErrorKind::data,
                    "the prediction is not a finite number; the features lie far outside training",
                    {.file = source, .line = tree.line(), .node = std::string(tree.scope(node))});
    }
    if (distances != nullptr) {
        std::vector<const NodeTerms*> terms;
        for (const NodeTerms& node : terms_.nodes()) terms.push_back(&node);
        meter_->measure(tree, terms, energies, is_unseen_, types_, *distances);
    }
    return energies;
}

}  // namespace irene::models
