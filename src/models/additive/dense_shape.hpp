// The shape of a dense product, recovered from what a data file counts of it.
#pragma once

#include <optional>

#include "irene/notices.hpp"

namespace irene::models {

/// What is known of a dense product: rows = batch_size seq_len or batch_size as a rule, but a layer may also
/// work on other rows (patches, beams, the tokens of an expert).
struct DenseCounts {
    double batch_size = 0.0, seq_len = 0.0;
    double parameters = 0.0, flops = 0.0, bytes = 0.0;
};

/// The product of [rows, inner_size] with [inner_size, outer_size].
struct DenseShape {
    double rows = 1.0, inner_size = 1.0, outer_size = 1.0;
    bool separate_bias = false;  ///< counted as a product and a kernel that adds the bias
};

/// The shape i -> o over n rows whose float32 counts are these, under one of four ways of counting:
///     one kernel, with bias      parameters i o + o   flops 2 n i o         bytes 4 (n i + i o + n o)
///     one kernel, without        parameters i o       flops 2 n i o         bytes 4 (n i + i o + n o)
///     a bias of its own          parameters i o + o   flops 2 n i o + n o   bytes 4 (n i + b i o + n o) + 8
///     n o a product a sequence       parameters i o       flops 2 n i o         bytes 4 (n i + b i o + n o)
/// b is the batch size. Three counts determine three sizes; the result is one whose sizes are whole numbers
/// and give the counts back within 1e-6, the rounding of data files. None where there is no such shape: then
/// the counts contradict each other, or are those of something else.
std::optional<DenseShape> recover_dense_shape(const DenseCounts& counts) noexcept;

/// The cause for counts that have no shape: which unit, were it another, would make two counts agree with the
/// third.
CountsCause cause_of_contradiction(const DenseCounts& counts) noexcept;

}  // namespace irene::models
