#include "irene/version.hpp"

#include "numerics/kernels.hpp"
#include "version_numbers.hpp"

namespace irene {

std::string_view version() noexcept { return IRENE_VERSION; }

std::vector<std::string_view> kernel_names() {
    std::vector<std::string_view> names;
    for (const numerics::Kernels& kernels : numerics::available_kernels()) names.push_back(kernels.name);
    return names;
}

std::string_view kernel_in_use() noexcept { return numerics::kernels().name; }

std::string_view absent_kernel() noexcept {
    const std::string_view asked_for = numerics::kernels_asked_for();
    return asked_for == numerics::kernels().name ? "" : asked_for;
}

}  // namespace irene
