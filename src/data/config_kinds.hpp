// Two kinds of files are called config: one says how to train, Hugging Face's describes a transformer.
// Messages tell users who give the one for the other.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "base/json.hpp"

namespace irene::data {

inline constexpr std::array<const char*, 11> kTrainingKeys{"feature_sets",      "polynomial_features",
                                                           "training_strategy", "standardize_features",
                                                           "tanh_scalar",       "normalize_loss_scale",
                                                           "weighting_setting", "num_epochs",
                                                           "learning_rate",     "device",
                                                           "joules_of"};

/// Whether the config has any key of a training config. A device is no sign: transformers' configs may have
/// one of their own, and a training config has it beside other keys.
inline bool is_training_config(const base::Json& config) {
    return std::any_of(kTrainingKeys.begin(), kTrainingKeys.end(), [&config](const std::string_view key) {
        return key != "device" && config.contains(key);
    });
}

/// Whether the config has any of the keys that tell a transformer's, and none of a training config.
inline bool is_hugging_face_config(const base::Json& config) {
    constexpr std::array kKeys{"model_type",    "architectures", "transformers_version",
                               "_name_or_path", "hidden_size",   "num_hidden_layers",
                               "n_embd",        "vocab_size"};
    return !is_training_config(config) && std::any_of(kKeys.begin(), kKeys.end(), [&config](const char* key) {
        return config.contains(key);
    });
}

}  // namespace irene::data
