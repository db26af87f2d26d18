// The module irene._irene: what the package irene is made of. python/irene/_irene.pyi tells its functions.
#include <pybind11/pybind11.h>

#include "irene/version.hpp"

#include "extract.hpp"
#include "models.hpp"
#include "reports.hpp"
#include "runs.hpp"
#include "stream.hpp"
#include "work.hpp"

PYBIND11_MODULE(_irene, module) {
    module.doc() = "What the package irene is made of; its functions are not for use from outside.";
    module.attr("__version__") = std::string(irene::version());
    irene::python::register_errors();
    irene::python::add_runs(module);
    irene::python::add_extraction(module);
    irene::python::add_models(module);
    irene::python::add_stream(module);
    irene::python::add_reports(module);
}
