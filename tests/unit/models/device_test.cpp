// Datasheets: what is read and refused, the rates that follow, the ones that ship, and models that have one.
#include "irene/device.hpp"

#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "irene/config.hpp"
#include "irene/model.hpp"
#include "irene/tasks.hpp"
#include "irene/version.hpp"

#include "models/kernels/datasheet.hpp"
#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

using models::KernelPrice;

const char* const kDatasheet = R"({"name": "A100-PCIE-40GB",
    "flops_per_second": {"bfloat16": 312e12, "float32": 19.5e12},
    "bytes_per_second": 1.555e12, "watts": 250})";

std::filesystem::path shipped_devices() {
    return std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "configs/devices";
}

/// The datasheet above with one part replaced, which it has once.
std::string datasheet_with(const std::string& part, const std::string& other) {
    std::string text = kDatasheet;
    EXPECT_NE(text.find(part), std::string::npos) << part;
    return text.replace(text.find(part), part.size(), other);
}

std::string config_with_device(const std::string& device) {
    return R"({"feature_sets": ["kernel_counts"], "training_strategy": "additive", "device": )" + device +
           "}";
}

Device a_device() { return parse_device(kDatasheet, "d.json"); }

TEST(Device, IsRead) {
    const Device device = a_device();
    EXPECT_EQ(device.name, "A100-PCIE-40GB");
    EXPECT_EQ(device.bytes_per_second, 1.555e12);
    EXPECT_EQ(device.watts, 250.0);
    EXPECT_FALSE(device.clock_mhz || device.boost_clock_mhz);
    EXPECT_EQ(device.source, "");
    EXPECT_EQ(device.peak(Dtype::bfloat16), 312e12);
    EXPECT_EQ(device.peak(Dtype::float32), 19.5e12);
    for (const Dtype dtype : {Dtype::float16, Dtype::float8, Dtype::int8, Dtype::int4, Dtype::mxfp4})
        EXPECT_EQ(device.peak(dtype), 312e12) << name(dtype);
    EXPECT_EQ(device.peak_as_measured(Dtype::float32), 19.5e12);
}

TEST(Device, ClocksScaleThePeaks) {
    const Device device =
        parse_device(datasheet_with("250}", R"(250, "clock_mhz": 900, "boost_clock_mhz": 1410})"), "d.json");
    EXPECT_EQ(device.peak(Dtype::bfloat16), 312e12);
    EXPECT_DOUBLE_EQ(device.peak_as_measured(Dtype::bfloat16), 312e12 * 900.0 / 1410.0);
    EXPECT_DOUBLE_EQ(device.peak_as_measured(Dtype::int8), 312e12 * 900.0 / 1410.0);
    EXPECT_DOUBLE_EQ(device.peak_as_measured(Dtype::float32), 19.5e12 * 900.0 / 1410.0);
}

TEST(Device, ReadsBackEqual) {
    Device device = a_device();
    EXPECT_EQ(parse_device(to_json(device), "d.json"), device);
    device.clock_mhz = 900.5;
    device.boost_clock_mhz = 1410.0;
    device.source = "a \"page\"";
    device.flops_per_second.emplace_back(Dtype::float8, 1.0 / 3.0 * 1e15);
    EXPECT_EQ(parse_device(to_json(device), "d.json"), device);
}

TEST(Device, RefusesWithFileAndField) {
    struct Case {
        std::string json;
        std::vector<std::string> parts;
    };
    const auto with = datasheet_with;
    const std::vector<Case> cases{
        {"[]", {"an object"}},
        {"", {"is empty"}},
        {"{", {"malformed"}},
        {"{}", {"'name'", "is missing"}},
        {with(R"("watts": 250)", R"("watt": 250)"), {"'watt'", "unknown key", "'watts'"}},
        {with(R"("watts": 250)", R"("watts": 250, "watts": 250)"), {"'watts'", "stands twice"}},
        {with(R"("watts": 250)", R"("source": "")"), {"'watts'", "is missing"}},
        {with(R"("watts": 250)", R"("watts": "250")"), {"'watts'", "finite number", "'250'"}},
        {with("250}", "0}"), {"'watts'", "above 0"}},
        {with("250}", "-250}"), {"'watts'", "above 0", "-250"}},
        {with("250}", "1e400}"), {"'watts'", "out of range"}},
        {with("250}", "NaN}"), {"malformed"}},
        {with("250}", "250e6}"), {"'watts'", "expected W", "2.5e+08"}},
        {with(R"("A100-PCIE-40GB")", R"("")"), {"'name'", "empty"}},
        {with(R"("A100-PCIE-40GB")", R"(" ")"), {"'name'", "empty"}},
        {with(R"("A100-PCIE-40GB")", "100"), {"'name'", "a string"}},
        {with("312e12", "0"), {"'flops_per_second.bfloat16'", "above 0"}},
        {with("19.5e12", "-1"), {"'flops_per_second.float32'", "above 0"}},
        {with("19.5e12", "19.5"), {"'flops_per_second.float32'", "flops a second", "312e12", "19.5"}},
        {with("19.5e12", "true"), {"'flops_per_second.float32'", "finite number"}},
        {with(R"("float32")", R"("tf32")"), {"'flops_per_second.tf32'", "no dtype", "'mxfp4'"}},
        {with(R"("float32")", R"("bfloat16")"), {"'bfloat16'", "stands twice"}},
        {with(R"("bfloat16")", R"("float16")"), {"'flops_per_second.bfloat16'", "is missing", "float16"}},
        {with(R"({"bfloat16": 312e12, "float32": 19.5e12})", "{}"), {"bfloat16", "is missing"}},
        {with(R"({"bfloat16": 312e12, "float32": 19.5e12})", "312e12"), {"'flops_per_second'", "an object"}},
        {with("1.555e12", "1555"), {"'bytes_per_second'", "bytes a second", "1555"}},
        {with("250}", R"(250, "clock_mhz": 900})"), {"'clock_mhz'", "'boost_clock_mhz'"}},
        {with("250}", R"(250, "boost_clock_mhz": 900})"), {"'boost_clock_mhz'", "'clock_mhz'"}},
        {with("250}", R"(250, "clock_mhz": 0.9, "boost_clock_mhz": 1410})"), {"'clock_mhz'", "MHz", "0.9"}},
        {with("250}", R"(250, "clock_mhz": 900, "boost_clock_mhz": 0})"), {"'boost_clock_mhz'", "above 0"}},
        {with("250}", R"(250, "source": 3})"), {"'source'", "a string"}},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.json);
        const std::string what = refusal(ErrorKind::usage, [&] { parse_device(c.json, "d.json"); });
        expect_contains(what, "d.json");
        for (const std::string& part : c.parts) expect_contains(what, part);
    }
}

TEST(Device, ValidateRefusesWhatParsingCannotSee) {
    Device device = a_device();
    device.watts = std::numeric_limits<double>::quiet_NaN();
    expect_contains(refusal(ErrorKind::usage, [&] { device.validate(); }), "'watts'");
    device = a_device();
    device.flops_per_second.emplace_back(Dtype::float32, 1e12);
    expect_contains(refusal(ErrorKind::usage, [&] { device.validate(); }), "twice");
    Config config = parse_config(config_with_device(kDatasheet), "c.json");
    config.device->bytes_per_second = 0.0;
    expect_contains(refusal(ErrorKind::usage, [&] { config.validate(); }), "'device.bytes_per_second'");
    EXPECT_NO_THROW(a_device().validate());
}

TEST(Device, IsFoundByName) {
    const TemporaryDirectory directory;
    std::filesystem::create_directories(directory / "mine");
    write_file(directory / "mine/A10.json", datasheet_with("250}", "99}"));
    write_file(directory / "mine/bad.json", "{");
    const std::vector<std::filesystem::path> folders{directory / "none", directory / "mine",
                                                     shipped_devices()};
    EXPECT_EQ(find_device("A10", folders).watts, 99.0);
    EXPECT_EQ(find_device("H100-SXM", folders).watts, 700.0);
    const auto refused = [&](const std::string& name) {
        return refusal(ErrorKind::usage, [&] { find_device(name, folders, {.file = "c.json"}); });
    };
    expect_contains(refused("bad"), "mine/bad.json");
    const std::string nearest = refused("h100-sxn");
    expect_contains(nearest, "c.json: no datasheet is named 'h100-sxn' in ");
    expect_contains(nearest, "configs/devices; did you mean H100-SXM?");
    expect_contains(refused("a100"), "did you mean A100-PCIE-40GB or A100-PCIE-80GB or A100-SXM-40GB or ");
    EXPECT_EQ(refused("zzzzzzzz").find("did you mean"), std::string::npos);
    for (const char* name : {"", "../devices/A10", "A10.json"})
        expect_contains(refused(name), "expected the name of a datasheet");
    expect_contains(refusal(ErrorKind::usage, [] { find_device("A10", {}); }), "no folder of datasheets");
    expect_contains(refusal(ErrorKind::no_input, [&] { load_device(directory / "none.json"); }), "none.json");
    EXPECT_EQ(device_names(directory / "mine"), (std::vector<std::string>{"A10", "bad"}));
    EXPECT_TRUE(device_names(directory / "none").empty());
}

TEST(Device, ThoseThatShipAreSane) {
    const std::vector<std::string> names = device_names(shipped_devices());
    EXPECT_GE(names.size(), 20U);
    for (const std::string& shipped : names) {
        SCOPED_TRACE(shipped);
        const Device device = load_device(shipped_devices() / (shipped + ".json"));
        EXPECT_EQ(device.name, shipped);
        EXPECT_FALSE(device.source.empty());
        EXPECT_FALSE(device.clock_mhz.has_value());
        const double narrow = device.peak(Dtype::bfloat16), wide = device.peak(Dtype::float32);
        const double pj_a_flop = 1e12 * device.watts / narrow,
                     pj_a_byte = 1e12 * device.watts / device.bytes_per_second;
        EXPECT_TRUE(pj_a_flop >= 0.1 && pj_a_flop <= 10.0) << pj_a_flop;
        EXPECT_TRUE(pj_a_byte >= 50.0 && pj_a_byte <= 1000.0) << pj_a_byte;
        EXPECT_TRUE(device.watts >= 50.0 && device.watts <= 1500.0);
        EXPECT_TRUE(narrow >= 1.9 * wide && narrow <= 33.0 * wide) << narrow / wide;
        EXPECT_EQ(device.peak(Dtype::float16), narrow);  // on tensor cores of either
        // Half the width, at most four times the rate; a peak with sparsity beside one without would show.
        for (const Dtype dtype : {Dtype::float8, Dtype::int8}) {
            EXPECT_GE(device.peak(dtype), narrow);
            EXPECT_LE(device.peak(dtype), 4.1 * narrow);
        }
    }
    const Device known = find_device("A100-PCIE-40GB", {shipped_devices()});
    EXPECT_EQ(known.peak(Dtype::bfloat16), 312e12);
    EXPECT_EQ(known.peak(Dtype::float32), 19.5e12);
    EXPECT_EQ(known.bytes_per_second, 1.555e12);
    EXPECT_EQ(known.watts, 250.0);
    EXPECT_EQ(find_device("H100-SXM", {shipped_devices()}).peak(Dtype::float8), 1979e12);
}

TEST(ConfigDevice, IsAnObjectOrANameAndIsWrittenAsAnObject) {
    const Config config = parse_config(config_with_device(kDatasheet), "c.json");
    EXPECT_EQ(config.device, a_device());
    EXPECT_EQ(parse_config(to_json(config), "c.json"), config);
    const Config named = parse_config(config_with_device(R"("H100-SXM")"), "c.json", {}, {shipped_devices()});
    EXPECT_EQ(named.device, find_device("H100-SXM", {shipped_devices()}));
    EXPECT_EQ(parse_config(to_json(named), "c.json"), named);
    // Without one the document is what it was.
    const Config none =
        parse_config(R"({"feature_sets": ["kernel_counts"], "training_strategy": "additive"})", "c.json");
    EXPECT_FALSE(none.device.has_value());
    EXPECT_EQ(to_json(none).find("device"), std::string::npos);
}

TEST(ConfigDevice, IsLookedUpBesideTheFileFirst) {
    const TemporaryDirectory directory;
    std::filesystem::create_directories(directory / "devices");
    write_file(directory / "devices/T4.json", datasheet_with("250}", "77}"));
    write_file(directory / "mine.json", config_with_device(R"("T4")"));
    write_file(directory / "other.json", config_with_device(R"("A30")"));
    EXPECT_EQ(load_config(directory / "mine.json", nullptr, {}, {shipped_devices()}).device->watts, 77.0);
    EXPECT_EQ(load_config(directory / "other.json", nullptr, {}, {shipped_devices()}).device->watts, 165.0);
    const std::string what = refusal(ErrorKind::usage, [&] { load_config(directory / "other.json"); });
    expect_contains(what, "other.json: field 'device': no datasheet is named 'A30' in ");
    EXPECT_NO_THROW(load_config(shipped_devices().parent_path() / "additive_kernels.json"));
}

TEST(ConfigDevice, IsRefusedWhereItDoesNotApply) {
    const std::vector<std::pair<std::string, std::vector<std::string>>> cases{
        {R"({"device": "A100"})", {"'device'", "'kernel_counts' alone"}},
        {R"({"feature_sets": ["model_specs"], "training_strategy": "additive", "device": "T4"})",
         {"'device'", "'kernel_counts' alone"}},
        {config_with_device("null"), {"'device'", "the name of a datasheet or an object", "null"}},
        {config_with_device("[]"), {"'device'", "the name of a datasheet or an object", "a list"}},
        {config_with_device(R"("T4")"), {"'device'", "'T4'", "no folder of datasheets"}},
        {config_with_device("{}"), {"'device.name'", "is missing"}},
        {config_with_device(datasheet_with("watts", "wats")), {"'device.wats'", "unknown key", "'watts'"}},
        {config_with_device(datasheet_with("19.5e12", "0")), {"'device.flops_per_second.float32'"}},
        {R"({"feature_sets": ["kernel_counts"], "training_strategy": "additive", "divice": "T4"})",
         {"'divice'", "'device'"}},
    };
    for (const auto& [json, parts] : cases) {
        SCOPED_TRACE(json);
        const std::string what = refusal(ErrorKind::usage, [&json = json] { parse_config(json, "c.json"); });
        expect_contains(what, "c.json");
        for (const std::string& part : parts) expect_contains(what, part);
    }
    Config config;
    config.device = a_device();
    expect_contains(refusal(ErrorKind::usage, [&] { config.validate(); }), "'kernel_counts' alone");
}

/// A model of the law with prices that nobody fitted.
Model model_on(std::optional<Device> device, bool has_seconds = true) {
    models::Origin origin;
    origin.config.training_strategy = TrainingStrategy::additive;
    origin.config.feature_sets = {FeatureSet::kernel_counts};
    origin.config.device = std::move(device);
    origin.features = features_of(origin.config.feature_sets);
    origin.counting = Counting::kernels;
    models::KernelModel learned;
    learned.has_seconds = has_seconds;
    const auto price = [&learned](KernelPrice which) -> double& {
        return learned.prices[static_cast<std::size_t>(which)];
    };
    price(KernelPrice::joules_float32_flop) = 0.5 * 250.0 / 19.5e12;
    price(KernelPrice::joules_byte) = 2.0 * 250.0 / 1.555e12;
    price(KernelPrice::watts) = 50.0;
    price(KernelPrice::seconds_narrow_flop) = 4.0 / 312e12;
    price(KernelPrice::host_seconds_launch) = 1e-5;
    return Model(std::make_shared<models::FittedKernelModel>(std::move(origin), std::move(learned)));
}

TEST(ModelOfADevice, IsOfAVersionThatOlderProgramsRefuse) {
    const TemporaryDirectory directory;
    save_model(model_on({}), directory / "without");
    save_model(model_on(a_device()), directory / "with");
    const auto version = [&](const std::string& model) {
        const auto json = base::Json::parse(read_file(directory / model / "model.json"));
        return std::pair(json["version"][0].get<int>(), json["version"][1].get<int>());
    };
    EXPECT_EQ(version("without"), std::pair(1, 3));
    EXPECT_EQ(version("with"), std::pair(2, 0));
    EXPECT_EQ(version("with"), std::pair(kModelFormatMajor, kModelFormatMinor));
    for (const char* model : {"without", "with"}) {
        std::vector<std::string> warnings;
        const Model read = load_model(directory / model, into(warnings));
        EXPECT_TRUE(warnings.empty());
        save_model(read, directory / "again");
        EXPECT_EQ(version("again"), version(model));
        EXPECT_EQ(read_file(directory / "again/config.json"), read_file(directory / model / "config.json"));
    }
    // An object it stays: a model needs no folder of datasheets.
    expect_contains(read_file(directory / "with/config.json"), "\"bytes_per_second\": 1555000000000.0");
    EXPECT_EQ(load_model(directory / "with").config().device, a_device());
    EXPECT_FALSE(load_model(directory / "without").config().device.has_value());
}

TEST(ModelOfADevice, IsExplainedBesideTheDatasheet) {
    const std::string text = explain(model_on(a_device()));
    expect_contains(text,
                    "Prices                                learned    datasheet  ratio\n"
                    "  a flop in float32                   6.41 pJ     12.82 pJ    0.5\n"
                    "  a byte moved                       321.5 pJ     160.8 pJ      2\n"
                    "  a GPU, whatever it does                50 W        250 W    0.2\n"
                    "  GPU: a flop in narrower numbers  0.01282 ps  0.003205 ps      4\n"
                    "  host: a launch                        10 us\n");
    expect_contains(text, "\nThe datasheet of A100-PCIE-40GB: TDP / peak a flop");
    const auto json = base::Json::parse(explain_json(model_on(a_device())));
    EXPECT_EQ(json["device"]["name"], "A100-PCIE-40GB");
    EXPECT_DOUBLE_EQ(json["datasheet_prices"]["joules_byte"].get<double>(), 250.0 / 1.555e12);
    EXPECT_DOUBLE_EQ(json["ratios"]["joules_byte"].get<double>(), 2.0);
    EXPECT_DOUBLE_EQ(json["ratios"]["watts"].get<double>(), 0.2);
    EXPECT_FALSE(json["ratios"].contains("host_seconds_launch"));
    // Joules are held against the clock of the datasheet, seconds against that of the measurement.
    Device slow = a_device();
    slow.clock_mhz = 705.0;
    slow.boost_clock_mhz = 1410.0;
    const auto scaled = base::Json::parse(explain_json(model_on(slow)));
    EXPECT_DOUBLE_EQ(scaled["ratios"]["joules_float32_flop"].get<double>(), 0.5);
    EXPECT_DOUBLE_EQ(scaled["ratios"]["seconds_narrow_flop"].get<double>(), 2.0);
    expect_contains(explain(model_on(slow)), "1 / peak at 705 of 1410 MHz");
}

TEST(ModelOfADevice, WhatItDoesNotKnowIsNotCompared) {
    // Without times the watts are joules a launch.
    const auto json = base::Json::parse(explain_json(model_on(a_device(), false)));
    EXPECT_FALSE(json["ratios"].contains("watts"));
    EXPECT_FALSE(json["ratios"].contains("seconds_narrow_flop"));
    EXPECT_TRUE(json["ratios"].contains("joules_byte"));
    EXPECT_EQ(explain(model_on({})).find("datasheet"), std::string::npos);
    EXPECT_FALSE(base::Json::parse(explain_json(model_on({}))).contains("device"));
}

}  // namespace
}  // namespace irene::tests
