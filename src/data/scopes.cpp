#include "data/scopes.hpp"

#include <algorithm>

namespace irene::data {

std::string fold_layers(std::string_view scope) {
    std::string folded;
    for (std::size_t begin = 0; begin <= scope.size();) {
        const std::size_t end = std::min(scope.find('.', begin), scope.size());
        const std::string_view part = scope.substr(begin, end - begin);
        const bool is_number =
            !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
        if (begin > 0) folded += '.';
        folded += is_number ? "*" : part;
        begin = end + 1;
    }
    return folded;
}

}  // namespace irene::data
