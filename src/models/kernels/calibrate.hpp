// Carrying the law of three prices to another device: by its datasheet, and by what was measured there.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "irene/device.hpp"

#include "models/kernels/fit.hpp"
#include "models/kernels/law.hpp"

namespace irene::models {

struct KernelModel;

/// Covariance of ln(price).
using PriceCovariance = std::array<KernelPrices, kNumKernelPrices>;

/// How a model was carried to another device.
struct KernelCalibration {
    std::string from = {}, to = {};  ///< names of the devices whose datasheets were told; both or none
    std::size_t num_trees = 0, num_measurements = 0;
    KernelPrices scales{};  ///< what each price was multiplied by, datasheets and measurements together
    /// Mean absolute percentage error on what was measured: before, by datasheets alone, and after; none
    /// where nothing was.
    std::optional<double> error_before = {}, error_by_datasheets = {}, error_after = {};
    bool saw_host = false, saw_gpu = false;  ///< whether some measured call waits for it
    PriceCovariance left_open{};             ///< what the measurements leave open
};

/// What datasheets say of prices, a factor for each. A flop and a byte cost joules as TDP / peak and TDP /
/// bandwidth are, at the clock that the TDP is told for; a GPU takes watts as its TDP is, and so do layers
/// and tokens that are served; a flop and a byte take seconds as 1 / peak, at the clock of the measurements,
/// and 1 / bandwidth. Launches, the host and serving take the same time: no datasheet tells them.
KernelPrices ratios_of_datasheets(const Device& from, const Device& to);

/// The model with its prices x exp(x_k), where x minimises
///
///     sum over measurements of weight (ln(predicted / measured) / s)^2 + x' K^-1 x
///
/// over the energies and the times that were measured. s is what held-out models strayed by, and K what
/// devices differ in: each price by 0.3, beside it all joules together and all times of the GPU together by
/// 0.3 where datasheets tell the rest, by any factor where none are told, and all times of the host and of
/// serving by 0.5. `left_open` is the inverse of the second derivatives' half. `runs` may hold none where
/// both devices are told. Gauss and Newton's steps, halved where they lead upwards; no seed. Throws Error
/// (data) where numbers are too large or too small.
KernelModel calibrate(const KernelModel& known, const std::optional<Device>& from,
                      const std::optional<Device>& to, const KernelRuns& runs);

/// What carried prices rest on beside measurements, a sentence each; empty for nothing.
std::vector<std::string> what_was_not_measured(const KernelCalibration& calibration);

}  // namespace irene::models
