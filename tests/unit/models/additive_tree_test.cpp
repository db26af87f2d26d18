#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "additive_trees.hpp"
#include "base/json.hpp"
#include "fitted.hpp"
#include "models/additive/file.hpp"
#include "refusal.hpp"

namespace irene::tests {
namespace {

const Dataset& runs() {
    static const Dataset data = made_up_runs();
    return data;
}

models::AdditiveModel fitted_to(const Dataset& data, models::AdditiveLevel level) {
    return fit_additive(data, every_tree(data), level);
}

std::string text_of(const models::AdditiveModel& model) { return base::to_text(models::to_json(model)); }

void set(NewNode& node, Feature feature, double value) {
    node.features[static_cast<std::size_t>(feature)] = value;
}

/// The tree with every instance type changed.
Tree renamed(const Tree& tree, const std::function<std::string(std::string_view)>& change) {
    std::string text;
    return changed(tree, [&](std::size_t, NewNode& node) {
        text = change(node.instance_type);
        node.instance_type = text;
    });
}

Dataset one_tree(Tree tree) {
    Dataset data;
    data.source = "one.jsonl";
    data.trees.push_back(std::move(tree));
    return data;
}

/// root { embedding }: 3 J of 5 J in the leaf, which has no flops.
Tree two_nodes() {
    TreeByCounts builder("m", 1, 8);
    const std::int32_t root = builder.add(-1, "Root", 0, 0, 4 * 1048576.0);
    builder.add(root, "Embedding", 10, 0, 1048576.0);
    return with_energy(with_energy(builder.finish(), 0, 5.0), 1, 3.0);
}

TEST(AdditiveTree, SpecsByHand) {
    const Dataset data = one_tree(two_nodes());
    const models::AdditiveModel model = fitted_to(data, models::AdditiveLevel::specs);
    // The leaf: a call and 2^20 bytes, alike once scaled, share the 3 J.
    const double ridge = models::kLinearRidge;
    const double leaf_share = 3.0 / (2.0 + ridge);
    ASSERT_EQ(model.leaves.size(), 1U);
    EXPECT_NEAR(model.leaves[0].coefficients[0], leaf_share, 1e-8);
    EXPECT_NEAR(model.leaves[0].coefficients[1] * 1048576.0, leaf_share, 1e-8);
    EXPECT_EQ(model.leaves[0].coefficients[2], 0.0);
    // Self energy: 2 J of 5 J; one launch and 2^22 own bytes share them.
    const double pooled = 0.4 / (2.0 + ridge);
    ASSERT_EQ(model.self.size(), 4U);
    EXPECT_NEAR(model.self[0] * 4 * 1048576.0 / 5.0, pooled, 1e-8);
    EXPECT_NEAR(model.self[1] / 5.0, pooled, 1e-8);
    EXPECT_EQ(model.self[2], 0.0);
    EXPECT_EQ(model.self[3], 0.0);
    // The class fits the same once more, pulled to the pooled answer.
    const double own = (0.4 + models::kOwnRidge * pooled) / (2.0 + models::kOwnRidge);
    ASSERT_EQ(model.classes.size(), 1U);
    EXPECT_EQ(model.classes[0].name, "root");
    EXPECT_NEAR(model.classes[0].coefficients[1] / 5.0, own, 1e-8);
    ASSERT_EQ(model.classes[0].child_lists.size(), 1U);
    EXPECT_EQ(model.classes[0].child_lists[0].signature, std::vector<std::string>{"embedding"});

    AdditivePredictor predictor(model);
    const std::vector<double> energies = predictor.predict(data.trees[0], "x");
    EXPECT_NEAR(energies[1], 2.0 * leaf_share, 1e-7);
    EXPECT_NEAR(energies[0], 2.0 * leaf_share + 2.0 * 5.0 * own, 1e-7);
    EXPECT_EQ(model.num_trees, 1U);
    EXPECT_EQ(model.num_nodes, 2U);
    EXPECT_EQ(model.num_measurements, 2U);
    EXPECT_NEAR(*model.training_error[0], 100.0 * std::fabs(energies[1] / 3.0 - 1.0), 1e-9);
    EXPECT_FALSE(model.training_error[1].has_value());
}

TEST(AdditiveTree, TimingByHand) {
    const Tree tree =
        with_feature(with_feature(two_nodes(), 0, Feature::times_mean, 0.5), 1, Feature::times_mean, 0.3);
    const models::AdditiveModel model = fitted_to(one_tree(tree), models::AdditiveLevel::timing);
    // Three columns of the leaf, two of the root: a launch and 0.2 s of its own.
    EXPECT_NEAR(model.leaves[0].coefficients[3] * 0.3, 3.0 / (3.0 + models::kLinearRidge), 1e-8);
    EXPECT_NEAR(model.self[0] * 0.2 / 5.0, 0.4 / (2.0 + models::kLinearRidge), 1e-8);
}

TEST(AdditiveTree, AllByHand) {
    // Every node spends twice what its meter reads; neither time nor processor.
    const Tree tree = changed(two_nodes(), [](std::size_t, NewNode& node) {
        set(node, Feature::times_mean, 0.0);
        set(node, Feature::gpu_energy_mean, node.measured_energy / 2.0);
    });
    const Dataset data = one_tree(tree);
    const models::AdditiveModel model = fitted_to(data, models::AdditiveLevel::all);
    ASSERT_EQ(model.fallback.size(), 3U);
    const double law = 2.0 / (1.0 + models::kLinearRidge);
    EXPECT_NEAR(model.fallback[0], law, 1e-12);
    EXPECT_EQ(model.fallback[1], 0.0);
    EXPECT_EQ(model.fallback[2], 0.0);
    EXPECT_TRUE(model.classes.empty());
    ASSERT_EQ(model.self.size(), 6U);
    AdditivePredictor predictor(model);
    const std::vector<double> energies = predictor.predict(data.trees[0], "x");
    EXPECT_NEAR(energies[0], 5.0, 1e-5);
    EXPECT_NEAR(energies[1], 3.0, 1e-5);
}

TEST(AdditiveTree, FindsTheLawOfMadeUpRuns) {
    for (const models::AdditiveLevel level : kLevels) {
        SCOPED_TRACE(name(level));
        const models::AdditiveModel model = fitted_to(runs(), level);
        for (const std::optional<double>& error : model.training_error) {
            ASSERT_TRUE(error.has_value());
            // Weights read once for each item of a batch are not among the terms of specs.
            EXPECT_LT(*error, level == models::AdditiveLevel::specs ? 4.0 : 0.5);
        }
        EXPECT_EQ(model.num_trees, runs().trees.size());
        EXPECT_EQ(model.num_nodes, runs().num_nodes());
        EXPECT_LT(model.num_measurements, model.num_nodes);  // layers repeat
    }
}

TEST(AdditiveTree, EnergiesAddUp) {
    for (const models::AdditiveLevel level : kLevels) {
        AdditivePredictor predictor(fitted_to(runs(), level));
        for (const Tree& tree : runs().trees) {
            const std::vector<double> energies = predictor.predict(tree, "x");
            std::vector<double> sums(energies.size(), 0.0);
            for (std::size_t i = energies.size(); i-- > 1;) {
                sums[static_cast<std::size_t>(tree.nodes()[i].parent)] += energies[i];
            }
            for (std::size_t i = 0; i < energies.size(); ++i) {
                EXPECT_GT(energies[i], 0.0);
                EXPECT_GE(energies[i], (level == models::AdditiveLevel::specs ? 1.0 : 0.5) * sums[i]);
            }
        }
    }
}

TEST(AdditiveTree, TheGuardKeepsHalfOfTheChildren) {
    TreeByCounts builder("m", 1, 8);
    const std::int32_t root = builder.add(-1, "Root", 0, 0, 0);
    const std::int32_t module = builder.add(root, "Module", 0, 0, 0);
    builder.add(module, "Tanh", 0, 1, 1);
    builder.add(module, "Tanh", 0, 1, 1);
    const Tree tree = builder.finish();
    std::vector<double> energies{1.0, -100.0, 6.0, 4.0};
    models::add_up(tree, energies);
    EXPECT_EQ(energies, (std::vector<double>{6.0, 5.0, 6.0, 4.0}));
    energies = {-1.0, -4.0, 6.0, 4.0};
    models::add_up(tree, energies);
    EXPECT_EQ(energies, (std::vector<double>{5.0, 6.0, 6.0, 4.0}));
}

TEST(AdditiveTree, GrowsWithBatchAndLengthFromSpecsAlone) {
    const std::vector<std::int64_t> batches{1, 2, 3, 4, 6, 8, 12, 16, 17, 24, 32, 64};
    const std::vector<std::int64_t> lengths{8, 15, 16, 24, 32, 50, 64, 100, 128, 129, 200, 384, 512};
    std::vector<std::vector<std::size_t>> training{every_tree(runs()), {}};
    for (std::size_t i = 0; i < runs().trees.size(); i += 2) training[1].push_back(i);
    for (const std::vector<std::size_t>& trees : training) {
        AdditivePredictor predictor(fit_additive(runs(), trees, models::AdditiveLevel::specs));
        for (const bool one_kernel : {false, true}) {
            for (const double hidden_size : {128.0, 256.0, 512.0}) {
                Architecture shape;
                shape.hidden_size = hidden_size;
                shape.one_kernel = one_kernel;
                std::vector<std::vector<std::vector<double>>> grid;
                for (const std::int64_t b : batches) {
                    auto& row = grid.emplace_back();
                    for (const std::int64_t s : lengths) {
                        row.push_back(predictor.predict(make_transformer(shape, b, s), "x"));
                    }
                }
                const auto expect_growth = [](const std::vector<double>& less,
                                              const std::vector<double>& more) {
                    for (std::size_t node = 0; node < less.size(); ++node) {
                        ASSERT_GT(less[node], 0.0);
                        ASSERT_GE(more[node], less[node] * (1.0 - 1e-14)) << "node " << node;
                    }
                };
                for (std::size_t b = 0; b < batches.size(); ++b) {
                    for (std::size_t s = 0; s < lengths.size(); ++s) {
                        SCOPED_TRACE(testing::Message() << batches[b] << " x " << lengths[s]);
                        if (b > 0) expect_growth(grid[b - 1][s], grid[b][s]);
                        if (s > 0) expect_growth(grid[b][s - 1], grid[b][s]);
                    }
                }
            }
        }
    }
}

TEST(AdditiveTree, IsSaneOutsideTheRangeOfTraining) {
    // The largest batch is 16, the longest sequence 128, the smallest hidden size 256.
    struct Case {
        std::int64_t batch_size, seq_len;
        double hidden_size, num_heads;
    };
    for (const models::AdditiveLevel level : kLevels) {
        AdditivePredictor predictor(fitted_to(runs(), level));
        for (const Case& c : {Case{32, 128, 256, 4}, Case{16, 384, 256, 4}, Case{32, 384, 256, 4},
                              Case{8, 64, 128, 2}, Case{8, 64, 128, 4}}) {
            SCOPED_TRACE(testing::Message() << name(level) << ": " << c.batch_size << " x " << c.seq_len
                                            << ", hidden size " << c.hidden_size);
            Architecture shape;
            shape.hidden_size = c.hidden_size;
            shape.num_heads = c.num_heads;
            const Tree tree = make_transformer(shape, c.batch_size, c.seq_len);
            const std::vector<double> energies = predictor.predict(tree, "x");
            EXPECT_NEAR(energies[0], tree.nodes()[0].measured_energy, 0.1 * tree.nodes()[0].measured_energy);
            for (std::size_t node = 0; node < energies.size(); ++node) {
                EXPECT_NEAR(energies[node], tree.nodes()[node].measured_energy,
                            0.5 * tree.nodes()[node].measured_energy)
                    << tree.instance_type(node);
            }
        }
    }
}

TEST(AdditiveTree, CaseOfInstanceTypesDoesNotMatter) {
    const auto upper = [](std::string_view text) {
        std::string result(text);
        for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        return result;
    };
    for (const models::AdditiveLevel level : kLevels) {
        AdditivePredictor predictor(fitted_to(runs(), level));
        for (const Tree& tree : runs().trees) {
            const std::vector<double> energies = predictor.predict(tree, "x");
            EXPECT_EQ(predictor.predict(renamed(tree, upper), "x"), energies);
        }
        EXPECT_TRUE(predictor.notices().unseen_operations.empty());
    }
}

TEST(AdditiveTree, UnseenOperationsFallBack) {
    const Tree tree = renamed(runs().trees[0], [](std::string_view text) {
        return text == "LayerNorm" ? std::string("RMSNorm") : std::string(text);
    });
    for (const models::AdditiveLevel level : kLevels) {
        SCOPED_TRACE(name(level));
        AdditivePredictor predictor(fitted_to(runs(), level));
        const std::vector<double> known = predictor.predict(runs().trees[0], "x");
        EXPECT_TRUE(predictor.notices().unseen_operations.empty());
        const std::vector<double> energies = predictor.predict(tree, "x");
        EXPECT_EQ(predictor.notices().unseen_operations, std::set<std::string>{"rmsnorm"});
        EXPECT_EQ(predictor.notices().num_nodes, 2 * tree.nodes().size());
        for (std::size_t node = 0; node < energies.size(); ++node) {
            EXPECT_TRUE(std::isfinite(energies[node]));
            EXPECT_GT(energies[node], 0.2 * known[node]);
            EXPECT_LT(energies[node], 5.0 * known[node]);
            if (tree.is_leaf(node) && tree.instance_type(node) != "RMSNorm") {
                EXPECT_EQ(energies[node], known[node]);
            }
        }
    }
}

TEST(AdditiveTree, AnUnseenOperationOfAKnownGroupTakesTheGroups) {
    // Only Linear in training; Conv1D is the same product.
    std::vector<std::size_t> bert;
    for (std::size_t i = 0; i < runs().trees.size(); ++i) {
        if (runs().trees[i].model_name() == "bert") bert.push_back(i);
    }
    AdditivePredictor predictor(fit_additive(runs(), bert, models::AdditiveLevel::specs));
    ASSERT_TRUE(predictor.model().leaves[0].own.empty());
    Architecture shape;
    shape.one_kernel = true;
    const Tree gpt = make_transformer(shape, 8, 32);
    const std::vector<double> energies = predictor.predict(gpt, "x");
    EXPECT_TRUE(predictor.notices().unseen_operations.empty());
    EXPECT_NEAR(energies[0], gpt.nodes()[0].measured_energy, 0.25 * gpt.nodes()[0].measured_energy);
}

TEST(AdditiveTree, UnseenClassesTakeAfterTheirTwins) {
    const models::AdditiveModel model = fitted_to(runs(), models::AdditiveLevel::specs);
    AdditivePredictor predictor(model);
    const Tree& tree = runs().trees[0];
    const std::vector<double> known = predictor.predict(tree, "x");
    // Embeddings has children like no other class: its only twin is itself.
    const auto rename_embeddings = [](std::string_view text) {
        return text == "Embeddings" ? std::string("NewEmbeddings") : std::string(text);
    };
    const Tree other = renamed(tree, rename_embeddings);
    const std::vector<double> of_twin = predictor.predict(other, "x");
    for (std::size_t node = 0; node < known.size(); ++node) EXPECT_NEAR(of_twin[node], known[node], 1e-12);
    // With another count of own flops it is another computation, and the pooled coefficients answer.
    const std::size_t embeddings = 1;
    ASSERT_EQ(other.instance_type(embeddings), "NewEmbeddings");
    const double flops = other.nodes()[embeddings].features[static_cast<std::size_t>(Feature::flops)];
    const Tree stranger = with_feature(other, embeddings, Feature::flops, 2.0 * flops);
    models::TreeTerms terms;
    models::InstanceTypes types;
    terms.derive(stranger, models::AdditiveLevel::specs, "x", types);
    const models::NodeTerms& node = terms.nodes()[embeddings];
    const double pooled = model.self[0] * node.own_bytes + model.self[1] * node.launches;
    const std::vector<double> energies = predictor.predict(stranger, "x");
    EXPECT_NEAR(energies[embeddings] - energies[embeddings + 1] - energies[embeddings + 2], pooled, 1e-12);
}

TEST(AdditiveTree, MeasuredEnergiesOfHeldOutTreesDoNotMatter) {
    std::vector<std::size_t> half, rest;
    for (std::size_t i = 0; i < runs().trees.size(); ++i) (i % 3 == 0 ? rest : half).push_back(i);
    Dataset scrambled = runs();
    for (const std::size_t i : rest) {
        double factor = 0.1;
        scrambled.trees[i] = changed(scrambled.trees[i], [&factor](std::size_t, NewNode& node) {
            factor = 3.9 * factor * (1.0 - factor);
            node.measured_energy = factor < 0.3 ? absent() : factor < 0.4 ? 0.0 : 100.0 * factor;
        });
    }
    for (const models::AdditiveLevel level : kLevels) {
        const models::AdditiveModel model = fit_additive(runs(), half, level);
        EXPECT_EQ(text_of(model), text_of(fit_additive(scrambled, half, level)));
        AdditivePredictor predictor(model);
        for (const std::size_t i : rest) {
            const std::vector<double> energies = predictor.predict(runs().trees[i], "x");
            EXPECT_EQ(predictor.predict(scrambled.trees[i], "x"), energies);
        }
    }
}

TEST(AdditiveTree, TrainingNeedsTrees) {
    refusal(ErrorKind::data, [&] { fit_additive(runs(), {}, models::AdditiveLevel::specs); });
}

TEST(AdditiveTree, MissingFeaturesAreRefused) {
    Dataset data = runs();
    data.trees[2] = with_feature(data.trees[2], 4, Feature::times_mean, absent());
    EXPECT_NO_THROW(fitted_to(data, models::AdditiveLevel::specs));
    for (const models::AdditiveLevel level : {models::AdditiveLevel::timing, models::AdditiveLevel::all}) {
        expect_contains(refusal(ErrorKind::data, [&] { fitted_to(data, level); }),
                        "made_up.jsonl:3: node 'n4': field 'times_mean'");
        AdditivePredictor predictor(fitted_to(runs(), level));
        expect_contains(refusal(ErrorKind::data, [&] { predictor.predict(data.trees[2], "runs.jsonl"); }),
                        "runs.jsonl:3: node 'n4': field 'times_mean'");
        EXPECT_GT(predictor.predict(runs().trees[2], "x")[0], 0.0);  // still of use
    }
}

TEST(AdditiveTree, NumbersBeyondTheRangeOfDoubleAreRefused) {
    Dataset data = runs();
    data.trees[0] = with_feature(data.trees[0], 3, Feature::mem_bytes, 1e300);
    expect_contains(refusal(ErrorKind::data, [&] { fitted_to(data, models::AdditiveLevel::specs); }),
                    "made_up.jsonl");
    AdditivePredictor predictor(fitted_to(runs(), models::AdditiveLevel::specs));
    data.trees[0] = with_feature(data.trees[0], 3, Feature::mem_bytes, 1.7e308);
    expect_contains(refusal(ErrorKind::data, [&] { predictor.predict(data.trees[0], "runs.jsonl"); }),
                    "runs.jsonl:1: node");
    // Energies whose inverse squares are too small for a double, and too large.
    for (const double joules : {1e200, 1e-200}) {
        Dataset scaled = runs();
        for (Tree& tree : scaled.trees) {
            tree = changed(tree, [joules](std::size_t, NewNode& node) { node.measured_energy = joules; });
        }
        expect_contains(refusal(ErrorKind::data, [&] { fitted_to(scaled, models::AdditiveLevel::specs); }),
                        "too large or too small");
    }
}

TEST(AdditiveTree, NodesOutsideTheRangeAreCountedAndTheWorstNamed) {
    AdditivePredictor predictor(fitted_to(runs(), models::AdditiveLevel::specs));
    for (const Tree& tree : runs().trees) predictor.predict(tree, "x");
    EXPECT_EQ(predictor.notices().num_out_of_range, 0U);
    EXPECT_FALSE(predictor.notices().worst.has_value());
    EXPECT_EQ(predictor.notices().num_nodes, runs().num_nodes());

    const Tree large = on_line(make_transformer({}, 160, 32), 7);  // ten times the largest batch
    predictor.predict(large, "x");
    const PredictionNotices& notices = predictor.notices();
    EXPECT_EQ(notices.num_out_of_range, large.nodes().size());
    ASSERT_TRUE(notices.worst.has_value());
    EXPECT_GE(notices.worst->overshoot, 10.0);
    EXPECT_EQ(notices.worst->line, 7U);
    EXPECT_FALSE(notices.worst->scope.empty());
    EXPECT_GT(notices.worst->value, notices.worst->greatest);

    // Parts of a file may come in any order.
    const Tree later = on_line(large, 9);
    AdditivePredictor first(predictor.model()), second(predictor.model());
    first.predict(large, "x");
    second.predict(later, "x");
    PredictionNotices one = first.notices(), other = second.notices();
    add(one, second.notices());
    add(other, first.notices());
    EXPECT_EQ(one.num_nodes, 2 * large.nodes().size());
    EXPECT_EQ(one.num_out_of_range, other.num_out_of_range);
    EXPECT_EQ(one.worst->line, 7U);
    EXPECT_EQ(other.worst->line, 7U);
    EXPECT_EQ(one.worst->node, other.worst->node);
}

/// The runs with every dense leaf's counts changed.
Dataset with_counts(double parameters, double flops) {
    Dataset data = runs();
    for (Tree& tree : data.trees) {
        tree = changed(tree, [&](std::size_t, NewNode& node) {
            node.features[static_cast<std::size_t>(Feature::num_parameters)] *= parameters;
            node.features[static_cast<std::size_t>(Feature::flops)] *= flops;
        });
    }
    return data;
}

double mean_root_error(const models::AdditiveModel& model, const Dataset& data) {
    AdditivePredictor predictor(model);
    double sum = 0.0;
    for (const Tree& tree : data.trees) {
        sum += std::fabs(predictor.predict(tree, "x")[0] / tree.nodes()[0].measured_energy - 1.0);
    }
    return sum / static_cast<double>(data.trees.size());
}

TEST(AdditiveTree, CountsThatContradictEachOtherArePricedByFlopsAndBytesAndCounted) {
    for (const models::AdditiveLevel level : {models::AdditiveLevel::specs, models::AdditiveLevel::timing}) {
        SCOPED_TRACE(name(level));
        for (const auto& [parameters, flops, cause] : {std::tuple(0.0, 1.0, CountsCause::no_parameters),
                                                       std::tuple(1.0, 1e-3, CountsCause::flops_in_giga)}) {
            const Dataset data = with_counts(parameters, flops);
            EXPECT_LT(mean_root_error(fitted_to(data, level), data), 0.02);
            const models::AdditiveData prepared(data, level);
            EXPECT_GT(prepared.counts.num_dense, 0U);
            EXPECT_EQ(prepared.counts.by_cause[static_cast<std::size_t>(cause)], prepared.counts.num_dense);
        }
        EXPECT_EQ(models::AdditiveData(runs(), level).counts.num_nodes(), 0U);
        // A model of good counts prices others all the same.
        AdditivePredictor predictor(fitted_to(runs(), level));
        const Dataset frozen = with_counts(0.0, 1.0);
        for (const Tree& tree : frozen.trees) {
            const double measured = tree.nodes()[0].measured_energy;
            EXPECT_NEAR(predictor.predict(tree, "x")[0], measured, 0.15 * measured);
        }
        EXPECT_EQ(predictor.notices().counts.num_nodes(), predictor.notices().counts.num_dense);
        EXPECT_TRUE(predictor.notices().unseen_operations.empty());
    }
    EXPECT_EQ(models::AdditiveData(with_counts(0.0, 1.0), models::AdditiveLevel::all).counts.num_dense, 0U);
}

TEST(AdditiveTree, ADenseProductCostsMoreWithItsFlopsAndItsBytesWhateverItsCounts) {
    AdditivePredictor good(fitted_to(runs(), models::AdditiveLevel::specs));
    AdditivePredictor frozen(fitted_to(with_counts(0.0, 1.0), models::AdditiveLevel::specs));
    const auto energy = [](AdditivePredictor& predictor, double parameters, double flops, double bytes) {
        TreeByCounts builder("m", 8, 64);
        const std::int32_t root = builder.add(-1, "Root", 0, 0, 0);
        builder.add(root, "Linear", parameters, flops, bytes);
        return predictor.predict(builder.finish(), "x")[1];
    };
    for (AdditivePredictor* predictor : {&good, &frozen}) {
        for (const double parameters : {0.0, 590592.0, 1e9}) {
            double before_flops = 0.0, before_bytes = 0.0;
            for (const double factor : {1.0, 1.1, 2.0, 10.0, 100.0, 1000.0}) {
                const double more_flops = energy(*predictor, parameters, 3.1e8 * factor, 1.2e7);
                const double more_bytes = energy(*predictor, parameters, 3.1e8, 1.2e7 * factor);
                EXPECT_GT(more_flops, before_flops) << parameters << ", " << factor;
                EXPECT_GT(more_bytes, before_bytes) << parameters << ", " << factor;
                before_flops = more_flops;
                before_bytes = more_bytes;
            }
        }
    }
}

TEST(AdditiveTree, TheOrderOfTreesOnlyMattersForRounding) {
    std::vector<std::size_t> backwards = every_tree(runs());
    std::reverse(backwards.begin(), backwards.end());
    for (const models::AdditiveLevel level : kLevels) {
        AdditivePredictor one(fitted_to(runs(), level)), other(fit_additive(runs(), backwards, level));
        for (const Tree& tree : runs().trees) {
            const double joules = one.predict(tree, "x")[0];
            EXPECT_NEAR(other.predict(tree, "x")[0], joules, 1e-9 * joules);
        }
    }
}

TEST(AdditiveTree, MemoryOfEarlierFitsLeavesNoTrace) {
    for (const models::AdditiveLevel level : kLevels) {
        const models::AdditiveData prepared(runs(), level);
        models::AdditiveTrainer trainer(prepared);
        const std::vector<std::size_t> some{0, 3, 4, 9};
        const std::string first = text_of(trainer.fit(every_tree(runs())));
        const std::string second = text_of(trainer.fit(some));
        (void)trainer.learn_intervals(every_tree(runs()), trainer.fit(every_tree(runs())));
        EXPECT_EQ(text_of(trainer.fit(every_tree(runs()))), first);
        EXPECT_EQ(text_of(fit_additive(runs(), some, level)), second);
    }
}

}  // namespace
}  // namespace irene::tests
