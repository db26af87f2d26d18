#include "irene/device.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <system_error>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/lower.hpp"
#include "base/numbers.hpp"
#include "data/run_names.hpp"
#include "models/device_json.hpp"

namespace irene {

namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 7> kDeviceKeys{
    "name", "flops_per_second", "bytes_per_second", "watts", "clock_mhz", "boost_clock_mhz", "source"};

/// What a figure may be: wide of every device, and narrow enough that one in another unit (TFLOPS, GB/s, mW,
/// GHz) is no figure.
struct FigureRange {
    double least, greatest;
    const char* expected;
};
constexpr FigureRange kFlops{1e7, 1e22, "expected flops a second, such as 312e12"};
constexpr FigureRange kBytes{1e7, 1e18, "expected bytes a second, such as 1.555e12"};
constexpr FigureRange kWatts{0.01, 1e5, "expected W, such as 250"};
constexpr FigureRange kClock{10.0, 1e5, "expected MHz, such as 1410"};

[[noreturn]] void refuse_device(const Place& place, const std::string& field, const std::string& message) {
    Place inside = place;
    inside.field = place.field.empty() ? field : place.field + "." + field;
    throw Error(ErrorKind::usage, message, std::move(inside));
}

void check_figure(double value, const FigureRange& range, const Place& place, const std::string& field) {
    if (!std::isfinite(value) || !(value > 0.0)) {
        refuse_device(place, field,
                      "expected a number above 0, found " +
                          (std::isfinite(value) ? base::format(value, 6) : "one that is not finite"));
    }
    if (value < range.least || value > range.greatest)
        refuse_device(place, field, std::string(range.expected) + "; found " + base::format(value, 6));
}

std::vector<std::pair<Dtype, double>> read_peaks(const base::JsonObject& object, const Place& place) {
    Place inside = place;
    inside.field = place.field.empty() ? "flops_per_second" : place.field + ".flops_per_second";
    const base::Json& list = object.at("flops_per_second");
    const base::JsonObject peaks(list, ErrorKind::usage, inside);
    std::vector<std::pair<Dtype, double>> read;
    for (const auto& [key, value] : list.items()) {
        const std::optional<Dtype> dtype = dtype_from_name(key);
        if (!dtype) peaks.refuse(key.c_str(), "is no dtype; expected " + base::choices(data::kDtypes));
        read.emplace_back(*dtype, peaks.number(key.c_str()));
    }
    return read;
}

/// Those that a wrong name may have meant: that begin so, whatever the case, or are a slip away.
std::vector<std::string> near_names(const std::string& name, const std::vector<std::string>& known) {
    const std::string wanted = base::lower(std::string_view(name));
    std::vector<std::string> near;
    for (const std::string& candidate : known) {
        if (!wanted.empty() && base::lower(std::string_view(candidate)).starts_with(wanted))
            near.push_back(candidate);
    }
    if (near.empty()) {
        if (const std::optional<std::string> meant = near_miss(name, known)) near.push_back(*meant);
    }
    return near;
}

[[noreturn]] void refuse_unknown_device(const std::string& name, const std::vector<fs::path>& folders,
                                        const Place& place) {
    std::vector<std::string> known;
    std::string searched;
    for (const fs::path& folder : folders) {
        std::error_code ignored;
        if (!fs::is_directory(folder, ignored)) continue;
        const std::vector<std::string> names = device_names(folder);
        known.insert(known.end(), names.begin(), names.end());
        searched += (searched.empty() ? "" : " and ") + folder.string();
    }
    std::string message = "no datasheet is named " + in_quotes(name);
    message += searched.empty() ? ", and there is no folder of datasheets" : " in " + searched;
    constexpr std::size_t kShown = 4;
    const std::vector<std::string> near = near_names(name, known);
    for (std::size_t i = 0; i < std::min(near.size(), kShown); ++i)
        message += (i == 0 ? "; did you mean " : " or ") + near[i];
    throw Error(ErrorKind::usage, message + (near.empty() ? "" : "?"), place);
}

}  // namespace

double Device::peak(Dtype dtype) const noexcept {
    double narrow = 0.0;
    for (const auto& [listed, flops] : flops_per_second) {
        if (listed == dtype) return flops;
        if (listed == Dtype::bfloat16) narrow = flops;
    }
    return narrow;
}

double Device::peak_as_measured(Dtype dtype) const noexcept {
    return clock_mhz && boost_clock_mhz ? peak(dtype) * *clock_mhz / *boost_clock_mhz : peak(dtype);
}

void Device::validate() const { models::check_device(*this, {}); }

void models::check_device(const Device& device, const Place& place) {
    if (device.name.find_first_not_of(" \t") == std::string::npos)
        refuse_device(place, "name", "expected a name, found an empty one");
    bool has_bfloat16 = false;
    for (auto peak = device.flops_per_second.begin(); peak != device.flops_per_second.end(); ++peak) {
        const std::string field = "flops_per_second." + std::string(name(peak->first));
        check_figure(peak->second, kFlops, place, field);
        has_bfloat16 = has_bfloat16 || peak->first == Dtype::bfloat16;
        if (std::any_of(device.flops_per_second.begin(), peak,
                        [peak](const auto& other) { return other.first == peak->first; }))
            refuse_device(place, field, "stands twice");
    }
    if (!has_bfloat16) {
        refuse_device(place, "flops_per_second.bfloat16",
                      "is missing: dtypes that are not listed run at its rate; on a GPU without bfloat16, "
                      "give float16's");
    }
    check_figure(device.bytes_per_second, kBytes, place, "bytes_per_second");
    check_figure(device.watts, kWatts, place, "watts");
    if (device.clock_mhz.has_value() != device.boost_clock_mhz.has_value()) {
        const char* there = device.clock_mhz ? "clock_mhz" : "boost_clock_mhz";
        const char* missing = device.clock_mhz ? "boost_clock_mhz" : "clock_mhz";
        refuse_device(place, there,
                      "says nothing without " + in_quotes(missing) +
                          ": peaks are scaled by clock_mhz / boost_clock_mhz");
    }
    if (device.clock_mhz) {
        check_figure(*device.clock_mhz, kClock, place, "clock_mhz");
        check_figure(*device.boost_clock_mhz, kClock, place, "boost_clock_mhz");
    }
}

Device models::read_device(const base::Json& value, const Place& place) {
    const base::JsonObject object(value, ErrorKind::usage, place);
    base::refuse_unknown_keys(value, kDeviceKeys, ErrorKind::usage, place);
    Device device;
    device.name = object.string("name");
    device.flops_per_second = read_peaks(object, place);
    device.bytes_per_second = object.number("bytes_per_second");
    device.watts = object.number("watts");
    if (object.has("clock_mhz")) device.clock_mhz = object.number("clock_mhz");
    if (object.has("boost_clock_mhz")) device.boost_clock_mhz = object.number("boost_clock_mhz");
    if (object.has("source")) device.source = object.string("source");
    check_device(device, place);
    return device;
}

base::Json models::device_to_json(const Device& device) {
    base::Json json;
    json["name"] = device.name;
    json["flops_per_second"] = base::Json::object();
    for (const auto& [dtype, flops] : device.flops_per_second)
        json["flops_per_second"][std::string(name(dtype))] = flops;
    json["bytes_per_second"] = device.bytes_per_second;
    json["watts"] = device.watts;
    if (device.clock_mhz) json["clock_mhz"] = *device.clock_mhz;
    if (device.boost_clock_mhz) json["boost_clock_mhz"] = *device.boost_clock_mhz;
    if (!device.source.empty()) json["source"] = device.source;
    return json;
}

Device parse_device(std::string_view json, const std::string& source) {
    return models::read_device(base::parse_document(json, ErrorKind::usage, source), {.file = source});
}

Device load_device(const fs::path& path, StopFlag stop) {
    return parse_device(base::read_document(path, ErrorKind::usage, stop), base::display_name(path));
}

Device find_device(const std::string& name, const std::vector<fs::path>& folders, const Place& place,
                   StopFlag stop) {
    const bool is_name = !name.empty() && name.find('/') == std::string::npos;
    if (!is_name || name.ends_with(".json")) {
        throw Error(ErrorKind::usage,
                    "expected the name of a datasheet, which is that of its file without .json, or an "
                    "object; found " +
                        in_quotes(name),
                    place);
    }
    for (const fs::path& folder : folders) {
        const fs::path file = folder / (name + ".json");
        std::error_code ignored;
        if (fs::exists(file, ignored)) return load_device(file, stop);
    }
    refuse_unknown_device(name, folders, place);
}

std::vector<std::string> device_names(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().extension() == ".json") names.push_back(entry->path().stem().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string to_json(const Device& device) { return base::to_text(models::device_to_json(device)); }

}  // namespace irene
