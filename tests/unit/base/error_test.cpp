#include "irene/error.hpp"

#include <string>

#include <gtest/gtest.h>

namespace irene {
namespace {

TEST(Error, NamesThePlaceInFrontOfTheMessage) {
    struct Case {
        Place place;
        std::string expected;
    };
    const std::vector<Case> cases{
        {{}, "bad"},
        {{.file = "a.jsonl"}, "a.jsonl: bad"},
        {{.file = "a.jsonl", .line = 3}, "a.jsonl:3: bad"},
        {{.line = 3}, "line 3: bad"},
        {{.file = "a.jsonl", .line = 3, .byte = 17}, "a.jsonl:3, byte 17: bad"},
        {{.node = "root.x"}, "node 'root.x': bad"},
        {{.field = "cpu"}, "field 'cpu': bad"},
        {{.file = "a.jsonl", .line = 3, .node = "root.x", .field = "cpu"},
         "a.jsonl:3: node 'root.x': field 'cpu': bad"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.expected);
        const Error error(ErrorKind::no_input, "bad", c.place);
        EXPECT_EQ(error.what(), c.expected);
        EXPECT_EQ(error.kind(), ErrorKind::no_input);
        EXPECT_EQ(error.place().file, c.place.file);
        EXPECT_EQ(error.place().line, c.place.line);
        EXPECT_EQ(error.place().field, c.place.field);
    }
}

TEST(Error, KeepsItsPlaceAsAnotherKindAndInAnotherFile) {
    const Error error(ErrorKind::usage, "bad", {.line = 3, .byte = 17, .node = "root.x", .field = "cpu"});
    const Error data = error.as(ErrorKind::data);
    EXPECT_EQ(data.kind(), ErrorKind::data);
    EXPECT_STREQ(data.what(), error.what());
    const Error in_file = data.in_file("a.jsonl");
    EXPECT_EQ(in_file.kind(), ErrorKind::data);
    EXPECT_STREQ(in_file.what(), "a.jsonl:3, byte 17: node 'root.x': field 'cpu': bad");
    EXPECT_EQ(in_file.place().file, "a.jsonl");
    EXPECT_EQ(in_file.place().line, 3U);
    EXPECT_EQ(in_file.place().byte, 17U);
    EXPECT_EQ(in_file.place().node, "root.x");
    EXPECT_EQ(in_file.place().field, "cpu");
}

TEST(Error, IsOneLineWhateverItQuotes) {
    const std::string nasty("a\nb\r\t\0\x1b[31m\x7f", 13);
    const Error error(ErrorKind::data, nasty,
                      {.file = nasty, .line = 1, .node = nasty, .field = nasty + std::string(5000, 'x')});
    const std::string what = error.what();
    for (const char c : what) ASSERT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == 0x7f) << what;
    EXPECT_LT(what.size(), 500U);
    EXPECT_NE(what.find("a\\x0ab\\x0d\\x09\\x00\\x1b[31m\\x7f"), std::string::npos) << what;
    EXPECT_NE(what.find("..."), std::string::npos);
}

TEST(InQuotes, KeepsShortTextAndUtf8) {
    EXPECT_EQ(in_quotes(""), "''");
    EXPECT_EQ(in_quotes("root.layer"), "'root.layer'");
    EXPECT_EQ(in_quotes("Schön €"), "'Schön €'");
    EXPECT_EQ(in_quotes(std::string(120, 'x')), "'" + std::string(120, 'x') + "'");
}

TEST(InQuotes, CutsLongTextBetweenCharacters) {
    EXPECT_EQ(in_quotes(std::string(121, 'x')), "'" + std::string(120, 'x') + "...'");
    // The euro sign has three bytes; wherever the cut falls in it, it goes as a whole.
    for (const std::size_t before : {117U, 118U, 119U, 120U}) {
        SCOPED_TRACE(before);
        const std::string text = std::string(before, 'x') + "€€€";
        const std::string kept = std::string(before, 'x') + (before == 117 ? "€" : "");
        EXPECT_EQ(in_quotes(text), "'" + kept + "...'");
    }
    // Bytes that never begin a character must not make it run off the start.
    EXPECT_EQ(in_quotes(std::string(500, '\x80')), "'...'");
}

}  // namespace
}  // namespace irene
