// --device, and devices in configs.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "table.hpp"

namespace irene::tests {

namespace {

std::string datasheet_of_watts(const std::string& watts) {
    return R"({"name": "mine", "flops_per_second": {"bfloat16": 1e14}, "bytes_per_second": 1e12, "watts": )" +
           watts + "}";
}

std::string kernels_config(const std::string& device) {
    return R"({"feature_sets": ["kernel_counts"], "training_strategy": "additive")" +
           (device.empty() ? "" : R"(, "device": )" + device) + "}";
}

const Fixtures& device_fixtures() {
    static const Fixtures fixtures = [] {
        Fixtures all = common_fixtures();
        for (const char* name : {"one", "two", "six"}) {
            const std::string layers = std::string(name) == "one"   ? "1"
                                       : std::string(name) == "two" ? "2"
                                                                    : "6";
            all["configs/" + std::string(name) + ".json"].content =
                R"({"model_type": "gpt2", "vocab_size": 500, "n_positions": 64, "n_embd": 24, "n_layer": )" +
                layers + R"(, "n_head": 2, "torch_dtype": "bfloat16"})";
        }
        all["configs/runs.csv"].content =
            "config,batch_size,seq_len,joules,seconds\n"
            "one,1,8,0.05,0.001\none,8,32,0.06,0.0012\none,32,64,0.2,0.004\n"
            "two,1,8,0.09,0.002\ntwo,8,32,0.11,0.0023\ntwo,32,64,0.39,0.008\n"
            "six,1,8,0.27,0.006\nsix,8,32,0.31,0.007\nsix,32,64,1.1,0.022\n";
        all["plain.json"].content = kernels_config("");
        all["named.json"].content = kernels_config(R"("T4")");
        all["unknown.json"].content = kernels_config(R"("H100-SXN")");
        all["own/config.json"].content = kernels_config(R"("mine")");
        all["own/devices/mine.json"].content = datasheet_of_watts("123");
        all["sheet.json"].content = datasheet_of_watts("321");
        all["folder/sheet"].content = datasheet_of_watts("432");
        all["bad.json"].content = datasheet_of_watts("0");
        add_made_by("irene-extract -q --counting kernels --runs {configs}/runs.csv -o runs.jsonl", all);
        all["gpu.json"].content =
            R"({"feature_sets": ["kernel_counts"], "training_strategy": "additive", "joules_of": "a made-up GPU"})";
        all["two_lines.json"].content = R"({"joules_of": "a\nb"})";
        all["specs.json"].content = R"({"training_strategy": "additive", "feature_sets": ["model_specs"]})";
        all["none.jsonl"].content = "";
        add_made_by("irene-train -q --config {named.json} {runs.jsonl} explained", all);
        add_made_by("irene-train -q --config {gpu.json} {runs.jsonl} without_device", all);
        add_made_by("irene-train -q --config {specs.json} {data.jsonl} additive", all);
        add_made_by("irene-predict -q {runs.jsonl} predicted.jsonl {without_device}", all);
        return all;
    }();
    return fixtures;
}

std::vector<Case> device_cases() {
    const std::string train = "irene-train -q {runs.jsonl} out --config ";
    const auto trains = [&](const std::string& name, const std::string& options, const Texts& in_both,
                            const std::string& version) {
        return Case{.name = "device_" + name,
                    .command = train + options,
                    .creates = model_files("out"),
                    .files = {{"out/config.json", in_both}, {"out/model.json", {version}}}};
    };
    const auto refuses = [&](const std::string& name, const std::string& options, int code,
                             const Texts& errors) {
        return refusal_of("device_" + name, train + options, code, errors);
    };
    const std::string with = "\"version\": [\n  2,\n  0\n ]", without = "\"version\": [\n  1,\n  3\n ]";
    return {
        trains("none", "{plain.json}", {"\"kernel_counts\"\n  ],\n  \"training_strategy\": \"additive\"\n}"},
               without),
        trains("of_the_config", "{named.json}", {"\"name\": \"T4\"", "\"watts\": 70.0", "\"source\": "},
               with),
        trains("beside_the_config", "{own}/config.json", {"\"name\": \"mine\"", "\"watts\": 123.0"}, with),
        trains("by_name", "{plain.json} --device H100-SXM", {"\"name\": \"H100-SXM\"", "\"watts\": 700.0"},
               with),
        trains("replaces_the_configs", "{named.json} --device A100-PCIE-40GB", {"\"watts\": 250.0"}, with),
        trains("by_file", "{plain.json} --device {sheet.json}", {"\"watts\": 321.0"}, with),
        trains("by_path", "{plain.json} --device {folder}/sheet", {"\"watts\": 432.0"}, with),
        refuses(
            "unknown", "{plain.json} --device H100-SXN", 64,
            {"--device: no datasheet is named 'H100-SXN' in ", "configs/devices", "did you mean H100-SXM?"}),
        refuses("begins_alike", "{plain.json} --device h100", 64,
                {"did you mean H100-NVL or H100-PCIE or H100-SXM?"}),
        refuses("unknown_in_the_config", "{unknown.json}", 64,
                {"unknown.json: field 'device': no datasheet is named 'H100-SXN'", "did you mean H100-SXM?"}),
        refuses("empty", "{plain.json} --device ''", 64, {"--device: expected the name of a datasheet"}),
        refuses("absent_file", "{plain.json} --device none.json", 66, {"none.json", "cannot be read"}),
        refuses("bad_file", "{plain.json} --device {bad.json}", 64, {"bad.json: field 'watts'", "above 0"}),
        refusal_of(
            "device_is_of_the_model",
            "irene-train {runs.jsonl} {explained} --config {plain.json} --device {explained}/config.json", 64,
            {"explained/config.json"}),
        refusal_of("device_without_kernel_counts", "irene-train {data.jsonl} out --device T4", 64,
                   {"--device: field 'device': applies to feature set 'kernel_counts' alone"}),
        {.name = "device_crossvalidate",
         .command = "irene-crossvalidate -q {runs.jsonl} out --config {plain.json} --device T4",
         .output = {"Percentage Error"},
         .creates = fold_files("out", {"one", "two", "six"}),
         .files = {{"out/crossvalidation/leave_one/config.json", {"\"name\": \"T4\""}}}},
        trains("joules_of", "{gpu.json}", {"\"joules_of\": \"a made-up GPU\""}, with),
        refuses("joules_of_two_lines", "{two_lines.json}", 64,
                {"two_lines.json: field 'joules_of': expected at most 200 bytes of text, in one line"}),
        {.name = "device_joules_of_is_told",
         .command = "irene-summarize {predicted.jsonl}",
         .output = {"strategy additive on kernel_counts, joules of a made-up GPU"}},
        {.name = "device_joules_of_is_explained",
         .command = "irene-explain {without_device}",
         .output = {"\nJoules are those of a made-up GPU.\n"}},
        {.name = "device_calibrate_by_datasheets",
         .command = "irene-calibrate --device L4 {explained} {none.jsonl} out",
         .errors = {"all rests on the two datasheets", "what these cost is the known host's",
                    "calibrated to 0 trees; the model is in out"},
         .lines = 3,
         .creates = model_files("out"),
         .files = {{"out/config.json", {"\"name\": \"L4\""}},
                   {"out/model.json", {"\"from\": \"T4\"", "\"to\": \"L4\"", "\"num_trees\": 0"}}}},
        {.name = "device_calibrate_by_both",
         .command = "irene-calibrate -q --device L4 {explained} {runs.jsonl} out",
         .creates = model_files("out"),
         .files = {{"out/model.json", {"\"num_trees\": 9"}}}},
        {.name = "device_calibrate_by_runs_keeps_no_datasheet",
         .command = "irene-calibrate -q {explained} {runs.jsonl} out",
         .creates = model_files("out"),
         .files = {{"out/model.json", {"\"from\": \"\"", "\"num_trees\": 9"}}}},
        refusal_of("device_calibrate_without_own",
                   "irene-calibrate --device L4 {without_device} {none.jsonl} out", 64,
                   {"does not know the datasheet of its own device"}),
        refusal_of("device_calibrate_additive", "irene-calibrate --device L4 {additive} {data.jsonl} out", 64,
                   {"a datasheet says nothing to a model of the paper's counts"}),
        refusal_of("device_calibrate_by_nothing", "irene-calibrate {explained} {none.jsonl} out", 65,
                   {"none.jsonl: holds no tree"}),
        refusal_of("device_calibrate_unknown", "irene-calibrate --device L5 {explained} {none.jsonl} out", 64,
                   {"no datasheet is named 'L5'"}),
        {.name = "device_crossvalidate_baselines",
         .command = "irene-crossvalidate -q --json {runs.jsonl} out --config {named.json}",
         .output = {"\"scale x flops\": {", "\"scale x roofline seconds\": {",
                    "\"flops + bytes + launches\": {"},
         .creates = fold_files("out", {"one", "two", "six"})},
        {.name = "device_explain",
         .command = "irene-explain {explained}",
         .output = {"Prices ", " learned ", " datasheet ", " ratio\n",
                    "\nThe datasheet of T4: TDP / peak a flop"}},
        {.name = "device_explain_json",
         .command = "irene-explain --json {explained}",
         .output = {"\"name\": \"T4\"", "\"datasheet_prices\": {", "\"ratios\": {"}},
    };
}

INSTANTIATE_TEST_SUITE_P(Devices, Table, testing::ValuesIn(with_fixtures(device_fixtures, device_cases())),
                         name_of_case);

}  // namespace

}  // namespace irene::tests
