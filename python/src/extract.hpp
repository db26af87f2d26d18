#pragma once

#include <pybind11/pybind11.h>

namespace irene::python {

/// extract(), extract_runs() and known_architectures().
void add_extraction(pybind11::module_& module);

}  // namespace irene::python
