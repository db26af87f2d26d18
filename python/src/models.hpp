#pragma once

#include <pybind11/pybind11.h>

namespace irene::python {

/// The class Model, and what makes one: load_model(), train(), calibrate().
void add_models(pybind11::module_& module);

}  // namespace irene::python
