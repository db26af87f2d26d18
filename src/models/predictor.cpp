#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "irene/error.hpp"
#include "irene/model.hpp"

#include "data/line_blocks.hpp"
#include "data/node_ids.hpp"
#include "data/tree_reader.hpp"
#include "models/fitted_model.hpp"
#include "models/predicted_line.hpp"
#include "numerics/elementary.hpp"

namespace irene {

namespace {

/// What the ends of an interval are away from the prediction, by NodeType: [E / factor, E factor].
using IntervalFactors = std::array<double, kNumNodeTypes>;

/// Rounded down, so that what is said to be supported is.
std::string two_digits_below(double probability) {
    const int percent = static_cast<int>(probability * 100.0);
    return "0." + std::string(percent < 10 ? "0" : "") + std::to_string(percent);
}

const models::Intervals& intervals_of(const Model& model, double probability) {
    if (!(probability > 0.0 && probability < 1.0)) {
        throw Error(ErrorKind::usage, "the probability of an interval lies between 0 and 1");
    }
    const models::Intervals* intervals = model.fitted().intervals();
    if (intervals == nullptr) {
        throw Error(ErrorKind::usage,
                    "the model has no prediction intervals; only strategy 'additive' learns them");
    }
    if (const std::string why = model.fitted().why_no_intervals(); !why.empty())
        throw Error(ErrorKind::usage, why);
    if (intervals->num_models == 0) {
        throw Error(
            ErrorKind::usage,
            "the model was trained on one model_name, and intervals need at least two: they are learned by "
            "leaving out one at a time");
    }
    return *intervals;
}

/// What they cannot tell.
std::vector<std::string> limits_of(const models::Intervals& intervals, double probability) {
    std::vector<std::string> limits;
    if (intervals.num_models == 1) {
        limits.emplace_back(
            "the model was trained on one model_name: its intervals are learned from runs of that one left "
            "out in turn, and are too narrow for another; they need at least two");
    }
    if (const double greatest = greatest_probability(intervals); probability > greatest) {
        limits.push_back(
            "the errors of " + std::to_string(intervals.num_models) +
            " held-out models support intervals of probability " + two_digits_below(greatest) +
            " at most; those written span the greatest errors met, and are too narrow for what was asked");
    }
    return limits;
}

IntervalFactors factors_of(const models::Intervals& intervals, double probability) {
    IntervalFactors factors{};
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
        const std::optional<double> width = half_width(intervals, static_cast<NodeType>(type), probability);
        if (!width) {
            throw Error(ErrorKind::usage, "the model has no prediction intervals for nodes of type " +
                                              in_quotes(name(static_cast<NodeType>(type))));
        }
        factors[type] = numerics::exponential(*width);
    }
    return factors;
}

}  // namespace

Model::Model(std::shared_ptr<const models::FittedModel> fitted, std::string name)
    : fitted_(std::move(fitted)), name_(std::move(name)) {
    if (fitted_ == nullptr) throw Error(ErrorKind::usage, "a model is made by training or loading one");
}

const Config& Model::config() const noexcept { return fitted_->origin().config; }
std::uint32_t Model::seed() const noexcept { return fitted_->origin().seed; }
std::size_t Model::num_trees() const noexcept { return fitted_->origin().num_trees; }
std::size_t Model::num_nodes() const noexcept { return fitted_->origin().num_nodes; }

struct Predictor::State {
    Model model;
    std::optional<IntervalFactors> factors;
    std::vector<std::string> warnings;
    std::unique_ptr<models::TreePredictor> predictor;
    models::PredictedLines lines;

    State(const Model& trained, models::PredictedLines predicted_lines)
        : model(trained), predictor(model.fitted().make_predictor()), lines(std::move(predicted_lines)) {}
    State(const State& other) : State(other.model, other.lines) {
        factors = other.factors;
        warnings = other.warnings;
    }
};

Predictor::Predictor(const Model& model, std::optional<double> interval)
    : state_(std::make_unique<State>(model, models::PredictedLines(model, interval))) {
    if (!interval) return;
    const models::Intervals& intervals = intervals_of(model, *interval);
    state_->warnings = limits_of(intervals, *interval);
    state_->factors = factors_of(intervals, *interval);
}

Predictor::Predictor(const Predictor& other) : state_(std::make_unique<State>(*other.state_)) {}

Predictor& Predictor::operator=(const Predictor& other) {
    if (this != &other) state_ = std::make_unique<State>(*other.state_);
    return *this;
}

Predictor::~Predictor() = default;

Prediction Predictor::predict(const Tree& tree, const std::string& source) {
    const Counting trained = state_->model.fitted().origin().counting;
    if (tree.counting() != trained) {
        throw Error(ErrorKind::data,
                    "is " + in_quotes(name(tree.counting())) + ", and the model was trained on trees of " +
                        in_quotes(name(trained)),
                    {.file = source, .line = tree.line(), .field = std::string(name(RunKey::counting))});
    }
    Prediction prediction;
    prediction.joules = state_->predictor->predict(tree, source);
    prediction.extrapolations = state_->predictor->extrapolations();
    if (!state_->factors) return prediction;
    prediction.low.resize(prediction.joules.size());
    prediction.high.resize(prediction.joules.size());
    for (std::size_t node = 0; node < prediction.joules.size(); ++node) {
        const double factor = (*state_->factors)[static_cast<std::size_t>(tree.nodes()[node].type)];
        prediction.low[node] = prediction.joules[node] / factor;
        prediction.high[node] = prediction.joules[node] * factor;
    }
    return prediction;
}

std::string Predictor::predict_line(std::string_view json, const std::string& source) {
    // More than the reader takes; a size that was negative is not worth an attempt to copy so much.
    if (json.size() > std::numeric_limits<std::uint32_t>::max() / 2) {
        throw Error(ErrorKind::data, "the tree is longer than 2 GiB", {.file = source});
    }
    std::string padded(json);
    padded.append(data::kPadding, '\0');
    const std::string_view line = std::string_view(padded).substr(0, json.size());
    data::TreeReader reader(source);
    data::TreeLine read;
    reader.read(line, 1, read);
    data::refuse_repeated_ids(read.tree, source);
    std::string out;
    state_->lines.append(line, read.splices, predict(read.tree, source), out);
    return out;
}

const std::vector<std::string>& Predictor::warnings() const noexcept { return state_->warnings; }

const PredictionNotices& Predictor::notices() const noexcept { return state_->predictor->notices(); }

}  // namespace irene
