#include "irene/version.hpp"

#include "version_numbers.hpp"

namespace irene {

std::string_view version() noexcept { return IRENE_VERSION; }

}  // namespace irene
