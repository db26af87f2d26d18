// Trees and predicted runs as Python has them: a line of JSON, and what is read from it when it is asked for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <pybind11/pybind11.h>

#include "irene/run_keys.hpp"
#include "irene/tasks.hpp"

namespace irene::python {

/// The line of a tree, whether it was predicted or not.
class Line {
  public:
    explicit Line(std::string text) { run_.line = std::move(text); }
    explicit Line(PredictedRun&& run) : run_(std::move(run)) {}

    const std::string& text() const { return run_.line; }
    /// Of the root; the line is read at the first call, unless the run was just predicted.
    const PredictedRun& run();
    /// A tuple for each node, in preorder, see _irene.pyi.
    pybind11::list nodes() const;

  private:
    PredictedRun run_;
};

void add_runs(pybind11::module_& module);

}  // namespace irene::python
