// The prices of the law beside those that a datasheet tells: how a reader judges what was learned.
#pragma once

#include <optional>
#include <string>

#include "irene/device.hpp"

#include "base/json.hpp"
#include "models/kernels/fitted.hpp"

namespace irene::models {

/// What the device would take at its full power and rate, in J, W or s, as the price is: watts / peak a flop
/// and watts / bandwidth a byte, at the clock of the datasheet; its watts; 1 / peak a flop, at the clock of
/// the measurements, and 1 / bandwidth a byte. None for prices of which datasheets say nothing. Narrow flops
/// are bfloat16's.
std::optional<double> datasheet_price(const Device& device, KernelPrice price) noexcept;

/// Whether the price has a figure: those of what no run of training had have none.
bool is_told(const KernelModel& model, KernelPrice price) noexcept;

/// A table of the prices that have a figure, what the datasheet says and the ratio of the two.
std::string price_table(const KernelModel& model, const Device& device);

/// Where the datasheet's figures come from, a sentence without its full stop.
std::string datasheet_note(const KernelModel& model, const Device& device);

/// Adds the device, and what it says of the prices that have a figure, in their units, with the ratios.
void add_datasheet(base::Json& json, const KernelModel& model, const Device& device);

}  // namespace irene::models
