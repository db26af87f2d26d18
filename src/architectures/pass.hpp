// What is counted at once: one forward pass, or all steps of a generation; and the work that it is.
#pragma once

#include "irene/run.hpp"

#include "architectures/count.hpp"

namespace irene::architectures {

inline constexpr Count kFloat = 4;  ///< bytes

/// The whole text at once, or the parts of a generation: the prompt, which gives the first token, and the
/// steps that give the others.
enum class Phase : unsigned char { forward, prefill, decode };

/// Calls of a transformer, each of which computes `length` tokens of `batch` sequences: one call over a whole
/// text, or one a step of a generation, which reads a cache that grows by a token a call. All work is linear
/// in what the members give as sums over the calls, so that blocks count all steps at once.
struct Pass {
    Count batch;
    Count length;
    Count calls = 1;
    Count past = 0;  ///< tokens of each sequence in the cache before the first call
    Counting counting = Counting::paper;
    Count number_bytes = kFloat;  ///< of an activation
    AttentionKind attention = AttentionKind::eager;
    Count gpus = 1;
    Phase phase = Phase::forward;
    Count prompt =
        0;  ///< tokens that were given for each sequence before all calls; `length` but in a decode

    bool is_paper() const noexcept { return counting == Counting::paper; }
    bool is_decode() const noexcept { return phase == Phase::decode; }
    bool is_flash() const noexcept { return attention == AttentionKind::flash; }
    Count sequences() const { return batch * calls; }
    Count positions() const { return length * calls; }
    Count tokens() const { return batch * positions(); }
    Count tokens_of_call() const { return batch * length; }

    /// Numbers of tokens that are read, and of pairs of tokens that are compared, of all sequences.
    struct Attended {
        Count keys;
        Count pairs;
    };
    /// Of a sequence's own tokens, where each token sees at most `window` of them; 0: all. The cache keeps no
    /// more than the window; over a whole text eager attention computes all scores, and masks some.
    Attended attended(Count window = 0) const;
    /// Of `others` tokens of another sequence.
    Attended attended_across(Count others) const { return {sequences() * others, tokens() * others}; }
};

/// What the decoder behind an encoder does in a pass: it begins with one token where text is generated.
inline Pass decoder_pass(Pass pass) {
    if (pass.phase == Phase::prefill) pass.length = 1;
    return pass;
}

/// Floating-point operations, bytes of operands read and written, and kernels launched. Counted as kernels,
/// the operations are those of products alone, as profilers count them: all else is bound by its bytes.
struct Work {
    Count flops;
    Count bytes;
    Count launches = 0;

    Work& operator+=(const Work& other) {
        flops += other.flops;
        bytes += other.bytes;
        launches += other.launches;
        return *this;
    }
    friend Work operator+(Work a, const Work& b) { return a += b; }

    // In the units of data files: 10^6 operations, and MiB.
    double mega_flops() const { return static_cast<double>(flops.value()) / 1e6; }
    double mebibytes() const { return static_cast<double>(bytes.value()) / (1 << 20); }
};

/// The one or the other, by the convention of the pass.
inline Work either(const Pass& pass, const Work& paper, const Work& kernels) {
    return pass.is_paper() ? paper : kernels;
}

/// What kernels leave out: masks and sines, which are made once for all layers.
inline Work paper_only(const Pass& pass, const Work& paper) { return either(pass, paper, {}); }

/// `kernels` elementwise kernels in float32, each of which reads all elements and writes as many: the
/// paper's.
inline Work elementwise(Count elements, Count kernels = 1) {
    return {kernels * elements, kernels * 8 * elements};
}

}  // namespace irene::architectures
