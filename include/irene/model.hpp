// A trained model: its files, and the predictions that it gives. What is learned and how is told in
// docs/method.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "irene/config.hpp"
#include "irene/notices.hpp"
#include "irene/tree.hpp"

namespace irene {

namespace models {
class FittedModel;
}

/// Means over the inner nodes of all training trees in one pass, before each tree's step.
struct EpochSummary {
    int epoch = 0;  ///< from 1
    int num_epochs = 0;
    double mean_node_loss = 0.0;   ///< squared error, relative or in J^2 as the config says
    double mean_node_error = 0.0;  ///< absolute error, % of the measured energy
};

/// A trained model, from train() or load_model(). It never changes; copies share what was learned, and may be
/// used by several threads.
class Model {
  public:
    /// For the library, which alone has what to give here. Throws Error (usage) for null.
    explicit Model(std::shared_ptr<const models::FittedModel> fitted, std::string name = {});
    // A model that was moved from would be none.
    Model(const Model&) = default;
    Model& operator=(const Model&) = default;
    ~Model() = default;

    /// That of the directory it was loaded from; empty for one that was not.
    const std::string& name() const noexcept { return name_; }
    const Config& config() const noexcept;
    std::uint32_t seed()
        const noexcept;  ///< as given to train(); 0 with strategy `additive`, which draws nothing
    std::size_t num_trees() const noexcept;  ///< trained on
    std::size_t num_nodes() const noexcept;  ///< trained on

    /// For the library.
    const models::FittedModel& fitted() const noexcept { return *fitted_; }

  private:
    std::shared_ptr<const models::FittedModel> fitted_;
    std::string name_;
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

/// What the two files of a model hold, for who keeps models elsewhere than in a directory.
struct ModelDocuments {
    std::string config = {};  ///< of config.json
    std::string model = {};   ///< of model.json
};

/// Throws Error (data) for a model with a number that is not finite.
ModelDocuments to_documents(const Model& model);

/// The model again, under `name`. Throws Error (data) and warns as load_model() does.
Model from_documents(const ModelDocuments& documents, const std::string& name = {}, const Warn& warn = {});

/// A node whose prediction rests on more than training saw.
struct Extrapolation {
    std::size_t node = 0;  ///< in the tree
    /// What lies outside the range of training, see PredictionNotices; e.g. "rows", or a feature.
    std::vector<std::string_view> quantities = {};
    bool unseen_operation = false;  ///< training saw no leaf of its instance type
};

/// What a tree is predicted to cost, in J, by node, in node order.
struct Prediction {
    std::vector<double> joules;
    /// What they are spent on; empty where the model does not tell. Models of `kernel_counts` do.
    std::vector<EnergyParts> parts = {};
    /// Seconds of the root and of the calls below it, absent() at other nodes; empty where the model knows no
    /// times.
    std::vector<double> seconds = {};
    /// The ends of the interval, absent() at nodes that have none; empty where none was asked for.
    std::vector<double> low, high;
    /// Why nodes have no interval, by node, empty text for those that have one; empty where all have one or
    /// none was asked for.
    std::vector<std::string> no_interval = {};
    std::vector<Extrapolation> extrapolations = {};  ///< in node order
};

/// Predicts trees with one model. Not for use by two threads at once: each takes its own copy, which is
/// cheap.
class Predictor {
  public:
    /// `interval`, in (0, 1), is the probability of the intervals that predictions have; without, they have
    /// none. Throws Error (usage) for an interval that the model cannot give.
    explicit Predictor(const Model& model, std::optional<double> interval = {});
    Predictor(const Predictor& other);
    Predictor& operator=(const Predictor& other);
    ~Predictor();

    /// Measured energies are not used. Throws Error (data) naming `source`, line and node where a feature is
    /// absent, an operation was not seen in training (strategy `additive` prices it all the same), or the
    /// prediction is beyond a double.
    Prediction predict(const Tree& tree, const std::string& source = "input");

    /// The line of JSON that a tree stands in, with `predicted_energy` on every node, with intervals their
    /// ends, with the parts of the energy where the model tells them, with `predicted_seconds` of the run and
    /// its calls where it knows times, with what else is told of nodes, and with `prediction`, which says who
    /// predicted; docs/formats.md has the keys. What an earlier prediction said is replaced or taken out; all
    /// other bytes are kept. Throws Error (data) as predict() and parse_tree() do, and for an id that occurs
    /// twice.
    std::string predict_line(std::string_view json, const std::string& source = "input");

    /// What intervals of this probability cannot tell, a sentence each; empty for nothing.
    const std::vector<std::string>& warnings() const noexcept;

    /// What it met so far: operations unseen in training, nodes outside the range of training, counts that
    /// contradict each other.
    const PredictionNotices& notices() const noexcept;

  private:
    struct State;
    static void add_intervals(State& state, const Tree& tree, Prediction& prediction);
    std::unique_ptr<State> state_;
};

}  // namespace irene
