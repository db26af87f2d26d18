// Models: loaded, trained, calibrated, kept and explained.
#include "models.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "irene/config.hpp"
#include "irene/device.hpp"
#include "irene/model.hpp"
#include "irene/same_file.hpp"
#include "irene/shipped.hpp"
#include "irene/table.hpp"
#include "irene/tasks.hpp"

#include "data.hpp"
#include "settings.hpp"
#include "work.hpp"

namespace py = pybind11;

namespace irene::python {

namespace {

/// Where a model lies, by path or name.
Model load(const std::string& argument, const ShippedFolders& shipped, const Warn& warn) {
    return load_model(model_directory(argument, shipped), warn);
}

ReadOptions read_options(unsigned threads, std::size_t max_line_bytes, bool may_be_empty, StopFlag stop) {
    return {.threads = threads,
            .keep_text = false,
            .may_be_empty = may_be_empty,
            .max_line_bytes = max_line_bytes,
            .stop = stop};
}

PredictSummary predict_to_file(const Model& model, const std::filesystem::path& input,
                               const std::filesystem::path& output, const PredictOptions& options) {
    PredictSummary summary = predict_file(model, input, output, options);
    for (const std::string& words : to_words(summary.notices)) options.warn(words);
    return summary;
}

void add_class(py::module_& module) {
    py::class_<Model>(module, "Model")
        .def_property_readonly("name",
                               [](const Model& model) {
                                   // Of a folder, whose name need be no text.
                                   const std::string& name = model.name();
                                   return py::reinterpret_steal<py::object>(PyUnicode_DecodeFSDefaultAndSize(
                                       name.data(), static_cast<Py_ssize_t>(name.size())));
                               })
        .def_property_readonly("seed", &Model::seed)
        .def_property_readonly("num_trees", &Model::num_trees)
        .def_property_readonly("num_nodes", &Model::num_nodes)
        .def("config", [](const Model& model) { return to_json(model.config()); })
        .def("explain", [](const Model& model) { return explain(model); })
        .def("explain_json", [](const Model& model) { return explain_json(model); })
        .def("save",
             [](const Model& model, const std::filesystem::path& directory) {
                 call([&](StopFlag, const Warn&) { save_model(model, directory); });
             })
        .def("documents",
             [](const Model& model) {
                 const ModelDocuments documents = to_documents(model);
                 return py::make_tuple(documents.config, documents.model);
             })
        .def("predict_file",
             [](const Model& model, const std::filesystem::path& input, const std::filesystem::path& output,
                std::optional<double> interval, unsigned threads, bool skip_bad_lines, bool plain,
                std::size_t max_line_bytes) {
                 const PredictSummary summary = call([&](StopFlag stop, const Warn& warn) {
                     return predict_to_file(model, input, output,
                                            {.threads = threads,
                                             .skip_bad_lines = skip_bad_lines,
                                             .interval = interval,
                                             .plain = plain,
                                             .warn = warn,
                                             .max_line_bytes = max_line_bytes,
                                             .stop = stop});
                 });
                 return py::make_tuple(summary.num_trees, summary.num_bad_lines);
             });
}

}  // namespace

void add_models(py::module_& module) {
    add_class(module);
    py::class_<DeviceSource>(module, "DeviceSource")
        .def(py::init<std::optional<std::string>, std::optional<std::string>>());
    py::class_<Settings>(module, "Settings")
        .def(py::init<std::optional<std::string>, std::optional<std::string>, DeviceSource>());
    module.def("load_model", [](const std::string& argument, const ShippedFolders& shipped) {
        return call([&](StopFlag, const Warn& warn) { return load(argument, shipped, warn); });
    });
    module.def("model_from_documents",
               [](const std::string& config, const std::string& model, const std::string& name) {
                   return call([&](StopFlag, const Warn& warn) {
                       return from_documents({.config = config, .model = model}, name, warn);
                   });
               });
    module.def("list_models", [](const ShippedFolders& shipped) {
        return call([&](StopFlag, const Warn& warn) {
            return to_text(list_of_trained_models(shipped, warn), TableFormat::json);
        });
    });
    module.def("device_names", [](const ShippedFolders& shipped) {
        std::vector<std::string> names;
        for (const std::filesystem::path& folder : device_folders(shipped)) names = device_names(folder);
        return names;
    });
    module.def("train", [](const Data& data, const Settings& settings, std::uint32_t seed, unsigned threads,
                           std::size_t max_line_bytes, const ShippedFolders& shipped) {
        return call([&](StopFlag stop, const Warn& warn) {
            const Config config = config_of(settings, shipped, warn, stop);
            const Dataset dataset = read(data, read_options(threads, max_line_bytes, false, stop));
            return train(dataset, config, {.seed = seed, .stop = stop, .warn = warn});
        });
    });
    module.def("calibrate", [](const Model& known, const Data& data, const DeviceSource& device,
                               unsigned threads, std::size_t max_line_bytes, const ShippedFolders& shipped) {
        return call([&](StopFlag stop, const Warn& warn) {
            CalibrateOptions options{.stop = stop, .warn = warn};
            options.device = device_of(device, shipped, stop);
            const Dataset dataset =
                read(data, read_options(threads, max_line_bytes, options.device.has_value(), stop));
            return calibrate(known, dataset, options);
        });
    });
}

}  // namespace irene::python
