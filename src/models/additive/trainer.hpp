// Fitting the additive tree to trees of a dataset.
#pragma once

#include <cstddef>
#include <span>
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

    /// Prediction intervals for a model fitted to `trees`: one fit for each model among them.
    Intervals conformal_widths(std::span<const std::size_t> trees);

  private:
    /// The coefficients only. A model that is not final predicts no other trees than those of the data: it
    /// goes without the regressor that none of them needs.
    AdditiveModel fit_coefficients(std::span<const std::size_t> trees, bool is_final);
    void add_ranges(std::span<const std::size_t> trees, AdditiveModel& model) const;
    void add_training_error(std::span<const std::size_t> trees, AdditiveModel& model);
    /// Joules of every node of a tree.
    std::vector<double> predict(AdditivePrices& prices, std::size_t tree) const;

    const AdditiveData& data_;
    numerics::NonnegativeLeastSquares system_;
    std::vector<const Measurement*> leaves_, inner_;
};

}  // namespace irene::models
