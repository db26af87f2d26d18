// Arguments that are one of a few names.
#pragma once

#include <optional>
#include <string>

#include "irene/error.hpp"

namespace irene::python {

[[noreturn]] inline void refuse(const std::string& message) { throw Error(ErrorKind::usage, message); }

/// The value that a name was looked up to. Throws Error (usage) where there is none.
template <typename Value>
Value known(const std::optional<Value>& value, const char* argument, const std::string& given,
            const std::string& expected) {
    if (!value) refuse(std::string(argument) + ": expected " + expected + ", found " + in_quotes(given));
    return *value;
}

}  // namespace irene::python
