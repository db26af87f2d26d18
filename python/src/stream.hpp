#pragma once

#include <pybind11/pybind11.h>

namespace irene::python {

/// The class Stream: runs that a model predicts, one after the other.
void add_stream(pybind11::module_& module);

}  // namespace irene::python
