// Small defects of text, in each kind of file that the library reads: what is refused names line and byte.
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "irene/architectures.hpp"
#include "irene/config.hpp"
#include "irene/dataset.hpp"

#include "models/model_file.hpp"
#include "refusal.hpp"
#include "small_trees.hpp"

namespace irene::tests {
namespace {

/// A kind of file: one that is right, with a member in its second line that is white space to it, and its
/// reader.
struct Kind {
    std::string name;
    std::string text;
    ErrorKind refusal;
    std::function<void(const std::string&)> read;
    std::string known_key;  ///< that stands in the second line
};

std::vector<Kind> kinds() {
    const std::string folder = std::string(IRENE_SOURCE_DIRECTORY) + "/tests/unit/models/version_1/weighted/";
    const auto from_second_line = [](const std::string& json) { return "{\n" + json.substr(1); };
    return {
        {"data", small_line("a") + "\n" + small_line("b") + "\n", ErrorKind::data,
         [](const std::string& text) {
             const TemporaryDirectory directory;
             write_file(directory / "file", text);
             EXPECT_EQ(read_dataset(directory / "file").trees.size(), 2U);
         },
         "model_name"},
        {"config", from_second_line(R"({"weighting_setting": "free", "num_epochs": 3})") + "\n",
         ErrorKind::usage,
         [](const std::string& text) { EXPECT_EQ(parse_config(text, "file").num_epochs, 3); },
         "weighting_setting"},
        {"model", from_second_line(Json::parse(read_file(folder + "model.json")).dump()) + "\n",
         ErrorKind::data,
         [folder](const std::string& text) {
             const Config config = load_config(folder + "config.json");
             EXPECT_GT(models::parse_model(config, text, "file").num_trees(), 0U);
         },
         "format"},
        {"hugging_face", from_second_line(R"({"model_type": "gpt2", "n_layer": 1})") + "\n", ErrorKind::data,
         [](const std::string& text) {
             EXPECT_FALSE(Transformer(text, "file", "m").tree(1, 2).nodes().empty());
         },
         "model_type"},
    };
}

/// A defect of the second line: `bytes` put in behind the first `behind` there.
struct Defect {
    std::string what;
    std::string behind;  ///< "@" stands for the first key's quoted spelling, and "\"" for its value's
    std::string bytes;
    std::size_t offset;      ///< of the byte that is named, in `bytes`: where it is seen that they are bad
    std::size_t within = 0;  ///< so many bytes more, as far as the string goes
};

void expect_refused_at(const Kind& kind, const Defect& defect) {
    SCOPED_TRACE(kind.name + ": " + defect.what);
    const std::size_t line_begin = kind.text.find('\n') + 1;
    const std::string key = "\"" + kind.known_key + "\"";
    std::size_t at = kind.text.find(key, line_begin);
    ASSERT_NE(at, std::string::npos);
    if (defect.behind == "@") at += key.size();
    if (defect.behind == "\"") at = kind.text.find('"', at + key.size()) + 1;
    std::string text = kind.text;
    text.insert(at, defect.bytes);
    const std::string what = refusal(kind.refusal, [&] { kind.read(text); });
    const std::string place = "file:2, byte ";
    expect_contains(what, place);
    if (testing::Test::HasFailure()) return;
    const std::size_t named = std::stoul(what.substr(what.find(place) + place.size()));
    const std::size_t wanted = at + defect.offset - line_begin + 1;
    EXPECT_TRUE(named >= wanted && named <= wanted + defect.within)
        << what << " where byte " << wanted << " is bad";
}

TEST(Corpus, DefectsAreRefusedWithLineAndByte) {
    const std::string nul(1, '\0');
    const std::vector<Defect> defects{
        {"NUL in a string", "\"", nul, 0},
        {"NUL between tokens", "@", nul, 0},
        {"a byte-order mark inside", "@", "\xEF\xBB\xBF", 0},
        {"invalid UTF-8", "\"", "\xFF", 0},
        {"UTF-8 cut short", "\"", "\xE2\x82", 2},
        {"a lone surrogate", "\"", "\\ud800", 0, 12},
        {"a control character", "\"", "\x01", 0},
    };
    for (const Kind& kind : kinds()) {
        kind.read(kind.text);
        for (const Defect& defect : defects) expect_refused_at(kind, defect);
    }
}

TEST(Corpus, RepeatedKeysAreNamed) {
    for (const Kind& kind : kinds()) {
        SCOPED_TRACE(kind.name);
        const std::string key = "\"" + kind.known_key + "\"";
        const std::size_t at = kind.text.find(key, kind.text.find('\n'));
        const std::string member = kind.text.substr(at, kind.text.find(',', at) + 1 - at);
        std::string text = kind.text;
        const std::string what = refusal(kind.refusal, [&] { kind.read(text.insert(at, member)); });
        expect_contains(what, "field '" + kind.known_key + "': stands twice");
        if (kind.name == "data") {
            expect_contains(what, "file:2, byte " + std::to_string(2 + member.size()) + ":");
        }
    }
}

TEST(Corpus, OtherSpellingsAreAccepted) {
    for (const Kind& kind : kinds()) {
        SCOPED_TRACE(kind.name);
        kind.read("\xEF\xBB\xBF" + kind.text);
        kind.read(kind.text.substr(0, kind.text.size() - 1));  // without the final newline
        std::string text;
        for (const char c : kind.text) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
        kind.read(text);
        kind.read("\xEF\xBB\xBF" + text.substr(0, text.size() - 2));
    }
}

}  // namespace
}  // namespace irene::tests
