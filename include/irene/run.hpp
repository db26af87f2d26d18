// What is asked of a transformer: how much it computes, in which numbers, and by which convention that is
// counted.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace irene {

/// How the work of a run is counted. Numbers of one convention say nothing to a model that was trained on the
/// other.
enum class Counting : unsigned char {
    paper,    ///< as the IrEne datasets count: float32, no cache, a layer's weights once a sequence
    kernels,  ///< what PyTorch's kernels do, in the run's dtype: weights once a call, launches
};

/// Numbers that weights are stored in. Activations and caches have 2 bytes wherever weights have 2 or less.
enum class Dtype : unsigned char { float32, float16, bfloat16, float8, int8, int4, mxfp4 };

enum class AttentionKind : unsigned char {
    eager,  ///< scores are written to memory, by the kernels of PyTorch's eager mode
    flash,  ///< one fused kernel between the projections, which writes no scores
};

std::string_view name(Counting counting) noexcept;
std::string_view name(Dtype dtype) noexcept;
std::string_view name(AttentionKind attention) noexcept;
std::optional<Counting> counting_from_name(std::string_view spelling) noexcept;
std::optional<Dtype> dtype_from_name(std::string_view spelling) noexcept;
std::optional<AttentionKind> attention_from_name(std::string_view spelling) noexcept;

/// A run of a transformer. Paper's counting knows the first two members alone.
struct Run {
    std::int64_t batch_size = 1;  ///< sequences, from 1 to 2^26
    std::int64_t seq_len = 128;   ///< tokens of a sequence, or of its prompt: from 1 to 2^26
    Counting counting = Counting::paper;
    std::int64_t new_tokens = 0;      ///< 0: one forward pass; N: N tokens are generated for each sequence
    std::optional<Dtype> dtype = {};  ///< none: what the config says
    AttentionKind attention = AttentionKind::eager;
    std::int64_t gpus = 1;  ///< that share every layer (tensor parallel)
};

}  // namespace irene
