#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/error.hpp"

namespace irene::tests {
namespace {

const std::vector<std::string> kOptions{"--threads", "--seq_len", "--batch_size", "--max_line_bytes",
                                        "--by",      "--top",     "--unit"};

TEST(NearMiss, IsTheOneThatWasMeant) {
    const std::vector<std::pair<std::string, std::string>> slips{{"--treads", "--threads"},
                                                                 {"--thread", "--threads"},
                                                                 {"--Threads", "--threads"},
                                                                 {"--seqlen", "--seq_len"},
                                                                 {"--seq-length", "--seq_len"},
                                                                 {"--batch", "--batch_size"},
                                                                 {"--batch_sise", "--batch_size"},
                                                                 {"--tops", "--top"},
                                                                 {"--max-line-byte", "--max_line_bytes"}};
    for (const auto& [slip, meant] : slips) EXPECT_EQ(near_miss(slip, kOptions), meant) << slip;
}

TEST(NearMiss, IsNoneWhereNothingIsNear) {
    for (const char* text : {"", "-", "--", "--b", "--nonsense", "--colour", "-x"})
        EXPECT_EQ(near_miss(text, kOptions), std::nullopt) << text;
    EXPECT_EQ(near_miss("--threads", {}), std::nullopt);
    EXPECT_EQ(near_miss(std::string(1000000, 'x'), kOptions), std::nullopt);
}

}  // namespace
}  // namespace irene::tests
