// How a model is configured: the reference's seven keys and the two settings of its optimiser.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "irene/device.hpp"
#include "irene/error.hpp"
#include "irene/features.hpp"

namespace irene {

/// How the energies of inner nodes are learned (paper, section 3.4 and its ablations): X(name, method), where
/// the method is a kind of model that src/models has a folder for.
///     end2end       parents from their children's predicted energies, in training as in prediction
///     stepwise      trained on the children's measured energies, predicts from their predicted ones
///     unstructured  a parent is w.x + b of its own features; its children play no part
///     none          no training: a parent is the sum of its children
///     additive      the sum of the children and a self energy; not the paper's, see docs/method.md
#define IRENE_TRAINING_STRATEGIES(X) \
    X(end2end, weighted)             \
    X(stepwise, weighted)            \
    X(unstructured, weighted)        \
    X(none, weighted)                \
    X(additive, additive)

enum class TrainingStrategy : unsigned char {
#define IRENE_ENUMERATOR(name, method) name,
    IRENE_TRAINING_STRATEGIES(IRENE_ENUMERATOR)
#undef IRENE_ENUMERATOR
};

/// What a child's energy is multiplied by when it is added to its parent's (paper, equations 2 and 3).
enum class Weighting : unsigned char {
    close_to_one,  ///< 1 + tanh(w.x + b) / tanh_scalar
    free,          ///< w.x + b
    exact_one,     ///< 1: nothing to train
};

std::string_view name(TrainingStrategy strategy) noexcept;
std::string_view name(Weighting weighting) noexcept;

struct Config {
    std::vector<FeatureSet> feature_sets{FeatureSet::model_specs, FeatureSet::resource_utilization};
    /// Expand the standardised features of children to all monomials up to degree 3.
    bool polynomial_features = true;
    TrainingStrategy training_strategy = TrainingStrategy::end2end;
    /// Standardise the children's features before expanding them. The ML level always standardises.
    bool standardize_features = true;
    /// tau of equation 3: close_to_one weights lie within 1 +- 1/tanh_scalar. Above 0.
    double tanh_scalar = 10.0;
    /// Divide the squared error of a node by its squared measured energy.
    bool normalize_loss_scale = true;
    Weighting weighting_setting = Weighting::close_to_one;
    /// Passes over the training trees, one optimiser step a tree; 0 keeps the initial weights. At most
    /// 100000.
    int num_epochs = 8;
    /// Adam's step size. Above 0, at most 1.
    double learning_rate = 0.001;
    /// What the measurements were made on, where it was told; only for `kernel_counts`.
    std::optional<Device> device = {};
    /// Whose energy was measured, in words, such as "the GPU, by its own counter"; empty where it was not
    /// told. It changes no number, and stands beside those that are predicted.
    std::string joules_of = {};

    /// Throws Error (usage) naming the first setting that is out of range or contradicts another.
    void validate() const;

    bool operator==(const Config&) const = default;
};

/// Reads a JSON object; missing keys take the default. `source` names the document in messages.
/// Strategy `unstructured` without a weighting means `free`; `none` means `exact_one`. Strategy `additive`
/// has no settings but its feature sets, of which model_specs must be one, or kernel_counts the only one;
/// that one may have a device: every other key is refused. A device is an object, as parse_device() reads it,
/// or the name of a datasheet, which find_device() looks up in `device_folders`. Tells `warn` of a setting
/// that has no effect. Throws Error (usage) on malformed JSON, an unknown or repeated key, a wrong type or
/// value, or a contradiction; as find_device().
Config parse_config(std::string_view json, const std::string& source, const Warn& warn = {},
                    const std::vector<std::filesystem::path>& device_folders = {});

/// parse_config of a file ("-": standard input). Datasheets are looked up in the folder `devices` beside the
/// file first. Throws Error (no_input) where it cannot be read.
Config load_config(const std::filesystem::path& path, StopFlag stop = nullptr, const Warn& warn = {},
                   const std::vector<std::filesystem::path>& device_folders = {});

/// The config as a JSON document with every key that applies, ready to be read back equal. A device is an
/// object in it.
std::string to_json(const Config& config);

}  // namespace irene
