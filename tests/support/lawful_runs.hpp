// Runs of transformers whose kernels are counted, and that follow the law of three prices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "irene/architectures.hpp"
#include "irene/config.hpp"
#include "irene/dataset.hpp"

#include "changed_tree.hpp"
#include "models/kernels/law.hpp"

namespace irene::tests {

inline std::size_t at_price(models::KernelPrice price) { return static_cast<std::size_t>(price); }

inline Transformer transformer_named(const std::string& name) {
    return load_transformer(std::string(IRENE_SOURCE_DIRECTORY) + "/configs/models/" + name + ".json");
}

inline Tree run_of(const std::string& model, irene::Run run) {
    run.counting = Counting::kernels;
    return transformer_named(model).tree(run);
}

/// An A100 as it was measured, roughly.
inline models::KernelPrices some_prices() {
    models::KernelPrices prices{};
    prices[at_price(models::KernelPrice::joules_float32_flop)] = 9e-12;
    prices[at_price(models::KernelPrice::joules_narrow_flop)] = 0.7e-12;
    prices[at_price(models::KernelPrice::joules_byte)] = 130e-12;
    prices[at_price(models::KernelPrice::watts)] = 47.0;
    prices[at_price(models::KernelPrice::seconds_float32_flop)] = 1.0 / 12e12;
    prices[at_price(models::KernelPrice::seconds_narrow_flop)] = 1.0 / 160e12;
    prices[at_price(models::KernelPrice::seconds_byte)] = 1.0 / 1e12;
    prices[at_price(models::KernelPrice::seconds_launch)] = 5e-6;
    prices[at_price(models::KernelPrice::host_seconds_launch)] = 10e-6;
    prices[at_price(models::KernelPrice::host_seconds_layer)] = 300e-6;
    return prices;
}

/// Runs that follow the law.
inline Dataset lawful_runs(const models::KernelPrices& prices, bool has_seconds) {
    Dataset data;
    data.source = "lawful.jsonl";
    for (const char* model : {"bert-base-uncased", "gpt2", "opt-125m", "Qwen2-0.5B"}) {
        for (const std::int64_t batch_size : {1, 8, 32}) {
            for (const std::int64_t seq_len : {32, 512}) {
                for (const Dtype dtype : {Dtype::bfloat16, Dtype::float32}) {
                    const Tree tree =
                        run_of(model, {.batch_size = batch_size, .seq_len = seq_len, .dtype = dtype});
                    const models::KernelCosts all =
                        models::costs(tree, models::kernel_tree(tree, "x"), prices);
                    data.trees.push_back(changed(tree, [&](std::size_t node, NewNode& made) {
                        if (node > 0) return;
                        made.measured_energy = all.joules[0];
                        if (has_seconds)
                            made.features[static_cast<std::size_t>(Feature::times_mean)] = all.seconds[0];
                    }));
                }
            }
        }
    }
    return data;
}

inline Config kernel_config() {
    Config config;
    config.training_strategy = TrainingStrategy::additive;
    config.feature_sets = {FeatureSet::kernel_counts};
    return config;
}

}  // namespace irene::tests
