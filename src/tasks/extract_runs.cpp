// Trees of runs that stand in a table, with what was measured of them.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "irene/architectures.hpp"
#include "irene/error.hpp"
#include "irene/same_file.hpp"

#include "base/csv.hpp"
#include "base/files.hpp"
#include "base/tell.hpp"
#include "data/run_keys.hpp"

namespace irene {

namespace {

namespace fs = std::filesystem;

enum Column : std::size_t {
    config,
    batch_size,
    seq_len,
    model_name,
    new_tokens,
    dtype,
    attention,
    gpus,
    joules,
    seconds,
    kNumColumns
};
constexpr std::array<std::string_view, kNumColumns> kColumns{
    "config", "batch_size", "seq_len", "model_name", "new_tokens",
    "dtype",  "attention",  "gpus",    "joules",     "seconds"};

std::string all_columns() {
    std::string words;
    for (const std::string_view column : kColumns) (words += words.empty() ? "" : ", ") += column;
    return words;
}

/// The table, whose cells are asked for by column.
class RunTable {
  public:
    RunTable(const fs::path& path, const RunsOptions& options)
        : name_(base::display_name(path)),
          rows_(base::parse_csv(base::read_document(path, ErrorKind::data, options.defaults.stop), name_)) {
        if (rows_.empty())
            throw Error(ErrorKind::data, "is empty: expected the columns " + all_columns(), {.file = name_});
        std::vector<std::string> unknown;
        const std::vector<std::string>& names = rows_.front().cells;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto* column = std::find(kColumns.begin(), kColumns.end(), names[i]);
            if (column == kColumns.end()) {
                unknown.push_back(names[i]);
                continue;
            }
            std::optional<std::size_t>& place =
                place_of_[static_cast<std::size_t>(column - kColumns.begin())];
            if (place)
                throw Error(ErrorKind::data, "stands twice",
                            {.file = name_, .line = rows_.front().line, .field = names[i]});
            place = i;
        }
        for (const std::size_t needed : {config, batch_size, seq_len}) {
            if (!place_of_[needed]) {
                throw Error(
                    ErrorKind::data, "the column is missing",
                    {.file = name_, .line = rows_.front().line, .field = std::string(kColumns[needed])});
            }
        }
        if (unknown.empty()) return;
        std::string words;
        for (const std::string& column : unknown) words += (words.empty() ? "" : ", ") + in_quotes(column);
        base::tell(options.warn, name_ + ": ignoring the columns " + words + "; known are " + all_columns());
    }

    std::size_t num_runs() const { return rows_.size() - 1; }
    const std::string& name() const { return name_; }
    std::size_t line(std::size_t run) const { return rows_[run + 1].line; }

    /// Empty where the row has none.
    std::string cell(std::size_t run, Column column) const {
        return place_of_[column] ? rows_[run + 1].cells[*place_of_[column]] : std::string();
    }
    [[noreturn]] void refuse(std::size_t run, Column column, const std::string& message) const {
        throw Error(ErrorKind::data, message,
                    {.file = name_, .line = line(run), .field = std::string(kColumns[column])});
    }

    /// A value of the run's key of that name.
    std::optional<RunValue> value(std::size_t run, Column column) const {
        const std::string text = cell(run, column);
        if (text.empty()) return std::nullopt;
        const data::RunKeyRow& key =
            data::kRunKeys[static_cast<std::size_t>(run_key_from_name(kColumns[column]).value())];
        std::optional<RunValue> value = data::parse_run_value(key, text);
        if (!value)
            refuse(run, column, "expected " + data::expected_count(key) + ", found " + in_quotes(text));
        if (const std::string wrong = data::wrong_run_value(key, *value); !wrong.empty())
            refuse(run, column, wrong);
        return value;
    }

    std::optional<double> amount(std::size_t run, Column column) const {
        const std::string text = cell(run, column);
        if (text.empty()) return std::nullopt;
        double number = -1.0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end != text.data() + text.size() || !(number >= 0.0) || number > 1e300)
            refuse(run, column, "expected a number that is not negative, found " + in_quotes(text));
        return number;
    }

  private:
    std::string name_;
    std::vector<base::CsvRow> rows_;
    std::array<std::optional<std::size_t>, kNumColumns> place_of_;
};

/// Finds the configs of the rows, and reads each once.
class Configs {
  public:
    Configs(const fs::path& table, const RunsOptions& options)
        : folder_(table.parent_path()), options_(options) {}

    const Transformer& transformer(const RunTable& table, std::size_t run) {
        const std::string wanted = table.cell(run, config);
        if (wanted.empty()) table.refuse(run, config, "is empty");
        std::string name = table.cell(run, model_name);
        if (name.empty()) name = wanted;
        const auto found = transformers_.find({wanted, name});
        if (found != transformers_.end()) return found->second;
        const fs::path path = find(table, run, wanted);
        paths_.push_back(path);
        // Each config warns once, whatever its rows call it.
        const bool is_new = told_.insert({wanted, true}).second;
        const TransformerOptions options{.model_name = name,
                                         .stop = options_.defaults.stop,
                                         .warn = is_new ? options_.warn : Warn(),
                                         .counting = options_.defaults.counting};
        return transformers_.emplace(std::pair{wanted, name}, load_transformer(path, options)).first->second;
    }

    /// The files that were read.
    const std::vector<fs::path>& paths() const { return paths_; }

  private:
    fs::path find(const RunTable& table, std::size_t run, const std::string& wanted) const {
        std::vector<fs::path> folders{folder_};
        folders.insert(folders.end(), options_.config_folders.begin(), options_.config_folders.end());
        for (const fs::path& folder : folders) {
            for (const fs::path& path : {folder / wanted, folder / (wanted + ".json")}) {
                std::error_code ignored;
                if (fs::is_regular_file(path, ignored)) return path;
            }
        }
        std::string places;
        for (const fs::path& folder : folders)
            places += (places.empty() ? "" : ", ") + in_quotes(folder.empty() ? "." : folder.string());
        table.refuse(run, config, "no file " + in_quotes(wanted) + ", with or without .json, in " + places);
    }

    fs::path folder_;
    const RunsOptions& options_;
    std::map<std::pair<std::string, std::string>, Transformer> transformers_;
    std::map<std::string, bool> told_;
    std::vector<fs::path> paths_;
};

Run run_of(const RunTable& table, std::size_t row, const ExtractOptions& defaults) {
    Run run{.counting = defaults.counting,
            .new_tokens = defaults.new_tokens.empty() ? 0 : defaults.new_tokens.front(),
            .dtype = defaults.dtype,
            .attention = defaults.attention,
            .gpus = defaults.gpus};
    const auto count = [&](Column column, std::int64_t& number) {
        if (const auto value = table.value(row, column)) number = std::get<std::int64_t>(*value);
    };
    for (const Column needed : {batch_size, seq_len}) {
        if (table.cell(row, needed).empty()) table.refuse(row, needed, "is empty");
    }
    count(batch_size, run.batch_size);
    count(seq_len, run.seq_len);
    count(new_tokens, run.new_tokens);
    count(gpus, run.gpus);
    if (const auto value = table.value(row, dtype))
        run.dtype = dtype_from_name(std::get<std::string>(*value));
    if (const auto value = table.value(row, attention))
        run.attention = attention_from_name(std::get<std::string>(*value)).value_or(run.attention);
    return run;
}

/// All rows of a table, each of which was read and has its config: what can be refused before the first tree
/// is made is.
class TableRuns {
  public:
    TableRuns(const fs::path& path, const RunsOptions& options)
        : options_(options), table_(path, options), configs_(path, options) {
        for (std::size_t row = 0; row < table_.num_runs(); ++row) {
            runs_.push_back({run_of(table_, row, options.defaults),
                             {.joules = table_.amount(row, joules),
                              .seconds = table_.amount(row, seconds),
                              .id = "row=" + std::to_string(row + 1)}});
        }
        for (std::size_t row = 0; row < runs_.size(); ++row) (void)configs_.transformer(table_, row);
    }

    /// The configs that were read.
    const std::vector<fs::path>& config_files() const { return configs_.paths(); }

    std::size_t visit(const VisitLine& visit) {
        for (std::size_t row = 0; row < runs_.size(); ++row) {
            base::check(options_.defaults.stop);
            const Transformer& transformer = configs_.transformer(table_, row);
            const auto& [run, measured] = runs_[row];
            std::string line;
            try {
                line = to_json(transformer, run, measured);
            } catch (const Error& error) {
                // What the config cannot do is wrong with the row.
                throw Error(error.kind(), error.what(), {.file = table_.name(), .line = table_.line(row)});
            }
            visit(std::move(line));
        }
        return runs_.size();
    }

  private:
    const RunsOptions& options_;
    RunTable table_;
    Configs configs_;
    std::vector<std::pair<Run, Measured>> runs_;
};

}  // namespace

std::size_t extract_runs(const fs::path& table, const fs::path& output, const RunsOptions& options) {
    TableRuns runs(table, options);
    refuse_outputs_that_are_inputs(runs.config_files(), {output});
    base::OutputFile file(output);
    const std::size_t num_trees = runs.visit([&file](std::string&& line) { file.write(line += '\n'); });
    file.commit();
    return num_trees;
}

std::size_t extract_run_lines(const fs::path& table, const VisitLine& visit, const RunsOptions& options) {
    return TableRuns(table, options).visit(visit);
}

}  // namespace irene
