// Configs that ask for another model than their model_type, or say its sizes in other words: each would give
// the tree of a model that nobody asked for.
#pragma once

#include <array>
#include <string_view>

#include "architectures/blueprint.hpp"
#include "architectures/fields.hpp"

namespace irene::architectures {

/// What the names of an architecture's own classes begin with. RoBERTa, XLM-RoBERTa and CamemBERT have one
/// tree, and pass for each other.
using ClassPrefixes = std::array<std::string_view, 3>;

/// Refuses with Error (data) the first field that asks for another tree than the blueprint's: classes of
/// others, parts that are not counted, sizes under names that the architecture does not read or that
/// contradict those that it does.
void refuse_other_models(Fields& fields, std::string_view model_type, const ClassPrefixes& prefixes,
                         const Blueprint& blueprint);

/// The same for sizes alone.
void refuse_other_words(const Fields& fields, std::string_view model_type, const Blueprint& blueprint);

}  // namespace irene::architectures
