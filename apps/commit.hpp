// The commit that was built; cmake/commit.cmake writes its definition.
#pragma once

#include <string_view>

namespace irene::apps {

/// Abbreviated, with "-dirty" where files differed from it; empty outside a clone.
std::string_view commit() noexcept;

}  // namespace irene::apps
