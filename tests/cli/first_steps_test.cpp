// What is easily mistaken at first, and the sentence that each mistake is answered with.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "process.hpp"
#include "small_data.hpp"
#include "table.hpp"
#include "temporary_directory.hpp"
#include "trained.hpp"

namespace irene::tests {

namespace {

const std::string kPretty =
    "JSON spread over lines, but each line is to hold one tree; jq -c . 'pretty.json' writes trees so, and "
    "irene-extract makes them from a transformer's config.json";
const std::string kCounts =
    "is missing, and the config uses this feature; trees with counts alone, such as those of irene-extract, "
    "need a model trained with configs/additive_specs.json";
const std::string kNoModel =
    "is a file; a model is a directory that irene-train wrote, with config.json and model.json";

const Fixtures& mistaken_fixtures() {
    static const Fixtures fixtures = [] {
        Fixtures all = common_fixtures();
        const auto file = [&all](const std::string& name, const std::string& content) {
            all[name].content = content;
        };
        file("data.jsonl.gz", std::string("\x1F\x8B\x08\x00\n\x01\x02\n", 8));
        file("table.csv", "model_name,batch_size,joules\nalpha,2,1.5\n");
        file("pretty.json", make_trees()[0].dump(2) + "\n");
        file("list.json", Json(make_trees()).dump() + "\n");
        file("gpt2.json", R"({"model_type": "gpt2", "n_layer": 1, "n_embd": 24})");
        file("checkpoint/config.json", R"({"model_type": "gpt2", "n_layer": 1})");
        file("layers/model.json", R"({"format": "layers-model", "weightsManifest": []})");
        file("overall.json", R"({"one": ["alpha"], "overall": ["beta"]})");
        file("occupied_fold/crossvalidation/leave_beta/config.json", R"({"model_type": "gpt2"})");
        file("overall.jsonl", with_all([](Json& tree) {
                 if (tree["model_name"] == "alpha") tree["model_name"] = "overall";
             }));
        file("no_loads.jsonl", with_all([](Json& tree) { root_of(tree).erase("cpu"); }));
        add_made_by("irene-extract {gpt2.json} --seq_len 16 -o counts.jsonl", all);
        return all;
    }();
    return fixtures;
}

std::vector<Case> mistakes() {
    /// `says` is the whole error.
    const auto mistake = [](const std::string& name, const std::string& command, int exit_code,
                            const std::string& says, const std::string& input = {}) -> Case {
        return {
            .name = name, .command = command, .exit_code = exit_code, .input = input, .exact_error = says};
    };
    return {
        // Options.
        mistake("letter_missing", "irene-train --treads 2 {data.jsonl} out", 64,
                "'--treads' was not expected; did you mean --threads?; see irene-train --help"),
        mistake("underscore_missing", "irene-extract {gpt2.json} --seqlen 16", 64,
                "'--seqlen' was not expected; did you mean --seq_len?; see irene-extract --help"),
        mistake("with_its_value", "irene-predict {data.jsonl} out.jsonl {model} --intervall=0.9", 64,
                "'--intervall' was not expected; did you mean --interval?; see irene-predict --help"),
        mistake("shortened", "irene-extract {gpt2.json} --batch 8", 64,
                "'--batch' was not expected; did you mean --batch_size?; see irene-extract --help"),
        mistake("before_its_arguments", "irene-evaluate --node-type ml", 64,
                "'--node-type' was not expected; did you mean --node_types?; see irene-evaluate --help"),
        mistake("like_none", "irene-explain {model} --colour", 64,
                "'--colour' was not expected; see irene-explain --help"),
        mistake("key_of_groups", "irene-crossvalidate --group_by {model} {data.jsonl} out", 64,
                "--group_by: 'model' is neither a key nor a file; did you mean model_name?"),
        mistake("key_with_a_dash", "irene-crossvalidate --group_by seq-len {data.jsonl} out", 64,
                "--group_by: 'seq-len' is neither a key nor a file; did you mean seq_len?"),
        // The model.
        mistake("model_json", "irene-predict {data.jsonl} out.jsonl {model}/model.json", 66,
                "model/model.json: is a file of a model; give the directory that holds it: model"),
        mistake("model_s_config", "irene-explain {model}/config.json", 66,
                "model/config.json: is a file of a model; give the directory that holds it: model"),
        mistake("data_as_a_model", "irene-predict {data.jsonl} out.jsonl {data.jsonl}", 66,
                "data.jsonl: " + kNoModel),
        mistake("data_explained", "irene-explain {data.jsonl}", 66, "data.jsonl: " + kNoModel),
        mistake("model_second", "irene-predict {data.jsonl} {model} out.jsonl", 64,
                "the model comes last; did you mean: irene-predict data.jsonl out.jsonl model"),
        mistake("model_first", "irene-predict {model} {data.jsonl} out.jsonl", 64,
                "the model comes last; did you mean: irene-predict data.jsonl out.jsonl model"),
        mistake("trained_onto_a_transformer", "irene-train {data.jsonl} {checkpoint}", 73,
                "checkpoint/config.json: belongs to no energy model, and a model saved here would replace "
                "it; choose another directory"),
        mistake("trained_onto_another_model", "irene-train {data.jsonl} {layers}", 73,
                "layers/model.json: belongs to no energy model, and a model saved here would replace it; "
                "choose another directory"),
        mistake("counts_for_a_default_model", "irene-predict {counts.jsonl} out.jsonl {model}", 65,
                "counts.jsonl:1: node 'root.ln_f': field 'cpu': " + kCounts),
        mistake("counts_trained_on", "irene-train {no_loads.jsonl} out", 65,
                "no_loads.jsonl:1: node 'root': field 'cpu': " + kCounts),
        // The data.
        mistake("name_of_a_transformer", "irene-predict org/bert-base-uncased out.jsonl {model}", 66,
                "org/bert-base-uncased: cannot be read: No such file or directory; a file of trees is "
                "wanted, which irene-extract makes from a model's config.json"),
        mistake("gzip", "irene-train {data.jsonl.gz} out", 65,
                "data.jsonl.gz:1: compressed by gzip; unpack it into a pipe: zcat 'data.jsonl.gz' | "
                "irene-... with '-' in place of the file"),
        mistake("gzip_from_standard_input", "irene-summarize", 65,
                "standard input:1: compressed by gzip; unpack it into a pipe: zcat FILE | irene-... with '-' "
                "in place of the file",
                std::string("\x1F\x8B\x08\x00\x01\x02", 6)),
        mistake("zstd", "irene-summarize", 65,
                "standard input:1: compressed by zstd; unpack it into a pipe: zstdcat FILE | irene-... with "
                "'-' in place of the file",
                "\x28\xB5\x2F\xFD\x04"),
        mistake("utf_16", "irene-summarize", 65,
                "standard input:1: UTF-16; trees are UTF-8: iconv -f UTF-16 -t UTF-8 FILE converts it",
                std::string("\xFF\xFE{\0\n\0", 6)),
        mistake("csv", "irene-evaluate {table.csv} {data.jsonl}", 65,
                "table.csv:1: looks like a table, as CSV is; trees are wanted, one JSON object a line, as "
                "irene-extract and irene-predict write them"),
        mistake("pretty_predicted", "irene-predict {pretty.json} out.jsonl {model}", 65,
                "pretty.json:1: " + kPretty),
        mistake("pretty_trained_on", "irene-train {pretty.json} out", 65, "pretty.json:1: " + kPretty),
        mistake("list", "irene-predict {list.json} out.jsonl {model}", 65,
                "list.json:1: a list, but each line is to hold one tree; of a list of trees, jq -c '.[]' "
                "'list.json' makes such lines"),
        mistake("list_over_lines", "irene-summarize", 65,
                "standard input:1: a list, but each line is to hold one tree; of a list of trees, jq -c "
                "'.[]' FILE makes such lines",
                "[\n{}\n]\n"),
        mistake("page", "irene-summarize", 65,
                "standard input:1: a page or XML; trees are wanted, one JSON object a line",
                "<!DOCTYPE html>\n"),
        // A fold called as the last row of the report.
        mistake("model_called_overall", "irene-crossvalidate {overall.jsonl} out", 65,
                "overall.jsonl:1: field 'model_name': no fold can be called 'overall', as the report's last "
                "row is; rename it"),
        mistake("group_called_overall", "irene-crossvalidate --group_by {overall.json} {data.jsonl} out", 64,
                "overall.json: no group can be called 'overall', as the report's last row is; rename it"),
        mistake("fold_onto_a_transformer", "irene-crossvalidate {data.jsonl} {occupied_fold}", 73,
                "occupied_fold/crossvalidation/leave_beta/config.json: belongs to no energy model, and a "
                "model saved here would replace it; choose another directory"),
    };
}

INSTANTIATE_TEST_SUITE_P(FirstSteps, Table, testing::ValuesIn(with_fixtures(mistaken_fixtures, mistakes())),
                         name_of_case);

TEST(FirstStep, DashesStandForUnderscoresInOptions) {
    const TemporaryDirectory directory;
    write_file(directory / "data.jsonl", to_jsonl(make_trees()));
    write_file(directory / "gpt2.json", R"({"model_type": "gpt2", "n_layer": 1})");
    write_file(directory / "specs.json", R"({"feature_sets": ["model_specs"], "num_epochs": 1})");
    const auto same = [&](const std::string& dashes, const std::string& underscores) {
        const Result expected = succeed(directory, underscores);
        const Result result = succeed(directory, dashes);
        EXPECT_EQ(result.output, expected.output) << dashes;
        EXPECT_EQ(result.errors, expected.errors) << dashes;
    };
    same("irene-extract gpt2.json --batch-size 8,16 --seq-len=16 --model-name a-b_c",
         "irene-extract gpt2.json --batch_size 8,16 --seq_len=16 --model_name a-b_c");
    same("irene-train --config-filepath specs.json --max-line-bytes 300000 data.jsonl model",
         "irene-train --config_filepath specs.json --max_line_bytes 300000 data.jsonl model");
    same("irene-predict --skip-bad-lines data.jsonl - model",
         "irene-predict --skip_bad_lines data.jsonl - model");
    same("irene-crossvalidate --config specs.json --group-by seq_len data.jsonl out",
         "irene-crossvalidate --config specs.json --group_by seq_len data.jsonl out");
    succeed(directory, "irene-predict data.jsonl preds.jsonl model");
    same("irene-evaluate --node-types ml data.jsonl preds.jsonl",
         "irene-evaluate --node_types ml data.jsonl preds.jsonl");
    same("irene-summarize --measured --each-layer --by scope data.jsonl",
         "irene-summarize --measured --each_layer --by scope data.jsonl");
}

TEST(FirstStep, KernelsThatAreNoneAreWarnedOf) {
    const TemporaryDirectory directory;
    write_file(directory / "data.jsonl", to_jsonl(make_trees()));
    const Environment foo{{"IRENE_KERNELS", "foo"}};
    const std::string says =
        ": warning: IRENE_KERNELS: 'foo' is none of this machine's kernels, which are baseline";
    const Result trained = succeed(directory, "irene-train data.jsonl model", {}, foo);
    EXPECT_TRUE(trained.errors.starts_with("irene-train" + says)) << trained.errors;
    EXPECT_EQ(succeed(directory, "irene-train -q data.jsonl model", {}, foo).errors, "");
    const Result version = succeed(directory, "irene-predict --version", {}, foo);
    EXPECT_TRUE(version.errors.starts_with("irene-predict" + says)) << version.errors;
    EXPECT_TRUE(version.output.starts_with("irene-predict ")) << version.output;
    for (const char* known : {"", "baseline"}) {
        EXPECT_EQ(succeed(directory, "irene-explain --version", {}, {{"IRENE_KERNELS", known}}).errors, "");
    }
}

TEST(FirstStep, TheThirdArgumentIsTheModel) {
    const TemporaryDirectory directory;
    EXPECT_NE(succeed(directory, "irene-predict --help").output.find("data predictions model\n"),
              std::string::npos);
    EXPECT_NE(succeed(directory, "irene-explain --help").output.find("irene-explain [OPTIONS] [model]\n"),
              std::string::npos);
    for (const std::string tool : {"irene-predict", "irene-explain"}) {
        EXPECT_NE(succeed(directory, tool + " --help").output.find("\n  model MODEL "), std::string::npos);
        for (const std::string what : {"man", "bash", "zsh", "fish"}) {
            const std::string text = succeed(directory, tool + " --generate " + what).output;
            EXPECT_EQ(text.find("outdir"), std::string::npos) << tool << " " << what;
        }
    }
}

}  // namespace

}  // namespace irene::tests
