// Access to the reference's measurements and results, which are not part of this project: they are read in
// place where they stand beside the checkout, and tests that need them are skipped elsewhere.
#pragma once

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace irene::tests {

/// The folder of the reference material.
inline std::filesystem::path reference() { return IRENE_REFERENCE_DIRECTORY; }

inline std::filesystem::path device_1() { return reference() / "datasets" / "irene_device_1.jsonl"; }

inline nlohmann::json golden(const std::string& name) {
    std::ifstream file(reference() / "golden" / name);
    return nlohmann::json::parse(file);
}

}  // namespace irene::tests

/// Skips the test, saying so, where the reference material is absent.
#define SKIP_WITHOUT_REFERENCE()                                                          \
    if (!std::filesystem::exists(irene::tests::reference())) {                            \
        GTEST_SKIP() << "the reference material is not at " << irene::tests::reference(); \
    }
