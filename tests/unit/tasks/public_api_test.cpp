// Each function of the public headers that needs neither data nor a model, called with its defaults and with
// the worst arguments that a program may give it: it refuses them by Error, or gives what its header says.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "irene/architectures.hpp"
#include "irene/dataset.hpp"
#include "irene/error.hpp"
#include "irene/features.hpp"
#include "irene/same_file.hpp"
#include "irene/summarize.hpp"
#include "irene/table.hpp"
#include "irene/version.hpp"
#include "irene/visualize.hpp"

#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kGreatest = std::numeric_limits<std::int64_t>::max();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
const std::string kZeroByte("a\0b", 3);
const std::string kLong(1'000'000, 'x');
const std::string kLongPath(5000, 'x');  // longer than any that a file system takes
const std::atomic<bool> kStopped{true};

/// Values that no enumerator of the enum has.
template <typename Enum>
std::vector<Enum> out_of_range() {
    return {static_cast<Enum>(100), static_cast<Enum>(255)};
}

/// That each enumerator, and nothing else, has a name, by which it is found.
template <typename Enum, typename Find>
void expect_names(int num_enumerators, const Find& find) {
    for (int i = 0; i < num_enumerators; ++i) {
        const auto value = static_cast<Enum>(i);
        EXPECT_FALSE(name(value).empty()) << i;
        EXPECT_EQ(find(name(value)), value) << name(value);
    }
    EXPECT_EQ(name(static_cast<Enum>(num_enumerators)), "");
    for (const Enum value : out_of_range<Enum>()) EXPECT_EQ(name(value), "");
    for (const std::string_view spelling : {std::string_view(), std::string_view(""), std::string_view(" "),
                                            std::string_view(kZeroByte), std::string_view(kLong)})
        EXPECT_FALSE(find(spelling).has_value());
}

Transformer small_transformer(const std::string& model_name = "m") {
    return Transformer(R"({"model_type": "gpt2", "n_layer": 1})", "config.json", model_name);
}

class PublicApi : public testing::Test {
  protected:
    std::filesystem::path trees(const std::string& name = "trees.jsonl") {
        write_file(directory_ / name, to_json(small_transformer(), {1, 8}) + "\n");
        return directory_ / name;
    }
    /// One tree in which every node is predicted to spend 1 J.
    std::filesystem::path predictions() {
        std::string line = to_json(small_transformer(), {1, 8}) + "\n";
        for (std::size_t at = 0; (at = line.find(R"("level")", at)) != std::string::npos; at += 40)
            line.insert(at, R"("predicted_energy": 1.0, )");
        write_file(directory_ / "predictions.jsonl", line);
        return directory_ / "predictions.jsonl";
    }
    std::filesystem::path output() const { return directory_ / "output"; }
    bool has_output() const { return std::filesystem::exists(output()); }

    TemporaryDirectory directory_;
};

// ---- error.hpp ----

TEST(PublicError, SaysWhatItIsGiven) {
    const Error plain(ErrorKind::data, "");
    EXPECT_STREQ(plain.what(), "");
    EXPECT_EQ(plain.place().line, 0U);
    const Error odd(static_cast<ErrorKind>(100), "a\0b\n", {.line = SIZE_MAX, .byte = SIZE_MAX});
    EXPECT_EQ(odd.kind(), static_cast<ErrorKind>(100));
    EXPECT_STREQ(odd.what(), "line 18446744073709551615, byte 18446744073709551615: a");
    const Error full(ErrorKind::usage, kZeroByte, {.file = kZeroByte, .node = kLong, .field = "\xff"});
    expect_contains(full.what(), R"(a\x00b: node 'xxx)");
    expect_contains(full.what(), R"(...': field '\xff': a\x00b)");
    EXPECT_LT(std::string(full.what()).size(), 200U);
}

TEST(PublicError, KeepsItsPlace) {
    const Error error(ErrorKind::data, "why", {.file = "f", .line = 3, .node = "n", .field = "k"});
    EXPECT_EQ(error.as(static_cast<ErrorKind>(-1)).kind(), static_cast<ErrorKind>(-1));
    EXPECT_STREQ(error.as(ErrorKind::usage).what(), error.what());
    EXPECT_STREQ(error.in_file("").what(), "line 3: node 'n': field 'k': why");
    EXPECT_STREQ(error.in_file("\n").what(), R"(\x0a:3: node 'n': field 'k': why)");
}

TEST(PublicError, Words) {
    EXPECT_EQ(printable({}), "");
    EXPECT_EQ(printable(kZeroByte), R"(a\x00b)");
    EXPECT_EQ(printable("\xf0\x9f\x98"), R"(\xf0\x9f\x98)");
    EXPECT_EQ(printable(kLong), kLong);
    EXPECT_EQ(in_quotes({}), "''");
    EXPECT_EQ(in_quotes(std::string(1000, '\x80')).size(), 5U);  // no character begins where it may be cut
    EXPECT_EQ(near_miss({}, {}), std::nullopt);
    EXPECT_EQ(near_miss("", {"", "a", kLong}), std::nullopt);
    EXPECT_EQ(near_miss(kLong, {kLong}), kLong);
    EXPECT_EQ(near_miss(kZeroByte, {std::string("a\0c", 3)}), std::string("a\0c", 3));
}

// ---- features.hpp ----

TEST(PublicFeatures, Names) {
    expect_names<Feature>(kNumFeatures, feature_from_name);
    expect_names<FeatureSet>(kFeatureSets.size(), feature_set_from_name);
}

TEST(PublicFeatures, Absent) {
    EXPECT_TRUE(is_absent(absent()));
    EXPECT_TRUE(is_absent(-kNaN));
    for (const double value : no_features()) EXPECT_TRUE(is_absent(value));
    for (const double value : {0.0, -0.0, kInfinity, -kInfinity, std::numeric_limits<double>::denorm_min()})
        EXPECT_FALSE(is_absent(value));
}

TEST(PublicFeatures, OfSets) {
    const std::vector<Feature> in_every_model{Feature::num_parameters, Feature::input_size};
    EXPECT_EQ(features_of({}), in_every_model);
    EXPECT_EQ(features_of(out_of_range<FeatureSet>()), in_every_model);
    const std::vector<Feature> specs{Feature::num_parameters, Feature::input_size, Feature::batch_size,
                                     Feature::seq_len,        Feature::flops,      Feature::mem_bytes};
    EXPECT_EQ(features_of({FeatureSet::model_specs}), specs);
    EXPECT_EQ(features_of({FeatureSet::model_specs, FeatureSet::model_specs, static_cast<FeatureSet>(7)}),
              specs);
    EXPECT_EQ(features_of({FeatureSet::timing}),
              (std::vector{Feature::num_parameters, Feature::input_size, Feature::times_mean}));
    // All but calls and launches, which no set has yet.
    EXPECT_EQ(features_of({FeatureSet::resource_utilization, FeatureSet::model_specs}).size(),
              kNumFeatures - 2);
}

// ---- version.hpp ----

TEST(PublicVersion, IsTold) {
    EXPECT_EQ(std::count(version().begin(), version().end(), '.'), 2);
    const std::vector<std::string_view> kernels = kernel_names();
    ASSERT_FALSE(kernels.empty());
    EXPECT_EQ(kernels[0], "baseline");
    EXPECT_NE(std::find(kernels.begin(), kernels.end(), kernel_in_use()), kernels.end());
    EXPECT_EQ(std::find(kernels.begin(), kernels.end(), absent_kernel()), kernels.end());
}

// ---- table.hpp ----

TEST(PublicTable, Names) { expect_names<TableFormat>(3, table_format_from_name); }

TEST(PublicTable, EmptyOnes) {
    EXPECT_EQ(to_text({}, TableFormat::text), "\n");
    EXPECT_EQ(to_text({}, TableFormat::csv), "\n");
    EXPECT_EQ(to_text({}, TableFormat::json), "[]\n");
    const Table no_columns{.columns = {}, .rows = {{}, {}}};
    EXPECT_EQ(to_text(no_columns, TableFormat::text), "\n\n\n");
    EXPECT_EQ(to_text(no_columns, TableFormat::csv), "\n\n\n");
    EXPECT_EQ(nlohmann::json::parse(to_text(no_columns, TableFormat::json)),
              nlohmann::json::parse("[{}, {}]"));
}

TEST(PublicTable, OddCells) {
    const Table table{.columns = {"a", "", "b\n\"", "\xff", "e"},
                      .rows = {{kNaN, kInfinity, -0.0, 1e308, kLeast}, {"", kZeroByte, "\xff", {}, {}}}};
    for (const TableFormat format : {TableFormat::text, TableFormat::csv, TableFormat::json}) {
        const std::string text = to_text(table, format);
        expect_contains(text, std::to_string(kLeast));
        EXPECT_EQ(text.find("nan"), std::string::npos) << text;
        EXPECT_EQ(text.find("inf"), std::string::npos) << text;
    }
    const nlohmann::json read = nlohmann::json::parse(to_text(table, TableFormat::json));
    EXPECT_TRUE(read[0]["a"].is_null());
    EXPECT_TRUE(read[0][""].is_null());
    EXPECT_EQ(read[0]["e"], kLeast);
    EXPECT_EQ(read[1][""], kZeroByte);
}

TEST(PublicTable, WhatIsNoTableIsRefused) {
    const auto refused = [](const Table& table, TableFormat format) {
        return refusal(ErrorKind::usage, [&] { (void)to_text(table, format); });
    };
    for (const TableFormat format : {TableFormat::text, TableFormat::csv, TableFormat::json}) {
        expect_contains(refused({.columns = {"a"}, .rows = {{1.0}, {1.0, 2.0}}}, format),
                        "row 1 of the table has 2 cells for 1 columns");
        expect_contains(refused({.columns = {"a", "b"}, .rows = {{}}}, format), "0 cells for 2 columns");
    }
    for (const TableFormat format : out_of_range<TableFormat>())
        expect_contains(refused({}, format), "format");
    const Table same{.columns = {"a", "b", "a"}, .rows = {{1.0, 2.0, 3.0}}};
    expect_contains(refused(same, TableFormat::json), "'a'");
    EXPECT_EQ(to_text(same, TableFormat::csv), "a,b,a\n1.0,2.0,3.0\n");
}

// ---- same_file.hpp ----

TEST_F(PublicApi, OutputsThatAreInputs) {
    refuse_outputs_that_are_inputs({}, {});
    refuse_outputs_that_are_inputs({"", kLongPath, kZeroByte, "/nowhere/a", "/", "/dev/null"},
                                   {"", kLongPath, kZeroByte, "/nowhere/a", "/", "/dev/null"});
    const std::filesystem::path file = trees();
    refuse_outputs_that_are_inputs({file, file}, {});
    refuse_outputs_that_are_inputs({}, {file, file});
    expect_contains(
        refusal(ErrorKind::usage,
                [&] {
                    refuse_outputs_that_are_inputs({"", file}, {"", directory_ / "." / "trees.jsonl"});
                }),
        "is also the input");
}

// ---- architectures.hpp ----

TEST(PublicArchitectures, ATransformerRefusesWhatIsNoConfig) {
    for (const std::string& config : {std::string(), kZeroByte, std::string("null"), std::string("[]"),
                                      std::string("{}"), std::string(100'000, '[')}) {
        refusal(ErrorKind::data, [&] { Transformer(config, "", "m"); });
    }
    const std::string config = R"({"model_type": "gpt2"})";
    refusal(ErrorKind::usage, [&] { Transformer(config, "", ""); });
    refusal(ErrorKind::usage, [&] { Transformer(config, "", "m", kLong); });
    refusal(ErrorKind::usage, [&] { Transformer(config, "", "m", kZeroByte); });
    EXPECT_EQ(Transformer(config, "", kLong).model_name(), kLong);
    const Transformer odd(config, "", kZeroByte, "", nullptr);
    EXPECT_EQ(odd.tree(1, 1).model_name(), kZeroByte);
    EXPECT_EQ(parse_tree(to_json(odd, {1, 1})).model_name(), kZeroByte);
}

TEST(PublicArchitectures, SizesHaveARange) {
    const Transformer bounded = small_transformer();
    const Transformer unbounded(R"({"model_type": "llama", "num_hidden_layers": 1})", "config.json", "m");
    for (const Transformer* transformer : {&bounded, &unbounded}) {
        for (const std::int64_t size :
             {std::int64_t{0}, std::int64_t{-1}, kLeast, kGreatest, (std::int64_t{1} << 26) + 1}) {
            const std::vector<std::pair<std::int64_t, std::int64_t>> runs{{size, 1}, {1, size}, {size, size}};
            for (const auto& run : runs) {
                const auto is_told = [&](const auto& function) {
                    expect_contains(refusal(ErrorKind::usage, function), "from 1 to 67108864");
                };
                is_told([&] { (void)transformer->tree(run.first, run.second); });
                is_told([&] { (void)to_json(*transformer, {run.first, run.second}); });
                is_told([&] { (void)count_rows(*transformer, {run.first, run.second}); });
            }
        }
        EXPECT_EQ(transformer->tree(1, 1).nodes().size(),
                  count_rows(*transformer, {1, 1}).size() + 1);  // matmul
    }
    refusal(ErrorKind::data, [&] { (void)bounded.tree(1, 1025); });
    refusal(ErrorKind::data, [&] { (void)count_rows(unbounded, {1 << 26, 1 << 26}); });
}

TEST(PublicArchitectures, AreKnown) {
    const auto known = known_architectures();
    EXPECT_GE(known.size(), 14U);
    EXPECT_TRUE(std::is_sorted(known.begin(), known.end()));
}

TEST_F(PublicApi, LoadingTransformers) {
    EXPECT_TRUE(load_transformers({}).empty());
    write_file(directory_ / "small.json", R"({"model_type": "gpt2", "n_layer": 1})");
    EXPECT_EQ(load_transformer(directory_ / "small.json").model_name(), "small");
    const std::vector<std::filesystem::path> twice(2, directory_ / "small.json");
    EXPECT_EQ(load_transformers(twice).size(), 2U);
    EXPECT_EQ(load_transformers(twice, {.model_name = "n"})[1].model_name(), "n");
    EXPECT_EQ(load_transformer(directory_ / "small.json", {.stop = nullptr, .warn = nullptr}).model_name(),
              "small");
    refusal(ErrorKind::no_input, [] { (void)load_transformer(""); });
    refusal(ErrorKind::no_input, [] { (void)load_transformer("/nowhere/config.json"); });
    refusal(ErrorKind::no_input, [] { (void)load_transformer(kLongPath); });
    refusal(ErrorKind::no_input, [&] { (void)load_transformer(directory_.path()); });
    refusal(ErrorKind::usage, [&] { (void)load_transformers(twice, {.model_type = "no such"}); });
    refusal(ErrorKind::usage, [&] { (void)load_transformers(twice, {.model_name = "\xff"}); });
    refusal(ErrorKind::interrupted, [&] { (void)load_transformers(twice, {.stop = &kStopped}); });
    write_file(directory_ / "empty.json", "");
    refusal(ErrorKind::data, [&] { (void)load_transformer(directory_ / "empty.json"); });
}

TEST_F(PublicApi, Extracting) {
    const std::vector<Transformer> two{small_transformer("a"), small_transformer("b")};
    const std::vector<std::int64_t> sizes{1, 8};
    EXPECT_EQ(extract({}, {}, {}, output()), 0U);
    EXPECT_EQ(read_file(output()), "");
    EXPECT_EQ(extract(two, {}, sizes, output()), 0U);
    EXPECT_EQ(extract(two, sizes, {}, output(), {}), 0U);
    EXPECT_EQ(extract(two, sizes, sizes, output()), 8U);
    const std::string before = read_file(output());
    for (const std::int64_t size : {std::int64_t{0}, std::int64_t{-1}, kLeast, kGreatest}) {
        const std::vector<std::int64_t> bad{1, size};
        refusal(ErrorKind::usage, [&] { (void)extract(two, bad, sizes, output()); });
        refusal(ErrorKind::usage, [&] { (void)extract(two, sizes, bad, output()); });
    }
    const std::vector<std::int64_t> repeated{8, 8};
    refusal(ErrorKind::usage, [&] { (void)extract(two, repeated, sizes, output()); });
    const std::vector<Transformer> same{two[0], two[0]};
    refusal(ErrorKind::usage, [&] { (void)extract(same, sizes, sizes, output()); });
    refusal(ErrorKind::interrupted, [&] { (void)extract(two, sizes, sizes, output(), {.stop = &kStopped}); });
    EXPECT_EQ(read_file(output()), before);
    refusal(ErrorKind::cannot_create, [&] { (void)extract(two, sizes, sizes, ""); });
    refusal(ErrorKind::cannot_create, [&] { (void)extract(two, sizes, sizes, kLongPath); });
    refusal(ErrorKind::cannot_create, [&] { (void)extract(two, sizes, sizes, directory_.path()); });
}

// ---- summarize.hpp ----

TEST(PublicSummarize, Names) {
    expect_names<RunKey>(8, run_key_from_name);
    expect_names<Counting>(2, counting_from_name);
    expect_names<Dtype>(7, dtype_from_name);
    expect_names<AttentionKind>(2, attention_from_name);
    for (const std::string& spelling : summary_key_names())
        EXPECT_EQ(name(summary_key_from_name(spelling).value()), spelling);
    EXPECT_FALSE(summary_key_from_name("").has_value());
    expect_names<EnergyUnit>(4, energy_unit_from_name);
}

TEST_F(PublicApi, Summarizing) {
    const std::filesystem::path file = predictions();
    const Table table = summarize(file, {});
    ASSERT_EQ(table.rows.size(), 1U);
    EXPECT_EQ(table.rows[0].size(), table.columns.size());
    EXPECT_EQ(summarize(file, {.top = SIZE_MAX}).rows.size(), 1U);
    EXPECT_EQ(summarize(file, {.max_line_bytes = 0}).rows.size(), 1U);
    EXPECT_EQ(summarize(file, {.max_line_bytes = SIZE_MAX}).rows.size(), 1U);
    const auto refused = [&](const SummaryOptions& options) {
        return refusal(ErrorKind::usage, [&] { (void)summarize(file, options); });
    };
    refused({.by = {NodeKey::scope, NodeKey::scope}});
    for (const NodeKey key : out_of_range<NodeKey>())
        expect_contains(refused({.by = {NodeKey::type, key}}), "key");
    for (const RunKey key : out_of_range<RunKey>()) expect_contains(refused({.by = {key}}), "key");
    for (const EnergyUnit unit : out_of_range<EnergyUnit>()) expect_contains(refused({.unit = unit}), "unit");
    refusal(ErrorKind::data, [&] { (void)summarize(trees(), {}); });
    refusal(ErrorKind::data, [&] { (void)summarize(file, {.measured = true}); });
    refusal(ErrorKind::no_input, [&] { (void)summarize("", {}); });
    refusal(ErrorKind::no_input, [&] { (void)summarize(kLongPath, {}); });
    refusal(ErrorKind::no_input, [&] { (void)summarize(directory_.path(), {}); });
    refusal(ErrorKind::interrupted, [&] { (void)summarize(file, {.stop = &kStopped}); });
    write_file(directory_ / "empty.jsonl", "");
    EXPECT_TRUE(summarize(directory_ / "empty.jsonl", {}).rows.empty());
}

// ---- visualize.hpp ----

TEST(PublicVisualize, Names) {
    expect_names<ViewFormat>(4, view_format_from_name);
    EXPECT_EQ(view_format_choices(), "'html', 'speedscope', 'folded' or 'csv'");
}

TEST(PublicVisualize, Filters) {
    const Tree tree = small_transformer("b").tree(2, 1);
    EXPECT_TRUE(RunFilter().accepts(tree));
    RunFilter filter;
    add_condition(filter, "model_name=a,b");
    add_condition(filter, "batch_size=9223372036854775807,2");
    EXPECT_TRUE(filter.accepts(tree));
    EXPECT_FALSE(filter.accepts(small_transformer("c").tree(2, 1)));
    EXPECT_FALSE(filter.accepts(small_transformer("b").tree(1, 1)));
    const std::string_view null;
    for (const std::string_view condition :
         {null, std::string_view(""), std::string_view("="), std::string_view("seq_len"),
          std::string_view("seq_len="), std::string_view("seq_len=1,"), std::string_view("seq_len=1,,2"),
          std::string_view("seq_len=0"), std::string_view("seq_len=-1"), std::string_view("seq_len=1.5"),
          std::string_view("seq_len=9223372036854775808"), std::string_view("seq_len=nan"),
          std::string_view("seq_len=1 "), std::string_view(" seq_len=1"), std::string_view("scope=a"),
          std::string_view("model_name=,a"), std::string_view(kZeroByte), std::string_view(kLong)}) {
        refusal(ErrorKind::usage, [&] { add_condition(filter, condition); });
        EXPECT_EQ(filter.conditions.size(), 2U) << condition;
        EXPECT_EQ(filter.conditions[RunKey::model_name].size(), 2U) << condition;
    }
}

TEST_F(PublicApi, Visualizing) {
    const std::filesystem::path file = predictions();
    const auto refused = [&](const VisualizeOptions& options) {
        const std::string message =
            refusal(ErrorKind::usage, [&] { (void)visualize_file(file, output(), options); });
        EXPECT_FALSE(has_output()) << message;
        return message;
    };
    expect_contains(refused({}), "@IRENE_TITLE@");  // the default is a page, whose template is left out
    expect_contains(refused({.page_template = "@IRENE_TITLE@"}), "@IRENE_DATA@");
    expect_contains(refused({.page_template = "@IRENE_TITLE@@IRENE_DATA@@IRENE_DATA@"}), "once");
    expect_contains(refused({.page_template = "@IRENE_DATA@@IRENE_TITLE@"}), "before");
    for (const ViewFormat format : out_of_range<ViewFormat>())
        expect_contains(refused({.format = format}), "format");
    refused({.format = ViewFormat::csv, .compare = file});
    refused({.format = ViewFormat::csv, .sample = 0});
    refused({.sample = SIZE_MAX, .page_template = "@IRENE_TITLE@@IRENE_DATA@"});
    for (const ViewFormat format : {ViewFormat::csv, ViewFormat::folded, ViewFormat::speedscope}) {
        EXPECT_EQ(visualize_file(file, output(), {.format = format, .sample = SIZE_MAX}).num_runs, 1U);
        EXPECT_EQ(visualize_file(file, output(), {.format = format, .title = kZeroByte}).num_runs, 1U);
        EXPECT_EQ(visualize_file(file, output(), {.format = format, .max_line_bytes = 0}).num_runs, 1U);
    }
    const VisualizeOptions page{.title = "@IRENE_DATA@", .page_template = "<@IRENE_TITLE@|@IRENE_DATA@>"};
    EXPECT_EQ(visualize_file(file, output(), page).num_runs, 1U);
    expect_contains(read_file(output()), "<@IRENE_DATA@|");
    const std::string before = read_file(output());
    const VisualizeOptions csv{.format = ViewFormat::csv};
    refusal(ErrorKind::usage, [&] { (void)visualize_file(file, file, csv); });
    refusal(ErrorKind::data, [&] { (void)visualize_file(trees(), output(), csv); });
    VisualizeOptions none_left = csv;
    none_left.only.conditions[RunKey::batch_size] = {kLeast};
    refusal(ErrorKind::data, [&] { (void)visualize_file(file, output(), none_left); });
    refusal(ErrorKind::no_input, [&] { (void)visualize_file("", output(), csv); });
    refusal(ErrorKind::no_input, [&] { (void)visualize_file(directory_.path(), output(), csv); });
    refusal(ErrorKind::interrupted,
            [&] { (void)visualize_file(file, output(), {.format = ViewFormat::csv, .stop = &kStopped}); });
    EXPECT_EQ(read_file(output()), before);
    refusal(ErrorKind::cannot_create, [&] { (void)visualize_file(file, "", csv); });
    refusal(ErrorKind::cannot_create, [&] { (void)visualize_file(file, kLongPath, csv); });
}

}  // namespace
}  // namespace irene::tests
