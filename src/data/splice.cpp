#include "data/splice.hpp"

#include <algorithm>
#include <bit>

#include "irene/features.hpp"

#include "base/json.hpp"
#include "base/numbers.hpp"
#include "data/strict_json.hpp"

namespace irene::data {

namespace {

/// Copies a line piece by piece.
class Splicer {
  public:
    Splicer(std::string_view line, const Outputs& outputs, std::string& out)
        : line_(line), outputs_(outputs), out_(out) {}

    void at(const Splice& place) {
        if (place.begin == place.end) {
            insert(place);
        } else {
            const auto key = static_cast<OutputKey>(std::countr_zero(place.keys));
            const NodeMarks* marks = marks_of(place.node);
            if (has_value(key, place.node, marks)) {
                copy_until(place.begin);
                append_value(key, place.node, marks);
                copied_ = place.end;
            } else {
                take_out(place);
            }
        }
    }

    void finish() { copy_until(line_.size()); }

  private:
    const NodeMarks* marks_of(std::size_t node) const {
        return outputs_.marks.empty() ? nullptr : data::marks_of(outputs_.marks, node);
    }

    void copy_until(std::size_t end) {
        out_ += line_.substr(copied_, end - copied_);
        copied_ = end;
    }

    void insert(const Splice& place) {
        copy_until(place.begin);
        if (place.keys == bit(OutputKey::prediction)) {
            if (outputs_.prediction.empty()) return;
            out_ += R"("prediction": )";
            out_ += outputs_.prediction;
            out_ += ", ";
            return;
        }
        const NodeMarks* marks = marks_of(place.node);
        for (std::size_t i = 0; i < kNumNodeOutputs; ++i) {
            const auto key = static_cast<OutputKey>(i);
            if ((place.keys & bit(key)) == 0 || !has_value(key, place.node, marks)) continue;
            out_ += ", \"";
            out_ += kOutputKeys[i];
            out_ += "\": ";
            append_value(key, place.node, marks);
        }
    }

    /// The value of a key that holds a number; absent() where the node has none.
    double number_of(OutputKey key, std::size_t node) const {
        const auto in = [node](const std::vector<double>* column) {
            return column != nullptr ? (*column)[node] : absent();
        };
        const auto part = [&](double EnergyParts::*member) {
            return outputs_.parts != nullptr ? (*outputs_.parts)[node].*member : absent();
        };
        switch (key) {
            case OutputKey::predicted_energy:
                return outputs_.joules[node];
            case OutputKey::predicted_energy_low:
                return in(outputs_.low);
            case OutputKey::predicted_energy_high:
                return in(outputs_.high);
            case OutputKey::predicted_arithmetic_energy:
                return part(&EnergyParts::arithmetic_joules);
            case OutputKey::predicted_memory_energy:
                return part(&EnergyParts::memory_joules);
            case OutputKey::predicted_static_energy:
                return part(&EnergyParts::static_joules);
            case OutputKey::predicted_seconds:
                return in(outputs_.seconds);
            default:
                return absent();
        }
    }

    bool has_value(OutputKey key, std::size_t node, const NodeMarks* marks) const {
        switch (key) {
            case OutputKey::no_interval:
                return marks != nullptr && !marks->no_interval.empty();
            case OutputKey::outside_training:
                return marks != nullptr && !marks->outside_training.empty();
            case OutputKey::unseen_operation:
                return marks != nullptr && marks->unseen_operation;
            case OutputKey::prediction:
                return !outputs_.prediction.empty();
            default:
                return !is_absent(number_of(key, node));
        }
    }

    void append_value(OutputKey key, std::size_t node, const NodeMarks* marks) {
        switch (key) {
            case OutputKey::no_interval:
                base::append_string(out_, marks->no_interval);
                break;
            case OutputKey::outside_training:
                append_list(marks->outside_training);
                break;
            case OutputKey::unseen_operation:
                out_ += "true";
                break;
            case OutputKey::prediction:
                out_ += outputs_.prediction;
                break;
            default:
                base::append_number(out_, number_of(key, node));
        }
    }

    void append_list(const std::vector<std::string>& texts) {
        for (std::size_t i = 0; i < texts.size(); ++i) {
            out_ += i == 0 ? "[" : ", ";
            base::append_string(out_, texts[i]);
        }
        out_ += ']';
    }

    /// Leaves out a member with one comma of its two, that which came with it. Every object has members that
    /// stay.
    void take_out(const Splice& place) {
        std::size_t key = place.begin;
        const auto back_to = [&](char c) {
            do {
                --key;
            } while (line_[key] != c);
        };
        back_to(':');
        back_to('"');
        back_to('"');  // no quote is in a key of ours, however it is escaped
        std::size_t before = key;
        do {
            --before;
        } while (is_space(line_[before]));
        // What stood before may have been taken out with this comma.
        const bool has_before = line_[before] == ',' && before >= copied_;
        const std::size_t behind = pass_space(place.end);
        if (has_before && (place.keys != bit(OutputKey::prediction) || line_[behind] != ',')) {
            copy_until(before);
            copied_ = place.end;
        } else {
            copy_until(key);
            copied_ = pass_space(behind + 1);
        }
    }

    std::size_t pass_space(std::size_t at) const {
        while (is_space(line_[at])) ++at;
        return at;
    }

    std::string_view line_;
    const Outputs& outputs_;
    std::string& out_;
    std::size_t copied_ = 0;  // bytes of the line that are done
};

}  // namespace

const NodeMarks* marks_of(std::span<const NodeMarks> all, std::size_t node) {
    const auto found = std::lower_bound(all.begin(), all.end(), node,
                                        [](const NodeMarks& marks, std::size_t n) { return marks.node < n; });
    return found != all.end() && found->node == node ? &*found : nullptr;
}

void splice(std::string_view line, const std::vector<Splice>& splices, const Outputs& outputs,
            std::string& out) {
    Splicer splicer(line, outputs, out);
    for (const Splice& place : splices) splicer.at(place);
    splicer.finish();
}

}  // namespace irene::data
