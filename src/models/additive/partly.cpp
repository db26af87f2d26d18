#include "models/additive/partly.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/additive/equations.hpp"
#include "models/additive/law.hpp"
#include "models/additive/leaves.hpp"
#include "models/additive/prices.hpp"
#include "models/additive/self.hpp"

namespace irene::models {

namespace {

/// How strongly an operation's prices are bound to the law, for each of its own measurements.
constexpr double kLeafBond = 0.03;
/// How strongly what only sums tell is bound to it, for each sum: many of them tell operations apart hardly
/// at all.
constexpr double kSumBond = 30.0;
/// Fewer measurements of an operation show no curve.
constexpr std::size_t kLeastForCurve = 8;
/// Most linear terms that a group of leaves has.
constexpr std::size_t kMaxTerms = 6;

/// Leaves that one regressor prices, in all trees that are fitted to.
struct Group {
    std::vector<const Measurement*> measured;
    std::size_t num_nodes = 0;  ///< measured or not
};

class PartialFit {
  public:
    PartialFit(const AdditiveData& data, std::span<const std::size_t> trees,
               numerics::NonnegativeLeastSquares& system, AdditiveModel& model)
        : data_(data), system_(system), model_(model) {
        for (const std::size_t tree : trees) {
            for (const Measurement& row : data.measurements_of(tree)) add(row);
            add_equations(data, tree, equations_);
            mirrors_differ_ = mirrors_differ_ || data.differing_mirrors[tree] != 0;
        }
    }

    void run() {
        model_.num_measurements = leaves_.size() + equations_.size();
        const Law law = fit_law(model_.level, leaves_, equations_, data_.types, system_);
        model_.fallback = fallback_prior(model_.level, law);
        fit_measured_groups(law);
        fit_sums(law);
        if (model_.level != AdditiveLevel::all) fit_classes();
    }

  private:
    std::string group_of(std::uint32_t type) const {
        if (model_.level == AdditiveLevel::all) return data_.types.name(type);
        const std::string& name = data_.types.name(data_.types.group(type));
        return name == kDenseGroup ? std::string(kCountedGroup) : name;
    }

    void add(const Measurement& row) {
        const std::uint32_t type = row.terms.instance_type;
        if (!row.terms.is_leaf) {
            classes_[data_.types.name(type)].push_back(&row);
            return;
        }
        Group& group = groups_[group_of(type)];
        group.num_nodes += static_cast<std::size_t>(row.multiplicity);
        if (is_absent(row.energy)) return;
        leaves_.push_back(&row);
        group.measured.push_back(&row);
        // Shapes price dense products where the counts have them, flops and bytes wherever they have not.
        if (row.terms.is_dense && model_.level != AdditiveLevel::all) shaped_.push_back(&row);
    }

    void fit_group(const std::string& name, Measurements rows, const Law& law) {
        const std::vector<double> prior = leaf_prior(model_.level, law, name);
        model_.leaves.push_back(fit_leaves(model_.level, name, mirrors_differ_, rows, data_.types,
                                           {.prior = prior,
                                            .ridge = kLeafBond / static_cast<double>(rows.size()),
                                            .has_curve = rows.size() >= kLeastForCurve},
                                           system_));
    }

    void fit_measured_groups(const Law& law) {
        for (const auto& [name, group] : groups_) {
            if (!group.measured.empty()) fit_group(name, group.measured, law);
        }
        if (shaped_.size() >= kLeastForCurve) fit_group(std::string(kDenseGroup), shaped_, law);
        sort_leaves();
    }

    void sort_leaves() {
        std::sort(model_.leaves.begin(), model_.leaves.end(),
                  [](const AdditiveLeaves& a, const AdditiveLeaves& b) { return a.group < b.group; });
        prices_.emplace(model_);
    }

    double price(const NodeTerms& leaf) {
        return prices_->leaf_energy(leaf, prices_->known(leaf.instance_type, data_.types).of(leaf));
    }

    /// Fills the system with the equations. `first_column(part)` says where the terms of a part stand; none:
    /// its price is known, and taken off.
    template <typename FirstColumn>
    void enter_equations(const FirstColumn& first_column) {
        std::array<double, kMaxTerms> terms{};
        for (std::size_t row = 0; row < equations_.size(); ++row) {
            const Equation& equation = equations_[row];
            for (std::size_t k = 0; k < system_.columns(); ++k) system_.column(k)[row] = 0.0;
            double remainder = equation.remainder;
            for (const auto& [part, times] : equation.parts) {
                const std::optional<std::size_t> first = first_column(*part);
                if (!first) {
                    remainder -= times * price(part->terms);
                    continue;
                }
                std::size_t size = self_terms(model_.level).size();
                if (part->terms.is_leaf) {
                    const LeafTerms linear(model_.level, {.group = group_of(part->terms.instance_type)});
                    linear.fill(part->terms, terms.data());
                    size = linear.size();
                } else {
                    fill_self_terms(model_.level, part->terms, terms.data());
                }
                for (std::size_t k = 0; k < size; ++k)
                    system_.column(*first + k)[row] += times * terms[k] / equation.energy;
            }
            system_.right_side()[row] = remainder / equation.energy;
            system_.weights()[row] = equation.weight;
        }
    }

    std::vector<double> solve(const std::vector<double>& prior, numerics::Sign sign) {
        std::copy(prior.begin(), prior.end(), system_.prior().begin());
        const std::span<const double> solution = system_.solve(sign);
        return {solution.begin(), solution.end()};
    }

    /// Binds each price to its prior by what it adds to the energy. Those of operations, in front of
    /// `first_self`, also by the factor between them, which alone holds what is too small to be told.
    void bind(const std::vector<double>& prior, std::size_t first_self) {
        double total = 0.0;
        for (const double weight : system_.weights()) total += weight;
        const double by_factor = bond_of(kKindFreedom, equations_.size());
        for (std::size_t k = 0; k < prior.size(); ++k) {
            system_.ridge()[k] = kSumBond / static_cast<double>(equations_.size());
            double mean_square = 0.0;
            for (std::size_t row = 0; row < system_.rows(); ++row) {
                const double value = prior[k] * system_.column(k)[row];
                mean_square += system_.weights()[row] / total * value * value;
            }
            // The system's ridges are relative to the size of a column.
            if (k < first_self && mean_square > 0.0) system_.ridge()[k] += by_factor / mean_square;
        }
    }

    /// Elementwise leaves that were measured tell apart what own work and launches cost, as in fit_self().
    void enter_elementwise(const std::vector<const Measurement*>& elementwise, std::size_t first_self) {
        double total = 0.0;
        for (const Equation& equation : equations_) total += equation.weight;
        std::array<double, kMaxSelfTerms> terms{};
        for (std::size_t i = 0; i < elementwise.size(); ++i) {
            const Measurement& leaf = *elementwise[i];
            const std::size_t row = equations_.size() + i;
            for (std::size_t k = 0; k < system_.columns(); ++k) system_.column(k)[row] = 0.0;
            fill_elementwise_terms(model_.level, leaf.terms, terms.data());
            for (std::size_t k = 0; k < self_terms(model_.level).size(); ++k)
                system_.column(first_self + k)[row] = terms[k] / leaf.energy;
            system_.weights()[row] = total * kElementwiseWeight / static_cast<double>(elementwise.size());
        }
    }

    void fit_sums(const Law& law) {
        std::map<std::string, std::size_t> first;
        std::vector<double> prior;
        for (const auto& [name, group] : groups_) {
            if (!group.measured.empty()) continue;
            const std::vector<double> of_group = leaf_prior(model_.level, law, name);
            AdditiveLeaves& leaves = model_.leaves.emplace_back();
            leaves.group = name;
            leaves.coefficients = of_group;
            leaves.num_nodes = group.num_nodes;
            // At level all the law is as fine as sums can tell.
            if (model_.level == AdditiveLevel::all) continue;
            first.emplace(name, prior.size());
            prior.insert(prior.end(), of_group.begin(), of_group.end());
        }
        sort_leaves();
        const std::size_t first_self = prior.size();
        const std::vector<double> of_self = self_prior(model_.level, law);
        prior.insert(prior.end(), of_self.begin(), of_self.end());
        model_.self = of_self;
        if (equations_.empty()) return;

        std::vector<const Measurement*> elementwise;
        for (const Measurement* leaf : leaves_) {
            if (model_.level != AdditiveLevel::all && is_elementwise(leaf->terms, data_.types))
                elementwise.push_back(leaf);
        }
        system_.resize(equations_.size() + elementwise.size(), prior.size());
        enter_equations([&](const Measurement& part) -> std::optional<std::size_t> {
            if (!part.terms.is_leaf) return first_self;
            const auto found = first.find(group_of(part.terms.instance_type));
            return found == first.end() ? std::nullopt : std::optional(found->second);
        });
        enter_elementwise(elementwise, first_self);
        const bool has_signs = model_.level == AdditiveLevel::all;
        bind(prior, first_self);
        const std::vector<double> prices =
            solve(prior, has_signs ? numerics::Sign::any : numerics::Sign::nonnegative);
        const auto part_of = [&prices](std::size_t begin, std::size_t size) {
            const auto from = prices.begin() + static_cast<std::ptrdiff_t>(begin);
            return std::vector<double>(from, from + static_cast<std::ptrdiff_t>(size));
        };
        for (AdditiveLeaves& leaves : model_.leaves) {
            if (const auto found = first.find(leaves.group); found != first.end())
                leaves.coefficients = part_of(found->second, leaves.coefficients.size());
        }
        model_.self = part_of(first_self, of_self.size());
    }

    void fit_classes() {
        const std::size_t size = model_.self.size();
        std::map<std::string, std::size_t> first;
        std::vector<double> prices;
        for (const auto& [name, rows] : classes_) {
            first.emplace(name, prices.size());
            prices.insert(prices.end(), model_.self.begin(), model_.self.end());
        }
        if (!equations_.empty()) {
            system_.resize(equations_.size(), prices.size());
            enter_equations([&](const Measurement& part) -> std::optional<std::size_t> {
                if (part.terms.is_leaf) return std::nullopt;
                return first.at(data_.types.name(part.terms.instance_type));
            });
            std::fill(system_.ridge().begin(), system_.ridge().end(), kOwnRidge);
            prices = solve(prices, numerics::Sign::nonnegative);
        }
        for (const auto& [name, rows] : classes_) {
            AdditiveClass& fitted = model_.classes.emplace_back();
            fitted.name = name;
            const auto from = prices.begin() + static_cast<std::ptrdiff_t>(first.at(name));
            fitted.coefficients.assign(from, from + static_cast<std::ptrdiff_t>(size));
            fitted.child_lists = child_lists_of(rows, data_.types, data_.signatures);
            for (const Measurement* row : rows) {
                fitted.num_nodes += static_cast<std::size_t>(row->multiplicity);
                if (!is_absent(row->energy)) ++fitted.num_measurements;
            }
        }
    }

    const AdditiveData& data_;
    numerics::NonnegativeLeastSquares& system_;
    AdditiveModel& model_;
    std::optional<AdditivePrices> prices_;  // of the leaves so far
    std::map<std::string, Group> groups_;
    std::vector<const Measurement*> leaves_, shaped_;
    std::map<std::string, std::vector<const Measurement*>> classes_;
    std::vector<Equation> equations_;
    bool mirrors_differ_ = false;
};

}  // namespace

void fit_to_partly_measured(const AdditiveData& data, std::span<const std::size_t> trees,
                            numerics::NonnegativeLeastSquares& system, AdditiveModel& model) {
    PartialFit(data, trees, system, model).run();
}

}  // namespace irene::models
