// The page's template, compiled into the executable; web/build.mjs writes its definition.
#pragma once

#include <string_view>

namespace irene::apps {

std::string_view page_template() noexcept;

}  // namespace irene::apps
