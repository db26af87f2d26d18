// In which numbers weights are stored: as a config says, and as a run asks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "irene/run.hpp"

#include "architectures/blocks.hpp"
#include "architectures/fields.hpp"

namespace irene::architectures {

/// How a config says that weights are stored.
struct Stored {
    std::optional<Dtype> dtype = {};  ///< of all that is not quantised; none where the config is silent
    std::string found_dtype = {};     ///< as the config says it, which may be none of ours
    std::string dtype_field = {};
    std::optional<Dtype> quantised = {};  ///< by a scheme
    Converts converts = Converts::dense;  ///< what the scheme converts
    std::vector<std::string> kept = {};   ///< parts of scopes that it leaves alone
};

/// Throws Error (data) with the field's name for a scheme that is not known.
Stored read_stored(Fields& fields);

/// The weights of a run that asks for `dtype`, or leaves it to the config. Throws Error (data) where that is
/// none of ours; `source` is the config's file.
Weights weights_of(const Stored& stored, std::optional<Dtype> dtype, const std::string& source);

}  // namespace irene::architectures
