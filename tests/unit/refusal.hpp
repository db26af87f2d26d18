// What a refused call says.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/error.hpp"

namespace irene::tests {

/// The message of the Error that `work` throws. The test fails where it throws none, one of another kind, or
/// one that does not fit a line.
template <typename Work>
std::string refusal(ErrorKind kind, const Work& work) {
    try {
        work();
    } catch (const Error& error) {
        const std::string what = error.what();
        EXPECT_EQ(static_cast<int>(error.kind()), static_cast<int>(kind)) << what;
        for (const char c : what) {
            EXPECT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
                << "control character in " << what;
        }
        EXPECT_FALSE(what.empty());
        return what;
    }
    ADD_FAILURE() << "nothing was refused";
    return {};
}

/// Keeps what it is told.
inline Warn into(std::vector<std::string>& warnings) {
    return [&warnings](const std::string& warning) { warnings.push_back(warning); };
}

inline void expect_contains(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "no '" << part << "' in: " << text;
}

}  // namespace irene::tests
