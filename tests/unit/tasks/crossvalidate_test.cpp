#include <atomic>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "irene/tasks.hpp"

#include "fitted.hpp"
#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

namespace fs = std::filesystem;

Config two_epochs() {
    Config config;
    config.feature_sets = {FeatureSet::model_specs};
    config.num_epochs = 2;
    return config;
}

/// Every file below a directory with its content.
std::map<std::string, std::string> files_below(const fs::path& directory) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        if (entry.is_regular_file())
            files[fs::relative(entry.path(), directory).string()] = read_file(entry.path());
    }
    return files;
}

TEST(Crossvalidate, WritesAFolderForEachGroup) {
    const std::vector<std::string> lines = small_lines(9);
    const Dataset data = dataset_of(lines);
    const TemporaryDirectory directory;
    const CrossvalidationReport report = crossvalidate(data, two_epochs(), directory / "new/out");
    ASSERT_EQ(report.folds.size(), 3U);
    std::array<double, kNumNodeTypes> sums{};
    for (std::size_t fold = 0; fold < 3; ++fold) {
        const std::string left_out = "m" + std::to_string(fold);
        SCOPED_TRACE(left_out);
        EXPECT_EQ(report.folds[fold].left_out, left_out);
        const fs::path folder = directory / "new/out/crossvalidation" / ("leave_" + left_out);
        const Model model = load_model(folder);
        EXPECT_EQ(model.num_trees(), 6U);
        EXPECT_EQ(model.config(), two_epochs());
        EXPECT_EQ(model.seed(), kDefaultSeed);
        // The predictions are those of the model beside them, for the trees left out and no others.
        const Dataset predicted = read_dataset(folder / "predictions.jsonl");
        ASSERT_EQ(predicted.trees.size(), 3U);
        Predictor predictor(model);
        std::array<double, kNumNodeTypes> errors{}, counts{};
        for (const Tree& tree : predicted.trees) {
            EXPECT_EQ(tree.model_name(), left_out);
            const std::vector<double> joules = predictor.predict(tree).joules;
            for (std::size_t node = 0; node < joules.size(); ++node) {
                EXPECT_EQ(tree.nodes()[node].predicted_energy, joules[node]);
                const double truth = tree.nodes()[node].measured_energy;
                errors[static_cast<std::size_t>(tree.nodes()[node].type)] +=
                    100.0 * std::abs(joules[node] - truth) / truth;
                counts[static_cast<std::size_t>(tree.nodes()[node].type)] += 1.0;
            }
        }
        const Json written = Json::parse(read_file(folder / "percentage_errors.json"));
        for (const NodeType type : {NodeType::ml, NodeType::module, NodeType::model}) {
            const auto i = static_cast<std::size_t>(type);
            EXPECT_NEAR(report.folds[fold].percentage_error[i].value(), errors[i] / counts[i], 1e-9);
            EXPECT_EQ(written.at(std::string(name(type))).get<double>(),
                      round_percentage(*report.folds[fold].percentage_error[i]));
            sums[i] += errors[i] / counts[i];
        }
    }
    for (std::size_t i = 0; i < kNumNodeTypes; ++i) {
        EXPECT_NEAR(report.overall.percentage_error[i].value(), sums[i] / 3.0, 1e-9);
    }
    EXPECT_EQ(read_file(directory / "new/out/crossvalidation/report.csv"), to_csv(report));
    EXPECT_EQ(files_below(directory.path()).size(), 3 * 4 + 1U);
}

TEST(Crossvalidate, GroupsByWhatIsAskedFor) {
    const Dataset data = dataset_of(small_lines(12));
    struct Case {
        CrossvalidateOptions options;
        std::vector<std::string> folds;
    };
    const std::vector<Case> cases{
        {{.group_by = RunKey::model_name}, {"m0", "m1", "m2"}},
        {{.group_by = RunKey::batch_size}, {"8", "16"}},
        {{.group_by = RunKey::seq_len}, {"32", "64"}},
        {{.group_by = std::nullopt, .groups = {{"even", {"m0", "m2"}}, {"odd", {"m1", "unused"}}}},
         {"even", "odd"}},
        {{.group_by = std::nullopt, .groups = {{"a", {"m1"}}, {"b", {"m0", "m2"}}}}, {"b", "a"}},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.options.group_by ? name(*c.options.group_by) : "groups");
        const TemporaryDirectory directory;
        const CrossvalidationReport report = crossvalidate(data, two_epochs(), directory.path(), c.options);
        std::vector<std::string> folds;
        std::size_t num_trees = 0;
        for (const FoldReport& fold : report.folds) {
            folds.push_back(fold.left_out);
            num_trees +=
                read_dataset(directory / "crossvalidation" / ("leave_" + fold.left_out) / "predictions.jsonl")
                    .trees.size();
        }
        EXPECT_EQ(folds, c.folds);
        EXPECT_EQ(num_trees, 12U);
    }
}

TEST(Crossvalidate, HeldOutEnergiesDoNotReachThePredictions) {
    // Were the measured energies of the trees left out to leak into training, other values would show.
    const std::vector<std::string> lines = small_lines(9);
    const auto scramble = [](Json& node, const auto& self) -> void {
        node["ground_truth_energy"] = 100.0 + 7.0 * node["ground_truth_energy"].get<double>();
        for (Json& child : node["child_nodes_obj"]) self(child, self);
    };
    std::vector<std::string> scrambled = lines;
    for (std::size_t i = 1; i < lines.size(); i += 3) {  // m1
        Json run = Json::parse(lines[i]);
        scramble(run["frontend_tree"], scramble);
        scrambled[i] = run.dump();
    }
    const TemporaryDirectory directory;
    for (const TrainingStrategy strategy : {TrainingStrategy::end2end, TrainingStrategy::stepwise}) {
        SCOPED_TRACE(name(strategy));
        Config config = two_epochs();
        config.training_strategy = strategy;
        crossvalidate(dataset_of(lines), config, directory / "plain");
        crossvalidate(dataset_of(scrambled), config, directory / "scrambled");
        const auto predictions = [&](const char* run, const char* model) {
            std::vector<double> joules;
            const Dataset data =
                read_dataset(directory / run / "crossvalidation" / model / "predictions.jsonl");
            for (const Tree& tree : data.trees) {
                for (const Node& node : tree.nodes()) joules.push_back(node.predicted_energy);
            }
            return joules;
        };
        EXPECT_EQ(predictions("plain", "leave_m1"), predictions("scrambled", "leave_m1"));
        EXPECT_EQ(read_file(directory / "plain/crossvalidation/leave_m1/model.json"),
                  read_file(directory / "scrambled/crossvalidation/leave_m1/model.json"));
        EXPECT_NE(predictions("plain", "leave_m0"), predictions("scrambled", "leave_m0"));  // there it trains
    }
}

TEST(Crossvalidate, ThreadsDoNotMatter) {
    const Dataset data = dataset_of(small_lines(12, 5));
    const TemporaryDirectory directory;
    for (const auto& [name, threads] : {std::pair("one", 1U), {"two", 2U}, {"many", 9U}}) {
        crossvalidate(data, two_epochs(), directory / name, {.threads = threads});
    }
    const auto one = files_below(directory / "one");
    EXPECT_EQ(one.size(), 5 * 4 + 1U);
    EXPECT_EQ(files_below(directory / "two"), one);
    EXPECT_EQ(files_below(directory / "many"), one);
}

TEST(Crossvalidate, FoldsDrawDifferentInitialWeights) {
    Config config = two_epochs();
    config.num_epochs = 0;
    const TemporaryDirectory directory;
    crossvalidate(dataset_of(small_lines(6)), config, directory.path());
    const auto weights = [&](const char* fold) {
        return weighted(load_model(directory / "crossvalidation" / fold)).tree.weights;
    };
    EXPECT_NE(weights("leave_m0"), weights("leave_m1"));
    EXPECT_NE(weights("leave_m1"), weights("leave_m2"));
    // The first fold starts like plain training.
    EXPECT_EQ(weights("leave_m0"), weighted(train(dataset_of(small_lines(6)), config)).tree.weights);
}

TEST(Crossvalidate, NamesThatAreNoFileNames) {
    const std::vector<std::pair<std::string, std::string>> names{{"google/bert", "leave_google%2Fbert"},
                                                                 {"100%", "leave_100%25"},
                                                                 {"..", "leave_.."},
                                                                 {"a\nb", "leave_a%0Ab"},
                                                                 {"c:\\d", "leave_c:%5Cd"},
                                                                 {"Schön", "leave_Schön"},
                                                                 {"google%2Fbert", "leave_google%252Fbert"}};
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < names.size(); ++i) {
        lines.push_back(small_line("t" + std::to_string(i), names[i].first, 8, 32, i));
    }
    const TemporaryDirectory directory;
    crossvalidate(dataset_of(lines), two_epochs(), directory.path());
    for (const auto& [name, folder] : names) {
        SCOPED_TRACE(folder);
        const fs::path path = directory / "crossvalidation" / folder / "predictions.jsonl";
        ASSERT_TRUE(fs::exists(path));
        EXPECT_EQ(read_dataset(path).trees[0].model_name(), name);
    }
    // Nothing outside of its folders.
    EXPECT_EQ(files_below(directory.path()).size(), names.size() * 4 + 1);
}

TEST(Crossvalidate, NamesTooLongForAFileName) {
    const auto repeat = [](const std::string& text, std::size_t count) {
        std::string all;
        for (std::size_t i = 0; i < count; ++i) all += text;
        return all;
    };
    const std::string just_fits = repeat("a", 249);  // "leave_" and this are 255 bytes
    const std::vector<std::string> names{
        just_fits,        repeat("a", 250),       repeat("a", 251),        repeat("a", 250) + "b",
        repeat("模", 90), "b" + repeat("模", 90), "bb" + repeat("模", 90), "org/" + repeat("x", 245),
        repeat("/", 90),  "b" + repeat("/", 90),  "bb" + repeat("/", 90),  repeat("long ", 2000)};
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < names.size(); ++i)
        lines.push_back(small_line("t" + std::to_string(i), names[i], 8, 32, i));
    const TemporaryDirectory directory;
    crossvalidate(dataset_of(lines), two_epochs(), directory.path());
    std::map<std::string, std::string> folders;  // by the model that was left out
    for (const auto& entry : fs::directory_iterator(directory / "crossvalidation")) {
        if (!entry.is_directory()) continue;
        const std::string folder = entry.path().filename().string();
        folders[read_dataset(entry.path() / "predictions.jsonl").trees.at(0).model_name()] = folder;
        EXPECT_TRUE(Json(folder).dump().size() > folder.size());  // throws where a character is cut
        const std::size_t mark = folder.rfind("%x");
        if (folder == "leave_" + just_fits) continue;
        ASSERT_EQ(mark, folder.size() - 18) << folder;
        // No half of %XX in front of the hash.
        EXPECT_LE(folder.size(), 255U);
        EXPECT_GE(folder.size(), 250U);
        EXPECT_NE(folder[mark - 1], '%');
        EXPECT_NE(folder[mark - 2], '%');
    }
    EXPECT_EQ(folders.size(), names.size());
    EXPECT_EQ(folders[just_fits], "leave_" + just_fits);
    // On disk for ever.
    EXPECT_EQ(folders[repeat("a", 250)], "leave_" + repeat("a", 231) + "%x924785600B73A84F");
    EXPECT_EQ(folders[repeat("/", 90)], "leave_" + repeat("%2F", 77) + "%x8F04BA3AD7775FCB");
}

TEST(Crossvalidate, FoldsOfAnEarlierRunAreRemovedAndNothingElse) {
    const TemporaryDirectory directory;
    const fs::path parent = directory / "crossvalidation";
    const Dataset data = dataset_of(small_lines(12));
    crossvalidate(data, two_epochs(), directory.path(), {.group_by = RunKey::seq_len});
    EXPECT_TRUE(fs::exists(parent / "leave_32/model.json"));
    // Not folds, or somebody's own.
    crossvalidate(data, two_epochs(), directory / "other", {.group_by = RunKey::batch_size});
    fs::rename(directory / "other/crossvalidation/leave_8", parent / "leave_8");
    write_file(parent / "leave_8/notes.txt", "keep");
    fs::rename(directory / "other/crossvalidation/leave_16", parent / "kept_16");
    fs::create_directory_symlink("kept_16", parent / "leave_link");
    fs::create_directories(parent / "leave_empty");
    write_file(parent / "leave_file", "keep");
    const auto kept = [&] {
        std::map<std::string, std::string> files = files_below(parent);
        std::erase_if(files, [](const auto& file) {
            return !file.first.starts_with("leave_8/") && !file.first.starts_with("kept_16/") &&
                   file.first != "leave_file";
        });
        return files;
    };
    const auto before = kept();
    ASSERT_EQ(before.size(), 10U);

    // A run that fails leaves all as it was.
    const auto all = files_below(directory.path());
    const std::atomic<bool> stop{true};
    refusal(ErrorKind::interrupted,
            [&] { crossvalidate(data, two_epochs(), directory.path(), {.stop = &stop}); });
    EXPECT_EQ(files_below(directory.path()), all);

    crossvalidate(data, two_epochs(), directory.path());
    for (const char* gone : {"leave_32", "leave_64"}) EXPECT_FALSE(fs::exists(parent / gone)) << gone;
    for (const char* there : {"leave_m0", "leave_m1", "leave_m2", "leave_empty", "leave_link"})
        EXPECT_TRUE(fs::exists(parent / there)) << there;
    EXPECT_EQ(kept(), before);
}

TEST(Crossvalidate, NeitherATransformerNorTheReportIsWrittenOver) {
    const TemporaryDirectory directory;
    const auto refused = [&](ErrorKind kind, const std::vector<std::string>& lines,
                             const CrossvalidateOptions& options = {}) {
        return refusal(kind,
                       [&] { crossvalidate(dataset_of(lines), two_epochs(), directory.path(), options); });
    };
    const std::vector<std::string> lines{small_line("a", "m"), small_line("b", "overall")};
    expect_contains(refused(ErrorKind::data, lines),
                    "trees.jsonl:2: field 'model_name': no fold can be called");
    expect_contains(refused(ErrorKind::data, lines,
                            {.group_by = std::nullopt, .groups = {{"x", {"m"}}, {"overall", {"overall"}}}}),
                    "'overall'");
    EXPECT_TRUE(fs::is_empty(directory.path()));
    fs::create_directories(directory / "crossvalidation/leave_n");
    write_file(directory / "crossvalidation/leave_n/config.json", R"({"model_type": "bert"})");
    expect_contains(refused(ErrorKind::cannot_create, {small_line("a", "m"), small_line("b", "n")}),
                    "leave_n/config.json: belongs to no energy model");
    EXPECT_EQ(files_below(directory.path()).size(), 1U);
}

TEST(Crossvalidate, TakesADatasetReadWithDefaults) {
    const TemporaryDirectory directory;
    write_file(directory / "trees.jsonl", join_lines(small_lines(6)));
    const Dataset data = read_dataset(directory / "trees.jsonl");
    crossvalidate(data, Config{}, directory / "defaults");
    crossvalidate(dataset_of(small_lines(6)), Config{}, directory / "kept");
    for (const char* fold : {"leave_m0", "leave_m1", "leave_m2"}) {
        const fs::path predictions = fs::path("crossvalidation") / fold / "predictions.jsonl";
        const std::string text = read_file(directory / "defaults" / predictions);
        EXPECT_NE(text, "");
        EXPECT_EQ(text, read_file(directory / "kept" / predictions));
    }
}

TEST(Crossvalidate, RefusesTreesWithoutTheirLinesBeforeItTrains) {
    const TemporaryDirectory directory;
    const auto refused = [&](const Dataset& data) {
        std::atomic<bool> stop{true};  // training would be interrupted
        const CrossvalidateOptions options{.stop = &stop};
        const std::string what =
            refusal(ErrorKind::usage, [&] { crossvalidate(data, two_epochs(), directory / "out", options); });
        EXPECT_FALSE(fs::exists(directory / "out"));
        return what;
    };
    const Dataset whole = dataset_of(small_lines(6));
    Dataset data = whole;
    data.lines = nullptr;
    expect_contains(refused(data), "the dataset has none");
    // Trees of another file, of a line that there is and of one that there is not.
    data = whole;
    data.trees[0] = parse_tree(small_line("stranger"), "other.jsonl", 1);
    expect_contains(refused(data), ":1: the dataset does not have the line");
    data.trees[0] = parse_tree(small_line("stranger"), "other.jsonl", 99);
    expect_contains(refused(data), ":99: the dataset does not have the line");
    expect_contains(refused({.source = "by hand", .trees = whole.trees}),
                    "by hand:1: cross-validation writes");
}

TEST(Crossvalidate, TakesTreesInAnyOrderAndNotAll) {
    const TemporaryDirectory directory;
    const Dataset whole = dataset_of(small_lines(9));
    Dataset data = whole;
    std::swap(data.trees[0], data.trees[8]);
    data.trees.erase(data.trees.begin() + 1);
    crossvalidate(data, two_epochs(), directory.path());
    std::size_t num_trees = 0;
    for (const char* fold : {"leave_m0", "leave_m1", "leave_m2"}) {
        const Dataset predicted =
            read_dataset(directory / "crossvalidation" / fold / "predictions.jsonl", {.keep_text = false});
        for (const Tree& tree : predicted.trees) EXPECT_EQ("leave_" + tree.model_name(), fold);
        num_trees += predicted.trees.size();
    }
    EXPECT_EQ(num_trees, 8U);
}

TEST(Crossvalidate, RefusesWhatIsNoKeyAndNoGroup) {
    const TemporaryDirectory directory;
    const Dataset data = dataset_of(small_lines(6));
    const auto refused = [&](const CrossvalidateOptions& options) {
        return refusal(ErrorKind::usage,
                       [&] { crossvalidate(data, two_epochs(), directory.path(), options); });
    };
    expect_contains(refused({.group_by = std::nullopt}), "needs a key or groups");
    expect_contains(refused({.group_by = static_cast<RunKey>(99)}), "no such key");
}

TEST(Crossvalidate, RefusesWhatCannotBeLeftOut) {
    const TemporaryDirectory directory;
    const auto refused = [&](const std::vector<std::string>& lines,
                             const CrossvalidateOptions& options = {}) {
        return refusal(ErrorKind::data,
                       [&] { crossvalidate(dataset_of(lines), two_epochs(), directory.path(), options); });
    };
    expect_contains(refused({small_line("a", "m"), small_line("b", "m")}), "'m'");
    expect_contains(
        refused({small_line("a", "m", 8), small_line("b", "n", 8)}, {.group_by = RunKey::batch_size}), "'8'");
    expect_contains(refused({small_line("a", "m"), small_line("b", "n")},
                            {.group_by = std::nullopt, .groups = {{"all", {"m", "n"}}}}),
                    "'all'");
    const std::string what = refused({small_line("a", "m"), small_line("b", "n")},
                                     {.group_by = std::nullopt, .groups = {{"one", {"m"}}}});
    expect_contains(what, "trees.jsonl:2");
    expect_contains(what, "'n' is in none of the groups");
    // An operation that only the group left out has.
    Json unseen = small_run("c", "n");
    unseen["frontend_tree"]["child_nodes_obj"][1]["child_nodes_obj"][1]["instance_type"] = "Conv2D";
    expect_contains(refused({small_line("a", "m"), unseen.dump()}), "'Conv2D'");
    const std::atomic<bool> stop{true};
    refusal(ErrorKind::interrupted, [&] {
        crossvalidate(dataset_of(small_lines(4)), two_epochs(), directory.path(), {.stop = &stop});
    });
}

TEST(ModelGroups, AreReadFromAFile) {
    const TemporaryDirectory directory;
    write_file(directory / "groups.json", R"({"bert": ["a", "b"], "gpt": ["c"]})");
    EXPECT_EQ(load_model_groups(directory / "groups.json"),
              (ModelGroups{{"bert", {"a", "b"}}, {"gpt", {"c"}}}));
    refusal(ErrorKind::no_input, [&] { load_model_groups(directory / "none.json"); });
    struct Case {
        const char* json;
        const char* part;
    };
    const std::vector<Case> cases{
        {"[]", "an object"},
        {"{}", "an object"},
        {"\"x\"", "an object"},
        {R"({"a": []})", "'a'"},
        {R"({"a": "m"})", "'a'"},
        {R"({"a": {"m": 1}})", "'a'"},
        {R"({"a": [1]})", "'a'"},
        {R"({"a": [["m"]]})", "'a'"},
        {R"({"": ["m"]})", "name"},
        {R"({"a": ["m"], "b": ["m"]})", "'m' stands twice"},
        {R"({"a": ["m", "m"]})", "'m' stands twice"},
        {R"({"a": ["m"], "a": ["n"]})", "'a': stands twice"},
        {R"({"a": ["m"])", "malformed"},
        {"", "malformed"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.json);
        write_file(directory / "groups.json", c.json);
        const std::string what =
            refusal(ErrorKind::usage, [&] { load_model_groups(directory / "groups.json"); });
        expect_contains(what, "groups.json");
        expect_contains(what, c.part);
    }
}

TEST(CrossvalidationReport, AsTextJsonAndCsv) {
    CrossvalidationReport report;
    report.folds = {{"a,b \"c\"", {1.5, 20.125, 3.0}}, {"d", {0.25, std::nullopt, 100.0}}};
    report.overall = {"overall", {0.875, 20.125, 51.5}};
    report.baselines = {{"sum of children", {0.875, 30.0, 60.0}}};
    EXPECT_EQ(to_csv(report),
              "left_out,ml,module,model,seconds\n\"a,b \"\"c\"\"\",1.50,20.12,3.00,\nd,0.25,,100.00,\n"
              "overall,0.88,20.12,51.50,\n");
    EXPECT_EQ(to_table(report),
              "   left-model-name  ml % error  module % error  model % error\n"
              "0          a,b \"c\"        1.50           20.12           3.00\n"
              "1                d        0.25               -         100.00\n"
              "2          overall        0.88           20.12          51.50\n"
              "\nBaselines, overall\n"
              "              rule  ml % error  module % error  model % error\n"
              "0  sum of children        0.88           30.00          60.00\n");
    const Json json = Json::parse(to_json(report));
    EXPECT_EQ(json["leave_one_out"]["a,b \"c\""],
              (Json{{"ml", 1.5}, {"module", 20.12}, {"model", 3.0}, {"seconds", nullptr}}));
    EXPECT_EQ(json["leave_one_out"]["d"],
              (Json{{"ml", 0.25}, {"module", nullptr}, {"model", 100.0}, {"seconds", nullptr}}));
    EXPECT_EQ(json["overall"],
              (Json{{"ml", 0.88}, {"module", 20.12}, {"model", 51.5}, {"seconds", nullptr}}));
    EXPECT_EQ(json["baselines"]["sum of children"], (Json{{"ml", 0.88}, {"module", 30.0}, {"model", 60.0}}));
    EXPECT_FALSE(json.contains("coverage"));
}

TEST(Report, SecondsAreToldWhereAFoldHasThem) {
    CrossvalidationReport report;
    report.folds = {{"a", {std::nullopt, std::nullopt, 3.0}}, {"b", {std::nullopt, std::nullopt, 5.0}}};
    report.folds[1].seconds_error = 12.375;
    report.overall = {"overall", {std::nullopt, std::nullopt, 4.0}};
    report.overall.seconds_error = 12.375;
    report.baselines = {{"sum of children", {std::nullopt, std::nullopt, 60.0}}};
    EXPECT_EQ(to_csv(report),
              "left_out,ml,module,model,seconds\na,,,3.00,\nb,,,5.00,12.38\noverall,,,4.00,12.38\n");
    EXPECT_EQ(to_table(report),
              "   left-model-name  ml % error  module % error  model % error  seconds % error\n"
              "0                a           -               -           3.00                -\n"
              "1                b           -               -           5.00            12.38\n"
              "2          overall           -               -           4.00            12.38\n"
              "\nBaselines, overall\n"
              "              rule  ml % error  module % error  model % error\n"
              "0  sum of children           -               -          60.00\n");
    const Json json = Json::parse(to_json(report));
    EXPECT_EQ(json["leave_one_out"]["a"]["seconds"], nullptr);
    EXPECT_EQ(json["leave_one_out"]["b"]["seconds"], 12.38);
    EXPECT_EQ(json["overall"]["seconds"], 12.38);
}

TEST(Report, CoverageIsToldWhereModelsAloneWereMeasured) {
    CrossvalidationReport report;
    report.overall.coverage[static_cast<std::size_t>(NodeType::model)] = 90.0;
    const Json json = Json::parse(to_json(report));
    ASSERT_TRUE(json.contains("coverage"));
    EXPECT_EQ(json["coverage"]["overall"], (Json{{"ml", nullptr}, {"module", nullptr}, {"model", 90.0}}));
}

}  // namespace
}  // namespace irene::tests
