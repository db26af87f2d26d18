#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
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
#include "data/splice.hpp"
#include "data/tree_reader.hpp"
#include "numerics/elementary.hpp"

namespace irene {

namespace {

/// What one block of lines became.
struct PredictedBlock {
    std::size_t sequence = 0;
    std::string text;
    std::size_t num_trees = 0;
    std::vector<std::string> refusals;
};

/// By NodeType: the interval of a prediction E is [E / factor, E factor].
using IntervalFactors = std::array<double, kNumNodeTypes>;

/// Rounded down: more than this probability is not supported.
std::string two_digits_below(double probability) {
    const int percent = static_cast<int>(probability * 100.0);
    return "0." + std::string(percent < 10 ? "0" : "") + std::to_string(percent);
}

IntervalFactors interval_factors(const Model& model, double probability, std::vector<std::string>& warnings) {
    if (!(probability > 0.0 && probability < 1.0)) {
        throw Error(ErrorKind::usage, "the probability of an interval lies between 0 and 1");
    }
    if (!model.additive) {
        throw Error(ErrorKind::usage,
                    "the model has no prediction intervals; only strategy 'additive' learns them");
    }
    const AdditiveIntervals& intervals = model.additive->intervals;
    if (intervals.num_models == 0) {
        throw Error(
            ErrorKind::usage,
            "the model was trained on one model_name, and intervals need at least two: they are learned by "
            "leaving out one at a time");
    }
    if (intervals.num_models == 1) {
        warnings.emplace_back(
            "the model was trained on one model_name: its intervals are learned from runs of that one left "
            "out "
            "in turn, and are too narrow for another; they need at least two");
    }
    if (const double greatest = greatest_probability(intervals); probability > greatest) {
        warnings.push_back(
            "the errors of " + std::to_string(intervals.num_models) +
            " held-out models support intervals of probability " + two_digits_below(greatest) +
            " at most; those written span the greatest errors met, and are too narrow for what "
            "was asked");
    }
    IntervalFactors factors{};
    for (std::size_t type = 0; type < kNumNodeTypes; ++type) {
        const std::optional<double> width = half_width(intervals, static_cast<NodeType>(type), probability);
        if (!width) {
            throw Error(ErrorKind::usage, "the model has no prediction intervals for nodes of type " +
                                              in_quotes(name(static_cast<NodeType>(type))));
        }
        factors[type] = numerics::exponential(*width);
    }
    return factors;
}

/// Predicts block after block; for one thread.
class BlockPredictor {
  public:
    BlockPredictor(Predictor predictor, std::string source, bool skip_bad_lines,
                   const std::optional<IntervalFactors>& interval)
        : predictor_(std::move(predictor)),
          reader_(source),
          source_(std::move(source)),
          skip_bad_lines_(skip_bad_lines),
          interval_(interval) {}

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
                const std::vector<double>& joules = predictor_.predict(line_.tree, source_);
                out.text += text.substr(copied, begin - copied);
                data::OutputColumns columns{&joules, nullptr, nullptr};
                if (interval_) {
                    set_interval(joules);
                    columns = {&joules, &low_, &high_};
                }
                data::splice(line, line_.splices, columns, out.text);
                copied = behind;
                ++out.num_trees;
            } catch (const Error& error) {
                if (!skip_bad_lines_ || error.kind() != ErrorKind::data) throw;
                out.refusals.emplace_back(error.what());
                out.text += text.substr(copied, begin - copied);
                copied = std::min(behind + 1, text.size());
            }
        });
        out.text += text.substr(copied);
    }

  private:
    void set_interval(const std::vector<double>& joules) {
        low_.resize(joules.size());
        high_.resize(joules.size());
        for (std::size_t node = 0; node < joules.size(); ++node) {
            const double factor = (*interval_)[static_cast<std::size_t>(line_.tree.nodes[node].type)];
            low_[node] = joules[node] / factor;
            high_[node] = joules[node] * factor;
        }
    }

    Predictor predictor_;
    data::TreeReader reader_;
    std::string source_;
    bool skip_bad_lines_;
    std::optional<IntervalFactors> interval_;
    data::TreeLine line_;
    std::vector<double> low_, high_;
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
    // An output that is moved into place at the end may replace its input. One that is written in place would
    // be read as it grows, without end.
    if (base::find_target(output).in_place) refuse_outputs_that_are_inputs({input}, {output});
    PredictSummary summary;
    std::optional<IntervalFactors> interval;
    std::vector<std::string> warnings;  // told once the output is whole
    if (options.interval) interval = interval_factors(model, *options.interval, warnings);
    data::LineBlocks blocks(input, options.stop, options.max_line_bytes);
    base::OutputFile file(output);
    const Predictor predictor(model);

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
        BlockPredictor worker(predictor, blocks.name(), options.skip_bad_lines, interval);
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
    for (const std::string& warning : warnings) base::tell(options.warn, warning);
    return summary;
}

}  // namespace irene
