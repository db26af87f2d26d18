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
    if (model.fitted().lacks_distances()) {
        throw Error(
            ErrorKind::usage,
            "an earlier version trained the model, whose intervals do not widen with the distance from "
            "training: train it again to have intervals");
    }
    if (intervals->num_models < 2) {
        throw Error(ErrorKind::usage,
                    "the model was trained on one model_name, and intervals need three for a probability of "
                    "0.9: they are learned by leaving out one at a time");
    }
    return *intervals;
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
    std::optional<models::IntervalRule> rule;
    std::string why_no_rule;  ///< where intervals were asked for, and there is none
    std::vector<std::string> warnings;
    std::vector<models::NodeDistances> distances;
    std::unique_ptr<models::TreePredictor> predictor;
    models::PredictedLines lines;

    State(const Model& trained, models::PredictedLines predicted_lines)
        : model(trained), predictor(model.fitted().make_predictor()), lines(std::move(predicted_lines)) {}
    State(const State& other) : State(other.model, other.lines) {
        rule = other.rule;
        why_no_rule = other.why_no_rule;
        warnings = other.warnings;
    }
};

/// Gives each node its interval, or the reason why it has none.
void Predictor::add_intervals(State& state, const Tree& tree, Prediction& prediction) {
    const std::size_t num_nodes = prediction.joules.size();
    prediction.low.assign(num_nodes, absent());
    prediction.high.assign(num_nodes, absent());
    const std::string why_none =
        state.rule ? why_unlike(state.model.fitted().intervals()->support, tree) : state.why_no_rule;
    if (!why_none.empty()) {
        prediction.no_interval.assign(num_nodes, why_none);
        return;
    }
    for (std::size_t node = 0; node < num_nodes; ++node) {
        const NodeType type = tree.nodes()[node].type;
        const bool is_positive = prediction.joules[node] > 0.0;
        const std::optional<double> width = state.rule->half_width(type, state.distances[node]);
        if (!is_positive || !width) {
            prediction.no_interval.resize(num_nodes);
            prediction.no_interval[node] = is_positive
                                               ? state.rule->why_none(type, state.distances[node].distances)
                                               : "an interval is a factor, and the energy is 0";
            continue;
        }
        const double factor = numerics::exponential(*width);
        prediction.low[node] = prediction.joules[node] / factor;
        prediction.high[node] = prediction.joules[node] * factor;
    }
}

Predictor::Predictor(const Model& model, std::optional<double> interval)
    : state_(std::make_unique<State>(model, models::PredictedLines(model, interval))) {
    if (!interval) return;
    const models::Intervals& intervals = intervals_of(model, *interval);
    if (const double greatest = models::greatest_probability(intervals.num_models); *interval > greatest) {
        state_->why_no_rule = "the errors of " + std::to_string(intervals.num_models) +
                              " held-out models support intervals of probability " +
                              two_digits_below(greatest) + " at most";
        state_->warnings.push_back(state_->why_no_rule + ": none is written");
        return;
    }
    state_->rule.emplace(intervals, *interval);
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
    const bool has_rule = state_->rule.has_value();
    prediction.joules = state_->predictor->predict(tree, source, has_rule ? &state_->distances : nullptr);
    prediction.parts = state_->predictor->take_parts();
    prediction.seconds = state_->predictor->take_seconds();
    prediction.extrapolations = state_->predictor->take_extrapolations();
    if (has_rule || !state_->why_no_rule.empty()) add_intervals(*state_, tree, prediction);
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
