#include "data/run_keys.hpp"

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/dataset.hpp"
#include "irene/tree.hpp"

#include "refusal.hpp"

namespace irene::tests {
namespace {

TEST(RunKeys, AreNamedAsInDataFiles) {
    EXPECT_EQ(name(RunKey::model_name), "model_name");
    EXPECT_EQ(name(RunKey::batch_size), "batch_size");
    EXPECT_EQ(name(RunKey::seq_len), "seq_len");
    EXPECT_EQ(name(static_cast<RunKey>(data::kRunKeys.size())), "");
    ASSERT_EQ(run_keys().size(), data::kRunKeys.size());
    for (const RunKey key : run_keys()) EXPECT_EQ(run_key_from_name(name(key)), key);
    for (const char* other : {"", "model", "frontend_tree", "model_name "})
        EXPECT_EQ(run_key_from_name(other), std::nullopt) << other;
    EXPECT_EQ(run_keys_in_words().substr(0, 23), "model_name, batch_size,");
    EXPECT_EQ(run_keys_in_words("=...").substr(0, 14), "model_name=...");
}

TEST(RunKeys, ValuesAreReadAsTheyAreWritten) {
    constexpr data::RunKeyRow text{"text", data::RunType::text};
    constexpr data::RunKeyRow count{"count", data::RunType::count, "0", 0};
    EXPECT_EQ(data::parse_run_value(text, "8x"), RunValue(std::string("8x")));
    EXPECT_EQ(data::parse_run_value(count, "0"), RunValue(std::int64_t{0}));
    EXPECT_EQ(data::parse_run_value(count, "12"), RunValue(std::int64_t{12}));
    for (const char* wrong : {"", "-1", "8x", "x", "1.5", "99999999999999999999"})
        EXPECT_EQ(data::parse_run_value(count, wrong), std::nullopt) << wrong;
    EXPECT_EQ(data::to_text(RunValue(std::int64_t{12})), "12");
    EXPECT_EQ(data::to_text(RunValue(std::string("gpt2"))), "gpt2");
}

TEST(RunKeys, WrongValuesAreSaidToBe) {
    constexpr data::RunKeyRow text{"text", data::RunType::text};
    constexpr data::RunKeyRow count{"count", data::RunType::count, "0", 0};
    EXPECT_EQ(data::wrong_run_value(text, std::string("a")), "");
    EXPECT_EQ(data::wrong_run_value(text, std::string()), "expected a string that is not empty");
    EXPECT_EQ(data::wrong_run_value(text, std::int64_t{1}), "expected a string");
    EXPECT_EQ(data::wrong_run_value(count, std::int64_t{0}), "");
    EXPECT_EQ(data::wrong_run_value(count, data::kMaxRunCount), "");
    for (const RunValue& wrong :
         {RunValue(std::int64_t{-1}), RunValue(data::kMaxRunCount + 1), RunValue(std::string("1"))}) {
        EXPECT_EQ(data::wrong_run_value(count, wrong), "expected a whole number from 0 to 67108864");
    }
}

TEST(RunKeys, ARunIsCalledByWhatIsNoDefault) {
    constexpr std::array table{data::kRunKeys[0], data::kRunKeys[1], data::kRunKeys[2],
                               data::RunKeyRow{"dtype", data::RunType::text, "float32"},
                               data::RunKeyRow{"new_tokens", data::RunType::count, "0", 0}};
    std::vector<RunValue> run{std::string("gpt2"), std::int64_t{8}, std::int64_t{32}, std::string("float32"),
                              std::int64_t{0}};
    EXPECT_EQ(data::label_of(table, run), "gpt2");
    run[4] = std::int64_t{64};
    EXPECT_EQ(data::label_of(table, run), "gpt2 (new_tokens 64)");
    run[3] = std::string("bfloat16");
    EXPECT_EQ(data::label_of(table, run), "gpt2 (dtype bfloat16, new_tokens 64)");
}

TEST(RunKeys, TreesHaveAValueForEach) {
    TreeBuilder builder("bert", 8, 32);
    builder.set(RunKey::seq_len, std::int64_t{64});
    const auto set = [&builder](RunKey key, const RunValue& value) {
        return refusal(ErrorKind::data, [&] { builder.set(key, value); });
    };
    expect_contains(set(RunKey::model_name, std::int64_t{1}), "field 'model_name': expected a string");
    expect_contains(set(RunKey::seq_len, std::int64_t{0}), "field 'seq_len': expected a whole number from 1");
    expect_contains(set(static_cast<RunKey>(99), std::string("x")), "a run has no such key");
    builder.start_node({.type = NodeType::model, .instance_type = "M", .scope = "root", .id = "1"});
    expect_contains(set(RunKey::seq_len, std::int64_t{128}), "field 'seq_len': is set behind the first node");
    builder.start_node({.instance_type = "Linear", .scope = "root.dense", .id = "2"});
    builder.end_node();
    builder.end_node();
    const Tree tree = builder.finish();
    EXPECT_EQ(tree.seq_len(), 64);
    EXPECT_EQ(tree.nodes()[1].features[static_cast<std::size_t>(Feature::seq_len)], 64.0);
    for (const RunKey key : run_keys()) {
        const data::RunKeyRow& row = data::kRunKeys[static_cast<std::size_t>(key)];
        EXPECT_EQ(data::wrong_run_value(row, tree.run(key)), "") << row.name;
    }
    EXPECT_THROW((void)tree.run(static_cast<RunKey>(99)), std::out_of_range);
}

}  // namespace
}  // namespace irene::tests
