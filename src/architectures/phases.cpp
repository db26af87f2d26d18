#include "architectures/phases.hpp"

#include <utility>

#include "irene/error.hpp"

#include "data/run_keys.hpp"

namespace irene::architectures {

namespace {

void check_size(std::int64_t size, const char* what, std::int64_t least) {
    if (size >= least && size <= Fields::kMaxSize) return;
    throw Error(ErrorKind::usage, "expected a " + std::string(what) + " from " + std::to_string(least) +
                                      " to " + std::to_string(Fields::kMaxSize) + ", found " +
                                      std::to_string(size));
}

void check_run(const Blueprint& blueprint, const Run& run) {
    check_size(run.batch_size, "batch size", 1);
    check_size(run.seq_len, "length", 1);
    check_size(run.new_tokens, "number of new tokens", 0);
    check_size(run.gpus, "number of GPUs", 1);
    if (run.counting == Counting::paper &&
        (run.new_tokens != 0 || run.gpus != 1 || run.attention != AttentionKind::eager ||
         run.dtype.value_or(Dtype::float32) != Dtype::float32)) {
        throw Error(ErrorKind::usage,
                    "the paper's counting knows one forward pass in float32 on one GPU: dtype, attention, "
                    "new_tokens and gpus go with counting 'kernels'");
    }
    if (run.new_tokens > 0 && !blueprint.head)
        throw Error(ErrorKind::data, "this architecture writes no text: it has no new tokens",
                    {.file = blueprint.source});
    const std::int64_t length =
        blueprint.has_encoder ? std::max(run.seq_len, run.new_tokens) : run.seq_len + run.new_tokens;
    if (!blueprint.positions || length <= blueprint.positions->value()) return;
    const std::string tokens = run.new_tokens == 0 ? "a length of " + std::to_string(run.seq_len) + " tokens"
                                                   : std::to_string(run.seq_len) + " tokens and " +
                                                         std::to_string(run.new_tokens) + " new ones";
    throw Error(ErrorKind::data,
                tokens + (run.new_tokens == 0 ? " is" : " are") + " more than the model's " +
                    std::to_string(blueprint.positions->value()) + " positions",
                {.file = blueprint.source, .field = blueprint.positions_field});
}

/// A phase of a generation: all that runs in its passes, and the head for the last token of each.
Part phase(const Blueprint& blueprint, const Pass& pass, std::string name, std::string instance_type) {
    Part part = blueprint.build(pass);
    part.type = NodeType::module;
    part.name = std::move(name);
    part.instance_type = std::move(instance_type);
    part.calls = pass.calls;
    Part head =
        pooled_linear("lm_head", pass, blueprint.head->width, blueprint.head->vocabulary,
                      {.bias = blueprint.head->bias, .split = Split::columns, .converts = Converts::never});
    head.is_shared = blueprint.head->is_tied;
    part.children.push_back(std::move(head));
    return part;
}

Part generation(const Blueprint& blueprint, Pass pass, Count new_tokens) {
    pass.phase = Phase::prefill;
    const std::string root = blueprint.build(pass).instance_type;
    std::vector<Part> phases = parts(phase(blueprint, pass, "prefill", "Prefill"));
    if (new_tokens > 1) {
        Pass step = pass;
        step.phase = Phase::decode;
        step.length = 1;
        step.past = blueprint.has_encoder ? Count(1) : pass.prompt;
        step.calls = new_tokens.value() - 1;
        phases.push_back(phase(blueprint, step, "decode", "Decode"));
        phases.back().is_shared = true;
    }
    return model(root, std::move(phases));
}

}  // namespace

Part parts_of(const Blueprint& blueprint, const Run& run) {
    check_run(blueprint, run);
    Weights weights;
    if (run.counting == Counting::kernels)
        weights = weights_of(blueprint.stored, run.dtype, blueprint.source);
    const Pass pass{.batch = run.batch_size,
                    .length = run.seq_len,
                    .counting = run.counting,
                    .number_bytes = weights.others == Dtype::float32 ? 4 : 2,
                    .attention = run.attention,
                    .gpus = run.gpus,
                    .prompt = run.seq_len};
    try {
        Part root = run.new_tokens == 0 ? blueprint.build(pass) : generation(blueprint, pass, run.new_tokens);
        count_all(root, weights);
        return root;
    } catch (const CountOverflow&) {
        throw Error(ErrorKind::data,
                    "at batch size " + std::to_string(run.batch_size) + " and length " +
                        std::to_string(run.seq_len) +
                        " a count does not fit 64 bits; this is the largest of the sizes",
                    {.file = blueprint.source, .field = blueprint.largest_field});
    } catch (const CannotSplit& uneven) {
        throw Error(ErrorKind::data,
                    std::to_string(run.gpus) + " GPUs cannot share " + std::to_string(uneven.number.value()) +
                        " " + uneven.what + " evenly",
                    {.file = blueprint.source});
    }
}

std::vector<RunValue> values_of(const Transformer& transformer, const Run& run) {
    std::vector<RunValue> values = data::default_run();
    const auto set = [&values](RunKey key, RunValue value) {
        values[static_cast<std::size_t>(key)] = std::move(value);
    };
    set(RunKey::model_name, transformer.model_name());
    set(RunKey::batch_size, run.batch_size);
    set(RunKey::seq_len, run.seq_len);
    set(RunKey::counting, std::string(name(run.counting)));
    set(RunKey::dtype, std::string(name(dtype_of(transformer, run))));
    set(RunKey::attention, std::string(name(run.attention)));
    set(RunKey::new_tokens, run.new_tokens);
    set(RunKey::gpus, run.gpus);
    return values;
}

std::string id_of(const std::vector<RunValue>& values, const std::string& last) {
    std::string id;
    for (std::size_t key = 0; key < values.size(); ++key) {
        const std::string value = data::to_text(values[key]);
        if (value == data::kRunKeys[key].fallback) continue;
        if (key > static_cast<std::size_t>(RunKey::seq_len))
            id += std::string(data::kRunKeys[key].name) + '=';
        id += value + '/';
    }
    return last.empty() ? id : id + last + '/';
}

}  // namespace irene::architectures
