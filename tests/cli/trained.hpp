// Runs that succeed, and a model trained on the simulated data.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "process.hpp"
#include "temporary_directory.hpp"

namespace irene::tests {

#if defined(IRENE_ADDRESS_SANITIZER)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#if defined(IRENE_OPTIMISED)
inline constexpr bool kOptimised = true;
#else
inline constexpr bool kOptimised = false;
#endif

using Environment = std::vector<std::pair<std::string, std::string>>;

inline std::filesystem::path simulated() {
    return std::filesystem::path(IRENE_SOURCE_DIRECTORY) / "datasets" / "simulated.jsonl";
}

/// Runs a line of arguments in a directory.
inline Result run_in(const TemporaryDirectory& directory, const std::string& line,
                     const std::string& input = {}, const Environment& environment = {}) {
    return run({.arguments = split_arguments(line),
                .input = input,
                .environment = environment,
                .directory = directory.path()});
}

/// And expects it to succeed.
inline Result succeed(const TemporaryDirectory& directory, const std::string& line,
                      const std::string& input = {}, const Environment& environment = {}) {
    Result result = run_in(directory, line, input, environment);
    EXPECT_EQ(result.exit_code, 0) << line << "\n" << result.errors;
    return result;
}

/// A directory with the simulated data in it, a model trained on them, and predictions.
class Trained {
  public:
    Trained() {
        std::filesystem::copy_file(simulated(), directory_ / "data.jsonl");
        succeed(directory_, "irene-train -q data.jsonl model");
    }
    const TemporaryDirectory& operator*() const { return directory_; }
    std::filesystem::path operator/(const std::string& name) const { return directory_ / name; }

  private:
    TemporaryDirectory directory_;
};

}  // namespace irene::tests
