// The additive energy tree: fitting it to trees of a dataset, and predicting trees with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "irene/additive.hpp"
#include "irene/dataset.hpp"
#include "irene/notices.hpp"

#include "models/additive/features.hpp"
#include "models/additive/leaves.hpp"
#include "models/additive/self.hpp"
#include "numerics/nonnegative_least_squares.hpp"

namespace irene::models {

/// What every fit to trees of one dataset reads and none changes; shared by threads. Refers to the dataset.
struct AdditiveData {
    const Dataset& data;
    AdditiveLevel level;
    InstanceTypes types;
    std::vector<Measurement> measurements;       ///< those of one tree stand together
    std::vector<std::size_t> first_measurement;  ///< of each tree, and the number of all at the end
    std::vector<std::size_t> first_node;         ///< of each tree in `of_node`
    std::vector<std::uint32_t> of_node;          ///< the measurement of each node over all trees
    Signatures signatures;
    std::vector<char> differing_twins;  ///< of each tree; see have_differing_twins()
    ContradictingCounts counts;         ///< over all trees; none at level all, which does not need shapes

    /// Throws Error (data) where a node lacks a feature of the level. Measured energies may be absent here: a
    /// fit refuses them in its own trees.
    AdditiveData(const Dataset& dataset, AdditiveLevel wanted);

    std::span<const Measurement> measurements_of(std::size_t tree) const {
        return std::span(measurements)
            .subspan(first_measurement[tree], first_measurement[tree + 1] - first_measurement[tree]);
    }
};

/// A model made ready to price nodes. Refers to the model, whose vectors must have the sizes that its level
/// asks for. For one thread.
class AdditivePrices {
  public:
    explicit AdditivePrices(const AdditiveModel& model);

    /// How a group of leaves is priced; null where training had none.
    struct Regressor {
        const LeafTerms* terms = nullptr;
        const std::vector<double>* coefficients = nullptr;
        const TrainingRange* range = nullptr;
    };
    /// What the model knows about an instance type; null where nothing.
    struct Known {
        Regressor leaf;
        Regressor counted;  ///< of dense products, by flops and bytes; see kCountedGroup
        const std::vector<double>* class_coefficients = nullptr;
        const TrainingRange* class_range = nullptr;

        /// The regressor of a leaf: by its shape where it has one and training had such, else by its counts.
        const Regressor& of(const NodeTerms& node) const noexcept {
            const bool has_shape = node.counts_cause == CountsCause::none;
            return has_shape && (leaf.terms != nullptr || counted.terms == nullptr) ? leaf : counted;
        }
    };
    /// `types` must be the same object, and numbers in it mean the same, in all calls.
    const Known& known(std::uint32_t instance_type, const InstanceTypes& types);

    /// Joules of a leaf; at least 0.
    double leaf_energy(const NodeTerms& leaf, const Regressor& regressor);
    /// Joules of the inner node beyond its children, before the guard; `signature` as TreeTerms gives it.
    template <typename SignatureOf>
    double self_energy(const NodeTerms& node, const Known& known, const InstanceTypes& types,
                       const SignatureOf& signature_of) {
        const std::vector<double>* coefficients = known.class_coefficients;
        if (coefficients == nullptr) {
            coefficients = model_.classes.empty()
                               ? &model_.self
                               : &coefficients_of_twins(node.ratio(), signature_of(), types);
        }
        return self_energy(node, *coefficients);
    }

  private:
    double self_energy(const NodeTerms& node, const std::vector<double>& coefficients);
    const std::vector<double>& coefficients_of_twins(double ratio, std::span<const std::uint32_t> signature,
                                                     const InstanceTypes& types);

    const AdditiveModel& model_;
    Regressor regressor_of(const std::string& group, const std::string& operation,
                           const std::string& range) const;

    std::vector<LeafTerms> leaf_terms_;  // of each group
    std::vector<std::optional<Known>> known_;
    std::vector<double> terms_, mean_;
    std::vector<std::string> names_;
};

/// Counts a leaf that is a dense product, and keeps it as the example where its counts contradict each other.
void note_counts(const Tree& tree, std::size_t node, const NodeTerms& leaf, ContradictingCounts& counts);

/// Adds up: energies[node] holds the energy of a leaf or the self energy of an inner node, and receives the
/// energy of the node. The guard keeps E at least half the sum of the children. `sums` is memory.
void add_up(const Tree& tree, std::span<double> energies, std::vector<double>& sums);

/// Fits model after model in the same memory; for one thread.
class AdditiveTrainer {
  public:
    explicit AdditiveTrainer(const AdditiveData& data) : data_(data) {}

    /// Fits to `trees` (numbers in the dataset), in their order, without intervals. Throws Error (data) where
    /// a node of them has no measured energy above 0, where a number is too large to fit to, and for no
    /// trees.
    AdditiveModel fit(std::span<const std::size_t> trees);

    /// Prediction intervals for a model fitted to `trees`: one fit for each model among them.
    AdditiveIntervals conformal_widths(std::span<const std::size_t> trees);

  private:
    /// The coefficients only. A model that is not final predicts no other trees than those of the data: it
    /// goes without the regressor that none of them needs.
    AdditiveModel fit_coefficients(std::span<const std::size_t> trees, bool is_final);
    void add_ranges(AdditiveModel& model) const;
    void add_training_error(std::span<const std::size_t> trees, AdditiveModel& model);
    /// Joules of every node of a tree; valid until the next call.
    const std::vector<double>& predict(AdditivePrices& prices, std::size_t tree);

    const AdditiveData& data_;
    numerics::NonnegativeLeastSquares system_;
    std::vector<const Measurement*> leaves_, inner_;
    std::vector<double> prices_, energies_, sums_;
};

/// Fits to `trees` of `data`; see AdditiveTrainer::fit(), and AdditiveData for further refusals.
AdditiveModel fit_additive(const Dataset& data, std::span<const std::size_t> trees, AdditiveLevel level);

/// AdditiveTrainer::conformal_widths() for one use.
AdditiveIntervals conformal_widths(const Dataset& data, std::span<const std::size_t> trees,
                                   AdditiveLevel level);

/// Predicts tree after tree in the same memory; for one thread.
class AdditivePredictor {
  public:
    explicit AdditivePredictor(AdditiveModel model);
    AdditivePredictor(const AdditivePredictor&) = delete;
    AdditivePredictor& operator=(const AdditivePredictor&) = delete;
    ~AdditivePredictor() = default;

    /// Joules of every node, in node order, none negative; valid until the next call. Measured energies are
    /// not read. Throws Error (data) naming `source`, line and node where a feature of the model's level is
    /// absent, or where a feature is so large that the prediction leaves the range of double.
    const std::vector<double>& predict(const Tree& tree, const std::string& source);

    const AdditiveModel& model() const noexcept { return model_; }
    /// What predict() met since the start or the last clear.
    const PredictionNotices& notices() const noexcept { return notices_; }
    void clear_notices() { notices_ = {}; }

  private:
    void note_range(const Tree& tree, std::size_t node, const TrainingRange& range);

    AdditiveModel model_;
    InstanceTypes types_;
    std::optional<AdditivePrices> prices_;
    TreeTerms terms_;
    std::vector<double> energies_, sums_;
    PredictionNotices notices_;
};

}  // namespace irene::models
