// irene-visualize: predicted trees as one offline page, or for flame graph tools and spreadsheets.
#include <optional>
#include <string>
#include <vector>

#include "irene/visualize.hpp"

#include "command_line.hpp"
#include "page.hpp"

int main(int argc, char** argv) {
    irene::apps::Tool tool(
        "irene-visualize",
        "Write predicted trees as one page that opens from disk and loads nothing from the network.",
        {"irene-visualize predictions.jsonl report.html",
         "irene-visualize predictions.jsonl report.html --compare other.jsonl --title 'Two devices'",
         std::string("irene-visualize predictions.jsonl report.html ") +
             "--only model_name=gpt2,distilgpt2 --only batch_size=8",
         "irene-visualize --format speedscope predictions.jsonl profile.speedscope.json",
         std::string("irene-visualize --format folded predictions.jsonl - | ") +
             "flamegraph.pl --countname microjoules > f.svg"});
    std::string input, output, compare, title, format = "html";
    std::vector<std::string> conditions;
    std::optional<std::size_t> sample;
    tool.add_required("predictions", irene::apps::file_value(),
                      "What irene-predict wrote; '-' is standard input", input);
    tool.add_required("report", irene::apps::file_value(), "Where the page goes; '-' is standard output",
                      output);
    tool.add_text("--compare", irene::apps::file_value(), "Other predictions, to be compared on the page",
                  compare);
    tool.add_text("--title", {.placeholder = "T"}, "Title of the page. Default: named after the file", title);
    tool.add_text("--format", {.placeholder = "FORMAT", .choices = {"html", "speedscope", "folded", "csv"}},
                  "html; speedscope: JSON for speedscope.app; folded: stacks for flame graph tools; csv. "
                  "Default: html",
                  format);
    tool.add_list("--only", {.placeholder = "KEY=VALUE[,VALUE]"},
                  "Take only runs whose " + irene::run_keys_in_words() + " is one of these; may be repeated",
                  conditions);
    tool.add_whole_number("--sample", 1, 1000000, "Take only this many runs of a file, evenly spaced",
                          [&sample](std::uint64_t value) { sample = static_cast<std::size_t>(value); });
    tool.add_max_line_bytes();

    return tool.run(argc, argv, [&] {
        irene::VisualizeOptions options{.compare = compare,
                                        .title = title,
                                        .sample = sample,
                                        .page_template = irene::apps::page_template(),
                                        .max_line_bytes = tool.max_line_bytes(),
                                        .stop = irene::apps::Tool::stop_flag()};
        const auto known = irene::view_format_from_name(format);
        if (!known) {
            throw irene::Error(irene::ErrorKind::usage, "--format: expected " + irene::view_format_choices() +
                                                            ", found " + irene::in_quotes(format));
        }
        options.format = *known;
        for (const std::string& condition : conditions) irene::add_condition(options.only, condition);
        const irene::VisualizeSummary summary = irene::visualize_file(input, output, options);
        if (summary.num_runs == 0)
            irene::apps::Tool::warn(fmt::format("{} holds no tree; nothing but a header is written",
                                                irene::apps::input_name(input)));
        irene::apps::Tool::debug(
            fmt::format("wrote {} runs with {} nodes", summary.num_runs, summary.num_nodes));
        const bool shows_stacks =
            options.format == irene::ViewFormat::speedscope || options.format == irene::ViewFormat::folded;
        if (shows_stacks && summary.num_negative_self > 0) {
            irene::apps::Tool::warn(fmt::format(
                "{} of {} nodes are predicted to spend less than their children together; stacks cannot show "
                "that, so their parents look larger",
                summary.num_negative_self, summary.num_nodes));
        }
        if (summary.num_too_small > 0) {
            irene::apps::Tool::warn(fmt::format(
                "{} stacks are left out, {:.3g} % of the energy: each is below half a microjoule, and the "
                "format "
                "has whole microjoules; --format speedscope or csv shows them",
                summary.num_too_small, 100.0 * summary.share_too_small));
        }
        return irene::apps::kDone;
    });
}
