// What must hold of the law of three prices whatever the model: over every third of the public configs.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/architectures.hpp"
#include "irene/error.hpp"

#include "models/kernels/law.hpp"

namespace irene::tests {
namespace {

using models::KernelPrice;

/// Each price at a usual size, serving's too.
models::KernelPrices prices_of_every_kind() {
    models::KernelPrices prices{};
    const auto set = [&prices](KernelPrice price, double value) {
        prices[static_cast<std::size_t>(price)] = value;
    };
    set(KernelPrice::joules_float32_flop, 9e-12);
    set(KernelPrice::joules_narrow_flop, 0.7e-12);
    set(KernelPrice::joules_byte, 150e-12);
    set(KernelPrice::watts, 80.0);
    set(KernelPrice::joules_layer, 1e-3);
    set(KernelPrice::joules_token, 20e-3);
    set(KernelPrice::seconds_float32_flop, 1.0 / 30e12);
    set(KernelPrice::seconds_narrow_flop, 1.0 / 400e12);
    set(KernelPrice::seconds_byte, 1.0 / 2e12);
    set(KernelPrice::seconds_launch, 4e-6);
    set(KernelPrice::host_seconds_launch, 8e-6);
    set(KernelPrice::host_seconds_layer, 200e-6);
    set(KernelPrice::serving_seconds_layer, 20e-6);
    set(KernelPrice::serving_seconds_token, 30e-6);
    return prices;
}

std::vector<std::filesystem::path> every_third_config() {
    std::vector<std::filesystem::path> all, some;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(IRENE_SOURCE_DIRECTORY) + "/configs/models"))
        all.push_back(entry.path());
    std::sort(all.begin(), all.end());
    for (std::size_t i = 0; i < all.size(); i += 3) some.push_back(all[i]);
    return some;
}

/// Joules of a run after looking at each node; none where the model has no such run.
std::optional<double> checked_joules(const Transformer& transformer, irene::Run run) {
    run.counting = Counting::kernels;
    std::optional<Tree> tree;
    try {
        tree = transformer.tree(run);
    } catch (const Error&) {
        return std::nullopt;  // an encoder, which writes no text, or heads that so many GPUs cannot share
    }
    const models::KernelCosts all =
        models::costs(*tree, models::kernel_tree(*tree, "x"), prices_of_every_kind());
    std::vector<double> self = all.joules;
    for (std::size_t i = 1; i < self.size(); ++i)
        self[static_cast<std::size_t>(tree->nodes()[i].parent)] -= all.joules[i];
    for (std::size_t i = 0; i < self.size(); ++i) {
        EXPECT_GE(all.joules[i], 0.0) << tree->scope(i);
        EXPECT_GE(self[i], -1e-9 * all.joules[0]) << tree->scope(i);
        EXPECT_GE(all.seconds[i], 0.0) << tree->scope(i);
    }
    EXPECT_NEAR(std::accumulate(self.begin(), self.end(), 0.0), all.joules[0], 1e-9 * all.joules[0]);
    return all.joules[0];
}

TEST(KernelProperties, JoulesAddUpAndGrowWithTheRun) {
    const std::vector<std::filesystem::path> configs = every_third_config();
    ASSERT_GE(configs.size(), 40U);
    std::size_t num_generating = 0, num_shared = 0;
    for (const std::filesystem::path& config : configs) {
        SCOPED_TRACE(config.filename().string());
        const Transformer transformer = load_transformer(config, {.counting = Counting::kernels});
        irene::Run run{.batch_size = 2, .seq_len = 32};
        const std::optional<double> plain = checked_joules(transformer, run);
        ASSERT_TRUE(plain.has_value());
        run.batch_size = 4;
        const std::optional<double> wider = checked_joules(transformer, run);
        ASSERT_TRUE(wider.has_value());
        EXPECT_GT(*wider, *plain);
        run.seq_len = 64;
        const std::optional<double> longer = checked_joules(transformer, run);
        ASSERT_TRUE(longer.has_value());
        EXPECT_GT(*longer, *wider);
        for (irene::Run of_dtype = run; const Dtype dtype : {Dtype::float32, Dtype::bfloat16}) {
            of_dtype.dtype = dtype;
            EXPECT_GT(checked_joules(transformer, of_dtype).value_or(0.0), 0.0);
        }
        double last = *longer;
        for (const std::int64_t new_tokens : {2, 8, 32}) {
            run.new_tokens = new_tokens;
            const std::optional<double> more = checked_joules(transformer, run);
            if (!more) break;
            EXPECT_GT(*more, new_tokens == 2 ? 0.0 : last);
            last = *more;
            ++num_generating;
        }
        for (const std::int64_t gpus : {2, 4}) {
            run.gpus = gpus;
            const std::optional<double> shared = checked_joules(transformer, run);
            if (!shared) break;
            EXPECT_GE(*shared, last * (1.0 - 1e-12));
            last = *shared;
            ++num_shared;
        }
    }
    EXPECT_GT(num_generating, 60U);
    EXPECT_GT(num_shared, 20U);
}

}  // namespace
}  // namespace irene::tests
