#include "base/csv.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/error.hpp"

#include "refusal.hpp"

namespace irene::tests {
namespace {

std::vector<std::vector<std::string>> cells(const std::string& text) {
    std::vector<std::vector<std::string>> all;
    for (const base::CsvRow& row : base::parse_csv(text, "x.csv")) all.push_back(row.cells);
    return all;
}

TEST(Csv, CellsAreReadAsRfc4180HasThem) {
    using Cells = std::vector<std::vector<std::string>>;
    EXPECT_EQ(cells("a,b\n1,2\n"), (Cells{{"a", "b"}, {"1", "2"}}));
    EXPECT_EQ(cells("\xef\xbb\xbf"
                    "a,b\r\n1,\r\n\r\n,2"),
              (Cells{{"a", "b"}, {"1", ""}, {"", "2"}}));
    EXPECT_EQ(cells("\"a,b\",\"c \"\"d\"\"\"\n\"1\n2\",x"), (Cells{{"a,b", "c \"d\""}, {"1\n2", "x"}}));
    EXPECT_EQ(cells(""), Cells{});
    EXPECT_EQ(cells("one"), (Cells{{"one"}}));
    const auto rows = base::parse_csv("a\n\n\"1\n2\"\n3\n", "x.csv");
    EXPECT_EQ(rows[1].line, 3U);
    EXPECT_EQ(rows[2].line, 5U);
}

TEST(Csv, WhatIsNoTableIsRefusedWithItsLine) {
    for (const auto& [text, says] : std::vector<std::pair<std::string, std::string>>{
             {"a,b\n1\n", "x.csv:2: expected 2 cells, as the first row has, found 1"},
             {"a\n1,2\n", "x.csv:2: expected 1 cells"},
             {"a\nb\"c\n", "x.csv:2: a quote stands within"},
             {"a\n\"b\"c\n", "x.csv:2: text stands behind a closing quote"},
             {"a\n\n\"b\n\n", "x.csv:3: a quote does not close"},
             {std::string("a\nb\0c\n", 6), "x.csv:2: a NUL"}}) {
        expect_contains(refusal(ErrorKind::data, [&, &text = text] { (void)cells(text); }), says);
    }
}

}  // namespace
}  // namespace irene::tests
