// How the library warns.
#pragma once

#include <string>

#include "irene/error.hpp"

namespace irene::base {

inline void tell(const Warn& warn, const std::string& warning) {
    if (warn) warn(warning);
}

}  // namespace irene::base
