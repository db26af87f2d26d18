// Kernels: what runs in a layer, in which numbers, over the steps of a generation and over GPUs.
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "irene/architectures.hpp"
#include "irene/dataset.hpp"

#include "architectures/blueprint.hpp"
#include "architectures/experts.hpp"
#include "refusal.hpp"

namespace irene::tests {
namespace {

using architectures::Part;
using Json = nlohmann::json;

Part counted(const Json& config, Run run) {
    run.counting = Counting::kernels;
    return architectures::parts_of(Transformer(config.dump(), "config.json", "m", {}, {}, run.counting), run);
}

/// The first part of the scope.
const Part& at(const Part& root, const std::string& scope) {
    const Part* part = &root;
    for (std::size_t begin = scope.find('.'); begin != std::string::npos;) {
        const std::size_t end = scope.find('.', begin + 1);
        const std::string name = scope.substr(begin + 1, end == std::string::npos ? end : end - begin - 1);
        const Part* found = nullptr;
        for (const Part& child : part->children) {
            if (found == nullptr && child.name == name) found = &child;
        }
        if (found == nullptr) {
            ADD_FAILURE() << "no part " << scope;
            return root;
        }
        part = found;
        begin = end;
    }
    return *part;
}

// Small, with the proportions that matter: heads are grouped in qwen2.
const Json kBert{{"model_type", "bert"},     {"hidden_size", 64},        {"num_hidden_layers", 2},
                 {"num_attention_heads", 4}, {"intermediate_size", 256}, {"vocab_size", 100}};
const Json kGpt2{{"model_type", "gpt2"}, {"n_embd", 64}, {"n_layer", 2}, {"n_head", 4}, {"vocab_size", 100}};
const Json kOpt{{"model_type", "opt"},      {"hidden_size", 64}, {"num_hidden_layers", 2},
                {"num_attention_heads", 4}, {"ffn_dim", 256},    {"vocab_size", 100},
                {"word_embed_proj_dim", 64}};
const Json kQwen2{{"model_type", "qwen2"},    {"hidden_size", 64},        {"num_hidden_layers", 2},
                  {"num_attention_heads", 4}, {"num_key_value_heads", 2}, {"intermediate_size", 256},
                  {"vocab_size", 100},        {"max_window_layers", 2}};

TEST(Kernels, LaunchesOfALayer) {
    struct Row {
        const Json& config;
        const char* layer;
        std::int64_t half, half_of_more, full, full_of_more;
    };
    for (const Row& row :
         {Row{kBert, "root.encoder.0", 17, 20, 17, 20}, Row{kGpt2, "root.0", 24, 27, 24, 27},
          Row{kOpt, "root.decoder.0", 19, 22, 17, 20}, Row{kQwen2, "root.0", 47, 48, 41, 42}}) {
        SCOPED_TRACE(row.config.dump());
        const auto launches = [&](std::int64_t batch_size, Dtype dtype) {
            return at(counted(row.config, {.batch_size = batch_size, .seq_len = 16, .dtype = dtype}),
                      row.layer)
                .total.launches.value();
        };
        EXPECT_EQ(launches(1, Dtype::bfloat16), row.half);
        EXPECT_EQ(launches(8, Dtype::bfloat16), row.half_of_more);
        EXPECT_EQ(launches(1, Dtype::float32), row.full);
        EXPECT_EQ(launches(8, Dtype::float32), row.full_of_more);
        EXPECT_EQ(launches(1, Dtype::float8), row.half);
    }
}

// Bytes of one forward pass at batch 8, length 512 in bfloat16, summed from sizes written by hand: b * s =
// 4096 rows.
constexpr std::int64_t kRows = 4096, kBatch = 8, kLength = 512;

std::int64_t dense(std::int64_t rows, std::int64_t in, std::int64_t out) {
    return 2 * (rows * in + in * out + rows * out);
}

/// Both products of an attention, with the copies of queries, keys and values where they are made.
std::int64_t products(std::int64_t heads, std::int64_t width) {
    return 2 * 2 * (2 * kBatch * heads * kLength * width + kBatch * heads * kLength * kLength);
}

std::int64_t gathered(std::int64_t rows, std::int64_t width) { return rows * (8 + 4 * width); }

TEST(Kernels, BytesOfBertLarge) {
    const std::int64_t hidden = 1024, inner = 4096, scores = 8LL * 16 * 512 * 512, states = kRows * hidden;
    const std::int64_t layer = 4 * dense(kRows, hidden, hidden) + products(16, 64) + 3 * 4 * states  // copies
                               + (4 + 4 + 4) * scores  // divide, mask, softmax
                               + 4 * states            // merge
                               + 2 * (6 + 4) * states  // residuals, norms
                               + dense(kRows, hidden, inner) + 4 * kRows * inner +
                               dense(kRows, inner, hidden);
    const std::int64_t embeddings =
        2 * gathered(kRows, hidden) + gathered(512, hidden) + (6 + 6 + 4) * states;
    const std::int64_t pooler = dense(kBatch, hidden, hidden) + 4 * kBatch * hidden;
    const Json config{{"model_type", "bert"},      {"hidden_size", 1024},       {"num_hidden_layers", 24},
                      {"num_attention_heads", 16}, {"intermediate_size", 4096}, {"vocab_size", 30522}};
    const Part root = counted(config, {.batch_size = 8, .seq_len = 512, .dtype = Dtype::bfloat16});
    EXPECT_EQ(root.total.bytes.value(), 24 * layer + embeddings + pooler);
    EXPECT_EQ(root.total.flops.value(),
              24 * (2 * kRows * (4 * hidden * hidden + 2 * hidden * inner) + 4 * scores * 64) +
                  2 * kBatch * hidden * hidden);
}

TEST(Kernels, BytesOfGpt2) {
    const std::int64_t hidden = 768, inner = 3072, scores = 8LL * 12 * 512 * 512, states = kRows * hidden;
    const std::int64_t layer =
        dense(kRows, hidden, 3 * hidden) + dense(kRows, hidden, hidden) + products(12, 64) + 3 * 4 * states +
        (4 + 4 + 4) * scores + 4 * states + 2 * (6 + 4) * states + 2 * 2  // fills
        + dense(kRows, hidden, inner) + 36 * kRows * inner + dense(kRows, inner, hidden);
    const std::int64_t rest = gathered(kRows, hidden) + gathered(512, hidden) + (6 + 4) * states;
    const Part root =
        counted({{"model_type", "gpt2"}}, {.batch_size = 8, .seq_len = 512, .dtype = Dtype::bfloat16});
    EXPECT_EQ(root.total.bytes.value(), 12 * layer + rest);
}

TEST(Kernels, BytesOfOpt) {
    const std::int64_t hidden = 2048, inner = 8192, scores = 8LL * 32 * 512 * 512, states = kRows * hidden;
    const std::int64_t layer = 4 * dense(kRows, hidden, hidden) + products(32, 64) + 3 * 4 * states +
                               4 * states                  // scaled queries
                               + (4 + 6 + 8 + 6) * scores  // mask, cast, softmax, cast
                               + 4 * states + 2 * (6 + 4) * states + dense(kRows, hidden, inner) +
                               4 * kRows * inner + dense(kRows, inner, hidden);
    const std::int64_t rest = 2 * gathered(kRows, hidden) + (6 + 4) * states;
    const Json config{{"model_type", "opt"},       {"hidden_size", 2048}, {"num_hidden_layers", 24},
                      {"num_attention_heads", 32}, {"ffn_dim", 8192},     {"vocab_size", 50272}};
    const Part root = counted(config, {.batch_size = 8, .seq_len = 512, .dtype = Dtype::bfloat16});
    EXPECT_EQ(root.total.bytes.value(), 24 * layer + rest);
}

TEST(Kernels, BytesOfQwen2) {
    const std::int64_t hidden = 1536, keys = 256, inner = 8960, scores = 8LL * 12 * 512 * 512,
                       states = kRows * hidden;
    const std::int64_t norm = 36 * states + 16 * kRows;
    const std::int64_t layer = 2 * dense(kRows, hidden, hidden) + 2 * dense(kRows, hidden, keys) +
                               products(12, 128) + 20 * kRows * (hidden + keys)  // rotary
                               + 4 * states                                      // queries copied
                               + 2 * 2 * kRows * (keys + hidden)                 // keys and values repeated
                               + (4 + 4 + 6 + 8 + 6) * scores  // scale, mask, cast, softmax, cast
                               + 4 * states + 2 * 6 * states + 2 * norm + 2 * dense(kRows, hidden, inner) +
                               dense(kRows, inner, hidden) + (4 + 6) * kRows * inner;
    const Json config{{"model_type", "qwen2"},     {"hidden_size", 1536},      {"num_hidden_layers", 28},
                      {"num_attention_heads", 12}, {"num_key_value_heads", 2}, {"intermediate_size", 8960},
                      {"vocab_size", 151936}};
    const Part root = counted(config, {.batch_size = 8, .seq_len = 512, .dtype = Dtype::bfloat16});
    EXPECT_EQ(root.total.bytes.value(), 28 * layer + gathered(kRows, hidden) + norm);
    EXPECT_EQ(
        root.total.flops.value(),
        28 * (2 * kRows * (2 * hidden * hidden + 2 * hidden * keys + 3 * hidden * inner) + 4 * scores * 128));

    // One fused kernel in place of all that is done to scores.
    const auto attention_bytes = [&](AttentionKind kind) {
        const Part long_run = counted(config, {.seq_len = 8192, .dtype = Dtype::bfloat16, .attention = kind});
        std::int64_t bytes = 0;
        for (const Part& child : at(long_run, "root.0.self_attn").children) {
            if (child.is_function) bytes += child.total.bytes.value();
        }
        return bytes + at(long_run, "root.0.self_attn").own.bytes.value();
    };
    EXPECT_LT(100 * attention_bytes(AttentionKind::flash), attention_bytes(AttentionKind::eager));
    EXPECT_EQ(attention_bytes(AttentionKind::flash), 2 * 8192 * 2 * (hidden + keys));
}

// ---- generation ----

struct Counts {
    std::int64_t flops, bytes, launches;
    friend bool operator==(const Counts&, const Counts&) = default;
};

Counts of(const Part& part) {
    return {part.total.flops.value(), part.total.bytes.value(), part.total.launches.value()};
}

/// The sum over steps, each of which is the last of a generation that is a token longer than the one before.
Counts steps_one_by_one(const Json& config, Run run) {
    Counts sum{};
    const std::int64_t last = run.new_tokens;
    for (std::int64_t step = 0; step + 1 < last; ++step) {
        Run one = run;
        one.seq_len = run.seq_len + step;  // whose only step attends to as many
        one.new_tokens = 2;
        const Counts counts = of(at(counted(config, one), "root.decode"));
        sum = {sum.flops + counts.flops, sum.bytes + counts.bytes, sum.launches + counts.launches};
    }
    return sum;
}

TEST(Generation, DecodeIsTheSumOfItsSteps) {
    std::mt19937 random(7);
    const auto draw = [&random](int least, int most) {
        return least + static_cast<int>(random() % static_cast<unsigned>(most - least + 1));
    };
    const std::vector<std::string> types{"llama",     "qwen3",   "gpt2",   "opt",     "gemma2",
                                         "qwen3_moe", "gpt_oss", "falcon", "mistral", "gpt_neox"};
    for (int trial = 0; trial < 40; ++trial) {
        const std::string type = types[static_cast<std::size_t>(trial) % types.size()];
        const int key_heads = draw(1, 3), heads = key_heads * draw(1, 4);
        const int hidden = heads * 2 * draw(1, 8);
        Json config{{"model_type", type},
                    {"hidden_size", hidden},
                    {"num_hidden_layers", draw(1, 3)},
                    {"num_attention_heads", heads},
                    {"vocab_size", draw(10, 300)}};
        if (type == "opt") {
            config["ffn_dim"] = draw(1, 99);
        } else if (type != "gpt2" && type != "falcon") {
            config["intermediate_size"] = draw(1, 99);
        }
        if (type != "opt" && type != "gpt2" && type != "falcon" && type != "gpt_neox") {
            config["num_key_value_heads"] = key_heads;
            config["sliding_window"] = draw(1, 40);
        }
        if (type == "qwen3_moe") config["num_experts"] = draw(8, 30);
        irene::Run run{.batch_size = draw(1, 5),
                       .seq_len = draw(1, 30),
                       .new_tokens = draw(2, 40),
                       .dtype = std::vector{Dtype::float32, Dtype::bfloat16, Dtype::int4,
                                            Dtype::mxfp4}[static_cast<std::size_t>(draw(0, 3))],
                       .attention = draw(0, 1) == 0 ? AttentionKind::eager : AttentionKind::flash};
        SCOPED_TRACE(config.dump());
        const Part root = counted(config, run);
        EXPECT_TRUE(of(at(root, "root.decode")) == steps_one_by_one(config, run));
        EXPECT_EQ(at(root, "root.decode").calls.value(), run.new_tokens - 1);
        EXPECT_EQ(root.parameters.value(), at(root, "root.prefill").parameters.value());
    }
}

TEST(Generation, AStepReadsWeightsAndCacheOnce) {
    const irene::Run run{
        .seq_len = 10, .new_tokens = 2, .dtype = Dtype::bfloat16, .attention = AttentionKind::flash};
    const Part root = counted(kQwen2, run);
    const Part& attention = at(root, "root.decode.0.self_attn.flash_attention");
    // Eleven tokens of two key heads of 16 numbers, and as many values; queries and result of four heads.
    EXPECT_EQ(attention.total.bytes.value(), 2 * (2 * 11 * 2 * 16 + 2 * 4 * 16));
    EXPECT_EQ(attention.total.flops.value(), 2 * 2 * 4 * 11 * 16);
    EXPECT_EQ(at(root, "root.decode.0.mlp.down_proj").total.bytes.value(), dense(1, 256, 64));
    EXPECT_EQ(at(root, "root.prefill.lm_head").total.flops.value(), 2 * 64 * 100);
    EXPECT_EQ(root.parameters.value(), counted(kQwen2, {}).parameters.value() + 64 * 100);
}

TEST(Generation, OneTokenHasNoDecodeAndNoneNoHead) {
    const Part one = counted(kGpt2, {.new_tokens = 1});
    ASSERT_EQ(one.children.size(), 1U);
    EXPECT_EQ(one.children[0].name, "prefill");
    EXPECT_EQ(one.instance_type, "GPT2Model");
    EXPECT_EQ(one.children[0].children.back().name, "lm_head");
    const Part none = counted(kGpt2, {});
    EXPECT_EQ(none.children.front().name, "wte");
    EXPECT_EQ(none.children.back().name, "ln_f");
    EXPECT_EQ(of(one).flops - of(none).flops, 2 * 64 * 100);
}

TEST(Generation, IsRefusedWhereItCannotBe) {
    const auto why = [](const Json& config, const irene::Run& run) {
        return refusal(ErrorKind::data, [&] { (void)counted(config, run); });
    };
    EXPECT_NE(why(kBert, {.new_tokens = 1}).find("writes no text"), std::string::npos);
    EXPECT_NE(why(kGpt2, {.seq_len = 1000, .new_tokens = 25}).find("1024 positions"), std::string::npos);
    EXPECT_NO_THROW(counted(kGpt2, {.seq_len = 1000, .new_tokens = 24}));
}

// ---- weights ----

TEST(WeightsOfARun, Float8HalvesWhatItConverts) {
    const irene::Run half{.dtype = Dtype::bfloat16};
    const irene::Run quarter{.dtype = Dtype::float8};
    const auto difference = [&](const char* scope) {
        return at(counted(kQwen2, half), scope).total.bytes.value() -
               at(counted(kQwen2, quarter), scope).total.bytes.value();
    };
    EXPECT_EQ(difference("root.0.mlp.gate_proj"), 64 * 256);
    EXPECT_EQ(difference("root.embed_tokens"), 0);
    EXPECT_EQ(difference("root.0.input_layernorm"), 0);
    const Part root = counted(kQwen2, quarter);
    EXPECT_FALSE(at(root, "root.0.mlp.gate_proj").dtype.has_value());
    EXPECT_EQ(at(root, "root.embed_tokens").dtype, Dtype::bfloat16);
    EXPECT_EQ(at(root, "root.0.self_attn.matmul").dtype, Dtype::bfloat16);
}

TEST(WeightsOfARun, FollowTheConfigsScheme) {
    Json config = kQwen2;
    config["torch_dtype"] = "bfloat16";
    config["quantization_config"] = {
        {"quant_method", "fp8"},
        {"modules_to_not_convert", {"lm_head", "model.layers.0.mlp.down_proj", "self_attn"}}};
    const Part root = counted(config, {});
    const auto weights = [&](const char* scope) { return at(root, scope).dtype.value_or(Dtype::float8); };
    EXPECT_EQ(weights("root.0.mlp.up_proj"), Dtype::float8);
    EXPECT_EQ(weights("root.0.mlp.down_proj"), Dtype::bfloat16);
    EXPECT_EQ(weights("root.1.mlp.down_proj"), Dtype::float8);
    EXPECT_EQ(weights("root.1.self_attn.q_proj"), Dtype::bfloat16);
    // A dtype that is asked for wins.
    EXPECT_TRUE(of(counted(config, {.dtype = Dtype::bfloat16})) ==
                of(counted(kQwen2, {.dtype = Dtype::bfloat16})));
    config["quantization_config"] = {{"quant_method", "of my own"}};
    EXPECT_NE(refusal(ErrorKind::data, [&] { (void)counted(config, {}); }).find("quantization_config"),
              std::string::npos);
}

TEST(WeightsOfARun, AreRoundedOnceACall) {
    EXPECT_EQ(architectures::bytes_of(3, Dtype::int4).value(), 2);
    EXPECT_EQ(architectures::bytes_of(5, Dtype::int4).value(), 3);
    EXPECT_EQ(architectures::bytes_of(32, Dtype::mxfp4).value(), 17);
    EXPECT_EQ(architectures::bytes_of(33, Dtype::mxfp4).value(), 18);
    EXPECT_EQ(architectures::bytes_of(7, Dtype::float32).value(), 28);
    EXPECT_THROW(architectures::bytes_of(0x1p62, Dtype::float32), architectures::CountOverflow);
}

// ---- experts ----

TEST(ExpertLayers, ReadTheExpertsThatTheirTokensReach) {
    EXPECT_DOUBLE_EQ(architectures::expected_distinct(128, 8, 1), 8.0);
    EXPECT_NEAR(architectures::expected_distinct(128, 8, 16), 128 * (1 - std::pow(1 - 8.0 / 128, 16)), 1e-9);
    EXPECT_DOUBLE_EQ(architectures::expected_distinct(8, 8, 1), 8.0);
    EXPECT_NEAR(architectures::expected_distinct(8, 2, 1 << 20), 8.0, 1e-9);
    const Json config{{"model_type", "qwen3_moe"},  {"hidden_size", 64},        {"num_hidden_layers", 1},
                      {"num_attention_heads", 4},   {"num_key_value_heads", 2}, {"intermediate_size", 256},
                      {"vocab_size", 100},          {"num_experts", 16},        {"num_experts_per_tok", 4},
                      {"moe_intermediate_size", 32}};
    const Part root = counted(config, {.batch_size = 1, .seq_len = 1, .dtype = Dtype::bfloat16});
    const Part& down = at(root, "root.0.mlp.experts.down_proj");
    EXPECT_EQ(down.total.bytes.value(), 2 * (4 * 32 + 4 * 32 * 64 + 4 * 64));
    EXPECT_EQ(down.total.flops.value(), 2 * 4 * 32 * 64);
    EXPECT_EQ(down.parameters.value(), 16 * 32 * 64);
}

// ---- GPUs ----

void expect_doubled(const Part& one, const Part& two, bool is_product_checked) {
    std::size_t i = 0;
    for (const Part& child : two.children) {
        if (child.name == "all_reduce") continue;
        ASSERT_LT(i, one.children.size());
        SCOPED_TRACE(child.name);
        EXPECT_EQ(one.children[i].own.launches.value() * 2, child.own.launches.value());
        if (is_product_checked && (child.instance_type == "Linear" || child.instance_type == "matmul")) {
            EXPECT_EQ(one.children[i].total.flops.value(), child.total.flops.value());
        }
        expect_doubled(one.children[i++], child, is_product_checked);
    }
    EXPECT_EQ(i, one.children.size());
}

TEST(Gpus, ShareTheProductsAndRepeatTheRest) {
    for (const Json& config : {kQwen2, kGpt2, kOpt, kBert}) {
        SCOPED_TRACE(config.dump());
        const irene::Run run{.batch_size = 2, .dtype = Dtype::bfloat16};
        irene::Run shared = run;
        shared.gpus = 2;
        expect_doubled(counted(config, run), counted(config, shared), config != kBert);
    }
    irene::Run run{.dtype = Dtype::bfloat16, .gpus = 2};
    const Part root = counted(kQwen2, run);
    int reduces = 0;
    for (const char* module : {"root.0.self_attn", "root.0.mlp"}) {
        for (const Part& child : at(root, module).children) {
            if (child.name != "all_reduce") continue;
            ++reduces;
            EXPECT_EQ(child.total.bytes.value(), 2 * 2 * 128 * 64);
        }
    }
    EXPECT_EQ(reduces, 2);
    run.gpus = 4;  // twice as many as key heads: each is there twice
    const Part more = counted(kQwen2, run);
    EXPECT_EQ(at(more, "root.0.self_attn.k_proj").total.flops.value(), 2 * 128 * 64 * 64);
    EXPECT_EQ(at(more, "root.0.self_attn.k_proj").parameters.value(), 64 * 32 + 32);
    run.gpus = 3;
    EXPECT_NE(refusal(ErrorKind::data, [&] { (void)counted(kQwen2, run); }).find("cannot share 4 heads"),
              std::string::npos);
}

// ---- lines ----

TEST(KernelLines, SayWhatRan) {
    const Transformer transformer(kQwen2.dump(), "config.json", "q");
    const irene::Run run{.batch_size = 2,
                         .seq_len = 5,
                         .counting = Counting::kernels,
                         .new_tokens = 3,
                         .dtype = Dtype::float8,
                         .attention = AttentionKind::flash,
                         .gpus = 2};
    const std::string line = to_json(transformer, run);
    const Tree tree = parse_tree(line);
    EXPECT_EQ(std::get<std::string>(tree.run(RunKey::counting)), "kernels");
    EXPECT_EQ(std::get<std::string>(tree.run(RunKey::dtype)), "float8");
    EXPECT_EQ(std::get<std::string>(tree.run(RunKey::attention)), "flash");
    EXPECT_EQ(std::get<std::int64_t>(tree.run(RunKey::new_tokens)), 3);
    EXPECT_EQ(std::get<std::int64_t>(tree.run(RunKey::gpus)), 2);
    EXPECT_EQ(tree.id(0), "q/2/5/counting=kernels/dtype=float8/attention=flash/new_tokens=3/gpus=2/0");
    const Tree made = transformer.tree(run);
    ASSERT_EQ(made.nodes().size(), tree.nodes().size());
    for (std::size_t node = 0; node < tree.nodes().size(); ++node) {
        EXPECT_EQ(made.id(node), tree.id(node));
        EXPECT_EQ(made.nodes()[node].dtype, tree.nodes()[node].dtype);
        for (const Feature feature : {Feature::calls, Feature::launches, Feature::flops}) {
            const auto of_tree = [&](const Tree& of) {
                return of.nodes()[node].features[static_cast<std::size_t>(feature)];
            };
            EXPECT_TRUE(of_tree(made) == of_tree(tree) ||
                        (is_absent(of_tree(made)) && is_absent(of_tree(tree))));
        }
    }
    const Tree measured =
        parse_tree(to_json(transformer, run, {.joules = 1.5, .seconds = 0.25, .id = "row=7"}));
    EXPECT_EQ(measured.nodes()[0].measured_energy, 1.5);
    EXPECT_EQ(measured.nodes()[0].features[static_cast<std::size_t>(Feature::times_mean)], 0.25);
    EXPECT_TRUE(is_absent(measured.nodes()[1].measured_energy));
    EXPECT_NE(std::string(measured.id(0)).find("/row=7/"), std::string::npos);
    EXPECT_EQ(refusal(ErrorKind::usage, [&] { (void)to_json(transformer, {.new_tokens = 1}); }).empty(),
              false);
}

}  // namespace
}  // namespace irene::tests
