// Names of tests that there is one of for each model.
#pragma once

#include <cctype>
#include <string>

namespace irene::tests {

/// A model's name as GoogleTest takes it.
inline std::string test_name_of(std::string model) {
    for (char& c : model) {
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
    }
    return model;
}

}  // namespace irene::tests
