// What the tools tell of data that they can use, but not trust: counts that contradict each other, values
// outside the range of training, intervals that cannot hold, training that diverges.
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "table.hpp"
#include "temporary_directory.hpp"
#include "trained.hpp"

namespace irene::tests {

namespace {

/// The simulated runs with every node changed; of the first model only, or of all.
template <typename Change>
std::string simulated_with(const Change& change, bool one_model = false) {
    const std::string text = read_file(simulated());
    std::string lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        Json tree = Json::parse(text.substr(begin, end - begin));
        begin = end + 1;
        if (one_model && tree["model_name"] != "bert-base-uncased") continue;
        for_each_node(root_of(tree), change);
        lines += tree.dump() + "\n";
    }
    return lines;
}

const Fixtures& notice_fixtures() {
    static const Fixtures fixtures = [] {
        Fixtures all{common_fixtures().find("additive.json"),
                     std::next(common_fixtures().find("additive.json"))};
        const auto file = [&all](const std::string& name, const std::string& content) {
            all[name].content = content;
        };
        const auto same = [](Json&) {};
        const std::string one = simulated_with(same, true);
        file("good.jsonl", simulated_with(same));
        file("one.jsonl", one);
        file("tree.jsonl", one.substr(0, one.find('\n') + 1));
        file("frozen.jsonl", simulated_with([](Json& node) { node["num_parameters"] = 0; }));
        file("giga.jsonl",
             simulated_with([](Json& node) { node["flops"] = node["flops"].get<double>() / 1000.0; }));
        file("moved.jsonl", simulated_with([](Json& node) { node["gpu_mem_clk"] = 9999; }));
        file("free.json", R"({"weighting_setting": "free", "learning_rate": 1,
            "normalize_loss_scale": false, "standardize_features": false, "num_epochs": 50})");
        const std::filesystem::path source = IRENE_SOURCE_DIRECTORY;
        for (const std::string& command :
             {std::string("irene-train -q --config {additive.json} {good.jsonl} model"),
              std::string("irene-train -q {good.jsonl} paper"),
              std::string("irene-train -q --config {additive.json} {one.jsonl} single"),
              std::string("irene-train -q --config {additive.json} {tree.jsonl} lonely"),
              "irene-extract " + (source / "configs/models/bert-large-uncased.json").string() +
                  " --batch_size 8 --seq_len 64 -o large.jsonl"}) {
            add_made_by(command, all);
        }
        return all;
    }();
    return fixtures;
}

/// A run that succeeds and tells this, or warns of nothing.
Case tell(const std::string& name, const std::string& command, const Texts& creates, const Texts& told) {
    return {.name = name,
            .command = command,
            .errors = told,
            .no_errors = told.empty() ? Texts{"warning"} : Texts{},
            .lines = kAnyNumber,
            .creates = creates};
}

const Texts kPredictions{"p.jsonl"};
const Texts kFolds = fold_files("out", {"bert-base-uncased", "distilbert-base-uncased", "distilgpt2", "gpt2",
                                        "openai-gpt", "roberta-base"});

/// Counts that contradict each other: the paper's strategies do not mind, and good ones are not told.
std::vector<Case> counts() {
    const std::string counts =
        "1208 of 1208 dense products have counts that contradict each other, the first node 'root.";
    const std::string frozen = "num_parameters is 0, as where frozen weights are left out";
    const std::string giga = "flops seem to be counted in 10^9, and are expected in 10^6";
    const std::string train = "irene-train --config {additive.json} ";
    const std::string crossvalidate = "irene-crossvalidate --config {additive.json} ";
    return {
        tell("train_on_frozen", train + "{frozen.jsonl} out", model_files("out"),
             {"frozen.jsonl: " + counts, frozen}),
        tell("train_on_giga", train + "{giga.jsonl} out", model_files("out"), {counts, giga}),
        tell("crossvalidate_giga", crossvalidate + "{giga.jsonl} out", kFolds, {counts, giga}),
        tell("predict_frozen", "irene-predict {frozen.jsonl} p.jsonl {model}", kPredictions,
             {counts, frozen, "errs more"}),
        tell("predict_giga", "irene-predict {giga.jsonl} p.jsonl {model}", kPredictions, {counts, giga}),
        tell("train_the_paper_s_on_giga", "irene-train {giga.jsonl} out", model_files("out"), {}),
        tell("crossvalidate_good", crossvalidate + "{good.jsonl} out", kFolds, {}),
        tell("predict_good", "irene-predict {good.jsonl} p.jsonl {model}", kPredictions, {}),
    };
}

/// Values outside the range of training, in the user's words.
std::vector<Case> ranges() {
    return {
        tell("feature_that_never_varied", "irene-predict {moved.jsonl} p.jsonl {paper}", kPredictions,
             {"nodes lie outside the range of training: expect larger errors there",
              "gpu_mem_clk (which never varied in training) is 9999, training saw only "}),
        tell("within_the_range", "irene-predict {good.jsonl} p.jsonl {paper}", kPredictions, {}),
        tell("dense_product", "irene-predict {large.jsonl} p.jsonl {model}", kPredictions,
             {"nodes lie outside the range of training", "of a dense product's inputs and outputs)",
              "training saw "}),
    };
}

/// Intervals that cannot hold.
std::vector<Case> intervals() {
    const auto predict = [](const std::string& probability, const std::string& arguments) {
        return "irene-predict --interval " + probability + " " + arguments;
    };
    return {
        tell("the_most_probable", predict("0.96", "{good.jsonl} p.jsonl {model}"), kPredictions, {}),
        tell("too_probable", predict("0.99", "{good.jsonl} p.jsonl {model}"), kPredictions,
             {"the errors of 6 held-out models support intervals of probability 0.96 at most"}),
        tell("train_on_one_model", "irene-train --config {additive.json} {one.jsonl} out", model_files("out"),
             {"one.jsonl: holds one model_name; prediction intervals for others need at least two"}),
        refusal_of("trained_on_one_model", predict("0.9", "{one.jsonl} p.jsonl {single}"), 64,
                   {"trained on one model_name, and intervals need three"}),
        refusal_of("trained_on_one_tree", predict("0.9", "{tree.jsonl} p.jsonl {lonely}"), 64,
                   {"trained on one model_name, and intervals need three"}),
        refusal_of("of_the_paper_s", predict("0.9", "{good.jsonl} p.jsonl {paper}"), 64,
                   {"only strategy 'additive' learns them"}),
    };
}

/// Training that diverges leaves the model alone that was there.
std::vector<Case> divergence() {
    return {
        refusal_of("train", "irene-train --config {free.json} {good.jsonl} {paper}", 65,
                   {"good.jsonl: training diverged in epoch ", "a smaller learning_rate"}),
        refusal_of("crossvalidate", "irene-crossvalidate --config {free.json} {good.jsonl} out", 65,
                   {"training diverged in epoch "}),
    };
}

std::vector<Case> all_notices() {
    std::vector<Case> all;
    for (const auto& [topic, cases] :
         {std::pair("counts", counts()), std::pair("ranges", ranges()), std::pair("intervals", intervals()),
          std::pair("divergence", divergence())}) {
        for (Case c : cases) {
            c.name = std::string(topic) + "_" + c.name;
            all.push_back(c);
        }
    }
    return with_fixtures(notice_fixtures, all);
}

INSTANTIATE_TEST_SUITE_P(Notices, Table, testing::ValuesIn(all_notices()), name_of_case);

}  // namespace

}  // namespace irene::tests
