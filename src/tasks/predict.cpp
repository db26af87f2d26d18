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
#include "data/tree_reader.hpp"
#include "models/predicted_line.hpp"

namespace irene {

namespace {

/// What one block of lines became.
struct PredictedBlock {
    std::size_t sequence = 0;
    std::string text;
    std::size_t num_trees = 0;
    std::vector<std::string> refusals;
};

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

    void predict(const data::LineBlock& block, PredictedBlock& out) {
        out.text.clear();
        out.refusals.clear();
        out.num_trees = 0;
        const std::string_view text = block.text();
        std::size_t copied = 0;  // bytes of the block that are done: in the output, or left out
        data::for_each_line(block, [&](std::string_view line, std::size_t number, std::size_t begin) {
            const std::size_t behind = begin + line.size();
            try {
                reader_.read(line, number, line_);
                data::refuse_repeated_ids(line_.tree, source_);
                const Prediction prediction = predictor_.predict(line_.tree, source_);
                out.text += text.substr(copied, begin - copied);
                append(line, prediction, out.text);
                copied = behind;
                ++out.num_trees;
            } catch (const Error& error) {
                if (!options_.skip_bad_lines || error.kind() != ErrorKind::data) throw;
                out.refusals.emplace_back(error.what());
                out.text += text.substr(copied, begin - copied);
                copied = std::min(behind + 1, text.size());
            }
        });
        out.text += text.substr(copied);
    }

  private:
    void append(std::string_view line, const Prediction& prediction, std::string& out) {
        if (options_.plain) {
            models::PredictedLines::append_plain(line, line_.splices, prediction, out);
        } else {
            lines_.append(line, line_.splices, prediction, out);
        }
    }

    Predictor predictor_;
    models::PredictedLines lines_;
    data::TreeReader reader_;
    std::string source_;
    const PredictOptions& options_;
    data::TreeLine line_;
};

/// Writes finished blocks in file order; each worker writes its own, still in its cache.
class InOrder {
  public:
    using Write = std::function<void(const PredictedBlock& block)>;

    explicit InOrder(Write write) : write_(std::move(write)) {}

    /// Waits for the blocks before this one, which other workers hand on. Every sequence number, from 0, is
    /// to come.
    void hand_on(const PredictedBlock& block) {
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

}  // namespace

PredictSummary predict_file(const Model& model, const std::filesystem::path& input,
                            const std::filesystem::path& output, const PredictOptions& options) {
    if (options.plain && options.interval) {
        throw Error(ErrorKind::usage, "plain predictions are predicted_energy alone, and have no intervals");
    }
    // An output that is moved into place at the end may replace its input. One that is written in place would
    // be read as it grows, without end.
    if (base::find_target(output).in_place) refuse_outputs_that_are_inputs({input}, {output});
    PredictSummary summary;
    const Predictor predictor(model, options.interval);
    const models::PredictedLines lines(model, options.interval);
    data::LineBlocks blocks(input, options.stop, options.max_line_bytes);
    base::OutputFile file(output);

    base::OrderedErrors errors;
    InOrder in_order([&](const PredictedBlock& block) {
        if (errors.any()) return;
        errors.guard(block.sequence, [&] {
            for (const std::string& refusal : block.refusals) base::tell(options.warn, "skipped: " + refusal);
            summary.num_bad_lines += block.refusals.size();
            summary.num_trees += block.num_trees;
            file.write(block.text);
        });
    });
    std::mutex mutex;
    base::run_workers(options.threads, [&](unsigned) {
        BlockPredictor worker(predictor, lines, blocks.name(), options);
        PredictedBlock predicted;
        data::for_each_block(blocks, errors, [&](const data::LineBlock& block) {
            predicted.sequence = block.sequence;
            errors.guard(block.sequence, [&] { worker.predict(block, predicted); });
            in_order.hand_on(predicted);
        });
        const std::lock_guard lock(mutex);
        add(summary.notices, worker.notices());
    });
    errors.rethrow_first();
    if (summary.num_trees == 0 && summary.num_bad_lines > 0)
        throw Error(ErrorKind::data, "holds no tree", {.file = blocks.name()});
    file.commit();
    for (const std::string& warning : predictor.warnings()) base::tell(options.warn, warning);
    return summary;
}

}  // namespace irene
