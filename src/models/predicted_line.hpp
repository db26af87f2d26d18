// A line of the input with what was predicted of its tree.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "irene/model.hpp"

#include "data/splice.hpp"

namespace irene::models {

/// Writes the predictions of one model into lines. For one thread.
class PredictedLines {
  public:
    /// `interval` is the probability of the intervals that the predictions have, where they have any.
    PredictedLines(const Model& model, std::optional<double> interval);

    /// Appends the line, of whose tree the prediction is, with the energies on every node, their parts, its
    /// seconds, what is told of nodes beside them, and `prediction`, which says who predicted.
    void append(std::string_view line, const std::vector<data::Splice>& places, const Prediction& prediction,
                std::string& out);

    /// The same with `predicted_energy` alone.
    static void append_plain(std::string_view line, const std::vector<data::Splice>& places,
                             const Prediction& prediction, std::string& out);

  private:
    std::string about_;                   // what `prediction` says of every line: "{...", without its end
    std::string text_;                    // of `prediction`, in this line
    std::vector<data::NodeMarks> marks_;  // those of a line stand first; the memory of all is used again
};

}  // namespace irene::models
