#include <condition_variable>
#include <mutex>
#include <string>

#include "irene/error.hpp"
#include "irene/tasks.hpp"

#include "data/files.hpp"
#include "data/node_ids.hpp"
#include "data/parallel.hpp"
#include "data/splice.hpp"
#include "data/tree_reader.hpp"

namespace irene {

namespace {

/// What one block of lines became.
struct PredictedBlock {
    std::string text;
    std::size_t num_trees = 0;
    std::vector<std::string> refusals;
};

/// Predicts block after block; for one thread.
class BlockPredictor {
  public:
    BlockPredictor(const Predictor& predictor, const std::string& source, bool skip_bad_lines)
        : predictor_(predictor), reader_(source), source_(source), skip_bad_lines_(skip_bad_lines) {}

    void predict(const data::LineBlock& block, PredictedBlock& out) {
        out.text.clear();
        out.refusals.clear();
        out.num_trees = 0;
        const std::string_view text = block.text();
        std::size_t copied = 0;  // bytes of the block that are in the output, or left out of it
        data::for_each_line(block, [&](std::string_view line, std::size_t number, std::size_t begin) {
            const std::size_t behind = begin + line.size();
            try {
                reader_.read(line, number, line_);
                data::refuse_repeated_ids(line_.tree, source_);
                const std::vector<double>& joules = predictor_.predict(line_.tree, source_);
                out.text += text.substr(copied, begin - copied);
                data::splice(line, line_.splices, joules, out.text);
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
    Predictor predictor_;
    data::TreeReader reader_;
    std::string source_;
    bool skip_bad_lines_;
    data::TreeLine line_;
};

}  // namespace

PredictSummary predict_file(const Model& model, const std::filesystem::path& input,
                            const std::filesystem::path& output, const PredictOptions& options) {
    data::LineBlocks blocks(input, options.stop);
    data::OutputFile file(output);
    const Predictor predictor(model);
    PredictSummary summary;

    // Each worker takes the next block, predicts it and waits for its turn to write, so that no more blocks
    // are in memory than there are workers.
    data::OrderedErrors errors;
    std::mutex mutex;
    std::condition_variable turn_changed;
    std::size_t turn = 0;  // sequence number of the block to be written next
    data::run_workers(options.threads, [&](unsigned) {
        BlockPredictor worker(predictor, blocks.name(), options.skip_bad_lines);
        data::LineBlock block;
        PredictedBlock predicted;
        const auto fail_in_turn = [&](std::size_t sequence, const auto& work) {
            errors.guard(sequence, work);
        };
        while (!errors.any() && blocks.next(block)) {
            fail_in_turn(block.sequence, [&] { worker.predict(block, predicted); });
            std::unique_lock lock(mutex);
            turn_changed.wait(lock, [&] { return turn == block.sequence; });
            if (!errors.any()) {
                fail_in_turn(block.sequence, [&] {
                    for (const std::string& refusal : predicted.refusals) {
                        if (options.on_bad_line) options.on_bad_line(refusal);
                    }
                    summary.num_bad_lines += predicted.refusals.size();
                    summary.num_trees += predicted.num_trees;
                    file.write(predicted.text);
                });
            }
            ++turn;
            turn_changed.notify_all();
        }
    });
    errors.rethrow_first();
    if (summary.num_trees == 0) throw Error(ErrorKind::data, "holds no tree", {.file = blocks.name()});
    file.commit();
    return summary;
}

}  // namespace irene
