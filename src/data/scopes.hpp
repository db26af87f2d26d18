// Scopes as people compare them: layers that differ only by their number are one.
#pragma once

#include <string>
#include <string_view>

namespace irene::data {

/// "root.encoder.11.output" -> "root.encoder.*.output"
std::string fold_layers(std::string_view scope);

}  // namespace irene::data
