// Scopes without the numbers of layers, so that the twelve layers of a model are one row of a table.
#pragma once

#include <string>
#include <string_view>

namespace irene::data {

/// "root.encoder.11.output" -> "root.encoder.*.output"
std::string fold_layers(std::string_view scope);

}  // namespace irene::data
