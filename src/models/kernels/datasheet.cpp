#include "models/kernels/datasheet.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/numbers.hpp"
#include "models/device_json.hpp"
#include "models/words.hpp"

namespace irene::models {

namespace {

/// Without times in training the price called watts is joules a launch, of which no datasheet speaks.
std::optional<double> comparable_price(const KernelModel& model, const Device& device, KernelPrice price) {
    if (price == KernelPrice::watts && !model.has_seconds) return std::nullopt;
    return datasheet_price(device, price);
}

/// The first column from the left, the others from the right.
std::string to_lines(const std::vector<std::array<std::string, 4>>& rows) {
    std::array<std::size_t, 4> widths{};
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line = row[0];
        std::size_t end = widths[0];
        for (std::size_t i = 1; i < row.size(); ++i) {
            end += 2 + widths[i];
            if (!row[i].empty()) line.append(end - row[i].size() - line.size(), ' ').append(row[i]);
        }
        text += line + "\n";
    }
    return text;
}

}  // namespace

std::optional<double> datasheet_price(const Device& device, KernelPrice price) noexcept {
    switch (price) {
        case KernelPrice::joules_float32_flop:
            return device.watts / device.peak(Dtype::float32);
        case KernelPrice::joules_narrow_flop:
            return device.watts / device.peak(Dtype::bfloat16);
        case KernelPrice::joules_byte:
            return device.watts / device.bytes_per_second;
        case KernelPrice::watts:
            return device.watts;
        case KernelPrice::seconds_float32_flop:
            return 1.0 / device.peak_as_measured(Dtype::float32);
        case KernelPrice::seconds_narrow_flop:
            return 1.0 / device.peak_as_measured(Dtype::bfloat16);
        case KernelPrice::seconds_byte:
            return 1.0 / device.bytes_per_second;
        default:
            return std::nullopt;
    }
}

bool is_told(const KernelModel& model, KernelPrice price) noexcept {
    const auto k = static_cast<std::size_t>(price);
    if (k >= kFirstSecondsPrice && !model.has_seconds) return false;
    return model.prices[k] > 0.0;
}

std::string price_table(const KernelModel& model, const Device& device) {
    std::vector<std::array<std::string, 4>> rows{{"Prices", "learned", "datasheet", "ratio"}};
    for (std::size_t k = 0; k < kNumKernelPrices; ++k) {
        const auto price = static_cast<KernelPrice>(k);
        if (!is_told(model, price)) continue;
        const KernelPriceRow& told = row(price);
        const auto in_unit = [&told](double value) {
            return format(value * told.per_unit) + " " + std::string(told.unit);
        };
        auto& line = rows.emplace_back();
        line[0] = "  " + std::string(told.meaning);
        line[1] = in_unit(model.prices[k]);
        if (const std::optional<double> figure = comparable_price(model, device, price)) {
            line[2] = in_unit(*figure);
            line[3] = base::format(model.prices[k] / *figure, 3);
        }
    }
    return to_lines(rows);
}

std::string datasheet_note(const KernelModel& model, const Device& device) {
    std::string text = "The datasheet of " + printable(device.name) +
                       ": TDP / peak a flop, TDP / bandwidth a byte, and the TDP";
    if (!model.has_seconds) return text;
    text += "; of times 1 / peak";
    if (device.clock_mhz && device.boost_clock_mhz) {
        text += " at " + base::format(*device.clock_mhz, 6) + " of " +
                base::format(*device.boost_clock_mhz, 6) + " MHz";
    }
    return text + ", and 1 / bandwidth";
}

void add_datasheet(base::Json& json, const KernelModel& model, const Device& device) {
    json["device"] = device_to_json(device);
    for (std::size_t k = 0; k < kNumKernelPrices; ++k) {
        const auto price = static_cast<KernelPrice>(k);
        const std::optional<double> figure = comparable_price(model, device, price);
        if (!is_told(model, price) || !figure) continue;
        const std::string name(row(price).name);
        json["datasheet_prices"][name] = *figure;
        json["ratios"][name] = model.prices[k] / *figure;
    }
}

}  // namespace irene::models
