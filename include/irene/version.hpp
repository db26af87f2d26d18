// The version of the toolkit and of the model files it writes.
#pragma once

#include <string_view>

namespace irene {

/// Semantic version of the toolkit, e.g. "0.1.0".
std::string_view version() noexcept;

/// Version of the format of model.json. A reader refuses another major version and reads any minor one.
inline constexpr int kModelFormatMajor = 1;
inline constexpr int kModelFormatMinor = 0;

}  // namespace irene
