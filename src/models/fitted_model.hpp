// What a training strategy is to the rest of the library: four interfaces with three implementations each,
// the paper's weighted tree (src/models/weighted), the additive tree (src/models/additive), and the law of
// three prices (src/models/kernels).
//
//     Method  --prepare(data)-->  Trainer  --fit(trees)-->  FittedModel  --make_predictor()-->  TreePredictor
//        `--------------------read(model.json)------------------^
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "irene/config.hpp"
#include "irene/dataset.hpp"
#include "irene/error.hpp"
#include "irene/model.hpp"
#include "irene/notices.hpp"
#include "irene/tree.hpp"

#include "base/json.hpp"
#include "models/intervals.hpp"
#include "numerics/initial_weights.hpp"

namespace irene::models {

/// What a model was trained with.
struct Origin {
    Config config;
    std::uint32_t seed = 0;         ///< of the initial weights
    std::size_t num_trees = 0;      ///< trained on
    std::size_t num_nodes = 0;      ///< trained on
    std::vector<Feature> features;  ///< that it was trained with: those of the config's sets at that time
    Counting counting = Counting::paper;  ///< of the trees
};

/// Predicts tree after tree in the same memory; for one thread.
class TreePredictor {
  public:
    TreePredictor() = default;
    TreePredictor(const TreePredictor&) = delete;
    TreePredictor& operator=(const TreePredictor&) = delete;
    virtual ~TreePredictor() = default;

    /// Joules of every node, in node order, and where `distances` is not null, what their intervals rest on;
    /// strategies without intervals leave it alone. Measured energies are not read. Throws Error (data)
    /// naming `source`, line and node where a feature is absent, an operation cannot be priced, or the
    /// prediction leaves the range of double.
    virtual std::vector<double> predict(const Tree& tree, const std::string& source,
                                        std::vector<NodeDistances>* distances) = 0;

    /// What predict() met so far.
    const PredictionNotices& notices() const noexcept { return notices_; }
    /// Seconds of the tree that was predicted last: of its root and of the calls below it, absent() at other
    /// nodes; empty where the model knows no times.
    std::vector<double> take_seconds() noexcept { return std::move(seconds_); }
    /// What the joules of the tree that was predicted last are spent on, by node; empty where the model does
    /// not tell.
    std::vector<EnergyParts> take_parts() noexcept { return std::move(parts_); }
    /// The nodes of the tree that was predicted last which rest on more than training saw, in node order.
    std::vector<Extrapolation> take_extrapolations() noexcept { return std::move(extrapolations_); }

  protected:
    PredictionNotices notices_;
    std::vector<Extrapolation> extrapolations_;  // predict() clears it first
    std::vector<double> seconds_;                // predict() fills it where the model knows times
    std::vector<EnergyParts> parts_;             // likewise, where the model can tell
};

/// What was learned. It never changes: threads and copies of a Model share it.
class FittedModel {
  public:
    explicit FittedModel(Origin origin) : origin_(std::move(origin)) {}
    FittedModel(const FittedModel&) = delete;
    FittedModel& operator=(const FittedModel&) = delete;
    virtual ~FittedModel() = default;

    const Origin& origin() const noexcept { return origin_; }

    /// The predictor refers to this model, which must outlive it.
    virtual std::unique_ptr<TreePredictor> make_predictor() const = 0;
    /// Null where the strategy learns none.
    virtual const Intervals* intervals() const noexcept { return nullptr; }
    /// Whether an earlier version trained the model, whose intervals knew no distance.
    virtual bool lacks_distances() const noexcept { return false; }
    /// Adds its members to model.json.
    virtual void write(base::Json& json) const = 0;
    /// What it learned, in words and numbers with their units; and the same as members of a JSON document.
    virtual std::string explain() const = 0;
    virtual base::Json explain_json() const = 0;
    /// What its user should know of it; empty for nothing.
    virtual std::string warning() const { return {}; }
    /// The model with its prices scaled to another device: to its datasheet, where one is told, and to what
    /// was measured there: `data`, of each of whose trees at least one node is measured, and which has none
    /// only where a device is told. Null where the strategy has nothing to scale. Throws Error: data where a
    /// node lacks a feature, or numbers are too large or too small to be fitted to; usage for a datasheet
    /// that the model can make no use of. Tells `warn` of the data.
    virtual std::shared_ptr<const FittedModel> calibrated(const Dataset&, const std::optional<Device>&,
                                                          const Warn&) const {
        return nullptr;
    }

  private:
    Origin origin_;
};

/// What a fit goes by beside its trees. Strategies in closed form need none of it.
struct FitOptions {
    std::uint32_t seed = 0;         ///< told in the model; `initial` was drawn from it
    numerics::LinearLayer initial;  ///< see Trainer::draw()
    std::function<void(const EpochSummary&)> on_epoch = {};
    StopFlag stop = nullptr;
};

/// A dataset made ready for fits, which several threads may do at once. Refers to the dataset.
class Trainer {
  public:
    Trainer() = default;
    Trainer(const Trainer&) = delete;
    Trainer& operator=(const Trainer&) = delete;
    virtual ~Trainer() = default;

    /// Fits to `trees` (numbers in the dataset), in their order. Deterministic for equal options. Throws
    /// Error (data) where numbers are too large or too small to fit to and where training diverges;
    /// (interrupted).
    virtual std::shared_ptr<const FittedModel> fit(std::span<const std::size_t> trees,
                                                   const FitOptions& options) const = 0;
    /// The initial weights of the next fit; empty where nothing is drawn.
    virtual numerics::LinearLayer draw(numerics::InitialWeights&) const { return {}; }
    /// What the user should know of the data; empty for nothing.
    virtual std::string warning() const { return {}; }
};

/// A kind of model, and which configs ask for it. Strategies may share one.
class Method {
  public:
    Method() = default;
    Method(const Method&) = delete;
    Method& operator=(const Method&) = delete;
    virtual ~Method() = default;

    /// Whether a key of a config has a meaning here; feature_sets and training_strategy always have.
    virtual bool has_setting(std::string_view key) const noexcept = 0;
    /// Why a setting that has none is refused: the end of a sentence that begins with "does not apply to".
    virtual std::string_view reason_without_settings() const noexcept { return {}; }
    /// The weighting of a config that names none.
    virtual Weighting usual_weighting(const Config& config) const noexcept {
        return config.weighting_setting;
    }
    /// Throws Error (usage) naming the first setting that contradicts another.
    virtual void check(const Config& config) const = 0;
    /// A setting that has no effect; empty for none.
    virtual std::string warning(const Config&) const { return {}; }

    /// Whether training needs the measured energy of every node, or of one in each tree.
    virtual bool needs_every_energy() const noexcept { return true; }
    /// Throws Error (data) where a node lacks a feature of the config. The config is valid, and there are the
    /// measured energies that are needed.
    virtual std::unique_ptr<Trainer> prepare(const Dataset& data, const Config& config) const = 0;
    /// Reads what FittedModel::write() wrote. Throws Error (data) naming the field that is missing, mistyped,
    /// out of range, or does not fit the others; `place` names the file.
    virtual std::shared_ptr<const FittedModel> read(const base::JsonObject& json, Origin origin,
                                                    const Place& place) const = 0;
};

/// The method of a config's strategy. Throws Error (usage) for a value that is no strategy.
const Method& method_of(const Config& config);

/// Checks the config, the countings and the measured energies, and prepares. Throws Error: usage; data, as
/// Method::prepare() does, for a measured energy that is missing or not above 0, and for trees of two
/// countings.
std::unique_ptr<Trainer> make_trainer(const Dataset& data, const Config& config);

}  // namespace irene::models
