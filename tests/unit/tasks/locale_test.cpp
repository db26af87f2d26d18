// What is read, written and printed does not depend on the locale that the program around the library has
// set.
#include <clocale>
#include <cstdio>
#include <filesystem>
#include <locale>
#include <map>
#include <optional>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#if defined(IRENE_ADDRESS_SANITIZER)
#include <sanitizer/lsan_interface.h>
#endif

#include "irene/architectures.hpp"
#include "irene/summarize.hpp"
#include "irene/tasks.hpp"

#include "german_locale.hpp"
#include "small_trees.hpp"
#include "snapshot.hpp"

namespace irene::tests {
namespace {

/// Sets the locale of C and C++ while it lives.
class SetLocale {
  public:
    explicit SetLocale(const char* name) : before_(std::locale()) {
        c_before_ = std::setlocale(LC_ALL, nullptr);
#if defined(IRENE_ADDRESS_SANITIZER)
        const __lsan::ScopedDisabler libc_keeps_what_it_made_of_locpath;
#endif
        std::locale::global(std::locale(name));  // and with it that of C
    }
    SetLocale(const SetLocale&) = delete;
    SetLocale& operator=(const SetLocale&) = delete;
    ~SetLocale() {
        std::locale::global(before_);
        std::setlocale(LC_ALL, c_before_.c_str());
    }

  private:
    std::locale before_;
    std::string c_before_;
};

/// Everything that the library reads and writes, as files and texts.
std::map<std::string, std::string> everything() {
    const TemporaryDirectory directory;
    write_file(directory / "data.jsonl", join_lines(small_lines(6)));
    std::map<std::string, std::string> texts;
    for (const char* strategy : {"end2end", "additive"}) {
        const std::filesystem::path here = directory / strategy;
        const Config config = parse_config(
            std::string(R"({"training_strategy": ")") + strategy + R"(", "feature_sets": ["model_specs"]})",
            "config");
        save_model(train(read_dataset(directory / "data.jsonl"), config), here);
        const Model model = load_model(here);
        predict_file(model, directory / "data.jsonl", here / "predictions.jsonl");
        texts[std::string("explained ") + strategy] = explain(model) + explain_json(model);
        const Table table = summarize(here / "predictions.jsonl", {});
        for (const TableFormat format : {TableFormat::text, TableFormat::json})
            texts[std::string("summary ") + strategy] += to_text(table, format);
        texts[std::string("evaluated ") + strategy] =
            to_json(evaluate_files(directory / "data.jsonl", here / "predictions.jsonl"));
    }
    const CrossvalidationReport report = crossvalidate(
        read_dataset(directory / "data.jsonl", {.keep_text = true}), Config{}, directory / "folds");
    texts["report"] = to_table(report) + to_json(report) + to_csv(report);
    texts["tree"] =
        to_json(Transformer(R"({"model_type": "gpt2", "n_layer": 1})", "config", "gpt2"), {2000, 1000});
    texts.merge(snapshot(directory.path()));
    return texts;
}

TEST(Locale, DoesNotMatter) {
    const std::optional<std::string> german = make_german_locale();
    if (!german) GTEST_SKIP() << "localedef cannot make de_DE.UTF-8";
    const auto wanted = everything();
    ASSERT_GT(wanted.size(), 12U);
    const SetLocale set("de_DE.UTF-8");
    char text[16];
    std::snprintf(text, sizeof text, "%.1f", 1234.5);
    std::ostringstream stream;
    stream << 1234.5;
    ASSERT_STREQ(text, "1234,5") << "the locale is not in force";
    ASSERT_EQ(stream.str(), "1.234,5");
    const auto found = everything();
    ASSERT_EQ(found.size(), wanted.size());
    for (const auto& [name, content] : wanted) EXPECT_TRUE(found.at(name) == content) << name << " differs";
}

}  // namespace
}  // namespace irene::tests
