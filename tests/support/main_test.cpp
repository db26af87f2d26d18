// Three tests for main_test.sh, which runs them together and apart.
#include <gtest/gtest.h>

TEST(Three, Passes) {}
TEST(Three, IsSkipped) { GTEST_SKIP() << "nothing to run it on"; }
TEST(Three, Fails) { FAIL() << "as it should"; }
