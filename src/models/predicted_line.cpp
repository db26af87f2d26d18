#include "models/predicted_line.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

#include "irene/config.hpp"
#include "irene/version.hpp"

#include "base/json.hpp"
#include "base/numbers.hpp"

namespace irene::models {

namespace {

void append_key(std::string& out, std::string_view key) {
    if (out.size() > 1) out += ", ";
    base::append_string(out, key);
    out += ": ";
}

/// What is told of nodes beside numbers, in node order: fills `marks` from the front, and returns how many.
std::size_t collect_marks(const Prediction& prediction, std::vector<data::NodeMarks>& marks) {
    std::size_t count = 0;
    const auto start = [&](std::size_t node) -> data::NodeMarks& {
        if (count == marks.size()) marks.emplace_back();
        data::NodeMarks& started = marks[count++];
        started.node = node;
        started.no_interval.clear();
        started.outside_training.clear();
        started.unseen_operation = false;
        return started;
    };
    const std::vector<std::string>& no_interval = prediction.no_interval;
    auto add_reasons_before = [&, next = std::size_t{0}](std::size_t end) mutable {
        for (; next < std::min(end, no_interval.size()); ++next) {
            if (!no_interval[next].empty()) start(next).no_interval = no_interval[next];
        }
    };
    for (const Extrapolation& found : prediction.extrapolations) {
        add_reasons_before(found.node + 1);
        const bool has_reason = count > 0 && marks[count - 1].node == found.node;
        data::NodeMarks& node = has_reason ? marks[count - 1] : start(found.node);
        node.outside_training.assign(found.quantities.begin(), found.quantities.end());
        node.unseen_operation = found.unseen_operation;
    }
    add_reasons_before(no_interval.size());
    return count;
}

}  // namespace

PredictedLines::PredictedLines(const Model& model, std::optional<double> interval) : about_("{") {
    if (!model.name().empty()) {
        append_key(about_, "model");
        base::append_string(about_, model.name());
    }
    const Config& config = model.config();
    append_key(about_, "training_strategy");
    base::append_string(about_, name(config.training_strategy));
    append_key(about_, "feature_sets");
    about_ += '[';
    for (std::size_t i = 0; i < config.feature_sets.size(); ++i) {
        if (i > 0) about_ += ", ";
        base::append_string(about_, name(config.feature_sets[i]));
    }
    about_ += ']';
    if (config.device) {
        append_key(about_, "device");
        base::append_string(about_, config.device->name);
    }
    if (!config.joules_of.empty()) {
        append_key(about_, "joules_of");
        base::append_string(about_, config.joules_of);
    }
    append_key(about_, "irene_version");
    base::append_string(about_, version());
    if (interval) {
        append_key(about_, "interval");
        base::append_number(about_, *interval);
    }
}

void PredictedLines::append(std::string_view line, const std::vector<data::Splice>& places,
                            const Prediction& prediction, std::string& out) {
    const std::size_t num_marks = collect_marks(prediction, marks_);
    const auto count = [&](auto is) {
        return std::to_string(
            std::count_if(prediction.extrapolations.begin(), prediction.extrapolations.end(), is));
    };
    text_ = about_;
    append_key(text_, "outside_training");
    text_ += count([](const Extrapolation& found) { return !found.quantities.empty(); });
    append_key(text_, "unseen_operations");
    text_ += count([](const Extrapolation& found) { return found.unseen_operation; });
    text_ += '}';
    const bool has_intervals = !prediction.low.empty();
    data::splice(line, places,
                 {.joules = prediction.joules,
                  .low = has_intervals ? &prediction.low : nullptr,
                  .high = has_intervals ? &prediction.high : nullptr,
                  .parts = prediction.parts.empty() ? nullptr : &prediction.parts,
                  .seconds = prediction.seconds.empty() ? nullptr : &prediction.seconds,
                  .marks = std::span(marks_).first(num_marks),
                  .prediction = text_},
                 out);
}

void PredictedLines::append_plain(std::string_view line, const std::vector<data::Splice>& places,
                                  const Prediction& prediction, std::string& out) {
    data::splice(line, places, {.joules = prediction.joules}, out);
}

}  // namespace irene::models
