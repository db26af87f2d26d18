// Refuses configs that we would misread: those that ask for parts that their model_type does not have, and
// those that give sizes under names that it does not read. Each would silently give the tree of another
// model.
#pragma once

#include <array>
#include <string_view>

#include "architectures/blueprint.hpp"
#include "architectures/fields.hpp"

namespace irene::architectures {

/// What the names of an architecture's classes in Hugging Face begin with. RoBERTa, XLM-RoBERTa and CamemBERT
/// have the same tree, so each accepts the classes of all three.
using ClassPrefixes = std::array<std::string_view, 3>;

/// Refuses with Error (data) the first field that asks for another tree than the blueprint's: classes of
/// another architecture, parts that are not counted, and sizes in other words, as refuse_other_words() does.
void refuse_other_models(Fields& fields, std::string_view model_type, const ClassPrefixes& prefixes,
                         const Blueprint& blueprint);

/// Refuses with Error (data) the first field that gives a size under a name that the architecture does not
/// read, where the blueprint has another value for that size, or has it by default only.
void refuse_other_words(const Fields& fields, std::string_view model_type, const Blueprint& blueprint);

}  // namespace irene::architectures
