#include "models/additive/self.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

namespace irene::models {

namespace {

/// Enters the terms of an inner node: relative to its energy, the children's part taken off.
void set_row(numerics::NonnegativeLeastSquares& system, std::size_t row, const Measurement& measurement,
             AdditiveLevel level, std::size_t num_terms) {
    std::array<double, kMaxSelfTerms> terms{};
    fill_self_terms(level, measurement.terms, terms.data());
    for (std::size_t k = 0; k < num_terms; ++k) system.column(k)[row] = terms[k] / measurement.energy;
    system.right_side()[row] = (measurement.energy - measurement.children_energy) / measurement.energy;
    system.weights()[row] = measurement.weight();
}

std::vector<double> solve(numerics::NonnegativeLeastSquares& system, numerics::Sign sign, double ridge,
                          std::span<const double> prior) {
    std::fill(system.ridge().begin(), system.ridge().end(), ridge);
    std::copy(prior.begin(), prior.end(), system.prior().begin());
    const std::span<const double> solution = system.solve(sign);
    return {solution.begin(), solution.end()};
}

}  // namespace

void fill_self_terms(AdditiveLevel level, const NodeTerms& node, double* out) noexcept {
    if (level == AdditiveLevel::all) {
        out[0] = node.own_joules;
        out[1] = node.own_seconds;
        out[2] = node.own_cpu_seconds;
        out[3] = node.joules;
        out[4] = node.seconds;
        out[5] = node.launches;
        return;
    }
    // Own bytes of an attention depend on how its masks and scalings are counted; softmax and qkv bytes do
    // not.
    if (level == AdditiveLevel::specs) out[0] = node.attention ? 0.0 : node.own_bytes;
    if (level == AdditiveLevel::timing) out[0] = node.own_seconds;
    out[1] = node.launches;
    out[2] = node.softmax_bytes;
    out[3] = node.qkv_bytes;
}

bool is_elementwise(const NodeTerms& leaf, const InstanceTypes& types) noexcept {
    const OperationKind kind = types.kind(leaf.instance_type);
    return leaf.flops > 0.0 && kind != OperationKind::dense && kind != OperationKind::product;
}

void fill_elementwise_terms(AdditiveLevel level, const NodeTerms& leaf, double* out) noexcept {
    out[0] = level == AdditiveLevel::timing ? leaf.seconds : leaf.bytes;
    out[1] = 1.0;
    out[2] = 0.0;
    out[3] = 0.0;
}

std::vector<ChildList> child_lists_of(Measurements rows, const InstanceTypes& types,
                                      const Signatures& signatures) {
    struct Mean {
        double sum = 0.0;
        double count = 0.0;
    };
    std::map<std::vector<std::string>, Mean> means;
    for (const Measurement* row : rows) {
        std::vector<std::string> signature;
        for (const std::uint32_t group : signatures[row->signature]) {
            signature.push_back(group == TreeTerms::kInner ? std::string(kInnerChild) : types.name(group));
        }
        std::sort(signature.begin(), signature.end());
        Mean& mean = means[std::move(signature)];
        mean.sum += row->terms.ratio();
        mean.count += 1.0;
    }
    std::vector<ChildList> twins;
    twins.reserve(means.size());
    for (const auto& [signature, mean] : means) twins.push_back({signature, mean.sum / mean.count});
    return twins;
}

void fit_self(Measurements inner, Measurements leaves, const InstanceTypes& types,
              const Signatures& signatures, numerics::NonnegativeLeastSquares& system, AdditiveModel& model) {
    const AdditiveLevel level = model.level;
    const std::size_t num_terms = self_terms(level).size();
    if (level == AdditiveLevel::all) {
        system.resize(inner.size(), num_terms);
        for (std::size_t i = 0; i < inner.size(); ++i) set_row(system, i, *inner[i], level, num_terms);
        model.self = solve(system, numerics::Sign::any, kLawRidge, model.fallback);
        return;
    }

    // Elementwise leaves are nodes that are nothing but self: they tell apart what own work and launches
    // cost.
    std::vector<const Measurement*> elementwise;
    for (const Measurement* leaf : leaves) {
        if (is_elementwise(leaf->terms, types)) elementwise.push_back(leaf);
    }
    system.resize(inner.size() + elementwise.size(), num_terms);
    double total = 0.0;
    for (std::size_t i = 0; i < inner.size(); ++i) {
        set_row(system, i, *inner[i], level, num_terms);
        total += inner[i]->weight();
    }
    for (std::size_t i = 0; i < inner.size(); ++i) system.weights()[i] /= total;
    for (std::size_t i = 0; i < elementwise.size(); ++i) {
        const Measurement& leaf = *elementwise[i];
        const std::size_t row = inner.size() + i;
        std::array<double, kMaxSelfTerms> terms{};
        fill_elementwise_terms(level, leaf.terms, terms.data());
        for (std::size_t k = 0; k < num_terms; ++k) system.column(k)[row] = terms[k] / leaf.energy;
        system.right_side()[row] = 1.0;
        system.weights()[row] = kElementwiseWeight / static_cast<double>(elementwise.size());
    }
    model.self = solve(system, numerics::Sign::nonnegative, kLinearRidge, {});

    std::map<std::string, std::vector<const Measurement*>> classes;
    for (const Measurement* row : inner) classes[types.name(row->terms.instance_type)].push_back(row);
    model.classes.clear();
    for (const auto& [name, rows] : classes) {
        system.resize(rows.size(), num_terms);
        for (std::size_t i = 0; i < rows.size(); ++i) set_row(system, i, *rows[i], level, num_terms);
        AdditiveClass& fitted = model.classes.emplace_back();
        fitted.name = name;
        fitted.coefficients = solve(system, numerics::Sign::nonnegative, kOwnRidge, model.self);
        fitted.child_lists = child_lists_of(rows, types, signatures);
        fitted.num_measurements = rows.size();
        for (const Measurement* row : rows) fitted.num_nodes += static_cast<std::size_t>(row->multiplicity);
    }
}

bool have_like_ratio(double ratio, double other) noexcept {
    return std::fabs(ratio - other) <= kLikeTolerance * std::max(ratio, other);
}

}  // namespace irene::models
