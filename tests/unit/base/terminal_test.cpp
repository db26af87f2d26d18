#include "base/terminal.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "irene/error.hpp"

namespace irene::base {
namespace {

using namespace std::string_view_literals;

TEST(Printable, SpellsOutWhatATerminalMustNotGet) {
    struct Case {
        std::string_view text, expected;
    };
    const std::vector<Case> cases{
        {"", ""},
        {"root.layer.0 ~!\\x1b", "root.layer.0 ~!\\x1b"},
        {"\x1b[2J\a\r\n\t\x7f\0"sv, "\\x1b[2J\\x07\\x0d\\x0a\\x09\\x7f\\x00"},
        {"\xC2\x80\xC2\x9B\xC2\x9F", "\\x80\\x9b\\x9f"},
        {"\u202a\u202b\u202c\u202d\u202e", "\\u202a\\u202b\\u202c\\u202d\\u202e"},
        {"\u2066\u2067\u2068\u2069", "\\u2066\\u2067\\u2068\\u2069"},
        {"\u200e\u200f\u061c", "\\u200e\\u200f\\u061c"},
        {"\u2028\u2029", "\\u2028\\u2029"},
        {"a\u200bb\ufeffc\u00add", "a\\u200bb\\ufeffc\\xadd"},
        {"\U000E0041\U0010FFFF", "\\U000e0041\\U0010ffff"},
        {"Schön € 中文 e\u0301 😀 שלום", "Schön € 中文 e\u0301 😀 שלום"},
        // Not UTF-8: alone, too long a spelling, a surrogate, cut off.
        {"a\xFFz", "a\\xffz"},
        {"\xC0\xAF", "\\xc0\\xaf"},
        {"\xED\xA0\x80", "\\xed\\xa0\\x80"},
        {"\xE2\x82", "\\xe2\\x82"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(printable(c.text), c.expected);
        EXPECT_EQ(printable(c.expected), c.expected);
    }
}

TEST(Printable, QuotesAndPlacesInMessagesAreSo) {
    EXPECT_EQ(in_quotes("a\xC2\x9B\u202e"), "'a\\x9b\\u202e'");
    const Error error(ErrorKind::data, "x\u202e",
                      {.file = "f\xC2\x9B", .line = 1, .byte = 0, .node = "n\u2066", .field = "k\u2028"});
    EXPECT_STREQ(error.what(), "f\\x9b:1: node 'n\\u2066': field 'k\\u2028': x\\u202e");
}

TEST(NumCells, WideCharactersTakeTwoAndCombiningOnesNone) {
    EXPECT_EQ(num_cells(""), 0U);
    EXPECT_EQ(num_cells("plain"), 5U);
    EXPECT_EQ(num_cells("Schön €"), 7U);
    EXPECT_EQ(num_cells("中文模型"), 8U);
    EXPECT_EQ(num_cells("e\u0301a\u0308"), 2U);
    EXPECT_EQ(num_cells("한국"), 4U);
    EXPECT_EQ(num_cells("😀"), 2U);
}

}  // namespace
}  // namespace irene::base
