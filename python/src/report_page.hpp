// The page of irene-visualize, where the build has it.
#pragma once

#include <string_view>

namespace irene::apps {
std::string_view page_template() noexcept;
}  // namespace irene::apps

namespace irene::python {

/// Its template; empty where the build has none, as the page needs Node.js and what npm fetches.
inline std::string_view page_template() noexcept {
#ifdef IRENE_HAS_PAGE
    return apps::page_template();
#else
    return {};
#endif
}

}  // namespace irene::python
