#include "base/json.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "refusal.hpp"

namespace irene::tests {
namespace {

TEST(JsonDocument, DepthIsCountedOutsideOfStringsOnly) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    const auto parse = [](const std::string& text) {
        return base::parse_document(text, ErrorKind::data, "d");
    };
    EXPECT_NO_THROW(parse(nested(base::kMaxDepth)));
    refusal(ErrorKind::data, [&] { parse(nested(base::kMaxDepth + 1)); });
    EXPECT_EQ(parse("\"" + std::string(100, '[') + "\"").get<std::string>().size(), 100U);
    EXPECT_EQ(parse(R"(["\"", "[[[", "\\"])").size(), 3U);
    // Siblings do not add up.
    std::string siblings = "[[]";
    for (int i = 0; i < 100; ++i) siblings += ",[]";
    EXPECT_EQ(parse(siblings + "]").size(), 101U);
}

TEST(JsonDocument, EqualKeysOfDifferentObjectsAreFine) {
    const base::Json json =
        base::parse_document(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})", ErrorKind::data, "d");
    EXPECT_EQ(json["b"][1]["a"], 2);
    expect_contains(refusal(ErrorKind::data,
                            [] { base::parse_document(R"({"a": {"b": 1, "b": 2}})", ErrorKind::data, "d"); }),
                    "'b'");
}

TEST(JsonObject, IntegersKeepTheirRange) {
    constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    struct Case {
        const char* value;
        std::int64_t min, max;
        bool fits;
    };
    const std::vector<Case> cases{
        {"0", 0, 10, true},
        {"10", 0, 10, true},
        {"11", 0, 10, false},
        {"-1", 0, 10, false},
        {"-5", -5, -1, true},
        {"-6", -5, -1, false},
        {"4", 5, 10, false},
        {"5", 5, 10, true},
        {"1e1", 0, 10, false},
        {"18446744073709551615", 0, kMost, false},
        {"9223372036854775807", 0, kMost, true},
        {"-9223372036854775808", kLeast, kMost, true},
        {"99999999999999999999", kLeast, kMost, false},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(testing::Message() << c.value << " in " << c.min << " to " << c.max);
        const base::Json json =
            base::parse_document(std::string("{\"k\": ") + c.value + "}", ErrorKind::data, "d");
        const base::JsonObject object(json, ErrorKind::data, {.file = "d"});
        if (c.fits) {
            EXPECT_EQ(std::to_string(object.integer("k", c.min, c.max)), c.value);
        } else {
            expect_contains(refusal(ErrorKind::data, [&] { object.integer("k", c.min, c.max); }), "'k'");
        }
    }
}

TEST(JsonObject, NamesTheWholeWayToAKey) {
    const base::Json json = base::Json::parse(R"({"list": [1, "2"]})");
    const base::JsonObject object(json, ErrorKind::data, {.file = "d.json", .field = "leaves[3]"});
    expect_contains(refusal(ErrorKind::data, [&] { object.numbers("list"); }),
                    "d.json: field 'leaves[3].list'");
    expect_contains(refusal(ErrorKind::data, [&] { object.at("other"); }), "'leaves[3].other': is missing");
    expect_contains(refusal(ErrorKind::data, [&] { object.string("list"); }), "a list");
}

}  // namespace
}  // namespace irene::tests
