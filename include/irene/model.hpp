// What training learns, and how it answers. Equations are those of the paper (ACL 2021, section 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "irene/additive.hpp"
#include "irene/config.hpp"
#include "irene/notices.hpp"
#include "irene/tree.hpp"

namespace irene {

/// x -> (x - mean) / scale, feature by feature.
struct Scaler {
    std::vector<double> mean;
    std::vector<double> scale;
};

/// What a feature was in training.
struct FeatureRange {
    double least = 0.0;
    double greatest = 0.0;
    bool operator==(const FeatureRange&) const = default;
};

/// Energy of one kind of ML operation: intercept + coefficients . scaler(x), in joules (paper, equation 1).
struct LeafRegressor {
    std::string operation;  ///< lower-cased instance_type, e.g. "linear"
    Scaler scaler;
    std::vector<double> coefficients;  ///< J per standard deviation of each feature
    double intercept = 0.0;            ///< J
    std::size_t num_nodes = 0;         ///< leaves it was fitted on
    std::vector<FeatureRange> ranges;  ///< of each feature over them; empty in models of before 1.2
};

/// w and b of the weights of children, over their standardised and expanded features (paper, equations 2 and
/// 3).
struct TreeWeights {
    Scaler scaler;               ///< over all nodes of the training trees; empty without standardisation
    std::vector<float> weights;  ///< in scikit-learn's order of monomials; empty when nothing was trained
    float bias = 0.0F;
    std::vector<FeatureRange> ranges;  ///< over all nodes of the training trees; empty likewise
};

/// A trained model. A plain value: it can be copied, compared piece by piece and written to disk.
struct Model {
    Config config;
    std::uint32_t seed = 0;             ///< of the initial weights
    std::size_t num_trees = 0;          ///< trained on
    std::size_t num_nodes = 0;          ///< trained on
    std::vector<LeafRegressor> leaves;  ///< sorted by operation
    TreeWeights tree;
    /// What strategy `additive` learned; `leaves` and `tree` are then empty. Otherwise none.
    std::optional<AdditiveModel> additive;
};

/// Where a model in `directory` has its files: config.json and model.json.
std::vector<std::filesystem::path> model_files(const std::filesystem::path& directory);

/// Throws Error (cannot_create) where `directory` holds a config.json, or without one a model.json, that no
/// model wrote: another program's, say a transformer's, which saving a model there would replace. Training
/// may take long: ask before it.
void refuse_foreign_files(const std::filesystem::path& directory);

/// Writes config.json and model.json into `directory`, which is made where it is missing. Each file is whole
/// or absent. Throws Error: data for a model with a number that is not finite; cannot_create, as
/// refuse_foreign_files() does too; cannot_write.
void save_model(const Model& model, const std::filesystem::path& directory);

/// Reads them back. Throws Error: no_input where they cannot be read; data where they are malformed, of
/// another major version, of two different models, or their dimensions contradict each other. Tells
/// `warn` of a file that a newer version wrote.
///
/// Versions of model.json, MAJOR.MINOR, are independent of the toolkit's. A newer minor version adds what an
/// older program may leave out and still predict the same: it is read with a warning. Whatever else changes,
/// a new key of config.json among it, is a new major version, and refused by older programs. Newer programs
/// read every older version, from 1.0 on.
Model load_model(const std::filesystem::path& directory, const Warn& warn = {});

/// Predicts trees with one model. Not for use by two threads at once: each takes its own copy, which is
/// cheap.
class Predictor {
  public:
    explicit Predictor(const Model& model);
    Predictor(const Predictor& other);
    Predictor(Predictor&&) noexcept;
    ~Predictor();

    /// Joules of every node, in node order; valid until the next call. The tree's measured energies are not
    /// used. Throws Error (data) naming `source`, line and node where a feature is absent or an operation was
    /// not seen in training.
    const std::vector<double>& predict(const Tree& tree, const std::string& source = "input");

    /// What predict() met so far: operations unseen in training (strategy `additive`; the others refuse
    /// them), and nodes outside the range of training.
    const PredictionNotices& notices() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace irene
