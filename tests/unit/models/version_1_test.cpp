// Model files of version 1 that are kept beside this file: they load for ever and predict what they predicted
// when they were written. And what is wrong with a model file is refused by the name of its field, or does no
// harm.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/dataset.hpp"
#include "irene/model.hpp"

#include "base/json.hpp"
#include "models/model_file.hpp"
#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {
namespace {

const std::filesystem::path kFolder =
    std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "tests/unit/models/version_1";

const std::vector<Tree>& trees() {
    static const std::vector<Tree> trees = read_dataset(kFolder / "trees.jsonl").trees;
    return trees;
}

// Of the places that are changed, a sanitizer sees every fifth: it takes its time, and the fuzz target
// `model` changes all of them.
#if defined(IRENE_ADDRESS_SANITIZER) || defined(IRENE_THREAD_SANITIZER)
constexpr int kEvery = 5;
#else
constexpr int kEvery = 1;
#endif

class Version1 : public testing::TestWithParam<const char*> {
  protected:
    const std::filesystem::path folder_ = kFolder / GetParam();
    const std::string text_ = read_file(folder_ / "model.json");
    const Config config_ = load_config(folder_ / "config.json");

    Model parse(const std::string& text) const { return models::parse_model(config_, text, "model.json"); }
};

TEST_P(Version1, LoadsAndPredictsAsEver) {
    Predictor predictor(load_model(folder_));
    const base::Json joules = base::Json::parse(read_file(folder_ / "joules.json"));
    ASSERT_EQ(joules.size(), trees().size());
    for (std::size_t i = 0; i < trees().size(); ++i) {
        EXPECT_EQ(predictor.predict(trees()[i]).joules, joules[i].get<std::vector<double>>()) << i;
    }
}

TEST_P(Version1, CutAnywhereIsRefusedOrWhole) {
    const std::string text =
        base::Json::parse(text_).dump();  // without white space, which would only take time
    EXPECT_NO_THROW(parse(text));
    // At each byte of the beginning, and ever more sparsely where all is told again.
    for (std::size_t size = 0; size < text.size(); size += 1 + size / 512) {
        const std::string what = refusal(ErrorKind::data, [&] { parse(text.substr(0, size)); });
        ASSERT_NE(what.find("model.json"), std::string::npos) << what << " cut after " << size;
    }
}

/// Every value of a document, and of each list the first element and the last.
void for_each_value(const base::Json& value, const base::Json::json_pointer& at,
                    const std::function<void(const base::Json::json_pointer&)>& visit) {
    if (!at.empty()) visit(at);
    if (value.is_object()) {
        for (const auto& [key, member] : value.items()) for_each_value(member, at / key, visit);
    } else if (value.is_array() && !value.empty()) {
        for_each_value(value.front(), at / 0, visit);
        if (value.size() > 1) for_each_value(value.back(), at / (value.size() - 1), visit);
    }
}

/// The object around a value, as messages spell its members: what contradicts one may be told of another.
std::string object_around(base::Json::json_pointer at) {
    while (std::isdigit(static_cast<unsigned char>(at.back()[0])) != 0) at.pop_back();
    std::string path;
    std::istringstream tokens(at.parent_pointer().to_string());
    std::string token;
    std::getline(tokens, token, '/');  // the pointer begins with one
    while (std::getline(tokens, token, '/')) {
        const bool is_index = std::isdigit(static_cast<unsigned char>(token[0])) != 0;
        path += is_index ? "[" + token + "]" : (path.empty() ? "" : ".") + token;
    }
    return "field '" + path + ".";
}

/// The key whose value holds `at`: what a message has to name.
std::string key_of(base::Json::json_pointer at) {
    while (std::isdigit(static_cast<unsigned char>(at.back()[0])) != 0) at.pop_back();
    return at.back();
}

struct Mutation {
    std::string what;
    std::string raw;          ///< in place of the value; JSON or not
    bool is_refused = false;  ///< wherever it stands
};

const std::vector<Mutation> kMutations{
    {"null", "null"},
    {"true", "true"},
    {"text", "\"text\""},
    {"NaN as text", "\"NaN\""},
    {"NaN", "NaN", true},
    {"-1", "-1"},
    {"a fraction", "0.5"},
    {"0", "0"},
    {"10^9", "1000000000"},
    {"2^63", "9223372036854775808"},
    {"2^64", "18446744073709551616"},
    {"10^300", "1e300"},
    {"10^400", "1e400", true},
    {"-10^400", "-1e400", true},
    {"an empty list", "[]"},
    {"an empty object", "{}"},
    {"a list of lists", "[[1]]"},
    {"an object", "{\"a\": 1}"},
    {"deep lists", std::string(50, '[') + std::string(50, ']')},
    {"lists too deep", std::string(300, '[') + std::string(300, ']'), true},
    {"lists without end", std::string(100000, '['), true},
};

class Mutated : public Version1 {
  protected:
    /// Refused as bad data that names `key` or `or_this`, or accepted and predicting finite joules, or
    /// refusing a tree. Returns whether it was accepted.
    bool expect_harmless(const std::string& text, const std::string& key, const std::string& or_this = {}) {
        try {
            Predictor predictor(parse(text));
            ++num_accepted_;
            for (const Tree& tree : trees()) {
                const std::vector<double> joules = predictor.predict(tree).joules;
                EXPECT_EQ(joules.size(), tree.nodes().size());
                for (const double value : joules) EXPECT_TRUE(std::isfinite(value)) << value;
            }
            return true;
        } catch (const Error& error) {
            ++num_refused_;
            const std::string what = error.what();
            EXPECT_EQ(static_cast<int>(error.kind()), static_cast<int>(ErrorKind::data)) << what;
            // A model may be right by itself, and refuse a tree.
            const bool of_tree = error.place().file != "model.json";
            EXPECT_TRUE(of_tree || what.find(key) != std::string::npos ||
                        (!or_this.empty() && what.find(or_this) != std::string::npos))
                << what << " names neither " << key << " nor " << or_this;
            EXPECT_LT(what.size(), 600U);
            return of_tree;
        }
    }

    int num_accepted_ = 0, num_refused_ = 0;
};

TEST_P(Mutated, FieldsAreRefusedByNameOrHarmless) {
    const base::Json json = base::Json::parse(text_);
    std::vector<base::Json::json_pointer> places;
    for_each_value(json, base::Json::json_pointer(), [&](const auto& at) { places.push_back(at); });
    ASSERT_GT(places.size(), 40U);
    for (std::size_t place = 0; place < places.size(); place += std::size_t{kEvery}) {
        const base::Json::json_pointer& at = places[place];
        const std::string key = key_of(at), around = object_around(at);
        base::Json changed = json;
        {
            SCOPED_TRACE(at.to_string() + " is removed");
            base::Json& parent = changed[at.parent_pointer()];
            if (parent.is_array()) {
                parent.erase(static_cast<std::size_t>(std::stoul(at.back())));
            } else {
                parent.erase(at.back());
            }
            // A model of fewer features is told by the first list that has more.
            expect_harmless(changed.dump(), key, key == "features" ? "leaves[0].mean" : around);
        }
        changed = json;
        base::Json& value = changed[at];
        if (value.is_array() && !value.empty()) {
            SCOPED_TRACE(at.to_string() + " is another list");
            base::Json list = value;
            value.push_back(list.back());
            expect_harmless(changed.dump(), key, around);
            value.push_back(1e9);
            expect_harmless(changed.dump(), key, around);
            value = list;
            std::reverse(value.begin(), value.end());
            // Names stand in the order of a list that is sorted by them.
            expect_harmless(changed.dump(), value.front().is_structured() ? "expected" : key);
            value = base::Json(std::vector<double>(10000, 1.0));
            expect_harmless(changed.dump(), key, around);
        }
        value = "@HERE@";
        const std::string marked = changed.dump(), mark = "\"@HERE@\"";
        const std::size_t begin = marked.find(mark);
        for (const Mutation& mutation : kMutations) {
            SCOPED_TRACE(at.to_string() + " is " + mutation.what);
            const bool is_json = base::Json::accept(mutation.raw) && mutation.raw.size() < 200;
            const bool accepted =
                expect_harmless(marked.substr(0, begin) + mutation.raw + marked.substr(begin + mark.size()),
                                is_json ? key : "model.json", around);
            EXPECT_FALSE(accepted && mutation.is_refused);
        }
        if (HasFailure()) return;
    }
    EXPECT_GT(num_refused_, 900 / kEvery);
    EXPECT_GT(num_accepted_, 0);
    RecordProperty("refused", num_refused_);
    RecordProperty("accepted", num_accepted_);
}

TEST_P(Mutated, NumbersOutOfRangeAreNamed) {
    for (const char* key : {"seed", "num_trees", "bias"}) {
        std::string text = text_;
        const std::size_t begin = text.find(':', text.find("\"" + std::string(key) + "\"")) + 1;
        text.replace(begin, text.find_first_of(",\n}", begin) - begin, "1e400");
        expect_contains(refusal(ErrorKind::data, [&] { parse(text); }), key);
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Version1, testing::Values("weighted", "additive"),
                         [](const auto& tested) { return std::string(tested.param); });
INSTANTIATE_TEST_SUITE_P(Kinds, Mutated, testing::Values("weighted", "additive"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace irene::tests
