#pragma once

#include <pybind11/pybind11.h>

namespace irene::python {

/// crossvalidate(), evaluate(), summarize(), visualize(): documents of JSON, or files.
void add_reports(pybind11::module_& module);

}  // namespace irene::python
