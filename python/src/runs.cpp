#include "runs.hpp"

#include <cmath>
#include <cstdint>
#include <utility>
#include <variant>

#include "irene/dataset.hpp"

#include "work.hpp"

namespace py = pybind11;

namespace irene::python {

namespace {

constexpr const char* kSource = "tree";  // what messages call a line

py::object number_or_none(double number) {
    return is_absent(number) ? py::object(py::none()) : py::float_(number);
}

/// Counts are whole in trees that were extracted; others are rounded.
py::object whole_or_none(double number, double unit) {
    if (is_absent(number)) return py::none();
    return py::reinterpret_steal<py::object>(PyLong_FromDouble(std::round(number * unit)));
}

py::object object_of(const RunValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return py::str(*text);
    return py::int_(std::get<std::int64_t>(value));
}

/// What each node spends without its children, absent() where it or one of them has no prediction.
std::vector<double> self_joules(const Tree& tree) {
    std::vector<double> self;
    self.reserve(tree.nodes().size());
    for (const Node& node : tree.nodes()) {
        self.push_back(node.predicted_energy);
        if (node.parent >= 0) self[static_cast<std::size_t>(node.parent)] -= node.predicted_energy;
    }
    return self;
}

py::tuple tuple_of(const Tree& tree, std::size_t index, double self) {
    constexpr double kMega = 1e6, kMebi = 1024.0 * 1024.0;
    const Node& node = tree.nodes()[index];
    const auto feature = [&node](Feature which) { return node.features[static_cast<std::size_t>(which)]; };
    const double whole = tree.nodes()[0].predicted_energy;
    return py::make_tuple(
        py::str(std::string(tree.scope(index))), std::string(name(node.type)),
        py::str(std::string(tree.instance_type(index))), node.parent, number_or_none(node.predicted_energy),
        number_or_none(self), number_or_none(whole > 0.0 ? node.predicted_energy / whole : absent()),
        number_or_none(node.predicted_low), number_or_none(node.predicted_high),
        number_or_none(node.predicted_parts.arithmetic_joules),
        number_or_none(node.predicted_parts.memory_joules),
        number_or_none(node.predicted_parts.static_joules), number_or_none(node.predicted_seconds),
        whole_or_none(feature(Feature::flops), kMega), whole_or_none(feature(Feature::mem_bytes), kMebi),
        number_or_none(node.measured_energy), py::str(std::string(tree.id(index))));
}

py::object text_of(const std::string& line) {
    PyObject* const text = PyUnicode_DecodeUTF8(line.data(), static_cast<Py_ssize_t>(line.size()), nullptr);
    if (text != nullptr) return py::reinterpret_steal<py::object>(text);
    PyErr_Clear();
    throw Error(ErrorKind::data, "invalid UTF-8", {.file = kSource});
}

}  // namespace

const PredictedRun& Line::run() {
    if (!run_.keys.empty()) return run_;
    const Tree tree = parse_tree(run_.line, kSource);
    for (const RunKey key : run_keys()) run_.keys.push_back(tree.run(key));
    const Node& root = tree.nodes()[0];
    run_.joules = root.predicted_energy;
    run_.low = root.predicted_low;
    run_.high = root.predicted_high;
    run_.seconds = root.predicted_seconds;
    return run_;
}

py::list Line::nodes() const {
    const Tree tree = parse_tree(run_.line, kSource);
    const std::vector<double> self = self_joules(tree);
    py::list nodes;
    for (std::size_t i = 0; i < self.size(); ++i) nodes.append(tuple_of(tree, i, self[i]));
    return nodes;
}

void add_runs(py::module_& module) {
    py::class_<Line>(module, "Line")
        .def(py::init<std::string>())
        .def_property_readonly("text", [](const Line& line) { return text_of(line.text()); })
        .def_property_readonly("bytes", [](const Line& line) { return py::bytes(line.text()); })
        .def("key", [](Line& line, std::size_t key) { return object_of(line.run().keys.at(key)); })
        .def_property_readonly("joules", [](Line& line) { return number_or_none(line.run().joules); })
        .def_property_readonly("low", [](Line& line) { return number_or_none(line.run().low); })
        .def_property_readonly("high", [](Line& line) { return number_or_none(line.run().high); })
        .def_property_readonly("seconds", [](Line& line) { return number_or_none(line.run().seconds); })
        .def_property_readonly(
            "measured",
            [](const Line& line) {
                return number_or_none(parse_tree(line.text(), kSource).nodes()[0].measured_energy);
            })
        .def("nodes", &Line::nodes);
    py::list keys;
    for (const RunKey key : run_keys()) keys.append(std::string(name(key)));
    module.attr("RUN_KEYS") = py::tuple(keys);
}

}  // namespace irene::python
