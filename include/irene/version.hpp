// The version of the toolkit and of the model files it writes.
#pragma once

#include <string_view>
#include <vector>

namespace irene {

/// Semantic version of the toolkit, e.g. "0.1.0".
std::string_view version() noexcept;

/// The instruction sets that inner loops were compiled for and this CPU has, the plainest first, e.g.
/// "baseline", "avx2". Results do not depend on them.
std::vector<std::string_view> kernel_names();
/// The one in use: the last, or what the environment variable IRENE_KERNELS names.
std::string_view kernel_in_use() noexcept;
/// What IRENE_KERNELS names where it is none of kernel_names(), so that another is in use; otherwise empty.
std::string_view absent_kernel() noexcept;

/// Version of the format of model.json; model.hpp says what it promises. A model that has nothing which a
/// program of the major version before could not read has the last version of that.
inline constexpr int kModelFormatMajor = 2;
inline constexpr int kModelFormatMinor = 0;
inline constexpr int kOldModelFormatMajor = 1;
inline constexpr int kOldModelFormatMinor = 3;

}  // namespace irene
