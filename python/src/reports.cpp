// What the commands print and draw.
#include "reports.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "irene/error.hpp"
#include "irene/run_keys.hpp"
#include "irene/same_file.hpp"
#include "irene/summarize.hpp"
#include "irene/tasks.hpp"
#include "irene/visualize.hpp"

#include "arguments.hpp"
#include "data.hpp"
#include "report_page.hpp"
#include "settings.hpp"
#include "work.hpp"

namespace py = pybind11;

namespace irene::python {

namespace {

namespace fs = std::filesystem;

std::string in_words(const std::vector<std::string>& names) {
    std::string words;
    for (const std::string& name : names) (words += words.empty() ? "" : ", ") += name;
    return words;
}

std::string crossvalidate_to_json(const Data& data, const fs::path& directory, const Config& config,
                                  const std::string& group_by, const ReadOptions& reading,
                                  CrossvalidateOptions options) {
    options.group_by = run_key_from_name(group_by);
    if (!options.group_by) options.groups = load_model_groups(group_by, options.stop);
    refuse_outputs_that_are_inputs(files_of(data), crossvalidation_files(directory));
    return to_json(crossvalidate(read(data, reading), config, directory, options));
}

void tell_of_stacks(const VisualizeSummary& summary, const VisualizeOptions& options, const Warn& warn) {
    const bool shows_stacks =
        options.format == ViewFormat::speedscope || options.format == ViewFormat::folded;
    if (shows_stacks && summary.num_negative_self > 0) {
        warn(std::to_string(summary.num_negative_self) + " of " + std::to_string(summary.num_nodes) +
             " nodes are predicted to spend less than their children together; stacks cannot show that, so "
             "their parents look larger");
    }
    if (summary.num_too_small > 0) {
        warn(
            std::to_string(summary.num_too_small) +
            " stacks are left out, as each is below half a microjoule, and the format has whole microjoules");
    }
}

}  // namespace

void add_reports(py::module_& module) {
    module.def(
        "crossvalidate", [](const Data& data, const fs::path& directory, const Settings& settings,
                            const std::string& group_by, double interval, std::uint32_t seed,
                            unsigned threads, std::size_t max_line_bytes, const ShippedFolders& shipped) {
            return call([&](StopFlag stop, const Warn& warn) {
                return crossvalidate_to_json(
                    data, directory, config_of(settings, shipped, warn, stop), group_by,
                    {.threads = threads, .max_line_bytes = max_line_bytes, .stop = stop},
                    {.seed = seed, .threads = threads, .interval = interval, .stop = stop, .warn = warn});
            });
        });
    module.def("evaluate", [](const fs::path& gold, const fs::path& predictions,
                              const std::vector<std::string>& node_types, bool strict, unsigned threads,
                              std::size_t max_line_bytes) {
        const Evaluation evaluation = call([&](StopFlag stop, const Warn&) {
            EvaluateOptions options{.node_types = {},
                                    .strict = strict,
                                    .threads = threads,
                                    .max_line_bytes = max_line_bytes,
                                    .stop = stop};
            for (const std::string& type : node_types)
                options.node_types.push_back(
                    known(node_type_from_name(type), "node_types", type, "ml, module or model"));
            return evaluate_files(gold, predictions, options);
        });
        return py::make_tuple(to_json(evaluation), evaluation.num_missing_predictions,
                              evaluation.num_without_measurement, evaluation.num_unknown_predictions,
                              evaluation.seconds.num_missing);
    });
    module.def("summarize",
               [](const fs::path& predictions, const std::vector<std::string>& by, const std::string& unit,
                  std::size_t top, bool measured, bool each_layer, std::size_t max_line_bytes) {
                   const Table table = call([&](StopFlag stop, const Warn&) {
                       SummaryOptions options{.top = top,
                                              .measured = measured,
                                              .fold_layers = !each_layer,
                                              .max_line_bytes = max_line_bytes,
                                              .stop = stop};
                       for (const std::string& key : by)
                           options.by.push_back(known(summary_key_from_name(key), "by", key,
                                                      "one of " + in_words(summary_key_names())));
                       options.unit = known(energy_unit_from_name(unit), "unit", unit, "J, mJ, Wh or kWh");
                       return summarize(predictions, options);
                   });
                   return py::make_tuple(to_text(table, TableFormat::json), table.notes);
               });
    module.def("visualize", [](const fs::path& predictions, const fs::path& output, const std::string& format,
                               const std::optional<fs::path>& compare, const std::string& title,
                               const std::vector<std::string>& only, std::optional<std::size_t> sample,
                               std::size_t max_line_bytes) {
        const VisualizeSummary summary = call([&](StopFlag stop, const Warn& warn) {
            VisualizeOptions options{.compare = compare.value_or(fs::path()),
                                     .title = title,
                                     .sample = sample,
                                     .page_template = page_template(),
                                     .max_line_bytes = max_line_bytes,
                                     .stop = stop};
            options.format = known(view_format_from_name(format), "format", format, view_format_choices());
            if (options.format == ViewFormat::html && options.page_template.empty()) {
                throw Error(ErrorKind::usage,
                            "this build of the package has no page: its modules were not there; the other "
                            "formats are 'speedscope', 'folded' and 'csv'");
            }
            for (const std::string& condition : only) add_condition(options.only, condition);
            const VisualizeSummary written = visualize_file(predictions, output, options);
            tell_of_stacks(written, options, warn);
            return written;
        });
        return py::make_tuple(summary.num_runs, summary.num_nodes);
    });
    module.attr("HAS_PAGE") = !page_template().empty();
}

}  // namespace irene::python
