// main() of the test programs. GoogleTest's own says "passed" of a program in which nothing ran.
#include <cstddef>
#include <iostream>
#include <map>
#include <string>

#include <gtest/gtest.h>

namespace {

/// What CTest is told to take as "skipped".
constexpr int kSkipped = 77;

/// How many tests gave each reason not to run.
std::map<std::string, std::size_t> reasons_to_skip() {
    std::map<std::string, std::size_t> reasons;
    const testing::UnitTest& all = *testing::UnitTest::GetInstance();
    for (int i = 0; i < all.total_test_suite_count(); ++i) {
        const testing::TestSuite& suite = *all.GetTestSuite(i);
        for (int j = 0; j < suite.total_test_count(); ++j) {
            const testing::TestResult& result = *suite.GetTestInfo(j)->result();
            if (!suite.GetTestInfo(j)->should_run() || !result.Skipped()) continue;
            for (int part = 0; part < result.total_part_count(); ++part) {
                if (!result.GetTestPartResult(part).skipped()) continue;
                ++reasons[result.GetTestPartResult(part).message()];
                break;
            }
        }
    }
    return reasons;
}

}  // namespace

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    const int code = RUN_ALL_TESTS();
    // `./run.sh test` gathers these lines.
    for (const auto& [reason, count] : reasons_to_skip())
        std::cout << "skipped: " << count << (count == 1 ? " test, " : " tests, ") << reason << "\n";
    const testing::UnitTest& all = *testing::UnitTest::GetInstance();
    const bool nothing_ran = all.successful_test_count() == 0 && all.skipped_test_count() > 0;
    return code == 0 && nothing_ran ? kSkipped : code;
}
