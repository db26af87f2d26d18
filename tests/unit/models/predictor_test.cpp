// Predictor: the walk up the paper's trees.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/model.hpp"
#include "irene/tasks.hpp"

#include "changed_tree.hpp"
#include "fitted.hpp"
#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

/// A model over the six features of model_specs whose leaves cost what their `flops` say, times ten for
/// "linear"; every weight comes from the bias alone.
Model model_by_hand(TrainingStrategy strategy, Weighting weighting, float bias) {
    models::Origin origin;
    origin.config.feature_sets = {FeatureSet::model_specs};
    origin.config.polynomial_features = false;
    origin.config.standardize_features = false;
    origin.config.training_strategy = strategy;
    origin.config.weighting_setting = weighting;
    origin.features = features_of(origin.config.feature_sets);
    models::WeightedModel learned;
    for (const auto& [operation, factor] :
         {std::pair("embedding", 1.0), {"layernorm", 1.0}, {"linear", 10.0}}) {
        models::LeafRegressor regressor;
        regressor.operation = operation;
        regressor.scaler = {std::vector<double>(6, 0.0), std::vector<double>(6, 1.0)};
        regressor.coefficients = {0, 0, 0, 0, factor, 0};
        regressor.num_nodes = 1;
        learned.leaves.push_back(regressor);
    }
    if (models::has_weights(origin.config)) learned.tree.weights.assign(6, 0.0F);
    learned.tree.bias = bias;
    return Model(std::make_shared<models::FittedWeightedModel>(std::move(origin), std::move(learned)));
}

// flops of the leaves embedding 2, layernorm 3, linear 6, dense 7 of a small run
struct Leaves {
    double embedding, layernorm, linear, dense;
};

Leaves leaves_of(const Tree& tree) {
    const auto flops = [&tree](std::size_t node) {
        return tree.nodes()[node].features[static_cast<std::size_t>(Feature::flops)];
    };
    return {flops(2), flops(3), 10.0 * flops(6), 10.0 * flops(7)};
}

TEST(Predictor, SumsUpTheTree) {
    const Tree tree = parse_tree(small_line("t"));
    const Leaves leaf = leaves_of(tree);
    const double t = 1.0 + std::tanh(0.25) / 10.0;
    struct Case {
        TrainingStrategy strategy;
        Weighting weighting;
        double weight;
    };
    for (const Case& c : std::vector<Case>{{TrainingStrategy::none, Weighting::exact_one, 1.0},
                                           {TrainingStrategy::none, Weighting::free, 1.0},
                                           {TrainingStrategy::end2end, Weighting::exact_one, 1.0},
                                           {TrainingStrategy::end2end, Weighting::free, 0.25},
                                           {TrainingStrategy::stepwise, Weighting::free, 0.25},
                                           {TrainingStrategy::end2end, Weighting::close_to_one, t},
                                           {TrainingStrategy::stepwise, Weighting::close_to_one, t}}) {
        SCOPED_TRACE(testing::Message() << name(c.strategy) << ", " << name(c.weighting));
        Predictor predictor(model_by_hand(c.strategy, c.weighting, 0.25F));
        const std::vector<double> joules = predictor.predict(tree).joules;
        const double w = c.weight;
        const double embeddings = w * leaf.embedding + w * leaf.layernorm;
        const double attention = w * leaf.linear;
        const double layer = w * attention + w * leaf.dense;
        const std::vector<double> expected{w * embeddings + w * layer,
                                           embeddings,
                                           leaf.embedding,
                                           leaf.layernorm,
                                           layer,
                                           attention,
                                           leaf.linear,
                                           leaf.dense};
        ASSERT_EQ(joules.size(), expected.size());
        for (std::size_t node = 0; node < joules.size(); ++node) {
            const double tolerance = c.weighting == Weighting::close_to_one ? 1e-6 : 1e-12;
            EXPECT_NEAR(joules[node], expected[node], tolerance) << tree.id(node);
        }
    }
}

TEST(Predictor, UnstructuredParentsDoNotLookAtChildren) {
    const Model zero = model_by_hand(TrainingStrategy::unstructured, Weighting::free, 0.5F);
    models::WeightedModel learned = weighted(zero);
    learned.tree.weights[4] = 2.0F;  // flops
    const Model model = with(zero, learned);
    const Tree tree = parse_tree(small_line("t"));
    const Leaves leaf = leaves_of(tree);
    Predictor predictor(model);
    const std::vector<double> joules = predictor.predict(tree).joules;
    EXPECT_DOUBLE_EQ(joules[2], leaf.embedding);
    EXPECT_DOUBLE_EQ(joules[7], leaf.dense);
    for (const std::size_t node : {0U, 1U, 4U, 5U}) {
        const double flops = tree.nodes()[node].features[static_cast<std::size_t>(Feature::flops)];
        EXPECT_NEAR(joules[node], 0.5 + 2.0 * flops, 1e-6) << node;
    }
}

TEST(Predictor, DoesNotUseMeasuredEnergies) {
    const Model model = train(dataset_of(small_lines(6)), Config{});
    const Tree tree = parse_tree(small_line("t", "m", 8, 32, 2));
    Predictor predictor(model);
    const std::vector<double> joules = predictor.predict(tree).joules;
    const Tree other = changed(tree, [](std::size_t, NewNode& node) {
        node.measured_energy = absent();
        node.predicted_energy = 77.0;
    });
    EXPECT_EQ(predictor.predict(other).joules, joules);
}

TEST(Predictor, CallsDoNotDependOnEachOther) {
    const Model model = train(dataset_of(small_lines(6)), Config{});
    Predictor used(model);
    for (std::size_t variant = 0; variant < 5; ++variant) {
        SCOPED_TRACE(variant);
        const Tree tree = parse_tree(small_line("t", "m", 8, 32, variant));
        Predictor fresh(model), copy(used);
        const std::vector<double> joules = used.predict(tree).joules;
        EXPECT_EQ(fresh.predict(tree).joules, joules);
        EXPECT_EQ(copy.predict(tree).joules, joules);
        copy = fresh;
        EXPECT_EQ(copy.predict(tree).joules, joules);
    }
}

TEST(Predictor, UnseenOperationsAreNamedWithTheKnownOnes) {
    Predictor predictor(model_by_hand(TrainingStrategy::none, Weighting::exact_one, 0.0F));
    Json run = small_run("t");
    run["frontend_tree"]["child_nodes_obj"][1]["child_nodes_obj"][1]["instance_type"] = "Conv2D";
    const Tree tree = parse_tree(run.dump(), "x", 12);
    const std::string what = refusal(ErrorKind::data, [&] { predictor.predict(tree, "in.jsonl"); });
    expect_contains(what, "in.jsonl:12: node 'scope.t/dense'");
    expect_contains(what, "'Conv2D'");
    expect_contains(what, "'embedding', 'layernorm', 'linear'");
    // It answers the next tree all the same.
    EXPECT_EQ(predictor.predict(parse_tree(small_line("t"))).joules.size(), kSmallRunNodes);
}

TEST(Predictor, AbsentFeaturesAreRefusedWhereTheyAreUsed) {
    const auto predict_without = [](const char* key, const std::string& pointer, const Model& model) {
        Json run = small_run("t");
        run[Json::json_pointer(pointer)].erase(key);
        Predictor predictor(model);
        predictor.predict(parse_tree(run.dump()), "in.jsonl");
    };
    const std::string leaf = "/frontend_tree/child_nodes_obj/0/child_nodes_obj/0", root = "/frontend_tree",
                      inner = "/frontend_tree/child_nodes_obj/0";
    const Model sum = model_by_hand(TrainingStrategy::none, Weighting::exact_one, 0.0F);
    const Model with_weights = model_by_hand(TrainingStrategy::end2end, Weighting::free, 0.5F);
    const std::string what = refusal(ErrorKind::data, [&] { predict_without("flops", leaf, sum); });
    expect_contains(what, "in.jsonl:1: node 'scope.t/embedding': field 'flops'");
    EXPECT_NO_THROW(predict_without("cpu", leaf, sum));  // not a feature of this config
    expect_contains(refusal(ErrorKind::data, [&] { predict_without("flops", inner, with_weights); }),
                    "scope.t/embeddings");
}

TEST(Predictor, ResultsThatAreNotFiniteAreRefused) {
    const Model sum = model_by_hand(TrainingStrategy::none, Weighting::exact_one, 0.0F);
    models::WeightedModel learned = weighted(sum);
    learned.leaves[2].coefficients[4] = 1e308;
    const Model model = with(sum, learned);
    Json run = small_run("t");
    run["frontend_tree"]["child_nodes_obj"][1]["child_nodes_obj"][1]["flops"] = 1e300;
    Predictor predictor(model);
    expect_contains(refusal(ErrorKind::data, [&] { predictor.predict(parse_tree(run.dump()), "in.jsonl"); }),
                    "node 'scope.t/dense'");
}

}  // namespace
}  // namespace irene::tests
