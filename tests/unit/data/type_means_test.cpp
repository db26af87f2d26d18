#include "data/type_means.hpp"

#include <optional>

#include <gtest/gtest.h>

namespace irene::tests {
namespace {

TEST(TypeMeans, KeepsTypesApart) {
    data::TypeMeans means;
    means.add(NodeType::ml, 1.0);
    means.add(NodeType::ml, 4.0);
    means.add(NodeType::model, -3.0);
    EXPECT_EQ(means.mean(NodeType::ml), 2.5);
    EXPECT_EQ(means.mean(NodeType::module), std::nullopt);
    EXPECT_EQ(means.mean(NodeType::model), -3.0);
    EXPECT_EQ(means.sum(NodeType::ml), 5.0);
    EXPECT_EQ(means.count(NodeType::ml), 2U);
    EXPECT_EQ(means.count(), 3U);
    EXPECT_EQ(means.means()[static_cast<std::size_t>(NodeType::ml)], 2.5);
    EXPECT_EQ(means.means()[static_cast<std::size_t>(NodeType::module)], std::nullopt);
}

TEST(TypeMeans, ErrorsAreInPercentOfWhatWasMeasured) {
    EXPECT_EQ(data::percentage_error(3.0, 2.0), 50.0);
    EXPECT_EQ(data::percentage_error(1.0, 2.0), 50.0);
    EXPECT_EQ(data::percentage_error(2.0, 2.0), 0.0);
}

}  // namespace
}  // namespace irene::tests
