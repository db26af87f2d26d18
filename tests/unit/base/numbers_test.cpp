#include "base/numbers.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "base/lower.hpp"

namespace irene {

namespace {

using base::Json;

std::string number(double value) {
    std::string text;
    base::append_number(text, value);
    return text;
}

TEST(AppendNumber, SpellsShortly) {
    EXPECT_EQ(number(1.0), "1.0");
    EXPECT_EQ(number(0.0), "0.0");
    EXPECT_EQ(number(-0.0), "-0.0");
    EXPECT_EQ(number(0.1), "0.1");
    EXPECT_EQ(number(-2.25), "-2.25");
    EXPECT_EQ(number(100000.0), std::string("1e+05"));
    EXPECT_EQ(number(5e-324), "5e-324");
    EXPECT_EQ(number(1.7976931348623157e308), "1.7976931348623157e+308");
}

TEST(AppendNumber, ReadsBackEqual) {
    std::mt19937_64 random(1);
    std::string text;
    for (int i = 0; i < 1000000; ++i) {
        const auto value = std::bit_cast<double>(static_cast<std::uint64_t>(random()));
        if (!std::isfinite(value)) continue;
        text.clear();
        base::append_number(text, value);
        double back = 0.0;
        const auto result = std::from_chars(text.data(), text.data() + text.size(), back);
        ASSERT_EQ(result.ptr, text.data() + text.size()) << text;
        ASSERT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(value)) << text;
        ASSERT_NE(text.find_first_of(".e"), std::string::npos) << text;
        if (i % 100 == 0) {
            ASSERT_EQ(Json::parse(text).get<double>(), value) << text;  // it is a JSON number
        }
    }
    for (const double whole : {1.0, 10.0, 12345.0, 1e15, 123456789012345680.0, 1e22, 9007199254740993.0}) {
        for (const double value : {whole, -whole}) {
            EXPECT_EQ(Json::parse(number(value)).get<double>(), value);
            EXPECT_TRUE(Json::parse(number(value)).is_number_float()) << number(value);
        }
    }
}

TEST(Format, KeepsTheDigitsThatCount) {
    EXPECT_EQ(base::format(1234567.0, 4), "1.235e+06");
    EXPECT_EQ(base::format(0.000125, 4), "0.000125");
    EXPECT_EQ(base::format(2.5, 6), "2.5");
    EXPECT_EQ(base::format(-1.7976931348623157e308, 6), "-1.79769e+308");
    EXPECT_EQ(base::format(0.0, 4), "0");
}

TEST(Format, RoundsDecimalsByTheExactValue) {
    EXPECT_EQ(base::format_fixed(0.125, 2), "0.12");
    EXPECT_EQ(base::format_fixed(0.375, 2), "0.38");
    EXPECT_EQ(base::format_fixed(2.675, 2), "2.67");  // a little less than it says
    EXPECT_EQ(base::format_fixed(12.0, 0), "12");
    EXPECT_EQ(base::format_fixed(-1e300, 2).size(), 305U);
}

TEST(Lower, KnowsTheLettersOfAsciiAlone) {
    EXPECT_EQ(base::lower("BertLayer_2 [\xC3\x84]"), "bertlayer_2 [\xC3\x84]");
    EXPECT_EQ(base::lower(""), "");
}

}  // namespace

}  // namespace irene
