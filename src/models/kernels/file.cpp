#include "models/kernels/file.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

#include "irene/error.hpp"

namespace irene::models {

namespace {

std::string key_of(std::size_t price) { return std::string(row(static_cast<KernelPrice>(price)).name); }

base::Json to_json(const std::optional<double>& value) {
    return value ? base::Json(*value) : base::Json(nullptr);
}

std::optional<double> read_optional(const base::JsonObject& object, const char* key) {
    if (object.at(key).is_null()) return std::nullopt;
    return object.number(key);
}

std::size_t read_count(const base::JsonObject& object, const char* key) {
    return static_cast<std::size_t>(object.integer(key, 0, std::numeric_limits<std::int64_t>::max()));
}

}  // namespace

base::Json to_json(const KernelPrices& prices) {
    base::Json json;
    for (std::size_t k = 0; k < kNumKernelPrices; ++k) json[key_of(k)] = prices[k];
    return json;
}

KernelPrices read_prices(const base::Json& json, const Place& place) {
    const base::JsonObject object(json, ErrorKind::data, place);
    KernelPrices prices{};
    for (std::size_t k = 0; k < kNumKernelPrices; ++k) {
        const std::string key = key_of(k);
        prices[k] = object.number(key.c_str());
        if (prices[k] < 0.0) object.refuse(key.c_str(), "expected a number that is not negative");
    }
    return prices;
}

base::Json to_json(const KernelCalibration& calibration) {
    base::Json json;
    json["from"] = calibration.from;
    json["to"] = calibration.to;
    json["num_trees"] = calibration.num_trees;
    json["num_measurements"] = calibration.num_measurements;
    json["scales"] = to_json(calibration.scales);
    json["error_before"] = to_json(calibration.error_before);
    json["error_by_datasheets"] = to_json(calibration.error_by_datasheets);
    json["error_after"] = to_json(calibration.error_after);
    json["saw_host"] = calibration.saw_host;
    json["saw_gpu"] = calibration.saw_gpu;
    base::Json& left_open = json["left_open"] = base::Json::array();
    for (const KernelPrices& row : calibration.left_open) {
        for (const double covariance : row) left_open.push_back(covariance);
    }
    return json;
}

std::vector<KernelCalibration> read_calibrations(const base::JsonObject& kernels, const Place& place) {
    std::vector<KernelCalibration> all;
    if (!kernels.has("calibrations")) return all;
    const base::Json& list = kernels.at("calibrations");
    if (!list.is_array()) kernels.refuse("calibrations", "expected a list, found " + base::kind_of(list));
    for (std::size_t i = 0; i < list.size(); ++i) {
        Place inside = place;
        inside.field += ".calibrations[" + std::to_string(i) + "]";
        const base::JsonObject object(list[i], ErrorKind::data, inside);
        KernelCalibration& calibration = all.emplace_back();
        calibration.from = object.string("from");
        calibration.to = object.string("to");
        calibration.num_trees = read_count(object, "num_trees");
        calibration.num_measurements = read_count(object, "num_measurements");
        Place of_scales = inside;
        of_scales.field += ".scales";
        calibration.scales = read_prices(object.at("scales"), of_scales);
        calibration.error_before = read_optional(object, "error_before");
        calibration.error_by_datasheets = read_optional(object, "error_by_datasheets");
        calibration.error_after = read_optional(object, "error_after");
        calibration.saw_host = object.boolean("saw_host");
        calibration.saw_gpu = object.boolean("saw_gpu");
        const std::vector<double> left_open = object.numbers("left_open");
        if (left_open.size() != kNumKernelPrices * kNumKernelPrices) {
            object.refuse("left_open", "expected " + std::to_string(kNumKernelPrices * kNumKernelPrices) +
                                           " numbers, found " + std::to_string(left_open.size()));
        }
        for (std::size_t j = 0; j < left_open.size(); ++j)
            calibration.left_open[j / kNumKernelPrices][j % kNumKernelPrices] = left_open[j];
    }
    return all;
}

}  // namespace irene::models
