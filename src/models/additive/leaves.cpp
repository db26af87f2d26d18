#include "models/additive/leaves.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "numerics/elementary.hpp"
#include "numerics/logarithm.hpp"

namespace irene::models {

namespace {

/// Where they stand among the terms of OperationKind::counted and other.
constexpr std::size_t kBytesTerm = 1;
constexpr std::size_t kFlopsTerm = 2;
/// Most terms without ramps that a leaf has.
constexpr std::size_t kMaxLinearTerms = 6;

bool has_length(OperationKind kind) noexcept {
    return kind == OperationKind::product || kind == OperationKind::softmax;
}

/// Fills the linear terms; their order is that of leaf_terms().
std::size_t fill_linear_terms(AdditiveLevel level, OperationKind kind, const NodeTerms& leaf, double inner,
                              double outputs, double first_length, double* out) noexcept {
    std::size_t size = 0;
    const auto push = [&](double value) { out[size++] = value; };
    if (level == AdditiveLevel::all) {
        push(leaf.joules);
        push(leaf.seconds);
        push(leaf.cpu_seconds);
        push(1.0);
        push(leaf.bytes);
        push(leaf.flops);
        return size;
    }
    push(1.0);
    if (kind == OperationKind::dense) {
        push(outputs * inner);
        push(outputs);
        push(leaf.rows * inner);
        push(leaf.parameters);
    } else {
        push(leaf.bytes);
        push(leaf.flops);
        if (has_length(kind)) {
            push(leaf.bytes / leaf.seq_len * std::sqrt(std::min(leaf.seq_len / first_length, 1.0)));
        }
    }
    if (level == AdditiveLevel::timing) push(leaf.seconds);
    return size;
}

/// Divides what was filled in for `row` by its energy: errors are to be relative.
void set_row(numerics::NonnegativeLeastSquares& system, std::size_t row, const Measurement& measurement,
             double weight, std::span<const double> terms) {
    for (std::size_t k = 0; k < terms.size(); ++k) system.column(k)[row] = terms[k] / measurement.energy;
    system.weights()[row] = weight;
}

/// The least that a byte and a flop of a dense product cost where flops and bytes price it, as coefficients:
/// a share of what they would cost were there nothing else. Data that cannot tell two quantities apart leave
/// one of them free of charge, and a node whose counts contradict each other must not be.
std::vector<double> least_coefficients(OperationKind kind, Measurements rows, std::size_t num_terms) {
    std::vector<double> least;
    if (kind != OperationKind::counted) return least;
    least.assign(num_terms, 0.0);
    for (const auto& [term, quantity] :
         {std::pair(kBytesTerm, &NodeTerms::bytes), {kFlopsTerm, &NodeTerms::flops}}) {
        double sum = 0.0;
        double sum_of_squares = 0.0;
        for (const Measurement* row : rows) {
            const double each = row->terms.*quantity / row->energy;
            sum += row->weight() * each;
            sum_of_squares += row->weight() * each * each;
        }
        if (sum > 0.0) least[term] = kLeastShare * (sum / sum_of_squares);
    }
    return least;
}

}  // namespace

double Measurement::weight() const noexcept { return std::sqrt(multiplicity); }

std::vector<double> make_knots(std::vector<double>& values) {
    std::sort(values.begin(), values.end());
    std::vector<double> knots;
    for (const double value : values) {
        if (value > 0.0 && (knots.empty() || value > knots.back() * kSameKnot)) knots.push_back(value);
    }
    if (knots.size() <= kMaxKnots) return knots;
    const double first = knots.front();
    const double octaves = numerics::logarithm(knots.back() / first);
    knots.resize(kMaxKnots);
    for (std::size_t j = 0; j < kMaxKnots; ++j) {
        knots[j] = first * numerics::exponential(octaves * static_cast<double>(j) / (kMaxKnots - 1.0));
    }
    return knots;
}

Ramps::Ramps(std::span<const double> knots, bool has_head) {
    if (knots.size() < 2) return;
    if (has_head) knots_.push_back(0.0);
    knots_.insert(knots_.end(), knots.begin(), knots.end());
    const double last = knots_.back();
    const double start = last / kTailOctave;
    slopes_.assign(knots_.size() - 1, 0.0);
    std::vector<double> at_start(slopes_.size());
    fill(start, 1.0, at_start.data());
    for (std::size_t j = 0; j < slopes_.size(); ++j) slopes_[j] = (1.0 - at_start[j]) / (last - start);
}

void Ramps::fill(double value, double factor, double* out) const noexcept {
    const double beyond = knots_.empty() ? 0.0 : std::max(value - knots_.back(), 0.0);
    for (std::size_t j = 0; j < slopes_.size(); ++j) {
        const double from = knots_[j];
        const double to = knots_[j + 1];
        double ramp = 0.0;
        if (value >= to) {
            ramp = 1.0 + beyond * slopes_[j];
        } else if (value > from) {
            ramp = (value - from) / (to - from);
        }
        out[j] = factor * ramp;
    }
}

LeafTerms::LeafTerms(AdditiveLevel level, const AdditiveLeaves& leaves)
    : level_(level),
      kind_(kind_of_operation(leaves.group)),
      mirrors_differ_(leaves.mirrors_differ),
      num_linear_(leaf_terms(level, leaves.group).size()) {
    if (level == AdditiveLevel::all) return;
    if (!leaves.length_knots.empty()) first_length_ = leaves.length_knots.front();
    if (has_length(kind_)) by_length_ = Ramps(leaves.length_knots, false);
    if (kind_ == OperationKind::dense) scaled_ = Ramps(leaves.knots, true);
    if (kind_ != OperationKind::product) plain_ = Ramps(leaves.knots, true);
}

void LeafTerms::fill(const NodeTerms& leaf, double* out) const noexcept {
    double inner = leaf.inner_size;
    double outer = leaf.outer_size;
    if (!mirrors_differ_ && !leaf.separate_bias && inner > outer) std::swap(inner, outer);
    const double outputs = leaf.rows * outer;
    out += fill_linear_terms(level_, kind_, leaf, inner, outputs, first_length_, out);
    by_length_.fill(leaf.seq_len, leaf.bytes / leaf.seq_len, out);
    out += by_length_.size();
    scaled_.fill(outputs, inner, out);
    out += scaled_.size();
    plain_.fill(kind_ == OperationKind::dense ? outputs : leaf.bytes, 1.0, out);
}

void fill_fallback_terms(AdditiveLevel level, const NodeTerms& node, double* out) noexcept {
    if (level == AdditiveLevel::all) {
        out[0] = node.joules;
        out[1] = node.seconds;
        out[2] = node.cpu_seconds;
        return;
    }
    out[0] = 1.0;
    out[1] = node.bytes;
    out[2] = node.flops;
    if (level == AdditiveLevel::timing) out[3] = node.seconds;
}

AdditiveLeaves fit_leaves(AdditiveLevel level, const std::string& group, bool mirrors_differ,
                          Measurements rows, const InstanceTypes& types, const LeafBond& bond,
                          numerics::NonnegativeLeastSquares& system) {
    AdditiveLeaves leaves;
    leaves.group = group;
    const OperationKind kind = kind_of_operation(group);
    leaves.mirrors_differ = mirrors_differ && kind == OperationKind::dense && level != AdditiveLevel::all;
    leaves.num_measurements = rows.size();
    for (const Measurement* row : rows) leaves.num_nodes += static_cast<std::size_t>(row->multiplicity);

    if (level != AdditiveLevel::all && bond.has_curve) {
        std::vector<double> values;
        values.reserve(rows.size());
        if (kind == OperationKind::dense) {
            // Without knots the terms are the linear ones, of which the third is the number of outputs.
            const LeafTerms linear(level, leaves);
            std::array<double, kMaxLinearTerms> terms{};
            for (const Measurement* row : rows) {
                linear.fill(row->terms, terms.data());
                values.push_back(terms[2]);
            }
            leaves.knots = make_knots(values);
        } else if (kind != OperationKind::product) {
            for (const Measurement* row : rows) values.push_back(row->terms.bytes);
            leaves.knots = make_knots(values);
        }
        if (has_length(kind)) {
            values.clear();
            for (const Measurement* row : rows) values.push_back(row->terms.seq_len);
            leaves.length_knots = make_knots(values);
        }
    }

    const LeafTerms terms(level, leaves);
    std::vector<double> values(rows.size() * terms.size());  // row-major: read by the group and by its parts
    for (std::size_t i = 0; i < rows.size(); ++i)
        terms.fill(rows[i]->terms, values.data() + i * terms.size());
    const auto values_of = [&](std::size_t i) {
        return std::span<const double>(values).subspan(i * terms.size(), terms.size());
    };
    const std::vector<double> least = least_coefficients(kind, rows, terms.size());
    const auto enter = [&](std::size_t row, std::size_t i) {
        set_row(system, row, *rows[i], rows[i]->weight(), values_of(i));
        for (std::size_t k = 0; k < least.size(); ++k) {
            system.right_side()[row] -= least[k] * values_of(i)[k] / rows[i]->energy;
        }
    };
    const auto solve = [&] {  // beyond `least`
        const std::span<const double> solution = system.solve(numerics::Sign::nonnegative);
        std::vector<double> coefficients(solution.begin(), solution.end());
        for (std::size_t k = 0; k < least.size(); ++k) coefficients[k] += least[k];
        return coefficients;
    };
    system.resize(rows.size(), terms.size());
    for (std::size_t i = 0; i < rows.size(); ++i) enter(i, i);
    for (std::size_t k = 0; k < terms.size(); ++k) {
        const double of_linear = bond.prior.empty() ? kLinearRidge : bond.ridge;
        system.ridge()[k] = k < terms.num_linear() ? of_linear : kRampRidge;
    }
    for (std::size_t k = 0; k < bond.prior.size(); ++k) {
        system.prior()[k] = least.empty() ? bond.prior[k] : std::max(bond.prior[k] - least[k], 0.0);
    }
    leaves.coefficients = solve();

    std::map<std::string, std::vector<std::size_t>> rows_of_operation;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows_of_operation[types.name(rows[i]->terms.instance_type)].push_back(i);
    }
    if (rows_of_operation.size() < 2) return leaves;
    for (const auto& [operation, part] : rows_of_operation) {
        system.resize(part.size(), terms.size());
        for (std::size_t i = 0; i < part.size(); ++i) enter(i, part[i]);
        std::fill(system.ridge().begin(), system.ridge().end(), kOwnRidge);
        std::copy(leaves.coefficients.begin(), leaves.coefficients.end(), system.prior().begin());
        for (std::size_t k = 0; k < least.size(); ++k) system.prior()[k] -= least[k];
        leaves.own.push_back({operation, solve()});
    }
    return leaves;
}

bool have_differing_mirrors(std::span<const Measurement> rows) {
    using Product = std::tuple<std::uint32_t, double, double, double, double>;
    std::vector<Product> leaves;
    for (const Measurement& row : rows) {
        const NodeTerms& leaf = row.terms;
        if (!leaf.is_dense || leaf.separate_bias || is_absent(row.energy)) continue;
        leaves.emplace_back(leaf.instance_type, leaf.flops, leaf.bytes, leaf.parameters, row.energy);
    }
    std::sort(leaves.begin(), leaves.end());
    // Leaves with equal counts stand together; among those with equal parameters only energies differ. Where
    // neither parameters nor energies are all equal, some two leaves differ in both.
    for (std::size_t begin = 0, end = 0; begin < leaves.size(); begin = end) {
        const auto& [type, flops, bytes, parameters, energy] = leaves[begin];
        bool other_parameters = false;
        bool other_energy = false;
        for (end = begin; end < leaves.size(); ++end) {
            const auto& [type_2, flops_2, bytes_2, parameters_2, energy_2] = leaves[end];
            if (type_2 != type || flops_2 != flops || bytes_2 != bytes) break;
            other_parameters = other_parameters || parameters_2 != parameters;
            other_energy = other_energy || energy_2 != energy;
        }
        if (other_parameters && other_energy) return true;
    }
    return false;
}

}  // namespace irene::models
