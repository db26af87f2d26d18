// Fitting the additive tree to trees of a dataset.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "models/additive/data.hpp"
#include "models/additive/model.hpp"
#include "models/additive/prices.hpp"
#include "models/intervals.hpp"
#include "numerics/nonnegative_least_squares.hpp"

namespace irene::models {

/// Fits model after model; for one thread.
class AdditiveTrainer {
  public:
    explicit AdditiveTrainer(const AdditiveData& data) : data_(data) {}

    /// Fits to `trees` (numbers in the dataset), in their order, without intervals. Of each tree at least
    /// one node is measured. Throws Error (data) where a number is too large to fit to, and for no trees.
    AdditiveModel fit(std::span<const std::size_t> trees);

    /// Prediction intervals for `model`, which was fitted to `trees`: one more fit for each model among
    /// them, and some for the ends of what they span.
    Intervals learn_intervals(std::span<const std::size_t> trees, const AdditiveModel& model);

  private:
    using Groups = std::map<std::string, std::vector<const Measurement*>>;

    /// The coefficients only. A model that is not final predicts no other trees than those of the data: it
    /// goes without the regressor that none of them needs.
    AdditiveModel fit_coefficients(std::span<const std::size_t> trees, bool is_final);
    /// Leaves of `trees` by group, into `leaves_`, and inner nodes, into `inner_`.
    Groups gather(std::span<const std::size_t> trees);
    /// The fallback's coefficients, from all groups but one.
    std::vector<double> fit_fallback(const Groups& groups, const std::string& left_out);
    void add_ranges(std::span<const std::size_t> trees, AdditiveModel& model) const;
    void add_training_error(std::span<const std::size_t> trees, AdditiveModel& model);
    /// Joules of every node of a tree; tells too where training has not seen the operation or class.
    std::vector<double> predict(AdditivePrices& prices, std::size_t tree, std::vector<char>& is_unseen) const;

    // Of learn_intervals(), in held_out.cpp.
    std::vector<std::vector<std::size_t>> models_of(std::span<const std::size_t> trees) const;
    std::vector<HeldOut> hold_out(std::span<const std::size_t> trees, const std::vector<char>& is_left_out);
    void learn_ends_of_runs(std::span<const std::size_t> trees, const MeanSquares& squares,
                            GrowthLearner& growth);
    void learn_ends_of_models(std::span<const std::size_t> trees, const MeanSquares& squares,
                              GrowthLearner& growth);
    void learn_operations(std::span<const std::size_t> trees, GrowthLearner& growth);
    void learn_classes(std::span<const std::size_t> trees, const AdditiveModel& model, GrowthLearner& growth);

    const AdditiveData& data_;
    numerics::NonnegativeLeastSquares system_;
    std::vector<const Measurement*> leaves_, inner_;
    std::vector<Support> supports_;  // of each tree of the data, where intervals are learned
};

}  // namespace irene::models
