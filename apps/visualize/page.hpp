// The page's template, compiled into the executable; bundle.cmake writes its definition.
#pragma once

#include <string_view>

namespace irene::apps {

std::string_view page_template() noexcept;

}  // namespace irene::apps
