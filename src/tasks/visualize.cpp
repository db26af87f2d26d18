#include "irene/visualize.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "irene/same_file.hpp"

#include "base/files.hpp"
#include "base/name_table.hpp"
#include "data/line_blocks.hpp"
#include "data/run_keys.hpp"
#include "data/tree_reader.hpp"
#include "tasks/forest.hpp"
#include "tasks/view_formats.hpp"

namespace irene {

namespace {

constexpr base::NameTable<ViewFormat, 4> kViewFormats{{{ViewFormat::html, "html"},
                                                       {ViewFormat::speedscope, "speedscope"},
                                                       {ViewFormat::folded, "folded"},
                                                       {ViewFormat::csv, "csv"}}};

/// Reads the runs of a file that the options accept.
void read_runs(const std::filesystem::path& path, std::uint32_t file, const VisualizeOptions& options,
               tasks::ForestBuilder& builder) {
    data::LineBlocks blocks(path, options.stop, options.max_line_bytes);
    data::TreeReader reader(blocks.name());
    data::LineBlock block;
    data::TreeLine line;
    std::size_t num_trees = 0, num_accepted = 0;
    const bool is_limited = options.format == ViewFormat::html && !options.sample;
    while (blocks.next(block)) {
        data::for_each_line(block, [&](std::string_view text, std::size_t number, std::size_t) {
            reader.read(text, number, line);
            ++num_trees;
            if (!options.only.accepts(line.tree)) return;
            // Said before the rest is read, so that an answer to a huge file comes at once.
            if (++num_accepted > kMaxPageRuns && is_limited) {
                throw Error(ErrorKind::data,
                            "holds more than " + std::to_string(kMaxPageRuns) +
                                " runs, too many for a page; choose some with --only, e.g. --only "
                                "batch_size=8, or with --sample, e.g. --sample 200",
                            {.file = blocks.name()});
            }
            builder.add(line, file, blocks.name());
        });
    }
    // No runs are no lines of stacks or CSV. A page and a profile need a run to show.
    const bool passes_nothing = options.format == ViewFormat::folded || options.format == ViewFormat::csv;
    if (num_trees == 0 && !passes_nothing)
        throw Error(ErrorKind::data, "holds no tree", {.file = blocks.name()});
    if (num_trees > 0 && num_accepted == 0 && file == 0)
        throw Error(ErrorKind::data, "no run is left: none has the values of --only",
                    {.file = blocks.name()});
}

/// `count` of `runs`, evenly spaced from the first to the last.
std::vector<tasks::Run> evenly(const std::vector<tasks::Run>& runs, std::size_t count) {
    if (runs.size() <= count) return runs;
    std::vector<tasks::Run> chosen;
    for (std::size_t i = 0; i < count; ++i) {
        chosen.push_back(runs[count == 1 ? 0 : i * (runs.size() - 1) / (count - 1)]);
    }
    return chosen;
}

void check_template(std::string_view page) {
    for (const std::string_view mark : {kPageTitle, kPageData}) {
        const std::size_t at = page.find(mark);
        if (at == std::string_view::npos || page.find(mark, at + 1) != std::string_view::npos)
            throw Error(ErrorKind::usage, "the page's template must hold " + std::string(mark) + " once");
    }
    if (page.find(kPageTitle) > page.find(kPageData))
        throw Error(ErrorKind::usage, "the page's template must hold its title before its data");
}

/// The template, which has been checked, with its marks replaced. They are looked for in the template alone:
/// the title may be one.
std::string fill_template(std::string_view page, std::string_view title, std::string_view data) {
    const std::size_t title_at = page.find(kPageTitle);
    const std::size_t data_at = page.find(kPageData);
    std::string filled;
    filled.reserve(page.size() + title.size() + data.size());
    filled += page.substr(0, title_at);
    filled += title;
    filled += page.substr(title_at + kPageTitle.size(), data_at - title_at - kPageTitle.size());
    filled += data;
    filled += page.substr(data_at + kPageData.size());
    return filled;
}

std::string base_name(const std::filesystem::path& path) {
    return path == "-" ? base::display_name(path) : path.filename().string();
}

}  // namespace

std::string_view name(ViewFormat format) noexcept { return base::name_in(kViewFormats, format); }

std::string view_format_choices() { return base::choices(kViewFormats); }

std::optional<ViewFormat> view_format_from_name(std::string_view spelling) noexcept {
    return base::find_in(kViewFormats, spelling);
}

bool RunFilter::accepts(const Tree& tree) const {
    return std::all_of(conditions.begin(), conditions.end(), [&tree](const auto& condition) {
        const auto& [key, values] = condition;
        return std::find(values.begin(), values.end(), tree.run(key)) != values.end();
    });
}

void add_condition(RunFilter& filter, std::string_view condition) {
    RunFilter with = filter;
    const std::size_t equals = condition.find('=');
    const auto key = run_key_from_name(condition.substr(0, equals));
    if (equals == std::string_view::npos || !key) {
        throw Error(ErrorKind::usage,
                    "expected " + run_keys_in_words("=...") + ", found " + in_quotes(condition));
    }
    const data::RunKeyRow& row = data::kRunKeys[static_cast<std::size_t>(*key)];
    std::vector<RunValue> values;
    for (std::size_t begin = equals + 1; begin <= condition.size();) {
        const std::size_t end = std::min(condition.find(',', begin), condition.size());
        const std::string_view text = condition.substr(begin, end - begin);
        if (text.empty())
            throw Error(ErrorKind::usage, "a value is missing in the condition " + in_quotes(condition));
        const std::optional<RunValue> value = data::parse_run_value(row, text);
        if (!value) {
            throw Error(ErrorKind::usage, "expected whole numbers from " + std::to_string(row.least) +
                                              " in the condition " + in_quotes(condition));
        }
        values.push_back(*value);
        begin = end + 1;
    }
    std::vector<RunValue>& known = filter.conditions[*key];
    known.insert(known.end(), values.begin(), values.end());
}

VisualizeSummary visualize_file(const std::filesystem::path& predictions, const std::filesystem::path& output,
                                const VisualizeOptions& options) {
    if (name(options.format).empty()) {
        throw Error(ErrorKind::usage, "the format is none that is known; there are " + view_format_choices());
    }
    const bool compares = !options.compare.empty();
    if (compares && options.format != ViewFormat::html) {
        throw Error(ErrorKind::usage, "a second file to compare needs the format 'html', not " +
                                          in_quotes(name(options.format)));
    }
    if (predictions == "-" && options.compare == "-") {
        throw Error(ErrorKind::usage, "standard input can be only one of the two files");
    }
    std::vector<std::filesystem::path> inputs{predictions};
    if (compares) inputs.push_back(options.compare);
    refuse_outputs_that_are_inputs(inputs, {output});
    if (options.sample && *options.sample == 0) throw Error(ErrorKind::usage, "a sample of 0 runs is none");
    if (options.format == ViewFormat::html && options.sample && *options.sample > kMaxPageRuns) {
        throw Error(ErrorKind::usage,
                    "a page takes a sample of at most " + std::to_string(kMaxPageRuns) + " runs");
    }

    if (options.format == ViewFormat::html) check_template(options.page_template);

    tasks::ForestBuilder builder;
    std::vector<std::string> files{base_name(predictions)};
    read_runs(predictions, 0, options, builder);
    const std::size_t num_first = builder.forest().runs.size();
    if (compares) {
        files.push_back(base_name(options.compare));
        if (files[0] == files[1]) files = {predictions.string(), options.compare.string()};
        read_runs(options.compare, 1, options, builder);
    }
    std::vector<tasks::Run> runs = builder.forest().runs;
    if (options.sample) {
        const auto middle = runs.begin() + static_cast<std::ptrdiff_t>(num_first);
        std::vector<tasks::Run> second = evenly({middle, runs.end()}, *options.sample);
        runs = evenly({runs.begin(), middle}, *options.sample);
        runs.insert(runs.end(), second.begin(), second.end());
    }
    const tasks::Forest forest = builder.take(runs);
    base::check(options.stop);

    VisualizeSummary summary;
    summary.num_runs = runs.size();
    for (const tasks::Run& run : runs) summary.num_nodes += run.num_nodes;
    summary.num_negative_self = tasks::count_negative_self(forest);

    const std::string title = !options.title.empty() ? options.title : "Energy of " + files[0];
    base::OutputFile file(output);
    const tasks::Sink sink = [&](std::string_view text) {
        base::check(options.stop);
        file.write(text);
    };
    switch (options.format) {
        case ViewFormat::html:
            sink(fill_template(options.page_template, tasks::escape_html(title),
                               tasks::page_data(forest, title, files)));
            break;
        case ViewFormat::speedscope:
            tasks::write_speedscope(forest, title, sink);
            break;
        case ViewFormat::folded: {
            const tasks::LeftOut left_out = tasks::write_folded(forest, sink);
            summary.num_too_small = left_out.num_stacks;
            summary.share_too_small = left_out.share;
            break;
        }
        case ViewFormat::csv:
            tasks::write_csv(forest, sink);
            break;
    }
    file.commit();
    return summary;
}

}  // namespace irene
