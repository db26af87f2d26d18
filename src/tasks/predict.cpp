#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "irene/error.hpp"
#include "irene/same_file.hpp"
#include "irene/tasks.hpp"

#include "base/files.hpp"
#include "base/parallel.hpp"
#include "base/tell.hpp"
#include "data/line_blocks.hpp"
#include "data/node_ids.hpp"
#include "data/read_trees.hpp"
#include "data/tree_access.hpp"
#include "data/tree_reader.hpp"
#include "models/predicted_line.hpp"

namespace irene {

namespace {

/// What is made of blocks: their text with what was predicted, or the runs in them.
enum class Form : unsigned char { text, runs };

/// What one block of lines became.
struct PredictedBlock {
    std::size_t sequence = 0;
    bool is_whole = false;  // else something in it was refused; the runs before that are there
    std::string text;
    std::vector<PredictedRun> runs;
    std::size_t num_trees = 0;
    std::vector<std::string> refusals;
};

void refuse_contradictions(const PredictOptions& options) {
    if (options.plain && options.interval) {
        throw Error(ErrorKind::usage, "plain predictions are predicted_energy alone, and have no intervals");
    }
}

/// Predicts block after block; for one thread.
class BlockPredictor {
  public:
    BlockPredictor(const Predictor& predictor, models::PredictedLines lines, std::string source,
                   const PredictOptions& options)
        : predictor_(predictor),
          lines_(std::move(lines)),
          reader_(source),
          source_(std::move(source)),
          options_(options) {}

    const PredictionNotices& notices() const { return predictor_.notices(); }

    void predict(const data::LineBlock& block, Form form, PredictedBlock& out) {
        out.is_whole = false;
        out.text.clear();
        out.runs.clear();
        out.refusals.clear();
        out.num_trees = 0;
        const std::string_view text = block.text();
        std::size_t copied = 0;  // bytes of the block that are done: in the output, or left out
        const auto copy_until = [&](std::size_t end) {
            if (form == Form::text) out.text += text.substr(copied, end - copied);
        };
        data::for_each_line(block, [&](std::string_view line, std::size_t number, std::size_t begin) {
            const std::size_t behind = begin + line.size();
            try {
                reader_.read(line, number, line_);
                data::refuse_repeated_ids(line_.tree, source_);
                const Prediction prediction = predictor_.predict(line_.tree, source_);
                copy_until(begin);
                if (form == Form::text) {
                    append(line, prediction, out.text);
                } else {
                    append_run(line, prediction, out.runs);
                }
                copied = behind;
                ++out.num_trees;
            } catch (const Error& error) {
                if (!options_.skip_bad_lines || error.kind() != ErrorKind::data) throw;
                out.refusals.emplace_back(error.what());
                copy_until(begin);
                copied = std::min(behind + 1, text.size());
            }
        });
        copy_until(text.size());
        out.is_whole = true;
    }

  private:
    void append(std::string_view line, const Prediction& prediction, std::string& out) {
        if (options_.plain) {
            models::PredictedLines::append_plain(line, line_.splices, prediction, out);
        } else {
            lines_.append(line, line_.splices, prediction, out);
        }
    }

    void append_run(std::string_view line, const Prediction& prediction, std::vector<PredictedRun>& runs) {
        PredictedRun& run = runs.emplace_back();
        // Room for most of what is added, as a line that grows is copied: a ninth of the time in Python.
        run.line.reserve(line.size() + line.size() / 4);
        append(line, prediction, run.line);
        run.keys = data::TreeAccess::run(line_.tree);
        run.joules = prediction.joules[0];
        if (options_.plain) return;
        if (!prediction.low.empty()) run.low = prediction.low[0];
        if (!prediction.high.empty()) run.high = prediction.high[0];
        if (!prediction.seconds.empty()) run.seconds = prediction.seconds[0];
    }

    Predictor predictor_;
    models::PredictedLines lines_;
    data::TreeReader reader_;
    std::string source_;
    const PredictOptions& options_;
    data::TreeLine line_;
};

/// Hands finished blocks on in file order; each worker does so with its own, still in its cache.
class InOrder {
  public:
    using Write = std::function<void(PredictedBlock& block)>;

    explicit InOrder(Write write) : write_(std::move(write)) {}

    /// Waits for the blocks before this one, which other workers hand on. Every sequence number, from 0, is
    /// to come.
    void hand_on(PredictedBlock& block) {
        std::unique_lock lock(mutex_);
        turn_.wait(lock, [&] { return block.sequence == next_; });
        lock.unlock();
        write_(block);  // next_ changes on this thread alone
        lock.lock();
        ++next_;
        turn_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable turn_;
    std::size_t next_ = 0;  // sequence number of the block to be written
    Write write_;
};

/// What each worker takes a copy of.
struct Tools {
    Predictor predictor;
    models::PredictedLines lines;

    Tools(const Model& model, const PredictOptions& options)
        : predictor(model, options.interval), lines(model, options.interval) {}

    void tell_warnings(const Warn& warn) const {
        for (const std::string& warning : predictor.warnings()) base::tell(warn, warning);
    }
};

/// Predicts all blocks, and hands each to `take`, in their order. Where one is refused, those before it are
/// handed on, and it is too, as far as it came.
PredictSummary predict_blocks(const Tools& tools, data::LineBlocks& blocks, Form form,
                              const PredictOptions& options, const InOrder::Write& take) {
    PredictSummary summary;
    base::OrderedErrors errors;
    InOrder in_order([&](PredictedBlock& block) {
        if (errors.any_before(block.sequence)) return;
        errors.guard(block.sequence, [&] {
            for (const std::string& refusal : block.refusals) base::tell(options.warn, "skipped: " + refusal);
            summary.num_bad_lines += block.refusals.size();
            summary.num_trees += block.num_trees;
            take(block);
        });
    });
    std::mutex mutex;
    base::run_workers(options.threads, [&](unsigned) {
        BlockPredictor worker(tools.predictor, tools.lines, blocks.name(), options);
        PredictedBlock predicted;
        data::for_each_block(blocks, errors, [&](const data::LineBlock& block) {
            predicted.sequence = block.sequence;
            errors.guard(block.sequence, [&] { worker.predict(block, form, predicted); });
            in_order.hand_on(predicted);
        });
        const std::lock_guard lock(mutex);
        add(summary.notices, worker.notices());
    });
    errors.rethrow_first();
    if (summary.num_trees == 0 && summary.num_bad_lines > 0)
        throw Error(ErrorKind::data, "holds no tree", {.file = blocks.name()});
    return summary;
}

PredictSummary visit_runs(const Tools& tools, data::LineBlocks& blocks, const VisitRun& visit,
                          const PredictOptions& options) {
    PredictSummary summary =
        predict_blocks(tools, blocks, Form::runs, options, [&visit](PredictedBlock& block) {
            for (PredictedRun& run : block.runs) visit(std::move(run));
        });
    tools.tell_warnings(options.warn);
    return summary;
}

}  // namespace

PredictSummary predict_file(const Model& model, const std::filesystem::path& input,
                            const std::filesystem::path& output, const PredictOptions& options) {
    refuse_contradictions(options);
    // An output that is moved into place at the end may replace its input. One that is written in place would
    // be read as it grows, without end.
    if (base::find_target(output).in_place) refuse_outputs_that_are_inputs({input}, {output});
    const Tools tools(model, options);
    data::LineBlocks blocks(input, options.stop, options.max_line_bytes);
    base::OutputFile file(output);
    PredictSummary summary =
        predict_blocks(tools, blocks, Form::text, options, [&file](PredictedBlock& block) {
            if (block.is_whole) file.write(block.text);
        });
    file.commit();
    tools.tell_warnings(options.warn);
    return summary;
}

PredictSummary predict_runs(const Model& model, const std::filesystem::path& input, const VisitRun& visit,
                            const PredictOptions& options) {
    refuse_contradictions(options);
    const Tools tools(model, options);
    data::LineBlocks blocks(input, options.stop, options.max_line_bytes);
    return visit_runs(tools, blocks, visit, options);
}

PredictSummary predict_runs(const Model& model, const NextLines& next, const std::string& source,
                            const VisitRun& visit, const PredictOptions& options) {
    refuse_contradictions(options);
    const Tools tools(model, options);
    data::LineBlocks blocks(next, source, options.stop, options.max_line_bytes);
    return visit_runs(tools, blocks, visit, options);
}

}  // namespace irene
