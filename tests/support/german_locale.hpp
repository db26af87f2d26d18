// A locale that writes 1234.5 as 1.234,5, made for the tests: few machines have it installed.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

#include "temporary_directory.hpp"

namespace irene::tests {

/// Makes de_DE.UTF-8, puts its folder into LOCPATH and returns that; none where it cannot be made.
inline std::optional<std::string> make_german_locale() {
    static const TemporaryDirectory directory;
    const std::string folder = directory.path().string();
    const std::string command = "localedef -i de_DE -f UTF-8 " + folder + "/de_DE.UTF-8 >/dev/null 2>&1";
    if (std::system(command.c_str()) != 0) return std::nullopt;
    ::setenv("LOCPATH", folder.c_str(), 1);
    return folder;
}

}  // namespace irene::tests
