#include "data/id_table.hpp"

#include <deque>
#include <string>

#include <gtest/gtest.h>

namespace irene::data {
namespace {

TEST(IdTable, RemembersTheFirstOwner) {
    IdTable table(4);
    EXPECT_EQ(table.find("a"), IdTable::kNone);
    EXPECT_EQ(table.insert("a"), IdTable::kNone);
    EXPECT_EQ(table.insert("b"), IdTable::kNone);
    EXPECT_EQ(table.insert("a"), 0U);
    EXPECT_EQ(table.insert("b"), 1U);
    EXPECT_EQ(table.find("a"), 0U);
    EXPECT_EQ(table.find("b"), 1U);
    EXPECT_EQ(table.find("ab"), IdTable::kNone);
    EXPECT_EQ(table.find(""), IdTable::kNone);
}

TEST(IdTable, HoldsAsManyAsExpected) {
    for (const std::size_t count : {0U, 1U, 8U, 9U, 1000U, 50000U}) {
        SCOPED_TRACE(count);
        std::deque<std::string> ids;
        IdTable table(count);
        for (std::uint32_t i = 0; i < count; ++i) {
            ids.push_back("node" + std::to_string(i));
            ASSERT_EQ(table.insert(ids.back()), IdTable::kNone);
        }
        for (std::uint32_t i = 0; i < count; ++i) ASSERT_EQ(table.find(ids[i]), i);
        EXPECT_EQ(table.find("node"), IdTable::kNone);
    }
}

}  // namespace
}  // namespace irene::data
