// The law of three prices as a fitted model.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/fitted_model.hpp"
#include "models/intervals.hpp"
#include "models/kernels/calibrate.hpp"
#include "models/kernels/fit.hpp"
#include "models/kernels/law.hpp"

namespace irene::models {

struct KernelModel {
    KernelPrices prices{};
    bool has_seconds = false;   ///< whether some run of training had a time
    bool saw_float32 = false;   ///< whether some run of training had products in float32 ...
    bool saw_narrow = false;    ///< ... and in narrower numbers
    double joules_error = 0.0;  ///< mean absolute percentage error on the runs of training
    std::optional<double> seconds_error;
    std::vector<KernelCalibration> calibrations;  ///< the last one last
    Intervals intervals;
};

/// Fits to `chosen` runs and learns intervals: each model is held out in turn. Where a datasheet is told,
/// flops in numbers that no run computes in are priced by it.
KernelModel fit_kernel_model(const KernelRuns& runs, std::span<const std::size_t> chosen,
                             const std::optional<Device>& device = {});

class FittedKernelModel : public FittedModel {
  public:
    FittedKernelModel(Origin origin, KernelModel model)
        : FittedModel(std::move(origin)), model_(std::move(model)) {}

    const KernelModel& model() const noexcept { return model_; }

    std::unique_ptr<TreePredictor> make_predictor() const override;
    const Intervals* intervals() const noexcept override { return &model_.intervals; }
    void write(base::Json& json) const override;
    std::string explain() const override;
    base::Json explain_json() const override;
    std::string warning() const override;
    std::shared_ptr<const FittedModel> calibrated(const Dataset& data, const std::optional<Device>& device,
                                                  const Warn& warn) const override;

  private:
    KernelModel model_;
};

/// The method of strategy `additive` on `kernel_counts`.
const Method& kernels_method();

}  // namespace irene::models
